"""linear_part="auto" with losses that aren't squared: linear models of the same loss are beaten."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import HuberRegressor, QuantileRegressor, Ridge
from sklearn.metrics import mean_pinball_loss

from skrnn import RNNRegressor, sliding_windows
from tests.helpers.maps import halves, logistic_map, ridge_rmse, rmse, threshold_ar


def pinball(q):
    return {"loss": "quantile", "quantile": q}


LOSSES = {
    "absolute error": ({"loss": "absolute_error"}, 0.5),
    "huber": ({"loss": "huber"}, 0.5),
    "median": (pinball(0.5), 0.5),
    "upper quantile": (pinball(0.9), 0.9),
}


def trend_and_season(rng, n):
    t = np.arange(n)
    return 0.05 * t + np.sin(2 * np.pi * t / 12) + 0.2 * rng.normal(size=n)


def random_walk(rng, n):
    return rng.normal(size=n).cumsum()


@pytest.mark.parametrize("kind", [random_walk, trend_and_season])
@pytest.mark.parametrize("settings", LOSSES)
def test_all_losses_go_on_with_a_drift(settings, kind):
    """As linear quantile regression does; the network alone has up to 60 times its loss."""
    options, q = LOSSES[settings]
    ratios = []
    for seed in range(3):
        X, y, X_test, y_test = halves(kind(np.random.RandomState(seed), 500), 12, 300)
        flat = [a.reshape(len(a), -1) for a in (X, X_test)]
        linear = QuantileRegressor(quantile=q, alpha=0).fit(flat[0], y).predict(flat[1])
        predicted = RNNRegressor(random_state=seed, **options).fit(X, y).predict(X_test)
        losses = [mean_pinball_loss(y_test, own, alpha=q) for own in (predicted, linear)]
        ratios.append(losses[0] / losses[1])
    assert np.exp(np.mean(np.log(ratios))) < 1.02
    assert max(ratios) < 1.15


@pytest.mark.parametrize("settings", ["absolute error", "median"])
def test_outliers_move_no_robust_linear_part(settings):
    series = np.random.RandomState(0).normal(size=1100)
    for t in range(2, len(series)):
        series[t] += 1.2 * series[t - 1] - 0.5 * series[t - 2]
    X, y, X_test, y_test = halves(series, 12, 300)
    rng = np.random.RandomState(1)
    y = y + 30 * (rng.uniform(size=len(y)) < 0.1)  # all on one side
    flat = [a.reshape(len(a), -1) for a in (X, X_test)]

    def error(model, X, X_test):
        return np.abs(model.fit(X, y).predict(X_test) - y_test).mean()

    model = RNNRegressor(random_state=0, **LOSSES[settings][0])
    ours = error(model, X, X_test)
    assert model.selected_ == "linear"
    assert ours < 1.02 * error(HuberRegressor(max_iter=1000), *flat)
    assert ours < 0.5 * error(Ridge(), *flat)


@pytest.mark.parametrize("settings", LOSSES)
def test_all_losses_find_a_nonlinear_map(settings):
    data = halves(logistic_map(np.random.RandomState(5), 400), 6, 200)
    model = RNNRegressor(random_state=0, **LOSSES[settings][0]).fit(*data[:2])
    errors = model.selection_errors_
    assert errors[model.selected_] < 0.85 * errors["linear"]
    assert rmse(model, *data[2:]) < 0.2 * ridge_rmse(*data)


def test_a_linear_part_for_each_quantile():
    """Of noise that grows with the input, the lines of quantiles aren't parallel."""
    rng, quantiles = np.random.RandomState(0), [0.1, 0.5, 0.9]
    X = rng.uniform(1, 2, size=(2000, 4, 1))
    y = X[:, -1, 0] * (1 + rng.normal(size=2000))
    model = RNNRegressor(random_state=0, **pinball(quantiles)).fit(X[:1000], y[:1000])
    assert model.selected_ == "linear"
    below = (y[1000:, np.newaxis] <= model.predict(X[1000:])).mean(axis=0)
    assert_allclose(below, quantiles, atol=0.04)  # three standard deviations of both parts
    slopes = model.get_weights()["linear.input"][:, -1, 0] * model.y_scale_ / X[:1000].std()
    assert np.diff(slopes).min() > 0.5  # 1.28 without a penalty
    flat = X[:, :, 0]
    for q, predicted in zip(quantiles, model.predict(X[1000:]).T, strict=True):
        linear = QuantileRegressor(quantile=q, alpha=0).fit(flat[:1000], y[:1000])
        losses = [
            mean_pinball_loss(y[1000:], own, alpha=q)
            for own in (predicted, linear.predict(flat[1000:]))
        ]
        assert losses[0] < 1.02 * losses[1]
    single = RNNRegressor(random_state=0, **pinball(0.9)).fit(X[:1000], y[:1000])
    assert_allclose(single.predict(X), model.predict(X)[:, 2], rtol=1e-6)


@pytest.mark.parametrize("settings", LOSSES)
def test_noise_says_so_by_the_loss(settings, rng):
    X, y = rng.normal(size=(300, 6, 1)), rng.normal(size=300)
    name = r"on held-out folds, the loss is \d.*and that of a constant from the others is"
    with pytest.warns(ConvergenceWarning, match=name):
        RNNRegressor(random_state=0, **LOSSES[settings][0]).fit(X, y)


@pytest.mark.parametrize(
    ("settings", "linear_part"), [("huber", "auto"), ("absolute error", True), ("median", True)]
)
def test_warm_starts_go_on_with_the_loss(settings, linear_part):
    X, y = sliding_windows(threshold_ar(np.random.RandomState(3), 900), length=6)
    options = {"linear_part": linear_part, "warm_start": True, "random_state": 0}
    model = RNNRegressor(**options, **LOSSES[settings][0]).fit(X, y)
    assert model.selected_ == "linear+network"
    before, loss = model.get_weights(), model.loss_
    model.fit(X, y)
    assert_array_equal(before["linear.input"], model.get_weights()["linear.input"])
    assert model.loss_ == pytest.approx(loss, rel=0.02)  # in another unit, it would jump


def test_the_factor_of_a_loss_doesnt_matter(rng):
    """The median has half the absolute error as its loss: without folds, too."""
    X = np.repeat(rng.normal(size=(20, 6, 1)), 2, axis=0)
    y = X[:, -1, 0] + np.repeat(rng.normal(size=20), 2)
    predictions = []
    for options in ({"loss": "absolute_error"}, pinball(0.5)):
        model = RNNRegressor(random_state=0, **options).fit(X, y)
        assert model.selected_ == "linear"
        assert "linear" not in model.selection_errors_  # which repeated samples don't have
        predictions.append(model.predict(X))
    assert_allclose(*predictions, rtol=1e-3)  # of two ways of rounds


@pytest.mark.parametrize("q", [0.1, 0.9])
def test_errors_on_folds_are_what_to_expect(q):
    """On the right side: twice as large if residuals had the other sign."""
    rng = np.random.RandomState(0)
    X = rng.uniform(-1, 1, size=(1200, 4, 1))
    y = 3 * X[:, -1, 0] * X[:, -2, 0] + 0.3 * rng.normal(size=1200)
    train, test = slice(0, 300), slice(300, None)
    model = RNNRegressor(random_state=0, **pinball(q)).fit(X[train], y[train])
    assert model.selected_ != "linear"
    loss = mean_pinball_loss(y[test], model.predict(X[test]), alpha=q)
    expected = model.selection_errors_[model.selected_] * model.y_scale_[0]
    assert loss == pytest.approx(expected, rel=0.3)


@pytest.mark.parametrize("q", [0.01, 0.95, 0.99])
def test_quantiles_far_out_go_on_with_a_drift(q):
    """Where nearly all residuals have one sign, which makes small steps."""
    ratios = []
    for seed in range(4):
        series = (0.5 + np.random.RandomState(seed).normal(size=368)).cumsum()
        X, y, X_test, y_test = halves(series, 8, 300)
        flat = [a.reshape(len(a), -1) for a in (X, X_test)]
        linear = QuantileRegressor(quantile=q, alpha=0).fit(flat[0], y).predict(flat[1])
        predicted = RNNRegressor(random_state=0, **pinball(q)).fit(X, y).predict(X_test)
        losses = [mean_pinball_loss(y_test, own, alpha=q) for own in (predicted, linear)]
        ratios.append(losses[0] / losses[1])
    assert np.exp(np.mean(np.log(ratios))) < 1.25  # was 25
    assert max(ratios) < 2


@pytest.mark.parametrize("settings", LOSSES)
def test_the_unit_of_weights_doesnt_matter(settings, rng):
    X = rng.normal(size=(200, 6, 1))
    y = X[:, -1, 0] - 0.5 * X[:, -2, 0] + 0.3 * rng.normal(size=200)
    model = RNNRegressor(random_state=0, **LOSSES[settings][0])
    expected = model.fit(X, y).predict(X)
    for unit in (1e-6, 100):
        found = model.fit(X, y, np.full(200, unit)).predict(X)
        assert_allclose(found, expected, atol=1e-6)
