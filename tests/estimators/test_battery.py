"""The battery of our own: what scikit-learn's checks, which know 2-D input only, don't ask."""

import copy
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skrnn import RNNRegressor
from skrnn.cells import CELLS
from tests.helpers.toy_cell import LeakyCell

pytestmark = pytest.mark.core

N, T, D, K = 30, 6, 2, 2


ESTIMATORS = [
    pytest.param(RNNRegressor(hidden_size=3, max_iter=5, random_state=0), id="lm"),
    pytest.param(RNNRegressor(hidden_size=3, solver="adam", max_iter=5, random_state=0), id="adam"),
    pytest.param(
        RNNRegressor(hidden_size=3, solver="adam", max_iter=5, bptt_steps=2, random_state=0),
        id="truncated",
    ),
    *(
        pytest.param(RNNRegressor(2, cell=cell, max_iter=4, random_state=0), id=cell)
        for cell in CELLS
        if cell != "elman"
    ),
    pytest.param(
        RNNRegressor((3, 2), bidirectional=True, max_iter=4, random_state=0), id="both ways"
    ),
    pytest.param(
        RNNRegressor((3, 2), cell="gru", learn_initial_state=True, max_iter=4, random_state=0),
        id="stacked",
    ),
    pytest.param(RNNRegressor(2, cell=LeakyCell(), max_iter=4, random_state=0), id="toy"),
]


KINDS = ["one", "several", "per step"]


@pytest.fixture(params=ESTIMATORS)
def estimator(request):
    return clone(request.param)


@pytest.fixture
def X(rng):
    return rng.normal(size=(N, T, D))


def make_target(rng, kind, n=N, n_steps=T):
    shape = {"one": (n,), "several": (n, K), "per step": (n, n_steps, K)}[kind]
    return rng.normal(size=shape)


def ragged(X, y, lengths):
    """The first steps of each sequence, as a list; y too if it has steps."""
    cut = [x[:n] for x, n in zip(X, lengths, strict=True)]
    return cut, [t[:n] for t, n in zip(y, lengths, strict=True)] if y.ndim == 3 else y


@pytest.mark.parametrize("kind", KINDS)
def test_predict_returns_the_shape_that_fit_saw(estimator, rng, X, kind):
    y = make_target(rng, kind)
    estimator.fit(X, y)
    assert estimator.n_features_in_ == D
    assert estimator.predict(X).shape == y.shape
    assert estimator.predict(X[:1]).shape == (1, *y.shape[1:])
    assert np.isfinite(estimator.score(X, y))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, bool])
def test_dtype_is_that_of_X(estimator, rng, X, dtype):
    X = (10 * X).astype(dtype)
    prediction = estimator.fit(X, make_target(rng, "one")).predict(X)
    single = dtype == np.float32
    assert prediction.dtype == (np.float32 if single else np.float64)
    assert estimator.parameters_.dtype == prediction.dtype


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_steps", [1, 3, 50])
def test_another_number_of_steps_in_predict(estimator, rng, X, kind, n_steps):
    estimator.fit(X, make_target(rng, kind))
    new = rng.normal(size=(4, n_steps, D))
    whole = estimator.predict(new)
    assert whole.shape[0] == 4
    if kind == "per step":
        assert whole.shape[1] == n_steps
        # outputs look ahead where they are meant to, and nowhere else
        alone = estimator.predict(new[:, :1])
        looks_ahead = estimator.bidirectional and n_steps > 1
        assert looks_ahead != np.allclose(alone, whole[:, :1], rtol=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_one_by_one_and_in_any_order(estimator, rng, X, kind):
    estimator.fit(X, make_target(rng, kind))
    whole = estimator.predict(X)
    single = np.concatenate([estimator.predict(x[None]) for x in X])
    assert_allclose(single, whole, rtol=1e-10, atol=1e-12)
    order = rng.permutation(N)
    assert_allclose(estimator.predict(X[order]), whole[order], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", ["front", "end", "inside"])
def test_padding_changes_nothing(estimator, rng, X, kind, place):
    """Fit and predict on padded sequences equal those on the sequences themselves."""
    y = make_target(rng, kind)
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
        target = rng.normal(size=(N, T + n_extra, K))  # ignored where X has no step
        target[:, steps] = y
    fitted = clone(estimator).fit(X, y)
    on_padded = clone(estimator).fit(padded, target)
    assert_allclose(on_padded.parameters_, fitted.parameters_, rtol=1e-6, atol=1e-8)
    prediction = fitted.predict(padded)
    assert np.isfinite(prediction).all()
    if kind == "per step":
        prediction = prediction[:, steps]
    assert_allclose(prediction, fitted.predict(X), rtol=1e-10, atol=1e-12)


def test_ragged_nested_lists(estimator):
    X = [[[1.0], [2.0]], [[3.0]], [[0.0], [1.0], [2.0]]]
    a = clone(estimator).fit(X, [1, 2, 3])
    b = clone(estimator).fit([np.array(x) for x in X], [1, 2, 3])
    assert_array_equal(a.predict(X), b.predict(X))
    with pytest.raises(ValueError, match=r"X\[0\] has 1 dimensions.*reshape\(-1, 1\)"):
        estimator.fit([[1, 2, 3], [3, 4]], [1, 2])


@pytest.mark.parametrize("as_array", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_ragged_equals_one_by_one(estimator, rng, X, kind, as_array):
    lengths = rng.randint(1, T + 1, size=N)
    lengths[:2] = T, 2
    sequences, y = ragged(X, make_target(rng, kind), lengths)
    if as_array:
        box = np.empty(N, dtype=object)
        box[:] = sequences
        sequences = box
    estimator.fit(sequences, y)
    prediction = estimator.predict(sequences)
    assert isinstance(prediction, list) == (kind == "per step" and not as_array)
    for x, p in zip(sequences, prediction, strict=True):
        assert_allclose(estimator.predict(x[None])[0], p, rtol=1e-10, atol=1e-12)
    assert np.isfinite(estimator.score(sequences, y))


@pytest.mark.parametrize("kind", ["one", "several"])
def test_sequences_without_steps(estimator, rng, X, kind):
    """No loss in fit, and the initial state's prediction in predict."""
    y = make_target(rng, kind)
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
    initial = initial * a.y_scale_ + a.y_mean_
    assert_allclose(np.reshape(a.predict(empty)[3], -1), initial)


def test_missing_targets_have_no_loss(estimator, rng, X):
    """Steps after the last target don't matter, unless they are read from the end."""
    y = make_target(rng, "per step")
    y[:, 4:] = np.nan
    if estimator.bptt_steps is not None:
        estimator.set_params(bptt_steps=4)  # chunks end where the targets do
    if estimator.bidirectional:
        X[:, 4:] = np.nan
    a, b = clone(estimator).fit(X, y), clone(estimator).fit(X[:, :4], y[:, :4])
    assert_allclose(a.parameters_, b.parameters_, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("n_features_per_step", [1, 2, 3])
def test_rows_are_sequences(estimator, rng, n_features_per_step):
    rows, y = rng.normal(size=(N, 6)), make_target(rng, "one")
    estimator.set_params(n_features_per_step=n_features_per_step)
    a = clone(estimator).fit(rows, y)
    b = clone(estimator).fit(rows.reshape(N, -1, n_features_per_step), y)
    assert a.n_features_in_ == 6
    assert b.n_features_in_ == n_features_per_step
    assert_array_equal(a.parameters_, b.parameters_)


@pytest.mark.parametrize("shape", [(N, T), (N, T, D)])
def test_nested_lists_equal_the_array(estimator, rng, shape):
    X, y = rng.normal(size=shape), make_target(rng, "one")
    a, b = clone(estimator).fit(X, y), clone(estimator).fit(X.tolist(), y.tolist())
    assert_array_equal(a.predict(X.tolist()), b.predict(X))


def test_strided_windows_equal_their_copy(estimator, rng):
    series = rng.normal(size=(N + T - 1, D))
    windows = np.lib.stride_tricks.sliding_window_view(series, T, axis=0).transpose(0, 2, 1)
    y = make_target(rng, "one")
    a, b = clone(estimator).fit(windows, y), clone(estimator).fit(windows.copy(), y)
    assert_array_equal(a.parameters_, b.parameters_)


@pytest.mark.parametrize("kind", KINDS)
def test_weight_zero_is_absence_and_two_is_repetition(rng, X, kind):
    y = make_target(rng, kind)
    weight = rng.randint(0, 3, size=N)
    repeated = np.repeat(np.arange(N), weight)
    model = RNNRegressor(3, solver="lm", max_iter=5, random_state=0)
    a = clone(model).fit(X, y, sample_weight=weight)
    b = clone(model).fit(X[repeated], y[repeated])
    assert_allclose(a.parameters_, b.parameters_, rtol=1e-6, atol=1e-8)
    assert_allclose(a.y_mean_, b.y_mean_)
    assert_allclose(a.y_scale_, b.y_scale_)


def test_score_weighs_sequences_and_skips_missing_targets(estimator, rng, X):
    y = make_target(rng, "per step")
    estimator.fit(X, y)
    weight = rng.randint(1, 3, size=N)
    repeated = np.repeat(np.arange(N), weight)
    expected = estimator.score(X[repeated], y[repeated])
    assert estimator.score(X, y, sample_weight=weight) == pytest.approx(expected)
    y[:, 0] = np.nan
    error = (y - estimator.predict(X))[:, 1:].reshape(-1, K)
    spread = (y - np.nanmean(y, axis=(0, 1)))[:, 1:].reshape(-1, K)
    expected = np.mean(1 - (error**2).sum(axis=0) / (spread**2).sum(axis=0))
    assert estimator.score(X, y) == pytest.approx(expected)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))])
def test_copies_predict_the_same(estimator, rng, X, copied, tmp_path):
    estimator.fit(X, make_target(rng, "one"))
    expected = estimator.predict(X)
    assert_array_equal(copied(estimator).predict(X), expected)
    joblib.dump(estimator, tmp_path / "model.joblib")
    assert_array_equal(joblib.load(tmp_path / "model.joblib").predict(X), expected)


def test_parameters_changed_after_fit_wait_for_the_next_fit(estimator, rng):
    X = rng.normal(size=(N, 6))
    estimator.set_params(n_features_per_step=2).fit(X, make_target(rng, "one"))
    expected = estimator.predict(X)
    estimator.set_params(hidden_size=9, activation="relu", n_features_per_step=3, bptt_steps=1)
    assert_array_equal(estimator.predict(X), expected)


def test_same_seed_same_bits(estimator, rng, X):
    y = make_target(rng, "one")
    a, b = (clone(estimator).fit(X, y) for _ in range(2))
    assert_array_equal(a.parameters_, b.parameters_)
    other = clone(estimator).set_params(random_state=1).fit(X, y)
    assert (a.parameters_ != other.parameters_).any()


@pytest.mark.parametrize(
    ("n_samples", "n_steps", "n_features"), [(1, 5, 1), (5, 1, 1), (5, 4, 30), (3, 10_000, 1)]
)
def test_extreme_shapes(estimator, rng, n_samples, n_steps, n_features):
    X = rng.normal(size=(n_samples, n_steps, n_features))
    estimator.fit(X, make_target(rng, "one", n_samples))
    assert np.isfinite(estimator.predict(X)).all()


@pytest.mark.parametrize("value", [0.0, -3.7, 1e-300, 1e300])
def test_constant_targets_are_predicted(estimator, X, value):
    estimator.set_params(max_iter=500, n_iter_no_change=500)
    prediction = estimator.fit(X, np.full(N, value)).predict(X)
    assert_allclose(prediction, value, rtol=1e-9, atol=0.05)


def test_constant_inputs(estimator, rng):
    y = make_target(rng, "one")
    prediction = estimator.fit(np.ones((N, T, D)), y).predict(np.ones((N, T, D)))
    assert np.ptp(prediction) < 1e-9
    assert np.isfinite(prediction).all()


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_huge_and_tiny_targets_are_scaled(estimator, rng, X, size):
    y = make_target(rng, "one")
    expected = clone(estimator).fit(X, y).predict(X)
    assert_allclose(clone(estimator).fit(X, y * size).predict(X) / size, expected, rtol=1e-5)


def test_score_leaves_out_what_fit_leaves_out(estimator, rng, X):
    """Targets of steps that X lacks, however they look; and targets missing in one output."""
    y = make_target(rng, "per step")
    X[:, 2] = np.nan
    y[0, 4, 0] = np.nan
    estimator.fit(X, y)
    expected = estimator.score(X, y)
    y[:, 2] = 1e6
    y[0, 4, 1] = 1e6
    assert estimator.score(X, y) == pytest.approx(expected)
    with pytest.raises(ValueError, match=f"y has {T - 1} steps, but X has {T}"):
        estimator.score(X, y[:, 1:])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        estimator.score(X, y[1:])


def test_names_go_when_the_input_has_none(estimator, rng, X):
    frame = pd.DataFrame(X[:, :, 0], columns=list("abcdef"))
    y = make_target(rng, "one")
    assert list(estimator.fit(frame, y).feature_names_in_) == list("abcdef")
    assert not hasattr(estimator.fit(X, y), "feature_names_in_")


@pytest.mark.parametrize("kind", KINDS)
def test_checks_in_blocks_see_all_rows(estimator, rng, X, kind, monkeypatch):
    y = make_target(rng, kind)
    X[[3, 20]] = np.nan
    expected = clone(estimator).fit(X, y).parameters_
    monkeypatch.setattr("skrnn._validation.sequences._BLOCK_NUMBERS", 5 * T * D)
    assert_array_equal(clone(estimator).fit(X, y).parameters_, expected)
