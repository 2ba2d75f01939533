"""A validation set of one's own: what it may be, and that it counts as a held-out part does."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import clone, is_classifier
from sklearn.compose import TransformedTargetRegressor
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import RNNClassifier, RNNRegressor, SlidingWindow, sliding_windows
from tests.helpers.data import OUTPUTS, static_data, target_for
from tests.helpers.fits import badly_judged, nothing_to_learn, same, unconverged

pytestmark = [pytest.mark.core, unconverged, badly_judged]

ESTIMATORS = [RNNRegressor, RNNClassifier]


def model(estimator=RNNRegressor, **parameters):
    options = {"alpha": 1.0, "solver": "adam", "max_iter": 4, "early_stopping": True}
    return estimator(2, **options | {"random_state": 0} | parameters)


def some_data(estimator, rng, kind="one", n=30):
    return rng.normal(size=(n, 6, 2)), target_for(estimator, rng, kind, n=n)


def last_fifth(y, *, of_each):
    """Rows to train on, and those that validation_fraction=0.2 holds out."""
    kinds = y if of_each else np.zeros(len(y))
    held_out = np.zeros(len(y), bool)
    for kind in np.unique(kinds):
        rows = np.flatnonzero(kinds == kind)
        held_out[rows[len(rows) - int(np.ceil(0.2 * len(rows))) :]] = True
    return ~held_out, held_out


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("solver", ["adam", "lm"])
@pytest.mark.parametrize("kind", OUTPUTS)
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_same_as_a_held_out_part(estimator, kind, solver, weighted, rng):
    fitted = model(estimator, solver=solver, validation_fraction=0.2)
    X, y = some_data(fitted, rng, kind)
    weight = rng.uniform(0.5, 2, size=len(X)) if weighted else None
    kept, held_out = last_fifth(y, of_each=estimator is RNNClassifier and kind != "per step")
    of_kept, of_rest = (weight[kept], weight[held_out]) if weighted else (None, None)
    expected = clone(fitted).fit(X, y, weight)
    options = {"X_val": X[held_out], "y_val": y[held_out], "sample_weight_val": of_rest}
    fitted.set_params(validation_fraction=0.7)  # which doesn't apply
    same(fitted.fit(X[kept], y[kept], of_kept, **options), expected)
    assert fitted.n_left_out_ == 0
    assert len(fitted.validation_loss_curve_) == fitted.n_iter_


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_lists_and_other_numbers_of_steps(estimator, rng):
    fitted = model(estimator)
    X, y = some_data(fitted, rng)
    expected = clone(fitted).fit(X, y, X_val=X[:, -4:], y_val=y)
    same(clone(fitted).fit(list(X), list(y), X_val=list(X[:, -4:]), y_val=list(y)), expected)
    longer = np.full((30, 9, 2), np.nan)
    longer[:, 2:6] = X[:, -4:]
    same(clone(fitted).fit(X, y, X_val=longer, y_val=y), expected)
    ragged = [x[-4 + i % 2 :] for i, x in enumerate(X)]
    assert fitted.fit(X, y, X_val=ragged, y_val=y).loss_ == expected.loss_
    assert fitted.validation_loss_curve_ != expected.validation_loss_curve_


def test_frames_with_static_columns(rng):
    X, y = static_data(rng)
    frames = [pd.DataFrame(x, columns=["a", "s", "t", "b"]) for x in X]
    fitted = model(static_features=["s", "t"])
    expected = model(static_features=[1, 2]).fit(X[:40], y[:40], X_val=X[40:], y_val=y[40:])
    same(fitted.fit(frames[:40], y[:40], X_val=frames[40:], y_val=y[40:]), expected)
    renamed = [frame.rename(columns={"b": "c"}) for frame in frames]
    with pytest.raises(ValueError, match="X_val: The feature names should match"):
        fitted.fit(frames[:40], y[:40], X_val=renamed[40:], y_val=y[40:])
    X[50, 3, 1] += 1
    with pytest.raises(ValueError, match="X_val: The static feature 1 varies within sample 10"):
        model(static_features=[1, 2]).fit(X[:40], y[:40], X_val=X[40:], y_val=y[40:])


def test_the_weights_of_classes_are_those_of_the_training_set(rng):
    X, y = rng.normal(size=(40, 5, 1)), np.array(["a"] * 30 + ["b"] * 10)
    fitted = model(RNNClassifier, class_weight="balanced", solver="lm")
    fitted.fit(X, y, X_val=X[20:35], y_val=y[20:35])
    of_class = np.where(y[20:35] == "a", 40 / (2 * 30), 40 / (2 * 10))
    loss = log_loss(y[20:35], fitted.predict_proba(X[20:35]), sample_weight=of_class)
    assert loss == pytest.approx(min(fitted.validation_loss_curve_), rel=1e-9)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_one_sample_is_enough_but_it_must_count(estimator, rng):
    fitted = model(estimator)
    X, y = some_data(fitted, rng)
    assert np.isfinite(fitted.fit(X, y, X_val=X[:1], y_val=y[:1]).validation_loss_curve_).all()
    # scikit-learn's text, from 1.7 on
    text = "sample_weight_val: Sample weights must contain|in the validation set, every target"
    with pytest.raises(ValueError, match=text):
        fitted.fit(X, y, X_val=X[:2], y_val=y[:2], sample_weight_val=[0, 0])


def changes(X, y):
    """Malformed validation sets, and what is said of them."""
    nothing = np.full_like(X, np.inf)
    partial = X.copy()
    partial[3, 2, 1] = np.nan
    return [
        ({"X_val": X}, "X_val is provided, but y_val was not provided"),
        ({"y_val": y}, "y_val is provided, but X_val was not provided"),
        ({"sample_weight_val": np.ones(30)}, "sample_weight_val is provided, but X_val was not"),
        ({"X_val": X[..., :1], "y_val": y}, "X_val: X has 1 features, but .* expecting 2"),
        ({"X_val": X[..., 0], "y_val": y}, "X_val: X has 2 dimensions"),
        ({"X_val": nothing, "y_val": y}, "X_val: Input X contains infinity"),
        ({"X_val": partial, "y_val": y}, "X_val: Input X contains NaN in some features only"),
        ({"X_val": X[:0], "y_val": y[:0]}, "X_val: Found array with 0 sample"),
        ({"X_val": [], "y_val": []}, "X_val: X is an empty list"),
        ({"X_val": X, "y_val": y[:-1]}, "y_val: Found input variables with inconsistent numbers"),
        ({"X_val": X, "y_val": 3}, "y_val: y is 3"),
        ({"X_val": X, "y_val": {"a": y}}, "y_val: y is a dict"),
        (
            {"X_val": X, "y_val": y, "sample_weight_val": -np.ones(30)},
            "y_val, sample_weight_val: Negative values",
        ),
        (
            {"X_val": X, "y_val": y, "sample_weight_val": np.ones(29)},
            "y_val, sample_weight_val: sample_weight.shape",
        ),
    ]


@pytest.mark.parametrize("case", range(14))
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_malformed_validation_sets_change_nothing(estimator, case, rng):
    fitted = model(estimator)
    X, y = some_data(fitted, rng)
    fitted.fit(X, y)
    before = copy.deepcopy(vars(fitted))
    passed, text = changes(X, y)[case]
    with pytest.raises((ValueError, TypeError), match=text):
        fitted.fit(X + 1, y, **passed)
    assert vars(fitted).keys() == before.keys()
    assert_array_equal(fitted.parameters_, before["parameters_"])
    assert fitted.loss_curve_ == before["loss_curve_"]
    fitted.predict(X)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_it_needs_early_stopping(estimator, rng):
    fitted = model(estimator, early_stopping=False)
    X, y = some_data(fitted, rng)
    with pytest.raises(ValueError, match="early_stopping is False: set early_stopping=True"):
        fitted.fit(X, y, X_val=X, y_val=y)


def test_targets_of_another_kind(rng):
    X, y = rng.normal(size=(30, 6, 2)), rng.normal(size=(30, 6, 2))
    text = "y_val: got targets for {} outputs of each {}, but y has targets for 2 outputs of each "
    with pytest.raises(ValueError, match=text.format(1, "sequence") + "sequence: pass the same"):
        model().fit(X, y[:, 0], X_val=X, y_val=y[:, 0, 0])
    with pytest.raises(ValueError, match=text.format(2, "sequence") + "step"):
        model().fit(X, y, X_val=X, y_val=y[:, 0])
    labels = np.where(y[..., 0] > 0, "a", "b")
    with pytest.raises(ValueError, match=r"of each step, but y has .* of each sequence"):
        model(RNNClassifier).fit(X, labels[:, 0], X_val=X, y_val=labels)


def test_labels_that_the_training_set_does_not_have(rng):
    X, y = rng.normal(size=(30, 6, 2)), np.arange(30) % 2
    text = (
        r"y_val: y has labels \[7\] that aren't among the classes \[0, 1\] that y has: add samples"
    )
    with pytest.raises(ValueError, match=text):
        model(RNNClassifier).fit(X, y, X_val=X[:3], y_val=[0, 7, 1])
    few = model(RNNClassifier).fit(X, y + 5, X_val=X[:3], y_val=[5, 5, 5])
    assert few.classes_.tolist() == [5, 6]


def test_the_scale_is_that_of_y(rng):
    X, y = some_data(RNNRegressor(), rng)
    fitted = model().fit(X, y, X_val=X, y_val=100 + 5 * y)
    assert fitted.y_mean_ == pytest.approx(y.mean())
    error = (fitted.predict(X) - 100 - 5 * y) / fitted.y_scale_
    assert np.mean(error**2) / 2 == pytest.approx(min(fitted.validation_loss_curve_), rel=1e-9)


def test_values_beyond_the_precision_of_the_fit(rng):
    X, y = some_data(RNNRegressor(), rng)
    X = X.astype(np.float32)
    assert model().fit(X, y, X_val=X.astype(float), y_val=y).parameters_.dtype == np.float32
    with pytest.raises(ValueError, match="X_val: X contains a value too large for float32"):
        model().fit(X, y, X_val=X.astype(float) * 1e200, y_val=y)
    online = RNNRegressor(2, alpha=1.0, random_state=0).partial_fit(X, y)
    with pytest.raises(ValueError, match="X contains a value too large for float32"):
        online.partial_fit(X.astype(float) * 1e200, y)


@nothing_to_learn  # y is drawn at random
@pytest.mark.parametrize("solver", ["adam", "lm"])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_warm_start_resumes(estimator, solver, rng):
    """It ends when a single fit does, which depends on epochs of the first half."""
    fitted = model(estimator, solver=solver, max_iter=300, n_iter_no_change=4, tol=0.01)
    X, y = some_data(fitted, rng)
    own = {"X_val": X[20:], "y_val": y[20:]}
    expected = clone(fitted).fit(X[:20], y[:20], **own)
    assert 5 < expected.n_iter_ < 300
    fitted.set_params(warm_start=True, max_iter=expected.n_iter_ - 2).fit(X[:20], y[:20], **own)
    fitted = pickle.loads(pickle.dumps(fitted)).set_params(max_iter=300)
    same(fitted.fit(X[:20], y[:20], **own), expected)


def test_a_warm_start_on_another_validation_set_judges_anew(rng):
    """Losses on two of them can't be compared."""
    X, y = some_data(RNNRegressor(), rng)
    fitted = model(warm_start=True).fit(X, y, X_val=X, y_val=y)
    for _ in range(2):
        fitted.fit(X, y, X_val=X, y_val=y + 3)
        error = (fitted.predict(X) - y - 3) / fitted.y_scale_
        loss = min(fitted.validation_loss_curve_[4:])
        assert loss > 2 * fitted.validation_loss_curve_[0]
        assert np.mean(error**2) / 2 == pytest.approx(loss, rel=1e-9)


def test_overlapping_windows_are_all_trained_on(rng, capsys):
    X, y = sliding_windows(rng.normal(size=100).cumsum(), 10)
    fitted = model(verbose=True).fit(X[:60], y[:60], X_val=X[60:], y_val=y[60:])
    assert fitted.n_left_out_ == 0
    assert "left out" not in capsys.readouterr().out
    assert fitted.y_mean_ == pytest.approx(y[:60].mean())
    fitted.fit(X, y)
    assert fitted.n_left_out_ == 10  # all that reach into the first held-out window
    assert fitted.y_mean_ == pytest.approx(y[:71].mean())
    text = "71 samples to train on, 9 held out, 10 left out as they overlap with these"
    assert text in capsys.readouterr().out
    assert fitted.set_params(early_stopping=False).fit(X, y).n_left_out_ == 0


def test_a_pipeline_transforms_it(rng):
    series = pd.DataFrame({"a": rng.normal(size=120).cumsum(), "b": rng.normal(size=120)})
    y = series["a"].shift(-1).fillna(0).to_numpy()
    steps = [("scale", StandardScaler()), ("window", SlidingWindow(5))]
    with config_context(enable_metadata_routing=True):
        rnn = model().set_fit_request(X_val=True, y_val=True)
        pipe = Pipeline([*steps, ("rnn", rnn)], transform_input=["X_val"])
        pipe.set_output(transform="pandas")
        pipe.fit(series[:90], y[:90], X_val=series[90:], y_val=y[90:])
    windows = Pipeline([(name, clone(step)) for name, step in steps])
    windows.set_output(transform="pandas")
    X = windows.fit_transform(series[:90])
    X_val = windows.transform(series[90:])
    assert not np.isnan(X_val).any()  # the rows before are their look-back
    same(pipe[-1], model().fit(X, y[:90], X_val=X_val, y_val=y[90:]))


def test_a_transformed_target(rng):
    X, y = some_data(RNNRegressor(), rng)
    both = TransformedTargetRegressor(model(), func=np.exp, inverse_func=np.log)
    both.fit(X, y, X_val=X, y_val=np.exp(y))
    same(both.regressor_, model().fit(X, np.exp(y), X_val=X, y_val=np.exp(y)))


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_arguments_are_not_changed(estimator, rng):
    fitted = model(estimator)
    assert is_classifier(fitted) == (estimator is RNNClassifier)
    X, y = some_data(fitted, rng)
    own = {"X_val": X.copy(), "y_val": y.copy(), "sample_weight_val": np.ones(30)}
    before = copy.deepcopy(own)
    fitted.fit(X, y, **own)
    for name, value in before.items():
        assert_array_equal(own[name], value)
