"""Static covariates of sequences that begin with missing steps: `step`, and states of `predict`.

A row of NaN as a state says that a sequence hasn't begun, so that its covariates are still to be
read.
"""

import json

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skrnn import RNNClassifier, RNNRegressor, SlidingWindow
from skrnn.cells import CELLS, JordanCell
from tests.helpers.toy_cell import LeakyCell

pytestmark = pytest.mark.core

N, T, CUT = 7, 6, 3
STATIC = [1, 3]  # of the columns a, size, b, region
CHOICES = [*CELLS, JordanCell(decay=0.5), LeakyCell()]
CLOSE = {"rtol": 1e-10, "atol": 1e-12}


@pytest.fixture
def X(rng):
    """Sequences that begin late, have gaps, or are empty; the covariates are missing with them."""
    X = rng.normal(size=(N, T, 4))
    X[..., STATIC] = X[:, :1, STATIC]
    X[1, :1] = X[2, :CUT] = X[3, : CUT + 1] = X[4, 2:4] = X[5] = np.nan
    return X


def known_throughout(X):
    """The same sequences, with their covariates at missing steps, too."""
    known = X.copy()
    known[..., STATIC] = np.nanmax(np.nan_to_num(X[..., STATIC], nan=-np.inf), 1, keepdims=True)
    known[5][:, STATIC] = 0.7
    return known


def fitted(rng, X, *, estimator=RNNRegressor, **parameters):
    y = rng.normal(size=(N, T, 2))
    y = rng.randint(3, size=(N, T)) if estimator is RNNClassifier else 10 + 5 * y
    model = estimator(3, static_features=STATIC, max_iter=2, random_state=0, **parameters)
    return model.fit(X, y)


def stepwise(model, X, state=None):
    """Predictions (N, T, K) of all sequences, one step after the other, and the last state."""
    y = []
    for x in X.swapaxes(0, 1):
        own, state = model.step(x, state)
        y.append(own)
    return np.stack(y, axis=1), state


def begun(X):
    """Which steps (N, T) are valid or come later than a valid one."""
    return np.maximum.accumulate(~np.isnan(X[..., 0]), axis=1)


@pytest.mark.parametrize("learn_initial_state", [False, True])
@pytest.mark.parametrize("cell", CHOICES, ids=str)
def test_step_equals_predict_from_the_first_valid_step_on(rng, X, cell, learn_initial_state):
    model = fitted(rng, X, cell=cell, learn_initial_state=learn_initial_state)
    expected, last = model.predict(X, return_state=True)
    y, state = stepwise(model, X)
    assert_allclose(y[begun(X)], expected[begun(X)], **CLOSE)
    assert_allclose(state, last, **CLOSE)
    # before it, covariates are 0, as predict has it for a sequence without any valid step
    empty = model.predict(np.full((1, 1, 4), np.nan))[0]
    assert_allclose(y[~begun(X)], np.repeat(empty, (~begun(X)).sum(), axis=0), **CLOSE)
    for own, whole, since in zip(X, y, begun(X), strict=True):
        state = None
        for x, together, has_begun in zip(own, whole, since, strict=True):
            one, state = model.step(x, state)
            assert_allclose(one, together, **CLOSE)
            assert np.isfinite(state).all() == has_begun


@pytest.mark.parametrize("cell", CHOICES, ids=str)
def test_covariates_that_a_missing_step_has_are_read_at_once(rng, X, cell):
    model = fitted(rng, X, cell=cell)
    known = known_throughout(X)
    expected, last = model.predict(known, return_state=True)
    assert_allclose(expected[begun(X)], model.predict(X)[begun(X)], **CLOSE)
    y, state = stepwise(model, known)
    assert_allclose(y, expected, **CLOSE)
    assert_allclose(state, last, **CLOSE)
    assert np.isfinite(state).all()


@pytest.mark.parametrize("cell", CHOICES, ids=str)
def test_predict_goes_on_from_sequences_that_had_not_begun(rng, X, cell):
    model = fitted(rng, X, cell=cell)
    expected, last = model.predict(X, return_state=True)
    _, state = model.predict(X[:, :CUT], return_state=True)
    assert_array_equal(np.isnan(state).all(axis=1), ~begun(X)[:, CUT - 1])
    rest, end = model.predict(X[:, CUT:], initial_state=state, return_state=True)
    assert_allclose(rest[begun(X)[:, CUT:]], expected[:, CUT:][begun(X)[:, CUT:]], **CLOSE)
    assert_allclose(end, last, **CLOSE)
    y, end = stepwise(model, X[:, CUT:], state)
    assert_allclose(y[begun(X)[:, CUT:]], expected[:, CUT:][begun(X)[:, CUT:]], **CLOSE)
    assert_allclose(end, last, **CLOSE)
    # lists and object arrays, which end where they end
    objects = np.empty(N, object)
    objects[:] = parts = [x[: 1 + i % CUT] for i, x in enumerate(X)]
    for contained in (parts, objects):
        _, own = model.predict(contained, return_state=True)
        for state, part in zip(own, parts, strict=True):
            assert_allclose(state, model.predict(part[None], return_state=True)[1][0], **CLOSE)


def test_the_first_windows_of_each_series(rng):
    """SlidingWindow leaves the covariates of steps before the first row NaN."""
    table = pd.DataFrame(rng.normal(size=(24, 2)), columns=["a", "b"])
    table["id"], table["size"] = np.repeat(["x", "y"], 12), np.repeat([1.0, -1.5], 12)
    y = rng.normal(size=24)
    windows = SlidingWindow(4, groups="id", static_features="size").fit_transform(table)
    model = RNNRegressor(3, cell="gru", static_features=["size"], max_iter=3, random_state=0)
    model.fit(windows, y)
    expected = model.predict(windows)
    assert np.isnan(windows[0]).any(axis=1).sum() == 3
    for window, whole in zip(windows, expected, strict=True):
        state = None
        for x in window:
            prediction, state = model.step(x, state)
        assert_allclose(prediction, whole, **CLOSE)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_flat_rows(rng, X, dtype):
    """They have the covariates once, in the columns that static_features names."""
    X = X.astype(dtype)
    static = known_throughout(X)[:, 0, STATIC]
    static[5] = np.nan
    rows = np.hstack([static[:, :1], X[..., [0, 2]].reshape(N, -1), static[:, 1:]])
    model = RNNRegressor(
        3, cell="lstm", static_features=[0, -1], n_features_per_step=2, max_iter=2, random_state=0
    )
    model.fit(rows, rng.normal(size=N))
    expected, last = model.predict(rows, return_state=True)
    assert_array_equal(np.isnan(last).all(axis=1), np.arange(N) == 5)
    for kept in (static, X[:, :, STATIC]):  # known at once, or with the first valid step
        state = None
        for t in range(T):
            own = kept if kept.ndim == 2 else kept[:, t]
            y, state = model.step(np.hstack([own, X[:, t][:, [0, 2]]]), state)
        assert y.dtype == state.dtype == dtype
        tolerance = {"rtol": 1e-5} if dtype == "f4" else CLOSE
        assert_allclose(y, expected, **tolerance)
        assert_allclose(state, last, **tolerance)


def test_probabilities(rng, X):
    model = fitted(rng, X, estimator=RNNClassifier, cell="gru")
    expected, labels, state = model.predict_proba(X), model.predict(X), None
    for t in range(T):
        p, new = model.step_proba(X[:, t], state)
        label, state = model.step(X[:, t], state)
        assert_array_equal(state, new)
        since = begun(X)[:, t]
        assert_allclose(p[since], expected[since, t], **CLOSE)
        assert_array_equal(label[since], labels[since, t])


def test_a_state_of_a_sequence_that_has_not_begun_is_a_plain_value(rng, X):
    model = fitted(rng, X, cell="lstm")
    y, state = model.step(X[2, 0])
    again, same = model.step(X[2, 1], json.loads(json.dumps(state.tolist())))
    assert_array_equal(again, y)
    assert_array_equal(same, state)
    expected, _ = model.step(X[2, CUT])
    assert_allclose(model.step(X[2, CUT], state)[0], expected, **CLOSE)
    # one row may begin while others go on, and covariates of those that go on don't count
    _, going = model.step(X[0, 0])
    later = X[0, 1].copy()
    later[STATIC] = np.nan
    both, _ = model.step([later, X[2, CUT]], [going, state])
    assert_allclose(both, [model.step(X[0, 1], going)[0], expected], **CLOSE)


def test_malformed_beginnings(rng, X):
    model = fitted(rng, X, cell="lstm")
    _, state = model.step(X[2, 0])
    unknown = X[0, 0].copy()
    unknown[1] = np.nan
    for bad in (unknown, np.where(np.isnan(unknown), np.inf, unknown)):
        for before in (None, state):
            with pytest.raises(ValueError, match="static features of x must be finite"):
                model.step(bad, before)
    only = np.where(np.arange(4) == 1, np.inf, np.nan)
    with pytest.raises(ValueError, match="static features of x must be finite"):
        model.step(only)
    half = np.where(np.arange(len(state)) == 0, np.nan, 0.0)
    with pytest.raises(ValueError, match="state contains NaN or infinity"):
        model.step(X[0, 0], half)
    with pytest.raises(ValueError, match="initial_state contains NaN or infinity"):
        model.predict(X[:2], initial_state=[half, state])
