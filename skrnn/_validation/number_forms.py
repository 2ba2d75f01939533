"""How the numbers of a column are written: which separators mark decimals, and which thousands."""

import re
from collections.abc import Iterable, Mapping, Sized
from functools import cache
from typing import NamedTuple

DECIMAL_MARKS = (".", ",")
_MARKS = "".join(DECIMAL_MARKS) + "' "  # of thousands, too
_SAME_MARK = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'", "−": "-"})
_UNIT = r"[$€£¥%]|EUR|USD|CHF"
_CELL = re.compile(
    rf"(?P<sign>[+-]?)\s*(?P<before>{_UNIT})?\s*(?P<inner>[+-]?)\s*"
    r"(?P<digits>inf(?:inity)?|[\d., ']*\d[\d.,]*(?:e[+-]?\d+)?)\s*"
    rf"(?P<after>{_UNIT})?",
    re.IGNORECASE | re.ASCII,
)
_ENCLOSED = re.compile(rf"({_UNIT})?\s*\((.+)\)\s*({_UNIT})?", re.IGNORECASE)
_EITHER = re.compile(r"[1-9]\d{0,2}([.,])\d{3}", re.ASCII)  # thousands, or three decimals


class WrittenNumber(NamedTuple):
    """A number as it is written."""

    negative: bool
    digits: str  # with their separators
    unit: str  # "" if it has none


class Form(NamedTuple):
    """How to read the numbers of a column."""

    decimal: str
    is_certain: bool  # only this one fits all cells


def cell(text: str) -> WrittenNumber | None:
    """The parts of a number, None of other texts."""
    text = text.strip().translate(_SAME_MARK)
    bare = without_parentheses(text)
    match = _CELL.fullmatch(bare)
    if match is None or (match["before"] and match["after"]):
        return None
    signs = match["sign"] + match["inner"] + "-" * (bare != text)
    if len(signs) > 1:
        return None
    unit = (match["before"] or match["after"] or "").upper()
    return WrittenNumber("-" in signs, match["digits"], unit)


def without_parentheses(text: str) -> str:
    """The text without parentheses, by which accountants mark negative numbers."""
    match = _ENCLOSED.fullmatch(text)
    return text if match is None else "".join(part or "" for part in match.groups())


def value(number: WrittenNumber, decimal: str) -> float | None:
    """A number of this form, None of another."""
    if number.digits[0] in "iI":
        size = float("inf")
    elif _pattern(decimal).fullmatch(number.digits):
        kept = (mark for mark in number.digits if mark == decimal or mark not in _MARKS)
        size = float("".join(kept).replace(decimal, "."))
    else:
        return None
    return -size if number.negative else size


def fits(numbers: Iterable[WrittenNumber], decimal: str) -> bool:
    """Whether all numbers are of this form, with one separator of thousands."""
    pattern, marks = _pattern(decimal), set()
    for number in numbers:
        match = pattern.fullmatch(number.digits)
        if match is None and number.digits[0] not in "iI":
            return False
        marks.add(match and match["mark"])
    return len(marks - {None}) < 2


def form_of(numbers: Iterable[WrittenNumber], separator: str) -> Form | None:
    """The form that fits all numbers of a column, None if both do and nothing tells them apart.

    There must be one. ``separator`` is that of the file's columns.
    """
    numbers = list(numbers)
    fitting = [mark for mark in DECIMAL_MARKS if fits(numbers, mark)]
    if len(fitting) == 1:
        return Form(fitting[0], True)
    marks = {match[1] for number in numbers if (match := _EITHER.fullmatch(number.digits))}
    if not marks:
        return Form(".", True)
    if len(marks) == 2:
        return None
    (mark,) = marks
    if mark == separator:  # quoted, so it was meant for the eye
        return Form(other_mark(mark), False)
    bare = [number.digits.lstrip("0") for number in numbers if number.digits.isdecimal()]
    longest = max(map(len, bare), default=0)
    if longest > 3:  # thousands without a separator
        return Form(mark, False)
    if longest == 3:  # with three decimals, 987 would be 987.000
        return Form(other_mark(mark), False)
    return Form(mark, False) if separator == "," else None


def likely_mark(misfits: Mapping[str, Sized]) -> str:
    """The mark that the fewest cells don't fit, the first of several such marks."""
    return min(misfits, key=lambda mark: len(misfits[mark]))


def other_mark(mark: str) -> str:
    """The decimal mark that ``mark`` isn't."""
    point, comma = DECIMAL_MARKS
    return comma if mark == point else point


def may_be_either(number: WrittenNumber) -> bool:
    """Whether its separator may mark thousands or three decimals."""
    return _EITHER.fullmatch(number.digits) is not None


def is_mark(character: str) -> bool:
    """Whether it separates thousands or decimals in some way of writing."""
    return character.translate(_SAME_MARK) in _MARKS


def has_decimal_comma(numbers: Iterable[WrittenNumber], decimal: str) -> bool:
    """Whether any number of this form has a decimal comma."""
    return decimal == "," and any("," in number.digits for number in numbers)


def has_thousands(number: WrittenNumber, decimal: str) -> bool:
    """Whether a number of this form has a separator of thousands."""
    return any(mark in number.digits for mark in _MARKS if mark != decimal)


@cache
def _pattern(decimal: str) -> re.Pattern[str]:
    thousands = _MARKS.replace(decimal, "")
    grouped = rf"[1-9]\d{{0,2}}(?P<mark>[{thousands}])\d{{3}}(?:(?P=mark)\d{{3}})*"
    point = re.escape(decimal)
    return re.compile(
        rf"{grouped}(?:{point}\d*)?|\d*(?:{point}\d*)?(?:e[+-]?\d+)?", re.IGNORECASE | re.ASCII
    )
