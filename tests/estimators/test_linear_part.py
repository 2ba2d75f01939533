"""The linear part beside the network: predictions, states, weights, every kind of sequence."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, cross_val_predict

from skrnn import RNNRegressor, SlidingWindow, sliding_windows
from skrnn.cells import CELLS
from skrnn.interop import from_weights
from tests.helpers.data import static_data

SURROUNDINGS = ("linear", "inputs", "static", "readout.scale")


def linear_of_steps(weights, sequence, static=None):
    """At each step (T, K): the map of the last valid steps, the first one standing for earlier."""
    A = weights["linear.input"]
    outputs, seen = [], []
    for x in sequence:
        if not np.isnan(x).all():
            seen.append((x - weights["inputs.mean"]) / weights["inputs.scale"])
        last = [np.zeros(A.shape[2])] * A.shape[1]
        if seen:
            last = ([seen[0]] * A.shape[1] + seen)[-A.shape[1] :]
        y = weights["linear.bias"] + sum(A[:, k] @ x for k, x in enumerate(last))
        if static is not None:
            scaled = (static - weights["static.mean"]) / weights["static.scale"]
            y = y + weights["linear.static"] @ scaled
        outputs.append(y)
    return np.array(outputs)


def predicted_by_parts(model, sequences, statics=None, *, per_step=False, **parameters):
    """Predictions (S, K) of each sequence, by the network alone and by the linear part alone."""
    weights = model.get_weights()
    own = {name: w for name, w in weights.items() if not name.startswith(SURROUNDINGS)}
    if statics is not None:
        own |= {name: w for name, w in weights.items() if name.endswith(".static")}
        own.pop("linear.static")
        parameters["static_features"] = [0]
    network = from_weights(own, RNNRegressor(**parameters), per_step=per_step)
    predicted = []
    for i, sequence in enumerate(sequences):
        scaled = (sequence - weights["inputs.mean"]) / weights["inputs.scale"]
        static = None if statics is None else statics[i]
        if static is not None:
            one = (static - weights["static.mean"]) / weights["static.scale"]
            scaled = np.hstack([np.broadcast_to(one, (len(scaled), 1)), scaled])
        y = network.predict([scaled])[0]
        y = np.reshape(y, (-1, len(weights["linear.bias"]))) * weights["readout.scale"]
        linear = linear_of_steps(weights, sequence, static)
        y = y + (linear if per_step else linear[-1:])
        predicted.append(model.y_mean_ + model.y_scale_ * y)
    return predicted


def ragged(rng, *, per_step=False, n=40):
    """Sequences of two features and 3 to 9 steps, of which some are missing; and targets."""
    X = [rng.normal(3, 2, size=(length, 2)) for length in rng.randint(3, 10, size=n)]
    for x in X[::3]:
        x[rng.randint(len(x))] = np.nan
    sums = [np.cumsum(np.nan_to_num(x), axis=0) / 3 for x in X]
    y = [np.c_[s[:, 0] + np.sin(s[:, 1]), s[:, 1]] for s in sums]
    return X, y if per_step else np.array([own[-1] for own in y])


@pytest.mark.parametrize("per_step", [False, True], ids=["last", "per step"])
@pytest.mark.parametrize("cell", CELLS)
def test_predictions_are_the_sum_of_both_parts(rng, cell, per_step):
    X, y = ragged(rng, per_step=per_step)
    model = RNNRegressor(3, cell=cell, linear_part=True, max_iter=5, random_state=0).fit(X, y)
    expected = predicted_by_parts(model, X, per_step=per_step, hidden_size=3, cell=cell)
    found = model.predict(X)
    for own, other, x in zip(found, expected, X, strict=True):
        valid = ~np.isnan(x).all(axis=1) if per_step else slice(None)
        assert_allclose(np.atleast_2d(own)[valid], other[valid], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("per_step", [False, True], ids=["last", "per step"])
def test_of_both_directions(rng, per_step):
    X, y = ragged(rng, per_step=per_step)
    settings = {"hidden_size": 3, "bidirectional": True}
    model = RNNRegressor(**settings, linear_part=True, max_iter=5, random_state=0).fit(X, y)
    expected = predicted_by_parts(model, X, per_step=per_step, **settings)
    for own, other, x in zip(model.predict(X), expected, X, strict=True):
        valid = ~np.isnan(x).all(axis=1) if per_step else slice(None)
        assert_allclose(np.atleast_2d(own)[valid], other[valid], rtol=1e-9, atol=1e-9)


def test_of_static_covariates(rng):
    X, y = static_data(rng)
    X, y = X[..., [1, 0, 3]], y + X[:, 0, 1]
    model = RNNRegressor(3, linear_part=True, static_features=[0], max_iter=5, random_state=0)
    model.fit(X, y)
    assert model.get_weights()["linear.static"].shape == (1, 1)
    expected = predicted_by_parts(model, X[..., 1:], X[:, 0, :1], hidden_size=3)
    assert_allclose(model.predict(X), np.ravel(expected), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("with_static", [False, True])
def test_steps_equal_whole_sequences(rng, with_static):
    X, y = ragged(rng, per_step=True)
    X.append(np.vstack([np.full((2, 2), np.nan), X[0]]))  # a start that is missing
    y.append(np.vstack([np.full((2, 2), np.nan), y[0]]))
    static = {}
    if with_static:
        X = [np.hstack([x, np.full((len(x), 1), float(i % 4))]) for i, x in enumerate(X)]
        static = {"static_features": [2]}
    model = RNNRegressor(3, linear_part=True, max_iter=5, random_state=0, **static).fit(X, y)
    whole, final = model.predict(X, return_state=True)
    for i in (0, 1, 3, len(X) - 1):
        state, predicted = None, []
        for x in X[i]:
            own, state = model.step(x, state)
            predicted.append(own)
        assert_allclose(predicted, whole[i], rtol=1e-9, atol=1e-9)
        assert_allclose(state, final[i], rtol=1e-9, atol=1e-9)
    first, state = model.predict([X[1][:3]], return_state=True)
    rest = model.predict([X[1][3:]], initial_state=state)
    assert_allclose(np.vstack([first[0], rest[0]]), whole[1], rtol=1e-9, atol=1e-9)


def test_weights_come_and_go(rng):
    X, y = static_data(rng)
    parameters = {"hidden_size": 3, "static_features": [1, 2]}
    model = RNNRegressor(**parameters, linear_part=True, max_iter=5, random_state=0).fit(X, y)
    weights = model.get_weights()
    weights["readout.scale"] = weights["readout.scale"] * model.y_scale_
    for name in ("linear.input", "linear.static", "linear.bias"):
        weights[name] = weights[name] * model.y_scale_[0]
    weights["linear.bias"] = weights["linear.bias"] + model.y_mean_
    other = from_weights(weights, RNNRegressor(**parameters))
    assert_allclose(other.predict(X), model.predict(X), rtol=1e-9, atol=1e-9)
    assert_array_equal(model.set_weights(model.get_weights()).predict(X), model.predict(X))


# --- ridge regression, by scikit-learn's ---

PENALTIES = 10.0 ** np.arange(-12, 5.01, 0.5)


def error_to_expect(errors):
    """The mean square, and half of that of a drift of more than two standard deviations."""
    means = [fold.mean() for fold in np.array_split(errors, 5)]
    square = np.mean(errors**2)
    change = 5 * np.polyfit(range(5), means, 1)[0]
    by_chance = 25 * square / (len(errors) / 5) / np.sum((np.arange(5) - 2.0) ** 2)
    return square + max(change**2 - 4 * by_chance, 0) / 2


def season(rng, n, noise=1.0):
    return 5 * np.sin(2 * np.pi * np.arange(n) / 12) + noise * rng.normal(size=n)


def test_ridge_with_the_penalty_of_contiguous_folds(rng):
    X, y = sliding_windows(season(rng, 160), length=12)
    model = RNNRegressor(random_state=0).fit(X, y)
    assert model.selected_ == "linear"
    Z, target = (X[..., 0] - X.mean()) / X.std(), (y - y.mean()) / y.std()
    folds = KFold(5)
    errors = [target - cross_val_predict(Ridge(p), Z, target, cv=folds) for p in PENALTIES]
    best = np.argmin([error_to_expect(own) for own in errors])
    assert model.alpha_ == PENALTIES[best]
    assert_allclose(model.selection_errors_["linear"], np.mean(errors[best] ** 2), rtol=1e-6)
    ridge = Ridge(alpha=model.alpha_).fit(Z, target)
    assert_allclose(model.get_weights()["linear.input"][0, :, 0], ridge.coef_, rtol=1e-6)
    assert_allclose(model.predict(X), ridge.predict(Z) * y.std() + y.mean(), rtol=1e-9)


def test_ridge_on_differences_where_these_are_better(rng):
    walk = np.cumsum(rng.normal(size=(200, 2)), axis=0)
    X, y = sliding_windows(walk, length=20)
    model = RNNRegressor(random_state=0).fit(X, y)
    assert model.selected_ == "linear"
    Z = (X - X.mean(axis=(0, 1))) / X.std(axis=(0, 1))
    target = (y - y.mean(axis=0)) / y.std(axis=0)
    # the weight of the last input is nearly free
    basis = np.hstack([np.diff(Z, axis=1).reshape(len(Z), -1), 1000 * Z[:, -1]])
    for k in range(2):
        errors = [
            error_to_expect(target[:, k] - cross_val_predict(Ridge(p), basis, target[:, k], cv=5))
            for p in PENALTIES
        ]
        penalty = PENALTIES[np.argmin(errors)]
        expected = Ridge(alpha=penalty).fit(basis, target[:, k]).predict(basis)
        found = (model.predict(X)[:, k] - y[:, k].mean()) / y[:, k].std()
        assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_ridge_that_doesnt_drift_where_the_other_one_does(rng):
    """Of a trend, though its errors between the samples are larger."""
    t = np.arange(106)
    X, y = sliding_windows(0.015 * t + np.sin(t * np.pi / 6) + 0.3 * rng.normal(size=106), length=6)
    model = RNNRegressor(random_state=0).fit(X, y)
    assert model.selected_ == "linear"
    Z, target = (X[..., 0] - X.mean()) / X.std(), (y - y.mean()) / y.std()
    fits = []
    for basis in (Z, np.hstack([np.diff(Z, axis=1), 1000 * Z[:, -1:]])):
        errors = [target - cross_val_predict(Ridge(p), basis, target, cv=5) for p in PENALTIES]
        best = np.argmin([error_to_expect(own) for own in errors])
        ridge = Ridge(PENALTIES[best]).fit(basis, target).predict(basis)
        fits.append((error_to_expect(errors[best]), np.mean(errors[best] ** 2), ridge))
    levels, differences = fits
    assert differences[0] < 0.9 * levels[0]
    assert differences[1] > 1.1 * levels[1]
    found = (model.predict(X) - y.mean()) / y.std()
    assert_allclose(found, differences[2], rtol=1e-6, atol=1e-6)


def test_samples_with_missing_look_back_dont_count(rng):
    series = season(rng, 121)
    windows = SlidingWindow(12).fit_transform(series[:-1, np.newaxis])
    assert np.isnan(windows[:11]).any()
    padded = RNNRegressor(random_state=0).fit(windows, series[1:])
    complete = RNNRegressor(random_state=0).fit(windows[11:], series[12:])
    ours, others = padded.get_weights()["linear.input"], complete.get_weights()["linear.input"]
    # the scale of y is that of all samples
    ours = ours * padded.y_scale_ / padded.get_weights()["inputs.scale"]
    others = others * complete.y_scale_ / complete.get_weights()["inputs.scale"]
    assert_allclose(ours, others, rtol=0.05, atol=0.01)
    assert np.isfinite(padded.predict(windows)).all()


def test_without_folds_the_penalty_is_a_multiple_of_the_noise(rng):
    """Few samples of different weights, which are to equal repetitions."""
    X, y = sliding_windows(season(rng, 56), length=6)
    weight = rng.randint(1, 4, size=len(X)).astype(float)
    model = RNNRegressor(random_state=0).fit(X, y, sample_weight=weight)
    assert model.selected_ == "linear"
    weights = model.get_weights()
    Z = (X[..., 0] - weights["inputs.mean"]) / weights["inputs.scale"]
    target = (y - model.y_mean_) / model.y_scale_
    ridge = Ridge(alpha=model.alpha_).fit(Z, target, sample_weight=weight)
    assert_allclose(weights["linear.input"][0, :, 0], ridge.coef_, rtol=1e-6)
    error = weight @ (ridge.predict(Z) - target) ** 2
    centered = Z - np.average(Z, axis=0, weights=weight)
    G = (centered * weight[:, np.newaxis]).T @ centered
    gamma = np.trace(G @ np.linalg.inv(G + model.alpha_ * np.eye(6)))
    assert_allclose(model.alpha_, 30 * error / (weight.sum() - gamma), rtol=1e-6)
