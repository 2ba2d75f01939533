"""RNNRegressor.step: one time step at a time."""

import copy
import json
import pickle
import threading

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError

from skrnn import RNNRegressor, sliding_windows
from skrnn.cells import CELLS, JordanCell
from tests.helpers.fits import unconverged
from tests.helpers.toy_cell import LeakyCell

pytestmark = pytest.mark.core

N, T, D = 6, 9, 2
CHOICES = [*CELLS, JordanCell(decay=0.5), LeakyCell()]


@pytest.fixture
def X(rng):
    X = rng.normal(size=(N, T, D))
    X[1, :3] = X[2, 4:6] = X[3, -2:] = X[4] = np.nan
    return X


def fitted(rng, X, kind="several", **parameters):
    y = {
        "one": rng.normal(size=N),
        "several": rng.normal(size=(N, 3)),
        "per step": rng.normal(size=(N, T, 2)),
    }[kind]
    model = RNNRegressor(alpha=1.0, max_iter=2, random_state=0, **parameters)
    return model.fit(X, 10 + 5 * y)


@pytest.mark.parametrize("learn_initial_state", [False, True])
@pytest.mark.parametrize("hidden_size", [3, (3, 2)])
@pytest.mark.parametrize("cell", CHOICES, ids=str)
def test_step_by_step_equals_the_whole(rng, X, cell, hidden_size, learn_initial_state):
    options = {"hidden_size": hidden_size, "learn_initial_state": learn_initial_state}
    model = fitted(rng, X, "per step", cell=cell, **options)
    expected, state = model.predict(X), None
    for t in range(T):
        y, state = model.step(X[:, t], state)
        assert_allclose(y, expected[:, t], rtol=1e-10, atol=1e-12)
    for x, whole in zip(X, expected, strict=True):
        state = None
        for t in range(T):
            y, state = model.step(x[t], state)
            assert_allclose(y, whole[t], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(("kind", "shape"), [("one", ()), ("several", (3,))])
def test_the_last_step_is_the_prediction(rng, X, kind, shape, dtype):
    model = fitted(rng, X.astype(dtype), kind, cell="lstm")
    state = None
    for t in range(T):
        y, state = model.step(X[:, t].astype(dtype), state)
    assert y.shape == (N, *shape)
    assert y.dtype == state.dtype == dtype
    tolerance = {"rtol": 1e-5} if dtype == "f4" else {"rtol": 1e-10}
    assert_allclose(y, model.predict(X.astype(dtype)), **tolerance)
    one, state = model.step(X[0, 0])
    assert np.shape(one) == shape
    assert state.ndim == 1


def test_rows_of_a_table_step_by_step(rng):
    X = rng.normal(size=(N, T * D))
    model = RNNRegressor(alpha=1.0, n_features_per_step=D, max_iter=2, random_state=0).fit(
        X, X[:, 0]
    )
    state = None
    for x in X[0].reshape(T, D):
        y, state = model.step(x.tolist(), state)
    assert y == pytest.approx(model.predict(X[:1])[0])


def test_state_is_a_plain_value(rng, X):
    """It can be kept, copied, stored and used again; nothing in the model changes with it."""
    model = fitted(rng, X, cell="gru", hidden_size=(3, 2))
    before = pickle.dumps(model)
    _, state = model.step(X[0, 0])
    kept = state.copy()
    y, _ = model.step(X[0, 1], state)
    for copied in (
        kept,
        copy.deepcopy(kept),
        pickle.loads(pickle.dumps(kept)),
        json.loads(json.dumps(kept.tolist())),
    ):
        model.step(X[5, 5])  # others in between
        again, _ = model.step(X[0, 1], copied)
        assert_array_equal(again, y)
    assert_array_equal(state, kept)
    assert pickle.dumps(model) == before


def test_a_missing_step_leaves_the_state_unchanged(rng, X):
    model = fitted(rng, X, cell="jordan")
    y, state = model.step(X[0, 0])
    again, same = model.step(np.full(D, np.nan), state)
    assert_array_equal(again, y)
    assert_array_equal(same, state)
    both, _ = model.step([X[0, 1], [np.nan, np.nan]], [state, state])
    assert_allclose(both[0], model.step(X[0, 1], state)[0], rtol=1e-12)
    assert_allclose(both[1], y, rtol=1e-12)


def test_new_weights_count_at_once(rng, X):
    model = fitted(rng, X)
    y, _ = model.step(X[0, 0])
    model.set_weights({name: 2 * value for name, value in model.get_weights().items()})
    assert_allclose(model.step(X[0, 0])[0], model.predict(X[:1, :1])[0])
    assert not np.allclose(model.step(X[0, 0])[0], y)
    model.set_params(hidden_size=5).fit(X, np.arange(N) + 0.0)
    assert_allclose(model.step(X[0, 0])[0], model.predict(X[:1, :1])[0])


def test_weights_that_change_in_place_count_at_once(rng, X):
    """A step keeps what it made of the weights as long as they are the same numbers."""
    model = fitted(rng, X)
    model.step(X[0, 0])
    old = model.parameters_
    model.parameters_ = old.copy()
    expected = model.step(X[0, 0])[0]
    old[:] = 0  # which is no longer the model's
    assert_array_equal(model.step(X[0, 0])[0], expected)
    model.parameters_ *= 2
    y, _ = model.step(X[0, 0])
    assert not np.allclose(y, expected)
    assert_allclose(y, model.predict(X[:1, :1])[0])


def test_threads_do_not_disturb_each_other(rng, X):
    model = fitted(rng, X, cell="lstm")
    expected = model.predict(X[[0, 5]])
    wrong = []

    def run(row, value):
        for _ in range(50):
            state = None
            for x in X[row]:
                y, state = model.step(x, state)
            if not np.allclose(y, value, rtol=1e-10):
                wrong.append(row)

    threads = [
        threading.Thread(target=run, args=(row, value))
        for row, value in zip([0, 5], expected, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize(
    ("x", "state", "message"),
    [
        (np.zeros(3), None, "x has 3 features, but RNNRegressor is expecting 2 features"),
        (0.5, None, "x has 1 features, but RNNRegressor is expecting 2"),
        (np.zeros((1, 1, 2)), None, "x has 3 dimensions: step takes one time step"),
        ([np.nan, 1], None, "NaN in some features only"),
        ([np.inf, 1], None, "contains infinity"),
        (np.zeros(2), np.zeros(7), r"state has shape \(7,\), but \(1, 3\) is expected"),
        (np.zeros((2, 2)), np.zeros(3), r"state has shape \(3,\), but \(2, 3\) is expected"),
        (np.zeros(2), np.full(3, np.nan), "state contains NaN or infinity"),
        (np.zeros(2), (0.5, np.zeros(3)), r"state is a tuple: step returns \(prediction, state\)"),
    ],
)
def test_bad_steps(rng, X, x, state, message):
    model = fitted(rng, X, hidden_size=3)
    with pytest.raises(ValueError, match=message):
        model.step(x, state)


def test_large_numbers_are_numbers(rng, X):
    """Their sum overflows, they don't: no warning, no error."""
    model = fitted(rng, X, hidden_size=3)
    y, state = model.step(np.full(D, 1e308))
    assert np.isfinite(y).all()
    assert np.isfinite(model.step(X[0, 0], 1e308 * np.sign(state))[0]).all()


def test_what_can_not_be_predicted_step_by_step(rng, X):
    with pytest.raises(NotFittedError):
        RNNRegressor(alpha=1.0).step([0.0, 0.0])
    with pytest.raises(ValueError, match="reads each sequence from its end"):
        fitted(rng, X, bidirectional=True).step(X[0, 0])
    model = fitted(rng, X, activation="identity")
    model.parameters_ *= 1e6
    _, state = model.step(X[0, 0])
    with pytest.raises(ValueError, match="grows beyond all bounds: start again"):
        model.step(X[0, 0], 1e305 * np.sign(state))


@unconverged
def test_a_state_that_is_carried_beyond_the_windows_drifts_and_the_cures_do_not():
    """As `step` warns. A network trained on windows never saw a state of more steps."""
    series, length = np.sin(np.arange(900) / 9), 20
    X, y = sliding_windows(series, length=length)
    options = {"solver": "lm", "alpha": 1e-4, "max_iter": 60, "random_state": 0}
    model = RNNRegressor(**options).fit(X[:300], y[:300])
    whole = RNNRegressor(**options).fit(series[None, :200, None], series[None, 1:201, None])
    later, expected = X[360:], y[360:]
    windows = model.predict(later)  # the first cure: the last window each time

    def carried(model, history):
        """One prediction for each of ``later``, by steps after a history."""
        _, state = model.predict(history[np.newaxis], return_state=True)
        predictions = []
        for window in later:
            prediction, state = model.step(window[-1:], state)
            predictions.append(np.ravel(prediction)[0])
        return np.array(predictions)

    def error(predictions):
        return np.sqrt(np.mean((predictions - expected) ** 2))

    drifted = carried(model, later[0, :-1])
    assert error(drifted) > 100 * error(windows)
    # the second cure: one long sequence with a target for each step
    assert error(carried(whole, series[:379, np.newaxis])) < 0.02 * error(drifted)


@unconverged
def test_a_short_series_is_continued_by_levenberg_marquardt():
    """As `solver` says: generated values, each from the one before, stay close for long."""
    series = np.sin(np.arange(230) / 9)
    X, y = series[None, :199, None], 100 + 50 * series[None, 1:200, None]
    errors = {}
    for solver in ("lm", "adam"):
        model = RNNRegressor(solver=solver, alpha=1e-4, max_iter=200, random_state=0).fit(X, y)
        generated, state = [y[0, -1, 0]], model.predict(X, return_state=True)[1]
        for _ in range(30):
            prediction, state = model.step([[(generated[-1] - 100) / 50]], state)
            generated.append(prediction[0, 0])
        errors[solver] = np.sqrt(np.mean((np.array(generated[1:]) - 100 - 50 * series[200:]) ** 2))
    assert errors["lm"] < 1
    assert errors["adam"] > 5 * errors["lm"]
