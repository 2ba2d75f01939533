"""Draws from a generator, with words for them."""


def one_of(rng, options):
    """One of a sequence's items, whatever they are."""
    return options[rng.randint(len(options))]


def chance(rng, probability):
    """Whether something happens."""
    return bool(rng.uniform() < probability)
