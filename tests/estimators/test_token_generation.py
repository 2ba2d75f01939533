"""Generation of tokens by classifiers."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError

from skrnn import RNNClassifier, TokenEncoder

V = 6


def texts(n=12, seed=0):
    """Tokens of a chain: each is followed by one of two."""
    rng = np.random.RandomState(seed)
    found = []
    for _ in range(n):
        own = [rng.randint(V)]
        for _ in range(rng.randint(5, 15)):
            own.append((own[-1] + rng.randint(1, 3)) % V)
        found.append(np.array(own))
    return found


def fitted(**parameters):
    settings = {"embedding_size": 3, "n_tokens": V, "max_iter": 10, "random_state": 0}
    return RNNClassifier(5, **settings | parameters).fit(texts())


MODEL = fitted()
PREFIXES = [own[:3] for own in texts(8, seed=1)] + [np.array([4])]


def by_step_proba(model, prefix, n_steps, draw):
    """Generation by the public `step_proba`; ``draw(p, t)`` chooses a token."""
    state, found = None, []
    for token in prefix:
        p, state = model.step_proba([token], state)
    for t in range(n_steps):
        found.append(int(draw(p, t)))
        p, state = model.step_proba([found[-1]], state)
    return found


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm", "jordan"])
def test_the_likeliest_tokens(cell):
    model = fitted(cell=cell)
    tokens = model.generate(PREFIXES, 6, temperature=0)
    expected = [by_step_proba(model, own, 6, lambda p, t: p.argmax()) for own in PREFIXES]
    assert_array_equal(tokens, expected)


ENSEMBLE = fitted(n_init=2, ensemble=True)
TWO_TOKENS = RNNClassifier(5, embedding_size=3, max_iter=10, random_state=0).fit(
    [own % 2 for own in texts()]
)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("model", [MODEL, ENSEMBLE, TWO_TOKENS], ids=["one", "mean", "two tokens"])
def test_draws_are_those_of_the_inverse_distribution_function(temperature, model):
    prefix = PREFIXES[0] % len(model.classes_)
    tokens = model.generate([prefix], 8, temperature=temperature, random_state=3)
    seed = np.random.RandomState(3).randint(2**31 - 1, size=1)[0]
    numbers = np.random.default_rng(seed).random(8)

    def draw(p, t):
        q = p ** (1 / temperature)
        return np.searchsorted(np.cumsum(q / q.sum()), numbers[t], side="right")

    assert_array_equal(tokens[0], by_step_proba(model, prefix, 8, draw))


def test_draws_have_the_probabilities():
    tokens = MODEL.generate([np.array([2])] * 4000, 1, random_state=0)
    shares = np.bincount(np.concatenate(tokens), minlength=V) / 4000
    expected = MODEL.step_proba([2])[0]
    assert np.abs(shares - expected).max() < 4 * np.sqrt(0.25 / 4000)


@pytest.mark.parametrize("stop", [None, 5])
def test_tokens_are_in_the_container_of_the_prefixes(stop):
    prefixes = np.empty(len(PREFIXES), object)
    prefixes[:] = PREFIXES
    expected = MODEL.generate(PREFIXES, 6, stop=stop, random_state=0)
    found = MODEL.generate(prefixes, 6, stop=stop, random_state=0)
    assert type(expected) is list
    assert type(found) is np.ndarray
    assert found.shape == (len(expected),)
    for own, other in zip(found, expected, strict=True):
        assert_array_equal(own, other)


def test_a_prefix_alone_goes_on_as_first_of_several():
    alone = MODEL.generate(PREFIXES[:1], 9, random_state=1)
    assert_array_equal(MODEL.generate(PREFIXES, 9, random_state=1)[0], alone[0])


def test_fewer_steps_are_a_beginning_of_more():
    few, many = (MODEL.generate(PREFIXES, n, random_state=1) for n in (4, 9))
    for one, other in zip(few, many, strict=True):
        assert_array_equal(one, other[:4])


def test_the_same_seed_gives_the_same_tokens():
    one, two, other = (MODEL.generate(PREFIXES, 20, random_state=seed) for seed in (1, 1, 2))
    assert_array_equal(one, two)
    assert not np.array_equal(one, other)


def test_top_k():
    tokens = MODEL.generate([np.array([2])] * 500, 1, top_k=2, random_state=0)
    likeliest = np.argsort(-MODEL.step_proba([2])[0])[:2]
    assert set(np.concatenate(tokens)) == set(likeliest)
    one = MODEL.generate(PREFIXES, 5, top_k=1, random_state=0)
    assert_array_equal(one, MODEL.generate(PREFIXES, 5, temperature=0))


def test_excluded_tokens_are_never_drawn():
    for temperature in (0, 1):
        tokens = MODEL.generate(PREFIXES, 50, exclude=[1, 3], temperature=temperature)
        assert not np.isin(np.concatenate(tokens), [1, 3]).any()


class TestStop:
    def test_lists_end_there(self):
        whole = MODEL.generate(PREFIXES, 12, random_state=0)
        tokens = MODEL.generate(PREFIXES, 12, stop=2, random_state=0)
        for own, found, prefix in zip(whole, tokens, PREFIXES, strict=True):
            if prefix[-1] != 2:
                n = np.append(np.flatnonzero(own == 2), len(own))[0]
                assert_array_equal(found, own[:n])
        assert any(len(found) < 12 for found in tokens)

    def test_arrays_are_nan_from_there_on(self):
        X = np.full((len(PREFIXES), 3), np.nan)
        for i, own in enumerate(PREFIXES):
            X[i, : len(own)] = own
        tokens = MODEL.generate(X, 12, stop=2, random_state=0)
        for own, found in zip(
            MODEL.generate(PREFIXES, 12, stop=2, random_state=0), tokens, strict=True
        ):
            assert_array_equal(found[: len(own)], own)
            assert np.isnan(found[len(own) :]).all()

    @pytest.mark.parametrize("form", [list, np.array, lambda X: np.array(X)[..., np.newaxis]])
    def test_at_the_end_of_a_prefix_is_taken_off(self, form):
        with_stop, without = form([[1, 4, 2], [3, 5, 2]]), form([[1, 4], [3, 5]])
        found = MODEL.generate(with_stop, 6, stop=2, temperature=0)
        assert_array_equal(found, MODEL.generate(without, 6, stop=2, temperature=0))

    @pytest.mark.parametrize("prefixes", [([0, 1], [2, 3, 1]), [[0, 1], [2, 3]], [(0, 1), [2]]])
    def test_prefixes_are_those_of_generation_without_it(self, prefixes):
        whole = MODEL.generate(prefixes, 9, random_state=0)
        found = MODEL.generate(prefixes, 9, random_state=0, stop=5)
        for own, expected in zip(found, whole, strict=True):
            n = np.append(np.flatnonzero(expected == 5), 9)[0]
            assert_array_equal(own[~np.isnan(own)], expected[:n])

    def test_leaves_the_prefixes_as_they_were(self):
        X = np.array([[1.0, 4, 2]])
        MODEL.generate(X, 2, stop=2)
        assert_array_equal(X, [[1, 4, 2]])


def test_a_text_goes_on():
    """The tutorials' next word."""
    encoder = TokenEncoder(start=True, stop=True)
    X = encoder.fit_transform(["I love recurrent neural networks", "I love deep learning"] * 3)
    model = RNNClassifier(16, embedding_size=8, random_state=0).fit(X)
    begun = encoder.transform(["I love recurrent neural", "I love deep"])
    tokens = model.generate(begun, 4, temperature=0, stop=encoder.stop_)
    assert encoder.inverse_transform(tokens) == ["networks", "learning"]


class TestRefusals:
    def test_before_a_fit(self):
        with pytest.raises(NotFittedError):
            RNNClassifier(embedding_size=2).generate([[1]], 3)

    def test_numbers_as_inputs(self):
        rng = np.random.RandomState(0)
        model = RNNClassifier(max_iter=2).fit(rng.normal(size=(9, 4, 1)), np.arange(9) % 2)
        with pytest.raises(ValueError, match="reads numbers: set embedding_size"):
            model.generate(rng.normal(size=(1, 4, 1)), 3)

    def test_one_label_per_sequence(self):
        model = RNNClassifier(embedding_size=2, max_iter=2).fit(texts(), np.arange(12) % 2)
        with pytest.raises(ValueError, match="one label per sequence: call fit without y"):
            model.generate([[1]], 3)

    def test_labels_that_are_no_tokens(self):
        X = np.array([own[:5] for own in texts()])
        model = RNNClassifier(embedding_size=2, max_iter=2).fit(X, np.where(X > 2, "high", "low"))
        with pytest.raises(ValueError, match="are no tokens"):
            model.generate([[1, 2, 3, 4, 5]], 3)

    def test_both_directions(self):
        X = np.array([own[:5] for own in texts()])
        model = RNNClassifier(embedding_size=2, bidirectional=True, max_iter=2).fit(X, X)
        with pytest.raises(ValueError, match="bidirectional network doesn't support generate"):
            model.generate([[1]], 3)

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"temperature": -1}, "temperature=-1 must be"),
            ({"temperature": np.nan}, "temperature=nan must be"),
            ({"temperature": np.inf}, "temperature=inf must be"),
            ({"top_k": 0}, "top_k=0 must be"),
            ({"exclude": range(V)}, "leaves no token to draw"),
            ({"exclude": [9]}, "exclude=9 is no token: the tokens are 0 to 5"),
            ({"stop": 7}, "stop=7 is no token"),
        ],
    )
    def test_settings(self, settings, message):
        with pytest.raises(ValueError, match=message):
            MODEL.generate([[1]], 3, **settings)

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"top_k": True}, "top_k=True must be a whole number"),
            ({"top_k": 2.0}, "top_k=2.0 must be a whole number"),
            ({"exclude": 3}, "exclude=3 must be a list of tokens"),
            ({"n_steps": np.True_}, "n_steps=.*True.* must be a whole number"),
        ],
    )
    def test_settings_of_another_type(self, settings, message):
        with pytest.raises(TypeError, match=message):
            MODEL.generate([[1]], **{"n_steps": 3} | settings)

    def test_an_empty_prefix(self):
        with pytest.raises(ValueError, match=r"X\[1\] is empty.*start=True"):
            MODEL.generate([[1], []], 3)
        with pytest.raises(ValueError, match=r"X\[1\] is empty.*start=True"):
            MODEL.generate([[1], []], 3, stop=4)
        with pytest.raises(ValueError, match=r"X\[0\] is empty"):
            MODEL.generate(np.array([[2.0, np.nan]]), 3, stop=2)

    @pytest.mark.parametrize("temperature", [0, 1])
    def test_outputs_beyond_all_bounds(self, temperature):
        model = fitted(cell="elman", activation="relu")
        weights = model.get_weights()
        recurrent = np.abs(weights["layer0.recurrent"]) + 1
        model.set_weights({**weights, "layer0.recurrent": recurrent})
        assert len(model.generate(PREFIXES, 5, temperature=temperature)[0]) == 5
        with pytest.raises(ValueError, match="grows beyond all bounds: use fewer steps"):
            model.generate(PREFIXES, 400, temperature=temperature)
