"""SlidingWindow and sliding_windows: against windows cut by hand, and every rule of context."""

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

from skrnn import SlidingWindow, sliding_windows

NAN = float("nan")


def windows_by_hand(X, length, delay=0, dilation=1, min_periods=1, pad_value=NAN, ids=None):
    """One row and one step at a time."""
    n, D = X.shape
    ids = np.zeros(n) if ids is None else np.asarray(ids)
    out = np.full((n, length, D), pad_value, dtype=X.dtype)
    for i in range(n):
        past = [row for row in range(i + 1) if ids[row] == ids[i]]  # row i is the last
        n_real = 0
        for step in range(length):
            back = delay + (length - 1 - step) * dilation
            if back < len(past):
                out[i, step] = X[past[-1 - back]]
                n_real += not np.isnan(out[i, step]).all()
        if n_real < min_periods:
            out[i] = pad_value
    return out


def table(n=30, D=2, dtype=np.float64, n_missing=4, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(n, D)).astype(dtype)
    X[rng.choice(n, n_missing, replace=False)] = NAN
    X[n // 2, 0] = NAN
    return X


def frame(index, columns=("open", "close")):
    rng = np.random.RandomState(1)
    return pd.DataFrame(rng.normal(size=(len(index), len(columns))), index, list(columns))


# windows ------------------------------------------------------------------------------------


@pytest.mark.parametrize("pad_value", [NAN, 0, -1.5])
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
    assert_array_equal(SlidingWindow(2).fit_transform(X)[..., 0], [[NAN, 1], [1, NAN], [NAN, 3]])


@pytest.mark.parametrize("pad_value", [NAN, 0])
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


# names and containers of the output ---------------------------------------------------------


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


# context ------------------------------------------------------------------------------------

HOLIDAYS = [5, 11, 12, 23]
TRADING = pd.bdate_range("2024-01-01", periods=40).delete(HOLIDAYS)
BERLIN = "Europe/Berlin"
FOLLOWING = {
    "range": pd.RangeIndex(40),
    "range, step 2": pd.RangeIndex(10, 90, 2),
    "integers": pd.Index(np.arange(40)),
    "nullable integers": pd.Index(range(40), dtype="Int64"),
    "daily": pd.date_range("2024-01-01", periods=40),
    "daily in seconds": pd.date_range("2024-01-01", periods=40).as_unit("s"),
    "weekly": pd.date_range("2024-01-01", periods=40, freq="W-WED"),
    "business days": pd.bdate_range("2024-01-01", periods=40),
    "month starts": pd.date_range("2020-01-01", periods=40, freq="MS"),
    "month ends": pd.date_range("2020-01-31", periods=40, freq="ME"),
    "90 minutes": pd.date_range("2024-01-01", periods=40, freq="90min"),
    "quarters": pd.period_range("2010Q1", periods=40, freq="Q"),
    "every other quarter": pd.period_range("2010Q1", periods=80, freq="Q")[::2],
    "timedelta": pd.timedelta_range("0s", periods=40, freq="90s"),
    "days, spring forward": pd.date_range("2024-03-20", periods=40, tz=BERLIN),
    "days, fall back": pd.date_range("2024-10-15", periods=40, tz=BERLIN),
    "hours, spring forward": pd.date_range("2024-03-30 12:00", periods=40, freq="h", tz=BERLIN),
    "hours, fall back": pd.date_range("2024-10-26 12:00", periods=40, freq="h", tz=BERLIN),
}
SPLITS = [7, 12, 13, 14, 15, 16, 20, 30]


def continues(index, n_fitted, gap=0, **params):
    """Whether rows are put in front of those that come `gap` rows after the fitted ones."""
    X = frame(index).to_numpy()
    both = [windows_by_hand(X, 3)[n_fitted:], windows_by_hand(X[n_fitted:], 3)]
    if gap:
        both = [
            windows_by_hand(np.delete(X, slice(n_fitted, n_fitted + gap), axis=0), 3)[n_fitted:],
            windows_by_hand(X[n_fitted + gap :], 3),
        ]
    data = frame(index)
    out = SlidingWindow(3, **params).fit(data[:n_fitted]).transform(data[n_fitted + gap :])
    (which,) = [bool(1 - i) for i, w in enumerate(both) if np.array_equal(out, w, equal_nan=True)]
    return which


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("inferred", [False, True], ids=["freq", "no freq"])
@pytest.mark.parametrize("index", FOLLOWING.values(), ids=FOLLOWING)
def test_auto_continues_exactly_one_step_later(index, inferred, split):
    if inferred:
        index = index[np.arange(len(index))]  # forgets freq
    assert continues(index, split)
    assert not continues(index, split, gap=1)
    assert not continues(index, split, gap=2)


def test_auto_with_arrow_dates():
    dates = pd.Series(pd.date_range("2024-01-01", periods=20))
    index = pd.Index(dates.astype("timestamp[ns][pyarrow]"))
    assert continues(index, 8)
    assert not continues(index, 8, gap=1)


@pytest.mark.parametrize("tz", [None, "America/New_York"])
@pytest.mark.parametrize("split", range(8, 30))
def test_auto_with_trading_days(split, tz):
    start = "2024-01-01" if tz is None else "2024-02-19"  # clocks change on 10 March
    index = pd.bdate_range(start, periods=40, tz=tz).delete(HOLIDAYS)
    assert continues(index, split)
    # Monday to Wednesday at most leaves out four days: five rows are more than any step seen
    assert not continues(index, split, gap=5)


def test_auto_with_trading_days_as_periods():
    assert continues(TRADING.to_period("D"), 15)
    assert not continues(TRADING.to_period("D"), 15, gap=5)


def test_auto_with_repeated_timestamps():
    index = pd.date_range("2024-01-01", periods=6).repeat(3)
    assert continues(index, 6)
    assert not continues(index, 6, gap=3)
    assert not continues(index, 7)  # not later than the last fitted row


@pytest.mark.parametrize("index", [pd.RangeIndex(20), pd.date_range("2024", periods=20)])
def test_auto_pads_rows_from_before(index):
    X = frame(index)
    out = SlidingWindow(3).fit(X[8:]).transform(X[:8])
    assert_array_equal(out, windows_by_hand(X[:8].to_numpy(), 3))


def test_one_fitted_row_with_a_frequency():
    X = frame(pd.period_range("2024-01", periods=4, freq="M"))
    X["id"] = ["long", "long", "short", "short"]
    rows = pd.concat([X[:3], X[3:]])
    out = SlidingWindow(2, groups="id").fit(rows[:3]).transform(rows[3:])
    assert_array_equal(out[0], X[["open", "close"]].to_numpy()[2:])


UNDECIDED = {
    "array": lambda X: X,
    "polars": lambda X: pl.DataFrame(X, schema=["a", "b"]),
    "strings": lambda X: pd.DataFrame(X, [f"row {i}" for i in range(len(X))]),
    "MultiIndex": lambda X: pd.DataFrame(X, pd.MultiIndex.from_product([range(len(X)), ["a"]])),
    "irregular integers": lambda X: pd.DataFrame(X, np.arange(len(X)) ** 2),
    "floats": lambda X: pd.DataFrame(X, np.arange(len(X)) / 2),
    "one timestamp": lambda X: pd.DataFrame(X, pd.DatetimeIndex(["2024-01-01"] * len(X))),
}


@pytest.mark.parametrize("convert", UNDECIDED.values(), ids=UNDECIDED)
def test_auto_pads_and_warns_where_nothing_tells(convert):
    X = table()
    data = convert(X)
    positions = getattr(data, "iloc", data)
    fitted, later = positions[:20], positions[20:]
    window = SlidingWindow(4).fit(fitted)
    before = dict(window.__dict__)
    with pytest.warns(UserWarning, match="can't tell") as record:
        out = window.transform(later)
    assert len(record) == 1
    for cure in ('pipe.set_output(transform="pandas")', 'context="continue"', 'context="pad"'):
        assert cure in str(record[0].message)
    assert record[0].filename == __file__
    assert_array_equal(out, windows_by_hand(X[20:], 4))
    assert window.__dict__ == before
    window.set_params(context="pad")
    assert_array_equal(window.transform(later), out)
    window.set_params(context="continue")
    assert_array_equal(window.transform(later), windows_by_hand(X, 4)[20:])


def test_index_lost_between_fit_and_transform_warns():
    X = frame(pd.date_range("2024-01-01", periods=20))
    with pytest.warns(UserWarning, match="can't tell"):
        SlidingWindow(3).fit(X[:10]).transform(X[10:].reset_index(drop=True))
    with pytest.warns(UserWarning, match="can't tell"):
        SlidingWindow(4).fit(X[:10]).transform(X[10:].tz_localize("UTC"))


def test_warning_comes_once_per_case():
    X = table()
    with pytest.warns(UserWarning, match="can't tell"):
        SlidingWindow(3).fit(X[:10]).transform(X[10:14])
    SlidingWindow(3).fit(X[:12]).transform(X[12:16])  # a second warning would be an error


def test_counting_rows_from_the_same_number_again_tells_nothing():
    """A scaler's data frame of an array has a new index from 0, whatever the rows are."""
    pipe = make_pipeline(MinMaxScaler(), SlidingWindow(3)).set_output(transform="pandas")
    X = table()
    pipe.fit(X[:10])
    with pytest.warns(UserWarning, match="can't tell"):
        pipe.transform(X[10:])


@pytest.mark.parametrize("convert", [np.asarray, pd.DataFrame])
@pytest.mark.parametrize("context", ["auto", "continue", "pad"])
def test_rows_that_begin_with_the_fitted_ones_have_nothing_before_them(context, convert):
    X = convert(table())
    window = SlidingWindow(3, context=context).fit(X[:10])
    assert_array_equal(window.transform(X), SlidingWindow(3).fit_transform(X))


@pytest.mark.parametrize("dates", [pd.date_range("2024", periods=5), pl.date_range])
def test_columns_of_dates_are_refused(dates):
    if dates is pl.date_range:
        days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 1, 5), eager=True)
        X = pl.DataFrame({"day": days, "x": np.arange(5.0)})
    else:
        X = pd.DataFrame({"day": dates, "x": np.arange(5.0)})
    with pytest.raises(ValueError, match="Column 'day' holds dates: make it the index"):
        SlidingWindow(2).fit(X)
    with pytest.raises(ValueError, match="Column 'day' holds dates"):
        sliding_windows(X, 2)


def test_no_warning_where_no_look_back_is_needed():
    X = table()
    out = SlidingWindow(1).fit(X[:20]).transform(X[20:])
    assert_array_equal(out[:, 0], X[20:])


@pytest.mark.parametrize("index", [pd.RangeIndex(20), pd.date_range("2024", periods=20)])
@pytest.mark.parametrize("gap", [0, 3])
def test_pad_never_and_continue_always(index, gap):
    assert not continues(index, 9, gap, context="pad")
    assert continues(index, 9, gap, context="continue")


@pytest.mark.parametrize("context", ["auto", "continue", "pad"])
@pytest.mark.parametrize("convert", [np.asarray, pd.DataFrame, lambda X: pl.DataFrame(X)])
def test_fitted_rows_again_are_padded(context, convert):
    X = table(20, n_missing=0)
    X[-1] = NAN  # remembered values are compared with NaN equal to NaN
    data = convert(X)
    window = SlidingWindow(4, delay=1, context=context)
    expected = windows_by_hand(X, 4, delay=1)
    assert_array_equal(window.fit_transform(data), expected)
    assert_array_equal(window.transform(data), expected)


def test_other_rows_are_not_taken_for_the_fitted_ones():
    X = table(40, n_missing=0)
    other = X[20:].copy()
    window = SlidingWindow(4, context="continue").fit(X[:20])
    assert_array_equal(window.transform(other), windows_by_hand(X, 4)[20:])
    # the same values at a later time
    twice = pd.DataFrame(np.r_[X[:20], X[:20]])
    window.fit(twice[:20])
    assert_array_equal(window.transform(twice[20:]), windows_by_hand(twice.to_numpy(), 4)[20:])


def test_one_row_at_a_time():
    X = frame(pd.date_range("2024-01-01", periods=20))
    out = SlidingWindow(5, delay=2).fit(X[:19]).transform(X[19:])
    assert_array_equal(out, windows_by_hand(X.to_numpy(), 5, delay=2)[19:])


def test_context_has_the_dtype_of_the_new_rows():
    X = table(20)
    window = SlidingWindow(3, context="continue").fit(X[:10])
    out = window.transform(X[10:].astype(np.float32))
    assert out.dtype == np.float32
    assert_array_equal(out, windows_by_hand(X.astype(np.float32), 3)[10:])


# groups -------------------------------------------------------------------------------------


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
        assert_array_equal(out[..., 0], [[NAN, 1], [NAN, 2], [1, 3]])


@pytest.mark.parametrize(
    "ids", [pd.Categorical(list("aab")), pd.to_datetime(["2024"] * 2 + ["2025"])]
)
def test_groups_of_other_types(ids):
    out = SlidingWindow(2, groups="id").fit_transform(pd.DataFrame({"id": ids, "x": [1, 2, 3]}))
    assert_array_equal(out[..., 0], [[NAN, 1], [1, 2], [NAN, 3]])


def test_context_is_decided_for_each_series():
    dates = pd.date_range("2024-01-01", periods=8)
    parts = {
        "follows": (dates[:5], dates[5:]),
        "gap": (dates[:5], dates[6:]),
        "short": (dates[3:5], dates[5:]),  # fewer rows than the look-back
        "again": (dates[:5], dates[:5]),
        "new": (dates[:0], dates[5:]),
    }
    values = {name: np.arange(20.0) + 100 * i for i, name in enumerate(parts)}

    def rows(which):
        frames = []
        for name, both in parts.items():
            index = both[which]
            x = values[name][: len(index)]
            if which and name != "again":
                x = values[name][len(both[0]) :][: len(index)]
            frames.append(pd.DataFrame({"id": name, "x": x}, index))
        return pd.concat(frames).sort_index(kind="stable")  # interleaved

    later = rows(1)
    out = SlidingWindow(4, groups="id").fit(rows(0)).transform(later)[..., 0]
    for name, (before, after) in parts.items():
        n_before = len(before) if name in ("follows", "short") else 0
        first = 0 if name in ("follows", "short", "again") else len(before)
        x = values[name][first : first + n_before + len(after)].reshape(-1, 1)
        expected = windows_by_hand(x, 4)[n_before:, :, 0]
        assert_array_equal(out[later["id"] == name], expected, err_msg=name)


def test_one_warning_for_many_series():
    X = np.c_[np.arange(40) % 4, np.arange(40)]
    window = SlidingWindow(3, groups=0).fit(X[:20])
    with pytest.warns(UserWarning, match="can't tell") as record:
        window.transform(X[20:])
    assert len(record) == 1
    unseen = X[20:] + [10, 0]
    assert_array_equal(
        window.transform(unseen), windows_by_hand(unseen[:, 1:].astype(float), 3, ids=unseen[:, 0])
    )


def test_dates_may_start_again_with_each_series():
    dates = pd.date_range("2024-01-01", periods=5)
    X = pd.DataFrame({"id": ["a"] * 5 + ["b"] * 5, "x": np.arange(10.0)}, dates.append(dates))
    SlidingWindow(3, groups="id").fit(X)
    with pytest.raises(ValueError, match=r"DatetimeIndex of X.*sort_index\(\).*groups="):
        SlidingWindow(3).fit(X[["x"]])
    with pytest.raises(ValueError, match=r"series 'b'.*sort_index"):
        SlidingWindow(3, groups="id").fit(X.iloc[[0, 1, 2, 7, 6, 5]])


# in scikit-learn ----------------------------------------------------------------------------

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


# errors -------------------------------------------------------------------------------------

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
        ({}, pd.Series(X10[:, 0]), "Expected a 2-dimensional container"),
        ({}, X10[None], "Found array with dim 3"),
        ({"groups": 0}, X10[:, 0], r"reshape\(-1, 1\)"),
        ({"groups": 0}, X10[None], "Found array with dim 3"),
        ({}, np.where(X10 == 3, np.inf, X10), "Input X contains infinity"),
        ({"groups": 0}, np.where(X10 == 3, np.inf, X10), "Input X contains infinity"),
        ({}, X10[:0], r"Found array with 0 sample\(s\)"),
        ({"groups": 0}, X10[:0], r"Found array with 0 sample\(s\)"),
        ({}, FRAME.assign(b="word"), "could not convert string.*must be numeric.*groups="),
        ({}, pl.DataFrame({"a": ["word"] * 10}), "could not convert string.*must be numeric"),
        ({"groups": "c"}, FRAME, r"groups='c' is not a column; the columns are \['a', 'b'\]"),
        ({"groups": "c"}, pl.DataFrame(X10, schema=["a", "b"]), r"groups='c' .*\['a', 'b'\]"),
        ({"groups": "a"}, X10, "groups='a' is a name, but a ndarray has no named columns"),
        ({"groups": 2}, X10, "groups=2 is out of range: there are 2 columns"),
        ({"groups": -3}, X10, "groups=-3 is out of range"),
        ({"groups": 0}, X10[:, :1], "no column besides groups=0"),
        ({"groups": 0}, np.c_[[NAN] * 10, X10], "missing values: every row needs the id"),
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


# sliding_windows ----------------------------------------------------------------------------


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
        (X10, {"targets": "a"}, "targets='a' is a name, but a ndarray"),
        (FRAME, {"targets": "c"}, "targets='c' is not a column"),
        (FRAME, {"targets": []}, "selects no column"),
    ],
)
def test_errors_of_sliding_windows(series, params, match):
    with pytest.raises(ValueError, match=match):
        sliding_windows(series, **{"length": 2, **params})
