"""`predict(initial_state=, return_state=)`: prediction that goes on from a state."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skrnn import RNNClassifier, RNNRegressor
from skrnn._estimators.streaming import predictor_of
from skrnn.cells import CELLS, JordanCell
from tests.helpers.data import outputs_of
from tests.helpers.toy_cell import LeakyCell

pytestmark = pytest.mark.core

N, T, D, CUT = 8, 9, 2, 5
CHOICES = [*CELLS, JordanCell(decay=0.5), LeakyCell()]


@pytest.fixture
def X(rng):
    X = rng.normal(size=(N, T, D))
    X[1, :3] = X[2, 4:6] = X[3, -2:] = X[4] = X[5, :CUT] = X[6, CUT:] = np.nan
    return X


def fitted(rng, X, *, classes=False, per_step=True, **parameters):
    options = {"max_iter": 2, "random_state": 0, "learn_initial_state": True, **parameters}
    shape = (len(X), T) if per_step else (len(X),)
    if classes:
        labels = rng.randint(3, size=shape)
        labels.flat[:3] = range(3)
        return RNNClassifier(**options).fit(X, labels)
    y = rng.normal(size=(*shape, 2) if per_step else shape)
    return RNNRegressor(alpha=1.0, **options).fit(X, 10 + 5 * y)


@pytest.mark.parametrize("classes", [False, True])
@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("hidden_size", [3, (3, 2)])
@pytest.mark.parametrize("cell", CHOICES, ids=str)
def test_two_parts_equal_the_whole(rng, X, cell, hidden_size, per_step, classes):
    model = fitted(rng, X, classes=classes, per_step=per_step, cell=cell, hidden_size=hidden_size)
    expected = outputs_of(model, X)
    predict = model.predict_proba if classes else model.predict
    first, state = predict(X[:, :CUT], return_state=True)
    second, last = predict(X[:, CUT:], initial_state=state, return_state=True)
    whole = np.concatenate([first, second], axis=1) if per_step else second
    assert_allclose(whole, expected, rtol=1e-10, atol=1e-12)
    _, expected_state = predict(X, return_state=True)
    assert_allclose(last, expected_state, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("cell", CHOICES, ids=str)
def test_step_goes_on_as_if_x_had_been_longer(rng, X, cell):
    model = fitted(rng, X, cell=cell, hidden_size=(3, 2))
    expected = model.predict(X)
    _, state = model.predict(X[:, :CUT], return_state=True)
    for t in range(CUT, T):
        y, state = model.step(X[:, t], state)
        assert_allclose(y, expected[:, t], rtol=1e-10, atol=1e-12)
    # and back: predict goes on from what step has returned
    state = None
    for t in range(CUT):
        _, state = model.step(X[:, t], state)
    rest = model.predict(X[:, CUT:], initial_state=state)
    assert_allclose(rest, expected[:, CUT:], rtol=1e-10, atol=1e-12)
    # one sequence, with a state of one dimension for step and a row of it for predict
    _, state = model.predict(X[:1, :CUT], return_state=True)
    y, one = model.step(X[0, CUT], state[0])
    assert_allclose(y, expected[0, CUT], rtol=1e-10)
    rest = model.predict(X[:1, CUT + 1 :], initial_state=one)
    assert_allclose(rest, expected[:1, CUT + 1 :], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("container", [list, "objects"])
@pytest.mark.parametrize("cell", CHOICES, ids=str)
def test_sequences_of_different_lengths_end_where_they_end(rng, X, cell, container):
    model = fitted(rng, X, cell=cell)
    lengths, cuts = rng.randint(1, T + 1, size=N), rng.randint(1, T + 1, size=N)
    X = np.nan_to_num(X)
    parts = [x[:n] for x, n in zip(X, lengths, strict=True)]
    cuts = np.minimum(cuts, lengths)

    def contained(sequences):
        if container is list:
            return sequences
        out = np.empty(N, object)
        out[:] = sequences
        return out

    expected = model.predict(contained(parts))
    first, state = model.predict(
        contained([x[:k] for x, k in zip(parts, cuts, strict=True)]), return_state=True
    )
    # a sequence that is over already has one missing step left
    later = [
        x[k:] if k < len(x) else np.full((1, D), np.nan) for x, k in zip(parts, cuts, strict=True)
    ]
    second = model.predict(contained(later), initial_state=state)
    for own, a, b, n, k in zip(expected, first, second, lengths, cuts, strict=True):
        assert_allclose(np.concatenate([a, b])[:n], own, rtol=1e-10, atol=1e-12)
        if k == n:  # a missing step repeats the prediction
            assert_allclose(b[0], own[-1], rtol=1e-10)


def test_many_chunks_of_sequences_and_steps(rng, monkeypatch):
    X = rng.normal(size=(50, T, D))
    X[::7, 3:] = np.nan
    model = fitted(rng, X, cell="lstm")
    expected, state = model.predict(X, return_state=True)
    middle = model.predict(X[:, :CUT], return_state=True)[1]
    monkeypatch.setattr("skrnn._estimators.chunks.CHUNK_SEQUENCES", 7)
    monkeypatch.setattr("skrnn._engine.blocks.BLOCK_NUMBERS", 7 * 3 * 60)
    again, final = model.predict(X, return_state=True)
    assert_allclose(again, expected, rtol=1e-10, atol=1e-12)
    assert_allclose(final, state, rtol=1e-10, atol=1e-12)
    rest, final = model.predict(X[:, CUT:], initial_state=middle, return_state=True)
    assert_allclose(rest, expected[:, CUT:], rtol=1e-10, atol=1e-12)
    assert_allclose(final, state, rtol=1e-10, atol=1e-12)


def test_only_buffers_of_small_calls_are_kept(rng):
    X = rng.normal(size=(40, T, D))
    model = fitted(rng, X)
    model.predict(np.tile(X, (50, 1, 1)))
    assert not predictor_of(model).network._workspaces
    model.predict(X[:2])
    assert len(predictor_of(model).network._workspaces) == 1


def test_a_given_state_stands_for_the_static_covariates(rng):
    X = rng.normal(size=(N, T, 3))
    X[..., 1] = X[:, :1, 1]
    y = rng.normal(size=(N, T, 1))
    model = RNNRegressor(
        4, alpha=1.0, cell="gru", static_features=[1], max_iter=3, random_state=0
    ).fit(X, y)
    expected = model.predict(X)
    _, state = model.predict(X[:, :CUT], return_state=True)
    rest = model.predict(X[:, CUT:], initial_state=state)
    assert_allclose(rest, expected[:, CUT:], rtol=1e-10)
    other = X[:, CUT:].copy()
    other[..., 1] += 1
    assert_allclose(model.predict(other, initial_state=state), rest)


def test_rows_of_a_table_go_on_too(rng):
    X, y = rng.normal(size=(20, 6)), rng.normal(size=20)
    model = RNNRegressor(3, alpha=1.0, n_features_per_step=2, max_iter=3, random_state=0).fit(X, y)
    _, state = model.predict(X, return_state=True)
    expected = state
    for t in range(3):
        y, expected = model.step(X[:, 2 * t : 2 * t + 2], expected)
    again, last = model.predict(X, initial_state=state, return_state=True)
    assert_allclose(again, y, rtol=1e-10)
    assert_allclose(last, expected, rtol=1e-10)


@pytest.mark.parametrize("estimator", [RNNRegressor, RNNClassifier])
def test_float32_states_stay_float32(rng, estimator):
    X = rng.normal(size=(12, 4, 1)).astype("f4")
    model = estimator(3, max_iter=2).fit(X, np.arange(12) % 2)
    _, state = model.predict(X, return_state=True)
    assert state.dtype == np.float32


@pytest.mark.parametrize("classes", [False, True])
def test_a_bidirectional_network_refuses_by_name(rng, classes):
    X = rng.normal(size=(N, T, D))
    model = fitted(rng, X, classes=classes, bidirectional=True, cell="gru")
    model.predict(X)
    methods = [model.predict]
    if classes:
        methods += [model.predict_proba, model.predict_log_proba]
    for method in methods:
        with pytest.raises(ValueError, match=r"bidirectional.* return_state=True.*fit with"):
            method(X, return_state=True)
        with pytest.raises(ValueError, match=r"bidirectional.* initial_state.*fit with"):
            method(X, initial_state=np.zeros((N, 3)))


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (np.zeros((N, 4)), r"initial_state has shape \(8, 4\), but \(8, 3\) is expected"),
        (np.zeros((N - 1, 3)), r"initial_state has shape \(7, 3\), but \(8, 3\)"),
        (np.zeros(3), r"initial_state has shape \(3,\), but \(8, 3\)"),
        (np.full((N, 3), np.nan), "initial_state contains NaN or infinity"),
        ((0.5, np.zeros((N, 3))), r"initial_state is a tuple: step returns \(prediction, state\)"),
    ],
    ids=["too wide", "too few", "one row", "NaN", "not unpacked"],
)
def test_a_state_that_does_not_fit_is_refused(rng, state, message):
    X = rng.normal(size=(N, T, D))
    model = fitted(rng, X, hidden_size=3)
    with pytest.raises(ValueError, match=message):
        model.predict(X, initial_state=state)
