"""SlidingWindow: windows against those cut by hand, names, containers, scikit-learn's tools."""

import pickle
import subprocess
import sys
import tracemalloc

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import check_estimator

from skrnn import SlidingWindow
from tests.helpers.data import frame, table
from tests.helpers.oracle_windows import windows_by_hand


@pytest.mark.parametrize("pad_value", [np.nan, 0, -1.5])
@pytest.mark.parametrize(
    ("length", "delay", "dilation", "min_periods"),
    [
        (1, 0, 1, 1),
        (1, 0, 1, 0),
        (4, 0, 1, 1),
        (4, 0, 1, 0),
        (4, 0, 1, 3),
        (4, 2, 1, 4),
        (3, 1, 4, 2),
        (1, 3, 2, 1),
        (5, 7, 3, 1),
        (30, 0, 1, 1),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("grouped", [False, True])
def test_same_windows_as_by_hand(length, delay, dilation, min_periods, pad_value, dtype, grouped):
    X = table(dtype=dtype)
    params = {"delay": delay, "dilation": dilation, "min_periods": min_periods}
    params["pad_value"] = pad_value
    ids, given, groups = None, X, None
    if grouped:  # interleaved; the first series is long enough for the longest window
        X = table(n=70, dtype=dtype, n_missing=12)
        ids = np.r_[np.zeros(20), np.random.RandomState(0).choice(3, 50, p=[0.6, 0.3, 0.1])]
        given, groups = np.c_[X[:, :1], ids, X[:, 1:]].astype(dtype), 1
    window = SlidingWindow(length, groups=groups, **params)
    expected = windows_by_hand(X, length, ids=ids, **params)
    out = window.fit_transform(given)
    assert out.dtype == dtype
    assert_array_equal(out, expected)
    assert_array_equal(window.transform(given), expected)
    assert_array_equal(
        window.set_params(layout="flat").transform(given), expected.reshape(len(X), -1)
    )


@pytest.mark.parametrize(
    "convert",
    [
        np.asarray,
        np.asfortranarray,
        lambda X: X[::-1][::-1],
        np.ndarray.tolist,
        pd.DataFrame,
        lambda X: pd.DataFrame(X, columns=["a", "b"]).astype(object),
        lambda X: pl.DataFrame(X, schema=["a", "b"]),
    ],
    ids=["C", "F", "strided", "list", "pandas", "object", "polars"],
)
def test_containers(convert):
    X = table()
    assert_array_equal(SlidingWindow(4).fit_transform(convert(X)), windows_by_hand(X, 4))


@pytest.mark.parametrize("dtype", [np.int32, np.float16, bool])
def test_other_dtypes_become_float64(dtype):
    assert SlidingWindow(2).fit_transform(np.ones((3, 1), dtype=dtype)).dtype == np.float64


def test_nullable_integers():
    X = pd.DataFrame({"a": pd.array([1, None, 3], dtype="Int64")})
    assert_array_equal(
        SlidingWindow(2).fit_transform(X)[..., 0], [[np.nan, 1], [1, np.nan], [np.nan, 3]]
    )


@pytest.mark.parametrize("pad_value", [np.nan, 0])
@pytest.mark.parametrize("delay", [0, 3])
def test_windows_share_one_copy(pad_value, delay):
    X = np.random.RandomState(0).normal(size=(20_000, 3))
    window = SlidingWindow(500, delay=delay, pad_value=pad_value).fit(X)
    tracemalloc.start()
    try:
        windows = window.transform(X)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert windows.shape == (20_000, 500, 3)
    assert peak < 4 * X.nbytes
    assert windows.strides[0] == windows.strides[1]
    assert np.shares_memory(windows[600], windows[601])
    assert not np.shares_memory(windows, X)
    assert not windows.flags.writeable


@pytest.mark.parametrize("groups", [None, 0])
def test_input_is_not_changed(groups):
    X = np.c_[np.arange(20) % 2, table(20)]
    before = X.copy()
    SlidingWindow(4, groups=groups, layout="flat").fit_transform(X)[:] = 7
    assert_array_equal(X, before)


def test_flat_output_is_writeable_even_with_one_step():
    SlidingWindow(1, layout="flat").fit_transform(table())[:] = 0


def test_flat_names():
    X = frame(range(9))
    window = SlidingWindow(2, delay=1, dilation=3, layout="flat").fit(X)
    names = ["open_lag4", "close_lag4", "open_lag1", "close_lag1"]
    assert list(window.get_feature_names_out()) == names
    assert list(window.get_feature_names_out(["open", "close"])) == names
    with pytest.raises(ValueError, match="input_features is not equal"):
        window.get_feature_names_out(["close", "open"])
    unnamed = SlidingWindow(2, layout="flat").fit(X.to_numpy())
    assert list(unnamed.get_feature_names_out()) == ["x0_lag1", "x1_lag1", "x0_lag0", "x1_lag0"]


@pytest.mark.parametrize("groups", ["id", 1, -2])
def test_flat_names_leave_the_ids_out(groups):
    X = frame(range(9))
    X.insert(1, "id", "a")
    window = SlidingWindow(2, layout="flat", groups=groups).fit(X)
    names = ["open_lag1", "close_lag1", "open_lag0", "close_lag0"]
    assert list(window.get_feature_names_out()) == names
    assert window.n_features_in_ == 3
    assert list(window.set_output(transform="pandas").transform(X).columns) == names


def test_sequences_have_no_names():
    assert not hasattr(SlidingWindow(2).fit(table()), "get_feature_names_out")


@pytest.mark.parametrize("how", ["set_output", "set_config"])
@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_flat_output_container(how, container):
    X = frame(pd.date_range("2024-01-01", periods=9))
    window = SlidingWindow(3, layout="flat")
    with config_context(transform_output=container if how == "set_config" else "default"):
        if how == "set_output":
            window.set_output(transform=container)
        out = window.fit_transform(X)
    assert isinstance(out, pd.DataFrame if container == "pandas" else pl.DataFrame)
    assert list(out.columns) == list(window.get_feature_names_out())
    assert_array_equal(out.to_numpy(), windows_by_hand(X.to_numpy(), 3).reshape(9, -1))
    if container == "pandas":
        pd.testing.assert_index_equal(out.index, X.index)


def test_sequences_stay_arrays_and_the_setting_is_remembered():
    X = frame(range(9))
    window = SlidingWindow(3)
    assert window.set_output(transform="pandas") is window
    assert window.set_output() is window  # None changes nothing
    for est in (window, clone(window), pickle.loads(pickle.dumps(window))):
        assert isinstance(est.fit_transform(X), np.ndarray)
        assert est.fit_transform(X).shape == (9, 3, 2)
        assert isinstance(est.set_params(layout="flat").transform(X), pd.DataFrame)
        assert isinstance(est.set_output(transform="default").transform(X), np.ndarray)
    with config_context(transform_output="pandas"):
        assert isinstance(SlidingWindow(3).fit_transform(X), np.ndarray)


def test_set_output_of_a_whole_pipeline():
    X = frame(pd.date_range("2024-01-01", periods=20))
    pipe = make_pipeline(MinMaxScaler(), SlidingWindow(4)).set_output(transform="pandas")
    pipe.fit(X[:12])
    later = pipe.transform(X[12:])
    scaled = pipe[0].transform(X).to_numpy()
    assert_array_equal(later, windows_by_hand(scaled, 4)[12:])


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_groups_by_name_with_string_ids(kind):
    X, ids = table(20), np.array(list("aabab" * 4))
    data = kind({"x": X[:, 0], "id": ids, "z": X[:, 1]})
    expected = windows_by_hand(X, 3, ids=ids)
    assert_array_equal(SlidingWindow(3, groups="id").fit_transform(data), expected)
    assert_array_equal(SlidingWindow(3, groups=1).fit_transform(data), expected)


def test_groups_in_arrays_and_lists():
    rows = [["a", 1], ["b", 2], ["a", 3]]
    for given in (rows, np.array(rows, dtype=object), np.array(rows)):
        out = SlidingWindow(2, groups=0).fit_transform(given)
        assert_array_equal(out[..., 0], [[np.nan, 1], [np.nan, 2], [1, 3]])


@pytest.mark.parametrize(
    "ids", [pd.Categorical(list("aab")), pd.to_datetime(["2024"] * 2 + ["2025"])]
)
def test_groups_of_other_types(ids):
    out = SlidingWindow(2, groups="id").fit_transform(pd.DataFrame({"id": ids, "x": [1, 2, 3]}))
    assert_array_equal(out[..., 0], [[np.nan, 1], [1, 2], [np.nan, 3]])


REASON = "a window holds the rows before its own: it depends on the order and on all rows"
EXPECTED_FAILURES = {
    "check_methods_sample_order_invariance": REASON,
    "check_methods_subset_invariance": REASON,
}


@pytest.mark.filterwarnings("ignore:SlidingWindow can't tell:UserWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.parametrize(
    "estimator",
    [
        SlidingWindow(),
        SlidingWindow(layout="flat"),
        SlidingWindow(context="continue"),
        SlidingWindow(context="pad"),
        SlidingWindow(3, delay=2, dilation=2, min_periods=2, pad_value=0),
    ],
    ids=str,
)
def test_estimator_checks(estimator):
    results = check_estimator(
        estimator, expected_failed_checks=EXPECTED_FAILURES, on_skip=None, on_fail=None
    )
    failed = {r["check_name"] for r in results if r["status"] in ("failed", "xfail")}
    assert failed == set(EXPECTED_FAILURES)
    assert len(results) > 40
    assert not estimator.__sklearn_tags__().non_deterministic


def test_folds_have_the_windows_of_the_whole_series():
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {"a": rng.normal(size=60).cumsum(), "b": rng.normal(size=60)},
        pd.bdate_range("2024-01-01", periods=60),
    )
    y = rng.normal(size=60)
    pipe = Pipeline(
        [
            ("scale", MinMaxScaler()),
            ("window", SlidingWindow(4, layout="flat", pad_value=0)),
            ("model", LinearRegression()),
        ]
    ).set_output(transform="pandas")
    for train, test in TimeSeriesSplit(4).split(X):
        pipe.fit(X.iloc[train], y[train])
        scaled = MinMaxScaler().fit(X.iloc[train]).transform(X)
        whole = windows_by_hand(scaled, 4, pad_value=0).reshape(60, -1)
        expected = LinearRegression().fit(whole[train], y[train]).predict(whole[test])
        assert_allclose(pipe.predict(X.iloc[test]), expected, rtol=1e-9)


def test_grid_search_over_the_length():
    X = frame(pd.date_range("2024-01-01", periods=60))
    y = X["open"].shift(3).fillna(0).to_numpy()
    pipe = make_pipeline(
        MinMaxScaler(), SlidingWindow(2, layout="flat", pad_value=0), LinearRegression()
    ).set_output(transform="pandas")
    grid = {"slidingwindow__length": [1, 2, 4]}
    search = GridSearchCV(pipe, grid, cv=TimeSeriesSplit(3)).fit(X, y)
    assert search.best_params_ == {"slidingwindow__length": 4}
    assert search.best_score_ > 0.8


def test_clone_and_pickle():
    X = frame(pd.bdate_range("2024-01-01", periods=20))
    window = SlidingWindow(4, groups=None, delay=1).fit(X[:12])
    copy = pickle.loads(pickle.dumps(window))
    assert_array_equal(copy.transform(X[12:]), window.transform(X[12:]))
    assert clone(window).get_params() == window.get_params()
    with pytest.raises(NotFittedError):
        clone(window).transform(X)


def test_works_without_pandas():
    code = """
import sys
class NoPandas:
    def find_spec(name, path=None, target=None):
        if name == "pandas":
            raise ImportError(name)
sys.meta_path.insert(0, NoPandas)
from skrnn import SlidingWindow, sliding_windows
rows = [["a", 1], ["a", 2], ["a", 3]]
assert SlidingWindow(2, groups=0, context="pad").fit(rows).transform(rows[1:]).shape == (2, 2, 1)
assert sliding_windows([1, 2, 3], 2)[1] == [3]
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_min_periods_does_not_count_static_features():
    """A row whose dynamic features are NaN is missing, whatever its static ones are."""
    X = np.column_stack([[1.0, np.nan, np.nan, 4.0], np.full(4, 7.0)])
    window = SlidingWindow(2, min_periods=1, static_features=[1], pad_value=-1)
    out = window.fit_transform(X)
    assert_array_equal(out[2], [[-1, -1], [-1, -1]])
    assert_array_equal(out[1], [[1, 7], [np.nan, 7]])
