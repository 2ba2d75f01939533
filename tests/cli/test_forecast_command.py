"""``python -m skrnn forecast``: what it prints, writes and refuses."""

import io
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import skrnn
from skrnn import Forecaster
from skrnn._cli.main import main
from skrnn.datasets import load_airline, load_sunspots


def write(frame, name="data.csv", **options):
    frame.to_csv(name, **{"index": False, **options})
    return name


def days(n=60, start="2024-01-01"):
    noise = np.random.RandomState(0).normal(size=n)
    values = np.sin(np.arange(n) * 2 * np.pi / 7) + 0.1 * noise
    return pd.DataFrame({"day": pd.date_range(start, periods=n), "value": values})


def read(out):
    return pd.read_csv(io.StringIO(out))


def test_a_fresh_process(tmp_path):
    """As users call it: CSV alone on stdout, so that it can be piped; the picture in a file."""
    y = load_airline(as_frame=True).series
    data, picture = tmp_path / "air.csv", tmp_path / "out.png"
    y.to_csv(data)
    command = [sys.executable, "-W", "error", "-m", "skrnn", "forecast", data]
    command += ["--time", "month", "--steps", "24", "--plot", picture]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    table = read(done.stdout)
    forecaster = Forecaster().fit(y)
    assert list(table) == ["time", "forecast", "lower", "upper"]
    assert list(table["time"]) == list(forecaster.predict(24).index.strftime("%Y-%m-%d"))
    np.testing.assert_allclose(table["forecast"], forecaster.predict(24), rtol=1e-7)
    np.testing.assert_allclose(
        table[["lower", "upper"]], forecaster.predict_interval(24), rtol=1e-7
    )
    assert picture.stat().st_size > 10_000
    lines = done.stderr.splitlines()
    assert lines[0] == "144 rows, 1949-01-01 to 1960-12-01, one row per month."
    assert lines[1] == "Season: 12 rows."
    assert f"is {1 - forecaster.skill_:.2f} times that of repeating the last value or" in lines[2]
    failed = subprocess.run(
        [*command[:-2], "--target", "x"], capture_output=True, text=True, check=False
    )
    assert failed.returncode == 2
    wanted = f"skrnn: {data} has no column 'x' (--target); it has 'month', 'passengers'.\n"
    assert failed.stderr == wanted


def test_version_and_help(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{skrnn.__version__}\n"
    with pytest.raises(SystemExit) as end:
        main(["forecast", "--help"])
    assert end.value.code == 0
    assert "--time Date --target Open --steps 30" in capsys.readouterr().out
    assert main([]) == 2
    assert "name a command" in capsys.readouterr().err


def test_rows_are_counted_without_a_time(run):
    code, out, lines = run(write(days()[["value"]]), "--steps", 2)
    assert code == 0
    assert list(read(out)["time"]) == [61, 62]
    assert lines[0] == "60 rows, 1 to 60, rows are counted."
    assert lines[1] == "Season: none."


def test_whole_numbers_are_times(run):
    load_sunspots(as_frame=True).series[-80:].to_csv("sun.csv")
    _, out, lines = run("sun.csv", "--time", "year", "--target", "sunspots", "--steps", 2)
    assert list(read(out)["time"]) == [2009, 2010]
    assert lines[0] == "80 rows, 1929 to 2008, in steps of 1."


@pytest.mark.parametrize(
    "form", ["%Y-%m-%d", "%Y%m%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%b %d, %Y"]
)
def test_dates_in_many_forms(run, form):
    frame = days()
    frame["day"] = frame["day"].dt.strftime(form)
    _, out, lines = run(write(frame), "--time", "day", "--steps", 2)
    assert list(read(out)["time"]) == ["2024-03-01", "2024-03-02"]
    assert lines[0] == "60 rows, 2024-01-01 to 2024-02-29, one row per day."


def test_newest_first_is_reversed(run):
    plain = run(write(days()), "--time", "day")
    code, out, lines = run(write(days()[::-1]), "--time", "day")
    assert code == 0
    assert (out, lines[1:]) == plain[1:]
    assert lines[0] == "The file has the newest row first: the rows were reversed."


def test_trading_days_and_missing_values(run):
    frame = pd.DataFrame({"Date": pd.bdate_range("2024-01-01", periods=81).delete(40)})
    frame["Open"] = 100 + np.random.RandomState(0).normal(size=80).cumsum()
    frame["Volume"] = 1
    frame.loc[[3, 9], "Open"] = np.nan
    _, out, lines = run(write(frame), "--time", "Date", "--target", "Open", "--steps", 2)
    assert list(read(out)["time"]) == ["2024-04-23", "2024-04-24"]
    assert lines[0] == "80 rows, 2024-01-01 to 2024-04-22, trading days."
    assert lines[1] == "2 missing values were interpolated."


def test_offsets_of_summer_and_winter(run):
    hours = pd.date_range("2024-03-29", periods=96, freq="h", tz="Europe/Berlin")
    frame = pd.DataFrame({"at": hours.astype(str), "load": np.sin(np.arange(96) / 3)})
    _, out, _ = run(write(frame), "--time", "at", "--steps", 1)
    assert pd.Timestamp(read(out)["time"][0]) == hours[-1] + pd.Timedelta(hours=1)


def test_several_series(run, folder):
    frame = pd.concat([days().assign(shop="01"), days()[::-1].assign(shop="02", value=2.0)])
    code, out, lines = run(
        write(frame), "--time", "day", "--id", "shop", "--steps", 2, "--plot", "out.svg"
    )
    assert code == 0
    table = pd.read_csv(io.StringIO(out), dtype={"shop": str})
    assert list(table) == ["shop", "time", "forecast", "lower", "upper"]
    assert list(table["shop"]) == ["01", "01", "02", "02"]
    assert list(table["time"]) == ["2024-03-01", "2024-03-02"] * 2
    assert (table["forecast"][2:] == 2).all()
    assert lines[1].startswith("120 rows of 2 series, 2024-01-01 to 2024-02-29")
    assert "02" in (folder / "out.svg").read_text()


def test_options_reach_the_forecaster(run, folder):
    frame = days()
    y = frame.set_index("day")["value"]
    name = write(frame)
    code, out, lines = run(
        name, "--time", "day", "--season", 1, "--window", 5, "--coverage", 0.5, "--output", "o.csv"
    )
    assert (code, out) == (0, "")
    forecaster = Forecaster(season=1, window=5).fit(y)
    table = pd.read_csv("o.csv")
    np.testing.assert_allclose(table["forecast"], forecaster.predict(10), rtol=1e-7)
    interval = forecaster.predict_interval(10, coverage=0.5)
    np.testing.assert_allclose(table[["lower", "upper"]], interval, rtol=1e-7)
    assert "Season: none." in lines


def test_seasons_that_are_not_seen(run):
    name = write(days()[["value"]])
    _, _, lines = run(name, "--season", 5)
    assert "Season: 5 rows, which the values don't show." in lines
    assert "Season: 7 rows." in run(name, "--season", 7)[2]
    months = pd.DataFrame({"month": pd.period_range("2022-01", periods=24, freq="M")})
    name = write(months.assign(value=np.sin(np.arange(24) * np.pi / 6)))
    _, _, lines = run(name, "--time", "month")
    assert "Season: none." in lines
    assert any(line.endswith("If the values have a season, add --season 12.") for line in lines)
    assert "Season: 12 rows." in run(name, "--time", "month", "--season", 12)[2]


def test_what_is_bad_is_said(run, rng):
    frame = pd.DataFrame({"value": rng.normal(size=80).cumsum()})
    for seed in range(20):  # one of these walks isn't foreseen
        frame["value"] = np.random.RandomState(seed).normal(size=80).cumsum()
        if _skill(frame["value"]) <= 0:
            break
    _, _, lines = run(write(frame))
    assert lines[-1].endswith("the forecasts are no better than repeating the last value.")
    _, out, lines = run(write(frame[:25]), "--steps", 2, "--coverage", 0.99)
    assert list(read(out)) == ["time", "forecast"]
    assert any(re.match(r"Note: There are \d+ training windows", line) for line in lines)
    assert re.match(r"No intervals: .* use --coverage 0\.\d+ or less", lines[-1])


def _skill(values):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Forecaster().fit(values).skill_


def test_bad_files(refused, folder):
    assert refused("none.csv") == "skrnn: There is no file none.csv."
    (folder / "empty.csv").write_text("")
    assert "empty.csv can't be read as CSV: No columns" in refused("empty.csv")
    (folder / "header.csv").write_text("day,value\n")
    assert refused("header.csv").endswith("has no rows below its header, 'day', 'value'.")
    (folder / "ragged.csv").write_text("a,b\n1,2\n1,2,3\n")
    assert "Line 3 of ragged.csv has 3 columns, but the header has 2" in refused("ragged.csv")
    (folder / "binary.csv").write_bytes(b"\x89PNG\xff\xfe\x00")
    assert "binary.csv can't be read as CSV: " in refused("binary.csv")
    assert "can't be read as CSV: Is a directory" in refused(folder)
    name = write(days())
    assert "--output a/b.csv: there is no folder a." in refused(name, "--output", "a/b.csv")
    assert "the name must end in one of ." in refused(name, "--plot", "out.xyz")


def test_bad_columns(refused):
    name = write(days())
    for option in ("--time", "--target", "--id"):
        wanted = f"data.csv has no column 'x' ({option}); it has 'day', 'value'."
        assert wanted in refused(name, option, "x")
    several = write(days().assign(other=1))
    assert "has the numbers 'value', 'other'." in refused(several, "--time", "day")
    assert "has the numbers none among 'day'." in refused(write(days()[["day"]]))
    text = days().assign(value=lambda d: d["value"].astype(str))
    text.loc[4, "value"] = "much"
    wanted = "Column 'value' holds 'much' in line 6, which is no number"
    assert wanted in refused(write(text), "--target", "value")
    infinite = days()
    infinite.loc[4, "value"] = np.inf
    assert "Column 'value' is infinite in line 6" in refused(write(infinite))
    assert "has no values" in refused(write(days().assign(value=np.nan)), "--time", "day")


def test_bad_times(refused):
    twice = pd.concat([days(), days()])
    wanted = "2024-01-01 occurs twice in column 'day': if the file has several series, name them"
    assert wanted in refused(write(twice), "--time", "day")
    wanted = "2024-01-01 occurs twice in column 'day' of 'a': each series needs one row per time"
    assert wanted in refused(write(twice.assign(shop="a")), "--time", "day", "--id", "shop")
    irregular = days().iloc[np.cumsum([0, *[1, 5, 2] * 7])]
    line = refused(write(irregular), "--time", "day")
    assert "The labels of column 'value' have no frequency" in line
    assert line.endswith("If the rows are successive steps, leave out --time.")
    assert "Use" not in line
    text = days().astype({"day": str})
    text.loc[7, "day"] = "soon"
    wanted = "Column 'day' holds 'soon' in line 9, which isn't a date like the others"
    assert wanted in refused(write(text), "--time", "day")
    text.loc[7, "day"] = ""
    assert "Column 'day' is empty in line 9" in refused(write(text), "--time", "day")
    numbers = days().assign(day=np.arange(60) + 0.5)
    line = refused(write(numbers), "--time", "day", "--target", "value")
    assert "Column 'day' holds 0.5, which is neither a date nor a whole number." in line
    no_id = days().assign(shop=["a"] * 59 + [None])
    assert "Column 'shop' is empty in line 61" in refused(write(no_id), "--id", "shop")


def test_local_times_need_an_offset_where_clocks_change(refused):
    for start in ("2024-03-30", "2024-10-26"):
        hours = pd.date_range(start, periods=72, freq="h", tz="Europe/Berlin").tz_localize(None)
        frame = pd.DataFrame({"at": hours, "load": np.sin(np.arange(72) / 3)})
        line = refused(write(frame), "--time", "at")
        assert "local times without a time zone" in line
        assert line.endswith("Write times with their offset, as in 2024-03-31 03:00+02:00.")


def test_bad_options(refused):
    name = write(days())
    for option, value in [("--steps", 0), ("--season", "x"), ("--window", 2.5), ("--coverage", 1)]:
        assert f"argument {option}: '{value}' is no " in refused(name, option, value)
    assert "unrecognized arguments: --color" in refused(name, "--color")
    assert "window=70 needs 72 rows" in refused(name, "--time", "day", "--window", 70)


def test_missing_packages_are_named(refused, monkeypatch):
    name = write(days())
    for package, options in [("matplotlib", ["--plot", "out.png"]), ("pandas", [])]:
        monkeypatch.setitem(sys.modules, package, None)
        assert 'pip install "skrnn[forecast]"' in refused(name, *options)
