"""Numbers as text in a table that pandas has read, and how to read them."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from .number_forms import (
    DECIMAL_MARKS,
    Form,
    WrittenNumber,
    cell,
    fits,
    form_of,
    has_decimal_comma,
    has_thousands,
    is_mark,
    likely_mark,
    without_parentheses,
)


class Reading(NamedTuple):
    """What to tell users."""

    code: str  # reads the column as it is
    once: str  # what to mend before, "" if nothing
    options: str  # of pd.read_csv, "" if it has none that do
    has_points_of_thousands: bool


def is_written_number(text: Any) -> bool:
    """Whether a text is a number, perhaps with a decimal comma, separated thousands or a unit."""
    number = cell(str(text))
    return number is not None and any(fits([number], mark) for mark in DECIMAL_MARKS)


def is_float(text: Any) -> bool:
    """Whether ``float`` takes it."""
    try:
        float(text)
    except (TypeError, ValueError):
        return False
    return True


def reading_of_numbers(texts: Iterable[Any], column: str) -> Reading:
    """How to read texts, half of which at least are numbers, that are the values of ``column``."""
    given = list(dict.fromkeys(str(text).strip() for text in texts))
    cells = {text: number for text in given if (number := cell(text)) is not None}
    decimal = _decimal(list(cells.values()))
    numbers = {text: number for text, number in cells.items() if fits([number], decimal)}
    others = [text for text in given if text not in numbers]
    misfit = next((text for text in others if text in cells), None)
    left_out = _units(numbers)
    odd_minus = {"−": "-"} if any("−" in text for text in numbers) else {}
    enclosed = any(without_parentheses(text) != text for text in numbers)
    parentheses = {"(": "-", ")": ""} if enclosed else {}
    thousands = _thousands(numbers, decimal)
    has_comma = has_decimal_comma(numbers.values(), decimal)
    commas = {",": "."} if has_comma else {}
    replaced = left_out | odd_minus | parentheses | thousands | commas
    code = column + "".join(f".str.replace({old!r}, {new!r})" for old, new in replaced.items())
    coerce = ", errors='coerce'" if others else ""
    options = [f"thousands={mark!r}" for mark in thousands] + ["decimal=','"] * has_comma
    options += [f"na_values={others[:3]}"] if others else []
    marks = "".join(thousands)
    is_readable = not (left_out or odd_minus or parentheses) and misfit is None
    is_readable = is_readable and len(marks) < 2 and marks.isascii()  # pandas takes no others
    return Reading(
        f"pd.to_numeric({code}{coerce})",
        "" if misfit is None else f", once {misfit!r} is written like the others",
        f"pd.read_csv(..., {', '.join(options)})" if is_readable and options else "",
        "." in thousands,
    )


def _decimal(numbers: Sequence[WrittenNumber]) -> str:
    """The decimal mark, as pandas would take it where nothing tells."""
    if any(fits(numbers, mark) for mark in DECIMAL_MARKS):
        return (form_of(numbers, ",") or Form(".", False)).decimal
    return likely_mark(
        {mark: [one for one in numbers if not fits([one], mark)] for mark in DECIMAL_MARKS}
    )


def _units(numbers: dict[str, WrittenNumber]) -> dict[str, str]:
    """Each unit, as it is written, and what replaces it."""
    found = {}
    for text, number in numbers.items():
        if number.unit:
            start = text.upper().index(number.unit)
            found[text[start : start + len(number.unit)]] = ""
    return found


def _thousands(numbers: dict[str, WrittenNumber], decimal: str) -> dict[str, str]:
    """Each separator of thousands, as it is written, and what replaces it."""
    return {
        mark: ""
        for text, number in numbers.items()
        if has_thousands(number, decimal)
        for mark in text
        if is_mark(mark) and mark != decimal
    }
