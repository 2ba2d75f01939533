"""What users pass as y, as series on a grid, and forecasts in the same form."""

import decimal
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest

from skrnn._panels.appending import appended
from skrnn._panels.errors import LabelsError
from skrnn._panels.reading import read_panel

pytestmark = pytest.mark.core

MONTHS = pd.date_range("2023-01-31", periods=30, freq="ME", name="month")

HOLIDAYS = ["2024-01-15", "2024-03-29", "2024-05-01"]


def forecasts(panel, steps, n_columns=None):
    """Numbers that say which series and which step they are of."""
    out = []
    for i, n in enumerate(panel.steps_until(steps)):
        values = 100.0 * i + np.arange(1, n + 1)
        out.append(values if n_columns is None else values[:, None] + np.arange(n_columns) / 10)
    return out


def by_id(values=None):
    """Two shops of different lengths, in the order of dates, beginning with "z"."""
    index = [(shop, month) for month in MONTHS[:20] for shop in ("z", "a")]
    index = pd.MultiIndex.from_tuples(index[:1] + index[2:-3], names=["shop", "month"])
    return pd.Series(np.arange(len(index)) + 1.0, index, name="sales")


# ---- reading


@pytest.mark.parametrize(
    "y",
    [
        [1, 2, None, 4],
        (1.0, 2.0, np.nan, 4.0),
        np.array([1, 2, np.nan, 4]),
        np.array([1, 2, np.nan, 4], "f4")[:, None],
        pd.Series([1, 2, None, 4]),
        pd.Series([1, 2, None, 4], dtype="Int64"),
        pd.Series([1, 2, None, 4], dtype="float64[pyarrow]"),
        pd.Series([1, 2, None, 4], MONTHS[:4]),
        pd.Series([1, 2, 4], MONTHS[[0, 1, 3]]),
        pd.Series([1, 2, 4], MONTHS[[0, 1, 3]].to_period("M")),
        pd.Series([1, 2, 4], [1950, 1960, 1980]),
        pd.DataFrame({"a": [1, 2, None, 4]}, MONTHS[:4]),
        pd.Series([decimal.Decimal(1), decimal.Decimal(2), None, decimal.Decimal(4)]),
        pl.Series([1, 2, None, 4]),
        pl.DataFrame({"a": [1, 2, None, 4]}),
    ],
    ids=lambda y: type(y).__name__,
)
def test_one_series(y):
    panel = read_panel(y)
    (series,) = panel.series
    assert panel.ids == [None]
    assert not panel.wide
    assert series.start == 0
    assert series.end == 3
    assert series.values.dtype == np.float64
    np.testing.assert_array_equal(series.values, [1, 2, np.nan, 4])


def test_missing_labels_as_in_pandas(rng):
    y = pd.Series(rng.normal(size=30), MONTHS)
    gaps = y.drop(MONTHS[[3, 4, 17]])
    np.testing.assert_array_equal(read_panel(gaps).series[0].values, gaps.asfreq("ME"))


def test_ends_without_values_are_cut():
    y = pd.Series([None, None, 1, None, 3, None], MONTHS[:6], dtype=float)
    (series,) = read_panel(y).series
    np.testing.assert_array_equal(series.values, [1, np.nan, 3])
    assert (series.start, series.end) == (2, 4)
    assert read_panel(y).ends() == MONTHS[4]


def test_columns_are_series():
    y = pd.DataFrame({"a": [1, 2, 3], "b": [None, 5, None]}, MONTHS[:3])
    panel = read_panel(y)
    assert panel.ids == ["a", "b"]
    assert panel.wide
    assert [len(series.values) for series in panel.series] == [3, 1]
    assert [series.start for series in panel.series] == [0, 1]
    assert panel.series[0].clock is panel.series[1].clock
    assert read_panel(y.to_numpy()).ids == [0, 1]


def test_series_by_id():
    """In the order of their first appearance; positions agree where the labels do."""
    y = by_id()
    panel = read_panel(y)
    assert panel.ids == ["z", "a"]
    assert not panel.wide
    for series in panel.series:
        own = y.xs(series.id)
        np.testing.assert_array_equal(series.values, own)
        assert series.clock.labels(series.start, len(own)).equals(own.index.rename(None))
        assert panel.ends()[series.id] == own.index[-1]


def test_each_series_has_its_own_gaps():
    y = by_id().drop([("z", MONTHS[3]), ("a", MONTHS[7])])
    for series in read_panel(y).series:
        own = y.xs(series.id).asfreq("ME")
        np.testing.assert_array_equal(series.values, own)


def test_series_on_grids_between_each_other():
    """Each has whole hours, but from another minute on."""
    at = {"a": "2024-01-01 00:05", "b": "2024-01-01 00:35", "c": "2024-01-01 04:17"}
    parts = {
        id: pd.Series(range(9), pd.date_range(day, periods=9, freq="h")) for id, day in at.items()
    }
    y = pd.concat(parts)
    panel = read_panel(y)
    for series in panel.series:
        assert series.clock.freq == "h"
        np.testing.assert_array_equal(series.values, np.arange(9))
    assert panel.wrap(forecasts(panel, 2)).index.equals(
        pd.MultiIndex.from_tuples(
            [(id, parts[id].index[-1] + pd.Timedelta(hours=h)) for id in at for h in (1, 2)]
        )
    )


def test_short_series_have_the_frequency_of_the_others():
    index = [("a", month) for month in MONTHS] + [("b", MONTHS[4])]
    panel = read_panel(pd.Series(1.0, pd.MultiIndex.from_tuples(index)))
    assert [series.clock.freq for series in panel.series] == ["ME", "ME"]
    assert panel.series[1].start == 4


def test_other_frequencies_in_one_panel_are_refused():
    daily = pd.date_range("2024-01-01", periods=60)
    y = pd.concat({"a": pd.Series(1.0, daily), "b": pd.Series(1.0, daily[::7])})
    with pytest.raises(ValueError, match=r"series 'b' of y has the frequency 'W-MON'.*'D'"):
        read_panel(y)


def test_trading_days_of_several_series_are_one_calendar():
    days = pd.bdate_range("2024-01-01", periods=100).drop(pd.Timestamp("2024-03-29"))
    y = pd.concat({"a": pd.Series(1.0, days), "b": pd.Series(2.0, days.drop(days[50]))})
    panel = read_panel(y)
    assert panel.series[0].clock is panel.series[1].clock
    assert [series.end for series in panel.series] == [98, 98]
    assert np.flatnonzero(np.isnan(panel.series[1].values)).tolist() == [50]


# ---- known clocks


def test_trading_days_that_follow_are_successive():
    """Whichever holidays there are between them, and with the label of the row before."""
    days = pd.bdate_range("2024-01-01", periods=100).drop([*pd.DatetimeIndex(HOLIDAYS)])
    y = pd.Series(np.arange(97.0), days)
    panel = read_panel(y.iloc[:70])  # to the ninth of April, after one of the holidays
    other = read_panel(y.iloc[70:], clocks=panel.clocks)
    assert other.series[0].start == panel.series[0].end + 1
    assert other.series[0].values.tolist() == y.iloc[70:].tolist()
    both = appended(panel, other)
    assert both.series[0].values.tolist() == y.tolist()
    other_exchange = pd.Series(1.0, pd.bdate_range("2024-01-01", periods=100))
    shifted = read_panel(other_exchange, clocks=panel.clocks)
    assert shifted.ends() == other_exchange.index[-1]
    assert len(shifted.series[0].values) == 100


def test_known_series_are_counted_on_their_clocks():
    y = by_id()
    panel = read_panel(y)
    later = pd.concat({"a": pd.Series(1.0, MONTHS[24:26]), "new": pd.Series(2.0, MONTHS[3:6])})
    other = read_panel(later, clocks=panel.clocks)
    known, new = other.series
    assert known.start == 24
    assert new.clock.labels(new.start, 3).equals(MONTHS[3:6].rename(None))
    assert new.clock.freq == "ME"


@pytest.mark.parametrize("n_rows", [1, 2, 5])
def test_clock_of_a_single_series(n_rows):
    y = pd.Series(np.arange(30.0), MONTHS)
    panel = read_panel(y.iloc[:20])
    other = read_panel(y.iloc[22 : 22 + n_rows], clocks=panel.clocks)
    assert other.series[0].start == 22
    before = read_panel(pd.Series([1.0], [pd.Timestamp("2022-11-30")]), clocks=panel.clocks)
    assert before.series[0].start == -2


def test_array_after_integers():
    panel = read_panel(pd.Series([1.0, 2.0], [1949, 1950]))
    other = read_panel([3.0, 4.0], clocks=panel.clocks)
    both = appended(panel, other)
    assert both.series[0].values.tolist() == [1, 2, 3, 4]
    assert both.wrap_inside([both.series[0].values]).index.tolist() == [1949, 1950, 1951, 1952]


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (np.ones(3), "row numbers"),
        (pd.Series(np.ones(3)), "same kind"),
        (pd.Series(np.ones(9), pd.date_range("2024-01-01", periods=9)), "2024-01-01"),
        (pd.Series(np.ones(9), MONTHS[:9].tz_localize("UTC")), "time zone"),
    ],
)
def test_other_labels_than_the_fitted(y, words):
    panel = read_panel(pd.Series(np.ones(30), MONTHS))
    with pytest.raises(ValueError, match=words):
        read_panel(y, clocks=panel.clocks)


# ---- the last step


def test_steps_as_number_and_as_label():
    panel = read_panel(by_id())  # z ends in month 18, a in month 17
    assert panel.steps_until(3) == [3, 3]
    assert [series.end for series in panel.series] == [18, 17]
    for label in (MONTHS[20], str(MONTHS[20])[:7], MONTHS[20].date()):
        assert panel.steps_until(label) == [2, 3]
    with pytest.raises(ValueError, match=r"not after end_=2024-07-31 .* series 'z'"):
        panel.steps_until(MONTHS[18])


def test_columns_are_forecast_to_the_same_label():
    y = pd.DataFrame({"a": [1, 2, None], "b": [1, None, None], "c": [1, 2, None]}, MONTHS[:3])
    panel = read_panel(y)
    assert panel.steps_until(2) == [2, 3, 2]
    assert panel.ends() == MONTHS[1]
    assert panel.steps_until(MONTHS[3]) == [2, 3, 2]
    result = panel.wrap(forecasts(panel, 2))
    assert result.index.equals(MONTHS[2:4])
    assert result["b"].tolist() == [102, 103]


@pytest.mark.parametrize("steps", [0, -1, np.int64(0)])
def test_too_few_steps(steps):
    with pytest.raises(ValueError, match=r"steps=.* must be at least 1"):
        read_panel([1, 2]).steps_until(steps)


@pytest.mark.parametrize("steps", [True, 2.0, None, np.float64(2)])
def test_no_number_of_steps(steps):
    with pytest.raises(TypeError, match="steps="):
        read_panel([1, 2]).steps_until(steps)


# ---- forms


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8"])
def test_arrays_come_back_as_arrays(dtype):
    expected = np.float32 if dtype == "f4" else np.float64
    y = np.arange(12).astype(dtype)
    one = read_panel(y)
    result = one.wrap(forecasts(one, 2))
    assert result.shape == (2,)
    assert result.dtype == expected
    assert one.wrap(forecasts(one, 2, 3), [0.1, 0.5, 0.9]).shape == (2, 3)
    column = read_panel(y[:, None])
    assert column.wrap(forecasts(column, 2)).shape == (2, 1)
    assert column.wrap(forecasts(column, 2, 3), [0.1, 0.5, 0.9]).shape == (2, 3)
    table = read_panel(y.reshape(4, 3))
    assert table.wrap(forecasts(table, 2)).tolist() == [[1, 101, 201], [2, 102, 202]]
    both = table.wrap(forecasts(table, 2, 2), ["lower", "upper"])
    assert both.shape == (2, 3, 2)
    assert both[1, 2].tolist() == pytest.approx([202, 202.1])
    inside = table.wrap_inside([series.values for series in table.series])
    np.testing.assert_array_equal(inside, y.reshape(4, 3))


def test_series_comes_back_as_series():
    y = pd.Series(np.arange(20.0), MONTHS[:20], name="sales")
    panel = read_panel(y)
    expected = pd.Series([1.0, 2, 3], MONTHS[20:23], name="sales")
    pd.testing.assert_series_equal(panel.wrap(forecasts(panel, 3)), expected)
    frame = panel.wrap(forecasts(panel, 3, 2), ["lower", "upper"])
    expected = pd.DataFrame({"lower": [1.0, 2, 3], "upper": [1.1, 2.1, 3.1]}, MONTHS[20:23])
    pd.testing.assert_frame_equal(frame, expected)
    pd.testing.assert_series_equal(panel.wrap_inside([panel.series[0].values]), y)


def test_frame_comes_back_as_frame():
    y = pd.DataFrame(np.arange(40.0).reshape(20, 2), MONTHS[:20], columns=["a", "b"])
    y.columns.name = "shop"
    panel = read_panel(y)
    expected = pd.DataFrame({"a": [1.0, 2], "b": [101.0, 102]}, MONTHS[20:22])
    pd.testing.assert_frame_equal(
        panel.wrap(forecasts(panel, 2)), expected.rename_axis(columns="shop")
    )
    frame = panel.wrap(forecasts(panel, 2, 2), ["lower", "upper"])
    assert frame.columns.tolist() == [
        ("a", "lower"),
        ("a", "upper"),
        ("b", "lower"),
        ("b", "upper"),
    ]
    assert frame["b"]["upper"].tolist() == pytest.approx([101.1, 102.1])
    pd.testing.assert_frame_equal(panel.wrap_inside([s.values for s in panel.series]), y)


def test_frame_of_one_column_comes_back():
    y = pd.DataFrame({"a": np.arange(20.0)}, MONTHS[:20])
    panel = read_panel(y)
    expected = pd.DataFrame({"a": [1.0, 2]}, MONTHS[20:22])
    pd.testing.assert_frame_equal(panel.wrap(forecasts(panel, 2)), expected)
    assert panel.wrap(forecasts(panel, 2, 2), ["lower", "upper"]).columns.tolist() == [
        "lower",
        "upper",
    ]


def test_index_with_ids_comes_back():
    y = by_id()
    panel = read_panel(y)
    index = [("z", MONTHS[19]), ("z", MONTHS[20]), ("a", MONTHS[18]), ("a", MONTHS[19])]
    index = pd.MultiIndex.from_tuples(index, names=["shop", "month"])
    expected = pd.Series([1.0, 2, 101, 102], index, name="sales")
    pd.testing.assert_series_equal(panel.wrap(forecasts(panel, 2)), expected)
    frame = panel.wrap(forecasts(panel, 2, 2), ["lower", "upper"])
    assert frame.index.equals(index)
    assert frame["upper"].tolist() == pytest.approx([1.1, 2.1, 101.1, 102.1])
    pd.testing.assert_series_equal(panel.wrap_inside([s.values for s in panel.series]), y)
    longer = panel.wrap(forecasts(panel, MONTHS[20]))  # as far for each
    assert longer.groupby(level="shop").size().to_dict() == {"a": 3, "z": 2}


@pytest.mark.parametrize("ids", [[3, 1], [pd.Timestamp("2020"), pd.Timestamp("2019")], ["z", "a"]])
def test_ids_keep_their_type(ids):
    y = pd.concat({id: pd.Series(range(5), MONTHS[:5]) for id in ids})
    panel = read_panel(y)
    result = panel.wrap(forecasts(panel, 1))
    assert result.index.levels[0].dtype == y.index.levels[0].dtype
    assert result.index.get_level_values(0).tolist() == ids


def test_polars_comes_back():
    one = read_panel(pl.Series("sales", [1.0, 2]))
    result = one.wrap(forecasts(one, 2))
    assert result.equals(pl.Series("sales", [1.0, 2]))
    assert result.name == "sales"
    frame = read_panel(pl.DataFrame({"a": [1, 2], "b": [3, 4]}))
    expected = pl.DataFrame({"a": [1.0, 2.0], "b": [101.0, 102.0]})
    assert frame.wrap(forecasts(frame, 2)).equals(expected)
    assert frame.wrap(forecasts(frame, 2, 2), ["lower", "upper"]).columns == [
        "a_lower",
        "a_upper",
        "b_lower",
        "b_upper",
    ]


def test_values_inside_are_missing_where_y_was_cut():
    """Rows that y doesn't have aren't added: the second month is missing."""
    y = pd.Series([None, 1, 3, 4, None], MONTHS[[0, 1, 3, 4, 5]])
    panel = read_panel(y)
    inside = panel.wrap_inside([np.array([10.0, 11, 12, 13])])
    expected = pd.Series([np.nan, 10, 12, 13, np.nan], y.index)
    pd.testing.assert_series_equal(inside, expected, check_freq=False)


# ---- parts and continuations


@pytest.mark.parametrize("form", ["series", "frame", "ids", "array", "table"])
def test_appended_rows_give_the_panel_of_all_rows(form, rng):
    values = rng.normal(size=(30, 2))
    values[[4, 19, 20, 25], [0, 1, 0, 1]] = np.nan
    frame = pd.DataFrame(values, MONTHS, columns=["a", "b"])
    y = {
        "series": frame["a"],
        "frame": frame,
        "ids": frame.stack(future_stack=True).swaplevel().rename_axis(["shop", "month"]),
        "array": values[:, 0],
        "table": values,
    }[form]
    time = pd.DataFrame(index=y.index).index.get_level_values(-1) if hasattr(y, "index") else MONTHS
    first, second = y[time <= MONTHS[20]], y[time > MONTHS[20]]
    panel = read_panel(first)
    both = appended(panel, read_panel(second, clocks=panel.clocks))
    whole = read_panel(y)
    assert both.ids == whole.ids
    for own, expected in zip(both.series, whole.series, strict=True):
        np.testing.assert_array_equal(own.values, expected.values)
        assert own.start == expected.start
    inside = [series.values for series in whole.series]
    ours, theirs = both.wrap_inside(inside), whole.wrap_inside(inside)
    np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))
    if hasattr(y, "index"):
        assert ours.index.equals(theirs.index)
    assert (
        np.asarray(both.wrap(forecasts(both, 3))).shape
        == np.asarray(whole.wrap(forecasts(whole, 3))).shape
    )


def test_gap_before_appended_rows_is_missing():
    y = pd.Series(np.arange(30.0), MONTHS)
    panel = read_panel(y.iloc[:10])
    both = appended(panel, read_panel(y.iloc[12:14], clocks=panel.clocks))
    expected = pd.concat([y.iloc[:10], y.iloc[12:14]]).asfreq("ME")
    np.testing.assert_array_equal(both.series[0].values, expected)


def test_labels_without_values_may_get_them():
    """As in a table that already has the rows of the next months."""
    y = pd.Series([1.0, 2, None, None], MONTHS[:4])
    panel = read_panel(y)
    both = appended(panel, read_panel(pd.Series([3.0], MONTHS[2:3]), clocks=panel.clocks))
    assert both.series[0].values.tolist() == [1, 2, 3]
    assert both.index.equals(MONTHS[:3])


def test_new_series_are_appended():
    panel = read_panel(by_id())
    later = pd.concat(
        {"new": pd.Series([1.0, 2.0], MONTHS[20:22]), "z": pd.Series([3.0], MONTHS[20:21])}
    )
    both = appended(panel, read_panel(later, clocks=panel.clocks))
    assert both.ids == ["z", "a", "new"]
    result = both.wrap(forecasts(both, 1)).index.tolist()
    assert result == [("z", MONTHS[21]), ("a", MONTHS[18]), ("new", MONTHS[22])]


def test_labels_that_overlap_are_refused():
    y = pd.Series(np.arange(30.0), MONTHS)
    panel = read_panel(y.iloc[:10])
    with pytest.raises(ValueError, match=r"y begins at 2023-10-31 .* not after .* 2023-10-31"):
        appended(panel, read_panel(y.iloc[9:12], clocks=panel.clocks))
    frame = read_panel(y.to_frame("a").assign(b=1.0).iloc[:10])
    other = y.to_frame("a").assign(c=1.0).iloc[10:]
    with pytest.raises(ValueError, match="columns"):
        appended(frame, read_panel(other, clocks=frame.clocks))


@pytest.mark.parametrize("first", [0, 3])
@pytest.mark.parametrize("form", ["series", "frame", "ids"])
def test_part_between_labels(form, first):
    frame = pd.DataFrame({"a": np.arange(30.0), "b": np.arange(30.0) + 50}, MONTHS)
    frame.iloc[[3, 7], 0] = np.nan
    frame.iloc[:15, 1] = np.nan
    stacked = frame.stack(future_stack=True).swaplevel()
    y = {"series": frame["a"], "frame": frame, "ids": stacked}[form]
    panel = read_panel(y)
    assert pd.Index(panel.times()).equals(MONTHS.rename(None))
    for last in (10, 20):
        part = panel.between(panel.times()[first], panel.times()[last])
        time = y.index.get_level_values(-1)
        expected = (
            read_panel(
                y[(time >= MONTHS[first]) & (time <= MONTHS[last])].dropna(how="all", axis="index"),
                clocks=panel.clocks,
            )
            if form != "frame" or last > 15
            else None
        )
        assert part.ids == (["a", "b"] if last > 15 and form != "series" else panel.ids[:1])
        if expected is not None:
            for own, other in zip(part.series, expected.series, strict=True):
                np.testing.assert_array_equal(own.values, other.values)
                assert own.start == other.start
        result = part.wrap(forecasts(part, 2))
        assert result.index.get_level_values(-1)[-1] == MONTHS[last + 2]
        inside = part.wrap_inside([series.values for series in part.series])
        assert inside.index.get_level_values(-1).min() >= MONTHS[first]
        assert inside.index.get_level_values(-1).max() == MONTHS[last]


def test_part_of_an_array():
    panel = read_panel(np.arange(10.0))
    assert panel.times().tolist() == list(range(10))
    part = panel.between(2, 5)
    assert part.series[0].values.tolist() == [2, 3, 4, 5]
    assert part.series[0].start == 2
    with pytest.raises(ValueError, match="no values from 20 to 30"):
        panel.between(20, 30)


def test_times_of_series_on_different_clocks():
    at = {"a": "2024-01-01 00:05", "b": "2024-01-01 00:17"}
    y = pd.concat(
        {id: pd.Series(1.0, pd.date_range(t, periods=6, freq="h")) for id, t in at.items()}
    )
    panel = read_panel(y)
    times = y.index.get_level_values(1).unique().sort_values()
    assert panel.times().equals(times)
    part = panel.between(times[1], times[6])  # from b's first label to a's fourth
    assert [(series.id, series.start, series.end) for series in part.series] == [
        ("a", 1, 3),
        ("b", 0, 2),
    ]


def test_pickle():
    panel = pickle.loads(pickle.dumps(read_panel(by_id())))
    assert panel.series[0].clock is panel.series[1].clock
    pd.testing.assert_series_equal(panel.wrap_inside([s.values for s in panel.series]), by_id())


# ---- what is refused


@pytest.mark.parametrize(
    ("y", "error", "words"),
    [
        (None, TypeError, "y is None"),
        ([], ValueError, "empty"),
        (np.zeros((0, 2)), ValueError, "empty"),
        (pd.Series([], dtype=float), ValueError, "empty"),
        ([np.nan, np.nan], ValueError, "y has no values"),
        (pd.DataFrame({"a": [1.0], "b": [np.nan]}), ValueError, "series 'b' of y has no values"),
        ([1.0, np.inf], ValueError, "infinite value, in row 1"),
        ([[1.0, 2.0], [1.0, -np.inf]], ValueError, "row 1, column 1"),
        (["a", "b"], ValueError, "forecasts numbers"),
        (pd.Series(["1", "2"]), ValueError, "forecasts numbers"),
        (pd.Series(["1", "2"], dtype="string"), ValueError, "forecasts numbers"),
        (pl.Series(["1", "2"]), ValueError, "forecasts numbers"),
        (pd.Series([1, 2], dtype="category"), ValueError, "categories.*forecasts numbers"),
        (pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), ValueError, "Column 'b' of y holds text"),
        (np.array(["a", 1], dtype=object), ValueError, "forecasts numbers"),
        ([True, False], ValueError, "booleans"),
        (np.array([True, False]), ValueError, "booleans"),
        (pd.Series([True, None, False], dtype="boolean"), ValueError, "booleans"),
        (np.array([True, None], dtype=object), ValueError, "booleans"),
        (
            pd.DataFrame({"shop": ["a"], "day": [MONTHS[0]], "sales": [1]}),
            ValueError,
            r"set_index\(\['shop', time\]\)",
        ),
        (pd.DataFrame({"day": MONTHS, "n": 1}), ValueError, r"y.set_index\('day'\)"),
        (
            pl.DataFrame({"day": MONTHS.to_list(), "n": range(30)}),
            ValueError,
            r"y.to_pandas\(\).set_index\('day'\)",
        ),
        ([1j, 2], ValueError, "[Cc]omplex"),
        (MONTHS, ValueError, "dates"),
        (np.zeros((2, 2, 2)), ValueError, "3 dimensions"),
        (np.float64(3), ValueError, "y must have one dimension.*got 0 dimensions"),
        ({"a": [1]}, TypeError, "dict"),
        (pl.LazyFrame({"a": [1]}), TypeError, "collect"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), ValueError, "column 'a' twice"),
        (by_id().swaplevel(), ValueError, "swaplevel"),
        (by_id().to_frame(), ValueError, r"y\['sales'\]"),
        (pd.concat({"x": by_id()}), ValueError, "two levels"),
        (by_id().drop(("z", MONTHS[3])).rename({"z": np.nan}), ValueError, "no id"),
        (by_id().iloc[::-1], ValueError, "series 'z' of y are not in increasing order.*sort_index"),
        (
            pd.concat([by_id(), by_id().iloc[-1:]]),
            ValueError,
            "series '.' of y has the label .* twice",
        ),
        (
            pd.Series(
                [1.0, 2], pd.MultiIndex.from_tuples([(2023, 1), (2023, 2)], names=["year", "month"])
            ),
            ValueError,
            "parts of one date",
        ),
        (
            pd.Series([1.0, 2], pd.MultiIndex.from_tuples([("a", "2023-01"), ("a", "2023-02")])),
            ValueError,
            "pd.to_datetime",
        ),
        (
            pd.Series([1.0, 2], pd.PeriodIndex(["1-01-01", "9999-01-01"], freq="s")),
            ValueError,
            "span",
        ),
    ],
)
def test_bad_y(y, error, words):
    with pytest.raises(error, match=words):
        read_panel(y)


def test_arrays_need_no_pandas():
    code = (
        "import sys; sys.modules['pandas'] = None; import numpy as np\n"
        "from skrnn._panels.reading import read_panel\n"
        "from skrnn._panels.appending import appended\n"
        "panel = read_panel(np.arange(8.0).reshape(4, 2))\n"
        "both = appended(panel, read_panel(np.ones((2, 2)), clocks=panel.clocks))\n"
        "assert both.between(1, 4).times().tolist() == [1, 2, 3, 4]\n"
        "print(both.wrap([np.zeros(n) for n in both.steps_until(3)]).shape, both.ends())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split("\n")[0] == "(3, 2) 5", done.stderr


def test_errors_of_labels_outlive_processes():
    """As those of jobs do: with the text, and the part of it without code."""
    hours = pd.date_range("2024-10-26", periods=72, freq="h", tz="Europe/Berlin")
    for index in (MONTHS[[0, 1, 5, 7, 29]], [1, 3, 6], hours.tz_localize(None)):
        with pytest.raises(LabelsError) as caught:
            read_panel(pd.Series(1.0, index))
        error = pickle.loads(pickle.dumps(caught.value))
        assert type(error) is caught.type
        assert str(error) == str(caught.value)
        assert str(error).startswith(f"{error.problem} ")
        assert error.problem == caught.value.problem
        assert error.problem.endswith(".")
        assert "(" not in error.problem
