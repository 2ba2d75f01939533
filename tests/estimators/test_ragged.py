"""Sequences of different lengths: lists and padding in the estimators."""

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

from skrnn import (
    RNNClassifier,
    RNNRegressor,
    SequencePadder,
    SequenceScaler,
    flatten_steps,
)
from tests.helpers.data import as_objects, ragged_sequences, targets_of

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


@pytest.mark.parametrize("case", CASES)
def test_outputs_equal_those_of_each_alone(rng, case):
    X = ragged_sequences(rng)
    per_step, case = case["per_step"], {k: v for k, v in case.items() if k != "per_step"}
    model = RNNRegressor(3, alpha=1.0, solver="adam", max_iter=3, random_state=0, **case)
    model.fit(X, targets_of(X, per_step))
    together = model.predict(X)
    for own, x in zip(together, X, strict=True):
        alone = model.predict(x[np.newaxis])[0]
        assert_allclose(own, alone, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("case", CASES)
def test_fitted_weights_equal_those_of_training_one_by_one(rng, case):
    """In batches of one, from a list or from arrays that never had to be padded."""
    per_step, case = case["per_step"], {k: v for k, v in case.items() if k != "per_step"}
    X = ragged_sequences(rng)
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
    X = ragged_sequences(rng)
    y = targets_of(X, per_step)
    model = RNNRegressor(2, alpha=1.0, solver=solver, max_iter=5, random_state=0)
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
def test_outputs_in_the_padding_are_those_of_missing_steps(rng, side, both):
    """Chunks are cut to what they need; what is filled in equals what would have been run."""
    X = ragged_sequences(rng)
    model = RNNRegressor(
        3, alpha=1.0, solver="adam", bidirectional=both, max_iter=2, random_state=0
    )
    model.fit(X, targets_of(X, True))
    padded = SequencePadder(length=15, side=side).fit_transform(X)
    full = np.concatenate([padded, rng.normal(size=(1, 15, D))])  # which needs all steps
    assert_allclose(model.predict(padded), model.predict(full)[:-1], rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("container", [list, as_objects])
@pytest.mark.parametrize("per_step", [False, True])
def test_scikit_learn_splits_lists(rng, container, per_step):
    sequences = ragged_sequences(rng, n=40)
    X, y = container(sequences), targets_of(sequences, per_step)
    y = as_objects(y) if per_step else y
    model = RNNRegressor(3, alpha=1.0, solver="adam", max_iter=10, random_state=0)
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
    frames = [pd.DataFrame(x, columns=["a", "b"]) for x in ragged_sequences(rng)]
    y = [float(frame.to_numpy().sum()) for frame in frames]
    model = RNNRegressor(2, alpha=1.0, max_iter=5, random_state=0).fit(frames, y)
    assert list(model.feature_names_in_) == ["a", "b"]
    expected = clone(model).fit([frame.to_numpy() for frame in frames], y)
    assert_array_equal(model.parameters_, expected.parameters_)
    with pytest.raises(ValueError, match=r"feature names should match.*\['b', 'a'\]"):
        model.predict([frame[["b", "a"]] for frame in frames])
    mixed = [*frames[:3], frames[3][["b", "a"]]]
    with pytest.raises(ValueError, match=r"X\[3\] has the features \['b', 'a'\], but X\[0\]"):
        clone(model).fit(mixed, y[:4])


def test_a_pipeline_of_lists_learns(rng):
    """The mean of a feature in the thousands, of sequences of 3 to 30 steps."""
    X = [1000 + 300 * rng.normal(size=(rng.randint(3, 31), 1)) for _ in range(300)]
    y = np.array([x.mean() for x in X])
    pipe = make_pipeline(
        SequenceScaler(), RNNRegressor(alpha=1.0, cell="gru", hidden_size=4, random_state=0)
    )
    last = np.array([x[-1:, 0] for x in X])
    linear = LinearRegression().fit(last[:200], y[:200]).score(last[200:], y[200:])
    assert pipe.fit(X[:200], y[:200]).score(X[200:], y[200:]) > max(0.95, linear)
    padded = make_pipeline(SequenceScaler(), SequencePadder(side="left"), pipe[-1])
    assert padded.set_output(transform="pandas").fit(X[:200], y[:200]).score(
        X[200:], y[200:]
    ) == pytest.approx(pipe.score(X[200:], y[200:]), abs=0.02)


def test_a_classifier_of_lists_in_a_search(rng):
    X = ragged_sequences(rng, n=180)
    y = np.array(["up" if x.sum() > 0 else "down" for x in X])
    search = GridSearchCV(
        RNNClassifier(3, random_state=0), {"alpha": [0.1, 1]}, scoring="neg_log_loss", cv=3
    ).fit(X, y)
    guess = -np.mean(np.log([np.mean(y == label) for label in y]))
    assert -search.best_score_ < 0.5 * guess


def test_lists_of_polars_frames_have_names(rng):
    polars = pytest.importorskip("polars", reason="an extra of the tests")
    X = ragged_sequences(rng)
    frames = [polars.DataFrame({"a": x[:, 0], "b": x[:, 1]}) for x in X]
    y = targets_of(X, False)
    model = RNNRegressor(2, alpha=1.0, max_iter=3, random_state=0).fit(frames, y)
    assert list(model.feature_names_in_) == ["a", "b"]
    assert_array_equal(model.predict(frames), model.predict(X))
    assert SequencePadder().fit_transform(frames).feature_names == ["a", "b"]


def test_lists_with_nothing_in_them(rng):
    X = ragged_sequences(rng)
    model = RNNRegressor(2, alpha=1.0, max_iter=3, random_state=0).fit(X, targets_of(X, False))
    nothing = np.empty((0, D))
    alone, together = model.predict([nothing]), model.predict([nothing, X[0]])
    assert_allclose(alone[0], together[0], rtol=1e-12)  # batches of other sizes
    with pytest.raises(ValueError, match="There is nothing to learn from"):
        clone(model).fit([nothing, nothing], [1, 2])
    for call in (model.predict, SequencePadder().fit, SequenceScaler().fit):
        with pytest.raises(ValueError, match="X is an empty list: a minimum of 1 sequence"):
            call([])
