"""Numbers in CSV files: decimal commas, thousands, units and missing cells."""

import numpy as np
import pandas as pd
import pytest

from .test_forecast_command import read

_VALUES = np.round(1000 + 300 * np.sin(np.arange(60) * 2 * np.pi / 7)).astype(int)  # 708 to 1292
_CENTS = [1469.78, 987.5, 12.25, 1234567.89, 300.01]


def file_of(folder, texts, *, sep=";", form="%d.%m.%Y", name="data.csv"):
    """A file of days and texts, which are quoted where they hold the separator."""
    when = pd.date_range("2023-01-01", periods=len(texts)).strftime(form)
    frame = pd.DataFrame({"Datum": when, "Umsatz": texts})
    frame.to_csv(folder / name, sep=sep, index=False)
    return name


def grouped(values, mark, decimal=".", digits=0):
    """Values with their thousands separated by a mark."""
    table = str.maketrans({",": mark, ".": decimal})
    return [f"{value:,.{digits}f}".translate(table) for value in values]


@pytest.fixture
def plain(run, folder):
    """Forecasts of the same values without separators."""

    def plain(values):
        name = file_of(folder, [str(value) for value in values], sep=",", name="plain.csv")
        return run(name, "--time", "Datum", "--steps", 2)[1]

    return plain


@pytest.mark.parametrize(
    ("sep", "mark"), [(";", "."), (";", ","), ("\t", ","), ("\t", "."), (",", ",")]
)
def test_thousands_beside_numbers_below_them(run, folder, plain, sep, mark):
    name = file_of(folder, grouped(_VALUES, mark), sep=sep)
    code, out, lines = run(name, "--time", "Datum", "--steps", 2)
    assert (code, out) == (0, plain(_VALUES)), lines
    first = f"1{mark}000 is read as 1000"
    assert any(line.startswith(f"Column 'Umsatz': {first}") for line in lines), lines
    assert not any("decimal comma" in line for line in lines)


@pytest.mark.parametrize("mark", [".", ","])
def test_numbers_that_may_be_either_are_not_guessed(run, refused, folder, plain, mark):
    values = _VALUES + 1000
    name = file_of(folder, grouped(values, mark))
    line = refused(name, "--time", "Datum")
    assert f"holds '2{mark}000' in line 2, which is 2 or 2000" in line
    assert 'add --decimal "." or --decimal "," to say which.' in line
    other = "," if mark == "." else "."
    _, out, _ = run(name, "--time", "Datum", "--steps", 2, "--decimal", other)
    assert out == plain(values)
    _, out, _ = run(name, "--time", "Datum", "--steps", 2, "--decimal", mark)
    assert out == plain(values / 1000)


def test_three_decimals_between_commas_are_decimals(run, folder, plain):
    """The normal form of CSV, but what was read is said."""
    texts = [f"{value / 1000:.3f}" for value in _VALUES + 1000]
    name = file_of(folder, texts, sep=",")
    code, out, lines = run(name, "--time", "Datum", "--steps", 2)
    assert (code, out) == (0, plain((_VALUES + 1000) / 1000))
    assert any("Column 'Umsatz': 2.000 is read as 2." in line for line in lines)
    assert any('add --decimal ",".' in line for line in lines)


def test_whole_numbers_of_four_digits_say_that_points_are_decimal(run, folder, plain):
    texts = ["1.206", "1234", *map(str, _VALUES + 1000)]
    _, out, lines = run(file_of(folder, texts), "--time", "Datum", "--steps", 2)
    assert out == plain([float(text) for text in texts])
    assert any("1.206 is read as 1.206." in line for line in lines)


@pytest.mark.parametrize(
    ("mark", "decimal"),
    [(".", ","), (",", "."), (" ", ","), ("\u00a0", ","), ("\u202f", ","), ("'", "."), ("’", ".")],
)
@pytest.mark.parametrize("sep", [";", ","])
def test_thousands_and_decimals(run, folder, plain, sep, mark, decimal):
    values = [*_CENTS, *(_VALUES + 0.25)]
    name = file_of(folder, grouped(values, mark, decimal, 2), sep=sep)
    for options in ([], ["--target", "Umsatz"]):
        code, out, lines = run(name, "--time", "Datum", "--steps", 2, *options)
        assert (code, out) == (0, plain(values)), lines
    assert any("Column 'Umsatz': 1" in line and "is read as 1469.78" in line for line in lines)


def test_marks_that_contradict_each_other_are_not_guessed(refused, folder):
    name = file_of(folder, ["1.206", "1,206", *map(str, _VALUES)], sep=",")
    assert "holds '1.206' in line 2, which is 1.206 or 1206" in refused(name, "--time", "Datum")


def test_two_marks_are_thousands(run, folder, plain):
    values = _VALUES + 1_000_000
    _, out, _ = run(file_of(folder, grouped(values, ".")), "--time", "Datum", "--steps", 2)
    assert out == plain(values)


@pytest.mark.parametrize(
    ("form", "unit"),
    [("${}", "$"), ("{} €", "€"), ("£{}", "£"), ("¥ {}", "¥"), ("{} EUR", "EUR"), ("{}%", "%")]
    + [("USD {}", "USD"), ("CHF{}", "CHF"), ("-${}", "$"), ("€-{}", "€")],
)
def test_units_are_left_out(run, folder, plain, form, unit):
    sign = -1 if "-" in form else 1
    texts = [form.format(value) for value in _VALUES]
    code, out, lines = run(file_of(folder, texts), "--time", "Datum", "--steps", 2)
    assert (code, out) == (0, plain(sign * _VALUES)), lines
    assert f"Column 'Umsatz': {unit} was left out of the numbers." in lines


def test_several_units_are_no_column(refused, folder):
    texts = [f"${value}" for value in _VALUES]
    texts[5] = "7 €"
    line = refused(file_of(folder, texts), "--time", "Datum")
    assert "Column 'Umsatz' has '$1000' in line 2, but '7 €' in line 7" in line
    texts = [f"{value}%" for value in _VALUES]
    texts[5] = "0.07"
    line = refused(file_of(folder, texts, sep=","), "--time", "Datum")
    assert "has '1000%' in line 2, but '0.07' in line 7" in line


def test_missing_cells(run, folder):
    texts = [*map(str, _VALUES)]
    for row, text in enumerate(["-", "–", "n/a", "N/A", "", " - "], start=3):
        texts[row] = text
    code, _, lines = run(file_of(folder, texts), "--time", "Datum", "--steps", 2)
    assert code == 0
    assert "6 missing values were interpolated." in lines


def test_the_cell_that_is_no_number_is_shown(refused, folder):
    texts = [*map(str, _VALUES)]
    texts[4] = "about 5"
    line = refused(file_of(folder, texts), "--time", "Datum")
    assert "Column 'Umsatz' holds 'about 5' in line 6, which is no number" in line
    texts = grouped(_VALUES + 0.25, ".", ",", 2)
    texts[4] = "1,469.78"
    line = refused(file_of(folder, texts), "--time", "Datum")
    assert "Column 'Umsatz' holds '1,469.78' in line 6, which is no number like the others" in line


def test_a_leading_zero_is_no_thousand(run, folder, plain):
    texts = ["0.987", *(f"{value / 1000:.3f}" for value in _VALUES)]
    code, out, lines = run(file_of(folder, texts), "--time", "Datum", "--steps", 2)
    assert (code, out) == (0, plain([float(text) for text in texts]))
    assert lines[0] == "The columns are separated by ';'."
    assert not any("read as" in line for line in lines)


def test_other_columns_may_hold_anything(run, folder):
    frame = pd.DataFrame({"Datum": pd.date_range("2023-01-01", periods=60), "Umsatz": _VALUES})
    frame.assign(code="1.470", note="x").to_csv(folder / "data.csv", index=False, sep=";")
    code, out, _ = run("data.csv", "--time", "Datum", "--target", "Umsatz", "--steps", 2)
    assert code == 0
    assert len(read(out)) == 2


@pytest.mark.parametrize("form", ["{}", "${}", "{} €"])
def test_parentheses_are_a_minus(run, folder, plain, form):
    values = _VALUES - 1000.25
    texts = [form.format(f"{v:.2f}" if v > 0 else f"({-v:.2f})") for v in values]
    code, out, lines = run(file_of(folder, texts), "--time", "Datum", "--steps", 2)
    assert (code, out) == (0, plain(values)), lines


@pytest.mark.parametrize("text", ["(-5)", "()", "(5", "5)", "-(5)"])
def test_what_is_no_number_in_parentheses(refused, folder, text):
    name = file_of(folder, [text, *map(str, _VALUES)])
    assert f"holds {text!r} in line 2, which is no number" in refused(name, "--time", "Datum")


def test_a_column_with_an_odd_cell_still_counts(run, refused, folder):
    """Otherwise, the only other numbers would be forecast, without a word."""
    frame = pd.DataFrame({"revenue": ["closed", *map(str, _VALUES)], "customers": 20})
    frame.to_csv("data.csv", index=False)
    line = refused("data.csv")
    assert "--target COLUMN must say what to forecast" in line
    assert "'revenue', 'customers'" in line
    for others in ["closed"] * 61, ["ok"] * 60 + ["12"], ["101", "102A", "103"] * 20 + ["104"]:
        frame.assign(revenue=others).to_csv("data.csv", index=False)
        code, _, lines = run("data.csv", "--steps", 2)
        assert (code, lines[0]) == (0, "Column 'customers' is forecast.")
