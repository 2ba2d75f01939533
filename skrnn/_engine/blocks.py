"""Blocks of samples that are worked on at once, so that they fit a core's cache."""

BLOCK_NUMBERS = 2**20  # 8 MB in float64, half of that in float32


def samples_per_block(numbers: int) -> int:
    """How many samples of so many numbers a block has."""
    return max(1, BLOCK_NUMBERS // max(1, numbers))


def blocks(n_samples: int, numbers: int) -> list[slice]:
    """The blocks of some samples, of so many numbers each."""
    return slices(n_samples, samples_per_block(numbers))


def slices(n: int, size: int) -> list[slice]:
    """Successive slices of a size, of n in all."""
    return [slice(start, start + size) for start in range(0, n, size)]
