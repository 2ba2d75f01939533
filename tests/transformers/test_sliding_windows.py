"""sliding_windows: against windows cut by hand."""

import pickle

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal

from skrnn import SlidingWindow, sliding_windows
from skrnn._validation.annotated_array import origin_of

X10 = np.arange(20.0).reshape(10, 2)
FRAME = pd.DataFrame(X10, columns=["a", "b"])


@pytest.mark.parametrize("length", [1, 4])
@pytest.mark.parametrize("horizon", [1, 3])
@pytest.mark.parametrize("stride", [1, 2, 5])
@pytest.mark.parametrize("dilation", [1, 3])
@pytest.mark.parametrize("targets", [None, 1, "b", ["c", "a"], [2], [-1, 0]])
@pytest.mark.parametrize("n", [13, 14, 20])
def test_sliding_windows_same_as_by_hand(length, horizon, stride, dilation, targets, n):
    series = pd.DataFrame(np.random.RandomState(0).normal(size=(n, 3)), columns=list("abc"))
    values = series.to_numpy()
    names = list("abc") if targets is None else targets if isinstance(targets, list) else [targets]
    columns = ["abc".index(c) if isinstance(c, str) else c for c in names]
    X, y = [], []
    for start in range(0, n, stride):
        last = start + (length - 1) * dilation
        if last + horizon < n:
            X.append([values[start + k * dilation] for k in range(length)])
            y.append(values[last + 1 : last + 1 + horizon][:, columns])
    n_outputs = horizon * len(columns)
    shape = (len(X), n_outputs) if n_outputs > 1 else (len(X),)
    got_X, got_y = sliding_windows(
        series, length, horizon, stride=stride, dilation=dilation, targets=targets
    )
    assert_array_equal(got_X, np.array(X))
    assert_array_equal(got_y, np.reshape(y, shape), strict=True)


@pytest.mark.parametrize("convert", [np.asarray, list, pd.Series, pl.Series])
def test_sliding_windows_of_one_column(convert):
    X, y = sliding_windows(convert([1.0, 2.0, 3.0, 4.0]), 2)
    assert_array_equal(X[..., 0], [[1, 2], [2, 3]])
    assert_array_equal(y, [3, 4], strict=False)
    assert X.shape == (2, 2, 1)
    assert y.shape == (2,)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(50,), (50, 2)])
def test_sliding_windows_share_memory(dtype, shape):
    series = np.zeros(shape, dtype)
    X, y = sliding_windows(series, 5)
    assert np.shares_memory(X, series)
    assert not X.flags.writeable
    assert not np.shares_memory(y, series)
    assert y.flags.writeable
    assert X.dtype == y.dtype == dtype


@pytest.mark.parametrize("n_features", [1, 3])
@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ({}, slice(None)),
        ({"stride": 4}, slice(None)),
        ({"dilation": 3}, slice(None)),
        ({"stride": 2, "dilation": 2}, slice(20, 200)),
        ({}, slice(300, 100, -1)),  # backwards in memory
        ({}, [5, 1, 3]),  # no view
    ],
)
def test_windows_come_out_of_a_pickle_as_they_were(n_features, options, rows):
    series = np.random.RandomState(0).normal(size=(500, n_features))
    X = sliding_windows(series, 20, **options)[0][rows]
    for ways in (pickle.dumps, lambda X: pickle.dumps(X, 2)):
        loaded = pickle.loads(ways(X))
        assert_array_equal(loaded, X, strict=True)
        first, offsets = origin_of(loaded)
        assert_array_equal(first, origin_of(X).first)
        assert offsets == origin_of(X).offsets


def test_a_pickle_of_windows_holds_nothing_else():
    """Other columns of the table, and rows between those of the windows, stay where they are."""
    table = np.zeros((300, 20))
    table[:, 7] = 12345.678
    between = np.zeros(400)
    between[1::2] = 12345.678
    windows = [
        sliding_windows(table[:, 3:5], length=40)[0],
        sliding_windows(table, length=40)[0][:, :, 3:5],
        sliding_windows(between, length=10, dilation=2, stride=2)[0],
    ]
    for X in windows:
        written = pickle.dumps(X)
        assert np.array(12345.678).tobytes() not in written
        assert len(written) < X.nbytes / 4
        np.testing.assert_array_equal(pickle.loads(written), X)
    between = np.zeros(400)
    between[1] = 12345.678  # 2 i + 3 t is never 1
    X, _ = sliding_windows(between, length=10, dilation=3, stride=2)
    assert np.array(12345.678).tobytes() not in pickle.dumps(X)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(X)), X)


def test_a_pickle_of_windows_holds_each_row_once():
    series = np.random.RandomState(0).normal(size=(5000, 2))
    X, _ = sliding_windows(series, 50)
    assert len(pickle.dumps(X)) < 1.05 * series.nbytes
    assert len(pickle.dumps(X[1000:2000])) < 1.1 * series[1000:2050].nbytes
    behind = SlidingWindow(50).fit_transform(series)
    assert len(pickle.dumps(behind)) < 1.05 * series.nbytes
    wide = sliding_windows(np.zeros((500, 100)), 2)[0][:, :, :1]  # most columns aren't read
    assert len(pickle.dumps(wide)) < 1.1 * wide.nbytes + 500


def strides_and_sum(X):
    return X.strides, np.sum(X)


def test_processes_share_the_rows_of_windows(tmp_path):
    """What joblib maps from a file is the rows, and the windows are a view of them."""
    X, _ = sliding_windows(np.random.RandomState(0).normal(size=(500, 2)), 20)
    parallel = joblib.Parallel(2, max_nbytes=1000, temp_folder=tmp_path)
    for strides, total in parallel(joblib.delayed(strides_and_sum)(X) for _ in range(2)):
        assert strides == X.strides
        assert total == np.sum(X)


@pytest.mark.parametrize(
    ("series", "params", "match"),
    [
        (X10, {"length": 0}, "'length' parameter"),
        (X10, {"horizon": 0}, "'horizon' parameter"),
        (X10, {"stride": 0}, "'stride' parameter"),
        (X10, {"dilation": 0}, "'dilation' parameter"),
        (
            X10,
            {"length": 8, "horizon": 3},
            "length=8, dilation=1 and horizon=3 need 11 rows.*has 10",
        ),
        (X10[:0], {}, "series has 0"),
        (X10[None], {}, "dim 3"),
        (X10 + np.inf, {}, "infinity"),
        (["a", "b", "c"], {}, "could not convert string|numeric"),
        (X10, {"targets": 2}, "targets=2 is out of range"),
        (X10, {"targets": "a"}, "targets='a' is a name, but the input"),
        (FRAME, {"targets": "c"}, "targets='c' is not a column"),
        (FRAME, {"targets": []}, "selects no column"),
    ],
)
def test_errors_of_sliding_windows(series, params, match):
    with pytest.raises(ValueError, match=match):
        sliding_windows(series, **{"length": 2, **params})
