"""CSV files as they come: encodings, headers, comments, and rows in any order."""

import pandas as pd
import pytest

from .test_forecast_command import days, write


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", None), ("utf-8-sig", None), ("utf-16", "UTF-16"), ("cp1252", "Windows-1252")],
)
def test_encodings(run, encoding, said):
    plain = run(write(days()), "--time", "day")
    name = write(days().rename(columns={"value": "Umsätze"}), encoding=encoding)
    code, out, lines = run(name, "--time", "day", "--target", "Umsätze")
    assert (code, out) == (0, plain[1])
    note = [f"The file isn't UTF-8: it was read as {said}."] if said else []
    assert lines == [*note, *plain[2]]


def test_what_is_no_text(refused, folder):
    (folder / "data.csv").write_bytes("day,value\n1,2\n".encode("utf-16-le"))
    assert "can't be read as CSV: it isn't text" in refused("data.csv")


def test_spaces_around_names(run):
    plain = run(write(days()), "--time", "day")
    name = write(days().rename(columns={"day": " day ", "value": "value "}))
    assert run(name, "--time", "day", "--target", "value") == plain
    assert run(name, "--time", "day") == plain


def test_names_that_differ_by_spaces(refused):
    name = write(days().assign(**{"value ": 1}))
    assert "data.csv has two columns 'value': rename one." in refused(name)


@pytest.mark.parametrize("sep", [",", ";", "\t"])
@pytest.mark.parametrize("comment", ["# Exported 2024-03-01", "Report\nof sales"])
def test_lines_above_the_header(refused, folder, sep, comment):
    text = f"{comment}\n{days().to_csv(index=False, sep=sep)}"
    (folder / "data.csv").write_text(text)
    line = refused("data.csv", "--time", "day")
    first, at = comment.split("\n")[0], comment.count("\n") + 2
    assert f"Line {at} of data.csv has 2 columns, but line 1, {first!r}, has 1" in line
    assert "The header must be the first line: delete what is above it." in line


def test_rows_with_other_numbers_of_columns(run, refused, folder):
    (folder / "data.csv").write_text("a,b\n1,2\n1,2,3\n")
    line = refused("data.csv")
    assert line.startswith("skrnn: Line 3 of data.csv has 3 columns, but the header has 2")
    (folder / "data.csv").write_text("a,b\n1,2,3\n1,2,3\n")
    assert "rows of data.csv have more columns than its header, 'a', 'b'" in refused("data.csv")
    (folder / "data.csv").write_text('a,b\n1,2\n1,"3\n1,4\n')
    assert "quotation mark in line 3 of data.csv" in refused("data.csv")


def test_separators_at_the_end_of_rows(run, folder):
    plain = run(write(days()), "--time", "day")
    header, *rows = days().to_csv(index=False).splitlines()
    (folder / "data.csv").write_text("\n".join([header, *(f"{row}," for row in rows)]))
    assert run("data.csv", "--time", "day") == plain


def test_rows_in_any_order_are_sorted(run):
    plain = run(write(days()), "--time", "day")
    shuffled = days().sample(frac=1, random_state=0)
    code, out, lines = run(write(shuffled), "--time", "day")
    assert (code, out) == (0, plain[1])
    assert lines == ["The rows weren't in the order of time: they were sorted.", *plain[2]]
    several = pd.concat([days().assign(shop="a"), shuffled.assign(shop="b")])
    _, _, lines = run(write(several), "--time", "day", "--id", "shop")
    assert lines[0] == "The rows weren't in the order of time: they were sorted."


_DAYS, _MONTHS = "2023-01-12", "2023-12-01"


@pytest.mark.parametrize(
    ("form", "options", "last", "other"),
    [
        ("%d/%m/%Y", [], _MONTHS, "--day-first"),
        ("%d/%m/%Y", ["--day-first"], _DAYS, None),
        ("%d/%m/%Y", ["--month-first"], _MONTHS, None),
        ("%d.%m.%Y", [], _DAYS, "--month-first"),  # nobody writes points after the month
        ("%Y-%m-%d", [], _DAYS, None),
        ("%Y-%m-%d", ["--day-first"], _DAYS, None),
    ],
)
def test_days_that_may_be_months(run, form, options, last, other):
    frame = days(12, "2023-01-01")
    frame["day"] = frame["day"].dt.strftime(form)
    code, _, lines = run(write(frame), "--time", "day", "--steps", 2, "--season", 1, *options)
    assert code == 0, lines
    assert any(f"12 rows, 2023-01-01 to {last}, " in line for line in lines)
    notes = [line for line in lines if "ambiguous" in line]
    assert len(notes) == (other is not None)
    if other:
        second = frame["day"][1]
        read = "2023-01-02" if last == _DAYS else "2023-02-01"
        assert f"{second!r} is read as {read}" in notes[0]
        assert notes[0].endswith(f"add {other}.")


def test_order_of_day_and_month_that_does_not_fit(refused, run):
    frame = days()
    for form, option in (("%d/%m/%Y", "--month-first"), ("%m/%d/%Y", "--day-first")):
        name = write(frame.assign(day=frame["day"].dt.strftime(form)))
        line = refused(name, "--time", "day", option)
        assert f"Column 'day' holds '{frame['day'][12].strftime(form)}' in line 14" in line
        assert f"doesn't fit {option}" in line
    assert "not allowed with" in refused(name, "--day-first", "--month-first")


def test_two_columns_of_one_name(refused, folder):
    (folder / "data.csv").write_text("day,v,v\n" + "2024-01-01,1,2\n")
    line = refused("data.csv", "--time", "day", "--target", "v")
    assert "data.csv has two columns 'v': rename one." in line
