"""What the command line says where the library's texts have a fix in Python."""

import re

import numpy as np
import pandas as pd
import pytest

from skrnn._cli.main import main

from .test_forecast_command import days, read, write

_PYTHON = re.compile(r"\w=|=\w|\w\(|<=|\bNone\b|\bpd\.|\by\b|\bskill_")


def shops(**rows):
    """A file with so many rows of each shop, which end on the same day."""
    parts = [days()[-n:].assign(shop=shop) for shop, n in rows.items()]
    return write(pd.concat(parts))


@pytest.fixture
def said(run):
    """Run a command that forecasts; return its table, and its lines, which aren't Python."""

    def said(*arguments):
        code, out, lines = run(*arguments)
        assert code == 0, lines
        assert not [line for line in lines if _PYTHON.search(line)]
        return read(out), lines

    return said


def only(lines, words):
    """The only line with these words."""
    (found,) = [line for line in lines if words in line]
    return found


@pytest.mark.parametrize("rows", [{"a": 60, "b": 10, "c": 60}, {"a": 60, "b": 9, "c": 10, "d": 60}])
def test_a_short_series_among_others(said, rows):
    options = ["--time", "day", "--id", "shop", "--steps", 2]
    table, lines = said(shops(**rows), *options)
    assert only(lines, "forecasts of all series") == (
        f"Note: forecasts of all series are made of 3 rows, as series 'b' has only {rows['b']}. "
        "For a longer window, leave short series out of the file. To keep all, add --window 3."
    )
    kept, lines = said("data.csv", *options, "--window", 3)
    assert not [line for line in lines if "forecasts of all" in line]
    np.testing.assert_array_equal(kept["forecast"], table["forecast"])
    long = {shop: n for shop, n in rows.items() if n == 60}
    _, lines = said(shops(**long), *options)
    assert not [line for line in lines if "forecasts of all" in line]


def test_rows_before_the_first_value_of_a_short_series_do_not_count(said):
    frame = pd.concat([days().assign(shop="a"), days()[-14:].assign(shop="b")])
    frame.loc[(frame["shop"] == "b") & (frame["day"] < "2024-02-20"), "value"] = np.nan
    _, lines = said(write(frame), "--time", "day", "--id", "shop", "--steps", 2)
    assert "made of 3 rows, as series 'b' has only 10" in only(lines, "of all series")


def test_too_few_rows_for_the_season_of_the_user(said):
    options = ["--time", "day", "--season", 12, "--steps", 1]
    _, lines = said(write(days(23)), *options)
    wanted = "Note: --season 12 takes 24 rows, but the series has 23: no season is taken away."
    assert only(lines, "taken away") == wanted
    _, lines = said(shops(a=23, b=20), *options, "--id", "shop")
    assert "but the longest series has 23:" in only(lines, "taken away")
    _, lines = said(write(days(24)), *options)
    assert not [line for line in lines if "taken away" in line]


def test_too_few_rows_for_the_season_of_the_calendar(said):
    options = ["--time", "day", "--steps", 1]
    _, lines = said(write(days(19)), *options)
    assert only(lines, "a season of") == (
        "Note: the series has 19 rows, and a season of 7 is looked for in 20 or more: forecasts "
        "have none. If the values have a season, add --season 7."
    )
    for n, more in [(20, []), (19, ["--season", 7])]:
        _, lines = said(write(days(n)), *options, *more)
        assert not [line for line in lines if "a season of" in line]


def test_bad_forecasts_are_said_once(said):
    for seed in range(20):  # one of these walks isn't foreseen
        values = np.random.RandomState(seed).normal(size=80).cumsum()
        _, lines = said(write(pd.DataFrame({"value": values})))
        if "no better than" in lines[-1]:
            assert only(lines, "repeating the last value") == lines[-1]
            return
    pytest.fail("All walks were foreseen.")


def test_intervals_that_there_could_be(said):
    """What is named works, and no more."""
    name, options = write(days(30)), ["--time", "day", "--season", 1, "--window", 3]
    table, lines = said(name, *options, "--steps", 8)
    assert list(table) == ["time", "forecast"]
    found = re.fullmatch(
        r"No intervals: --steps 8 with --coverage 0.9 needs 9 errors of forecasts as many steps "
        r"ahead, but the last rows have \d: use --steps (\d), or --coverage (0\.\d+) or less\.",
        lines[-1],
    )
    steps, coverage = int(found[1]), float(found[2])
    for works, more in [
        (True, ["--steps", steps]),
        (False, ["--steps", steps + 1]),
        (True, ["--steps", 8, "--coverage", coverage]),
        (False, ["--steps", 8, "--coverage", coverage + 0.01]),
    ]:
        table, _ = said(name, *options, *more)
        assert ("lower" in table) == works


def test_no_intervals_without_errors(said):
    _, lines = said(write(days(3)), "--time", "day", "--steps", 1)
    assert lines[-2:] == [
        "There are too few rows to tell how good the forecasts are.",
        "No intervals: there are too few rows to measure errors on.",
    ]


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize(
    ("times", "problem"),
    [
        (days()["day"][np.cumsum([0, *[1, 5, 2] * 7])], "have no frequency"),
        (np.cumsum([1, *[2, 3] * 9]), "are not evenly spaced: 6 comes after 3"),
    ],
)
def test_uneven_times(refused, several, times, problem):
    frame = pd.DataFrame({"when": times, "value": np.sin(np.arange(len(times)))})
    options = ["--time", "when", "--target", "value"]
    if several:
        frame = pd.concat([frame.assign(shop="a"), frame.assign(shop="b")])
        options += ["--id", "shop"]
    line = refused(write(frame), *options)
    assert problem in line
    assert line.endswith(". If the rows are successive steps, leave out --time.")
    assert not _PYTHON.search(line)


@pytest.mark.parametrize("form", [["day", "row"], ["year", "month"]])
def test_dates_as_ids(refused, form):
    id, time = form
    day = days()["day"]
    frame = days().assign(row=1, year=day.dt.year, month=day.dt.month * 31 + day.dt.day)
    line = refused(write(frame), "--id", id, "--time", time, "--target", "value")
    assert f"Column '{id}' (--id) seems to hold dates" in line
    assert line.endswith(": write whole dates in one column, and name it by --time.")
    assert not _PYTHON.search(line)


def test_warnings_of_other_subjects_are_passed_on(folder, capsys, monkeypatch):
    """On one line."""
    from skrnn._forecasting import fitting
    from skrnn._sklearn.user_warnings import warn_user

    monkeypatch.setattr(fitting, "warn_of_few_windows", lambda n: warn_user("First.\n  Second."))
    assert main(["forecast", write(days()), "--time", "day"]) == 0
    assert "Note: First. Second." in capsys.readouterr().err.splitlines()


def hours():
    """Nine weeks of days and nights with weekends, which end on a Friday."""
    t = pd.date_range("2023-10-02", periods=24 * 61, freq="h")
    noise = np.random.RandomState(0).normal(size=len(t))
    load = 50 + 10 * np.sin(2 * np.pi * t.hour / 24) - 8 * (t.day_of_week > 4) + noise
    return pd.DataFrame({"hour": t, "load": load})


def test_a_week_beside_the_day(said):
    name = write(hours())
    _, lines = said(name, "--time", "hour", "--steps", 2)
    line = only(lines, "repeating the last week is clearly better than these forecasts")
    assert line.endswith("add --calendar hour,day_of_week, or --season 168.")
    table, lines = said(name, "--time", "hour", "--steps", 48, "--calendar", "hour, day_of_week")
    assert not [line for line in lines if "repeating the last week" in line]
    truth = 50 + 10 * np.sin(2 * np.pi * np.arange(48) / 24) - 8
    assert np.abs(table["forecast"] - truth).mean() < 2  # without the weekend: 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--time", "hour", "--calendar", "weekday"], "--calendar: 'weekday' is none of month, "),
        (["--calendar", "hour"], "--calendar needs dates: name their column by --time."),
    ],
)
def test_parts_of_dates_that_there_are_not(run, options, message):
    code, out, lines = run(write(hours()), "--target", "load", *options)
    assert (code, out) == (2, "")
    assert message in lines[-1]
