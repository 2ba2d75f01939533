"""Static covariates, by the public parameters."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skrnn import RNNClassifier, RNNRegressor, SequencePadder, SequenceScaler, SlidingWindow
from skrnn._validation.annotated_array import annotated
from tests.helpers.data import static_data

pytestmark = pytest.mark.core


def as_frames(X):
    return [pd.DataFrame(x, columns=["a", "size", "region", "b"]) for x in X]


def model_of(static_features, **settings):
    return RNNRegressor(
        3,
        alpha=1.0,
        cell="gru",
        static_features=static_features,
        max_iter=8,
        random_state=0,
        **settings,
    )


def test_every_way_to_name_them_is_the_same(rng):
    X, y = static_data(rng)
    expected = model_of([1, 2]).fit(X, y)
    assert expected.get_weights()["layer0.gates.input"].shape[1] == 2
    assert expected.get_weights()["layer0.static"].shape == (3, 2)
    assert expected.n_features_in_ == 4
    names = ["a", "size", "region", "b"]
    for static, data in [
        ([1, -2], X),
        (["size", "region"], as_frames(X)),
        (["size", "region"], annotated(X, names)),
        ([1, 2], list(X)),
    ]:
        model = model_of(static).fit(data, y)
        assert_array_equal(model.parameters_, expected.parameters_)
        assert_array_equal(model.predict(data), expected.predict(X))
    swapped = model_of(["region", "size"]).fit(as_frames(X), y)
    assert swapped.score(as_frames(X), y) != expected.score(X, y)  # another start
    one = model_of("size").fit(as_frames(X), y)
    assert one.get_weights()["layer0.static"].shape == (3, 1)
    moved = model_of([0]).fit(X[..., [1, 0, 2, 3]], y)  # where the others lie evenly
    assert_array_equal(moved.parameters_, one.parameters_)


def test_flat_rows_have_them_once(rng):
    X, y = static_data(rng)
    steps = X[..., [0, 3]].reshape(len(X), -1)
    columns = ["size", "region", *(f"{name}{t}" for t in range(6) for name in "ab")]
    rows = pd.DataFrame(np.hstack([X[:, 0, 1:3], steps]), columns=columns)
    expected = model_of([1, 2]).fit(X, y)
    model = model_of(["size", "region"], n_features_per_step=2).fit(rows, y)
    assert_array_equal(model.parameters_, expected.parameters_)
    assert_array_equal(model.predict(rows), expected.predict(X))
    with pytest.raises(ValueError, match="n_features_per_step=5 doesn't divide the 12 columns"):
        model_of([0, 1], n_features_per_step=5).fit(rows, y)


@pytest.mark.parametrize("estimator", [RNNRegressor, RNNClassifier])
@pytest.mark.parametrize("flat", [False, True])
def test_step_by_step_equals_the_whole(rng, estimator, flat):
    X, y = static_data(rng)
    y = y if estimator is RNNRegressor else y > 0
    model = estimator(3, cell="lstm", max_iter=5, random_state=0)
    if flat:
        rows = np.hstack([X[..., [0, 3]].reshape(len(X), -1), X[:, 0, 1:3]])
        model.set_params(static_features=[12, 13], n_features_per_step=2).fit(rows, y)
        expected, inputs = model.predict(rows[:4]), X[:4][..., [1, 2, 0, 3]]
    else:
        model.set_params(static_features=[1, 2]).fit(X, y)
        expected, inputs = model.predict(X[:4]), X[:4]
    state = None
    for t in range(6):
        predicted, state = model.step(inputs[:, t], state)
    assert_allclose(predicted, expected, rtol=1e-10)
    with pytest.raises(ValueError, match="expecting 4 features"):
        model.step(inputs[0, 0, :3])


def test_they_travel_through_scikit_learn(rng):
    X, y = static_data(rng)
    frames, model = as_frames(X), model_of(["size", "region"])
    predicted = cross_val_predict(model, frames, y, cv=KFold(3))
    train, test = next(iter(KFold(3).split(frames)))
    own = clone(model).fit([frames[i] for i in train], y[train])
    assert_array_equal(predicted[test], own.predict([frames[i] for i in test]))
    search = GridSearchCV(model, {"static_features": [None, ["size"], ["size", "region"]]}, cv=3)
    assert np.isfinite(search.fit(frames, y).cv_results_["mean_test_score"]).all()
    pipe = make_pipeline(SequenceScaler(), SequencePadder(), model)
    assert pipe.fit(frames, y)[-1].get_weights()["layer0.static"].shape == (3, 2)


def test_windows_pass_them_on(rng):
    """Three series in one table, with the size of each: by name, in both layouts."""
    table = pd.DataFrame(
        {
            "id": np.repeat(["x", "y", "z"], 30),
            "size": np.repeat([0.1, 0.5, 0.9], 30),
            "value": rng.uniform(size=90),
        }
    )
    y = rng.normal(size=90)
    window = SlidingWindow(4, groups="id", static_features="size")
    rnn = RNNRegressor(3, alpha=1.0, static_features=["size"], max_iter=8, random_state=0)
    sequences = make_pipeline(window, rnn).fit(table, y)
    assert sequences[-1].get_weights()["layer0.static"].shape == (3, 1)
    flat = make_pipeline(clone(window).set_params(layout="flat"), clone(rnn))
    flat.set_output(transform="pandas").fit(table, y)
    columns = ["value_lag3", "value_lag2", "value_lag1", "value_lag0", "size"]
    assert list(flat[0].transform(table).columns) == columns
    assert_array_equal(flat[-1].parameters_, sequences[-1].parameters_)
    assert_array_equal(flat.predict(table), sequences.predict(table))
    predicted = cross_val_predict(sequences, table, y, cv=GroupKFold(3), groups=table["id"])
    assert np.isfinite(predicted).all()
    by_position = clone(sequences).set_params(slidingwindow__groups=0)
    by_position.set_params(slidingwindow__static_features=[1], rnnregressor__static_features=[0])
    assert_array_equal(by_position.fit(table, y).predict(table), sequences.predict(table))


def test_sequences_without_steps_have_them_or_not(rng):
    """Known covariates of a sequence without steps set its prediction; unknown ones are 0."""
    X, y = static_data(rng)
    model = model_of([1, 2]).fit(X, y)
    empty = np.full((3, 2, 4), np.nan)
    empty[1, 0, 1:3] = 0.7, -0.2
    predicted = model.predict(empty)
    assert predicted[0] == predicted[2] != predicted[1]
    W_s, W_y = (model.get_weights()[name] for name in ("layer0.static", "readout.input"))
    scaled = (predicted[1] - model.y_mean_) / model.y_scale_
    expected = W_y @ W_s @ [0.7, -0.2] + model.get_weights()["readout.bias"]
    assert_allclose(scaled, expected, rtol=1e-10)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((4, 2, 1, 9.0), "static feature 1 varies within sample 4, from .* to 9"),
        ((4, 2, 1, np.nan), "NaN in the static feature 1 of sample 4, step 2"),
        ((4, 2, 1, np.inf), "infinity in the static feature 1"),
        ((4, 2, 0, np.nan), "NaN in some features only of sample 4, step 2"),
    ],
)
def test_malformed_values(rng, change, message):
    X, y = static_data(rng)
    i, t, d, value = change
    model = model_of([1, 2]).fit(X, y)
    before = model.predict(X)
    bad = X.copy()
    bad[i, t, d] = value
    for call in (lambda: model.fit(bad, y), lambda: model.predict(bad)):
        with pytest.raises(ValueError, match=message):
            call()
    assert_array_equal(model.predict(X), before)


@pytest.mark.parametrize(
    ("static", "message"),
    [
        (["size"], r"static_features='size' is a name, but the input has no named columns"),
        ([7], "static_features=7 is out of range: there are 4 columns"),
        ([1, 1], r"static_features=\[1, 1\] names a column twice"),
        ([1.0], r"static_features must be names or positions of columns, got 1\.0"),
        ([False, True, True, False], "static_features must be names or positions .*, got False"),
        ([0, 1, 2, 3], "are all of the 4 columns of X"),
    ],
)
def test_malformed_names(rng, static, message):
    X, y = static_data(rng)
    with pytest.raises((TypeError, ValueError), match=message):
        model_of(static).fit(X, y)
    with pytest.raises(ValueError, match=r"'price' is not a column; the columns are \['a', 'size'"):
        model_of(["price"]).fit(as_frames(X), y)


def test_warm_start_needs_the_same(rng):
    X, y = static_data(rng)
    model = model_of([1, 2], warm_start=True).fit(X, y)
    before = model.parameters_.copy()
    with pytest.raises(ValueError, match="warm_start=True resumes a fit with weights"):
        model.set_params(static_features=[1]).fit(X, y)
    assert_array_equal(model.parameters_, before)


def test_static_covariates_need_fewer_weights_and_err_less_than_repeated_columns():
    """A level that decays, times one covariate plus another, with noise: means of five draws."""
    errors = {"static": [], "repeated": [], "linear": []}
    for seed in range(5):
        rng = np.random.RandomState(seed)
        x, s = rng.uniform(-1, 1, size=(1400, 12)), rng.uniform(-1, 1, size=(1400, 4))
        level = x @ 0.7 ** np.arange(12)[::-1]
        truth = (1 + s[:, 0]) * level + s[:, 1]
        y = truth + 0.3 * rng.normal(size=1400)
        X = np.concatenate([x[..., None], np.repeat(s[:, None], 12, axis=1)], axis=2)
        n_weights = {}
        for name, static in {"static": [1, 2, 3, 4], "repeated": None}.items():
            model = RNNRegressor(alpha=1.0, cell="gru", static_features=static, random_state=0)
            model.fit(X[:400], y[:400])
            n_weights[name] = len(model.parameters_)
            errors[name].append(np.mean((model.predict(X[400:]) - truth[400:]) ** 2))
        assert n_weights["static"] < n_weights["repeated"]
        rows = np.hstack([x, s])
        linear = LinearRegression().fit(rows[:400], y[:400])
        errors["linear"].append(np.mean((linear.predict(rows[400:]) - truth[400:]) ** 2))
    static, repeated, linear = (np.mean(errors[k]) for k in ("static", "repeated", "linear"))
    assert static <= repeated
    assert static < 0.5 * linear


def test_scaled_static_columns_stay_constant(rng):
    X, y = static_data(rng)
    frames = pd.concat(as_frames(1000 + 7 * X), keys=range(len(X)), names=["id"]).reset_index("id")
    scaled = MinMaxScaler().set_output(transform="pandas").fit_transform(frames)
    scaled["id"] = frames["id"].to_numpy()
    pipe = make_pipeline(SlidingWindow(6, groups="id"), model_of(["size", "region"]))
    assert np.isfinite(pipe.fit(scaled, np.repeat(y, 6)).predict(scaled)).all()


def test_a_missing_step_needs_no_static_covariates(rng):
    """After the start they don't count; before it, unknown ones are 0, as in predict."""
    X, y = static_data(rng)
    model = model_of([1, 2]).fit(X, y)
    with_gap = X[:1].copy()
    with_gap[0, 2] = np.nan
    state = None
    for x in with_gap[0]:
        predicted, state = model.step(x, state)
    assert_allclose(predicted, model.predict(with_gap)[0], rtol=1e-10)
    forgotten = X[0].copy()
    forgotten[1:, 1:3] = np.nan
    state = None
    for x in forgotten:
        predicted, state = model.step(x, state)
    assert_allclose(predicted, model.predict(X[:1])[0], rtol=1e-10)
    nothing = np.full(4, np.nan)
    assert_allclose(model.step(nothing)[0], model.predict(nothing[None, None])[0], rtol=1e-10)
    with pytest.raises(ValueError, match="static features of x must be finite"):
        model.step([1, np.nan, 0, 1])


def test_flat_windows_say_how_many_features_a_step_has(rng):
    table = pd.DataFrame(rng.normal(size=(40, 2)), columns=["sales", "promo"])
    table["size"] = 3.0
    flat = SlidingWindow(4, layout="flat", static_features="size", min_periods=4)
    windows = flat.set_output(transform="pandas").fit_transform(table).iloc[3:]
    y = table["sales"].iloc[3:]
    message = "n_features_per_step=1, but .* windows with 2 features per step: sales_lag3, …, promo"
    with pytest.raises(ValueError, match=message):
        model_of("size").fit(windows, y)
    with pytest.raises(ValueError, match=r"n_features_per_step=4, but .* with 2 features"):
        model_of("size", n_features_per_step=4).fit(windows, y)
    model = model_of("size", n_features_per_step=2).fit(windows, y)
    assert np.isfinite(model.predict(windows)).all()
    by_feature = windows[sorted(windows.columns)]  # all lags of one, then those of the other
    with pytest.raises(ValueError, match="side by side"):
        model_of("size", n_features_per_step=2).fit(by_feature, y)
    # any other names, and one without a lag, are the user's own
    model_of(None).fit(windows[["sales_lag3", "size"]], y)


def test_errors_name_static_columns_and_text(rng):
    X, y = static_data(rng)
    frames = as_frames(X)
    frames[4].loc[2, "size"] = 9.0
    with pytest.raises(ValueError, match="static feature 'size' varies within sample 4"):
        model_of(["size"]).fit(frames, y)
    frames[4]["size"] = "large"
    with pytest.raises(ValueError, match=r"'size' of X\[4\].*could not convert .* encode text"):
        model_of(["size"]).fit(frames, y)
    with pytest.raises(ValueError, match=r"could not convert string .* encode text"):
        RNNRegressor(alpha=1.0).fit([["a", "b"], ["b", "a"]], [0, 1])
