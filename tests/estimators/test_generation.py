"""Free-running generation by regressors."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError

from skrnn import RNNRegressor
from skrnn.cells import CELLS

T, MORE = 60, 30


def waves(n=4, n_features=2):
    """Sines (n, T + MORE, D) of one period, with phases of their own."""
    t, phase = np.arange(T + MORE), np.arange(n)[:, np.newaxis]
    both = np.stack([np.sin(t / 2 + phase), 3 + 2 * np.cos(t / 2 + phase)], axis=2)
    return both[:, :, :n_features]


def network(**parameters):
    return RNNRegressor(**{"alpha": 1e-4, "max_iter": 10, "random_state": 0, **parameters})


def fitted(X=None, **parameters):
    X = waves() if X is None else X
    return network(**parameters).fit(X[:, : T - 1], X[:, 1:T])


def by_steps(model, X, n_steps):
    """Generation by the public `step`."""
    y, state = model.predict(X, return_state=True)
    found = [y[:, -1]]
    for _ in range(n_steps - 1):
        y, state = model.step(found[-1], state)
        found.append(y)
    return np.stack(found, axis=1)


@pytest.mark.parametrize("cell", sorted(CELLS))
@pytest.mark.parametrize("alpha", ["auto", 1e-4])
def test_generation_is_a_loop_over_step(cell, alpha):
    model, X = fitted(cell=cell, hidden_size=(4, 3), alpha=alpha, max_iter=5), waves()[:, :T]
    steps = model.generate(X, 7)
    assert steps.shape == (4, 7, 2)
    assert_allclose(steps, by_steps(model, X, 7), rtol=1e-9, atol=1e-12)


def test_fewer_steps_are_a_beginning_of_more():
    model, X = fitted(), waves()[:, :T]
    assert_array_equal(model.generate(X, 3), model.generate(X, 9)[:, :3])


def test_a_prefix_alone_goes_on_as_in_company():
    model, X = fitted(), waves()[:, :T]
    assert_allclose(model.generate(X[2:3], 9), model.generate(X, 9)[2:3], rtol=1e-9)


def test_prefixes_of_different_lengths():
    model, X = fitted(), waves()
    prefixes = [x[:length] for x, length in zip(X, (60, 7, 33, 1), strict=True)]
    alone = [model.generate(prefix[np.newaxis], 5)[0] for prefix in prefixes]
    assert_allclose(model.generate(prefixes, 5), alone, rtol=1e-9)


def test_static_covariates_stay():
    rng = np.random.RandomState(0)
    X = np.concatenate(
        [waves(6, 1), np.broadcast_to(rng.normal(size=(6, 1, 1)), (6, T + MORE, 1))], 2
    )
    model = network(static_features=[1], cell="gru").fit(X[:, : T - 1], X[:, 1:T, :1])
    steps = model.generate(X[:, :T], 4)
    whole = X[:, : T + 3].copy()
    whole[:, T:, :1] = steps[:, :3]
    assert_allclose(steps, model.predict(whole)[:, T - 1 :], rtol=1e-9)


def test_float32_stays():
    model = fitted(waves().astype(np.float32), max_iter=3)
    assert model.generate(waves()[:, :T].astype(np.float32), 3).dtype == np.float32


def test_waves_go_on():
    """By default, a wave is nearer than its last value, or than its mean, by far."""
    X = waves(1, 1)
    model = RNNRegressor(random_state=0).fit(X[:, : T - 1], X[:, 1:T])
    error = np.abs(model.generate(X[:, :T], MORE) - X[:, T:]).mean()
    assert error < 0.01 * np.abs(X[:, :T].mean() - X[:, T:]).mean()


class TestRefusals:
    def test_before_a_fit(self):
        with pytest.raises(NotFittedError):
            RNNRegressor().generate(waves(), 3)

    def test_one_target_per_sequence(self):
        model = network().fit(waves()[:, :T], waves()[:, T])
        with pytest.raises(ValueError, match="one target per sequence"):
            model.generate(waves(), 3)

    def test_other_targets_than_inputs(self):
        model = network().fit(waves()[:, : T - 1], waves()[:, 1:T, :1])
        with pytest.raises(ValueError, match="X has 2 values and a prediction 1"):
            model.generate(waves(), 3)

    def test_several_quantiles(self):
        X = waves(n_features=1)
        model = network(loss="quantile", quantile=[0.5], solver="adam", max_iter=2)
        model.fit(X[:, : T - 1], X[:, 1:T])
        assert model.generate(X, 2).shape == (4, 2, 1)
        model.set_params(quantile=[0.1, 0.9]).fit(X[:, : T - 1], X[:, 1:T])
        with pytest.raises(ValueError, match="y that is X one step later"):
            model.generate(X, 2)

    def test_both_directions(self):
        with pytest.raises(ValueError, match="bidirectional network doesn't support generate"):
            fitted(bidirectional=True, max_iter=2).generate(waves(), 3)

    def test_an_empty_prefix(self):
        X = waves()[:, :T]
        X[1] = np.nan
        with pytest.raises(ValueError, match=r"X\[1\] is empty"):
            fitted().generate(X, 3)

    @pytest.mark.parametrize(
        ("n_steps", "error"), [(0, ValueError), (2.0, TypeError), (True, TypeError)]
    )
    def test_numbers_of_steps(self, n_steps, error):
        with pytest.raises(error, match="n_steps"):
            fitted(max_iter=2).generate(waves(), n_steps)

    def test_growth_beyond_all_bounds(self):
        X = np.exp(np.arange(20.0)).reshape(1, 20, 1) / 1e8
        model = RNNRegressor(1, activation="identity", alpha=0, solver="lm", random_state=0)
        model.fit(X[:, :-1], X[:, 1:])
        with pytest.raises(ValueError, match="grows beyond all bounds: use fewer steps"):
            model.generate(X, 3000)
