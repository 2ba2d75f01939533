"""What was found in a file, and how good its forecasts are, in plain words."""

import re
from collections.abc import Iterable
from typing import Any

_UNITS = {
    "Y": "year",
    "Q": "quarter",
    "M": "month",
    "W": "week",
    "D": "day",
    "B": "business day",
    "h": "hour",
    "min": "minute",
    "s": "second",
}


def found(y: Any, forecaster: Any) -> list[str]:
    """The rows, the frequency and the season."""
    times = y.index.get_level_values(-1)
    several = f" of {forecaster.n_series_} series" if y.index.nlevels > 1 else ""
    span = f"{short(times.min())} to {short(times.max())}"
    lines = [f"{len(y)} rows{several}, {span}, {_frequency(forecaster.freq_, times.name)}."]
    missing = int(y.isna().sum())
    if missing:
        lines.append(f"{missing} missing values were interpolated.")
    lines.append(f"Season: {_season(forecaster)}.")
    return lines


def _season(forecaster: Any) -> str:
    """How long it is, and whether it is taken away."""
    length, patterns = forecaster.season_, forecaster.seasonal_
    if length == 1:
        return "none"
    of_each = patterns.values() if isinstance(patterns, dict) else [patterns]
    is_seen = any(own is not None for own in of_each)
    return f"{length} rows" + ("" if is_seen else ", which the values don't show")


def skill(forecaster: Any) -> str:
    """How the forecasts compare with repeating the last values."""
    value, part = forecaster.skill_, forecaster.calibration
    if value is None:
        return "There are too few rows to tell how good the forecasts are."
    rival = "repeating the last value"
    if forecaster.season_ > 1:
        rival += " or the last season, whichever is better"
    ratio = f"{1 - value:.2f} times that of {rival}"
    where = f"On the last rows of the file, up to {100 * part:g} %, "
    if value <= 0:
        return f"{where}the forecasts are no better than {rival}."
    return f"{where}the mean error of the forecasts is {ratio}."


def _frequency(freq: Any, name: Any) -> str:
    if freq is None:
        return "trading days"
    if not isinstance(freq, str):
        return "rows are counted" if name == "row" else f"in steps of {freq}"
    match = re.match(r"(\d*)([A-Za-z]+)", freq)
    assert match is not None
    unit = match[2].removesuffix("S").removesuffix("E") if len(match[2]) > 1 else match[2]
    unit = unit if unit == "B" else unit.removeprefix("B")
    unit = _UNITS.get(unit)
    if unit is None:
        return f"frequency {freq}"
    n = int(match[1] or 1)
    return f"one row per {unit}" if n == 1 else f"one row every {n} {unit}s"


def names(columns: Iterable[Any]) -> str:
    """Columns, each in quotation marks."""
    return ", ".join(map(repr, map(str, columns)))


def separated(separator: str, has_decimal_comma: bool) -> list[str]:
    """How the columns of a file are separated, if not by commas."""
    if separator == ",":
        return []
    comma = ", and numbers have a decimal comma" if has_decimal_comma else ""
    return [f"The columns are separated by {separator!r}{comma}."]


def read_as(column: str, text: str, value: float, fix: str | None) -> str:
    """An example of what numbers were read as, and what to add if that is wrong."""
    wrong = f" If that is wrong, add {fix}." if fix else ""
    return f"Column {column!r}: {text} is read as {value:.15g}.{wrong}"


def left_out(column: str, unit: str) -> str:
    """A unit that numbers were written with."""
    return f"Column {column!r}: {unit} was left out of the numbers."


def read_with_month_order(text: str, date: Any, other: Any, day_first: bool) -> str:
    """Which of day and month was taken to be first, where both may be."""
    option = "--month-first" if day_first else "--day-first"
    return (
        f"The order of day and month is ambiguous: {text!r} is read as {short(date)}. If "
        f"{short(other)} is meant, add {option}."
    )


def short(label: Any) -> str:
    """A label without a time of day that is midnight."""
    return str(label).removesuffix(" 00:00:00")
