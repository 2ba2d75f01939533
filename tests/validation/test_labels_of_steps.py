"""Labels of a classifier, one for each step: containers, missing steps and errors."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import DataConversionWarning
from sklearn.metrics import accuracy_score
from sklearn.pipeline import make_pipeline

from skrnn import RNNRegressor, SequencePadder, flatten_steps
from tests.helpers.data import CONTAINERS, cut, labelled, padded
from tests.helpers.fits import quick

pytestmark = pytest.mark.core

N, T, D = 24, 6, 2


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("kind", ["strings", "integers", "bools"])
def test_lists_equal_the_padded_array(rng, kind, container):
    X, y = labelled(rng, 2 if kind == "bools" else 3, n=N, per_step=True)
    y = {"strings": y, "integers": np.unique(y, return_inverse=True)[1] * 5 - 5, "bools": y == "a"}[
        kind
    ].reshape(N, T)
    X, parts = cut(rng, X, y)
    expected = quick().fit(padded(X, "right"), y)
    model = quick().fit(X, CONTAINERS[container](parts))
    assert_array_equal(model.parameters_, expected.parameters_)
    assert_array_equal(model.classes_, np.unique(y))
    assert model.classes_.dtype.kind in {"strings": "UO", "integers": "i", "bools": "b"}[kind]
    predicted, p = model.predict(X), model.predict_proba(X)
    assert isinstance(predicted, list)
    whole = expected.predict_proba(padded(X, "right"))
    for i, x in enumerate(X):
        assert predicted[i].shape == (len(x),)
        assert_array_equal(predicted[i], model.classes_[p[i].argmax(axis=1)])
        assert_allclose(p[i], whole[i, : len(x)], rtol=1e-12)
    if container != "tuple":
        score = accuracy_score(np.concatenate(parts), np.concatenate(predicted))
        assert model.score(X, CONTAINERS[container](parts)) == score


def test_series_of_lists_are_lists(rng):
    X, parts = cut(rng, *labelled(rng, n=N, per_step=True))
    expected = quick().fit(X, parts)
    lists = [own.tolist() for own in parts]
    for y in (pd.Series(lists, index=range(N, 0, -1)), pl.Series(lists)):
        assert_array_equal(quick().fit(X, y).parameters_, expected.parameters_)
        assert expected.score(X, y) == expected.score(X, parts)


@pytest.mark.parametrize("missing", ["", None, np.nan, "another"])
def test_missing_steps_have_no_label(rng, missing):
    X, y = labelled(rng, n=N, per_step=True)
    X[3, :2] = X[4, 3] = X[5, 4:] = X[6] = np.nan
    valid = ~np.isnan(X[..., 0])
    other = y.astype(object)
    other[~valid] = missing
    expected, model = quick().fit(X, y), quick().fit(X, other)
    assert_array_equal(model.classes_, ["a", "b", "c"])
    assert_array_equal(model.parameters_, expected.parameters_)
    assert_array_equal(model.predict(X), expected.predict(X))
    assert model.predict(X).shape == (N, T)
    assert model.score(X, other) == expected.score(X, y) == model.score(X, y)
    assert model.score(X, y) == (model.predict(X) == y)[valid].mean()
    assert model.score(X, y) == accuracy_score(*flatten_steps(X, y, model.predict(X)))


def test_numbers_with_nan_at_missing_steps(rng):
    X, y = labelled(rng, n=N, per_step=True)
    X[3, :2] = X[4, 3] = X[5, 4:] = np.nan
    codes = np.unique(y, return_inverse=True)[1].reshape(N, T).astype(float)
    expected = quick().fit(X, codes)
    codes[np.isnan(X[..., 0])] = np.nan
    assert_array_equal(quick().fit(X, codes).parameters_, expected.parameters_)
    codes[0, 0] = np.nan
    with pytest.raises(ValueError, match=r"contains NaN: 1 of .* a sample_weight of 0"):
        quick().fit(X, codes)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_list_of_labels_goes_with_what_is_between_the_padding(rng, side):
    X, y, weight = cut(rng, *labelled(rng, n=N, per_step=True), rng.uniform(0.5, 2, size=(N, T)))
    model = quick().fit(padded(X, side), y, weight)
    expected = quick().fit(X, y, weight)
    # which of the padded steps come first changes the order of sums, in the last bits
    assert_allclose(model.parameters_, expected.parameters_, rtol=1e-9, atol=1e-12)
    score = expected.score(X, y, weight)
    assert model.score(padded(X, side), y, weight) == pytest.approx(score)
    assert score != expected.score(X, y)
    flat = flatten_steps(X, y, expected.predict(X), weight)
    assert score == pytest.approx(accuracy_score(*flat[:2], sample_weight=flat[2]))
    flat = flatten_steps(padded(X, side), y, model.predict(padded(X, side)))
    assert_array_equal(flat[0], np.concatenate(y))
    assert accuracy_score(*flat) == expected.score(X, y)


def test_rows_of_a_table_with_a_label_for_each_step(rng):
    X, y = labelled(rng, n=N, per_step=True)
    model = quick().fit(X, y)
    rows = quick(n_features_per_step=D).fit(X.reshape(N, -1), y)
    assert_array_equal(rows.parameters_, model.parameters_)
    assert_array_equal(rows.predict(X.reshape(N, -1)), model.predict(X))
    assert rows.score(X.reshape(N, -1), y) == model.score(X, y)
    frame = pd.DataFrame(y, columns=[f"step {t}" for t in range(T)])
    assert_array_equal(quick().fit(X, frame).parameters_, model.parameters_)
    assert model.score(X, frame) == model.score(X, y)


def test_a_regressor_and_a_classifier_read_the_same_lists(rng):
    """What is left of the labels is a matter of X, not of what kind they are."""
    X, y = cut(rng, *labelled(rng, n=N, per_step=True))
    X[2][0] = np.nan
    targets = [(own == "a").astype(float)[:, np.newaxis] for own in y]
    lengths = [len(p) for p in RNNRegressor(2, max_iter=1).fit(X, targets).predict(X)]
    assert [len(p) for p in quick().fit(X, y).predict(X)] == lengths == [len(own) for own in y]


def test_labels_of_missing_steps_are_no_labels_in_lists_either():
    X = np.zeros((2, 3, 1))
    X[0, 0] = np.nan
    for nothing in ("", None, np.nan, 7):
        y = [[nothing, "a", "b"], ["a", "b", "a"]]
        for given in (X, list(X)):
            for labels in (y, tuple(y), [np.array(own, dtype=object) for own in y]):
                model = quick().fit(given, labels)
                assert list(model.classes_) == ["a", "b"]
                found = np.concatenate(model.predict(given))
                right = found[1:] == ["a", "b", "a", "b", "a"]
                assert 0 < right.sum() < 5  # then a sixth label would change their share
                assert model.score(given, labels) == right.mean()


def test_sequences_without_steps_bring_no_type():
    X = [np.ones((0, 1)), np.ones((4, 1))]
    model = quick().fit(X, [[], [True, False, True, False]])
    assert model.classes_.dtype == bool
    assert [len(own) for own in model.predict(X)] == [0, 4]
    large = [5, 2**60, 2**60 + 1, 5]  # which are the same number as floats
    assert list(quick().fit(X, [[], large]).classes_) == sorted(set(large))
    y = [[], [1, 0, 1, 0]]
    expected = quick().fit(X, y)
    piped = make_pipeline(SequencePadder(), quick()).fit(X, y)
    assert_array_equal(piped[-1].parameters_, expected.parameters_)
    assert piped.score(X, y) == expected.score(X, y)


def test_score_of_lists_with_missing_steps(rng):
    X = [np.array([[np.nan], [1.0], [2.0]]), np.ones((4, 1)), np.array([[3.0], [np.nan]])]
    y = [[0, 0, 1], [1, 0, 1, 0], [1, 0]]
    model = quick().fit(X, y)
    flat = flatten_steps(X, y, model.predict(X))
    assert len(flat[0]) == 7
    assert model.score(X, y) == np.mean(flat[0] == flat[1])


def test_numbers_in_object_arrays_and_nullable_tables():
    X = np.zeros((2, 3, 1))
    X[0, 0] = np.nan
    table = pd.DataFrame([[pd.NA, 0, 1], [0, 1, 0]], dtype="Int64")
    for y in (table, table.to_numpy(), np.array([[None, 0, 1], [0, 1, 0]], dtype=object)):
        model = quick().fit(X, y)
        assert list(model.classes_) == [0, 1]
        assert model.classes_.dtype.kind == "i"
        assert model.score(X, y) in (0.4, 0.6)


def test_nested_lists_are_sequences():
    X, y = [[[1.0], [2.0]], [[3.0]], [[0.5], [1.0], [2.0]]], [["a", "b"], ["b"], ["a", "a", "b"]]
    weight = [[1, 2], [1], [0, 1, 1]]
    model = quick().fit(X, y, sample_weight=weight)
    arrays = [np.array(x) for x in X]
    expected = quick().fit(arrays, y, sample_weight=[np.array(w) for w in weight])
    assert_array_equal(model.parameters_, expected.parameters_)
    assert model.score(X, y, weight) == expected.score(arrays, y, weight)
    assert [len(own) for own in model.predict(X)] == [2, 1, 3]


def test_a_nested_column_is_raveled():
    X = np.zeros((4, 3, 1))
    with pytest.warns(DataConversionWarning, match="column-vector"):
        model = quick().fit(X, [[0], [1], [0], [1]])
    assert model.predict(X).shape == (4,)
    assert quick().fit(X, [np.array(k) for k in (0, 1, 0, 1)]).predict(X).shape == (4,)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["a", np.nan, "b", "a"], "contains NaN: 1 of 4 labels are missing, first at sample 1"),
        (["a", None, "b", "a"], "contains NaN: 1 of 4 labels"),
        ([["a", np.nan, "b"]] * 4, "contains NaN: 4 of 12 labels"),
        (["a", 1, "b", 1], "several types, int, str: make them strings throughout"),
        ([np.array(["a", "b", "a"]), np.arange(3)] * 2, "several types, int, str"),
    ],
)
def test_lists_don_t_turn_everything_into_strings(y, message):
    with pytest.raises((TypeError, ValueError), match=message):
        quick().fit(np.zeros((4, 3, 1)), y)


def test_score_wants_the_labels_of_fit():
    X, y = [np.ones((2, 1)), np.zeros((3, 1))], [[0, 1], [1, 0, 1]]
    model = quick().fit(X, y)
    with pytest.raises(
        ValueError, match="one label for each sequence, but the fit had one for each step"
    ):
        model.score(X, [0, 1])
    with pytest.raises(ValueError, match="requires y to be passed"):
        model.score(X, None)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.score([*X, X[0]], y)
