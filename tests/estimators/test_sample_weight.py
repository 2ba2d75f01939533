"""Weights of sequences and of steps, and the washout of RNNRegressor."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skrnn import RNNRegressor
from tests.helpers.data import running_sums
from tests.helpers.fits import unconverged

pytestmark = pytest.mark.core


@unconverged
def test_weights_of_steps():
    """A weight of 0 is a missing target; one of a sequence is one of each of its steps."""
    X, y = running_sums(per_step=True)
    model = RNNRegressor(3, alpha=1.0, solver="lm", max_iter=5, random_state=0)
    rng = np.random.RandomState(0)
    weight = rng.randint(0, 2, size=(50, 7)).astype(float)
    expected = clone(model).fit(X, np.where(weight[..., None] > 0, y, np.nan))
    weighted = clone(model).fit(X, y, weight)
    assert_allclose(weighted.parameters_, expected.parameters_, rtol=1e-6)
    assert weighted.score(X, y, weight) == pytest.approx(
        expected.score(X, np.where(weight[..., None] > 0, y, np.nan))
    )
    own = rng.uniform(size=50)
    by_sequence = clone(model).fit(X, y, own)
    assert_array_equal(
        clone(model).fit(X, y, np.tile(own[:, None], 7)).parameters_, by_sequence.parameters_
    )
    # of ragged sequences, a list
    lengths = rng.randint(2, 8, size=50)
    X, y = running_sums(per_step=True, masked=False)
    parts = [[a[:n] for a, n in zip(array, lengths, strict=True)] for array in (X, y, weight)]
    masked = np.where(np.arange(7) < lengths[:, None], 1.0, np.nan)[..., None]
    expected = clone(model).fit(X * masked, y, weight)
    assert_allclose(clone(model).fit(*parts).parameters_, expected.parameters_, rtol=1e-6)


@unconverged
def test_washout_leaves_out_the_first_valid_steps():
    X, y = running_sums(per_step=True)
    model = RNNRegressor(3, alpha=1.0, washout=3, max_iter=5, random_state=0)
    masked = y.copy()
    for own, sequence in zip(masked, X, strict=True):
        own[np.flatnonzero(~np.isnan(sequence[:, 0]))[:3]] = np.nan
    expected = clone(model).set_params(washout=0).fit(X, masked)
    assert_array_equal(model.fit(X, y).parameters_, expected.parameters_)
    with pytest.raises(ValueError, match=r"washout=3 .* one target for each sequence"):
        model.fit(X, y[:, -1])
    with pytest.raises(ValueError, match="nothing to learn from"):
        model.set_params(washout=7).fit(X, y)


def test_weights_steer_the_fit(rng):
    """Two contradictory halves: the weighted one wins."""
    X = rng.normal(size=(100, 3, 1))
    y = np.where(np.arange(100) < 50, 1.0, -1.0)
    model = RNNRegressor(2, alpha=1.0, random_state=0)
    weight = np.where(np.arange(100) < 50, 9.0, 1.0)
    assert model.fit(X, y, sample_weight=weight).predict(X).mean() > 0.6
    assert model.fit(X, y, sample_weight=10 - weight).predict(X).mean() < -0.6


def test_outliers_of_weight_zero_dont_matter(rng):
    X, y, weight = rng.normal(size=(30, 4, 1)), rng.normal(size=30), np.ones(30)
    y[0], weight[0] = 1e20, 0
    model = RNNRegressor(3, alpha=1.0, max_iter=5, random_state=0).fit(X, y, sample_weight=weight)
    expected = clone(model).fit(X[1:], y[1:])
    assert_allclose(model.predict(X), expected.predict(X), rtol=1e-6)


SOLVERS = ["adam", "lbfgs", "lm", "rmsprop", "sgd"]


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.full(60, 1e308), "sum of sample_weight, .* is inf"),
        ([np.ones(4), *[np.array([1, np.inf, 1, 1, 1])] * 59], r"sample_weight\[1\] contains NaN"),
        ([np.ones(4), *[np.array([1, np.nan, 1, 1, 1])] * 59], r"sample_weight\[1\] contains NaN"),
    ],
)
def test_weights_beyond_all_numbers(data, weight, message):
    X, y = data[0], np.cumsum(data[0], axis=1)
    if isinstance(weight, list):
        X, y = [X[0, :4], *X[1:]], [y[0, :4], *y[1:]]
    with np.errstate(over="ignore"), pytest.raises(ValueError, match=message):
        RNNRegressor(2, alpha=1.0).fit(X, y, weight)


@pytest.mark.parametrize("solver", SOLVERS)
def test_weights_of_samples(data, rng, solver):
    X, y = data
    model = RNNRegressor(3, alpha=1.0, solver=solver, max_iter=5, random_state=0)
    weight = (np.arange(60) < 40).astype(float)
    expected = clone(model).fit(X[:40], y[:40]).predict(X)
    np.testing.assert_allclose(model.fit(X, y, weight).predict(X), expected, rtol=1e-6)
    fitted = dict(vars(model))
    weight[3] = -1
    with pytest.raises(ValueError, match="Negative values in data passed to `sample_weight`"):
        model.fit(X, y, weight)
    with pytest.raises(ValueError, match=r"nothing to learn from|at least one non-zero"):
        model.fit(X, y, np.zeros(60))
    with pytest.raises(ValueError, match="NaN"):
        model.fit(X, y, np.full(60, np.nan))
    assert vars(model) == fitted


def test_weights_of_steps_that_are_wrong(data, rng):
    X = data[0]
    y = np.cumsum(X, axis=1)
    model = RNNRegressor(3, alpha=1.0, max_iter=1)
    weight = np.ones((60, 5))
    weight[7, 2] = -0.5
    with pytest.raises(ValueError, match=r"-0\.5 at sample 7, step 2"):
        model.fit(X, y, weight)
    with pytest.raises(ValueError, match=r"shape \(60, 4\), but X has 60 sequences of 5 steps"):
        model.fit(X, y, np.ones((60, 4)))
    with pytest.raises(ValueError, match=r"one target for each sequence: .* \(60,\)"):
        model.fit(X, y[:, -1, 0], np.ones((60, 5)))
    with pytest.raises(ValueError, match=r"sample_weight\[1\] has 4 steps, but X\[1\] has 5"):
        model.fit([*X[:2]], [*y[:2]], [np.ones(5), np.ones(4)])


def test_an_empty_list_of_weights_is_refused(rng):
    X = [rng.normal(size=(n, 1)) for n in (3, 2)]
    with pytest.raises(ValueError, match=r"Found array with 0 sample"):
        RNNRegressor(alpha=1.0).fit(X, [0.0, 1.0], sample_weight=[])
