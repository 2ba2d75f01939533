"""Times in CSV files: months, quarters and offsets, and dates that --time doesn't name."""

import numpy as np
import pandas as pd
import pytest

from .test_forecast_command import days, read, write


def with_times(times):
    noise = 0.1 * np.random.RandomState(0).normal(size=len(times))
    values = 20 + np.sin(np.arange(len(times)) * np.pi / 6) + noise
    return write(pd.DataFrame({"when": times, "value": values}))


MONTHS = pd.period_range("2018-01", periods=60, freq="M")
QUARTERS = pd.period_range("2000Q1", periods=60, freq="Q")


@pytest.mark.parametrize(
    ("times", "wanted", "unit"),
    [
        (MONTHS.strftime("%Y%m"), ["202301", "202302"], "month"),
        (MONTHS.strftime("%b-%y"), ["Jan-23", "Feb-23"], "month"),
        (MONTHS.strftime("%B %Y"), ["January 2023", "February 2023"], "month"),
        (MONTHS.strftime("%m/%Y"), ["01/2023", "02/2023"], "month"),
        (MONTHS.strftime("%m.%Y"), ["01.2023", "02.2023"], "month"),
        (MONTHS.strftime("%Y-%m"), ["2023-01", "2023-02"], "month"),
        (QUARTERS.strftime("Q%q %Y"), ["Q1 2015", "Q2 2015"], "quarter"),
        (QUARTERS.strftime("%YQ%q"), ["2015Q1", "2015Q2"], "quarter"),
        (QUARTERS.strftime("%Y-Q%q"), ["2015-Q1", "2015-Q2"], "quarter"),
    ],
)
def test_periods_are_written_as_they_were(run, times, wanted, unit):
    code, out, lines = run(with_times(times), "--time", "when", "--steps", 2)
    assert code == 0, lines
    assert [line.split(",")[0] for line in out.splitlines()[1:]] == wanted
    assert lines[0].endswith(f"one row per {unit}.")
    assert lines[1] == f"Season: {12 if unit == 'month' else 4} rows."


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y"])
def test_first_days_of_months(run, form):
    """Day and month may both be read as either: the steps tell which is which."""
    path = with_times(MONTHS.to_timestamp().strftime(form))
    code, out, lines = run(path, "--time", "when", "--steps", 2)
    assert code == 0, lines
    assert lines[0] == "60 rows, 2018-01-01 to 2022-12-01, one row per month."
    assert list(read(out)["time"]) == ["2023-01-01", "2023-02-01"]


def test_days_of_two_digits_that_begin_like_months(run):
    """To pandas, the ninth of January may be the first of September, each for itself."""
    days_back = pd.date_range("2024-12-01", "2025-01-09")[::-1]
    path = with_times(days_back.strftime("%d.%m.%y"))
    code, out, lines = run(path, "--time", "when", "--steps", 2)
    assert code == 0, lines
    assert list(read(out)["time"]) == ["2025-01-10", "2025-01-11"]


@pytest.mark.parametrize("first", [1949, 1966])
def test_years_of_two_digits(run, first):
    """Years beyond 1968, and around it, aren't those of the next century."""
    months = pd.period_range(f"{first}-01", periods=60, freq="M")
    _, out, lines = run(with_times(months.strftime("%b-%y")), "--time", "when", "--steps", 1)
    assert list(read(out)["time"]) == [f"Jan-{first % 100 + 5}"]
    assert lines[0] == f"60 rows, {first}-01 to {first + 4}-12, one row per month."


def test_periods_of_several_series(run, folder):
    frame = pd.DataFrame(
        {"shop": np.repeat(["a", "b"], 60), "when": [*MONTHS.strftime("%b-%y")] * 2}
    )
    frame["value"] = np.sin(np.arange(120)) + 20
    options = ["--time", "when", "--id", "shop", "--steps", 1, "--plot", "out.png"]
    _, out, _ = run(write(frame), *options)
    assert read(out)[["shop", "time"]].to_numpy().tolist() == [["a", "Jan-23"], ["b", "Jan-23"]]


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_offset_of_the_latest_row_is_kept(run, newest_first):
    hours = pd.date_range("2024-03-29", periods=96, freq="h", tz="Europe/Berlin").astype(str)
    for times in (hours, hours[:24]):  # with the change of the clocks, and before it
        name = with_times(times)
        if newest_first:
            name = write(pd.read_csv(name)[::-1])
        _, out, _ = run(name, "--time", "when", "--steps", 1, "--window", 5)
        hour = pd.Timestamp(times[-1]) + pd.Timedelta(hours=1)
        assert read(out)["time"][0] == str(hour)
        assert str(hour)[-6:] in ("+01:00", "+02:00")


def test_days_with_several_offsets(refused):
    days = pd.date_range("2024-03-01", periods=60, tz="Europe/Berlin").astype(str)
    line = refused(with_times(days), "--time", "when")
    assert "Column 'when' holds days with several offsets from UTC" in line
    assert line.endswith("write dates alone, as in 2024-12-31.")


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y"])
def test_dates_that_are_not_named(run, refused, form):
    frame = days().assign(city="Rome", count=np.arange(60) % 7, flag=True)
    frame.insert(0, "the day", frame.pop("day").dt.strftime(form))
    code, out, lines = run(write(frame), "--target", "value", "--steps", 1)
    assert (code, list(read(out)["time"])) == (0, [61])
    assert lines[0] == "Note: column 'the day' holds dates: use --time 'the day'."
    line = refused(write(frame[::-1]), "--target", "value")
    assert "'the day' holds dates, newest first" in line
    assert "forecast backwards: use --time 'the day'." in line
    several = pd.concat([frame, frame.assign(city="Oslo")])
    _, _, lines = run(write(several), "--target", "value", "--id", "city")
    assert lines[0].startswith("Note: column 'the day' holds dates")
    line = refused(write(several[::-1]), "--target", "value", "--id", "city")
    assert "newest first" in line
    _, _, lines = run(write(several.sample(frac=1, random_state=0)), "--target", "value")
    assert lines[0] == "120 rows, 1 to 120, rows are counted."


@pytest.mark.parametrize(("sep", "decimal"), [(";", ","), (";", "."), ("\t", ".")])
def test_other_separators(run, sep, decimal):
    plain = run(write(days().round({"value": 3})), "--time", "day", "--steps", 2)
    frame = days().round({"value": 3})
    frame["day"] = frame["day"].dt.strftime("%d.%m.%Y")
    code, out, lines = run(write(frame, sep=sep, decimal=decimal), "--time", "day", "--steps", 2)
    assert (code, out) == (0, plain[1])
    comma = ", and numbers have a decimal comma" if decimal == "," else ""
    assert lines == [f"The columns are separated by {sep!r}{comma}.", *plain[2]]


@pytest.mark.parametrize("n", [6, 12, 40])
def test_why_there_are_no_intervals(run, n):
    """In one sentence, without parameters that the command line doesn't have."""
    options = ["--time", "day", "--window", 2, "--season", 1, "--steps", 30]
    _, out, lines = run(write(days(n)), *options)
    assert list(read(out)) == ["time", "forecast"]
    assert lines[-1].startswith("No intervals: ")
    assert lines[-1].endswith(".")
    assert not lines[-1].endswith("..")
    assert "calibration" not in lines[-1]
