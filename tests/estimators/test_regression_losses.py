"""The losses of RNNRegressor: what they are good for, and what they refuse."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import PoissonRegressor
from sklearn.metrics import (
    d2_pinball_score,
    mean_absolute_error,
)
from sklearn.model_selection import GridSearchCV

from skrnn import RNNRegressor
from skrnn._engine.losses import LOSSES
from tests.helpers.fits import single_steps

pytestmark = pytest.mark.core


@pytest.mark.parametrize("solver", ["lm", "lbfgs", "adam"])
def test_quantiles_are_calibrated(solver):
    """Coverage within sampling error, of noise whose spread depends on the input."""
    draws, coverage = range(4), []
    for draw in draws:
        rng = np.random.RandomState(draw)
        X = rng.uniform(-1, 1, size=(4000, 5, 1))
        y = X[:, -1, 0] + (0.2 + 0.8 * (X[:, -2, 0] > 0)) * rng.gumbel(size=4000)
        model = RNNRegressor(
            loss="quantile", quantile=[0.1, 0.5, 0.9], alpha=1.0, solver=solver, max_iter=150,
            random_state=0, n_iter_no_change=150, learning_rate="cosine",
        ).fit(X[:2000], y[:2000])  # fmt: skip
        predicted = model.predict(X[2000:])
        assert predicted.shape == (2000, 3)
        assert (np.diff(predicted, axis=1) >= 0).all()
        coverage.append((y[2000:, np.newaxis] <= predicted).mean(axis=0))
        # and where the spread is wide and where it is narrow, the band is, too
        wide = X[2000:, -2, 0] > 0
        band = predicted[:, 2] - predicted[:, 0]
        assert np.median(band[wide]) > 2 * np.median(band[~wide])
        # a constant quantile is the baseline of the score
        assert model.score(X[2000:], y[2000:]) > 0.25
    # three standard deviations, of the training part and of the test part
    p = np.array([0.1, 0.5, 0.9])
    error = 3 * np.sqrt(2 * p * (1 - p) / (2000 * len(draws)))
    assert (np.abs(np.mean(coverage, axis=0) - p) < error).all(), coverage


def test_score_of_several_quantiles_is_the_mean_of_d2_pinball_scores():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(60, 4, 1))
    y, weight = X[:, -1, 0] + rng.normal(size=60), rng.uniform(size=60)
    model = RNNRegressor(2, loss="quantile", quantile=[0.2, 0.6], max_iter=5, random_state=0)
    predicted = model.fit(X, y).predict(X)
    scores = [
        d2_pinball_score(y, own, alpha=q, sample_weight=weight)
        for q, own in zip([0.2, 0.6], predicted.T, strict=True)
    ]
    assert model.score(X, y, weight) == pytest.approx(np.mean(scores))


def test_quantiles_at_every_step_and_one_by_one():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(40, 6, 1))
    y = np.cumsum(X, axis=1)
    options = {"loss": "quantile", "max_iter": 10, "random_state": 0}
    model = RNNRegressor(3, quantile=[0.25, 0.75], **options).fit(X, y)
    predicted = model.predict(X)
    assert predicted.shape == (40, 6, 2)
    assert (predicted[..., 1] >= predicted[..., 0]).all()
    state = None
    for t in range(6):
        step, state = model.step(X[:, t], state)
        assert_allclose(step, predicted[:, t], rtol=1e-10)
    assert np.isfinite(model.score(X, y))
    single = RNNRegressor(3, quantile=0.25, **options).fit(X, y[:, -1])
    assert single.predict(X).shape == (40, 1)
    assert single.fit(X, y[:, -1, 0]).predict(X).shape == (40,)


@pytest.mark.parametrize("solver", ["lm", "lbfgs", "adam"])
@pytest.mark.parametrize("kind", ["last", "per step"])
def test_one_quantile_of_several_targets(solver, kind):
    """Targets have no order: each prediction belongs to its own, as in separate fits."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(60, 5, 1))
    y = X * [1.0, -0.5, 0.0] + [0.0, 0.0, 7.0] + 0.01 * rng.normal(size=(60, 5, 3))
    y = y if kind == "per step" else y[:, -1]
    model = RNNRegressor(
        6, loss="quantile", quantile=0.4, solver=solver, max_iter=300, n_iter_no_change=300,
        learning_rate="cosine", alpha=0, random_state=0,
    ).fit(X, y)  # fmt: skip
    predicted = model.predict(X)
    error = np.abs(predicted - y).reshape(-1, 3).mean(axis=0)
    assert (error < 0.1).all(), error
    assert model.score(X, y) > 0.6  # of the third target, which is noise, it is about 0
    below = (y.reshape(-1, 3) <= predicted.reshape(-1, 3)).mean(axis=0)
    assert (np.abs(below - 0.4) < 0.15).all(), below
    loaded, state = pickle.loads(pickle.dumps(model)), None
    for t in range(5):
        step, state = loaded.step(X[:, t], state)
        if kind == "per step":
            assert_allclose(step, predicted[:, t], rtol=1e-8, atol=1e-10)
    assert_allclose(step, predicted[:, -1] if kind == "per step" else predicted, rtol=1e-8)


def test_quantiles_of_one_target_do_not_resume_a_fit_of_several_targets():
    """They would have the scales of different targets, and cross."""
    X = np.random.RandomState(0).normal(size=(30, 4, 1))
    y = np.c_[X[:, -1], 100 * X[:, 0]]
    options = {"loss": "quantile", "solver": "adam", "max_iter": 2, "warm_start": True}
    model = RNNRegressor(2, linear_part=False, random_state=0, **options).fit(X, y)
    with pytest.raises(ValueError, match="scaled with another quantile: keep"):
        model.set_params(quantile=[0.1, 0.9]).fit(X, y[:, 0])
    model.set_params(quantile=0.9).fit(X, y)
    assert model.predict(X).shape == (30, 2)


@single_steps
def test_poisson_equals_scikit_learns_regression_where_the_network_is_linear():
    """One linear unit that reads one step: log-linear regression, unpenalized."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(500, 1, 3))
    y = rng.poisson(np.exp(X[:, 0] @ [0.5, -0.3, 0.2] + 1))
    weight = rng.uniform(0.5, 2, size=500)
    expected = PoissonRegressor(alpha=0, tol=1e-10, max_iter=1000)
    expected = expected.fit(X[:, 0], y, sample_weight=weight).predict(X[:, 0])
    model = RNNRegressor(1, activation="identity", loss="poisson", alpha=0, tol=0, random_state=0)
    for solver in ("lm", "lbfgs"):
        model.set_params(solver=solver, max_iter=200, n_iter_no_change=200)
        assert_allclose(model.fit(X, y, weight).predict(X), expected, rtol=1e-5)


def test_robust_losses_shrug_off_outliers():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(300, 4, 1))
    clean = X[:, -1, 0] - 0.5 * X[:, -2, 0]
    y = clean + 0.1 * rng.normal(size=300)
    y[:30] += 20
    errors = {}
    for loss in ("squared_error", "absolute_error", "huber"):
        model = RNNRegressor(4, loss=loss, huber_delta=0.1, random_state=0).fit(X, y)
        errors[loss] = mean_absolute_error(clean[30:], model.predict(X[30:]))
    assert errors["absolute_error"] < 0.2 * errors["squared_error"]
    assert errors["huber"] < 0.2 * errors["squared_error"]


def test_losses_are_compared_by_a_grid_search():
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(40, 4, 1)), rng.poisson(2, size=40)
    grid = {"loss": sorted(LOSSES), "quantile": [0.4]}
    search = GridSearchCV(RNNRegressor(2, max_iter=5, random_state=0), grid, cv=2).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize(
    ("parameters", "y", "message"),
    [
        ({"loss": "poisson"}, -1.0, r"loss='poisson' is for counts .* y has -1\. Use"),
        ({"loss": "poisson"}, 0.0, "needs a target above 0"),
        ({"loss": "quantile", "quantile": [0.5, 0.1]}, 1.0, r"ascending order, got \[0.5, 0.1\]"),
        ({"loss": "quantile", "quantile": [0.5, 1.0]}, 1.0, "between 0 and 1"),
        ({"loss": "quantile", "quantile": []}, 1.0, "between 0 and 1"),
        ({"loss": "quantile", "quantile": 1.0}, 1.0, "The 'quantile' parameter"),
        ({"loss": "huber", "huber_delta": 0}, 1.0, "The 'huber_delta' parameter"),
        ({"loss": "mse"}, 1.0, "The 'loss' parameter"),
    ],
)
def test_what_a_loss_refuses(parameters, y, message):
    X = np.random.RandomState(0).normal(size=(10, 3, 1))
    with pytest.raises(ValueError, match=message):
        RNNRegressor(2, **parameters).fit(X, np.full(10, y))


def test_several_quantiles_are_for_one_target():
    X = np.random.RandomState(0).normal(size=(10, 3, 1))
    with pytest.raises(ValueError, match="Several quantiles are for one target, but y has 2"):
        RNNRegressor(2, loss="quantile", quantile=[0.1, 0.9]).fit(X, np.ones((10, 2)))
