"""Sequences of different lengths: batches of them, padding, scaling, and lists in scikit-learn."""

import copy
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_predict,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skrnn import (
    RNNClassifier,
    RNNRegressor,
    SequencePadder,
    SequenceScaler,
    flatten_steps,
)
from skrnn._engine.network import Network
from skrnn._engine.topology import Topology
from skrnn._training.dataset import SequenceData
from skrnn._training.objective import Objective
from skrnn._validation.ragged import as_objects
from skrnn.cells import CELLS

pytestmark = pytest.mark.core

D = 2
CASES = [
    pytest.param({"cell": cell, "bidirectional": both, "per_step": per_step}, id=name)
    for cell in ("elman", "lstm", "gru", "jordan")
    for both in (False, True)
    for per_step in (False, True)
    if not (both and cell == "jordan")
    for name in [f"{cell}{' both ways' * both}{' per step' * per_step}"]
]


def make_sequences(rng, n=24, longest=9):
    return [rng.normal(size=(rng.randint(1, longest + 1), D)) for _ in range(n)]


def targets_of(X, per_step):
    if per_step:
        return [np.tanh(x.cumsum(axis=0)) for x in X]
    return np.array([np.tanh(x.sum()) for x in X])


# --- the same as one by one ---


@pytest.mark.parametrize("case", CASES)
def test_outputs_equal_those_of_each_alone(rng, case):
    X = make_sequences(rng)
    per_step, case = case["per_step"], {k: v for k, v in case.items() if k != "per_step"}
    model = RNNRegressor(3, solver="adam", max_iter=3, random_state=0, **case)
    model.fit(X, targets_of(X, per_step))
    together = model.predict(X)
    for own, x in zip(together, X, strict=True):
        alone = model.predict(x[np.newaxis])[0]
        assert_allclose(own, alone, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("case", CASES)
def test_gradient_of_a_batch_is_the_mean_of_each_alone(rng, case):
    per_step = case["per_step"]
    topology = Topology(
        CELLS[case["cell"]](),
        D,
        (3,),
        2,
        per_step,
        np.dtype(float),
        bidirectional=case["bidirectional"],
    )
    network = Network(topology)
    theta = network.initial_parameters(rng) + 0.1 * rng.normal(size=network.layout.size)
    X = make_sequences(rng, n=7)
    padded = SequencePadder().fit_transform(X)
    y = rng.normal(size=(7, padded.shape[1] if per_step else 1, 2))
    if per_step:
        y[np.isnan(padded[..., 0])] = np.nan
    data = SequenceData(padded, y, None, per_step=per_step)
    gradient, summed, part = (np.zeros_like(theta) for _ in range(3))
    loss = network.loss_grad(theta, data.batch(np.arange(7)), gradient)
    expected = 0.0
    for x, own in zip(X, y, strict=True):
        own = own[: len(x)] if per_step else own
        alone = SequenceData(x[np.newaxis], own[np.newaxis], None, per_step=per_step)
        batch = alone.batch(np.array([0]))
        assert batch.skip is None
        expected += network.loss_grad(theta, batch, part) * batch.total / data.total
        summed += part * batch.total / data.total
    assert_allclose(loss, expected, rtol=1e-12)
    assert_allclose(gradient, summed, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("case", CASES)
def test_fitted_weights_equal_those_of_training_one_by_one(rng, case):
    """In batches of one, from a list or from arrays that never had to be padded."""
    per_step, case = case["per_step"], {k: v for k, v in case.items() if k != "per_step"}
    X = make_sequences(rng)
    y = targets_of(X, per_step)
    settings = {"batch_size": 1, "shuffle": False, "normalize_y": False, "alpha": 0}
    model = RNNRegressor(3, solver="adam", random_state=0, **settings, **case)
    listed = clone(model).partial_fit(X, y)
    alone = clone(model)
    for x, own in zip(X, y, strict=True):
        alone.partial_fit(x[np.newaxis], own[np.newaxis])
    assert_allclose(listed.parameters_, alone.parameters_, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("solver", ["lm", "lbfgs", "adam"])
@pytest.mark.parametrize("per_step", [False, True])
def test_where_the_padding_is_changes_nothing(rng, solver, per_step):
    X = make_sequences(rng)
    y = targets_of(X, per_step)
    model = RNNRegressor(2, solver=solver, max_iter=5, random_state=0)
    expected = clone(model).fit(X, y)
    for side in ("left", "right"):
        padder = SequencePadder(length=12, side=side)
        padded = padder.fit_transform(X)
        fitted = clone(model).fit(padded, y)  # y may stay a list
        assert_allclose(fitted.parameters_, expected.parameters_, rtol=1e-7, atol=1e-9)
        assert fitted.score(padded, y) == pytest.approx(expected.score(X, y))
        if per_step:
            flat = flatten_steps(padded, fitted.predict(padded))[0]
            assert_allclose(flat, np.concatenate(expected.predict(X)), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("side", ["left", "right"])
def test_outputs_in_the_padding_are_those_of_skipped_steps(rng, side, both):
    """Chunks are cut to what they need; what is filled in equals what would have been run."""
    X = make_sequences(rng)
    model = RNNRegressor(3, solver="adam", bidirectional=both, max_iter=2, random_state=0)
    model.fit(X, targets_of(X, True))
    padded = SequencePadder(length=15, side=side).fit_transform(X)
    full = np.concatenate([padded, rng.normal(size=(1, 15, D))])  # which needs all steps
    assert_allclose(model.predict(padded), model.predict(full)[:-1], rtol=1e-11, atol=1e-13)


# --- batches of similar length ---


def batches_of(lengths, *, batch_size=5, shuffle=True, seed=0):
    X = np.full((len(lengths), max(lengths), 1), np.nan)
    for x, n in zip(X, lengths, strict=True):
        x[:n] = 1
    data = SequenceData(X, np.zeros((len(X), 1, 1)), None, per_step=False)
    network = Network(Topology(CELLS["elman"](), 1, (2,), 1, False, np.dtype(float)))
    objective = Objective(
        network,
        data,
        alpha=0,
        batch_size=batch_size,
        shuffle=shuffle,
        rng=np.random.RandomState(seed),
        n_threads=1,
    )
    return [list(rows) for rows in objective._batches()], objective


def test_batches_are_of_similar_length_in_an_order_of_the_seed(rng):
    lengths = rng.randint(1, 50, size=43)
    batches, objective = batches_of(lengths)
    assert sorted(np.concatenate(batches)) == list(range(43))
    spans = sorted((min(lengths[rows]), max(lengths[rows])) for rows in batches)
    assert all(low >= high for (_, high), (low, _) in pairwise(spans))
    assert batches == batches_of(lengths)[0]
    others = [batches_of(lengths, seed=seed)[0] for seed in (1, 2)]
    assert batches != others[0] != others[1]
    # the order of the batches changes, not only who is in them
    assert len({tuple(int(max(lengths[rows])) for rows in b) for b in (batches, *others)}) == 3
    for batch, _ in objective.epoch():
        n_steps = len(batch.x)
        assert n_steps in lengths
        n_real = n_steps if batch.skip is None else (~batch.skip).sum(axis=0)
        assert np.max(n_real) == n_steps


def test_batches_of_equal_lengths_or_in_order_are_left_alone():
    batches, _ = batches_of([7] * 12)
    expected = np.random.RandomState(0).permutation(12)
    assert batches == [list(expected[:5]), list(expected[5:10]), list(expected[10:])]
    batches, _ = batches_of([3, 9, 1, 8, 2, 7], batch_size=4, shuffle=False)
    assert batches == [[0, 1, 2, 3], [4, 5]]


def test_buffers_are_used_again_for_shorter_batches(rng):
    network = Network(Topology(CELLS["lstm"](), D, (3,), 1, True, np.dtype(float)))
    theta = network.initial_parameters(rng)
    long, short = rng.normal(size=(9, D, 4)), rng.normal(size=(5, D, 4))
    expected = Network(network.topology).predict(theta, short)
    network.predict(theta, long)
    (before,) = network._passes.values()
    assert_array_equal(network.predict(theta, short), expected)
    assert network._passes[next(iter(network._passes))] is before
    state = network.final_state()
    other = Network(network.topology)
    other.predict(theta, short)
    for own, its in zip(state[0], other.final_state()[0], strict=True):
        assert_array_equal(own, its)


# --- lists in scikit-learn's tools ---


@pytest.mark.parametrize("container", [list, as_objects])
@pytest.mark.parametrize("per_step", [False, True])
def test_scikit_learn_splits_lists(rng, container, per_step):
    sequences = make_sequences(rng, n=40)
    X, y = container(sequences), targets_of(sequences, per_step)
    y = as_objects(y) if per_step else y
    model = RNNRegressor(3, solver="adam", max_iter=10, random_state=0)
    cv = KFold(4)
    scores = cross_val_score(model, X, y, cv=cv)
    search = GridSearchCV(model, {"hidden_size": [2, 3]}, cv=cv).fit(X, y)
    assert_array_equal(
        search.cv_results_["mean_test_score"][1], np.mean(scores)
    )  # the same folds, the same bits
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    assert model.fit(X_train, y_train).score(X_test, y_test) < 1
    if container is as_objects or not per_step:
        # of outputs for every step, scikit-learn can put together arrays only
        predicted = cross_val_predict(model, X, y, cv=cv)
        train, test = next(iter(cv.split(X)))
        own = clone(model).fit([X[i] for i in train], y[train])
        for one, its in zip(predicted[test], own.predict([X[i] for i in test]), strict=True):
            assert_array_equal(one, its)


def test_list_of_data_frames(rng):
    frames = [pd.DataFrame(x, columns=["a", "b"]) for x in make_sequences(rng)]
    y = [float(frame.to_numpy().sum()) for frame in frames]
    model = RNNRegressor(2, max_iter=5, random_state=0).fit(frames, y)
    assert list(model.feature_names_in_) == ["a", "b"]
    expected = clone(model).fit([frame.to_numpy() for frame in frames], y)
    assert_array_equal(model.parameters_, expected.parameters_)
    with pytest.raises(ValueError, match=r"feature names should match.*\['b', 'a'\]"):
        model.predict([frame[["b", "a"]] for frame in frames])
    mixed = [*frames[:3], frames[3][["b", "a"]]]
    with pytest.raises(ValueError, match=r"X\[3\] has the features \['b', 'a'\], but X\[0\]"):
        clone(model).fit(mixed, y[:4])


# --- SequencePadder and SequenceScaler ---


@parametrize_with_checks([SequencePadder(), SequenceScaler(), SequenceScaler(MinMaxScaler())])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_padder_sides_lengths_and_truncation():
    X = [np.array([[1.0], [2.0], [3.0]]), np.array([[4.0]])]
    nan = np.nan

    def padded(**settings):
        return SequencePadder(**settings).fit_transform(X)[..., 0]

    assert_array_equal(padded(), [[1, 2, 3], [4, nan, nan]])
    assert_array_equal(padded(side="left"), [[1, 2, 3], [nan, nan, 4]])
    assert_array_equal(padded(length=4), [[1, 2, 3, nan], [4, nan, nan, nan]])
    assert_array_equal(padded(length=2, truncation="right"), [[1, 2], [4, nan]])
    assert_array_equal(padded(length=2, truncation="left"), [[2, 3], [4, nan]])
    assert_array_equal(padded(length=2, side="left", truncation="left"), [[2, 3], [nan, 4]])
    message = r"X\[0\] has 3 steps, more than length=2: raise length, or say by truncation"
    with pytest.raises(ValueError, match=message):
        padded(length=2)
    # a sequence without any step needs none
    empty = np.array([[[1.0], [2.0], [nan], [nan]], [[nan]] * 4])
    assert_array_equal(SequencePadder().fit_transform(empty)[..., 0], [[1, 2], [nan, nan]])
    assert_array_equal(SequencePadder(length=2).fit_transform(empty)[1, :, 0], [nan, nan])
    # arrays that are padded already are padded anew
    whole = SequencePadder(length=5).fit_transform(X)
    again = SequencePadder(side="left", length=4).fit_transform(whole)
    assert_array_equal(again[..., 0], [[nan, 1, 2, 3], [nan, nan, nan, 4]])


def test_padder_keeps_the_dtype_and_takes_other_numbers_of_steps(rng):
    X = [x.astype(np.float32) for x in make_sequences(rng)]
    padder = SequencePadder().fit(X)
    assert padder.transform(X).dtype == np.float32
    assert padder.transform([np.ones((20, D))]).shape == (1, 20, D)
    assert padder.n_features_in_ == D
    with pytest.raises(ValueError, match="3 features, but SequencePadder is expecting 2"):
        padder.transform([np.ones((4, 3))])


@pytest.mark.parametrize("scaler", [None, MinMaxScaler(), RobustScaler()])
def test_scaler_sees_real_steps_only(rng, scaler):
    X = [5 + 3 * x for x in make_sequences(rng)]
    rows = np.concatenate(X)
    own = SequenceScaler(scaler).fit(X)
    expected = clone(scaler or StandardScaler()).fit(rows)
    for x, scaled in zip(X, own.transform(X), strict=True):
        assert_allclose(scaled, expected.transform(x), rtol=1e-12)
    back = own.inverse_transform(own.transform(X))
    assert_allclose(np.concatenate(back), expected.inverse_transform(expected.transform(rows)))
    padded = SequencePadder(length=12, side="left").fit_transform(X)
    scaled = SequenceScaler(scaler).fit_transform(padded)
    assert_array_equal(np.isnan(scaled[..., 0]), np.isnan(padded[..., 0]))
    real = ~np.isnan(scaled[..., 0])
    assert_allclose(scaled[real], expected.transform(rows), rtol=1e-9, atol=1e-12)
    assert scaler is None or not hasattr(scaler, "n_features_in_")


def test_scaler_of_flat_rows(rng):
    rows = 10 + rng.normal(size=(8, 6))
    scaled = SequenceScaler(n_features_per_step=2).fit_transform(rows)
    assert scaled.shape == rows.shape
    expected = StandardScaler().fit_transform(rows.reshape(-1, 2)).reshape(8, 6)
    assert_allclose(scaled, expected)


def test_scaler_refuses_what_has_no_steps():
    with pytest.raises(ValueError, match="no step that isn't NaN"):
        SequenceScaler().fit(np.full((3, 4, 1), np.nan))
    scaler = SequenceScaler().fit(np.arange(12.0).reshape(3, 4, 1))
    before = copy.deepcopy(scaler.scaler_.mean_)
    with pytest.raises(ValueError, match="infinity"):
        scaler.fit(np.full((3, 4, 1), np.inf))
    assert_array_equal(scaler.scaler_.mean_, before)
    assert np.isnan(scaler.transform(np.full((2, 4, 1), np.nan))).all()


def test_a_pipeline_of_lists_learns(rng):
    """The mean of a feature in the thousands, of sequences of 3 to 30 steps."""
    X = [1000 + 300 * rng.normal(size=(rng.randint(3, 31), 1)) for _ in range(300)]
    y = np.array([x.mean() for x in X])
    pipe = make_pipeline(SequenceScaler(), RNNRegressor(cell="gru", hidden_size=4, random_state=0))
    last = np.array([x[-1:, 0] for x in X])
    linear = LinearRegression().fit(last[:200], y[:200]).score(last[200:], y[200:])
    assert pipe.fit(X[:200], y[:200]).score(X[200:], y[200:]) > max(0.95, linear)
    padded = make_pipeline(SequenceScaler(), SequencePadder(side="left"), pipe[-1])
    assert padded.set_output(transform="pandas").fit(X[:200], y[:200]).score(
        X[200:], y[200:]
    ) == pytest.approx(pipe.score(X[200:], y[200:]), abs=0.02)


# --- flatten_steps ---


def test_flatten_steps_of_every_layout(rng):
    X = make_sequences(rng, n=5)
    y = [np.arange(len(x)) + 10 * i for i, x in enumerate(X)]
    expected = np.concatenate(y)
    padded = SequencePadder(side="left", length=11).fit_transform(X)
    grid = np.zeros((5, 11), int)
    grid[~np.isnan(padded[..., 0])] = expected
    for values in (y, [own.tolist() for own in y], as_objects(y)):
        assert_array_equal(flatten_steps(X, values)[0], expected)
        assert_array_equal(flatten_steps(padded, values)[0], expected)
    assert_array_equal(flatten_steps(padded, grid)[0], expected)
    rows = padded.reshape(5, 22)
    assert_array_equal(flatten_steps(rows, grid, n_features_per_step=2)[0], expected)
    with pytest.raises(ValueError, match=r"arrays\[0\]\[0\] has 11 steps, but X\[0\] has"):
        flatten_steps(rows, grid)
    two = [np.stack([own, own], axis=1) for own in y]
    first, second = flatten_steps(X, two, y)
    assert first.shape == (len(expected), 2)
    assert_array_equal(second, expected)


def test_flatten_steps_drops_what_has_no_target_and_refuses_other_steps():
    X = np.zeros((2, 3, 1))
    y = np.array([[1, np.nan, 3], [4, 5, 6]])
    true, predicted = flatten_steps(X, y, np.arange(6.0).reshape(2, 3))
    assert_array_equal(true, [1, 3, 4, 5, 6])
    assert_array_equal(predicted, [0, 2, 3, 4, 5])
    with pytest.raises(ValueError, match=r"arrays\[1\] has 3 sequences, but X has 2"):
        flatten_steps(X, y, np.zeros((3, 3)))
    with pytest.raises(ValueError, match=r"arrays\[0\]\[0\] has 4 steps, but X\[0\] has 3"):
        flatten_steps(X, np.zeros((2, 4)))


def test_a_classifier_of_lists_in_a_search(rng):
    X = make_sequences(rng, n=60)
    y = np.array(["up" if x.sum() > 0 else "down" for x in X])
    search = GridSearchCV(
        RNNClassifier(3, random_state=0), {"alpha": [0.1, 1]}, scoring="neg_log_loss", cv=3
    ).fit(X, y)
    guess = -np.mean(np.log([np.mean(y == label) for label in y]))
    assert -search.best_score_ < 0.5 * guess


def test_lists_of_polars_frames_have_names(rng):
    polars = pytest.importorskip("polars", reason="an extra of the tests")
    X = make_sequences(rng)
    frames = [polars.DataFrame({"a": x[:, 0], "b": x[:, 1]}) for x in X]
    y = targets_of(X, False)
    model = RNNRegressor(2, max_iter=3, random_state=0).fit(frames, y)
    assert list(model.feature_names_in_) == ["a", "b"]
    assert_array_equal(model.predict(frames), model.predict(X))
    assert SequencePadder().fit_transform(frames).feature_names == ["a", "b"]


def test_lists_with_nothing_in_them(rng):
    X = make_sequences(rng)
    model = RNNRegressor(2, max_iter=3, random_state=0).fit(X, targets_of(X, False))
    nothing = np.empty((0, D))
    assert model.predict([nothing])[0] == model.predict([nothing, X[0]])[0]
    with pytest.raises(ValueError, match="There is nothing to learn from"):
        clone(model).fit([nothing, nothing], [1, 2])
    for call in (model.predict, SequencePadder().fit, SequenceScaler().fit):
        with pytest.raises(ValueError, match="X is an empty list: a minimum of 1 sequence"):
            call([])
