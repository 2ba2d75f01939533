"""flatten_steps."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal

from skrnn import SequencePadder, flatten_steps
from tests.helpers.data import as_objects, ragged_sequences

pytestmark = pytest.mark.core


def test_flatten_steps_of_every_layout(rng):
    X = ragged_sequences(rng, n=5)
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


def test_static_features_select_columns_as_in_the_estimators(rng):
    columns = pd.MultiIndex.from_tuples([("x", "a"), ("size", "")])
    X = [pd.DataFrame(x, columns=columns) for x in ragged_sequences(rng, n=3)]
    y = [np.arange(len(x)) for x in X]
    X[1].iloc[0, 0] = np.nan  # all that isn't static
    expected = np.concatenate([y[0], y[1][1:], y[2]])
    for name in (("size", ""), [("size", "")], 1):
        assert_array_equal(flatten_steps(X, y, static_features=name)[0], expected)
    with pytest.raises(ValueError, match=r"static_features='size' is not a column.*are tuples"):
        flatten_steps(X, y, static_features="size")


def test_sequences_with_other_features_are_refused(rng):
    X = [rng.normal(size=(3, 2)), rng.normal(size=(4, 1))]
    with pytest.raises(ValueError, match=r"X\[1\] has 1 features, but X\[0\] has 2"):
        flatten_steps(X, [[0] * 3, [0] * 4])


@pytest.mark.parametrize(
    "table", [pd.DataFrame, pl.from_numpy, lambda y: pa.table(pd.DataFrame(y))]
)
def test_tables_of_values_are_read_row_by_row(table):
    y = np.arange(9).reshape(3, 3)
    assert_array_equal(flatten_steps(np.zeros((3, 3, 1)), table(y))[0], y.ravel())


def test_masked_values_are_in_no_result():
    X, values = np.zeros((2, 3, 1)), np.arange(6.0).reshape(2, 3)
    masked = np.ma.array(values, mask=values == 1)
    for kind in (masked, list(masked)):
        assert_array_equal(flatten_steps(X, kind, values)[1], [0, 2, 3, 4, 5])


def test_booleans_beside_numbers_in_a_frame():
    X = pd.DataFrame({"a": [True, False], "b": [0.5, np.nan]})
    assert_array_equal(flatten_steps(X, np.array([[1, 2], [3, 4]]))[0], [1, 2, 3])
    assert_array_equal(flatten_steps([X[:1]], [[1]])[0], [1])
