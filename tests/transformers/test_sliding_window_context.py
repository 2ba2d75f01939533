"""Which rows SlidingWindow puts in front of those that it transforms."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skrnn import SlidingWindow
from tests.helpers.data import frame, table
from tests.helpers.oracle_windows import windows_by_hand

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
@pytest.mark.parametrize("split", range(8, 29))
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


def test_the_warning_comes_once_per_line_and_case():
    X, later = table(), {}
    window = SlidingWindow(3).fit(X[:10])
    for warns in (True, False, False):  # the same line, as in the folds of a search
        with warnings.catch_warnings(record=True) as record:
            warnings.simplefilter("always")
            window.transform(X[10:14])
        later[len(later)] = len(record)
        assert bool(record) == warns, later
    with pytest.warns(UserWarning, match="can't tell"):  # another line
        window.transform(X[10:14])
    for _ in range(2):  # an error each time, as warnings are errors in the tests
        with pytest.raises(UserWarning, match="can't tell"):
            window.transform(X[10:14])


def test_a_single_outage_does_not_make_all_gaps_usual():
    hours = pd.date_range("2024-01-01", periods=200, freq="h")
    X = frame(hours.delete(range(50, 70)))
    window = SlidingWindow(3).fit(X[:150])
    assert np.isfinite(window.transform(X[150:])).all()
    with pytest.warns(UserWarning, match="the index of X doesn't tell"):
        out = window.transform(X[162:])  # 12 hours later
    assert_array_equal(out, windows_by_hand(X[162:].to_numpy(), 3))
    assert np.isnan(window.transform(X[175:])[0, 0]).all()  # later than after the outage


def test_holidays_that_recur_are_usual():
    days = pd.bdate_range("2024-01-01", periods=300)
    days = days.delete([20, 120, 219])  # long weekends: four days, three times in 297
    X = frame(days)
    (gap,) = np.flatnonzero(np.diff(days) == pd.Timedelta(days=4))[2:]
    window = SlidingWindow(3).fit(X[: gap + 1])
    assert np.isfinite(window.transform(X[gap + 1 :])).all()


def test_calls_without_a_complete_window_warn():
    X = frame(pd.date_range("2024-01-01", periods=30, freq="D"))
    window = SlidingWindow(4).fit(X[:20])
    assert np.isfinite(window.transform(X[20:21])).all()  # the next row
    with pytest.warns(UserWarning, match="a window spans 4 rows, but X has 1, which don't follow"):
        window.transform(X[21:22])
    window.transform(X[18:22])
    SlidingWindow(4, context="pad").fit(X[:20]).transform(X[21:22])


def test_text_that_looks_like_dates_gets_the_fix():
    X = frame(pd.date_range("2024-01-01", periods=20).strftime("%d.%m.%Y"))
    with pytest.warns(UserWarning, match=r"holds text \(make it dates: X.index = pd.to_datetime"):
        SlidingWindow(3).fit(X[:10]).transform(X[10:])


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
    X[-1] = np.nan  # remembered values are compared with NaN equal to NaN
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


@pytest.mark.parametrize("other", [pd.Timestamp("2024-01-01"), ("a", "1"), "c"])
def test_rows_that_continue_have_a_known_series(other):
    X = pd.DataFrame({"id": ["a"] * 4 + ["b"] * 4, "x": np.arange(8.0)})
    new = pd.DataFrame({"id": [other] * 3, "x": np.arange(3.0)})
    window = SlidingWindow(2, groups="id", context="continue").fit(X)
    with pytest.raises(ValueError, match=r"has none of the ids of fit: got .*context='auto'"):
        window.transform(new)
    SlidingWindow(2, groups="id", context="pad").fit(X).transform(new)
    window.transform(pd.concat([X[:2], pd.DataFrame({"id": ["c"], "x": [0.0]})]))
