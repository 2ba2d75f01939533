"""Clocks against pandas' own ranges: which labels follow, and where a label is."""

import pickle

import numpy as np
import pandas as pd
import pytest

from skrnn._panels.clock_choice import make_clock

pytestmark = pytest.mark.core

SEASONS = {
    "D": 7,
    "B": 5,
    "MS": 12,
    "ME": 12,
    "BMS": 12,
    "BME": 12,
    "2MS": 6,
    "QS-JAN": 4,
    "QE-NOV": 4,
    "2QE-DEC": 2,
    "YE-DEC": 1,
    "YS-APR": 1,
    "W-SUN": 52,
    "W-WED": 52,
    "2W-MON": 26,
    "2D": 1,
    "h": 24,
    "2h": 12,
    "5h": 1,
    "15min": 96,
    "min": 1440,
    "s": 1,
    "WOM-3FRI": 12,
}
ZONES = [None, "UTC", "Europe/Berlin", "America/New_York"]
WITH_GAPS = [freq for freq in SEASONS if freq not in ("B", "WOM-3FRI", "QS-JAN")]


def without_freq(index):
    """The same labels, as after a selection of rows."""
    return pd.DatetimeIndex(list(index)).as_unit(index.unit)


def check(clock, full, n):
    """The clock of the first n labels has those of the full range, in both directions."""
    assert clock.labels(0, n).equals(full[:n])
    assert clock.labels(n, len(full) - n).equals(full[n:])
    assert clock.positions(full, "y").tolist() == list(range(len(full)))
    later = pickle.loads(pickle.dumps(clock.moved(full[n:], "y")))
    assert later.labels(-n, n).equals(full[:n])
    assert later.positions(full, "y").tolist() == list(range(-n, len(full) - n))


@pytest.mark.parametrize(
    ("freq", "longer"),
    [
        *(("h", ("week", 168)), ("2h", ("week", 84)), ("15min", ("week", 672))),
        *(("D", ("year", 364)), ("W", None), ("MS", None), ("QS", None), ("5h", None), ("s", None)),
    ],
)
def test_longer_season(freq, longer):
    found = make_clock(pd.date_range("2024-01-01", periods=60, freq=freq), "y").longer_season
    assert longer == (found and (found.name, found.steps))
    assert make_clock(pd.timedelta_range(0, periods=60, freq="h"), "y").longer_season is None


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("freq", SEASONS)
def test_given_frequency(freq, zone):
    """Over leap years, and over the change of the clocks in March and in October."""
    full = pd.date_range("2023-12-31", periods=220, freq=freq, tz=zone)
    if freq in ("h", "2h", "5h", "15min", "min", "s"):
        full = pd.date_range("2024-03-29 12:00", periods=220, freq=freq, tz=zone)
    clock = make_clock(full[:150], "y")
    assert clock.freq == freq
    assert clock.season == SEASONS[freq]
    assert clock.calendar
    check(clock, full, 150)
    following = clock.labels(150, 70)
    assert following.tz == full.tz
    assert following.freq == full.freq
    # the rule that users know: the range that begins with the last label, without it
    assert following.equals(pd.date_range(full[149], periods=71, freq=freq)[1:])


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("freq", SEASONS)
def test_inferred_frequency(freq, zone):
    full = pd.date_range("2024-01-31", periods=220, freq=freq, tz=zone)
    index = without_freq(full[:150])
    assert index.freq is None
    check(make_clock(index, "y"), full, 150)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("freq", WITH_GAPS)
def test_missing_labels_leave_the_frequency(freq, zone, rng):
    full = pd.date_range("2023-01-31", periods=200, freq=freq, tz=zone)
    keep = rng.random(150) > 0.3
    keep[[0, 1, 149]] = True
    index = without_freq(full[:150][keep])
    clock = make_clock(index, "y")
    check(clock, full, 150)
    assert clock.positions(index, "y").tolist() == np.flatnonzero(keep).tolist()
    if freq not in ("YE-DEC", "YS-APR"):  # with and without a number
        assert clock.season == SEASONS[freq]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("freq", ["h", "D", "ME"])
def test_unit_of_dates(freq, unit):
    full = pd.date_range("2024-01-31", periods=60, freq=freq, unit=unit)
    clock = make_clock(full[:40], "y")
    assert clock.labels(40, 20).unit == unit
    assert clock.positions(full.as_unit("ns"), "y").tolist() == list(range(60))


def test_two_labels_are_enough():
    index = pd.DatetimeIndex(["2024-01-31", "2024-02-29"])
    assert make_clock(index, "y").freq == "ME"
    assert make_clock(index[:1], "y").freq is None
    assert make_clock(pd.date_range("2024", periods=1, freq="MS"), "y").freq == "MS"


@pytest.mark.parametrize("month", ["2024-03-30 12:00", "2024-10-26 12:00"])
def test_hours_over_daylight_saving_time(month):
    """Real hours pass: one of the local ones is skipped or comes twice."""
    utc = pd.date_range(
        pd.Timestamp(month, tz="Europe/Berlin").tz_convert("UTC"), periods=48, freq="h"
    )
    berlin = utc.tz_convert("Europe/Berlin")
    clock = make_clock(pd.DatetimeIndex(berlin[:10]), "y")
    assert clock.labels(10, 38).equals(berlin[10:])


@pytest.mark.parametrize("day", ["2024-03-28", "2024-10-24"])
def test_days_over_daylight_saving_time(day):
    """Local days pass, of 23, 24 or 25 hours."""
    naive = pd.date_range(day, periods=8)
    clock = make_clock(naive[:3].tz_localize("Europe/Berlin"), "y")
    assert clock.labels(3, 5).equals(naive[3:].tz_localize("Europe/Berlin"))


def test_local_time_that_is_skipped():
    """A day whose label doesn't exist gets the next time that does, and counts all the same."""
    naive = pd.date_range("2024-03-28 02:30", periods=6)
    expected = naive.tz_localize("Europe/Berlin", nonexistent="shift_forward")
    clock = make_clock(expected[:3], "y")
    assert clock.labels(0, 6).equals(expected)
    assert clock.positions(expected, "y").tolist() == list(range(6))


@pytest.mark.parametrize("freq", ["M", "Q-DEC", "Q-MAR", "Y-DEC", "D", "W-SUN", "h", "2M"])
def test_periods(freq):
    full = pd.period_range("2020-01-06", periods=60, freq=freq)
    clock = make_clock(full[:40], "y")
    assert clock.freq == full.freqstr
    check(clock, full, 40)
    gaps = make_clock(full[[0, 5, 6, 30]], "y")
    assert gaps.positions(full[[0, 30]], "y").tolist() == [0, 30]
    seasons = {"M": 12, "Q": 4, "D": 7, "W": 52, "h": 24, "2M": 6}
    assert clock.season == seasons.get(freq.split("-")[0], 1)


@pytest.mark.parametrize(
    ("index", "step"),
    [
        (pd.RangeIndex(5, 25), 1),
        (pd.RangeIndex(0, 60, 3), 3),
        (pd.Index(range(1949, 1969)), 1),
        (pd.Index(range(1949, 1969), dtype="uint16"), 1),
        (pd.Index(range(1900, 2000, 5), dtype="Int64"), 5),
    ],
)
def test_integers(index, step):
    clock = make_clock(index[:15], "y")
    assert clock.freq == step
    assert clock.season == 1
    assert not clock.calendar
    assert clock.labels(15, 5).tolist() == index[15:].tolist()
    assert clock.positions(index, "y").tolist() == list(range(20))
    assert clock.positions(index[[0, 1, 2, 4, 5, 6]], "y").tolist() == [0, 1, 2, 4, 5, 6]


def test_integers_with_gaps():
    clock = make_clock(pd.Index([0, 2, 4, 10, 12]), "y")
    assert clock.freq == 2
    assert clock.positions(pd.Index([10, 14]), "y").tolist() == [5, 7]


def test_time_differences():
    full = pd.timedelta_range("1h", periods=20, freq="90min")
    clock = make_clock(full[:10], "y")
    assert clock.labels(10, 10).equals(full[10:])
    assert clock.positions(full, "y").tolist() == list(range(20))
    days = pd.timedelta_range("1D", periods=20, freq="2D")
    assert make_clock(days[:10], "y").labels(10, 10).equals(days[10:])


def test_array_counts():
    clock = make_clock(None, "y")
    assert clock.labels(3, 2).tolist() == [3, 4]
    assert clock.freq == 1
    assert clock.position(7, "steps") == 7


def test_dates_as_objects_categories_and_arrow():
    full = pd.date_range("2024-01-01", periods=20)
    for index in (
        pd.Index(full.date, dtype=object),
        pd.Index(list(full), dtype=object),
        pd.CategoricalIndex(full),
        full.astype("timestamp[us][pyarrow]"),
    ):
        assert (
            make_clock(index[:10], "y").labels(10, 10).equals(full[10:].as_unit("us"))
            or (make_clock(index[:10], "y").labels(10, 10) == full[10:]).all()
        )


# ---- trading days


def exchange(
    n,
    skipped=(5, 6),
    holidays=("2023-06-19", "2024-01-01", "2024-03-29", "2024-04-01", "2024-05-01"),
):
    days = pd.date_range("2023-06-01", periods=n)
    return days[~days.day_of_week.isin(skipped) & ~days.isin(pd.DatetimeIndex(holidays))]


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
@pytest.mark.parametrize("skipped", [(5, 6), (4, 5), (6,), (1, 3, 5, 6)])
def test_trading_days(skipped, zone):
    """Rows are successive; the same weekdays follow, without holidays."""
    index = (exchange(400, skipped) + pd.Timedelta("16h")).tz_localize(zone)
    clock = make_clock(index, "y")
    assert clock.freq is None
    assert clock.season == 1
    assert clock.positions(index, "y").tolist() == list(range(len(index)))
    local = index.tz_localize(None)
    following = pd.date_range(local[-1], periods=100)[1:]
    following = following[~following.day_of_week.isin(skipped)][:30].tz_localize(zone)
    assert clock.labels(len(index), 30).equals(following.as_unit(index.unit))
    assert clock.positions(following, "y").tolist() == list(range(len(index), len(index) + 30))
    before = pd.date_range(end=local[0], periods=100)[:-1]
    before = before[~before.day_of_week.isin(skipped)][-30:].tz_localize(zone)
    assert clock.labels(-30, 30).equals(before.as_unit(index.unit))
    assert clock.positions(before, "y").tolist() == list(range(-30, 0))


def test_rare_weekday_is_not_continued():
    """A special session on a Saturday is a step, but not the rule."""
    index = exchange(400).union(pd.DatetimeIndex(["2024-01-20"]))
    clock = make_clock(index, "y")
    assert clock.positions(index, "y").tolist() == list(range(len(index)))
    assert clock.labels(len(index), 100).day_of_week.max() == 4


def test_trading_days_remember_what_follows():
    """A holiday after the end is known once later rows are: positions before it stay."""
    index = exchange(500)
    clock = make_clock(index[:150], "y")
    later = clock.extended(index[150:], "y")
    assert later.positions(index, "y").tolist() == list(range(len(index)))
    earlier = later.extended(pd.DatetimeIndex(["2023-05-30", "2023-05-31"]), "y")
    assert earlier.positions(index, "y").tolist() == list(range(len(index)))
    assert earlier.positions(pd.DatetimeIndex(["2023-05-30"]), "y").tolist() == [-2]
    assert clock.extended(index[:10], "y") is clock


def test_long_gap_between_trading_days_has_steps():
    index = exchange(300)
    cut = index[(index < "2023-09-01") | (index >= "2023-10-02")]
    clock = make_clock(cut, "y")
    assert clock.positions(cut, "y")[-1] == len(index) - 1
    pieces = make_clock(index[index < "2023-09-01"], "y").extended(cut, "y")
    assert pieces.positions(cut, "y")[-1] == len(index) - 1


def test_weekdays_with_many_gaps_are_business_days(rng):
    full = pd.bdate_range("2024-01-01", periods=200)
    index = full[np.sort(rng.choice(200, 130, replace=False))]
    assert make_clock(index, "y").freq == "B"


def test_a_shifted_week_is_no_trading_day():
    weeks = pd.date_range("2024-01-01", periods=30, freq="W-MON")
    index = weeks.delete(12).insert(12, weeks[12] + pd.Timedelta("1D"))
    with pytest.raises(ValueError, match=r"'W-MON', and 1 of 30 .* 2024-03-26"):
        make_clock(index, "y")


def test_days_with_gaps_at_all_weekdays_are_days(rng):
    full = pd.date_range("2024-01-01", periods=100)
    index = full[np.sort(rng.choice(100, 80, replace=False))]
    assert make_clock(index, "y").freq == "D"


# ---- single labels


def test_position_of_a_label():
    clock = make_clock(pd.date_range("2024-01-31", periods=12, freq="ME"), "y")
    for label in (
        "2024-12",
        "2024-12-31",
        "2024",
        pd.Timestamp("2024-12-31"),
        pd.Period("2024-12"),
    ):
        assert clock.position(label, "steps") == 11
    assert clock.position(np.datetime64("2025-12-31"), "steps") == 23
    words = r"2024-12-01 is no label of the frequency 'ME'.* 2024-11-30 .* 2024-12-31"
    with pytest.raises(ValueError, match=words):
        clock.position("2024-12-01", "steps")
    with pytest.raises(ValueError, match="steps='soon' is no date"):
        clock.position("soon", "steps")
    with pytest.raises(ValueError, match="no date"):
        clock.position(pd.NaT, "steps")


@pytest.mark.parametrize("freq", ["h", "D", "B", "MS", "W-WED"])
@pytest.mark.parametrize("text", ["2024-06", "2024-05-29", "2024"])
def test_text_is_a_span_as_in_pandas(freq, text):
    full = pd.date_range("2024-01-01", "2025-01-31", freq=freq)
    clock = make_clock(full, "y")
    inside = pd.Series(np.arange(len(full)), full).loc[text:text]
    if len(inside):
        assert clock.position(text, "steps") == inside.iloc[-1]
    else:
        with pytest.raises(ValueError, match="no label"):
            clock.position(text, "steps")


def test_position_with_a_zone():
    clock = make_clock(pd.date_range("2024-03-30", periods=3, tz="Europe/Berlin"), "y")
    assert clock.position("2024-04-01", "steps") == 2
    assert clock.position(pd.Timestamp("2024-04-01"), "steps") == 2
    assert clock.position("2024-03-31 22:00+00:00", "steps") == 2
    naive = make_clock(pd.date_range("2024-03-30", periods=3), "y")
    with pytest.raises(ValueError, match="time zone"):
        naive.position("2024-03-31 22:00+00:00", "steps")


def test_position_in_periods_and_integers():
    months = make_clock(pd.period_range("2024-01", periods=3, freq="M"), "y")
    for label in ("2024-12", "2024-12-31", pd.Timestamp("2024-12-05"), pd.Period("2024-12", "M")):
        assert months.position(label, "steps") == 11
    years = make_clock(pd.Index([1950, 1960, 1970]), "y")
    assert years.position(1990, "steps") == 4
    with pytest.raises(ValueError, match="1985 is no label"):
        years.position(1985, "steps")
    with pytest.raises(ValueError, match="integers"):
        years.position("1990", "steps")


# ---- what is refused


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (
            ["2024-01-02", "2024-01-01", "2024-01-03"],
            ["2024-01-02", "2024-01-01", "y.sort_index()"],
        ),
        (["2024-01-01", "2024-01-02", "2024-01-02"], ["2024-01-02", "twice", "groupby"]),
        (["2024-01-01", None, "2024-01-02"], ["missing label", "position 1"]),
        (
            ["2024-01-15", "2024-02-15", "2024-03-15", "2024-04-16"],
            ["'MS'", "2024-01-15", "4 of 4", "Use resample('MS').mean()", "reset_index(drop=True)"],
        ),
        (
            ["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 02:00", "2024-01-01 03:10"],
            ["'h'", "1 of 4", "03:10", "Use asfreq('h') or resample", "reset_index(drop=True)"],
        ),
        (
            ["2020-01-01", "2020-01-02", "2021-01-03", "2021-08-05"],
            ["Use resample('YS').mean()", "reset_index(drop=True)"],
        ),
    ],
)
def test_bad_dates(index, words):
    with pytest.raises(ValueError, match=r"^The (labels|index) of y\b") as error:
        make_clock(pd.DatetimeIndex(pd.to_datetime(index, format="ISO8601")), "y")
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (pd.Index(["2024-01-01", "2024-01-02"]), ["text", "pd.to_datetime"]),
        (pd.Index([0.5, 1.5]), ["floating", "reset_index(drop=True)"]),
        (pd.Index([1949.0, 1950.0]), ["floating", "reset_index(drop=True)"]),
        (pd.interval_range(0, 5), ["interval"]),
        (pd.Index([1, 2, 4, 7, 11]), ["evenly", "4", "reset_index(drop=True)"]),
        (pd.Index([0, 2, 4, 7]), ["7 comes after 4", "step is 2"]),
        (pd.Index([3, 2, 1]), ["sort_index", "3 comes before 2"]),
        (pd.Index([1, 2, 2]), ["2 twice"]),
        (pd.PeriodIndex(["2024-02", "2024-01"], freq="M"), ["sort_index"]),
    ],
)
def test_bad_labels(index, words):
    with pytest.raises(ValueError, match="series 'a' of y") as error:
        make_clock(index, "series 'a' of y")
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "Europe/London", "America/New_York", "Australia/Sydney"]
)
@pytest.mark.parametrize("freq", ["h", "15min"])
@pytest.mark.parametrize("months", [["03-01", "04-15"], ["10-01", "11-15"]])
def test_naive_clock_over_daylight_saving_time(zone, freq, months):
    local = pd.date_range(*(f"2024-{day}" for day in months), freq=freq, tz=zone)
    with pytest.raises(ValueError, match="tz_localize"):
        make_clock(pd.DatetimeIndex(local.tz_localize(None).to_numpy()), "y")
    assert make_clock(local, "y").freq == freq


def test_outages_are_no_daylight_saving_time():
    full = pd.date_range("2024-03-01", "2024-04-15", freq="h")
    long = full[(full < "2024-03-30 20:00") | (full > "2024-03-31 10:00")]
    assert make_clock(long, "y").freq == "h"
    other = full[full != "2024-03-24 02:00"]
    assert make_clock(other, "y").freq == "h"


@pytest.mark.parametrize(
    ("fitted", "given", "words"),
    [
        (pd.date_range("2024", periods=5), pd.RangeIndex(5), "labels of the same kind"),
        (pd.RangeIndex(5), pd.date_range("2024", periods=5), "labels of the same kind"),
        (pd.date_range("2024", periods=5), pd.date_range("2024", periods=5, freq="h"), "'D'"),
        (pd.date_range("2024", periods=5, freq="MS"), pd.date_range("2024", periods=5), "'MS'"),
        (
            pd.date_range("2024", periods=5),
            pd.date_range("2024", periods=5, tz="UTC"),
            "tz_localize",
        ),
        (
            pd.date_range("2024", periods=5, tz="UTC"),
            pd.date_range("2024", periods=5),
            "tz_localize",
        ),
        (
            pd.period_range("2024", periods=5, freq="M"),
            pd.period_range("2024", periods=5, freq="D"),
            "asfreq",
        ),
        (
            pd.period_range("2024", periods=5, freq="M"),
            pd.date_range("2024", periods=5),
            "same kind",
        ),
        (pd.timedelta_range("1h", periods=5, freq="h"), pd.RangeIndex(5), "same kind"),
        (pd.RangeIndex(0, 10, 2), pd.RangeIndex(0, 5), "no label"),
    ],
)
def test_labels_of_another_clock(fitted, given, words):
    clock = make_clock(fitted, "y")
    with pytest.raises(ValueError, match=words):
        clock.positions(given, "y")


def test_months_from_the_31st_are_refused():
    """Successive steps of one month don't come back to the 31st, multiples do."""
    index = pd.date_range("2024-01-31", periods=5, freq=pd.DateOffset(months=1))
    with pytest.raises(ValueError, match="no label"):
        make_clock(index, "y")
