"""What SlidingWindow refuses."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal

from skrnn import SlidingWindow, sliding_windows


@pytest.mark.parametrize("dates", [pd.date_range("2024", periods=5), pl.date_range])
def test_columns_of_dates_are_refused(dates):
    if dates is pl.date_range:
        days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 1, 5), eager=True)
        X = pl.DataFrame({"day": days, "x": np.arange(5.0)})
    else:
        X = pd.DataFrame({"day": dates, "x": np.arange(5.0)})
    with pytest.raises(
        ValueError, match=r"Column 'day' of X holds dates or times.*Make them the index"
    ):
        SlidingWindow(2).fit(X)
    with pytest.raises(ValueError, match=r"Column 'day' of series holds dates.*set_index"):
        sliding_windows(X, 2)


def test_dates_may_start_again_with_each_series():
    dates = pd.date_range("2024-01-01", periods=5)
    X = pd.DataFrame({"id": ["a"] * 5 + ["b"] * 5, "x": np.arange(10.0)}, dates.append(dates))
    SlidingWindow(3, groups="id").fit(X)
    with pytest.raises(ValueError, match=r"DatetimeIndex of X.*sort_index\(\).*groups="):
        SlidingWindow(3).fit(X[["x"]])
    with pytest.raises(ValueError, match=r"series 'b'.*sort_index"):
        SlidingWindow(3, groups="id").fit(X.iloc[[0, 1, 2, 7, 6, 5]])


X10 = np.arange(20.0).reshape(10, 2)
FRAME = pd.DataFrame(X10, columns=["a", "b"])


@pytest.mark.parametrize(
    ("params", "X", "match"),
    [
        ({"length": 0}, X10, "'length' parameter.*must be an int in the range"),
        ({"length": 2.5}, X10, "'length' parameter"),
        ({"delay": -1}, X10, "'delay' parameter"),
        ({"dilation": 0}, X10, "'dilation' parameter"),
        ({"min_periods": -1}, X10, "'min_periods' parameter"),
        ({"layout": "2d"}, X10, "'layout' parameter"),
        ({"context": True}, X10, "'context' parameter"),
        ({"groups": 1.5}, X10, "'groups' parameter"),
        ({"pad_value": "nan"}, X10, "'pad_value' parameter"),
        ({"pad_value": np.inf}, X10, "'pad_value' parameter"),
        ({"length": 3, "min_periods": 4}, X10, "min_periods=4 is larger than length=3.*Lower"),
        ({"length": 11}, X10, "length=11, .*dilation=1 .*11 rows, but n_samples=10: shorten"),
        ({"length": 4, "delay": 1, "dilation": 3}, X10, "delay=1, dilation=3 .*11 rows"),
        ({"length": 2}, X10[:1], "n_samples=1: shorten"),
        ({"length": 6, "groups": 0}, np.c_[[0, 1] * 5, X10], "n_samples=5 in the longest series"),
        ({}, X10[:, 0], r"Expected 2D array, got 1D array[\s\S]*reshape\(-1, 1\)"),
        ({}, pd.Series(X10[:, 0]), r"Expected 2D array[\s\S]*X\.to_frame\(\)"),
        ({}, X10[None], "Found array with dim 3"),
        ({"groups": 0}, X10[:, 0], r"reshape\(-1, 1\)"),
        ({"groups": 0}, X10[None], "Found array with dim 3"),
        ({}, np.where(X10 == 3, np.inf, X10), "Input X contains infinity"),
        ({"groups": 0}, np.where(X10 == 3, np.inf, X10), "Input X contains infinity"),
        ({}, X10[:0], r"Found array with 0 sample\(s\)"),
        ({"groups": 0}, X10[:0], r"Found array with 0 sample\(s\)"),
        (
            {},
            FRAME.assign(b="word"),
            "Column 'b' of X, position 0: could not convert string.*must be numbers.*groups=",
        ),
        (
            {},
            pl.DataFrame({"a": ["word"] * 10}),
            "Column 'a' of X, position 0: could not convert .*'word'.*numbers",
        ),
        ({"groups": "c"}, FRAME, r"groups='c' is not a column; the columns are \['a', 'b'\]"),
        ({"groups": "c"}, pl.DataFrame(X10, schema=["a", "b"]), r"groups='c' .*\['a', 'b'\]"),
        ({"groups": "a"}, X10, "groups='a' is a name, but the input has no named columns"),
        ({"groups": 2}, X10, "groups=2 is out of range: there are 2 columns"),
        ({"groups": -3}, X10, "groups=-3 is out of range"),
        ({"groups": 0}, X10[:, :1], "no column besides groups=0"),
        ({"groups": 0}, np.c_[[np.nan] * 10, X10], "missing values: every row needs the id"),
        ({"groups": "a"}, FRAME.assign(a=[None] + ["x"] * 9), "missing values"),
        ({"groups": "a"}, FRAME.assign(a=pd.array([1] * 9 + [None], "Int64")), "missing values"),
    ],
)
def test_errors_of_fit(params, X, match):
    with pytest.raises(ValueError, match=match):
        SlidingWindow(**{"length": 2, **params}).fit(X)


DATES = pd.date_range("2024-01-01", periods=10)


@pytest.mark.parametrize("context", ["auto", "continue", "pad"])
@pytest.mark.parametrize(
    "index",
    [DATES[::-1], DATES.to_period("D")[::-1], DATES[[0, 2, 1, *range(3, 10)]]],
    ids=["dates", "periods", "swapped"],
)
def test_unsorted_dates(index, context):
    X = pd.DataFrame(X10, index)
    window = SlidingWindow(2, context=context)
    with pytest.raises(ValueError, match=r"not in increasing order.*sort_index\(\)"):
        window.fit(X)
    window.fit(X.sort_index())
    with pytest.raises(ValueError, match=r"not in increasing order.*sort_index\(\)"):
        window.transform(X)


def test_missing_dates():
    with pytest.raises(ValueError, match="missing labels"):
        SlidingWindow(2).fit(pd.DataFrame(X10, DATES.insert(3, pd.NaT)[:10]))


def test_errors_of_transform():
    window = SlidingWindow(2).fit(FRAME)
    with pytest.raises(ValueError, match="feature names should match"):
        window.transform(FRAME[["b", "a"]])
    with pytest.raises(ValueError, match="expecting 2 features"):
        SlidingWindow(2).fit(X10).transform(X10[:, :1])
    with pytest.raises(ValueError, match="expecting 2 features"):
        SlidingWindow(2, groups=0).fit(np.c_[[0] * 10, X10[:, 0]]).transform(X10[:, :1])
    with pytest.raises(ValueError, match="0 sample"):
        window.transform(FRAME[:0])


def test_a_window_that_looks_back_further_than_what_fit_kept():
    rows = np.arange(40.0)[:, np.newaxis]
    window = SlidingWindow(5, context="continue").fit(rows)
    with pytest.raises(
        ValueError, match=r"look back at 11 rows, but fit has kept the last 4: call"
    ):
        window.set_params(length=12).transform(rows[:5] + 40)
    windows = window.fit(rows).transform(rows[:5] + 40)
    assert_array_equal(windows[0], np.arange(29.0, 41)[:, np.newaxis])
    short = np.column_stack([[0] * 3 + [1] * 9, np.arange(12.0)])  # series 0 was kept as a whole
    window = SlidingWindow(5, groups=0, context="continue").fit(short).set_params(length=12)
    assert_array_equal(window.transform([[0, 7.0]])[0, -4:, 0], [0, 1, 2, 7])
    with pytest.raises(ValueError, match="fit has kept the last 4"):
        window.transform([[1, 7.0]])
