"""The battery: what scikit-learn's checks, which know 2-D input only, don't ask of estimators."""

import copy
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone, is_classifier

from skrnn import RNNClassifier, RNNRegressor
from tests.helpers.battery import D, N, T
from tests.helpers.data import OUTPUTS, as_objects, of_outputs, outputs_of, target_for
from tests.helpers.fits import single_steps

pytestmark = pytest.mark.core

every_kind = pytest.mark.parametrize("kind", OUTPUTS)


@pytest.fixture
def X(rng):
    return rng.normal(size=(N, T, D))


# --- shapes and types ---


@every_kind
def test_predict_returns_the_shape_that_fit_saw(estimator, rng, X, kind):
    y = target_for(estimator, rng, kind)
    estimator.fit(X, y)
    assert estimator.n_features_in_ == D
    assert estimator.predict(X).shape == y.shape
    assert estimator.predict(X[:1]).shape == (1, *y.shape[1:])
    if is_classifier(estimator):
        assert estimator.predict_proba(X).shape == (*y.shape, len(estimator.classes_))
        assert_allclose(estimator.predict_proba(X).sum(axis=-1), 1)
    assert np.isfinite(estimator.score(X, y))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, bool])
def test_dtype_is_that_of_X(estimator, rng, X, dtype):
    X = (10 * X).astype(dtype)
    prediction = outputs_of(estimator.fit(X, target_for(estimator, rng, "one")), X)
    single = dtype == np.float32
    assert prediction.dtype == (np.float32 if single else np.float64)
    assert estimator.parameters_.dtype == prediction.dtype


@single_steps
@pytest.mark.parametrize(
    ("n_samples", "n_steps", "n_features"), [(1, 5, 1), (5, 1, 1), (5, 4, 30), (3, 10_000, 1)]
)
def test_extreme_shapes(estimator, rng, n_samples, n_steps, n_features):
    X = rng.normal(size=(n_samples, n_steps, n_features))
    # one sequence has labels of two classes only if it has several labels
    several = is_classifier(estimator) and n_samples == 1
    kind = "per step" if several else "one"
    estimator.fit(X, target_for(estimator, rng, kind, n_samples, n_steps))
    assert np.isfinite(outputs_of(estimator, X)).all()


# --- sequences alone and together, padded and ragged ---


@every_kind
@pytest.mark.parametrize("n_steps", [1, 3, 50])
def test_another_number_of_steps_in_predict(estimator, rng, X, kind, n_steps):
    estimator.fit(X, target_for(estimator, rng, kind))
    new = rng.normal(size=(4, n_steps, D))
    whole = outputs_of(estimator, new)
    assert whole.shape[0] == 4
    if kind == "per step":
        assert whole.shape[1] == n_steps
        # outputs look ahead where they are meant to, and nowhere else
        alone = outputs_of(estimator, new[:, :1])
        looks_ahead = estimator.bidirectional and n_steps > 1
        assert looks_ahead != np.allclose(alone, whole[:, :1], rtol=1e-7)


@every_kind
def test_one_by_one_and_in_any_order(estimator, rng, X, kind):
    estimator.fit(X, target_for(estimator, rng, kind))
    whole = outputs_of(estimator, X)
    single = np.concatenate([outputs_of(estimator, x[None]) for x in X])
    assert_allclose(single, whole, rtol=1e-10, atol=1e-12)
    order = rng.permutation(N)
    assert_allclose(outputs_of(estimator, X[order]), whole[order], rtol=1e-10, atol=1e-12)


@every_kind
@pytest.mark.parametrize("place", ["front", "end", "inside"])
def test_padding_changes_nothing(estimator, rng, X, kind, place):
    """Fit and predict on padded sequences equal those on the sequences themselves."""
    y = target_for(estimator, rng, kind)
    n_extra = 3
    steps = {
        "front": np.arange(n_extra, n_extra + T),
        "end": np.arange(T),
        "inside": np.array([0, 2, 3, 5, 6, 8]),
    }[place]
    padded = np.full((N, T + n_extra, D), np.nan)
    padded[:, steps] = X
    target = y
    if kind == "per step":
        target = target_for(estimator, rng, kind, n_steps=T + n_extra)  # ignored at missing steps
        target[:, steps] = y
    fitted = clone(estimator).fit(X, y)
    on_padded = clone(estimator).fit(padded, target)
    assert_allclose(on_padded.parameters_, fitted.parameters_, rtol=1e-6, atol=1e-8)
    prediction = outputs_of(fitted, padded)
    assert np.isfinite(prediction).all()
    if kind == "per step":
        prediction = prediction[:, steps]
    assert_allclose(prediction, outputs_of(fitted, X), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("as_array", [False, True])
@every_kind
def test_ragged_equals_one_by_one(estimator, rng, X, kind, as_array):
    lengths = rng.randint(1, T + 1, size=N)
    lengths[:2] = T, 2
    y = target_for(estimator, rng, kind)
    sequences = [x[:n] for x, n in zip(X, lengths, strict=True)]
    if kind == "per step":
        y = [own[:n] for own, n in zip(y, lengths, strict=True)]
    if as_array:
        sequences = as_objects(sequences)
    estimator.fit(sequences, y)
    is_list = kind == "per step" and not as_array
    assert isinstance(estimator.predict(sequences), list) == is_list
    prediction = outputs_of(estimator, sequences)
    assert isinstance(prediction, list) == is_list
    for x, p in zip(sequences, prediction, strict=True):
        assert_allclose(outputs_of(estimator, x[None])[0], p, rtol=1e-10, atol=1e-12)
    assert np.isfinite(estimator.score(sequences, y))


@pytest.mark.parametrize("kind", ["one", "several"])
def test_sequences_without_steps(estimator, rng, X, kind):
    """No loss in fit, and the initial state's prediction in predict."""
    y = target_for(estimator, rng, kind)
    empty = X.copy()
    empty[[3, 7]] = np.nan
    keep = np.setdiff1d(np.arange(N), [3, 7])
    a, b = clone(estimator).fit(empty, y), clone(estimator).fit(X[keep], y[keep])
    # the order of the batch differs, and with it the last bits
    assert_allclose(a.parameters_, b.parameters_, rtol=1e-6, atol=1e-8)
    weights = a.get_weights()
    initial = weights["readout.bias"]
    if a.learn_initial_state:  # of the upper of two layers
        initial = initial + weights["readout.input"] @ weights["layer1.initial_state"]
    if "linear.bias" in weights:
        initial = initial * weights["readout.scale"] + weights["linear.bias"]
    assert_allclose(np.reshape(outputs_of(a, empty)[3], -1), of_outputs(a, initial))


def test_missing_targets_have_no_loss(estimator, rng, X):
    """Steps after the last target don't matter, unless they are read from the end."""
    y, weight = target_for(estimator, rng, "per step"), None
    if is_classifier(estimator):  # no label is missing, but its weight may be 0
        weight = np.ones((N, T))
        weight[:, 4:] = 0
    else:
        y[:, 4:] = np.nan
    if estimator.bptt_steps is not None:
        estimator.set_params(bptt_steps=4)  # chunks end where the targets do
    if estimator.bidirectional or estimator.alpha == "auto":  # inputs are scaled by all of them
        X[:, 4:] = np.nan
    a, b = clone(estimator).fit(X, y, weight), clone(estimator).fit(X[:, :4], y[:, :4])
    assert_allclose(a.parameters_, b.parameters_, rtol=1e-6, atol=1e-8)


# --- the same values in other containers ---


def test_ragged_nested_lists(estimator, rng):
    X = [[[1.0], [2.0]], [[3.0]], [[0.0], [1.0], [2.0]]]
    y = target_for(estimator, rng, "several", 3).tolist()
    a = clone(estimator).fit(X, y)
    b = clone(estimator).fit([np.array(x) for x in X], y)
    assert_array_equal(outputs_of(a, X), outputs_of(b, X))
    with pytest.raises(ValueError, match=r"X\[0\] has 1 dimensions.*reshape\(-1, 1\)"):
        estimator.fit([[1, 2, 3], [3, 4]], y[:2])


@pytest.mark.parametrize("n_features_per_step", [1, 2, 3])
def test_rows_are_sequences(estimator, rng, n_features_per_step):
    rows, y = rng.normal(size=(N, 6)), target_for(estimator, rng, "one")
    estimator.set_params(n_features_per_step=n_features_per_step)
    a = clone(estimator).fit(rows, y)
    b = clone(estimator).fit(rows.reshape(N, -1, n_features_per_step), y)
    assert a.n_features_in_ == 6
    assert b.n_features_in_ == n_features_per_step
    assert_array_equal(a.parameters_, b.parameters_)


@pytest.mark.parametrize("shape", [(N, T), (N, T, D)])
def test_nested_lists_equal_the_array(estimator, rng, shape):
    X, y = rng.normal(size=shape), target_for(estimator, rng, "one")
    a, b = clone(estimator).fit(X, y), clone(estimator).fit(X.tolist(), y.tolist())
    assert_array_equal(outputs_of(a, X.tolist()), outputs_of(b, X))


def test_strided_windows_equal_their_copy(estimator, rng):
    """Bit for bit: the engine copies each batch into buffers of its own."""
    series = rng.normal(size=(N + T - 1, D))
    windows = np.lib.stride_tricks.sliding_window_view(series, T, axis=0).transpose(0, 2, 1)
    y = target_for(estimator, rng, "one")
    a, b = clone(estimator).fit(windows, y), clone(estimator).fit(windows.copy(), y)
    assert_array_equal(a.parameters_, b.parameters_)


def test_names_go_when_the_input_has_none(estimator, rng, X):
    frame = pd.DataFrame(X[:, :, 0], columns=list("abcdef"))
    y = target_for(estimator, rng, "one")
    assert list(estimator.fit(frame, y).feature_names_in_) == list("abcdef")
    assert not hasattr(estimator.fit(X, y), "feature_names_in_")


@every_kind
def test_checks_in_blocks_see_all_rows(estimator, rng, X, kind, monkeypatch):
    y = target_for(estimator, rng, kind)
    X[[3, 20]] = np.nan
    expected = clone(estimator).fit(X, y).parameters_
    # of checks alone: sums over other blocks in training have other bits
    fives = [slice(start, start + 5) for start in range(0, N, 5)]
    monkeypatch.setattr("skrnn._validation.steps.blocks", lambda n, numbers: iter(fives))
    assert_array_equal(clone(estimator).fit(X, y).parameters_, expected)


# --- weights and scores ---


@pytest.mark.parametrize("model", [RNNRegressor, RNNClassifier])
@every_kind
def test_weight_zero_is_missing_and_two_is_repetition(rng, X, kind, model):
    model = model(3, cell="elman", solver="lm", max_iter=5, random_state=0)
    y = target_for(model, rng, kind)
    weight = rng.randint(0, 3, size=N)
    repeated = np.repeat(np.arange(N), weight)
    a = clone(model).fit(X, y, sample_weight=weight)
    b = clone(model).fit(X[repeated], y[repeated])
    assert_allclose(a.parameters_, b.parameters_, rtol=1e-6, atol=1e-8)
    if not is_classifier(model):
        assert_allclose(a.y_mean_, b.y_mean_)
        assert_allclose(a.y_scale_, b.y_scale_)


@every_kind
def test_score_weighs_sequences(estimator, rng, X, kind):
    y = target_for(estimator, rng, kind)
    estimator.fit(X, y)
    weight = rng.randint(1, 3, size=N)
    repeated = np.repeat(np.arange(N), weight)
    expected = estimator.score(X[repeated], y[repeated])
    assert estimator.score(X, y, sample_weight=weight) == pytest.approx(expected)


def test_score_leaves_out_missing_targets(regressor, rng, X):
    y = target_for(regressor, rng, "per step")
    regressor.fit(X, y)
    y[:, 0] = np.nan
    n_outputs = y.shape[-1]
    error = (y - regressor.predict(X))[:, 1:].reshape(-1, n_outputs)
    spread = (y - np.nanmean(y, axis=(0, 1)))[:, 1:].reshape(-1, n_outputs)
    expected = np.mean(1 - (error**2).sum(axis=0) / (spread**2).sum(axis=0))
    assert regressor.score(X, y) == pytest.approx(expected)


def test_score_leaves_out_what_fit_leaves_out(estimator, rng, X):
    """Targets of missing steps, however they look; and values missing in one output."""
    y = target_for(estimator, rng, "per step")
    X[:, 2] = np.nan
    if not is_classifier(estimator):
        y[0, 4, 0] = np.nan
    estimator.fit(X, y)
    expected = estimator.score(X, y)
    if is_classifier(estimator):
        y[:, 2] = "z"
    else:
        y[:, 2] = y[0, 4, 1] = 1e6
    assert estimator.score(X, y) == pytest.approx(expected)
    with pytest.raises(ValueError, match=f"y has {T - 1} steps, but X has {T}"):
        estimator.score(X, y[:, 1:])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        estimator.score(X, y[1:])


# --- copies, seeds and parameters ---


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))])
def test_copies_predict_the_same(estimator, rng, X, copied, tmp_path):
    estimator.fit(X, target_for(estimator, rng, "one"))
    expected = outputs_of(estimator, X)
    assert_array_equal(outputs_of(copied(estimator), X), expected)
    joblib.dump(estimator, tmp_path / "model.joblib")
    assert_array_equal(outputs_of(joblib.load(tmp_path / "model.joblib"), X), expected)


def test_parameters_changed_after_fit_wait_for_the_next_fit(estimator, rng):
    X = rng.normal(size=(N, 6))
    estimator.set_params(n_features_per_step=2).fit(X, target_for(estimator, rng, "one"))
    expected = outputs_of(estimator, X)
    estimator.set_params(hidden_size=9, activation="relu", n_features_per_step=3, bptt_steps=1)
    assert_array_equal(outputs_of(estimator, X), expected)


def test_same_seed_same_bits(estimator, rng, X):
    y = target_for(estimator, rng, "one")
    a, b = (clone(estimator).fit(X, y) for _ in range(2))
    assert_array_equal(a.parameters_, b.parameters_)
    other = clone(estimator).set_params(random_state=1).fit(X, y)
    if getattr(a, "selected_", None) != "linear":  # which has nothing that is random
        assert (a.parameters_ != other.parameters_).any()


# --- constant inputs, and values of any size ---


def test_constant_inputs(estimator, rng):
    y = target_for(estimator, rng, "one")
    prediction = outputs_of(estimator.fit(np.ones((N, T, D)), y), np.ones((N, T, D)))
    assert np.ptp(prediction, axis=0).max() < 1e-9
    assert np.isfinite(prediction).all()


@pytest.mark.parametrize("value", [0.0, -3.7, 1e-300, 1e300])
def test_constant_targets_are_predicted(regressor, X, value):
    regressor.set_params(max_iter=500, n_iter_no_change=500)
    prediction = regressor.fit(X, np.full(N, value)).predict(X)
    assert_allclose(prediction, value, rtol=1e-9, atol=0.05)


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_huge_and_tiny_targets_are_scaled(regressor, rng, X, size):
    y = target_for(regressor, rng, "one")
    expected = clone(regressor).fit(X, y).predict(X)
    assert_allclose(clone(regressor).fit(X, y * size).predict(X) / size, expected, rtol=1e-5)
