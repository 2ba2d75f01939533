"""What is made a table, and what is refused with the fix."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal

from skrnn import SlidingWindow, sliding_windows

FRAME = pd.DataFrame({"id": [1] * 6 + [2] * 6, "a": np.arange(12.0), "b": np.ones(12)})
TABLE = pa.Table.from_pandas(FRAME)


class Lazy:
    """As a DataFrame or Series of dask: its number of rows isn't known before it is computed."""

    def __init__(self, data):
        self._data = data
        self.shape = (None, *data.shape[1:])
        if hasattr(data, "columns"):
            self.columns, self.dtypes = data.columns, data.dtypes

    def compute(self):
        return self._data


@pytest.mark.parametrize("X", [TABLE, TABLE.to_batches()[0], Lazy(FRAME)])
def test_tables_that_become_frames(X):
    for params in ({}, {"groups": "id"}, {"static_features": "b"}, {"groups": 0}):
        window = SlidingWindow(3, **params)
        expected = SlidingWindow(3, **params).fit_transform(FRAME)
        assert_array_equal(window.fit_transform(X), expected)
        assert_array_equal(window.transform(X), expected)
        assert list(window.feature_names_in_) == ["id", "a", "b"]
    for targets in (None, "a", ["b", 0]):
        for ours, theirs in zip(
            sliding_windows(X, 3, targets=targets),
            sliding_windows(FRAME, 3, targets=targets),
            strict=True,
        ):
            assert_array_equal(ours, theirs)


@pytest.mark.parametrize("column", [TABLE["a"], TABLE["a"].combine_chunks(), Lazy(FRAME["a"])])
def test_columns_that_become_arrays(column):
    assert_array_equal(sliding_windows(column, 3)[0], sliding_windows(FRAME["a"], 3)[0])


def test_an_arrow_table_without_pandas():
    class Table:
        __module__ = "pyarrow.lib"
        column_names = ("a",)

        def to_pandas(self):
            raise ModuleNotFoundError("No module named 'pandas'")

    with pytest.raises(TypeError, match=r"X is a Table, which needs pandas.*polars\.from_arrow"):
        SlidingWindow(2).fit(Table())


class LazyGroupBy:
    """As that of dask, which can't be computed."""

    __module__ = "dask.dataframe.dask_expr"

    def compute(self):
        raise NotImplementedError


REFUSED = {
    "groupby of dask": (LazyGroupBy(), r"LazyGroupBy.*(groups=|frame\.groupby)"),
    "groupby": (FRAME.groupby("id"), r"DataFrameGroupBy.*(groups=|frame\.groupby)"),
    "groupby of a column": (FRAME.groupby("id")["a"], "SeriesGroupBy"),
    "groupby of polars": (pl.from_pandas(FRAME).group_by("id"), "GroupBy"),
    "lazy": (pl.from_pandas(FRAME).lazy(), r"LazyFrame.*pass (X|series)\.collect\(\)"),
    "dict": ({"a": [1.0, 2, 3, 4]}, r"is a dict.*DataFrame"),
    "dicts": ([{"a": 1.0}, {"a": 2.0}], r"list of dict.*pandas\.DataFrame\(X\)"),
    "generator": ((float(x) for x in range(9)), r"generator.*list\((X|series)\)"),
    "set": ({1.0, 2.0}, r"is a set.*in the order that counts"),
    "None": (None, "is None: pass an array"),
    "text": ("abc", r"is a str.*pass an array"),
    "list of frames": ([FRAME, FRAME], r"holds frames.*pandas\.concat\(X"),
    "column of frames": (pd.Series([FRAME, FRAME]), r"holds frames.*pandas\.concat\(X"),
    "column of lists": (pd.Series([[1.0, 2], [3.0]]), "cells of (X|series) hold a list"),
    "column of arrays": (pd.Series([np.ones(2)] * 3), "cells of (X|series) hold a ndarray"),
    "polars' lists": (pl.Series([[1.0, 2.0], [3.0]]), "cells of (X|series) hold a Series"),
    "arrays": (np.array([np.ones(2), np.ones(3)], object), "cells of (X|series) hold a ndarray"),
}


@pytest.mark.parametrize("groups", [None, "id"])
@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_table(kind, groups):
    X, match = REFUSED[kind]
    with pytest.raises((TypeError, ValueError), match=match):
        SlidingWindow(2, groups=groups).fit(X)
    with pytest.raises((TypeError, ValueError), match=match):
        sliding_windows(X, 2)


def test_a_failed_transform_leaves_the_window_as_it_was():
    window = SlidingWindow(2).fit(FRAME)
    before = dict(vars(window))
    with pytest.raises(TypeError, match="is a dict"):
        window.transform({"a": [1]})
    assert vars(window) == before
