"""`partial_fit` on data that come in: the penalty and the scale of y count all that it has seen."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skrnn import (
    RNNClassifier,
    RNNRegressor,
    Seq2SeqClassifier,
    Seq2SeqRegressor,
    sliding_windows,
)
from skrnn.cells import JordanCell
from skrnn.interop import from_weights
from tests.helpers.data import running_sums
from tests.helpers.fits import same, unconverged

pytestmark = pytest.mark.core

STILL = {"solver": "sgd", "learning_rate_init": 1e-300, "random_state": 0}  # learns nothing


def chunks(n, size):
    """Slices of ``size`` of n samples."""
    return [slice(start, start + size) for start in range(0, n, size)]


def seen(calls, estimator=RNNRegressor):
    """The n of the penalty alpha / (2 n) ||W||² after some calls (X, y, sample_weight)."""
    losses = []
    for alpha in (0.0, 1.0):
        model = estimator(3, cell="elman", alpha=alpha, **STILL)
        for X, y, weight in calls:
            first = {"classes": [False, True]} if estimator is RNNClassifier else {}
            model.partial_fit(X, y, sample_weight=weight, **first)
        losses.append(model.loss_)
    weights = model.get_weights()
    names = ["layer0.input", "layer0.recurrent"]
    names += ["readout.input"] if estimator is RNNClassifier else []
    return sum((weights[name] ** 2).sum() for name in names) / (2 * (losses[1] - losses[0]))


@pytest.mark.parametrize("estimator", [RNNRegressor, RNNClassifier])
def test_the_penalty_is_divided_by_all_that_was_seen(estimator):
    X, y = running_sums(masked=False)
    y = y if estimator is RNNRegressor else y > 0
    calls = [(X[c], y[c], None) for c in [slice(0, 5), slice(5, 6), slice(6, 40)]]
    n = [seen(calls[:k], estimator) for k in (1, 2, 3)]
    assert_allclose(n, [5, 6, 40], rtol=1e-6)
    twice = [(X, y, np.full(len(y), 2.0)) for X, y, _ in calls]
    assert_allclose(seen(twice, estimator), 80, rtol=1e-6)


def test_steps_with_a_target_count():
    X, y = running_sums(per_step=True, masked=False)
    y[0, 3:] = np.nan
    calls = [(X[c], y[c], None) for c in chunks(len(X), 10)]
    assert_allclose(seen(calls), np.isfinite(y).sum(), rtol=1e-6)


def test_epochs_over_the_same_chunks_count_once():
    """But a chunk that comes again among others does count, as soon as these differ."""
    X, y = running_sums(masked=False)
    a, b, c, d = calls = [(X[own], y[own], None) for own in chunks(40, 10)]
    assert_allclose(seen(calls * 3), 40, rtol=1e-6)
    assert_allclose(seen([*calls, a, b]), 40, rtol=1e-6)
    assert_allclose(seen([a, a, a]), 10, rtol=1e-6)
    assert_allclose(seen([a, b, a, c]), 40, rtol=1e-6)
    assert_allclose(seen([a, b, c, a, b, d]), 60, rtol=1e-6)
    assert_allclose(seen([a, b, a, a, b]), 30, rtol=1e-6)  # the fourth call begins an epoch
    reweighted = (*a[:2], np.full(10, 0.5))
    assert_allclose(seen([a, reweighted]), 15, rtol=1e-6)


@unconverged
def test_chunks_after_a_fit_count_with_it():
    X, y = running_sums(masked=False)
    model = RNNRegressor(3, alpha=1.0, solver="adam", max_iter=3, random_state=0).fit(
        X[:30], y[:30]
    )
    again = clone(model).fit(X[:30], y[:30]).partial_fit(X[:30], y[:30])  # one more epoch
    same(again, clone(model).set_params(max_iter=4).fit(X[:30], y[:30]))
    for _ in range(3):  # epochs over later data count once, too
        for own in (slice(30, 45), slice(45, 50)):
            model.partial_fit(X[own], y[own])
        assert_allclose([model.y_mean_, model.y_scale_], [[y.mean()], [y.std()]])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("size", [1, 7, 50])
def test_the_scale_is_that_of_all_targets(size, dtype):
    X, y = running_sums(masked=False)
    y = 1e4 + 300 * np.column_stack([y, y**2])
    weight = np.random.RandomState(0).randint(1, 5, 50)
    X, model = X.astype(dtype), RNNRegressor(3, alpha=1.0, random_state=0)
    for own in chunks(50, size):  # without a warning, even of the first sample
        model.partial_fit(X[own], y[own], weight[own])
        model = pickle.loads(pickle.dumps(model))
        if own.start:
            some = slice(0, own.stop)
            mean = np.average(y[some], axis=0, weights=weight[some])
            variance = np.average((y[some] - mean) ** 2, axis=0, weights=weight[some])
            assert_allclose(model.y_mean_, mean, rtol=1e-12)
            assert_allclose(model.y_scale_, np.sqrt(variance), rtol=1e-9)
    assert model.parameters_.dtype == dtype
    before = model.y_mean_, model.y_scale_
    for own in chunks(50, size):
        model.partial_fit(X[own], y[own], weight[own])
        assert_array_equal([model.y_mean_, model.y_scale_], before)  # another epoch


def test_the_scale_of_targets_of_steps_leaves_out_those_without_loss():
    X, y = running_sums(per_step=True, masked=False)
    y[3:20, 2] = np.nan
    model = RNNRegressor(3, alpha=1.0, washout=2, random_state=0)
    for own in chunks(len(X), 6):
        model.partial_fit(X[own], y[own])
    assert_allclose(model.y_mean_, np.nanmean(y[:, 2:]), rtol=1e-12)
    assert_allclose(model.y_scale_, np.nanstd(y[:, 2:]), rtol=1e-9)


@pytest.mark.parametrize("huge", [1e-250, 1e250])
def test_the_scale_of_extreme_targets(huge):
    X, y = running_sums(masked=False)
    model = RNNRegressor(3, alpha=1.0, random_state=0)
    for own in chunks(50, 10):
        model.partial_fit(X[own], huge * y[own])
    assert_allclose(model.y_scale_, huge * y.std(), rtol=1e-9)
    assert np.isfinite(model.predict(X)).all()


LOSSES = {
    "squared_error": {},
    "huber": {},
    "poisson": {},
    "quantile": {"quantile": [0.1, 0.5, 0.9]},
    "two targets": {"loss": "squared_error"},
    "per step": {"loss": "squared_error"},
    "bidirectional": {"loss": "squared_error", "bidirectional": True, "hidden_size": (4, 3)},
}


@unconverged
@pytest.mark.parametrize("solver", ["adam", "rmsprop", "sgd"])
@pytest.mark.parametrize("kind", LOSSES)
def test_predictions_do_not_jump_with_the_scale(kind, solver):
    """Later targets are of another size. Steps that are too small to matter leave the rest."""
    X, y = running_sums(per_step=kind == "per step", masked=False)
    y = np.abs(y) if kind == "poisson" else y
    y = np.column_stack([y, 5 + y**2]) if kind == "two targets" else y
    options = {"loss": kind, "random_state": 0, "solver": solver} | LOSSES[kind]
    model = RNNRegressor(alpha=1.0, **options, max_iter=20).fit(X, y)
    expected, scale = model.predict(X), model.y_scale_
    model.set_params(learning_rate_init=1e-300, momentum=0).partial_fit(X, 100 * y + 50)
    assert (model.y_scale_ > 10 * scale).all()
    assert_allclose(model.predict(X), expected, rtol=1e-9, atol=1e-9)


def test_the_scale_begins_when_targets_vary():
    """Until then it is 1, and what the outputs are is in no unit yet."""
    X, y = running_sums(masked=False)
    model = RNNRegressor(3, alpha=1.0, random_state=0)
    for k in range(3):
        model.partial_fit(X[[k]], [1e6])
        assert (model.y_mean_, model.y_scale_) == (1e6, 1)
    model.partial_fit(X, 1e6 + 1e-3 * y)
    assert_allclose(model.y_scale_, np.r_[1e-3 * y, 0, 0, 0].std(), rtol=1e-4)  # y is rounded
    assert np.abs(model.predict(X) - 1e6).max() < 1e-2
    counts = RNNRegressor(3, alpha=1.0, loss="poisson", random_state=0).partial_fit(X[:1], [0])
    assert counts.y_scale_ == 1
    assert counts.partial_fit(X[1:3], [2, 4]).y_scale_ == 2


@unconverged
def test_output_feedback_keeps_the_scale_that_it_reads():
    X, y = running_sums(masked=False)
    model = RNNRegressor(3, alpha=1.0, cell=JordanCell(0.3), random_state=0)
    model.partial_fit(X[:1], y[:1]).partial_fit(X[1:30], y[1:30])
    scale = y[:30].mean(), y[:30].std()
    before = model.predict(X)
    model.set_params(learning_rate_init=1e-300).partial_fit(X[30:], 9 * y[30:])
    assert_allclose([model.y_mean_[0], model.y_scale_[0]], scale)
    assert_allclose(model.predict(X), before, rtol=1e-12)
    with pytest.warns(UserWarning, match="as large as the scale y_scale_, which stays"):
        model.partial_fit(X, 1000 * y)


def test_weights_from_elsewhere_keep_the_unit_of_y():
    X, y = running_sums(masked=False)
    weights = RNNRegressor(3, alpha=1.0, **STILL).partial_fit(X, y).get_weights()
    model = from_weights(weights, RNNRegressor(3, alpha=1.0, random_state=0)).partial_fit(X, 3 * y)
    assert (model.y_mean_, model.y_scale_) == (0, 1)
    given = clone(model).set_params(normalize_y=False).partial_fit(X, y).partial_fit(X, 3 * y)
    assert (given.y_mean_, given.y_scale_) == (0, 1)


@pytest.mark.parametrize(("size", "rate"), [(1, 0.003), (10, 0.01)])
def test_windows_one_after_the_other_are_learned(size, rate):
    """Never seen again: the penalty used to be divided by the size of a call, and R² was 0.35."""
    X, y = sliding_windows(100 + 50 * np.sin(np.arange(1220) / 9), length=20)
    X = (X - 100) / 50
    model = RNNRegressor(learning_rate_init=rate, alpha=1.0, random_state=0)
    for own in chunks(1000, size):
        model.partial_fit(X[own], y[own])
    assert model.score(X[1000:], y[1000:]) > 0.98


@pytest.mark.parametrize(("bptt_steps", "rate"), [(1, 0.003), (5, 0.01)])
def test_one_long_sequence_is_learned_step_after_step(bptt_steps, rate):
    """As tutorials train online: an update after each step or each few, and the state goes on."""
    series = np.sin(np.arange(2501) / 9)
    X, y = series[None, :-1, None], series[None, 1:, None]
    model = RNNRegressor(bptt_steps=bptt_steps, learning_rate_init=rate, alpha=1.0, random_state=0)
    model.partial_fit(X[:, :2000], y[:, :2000])
    errors = [np.mean((own - y)[:, 2000:] ** 2) for own in (model.predict(X), X)]
    assert errors[0] < 0.5 * errors[1]
    assert model.n_iter_ == 1


@pytest.mark.parametrize(
    ("kind", "params", "text"),
    [
        *[
            (kind, {"early_stopping": True}, "does not support early_stopping=True")
            for kind in (RNNClassifier, RNNRegressor, Seq2SeqClassifier, Seq2SeqRegressor)
        ],
        *[
            (kind, {"class_weight": "balanced"}, "class_weight='balanced' is not supported")
            for kind in (RNNClassifier, Seq2SeqClassifier)
        ],
    ],
)
def test_what_needs_all_data_at_once_is_refused(rng, kind, params, text):
    X, y = rng.normal(size=(8, 3, 1)), np.arange(8) % 2
    model = kind(2, random_state=0, **params)
    options = {} if "Regressor" in kind.__name__ else {"classes": [0, 1]}
    with pytest.raises(ValueError, match=text):
        model.partial_fit(X, y, **options)
    assert not hasattr(model, "parameters_")
