"""alpha="auto" and linear_part="auto": what is chosen, and by which errors."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skrnn import RNNRegressor, SlidingWindow, sliding_windows
from skrnn._estimators import restarts
from skrnn._estimators.restarts import Restarts
from tests.helpers.fits import unconverged
from tests.helpers.maps import halves, logistic_map, ridge_rmse, rmse, threshold_ar


@pytest.mark.parametrize("n_train", [100, 300])
def test_a_nonlinear_map_is_found(n_train):
    data = halves(logistic_map(np.random.RandomState(5), n_train + 200), 6, n_train)
    model = RNNRegressor(random_state=0).fit(*data[:2])
    errors = model.selection_errors_
    assert errors[model.selected_] < 0.85 * errors["linear"]
    assert rmse(model, *data[2:]) < 0.1 * ridge_rmse(*data)


def test_a_network_beside_the_linear_part_is_found():
    data = halves(threshold_ar(np.random.RandomState(3), 1100), 6, 900)
    model = RNNRegressor(random_state=0).fit(*data[:2])
    assert model.selected_ == "linear+network"
    assert rmse(model, *data[2:]) < 0.97 * ridge_rmse(*data)


@pytest.mark.parametrize("scaler", [StandardScaler, MinMaxScaler])
@pytest.mark.parametrize("kind", ["noise", "random walk", "season", "trend"])
def test_never_much_worse_than_ridge(kind, scaler):
    rng = np.random.RandomState(11)
    noise, time = rng.normal(size=320), np.arange(320)
    series = {
        "noise": noise,
        "random walk": np.cumsum(noise),
        "season": 3 * np.sin(time / 2) + noise,
        "trend": 0.05 * time + noise,
    }[kind]
    scaled = scaler().fit(series[:120, np.newaxis]).transform(series[:, np.newaxis])[:, 0]
    data = halves(scaled, 12, 108)
    model = RNNRegressor(random_state=0).fit(*data[:2])
    assert rmse(model, *data[2:]) < 1.05 * ridge_rmse(*data)


def test_units_of_x_and_y_dont_matter(rng):
    X, y = sliding_windows(threshold_ar(rng, 300), length=6)
    model = RNNRegressor(random_state=0)
    expected = clone(model).fit(X, y).predict(X)
    other = clone(model).fit(1000 + 20 * X, y * 7 - 3)
    assert_allclose(other.predict(1000 + 20 * X), expected * 7 - 3, rtol=1e-4, atol=1e-3)


def test_weights_equal_repetition(rng):
    X, y = rng.normal(size=(20, 4, 1)), rng.normal(size=20)
    weight = rng.randint(0, 4, size=20)
    order = rng.permutation(20)
    weighted = RNNRegressor(random_state=0).fit(X, y, sample_weight=weight)
    rows = np.repeat(order, weight[order])
    repeated = RNNRegressor(random_state=0).fit(X[rows], y[rows])
    assert weighted.selected_ == repeated.selected_ == "linear"
    assert_allclose(weighted.predict(X), repeated.predict(X), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("share", [1.0, 0.1])  # of the samples have large weights
@pytest.mark.parametrize("n_train", [60, 150])
def test_large_weights_are_no_evidence(n_train, share):
    rng = np.random.RandomState(0)
    X = rng.normal(size=(n_train + 500, 12, 2))
    y = X[:, -1, 0] + 0.5 * X[:, -2, 1] + rng.normal(size=len(X))
    weight = np.where(np.arange(n_train) < share * n_train, 1e4, 1.0)
    model = RNNRegressor(random_state=0).fit(X[:n_train], y[:n_train], sample_weight=weight)
    assert model.score(X[n_train:], y[n_train:]) > 0


@pytest.mark.parametrize("unit", [1e-24, 1e-6, 1e6, 1e12])  # powers of the penalties' steps
def test_the_unit_of_weights_doesnt_matter(rng, unit):
    X = rng.normal(size=(200, 12, 2))
    y = X[:, -1, 0] + rng.normal(size=200)
    weight = rng.uniform(0.5, 1.5, size=200)
    model, other = RNNRegressor(random_state=0), RNNRegressor(random_state=0)
    model.fit(X, y, sample_weight=weight)
    other.fit(X, y, sample_weight=unit * weight)
    assert model.selected_ == other.selected_ == "linear"
    assert_allclose(other.predict(X), model.predict(X), rtol=1e-6, atol=1e-8)


def test_zero_weights_equal_absence_with_folds(rng):
    X, y = sliding_windows(threshold_ar(rng, 300), length=6)
    weight = np.ones(len(X))
    weight[::7] = 0
    ours = RNNRegressor(random_state=0).fit(X, y, sample_weight=weight)
    theirs = RNNRegressor(random_state=0).fit(X[weight > 0], y[weight > 0])
    assert ours.selected_ == theirs.selected_
    assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-5, atol=1e-6)


def test_strength_follows_the_noise():
    """alpha_ is 10 s² with the effective number of weights by a Jacobian from differences."""
    X, y = sliding_windows(threshold_ar(np.random.RandomState(1), 400), length=4)
    model = RNNRegressor(2, linear_part=False, tol=1e-6, n_iter_no_change=30, random_state=0)
    model.fit(X, y)
    weights = model.get_weights()
    names = [name for name in weights if not name.startswith("inputs")]
    penalized = np.concatenate(
        [np.full(weights[name].size, not name.endswith("bias")) for name in names]
    )

    def output(**changes):
        model.set_weights(weights | changes)
        return (model.predict(X) - model.y_mean_) / model.y_scale_

    columns = []
    for name in names:
        for i in range(weights[name].size):
            step = np.zeros(weights[name].size)
            step[i] = 1e-5
            step = step.reshape(weights[name].shape)
            up, down = (output(**{name: weights[name] + s * step}) for s in (1, -1))
            columns.append((up - down) / 2e-5)
    J = np.stack(columns, axis=1)
    residuals = output() - (y - model.y_mean_) / model.y_scale_
    alpha = model.alpha_
    H = J.T @ J + alpha * np.diag(penalized.astype(float))
    gamma = len(H) - alpha * np.linalg.inv(H)[np.diag_indices(len(H))] @ penalized
    assert_allclose(alpha, 10 * residuals @ residuals / (len(X) - gamma), rtol=1e-3)


@unconverged
def test_a_number_has_no_linear_part(rng):
    X, y = sliding_windows(threshold_ar(rng, 120), length=6)
    model = RNNRegressor(alpha=1.0, random_state=0, max_iter=20).fit(X, y)
    assert model.selected_ == "network"
    assert model.alpha_ == 1
    assert model.selection_errors_ == {}
    assert not [name for name in model.get_weights() if name.startswith(("linear", "inputs"))]
    beside = clone(model).set_params(linear_part=True).fit(X, y)
    assert beside.selected_ == "linear+network"
    assert beside.alpha_ == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"loss": "huber"},
        {"loss": "absolute_error"},
        {"loss": "quantile", "quantile": [0.1, 0.9]},
        {"loss": "poisson"},
        {"solver": "adam"},
        {"solver": "lbfgs"},
        {"cell": "gru"},
        {"cell": "jordan"},
        {"n_init": 3},
        {"dropout": 0.1},
    ],
    ids=str,
)
def test_beats_the_mean_whatever_the_settings(settings):
    rng, x = np.random.RandomState(2), [0.0]
    for _ in range(459):
        x.append(0.9 * x[-1] + rng.normal())
    X, y, X_test, y_test = halves(np.exp(np.array(x) / 4), 6, 360)
    model = RNNRegressor(random_state=0, **settings).fit(X, y)
    predicted = model.predict(X_test)
    if "quantile" in settings:
        assert 0.6 < np.mean((y_test > predicted[:, 0]) & (y_test < predicted[:, 1])) < 0.95
    else:
        loss = np.abs(y_test - predicted).mean()
        assert loss < 0.8 * np.abs(y_test - np.median(y)).mean()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtypes_and_several_outputs(rng, dtype):
    walk = np.cumsum(rng.normal(size=(200, 3)), axis=0).astype(dtype)
    X, y = sliding_windows(walk, length=6)
    y = y.copy()
    y[::5, 1] = np.nan if dtype is np.float64 else y[::5, 1]
    model = RNNRegressor(random_state=0)
    if np.isnan(y).any():
        with pytest.raises(ValueError, match="NaN"):
            model.fit(X, y)
        y = np.nan_to_num(y)
    model.fit(X, y)
    assert model.predict(X).dtype == dtype
    error = ((model.predict(X) - y) ** 2).mean(axis=0)[[0, 2]]
    assert (error < 1.1 * ((X[:, -1] - y) ** 2).mean(axis=0)[[0, 2]]).all()


def test_missing_targets_of_steps(rng):
    X = rng.normal(size=(30, 12, 1))
    y = X + 0.5 * np.roll(X, 1, axis=1) + 0.1 * rng.normal(size=X.shape)
    y = np.concatenate([y, -y], axis=2)
    y[::3, :4, 0] = np.nan
    model = RNNRegressor(random_state=0, max_iter=10).fit(X, y)
    known = ~np.isnan(y)
    assert (model.predict(X) - y)[known].std() < 0.5 * y[known].std()


def test_one_short_sequence_with_a_target_per_step():
    t = np.arange(130)
    series = 100 + 50 * np.sin(t / 9)
    X, y = series[:99].reshape(1, -1, 1), series[1:100].reshape(1, -1, 1)
    model = RNNRegressor(random_state=0).fit(X, y)
    _, state = model.predict(X, return_state=True)
    x, generated = series[99], []
    for _ in range(30):
        predicted, state = model.step([x], state[0] if np.ndim(state) > 1 else state)
        x = float(np.ravel(predicted)[0])
        generated.append(x)
    assert np.sqrt(np.mean((np.array(generated) - series[100:]) ** 2)) < 1


def test_the_validation_set_decides_with_early_stopping():
    data = halves(logistic_map(np.random.RandomState(5), 500), 6, 300)
    model = RNNRegressor(early_stopping=True, random_state=0).fit(*data[:2])
    assert model.selected_ != "linear"
    assert rmse(model, *data[2:]) < 0.2 * ridge_rmse(*data)


def test_warm_starts_keep_the_linear_part(rng):
    X, y = sliding_windows(threshold_ar(np.random.RandomState(3), 900), length=6)
    model = RNNRegressor(random_state=0, warm_start=True).fit(X, y)
    assert model.selected_ == "linear+network"
    before, loss, alpha = model.get_weights(), model.loss_, model.alpha_
    model.fit(X, y)
    after = model.get_weights()
    for name in ("linear.input", "linear.bias", "readout.scale", "inputs.mean", "inputs.scale"):
        assert_array_equal(before[name], after[name])
    assert model.alpha_ == alpha
    assert model.loss_ <= loss * (1 + 1e-9)


def test_a_linear_part_alone_starts_anew(rng):
    X, y = sliding_windows(rng.normal(size=200), length=6)
    model = RNNRegressor(random_state=0, warm_start=True).fit(X, y)
    assert model.selected_ == "linear"
    assert model.n_iter_ == 1
    expected = clone(model).fit(X[:150], y[:150]).predict(X)
    assert_array_equal(model.fit(X[:150], y[:150]).predict(X), expected)


def test_partial_fit_continues_beside_the_linear_part(rng):
    series = threshold_ar(np.random.RandomState(3), 900)
    X, y = sliding_windows(series, length=6)
    model = RNNRegressor(solver="auto", random_state=0).fit(X[:400], y[:400])
    before = rmse(model, X[400:], y[400:])
    weights, scale = model.get_weights(), model.y_scale_
    for _ in range(20):
        model.partial_fit(X[400:], y[400:])
    assert rmse(model, X[400:], y[400:]) < before
    ours = model.get_weights()["linear.input"] * model.y_scale_
    assert_allclose(ours, weights["linear.input"] * scale)


def test_an_interrupt_in_a_fold_keeps_the_best_so_far(rng, monkeypatch):
    X, y = sliding_windows(logistic_map(rng, 200), length=6)

    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(Restarts, "train_once", interrupted)
    model = RNNRegressor(random_state=0)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model.fit(X, y)
    assert model.selected_ == "linear"


def test_windows_that_begin_before_the_data(rng):
    """Padded windows are predicted as well, and better than by the mean."""
    series = np.cumsum(rng.normal(size=400))
    model = RNNRegressor(random_state=0)
    X = SlidingWindow(20).fit_transform(series[:-1, np.newaxis])
    model.fit(X[:300], series[1:301])
    fresh = SlidingWindow(20).fit_transform(series[300:-1, np.newaxis])[:19]
    error = np.abs(model.predict(fresh) - series[301:320]).mean()
    assert error < np.abs(series[301:320] - series[:300].mean()).mean()
    assert error < 2 * np.abs(np.diff(series[300:320])).mean()


def test_poisson_has_no_linear_part(rng):
    X, y = rng.normal(size=(30, 4, 1)), rng.poisson(3, size=30)
    with pytest.raises(ValueError, match="linear_part=True adds to predictions, but with loss"):
        RNNRegressor(loss="poisson", linear_part=True).fit(X, y)


def test_the_same_bits_twice(rng):
    X, y = sliding_windows(logistic_map(rng, 160), length=6)
    first, second = (RNNRegressor(random_state=0).fit(X, y) for _ in range(2))
    assert_array_equal(first.parameters_, second.parameters_)
    assert first.selection_errors_ == second.selection_errors_


@pytest.mark.parametrize("linear_part", ["auto", True])
def test_noise_says_so(rng, linear_part):
    X, y = sliding_windows(rng.normal(size=200), length=6)
    message = r"X says next to nothing of y: on held-out folds, .* is [01]\.?\d*, and that of"
    with pytest.warns(ConvergenceWarning, match=message):
        RNNRegressor(linear_part=linear_part, random_state=0).fit(X, y)


@pytest.mark.filterwarnings("error::sklearn.exceptions.ConvergenceWarning")
def test_what_has_something_to_tell_does_not_say_so(rng):
    X, y = sliding_windows(threshold_ar(rng, 200), length=6)
    RNNRegressor(random_state=0).fit(X, y)
    RNNRegressor(random_state=0).fit(X, np.ones(len(X)))  # what is constant is learned


@unconverged
@pytest.mark.parametrize(
    ("n_features", "settings"),
    [(100, {}), (3, {"hidden_size": 64}), (3, {"cell": "lstm", "hidden_size": 32})],
)
@pytest.mark.parametrize("n_train", [20, 60])
def test_large_networks_dont_learn_noise(rng, n_features, settings, n_train):
    X, y = rng.normal(size=(n_train + 300, 5, n_features)), rng.normal(size=n_train + 300)
    model = RNNRegressor(random_state=0, **settings).fit(X[:n_train], y[:n_train])
    assert ((model.predict(X) - y)[n_train:] ** 2).mean() < 1.5 * (y[n_train:] ** 2).mean()


@pytest.mark.parametrize("alpha", ["auto", 1.0])
@pytest.mark.filterwarnings("error:X says next to nothing of y")
def test_what_the_network_learns_beside_a_linear_part_counts(alpha):
    rng = np.random.RandomState(0)
    X = rng.normal(size=(300, 10, 2))
    y = X[:, -1, 0] * X[:, -2, 1] + 0.1 * rng.normal(size=300)
    model = RNNRegressor(alpha=alpha, linear_part=True, random_state=0)
    assert model.fit(X, y).score(X, y) > 0.95


@pytest.mark.parametrize("alpha", ["auto", 0.1])
@pytest.mark.parametrize("linear_part", [True, False])
@unconverged
def test_the_linear_part_is_asked_for_by_booleans_of_numpy_as_well(rng, alpha, linear_part):
    X, y = 5 + rng.normal(size=(40, 4, 2)), rng.normal(size=40)
    model = RNNRegressor(2, alpha=alpha, linear_part=linear_part, max_iter=20, random_state=0)
    other = clone(model).set_params(linear_part=np.bool_(linear_part)).fit(X, y)
    assert_array_equal(other.predict(X), model.fit(X, y).predict(X))


def echo(X):
    """The sum of the inputs so far, which fade: a network with one unit computes it."""
    states = [np.zeros((len(X), 1))]
    for t in range(X.shape[1]):
        states.append(0.9 * states[-1] + X[:, t, :1])
    return np.stack(states[1:], axis=1)


@pytest.mark.parametrize("shape", [(60, 20, 1), (5, 200, 1)])
@unconverged
def test_targets_at_the_first_steps_count_in_the_choice(rng, shape):
    # the linear part predicts the later steps well, and the first ones far too large
    X = rng.normal(size=shape)
    y = echo(X) + 0.1 * rng.normal(size=shape)
    model = RNNRegressor(random_state=0).fit(X, y)
    assert model.score(X, y) > 0.95
    assert model.selection_errors_["linear"] > 0.3


@pytest.mark.parametrize("share", [0.1, 0.4])  # few of them, or many
@unconverged
def test_short_sequences_count_in_the_choice(rng, share):
    lengths = np.where(rng.uniform(size=200) < share, rng.randint(1, 8, size=200), 20)
    X = [rng.normal(size=(n, 1)) for n in lengths]
    y = np.array([echo(x[np.newaxis])[0, -1, 0] for x in X]) + 0.1 * rng.normal(size=200)
    model = RNNRegressor(random_state=0).fit(X[:100], y[:100])
    assert model.score(X[100:], y[100:]) > 0.95


def test_another_scale_of_y_changes_no_prediction():
    X, y = sliding_windows(threshold_ar(np.random.RandomState(3), 900), length=6)
    model = RNNRegressor(random_state=0, learning_rate_init=1e-12).fit(X, y)
    assert model.selected_ == "linear+network"
    expected, mean = model.predict(X), model.y_mean_
    model.partial_fit(X, 5 * y + 20)
    assert model.y_mean_ > mean + 5
    assert_allclose(model.predict(X), expected, rtol=1e-6, atol=1e-6)


def test_a_drift_beyond_the_training_rows_is_foreseen():
    """Shrinking towards their mean is good between them, and far off after them."""
    ratios = []
    for seed in range(20):
        rng, noise = np.random.RandomState(seed), np.zeros(312)
        for t in range(1, len(noise)):
            noise[t] = 0.6 * noise[t - 1] + rng.normal()
        data = halves(0.02 * np.arange(len(noise)) + noise, 12, 100)
        model = RNNRegressor(random_state=0).fit(*data[:2])
        ratios.append(rmse(model, *data[2:]) / ridge_rmse(*data))
    assert np.mean(np.array(ratios) > 1.1) <= 0.1
    assert np.exp(np.mean(np.log(ratios))) < 1.02


def epochs_of(model, X, y, capsys):
    """How many epochs each candidate was trained for."""
    model.set_params(verbose=True).fit(X, y)
    printed = capsys.readouterr().out.split("Training ")[1:]
    return {text.split("'")[1]: text.count("Iteration") for text in printed}


@pytest.mark.parametrize("ensemble", [False, True])
def test_networks_that_gain_too_little_end_early(ensemble, capsys):
    series = np.random.RandomState(0).normal(size=600).cumsum()
    data = sliding_windows(series, length=12)
    alone = RNNRegressor(linear_part=False, ensemble=ensemble, random_state=0).fit(*data)
    model = RNNRegressor(ensemble=ensemble, random_state=0)
    epochs = epochs_of(model, *data, capsys)
    assert model.selected_ == "linear"
    assert (epochs["network"] < alone.n_iter_) == (not ensemble)  # all of an ensemble may count


def test_a_network_that_is_kept_is_trained_to_the_end():
    X, y = sliding_windows(logistic_map(np.random.RandomState(5), 300), length=6)
    alone = RNNRegressor(linear_part=False, random_state=0).fit(X, y)
    model = RNNRegressor(random_state=0).fit(X, y)
    assert model.selected_ == "network"
    assert model.n_iter_ == alone.n_iter_
    assert_array_equal(model.predict(X), alone.predict(X))


@pytest.mark.parametrize("linear_part", ["auto", True])
@pytest.mark.parametrize("loss", ["squared_error", "absolute_error"])
@pytest.mark.parametrize("outputs", ["all", "one", "one without any"])
def test_targets_at_the_first_steps_only(outputs, loss, linear_part, rng):
    """No sample has all steps that the linear part looks back at."""
    X = rng.normal(size=(60, 6, 1))
    y = np.concatenate([np.cumsum(X, axis=1), X], axis=2)
    rest = y.copy()
    y[:, 0 if outputs == "one without any" else 2 :, slice(None) if outputs == "all" else 1] = (
        np.nan
    )
    model = RNNRegressor(loss=loss, linear_part=linear_part, random_state=0).fit(X[:40], y[:40])
    known = ~np.isnan(y[40:])
    errors = np.abs(model.predict(X[40:]) - rest[40:])[known]
    assert errors.mean() < 0.4 * np.abs(rest[40:][known]).mean()


def test_solvers_whose_rate_falls_train_to_the_end(capsys):
    """The noise falls with the rate, at last."""
    data = sliding_windows(np.random.RandomState(0).normal(size=300).cumsum(), length=12)
    options = {"solver": "adam", "learning_rate": "cosine", "max_iter": 60, "random_state": 0}
    alone = RNNRegressor(linear_part=False, **options).fit(*data)
    model = RNNRegressor(**options)
    assert epochs_of(model, *data, capsys)["network"] == alone.n_iter_ == 60
    assert model.selected_ == "linear"


@unconverged
def test_a_linear_part_learns_from_short_sequences_if_there_are_many(rng):
    X = rng.normal(size=(120, 8, 1))
    X[:55, :4] = np.nan
    y = X[:, -1, 0] + 0.1 * rng.normal(size=120)
    options = {"linear_part": True, "normalize_y": False, "max_iter": 3, "random_state": 0}
    weights = []
    for change in (0, 0.05):
        y[:55] += change * X[:55, -1, 0]
        weights.append(RNNRegressor(2, **options).fit(X, y).get_weights()["linear.input"][0, -1, 0])
    assert weights[1] > weights[0] + 0.005


@unconverged
def test_networks_on_folds_have_the_solver_of_the_fit(rng, monkeypatch):
    # on the fewer sequences of a fold, "auto" alone would be another one
    names, make = [], restarts.make_solver

    def recorded(estimator, name, **options):
        names.append(name)
        return make(estimator, name, **options)

    monkeypatch.setattr(restarts, "make_solver", recorded)
    X = rng.normal(size=(12, 50, 1))
    y = np.where(X > 0, X**2, -X)
    model = RNNRegressor(16, random_state=0).fit(X, y)
    assert model.selected_ in model.selection_errors_  # it was judged by folds
    assert {*names} == {"adam"}
