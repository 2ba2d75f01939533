"""A column of texts as numbers, with what is said of them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .._validation.number_forms import (
    DECIMAL_MARKS,
    Form,
    WrittenNumber,
    cell,
    fits,
    form_of,
    has_decimal_comma,
    has_thousands,
    likely_mark,
    may_be_either,
    other_mark,
    value,
)
from .problem import Problem, line
from .words import left_out, read_as

if TYPE_CHECKING:
    import pandas as pd

_MISSING = ("", "-", "–", "—", "n/a", "N/A")  # beside those of pandas' reader


class Numbers(NamedTuple):
    """What was read."""

    values: "pd.Series"  # NaN where a cell is empty
    has_decimal_comma: bool
    notes: list[str]  # for the user


def share_of_numbers(column: "pd.Series", decimal: str | None) -> float:
    """The share of its cells that are numbers of one form; 1 if all are empty."""
    texts = _texts(column)
    if not len(texts):
        return 1.0
    cells = {text: cell(text) for text in texts.unique()}
    return 1 - float(texts.isin(_fewest_misfits(cells, decimal)).mean())


def read_numbers(column: "pd.Series", name: str, *, separator: str, decimal: str | None) -> Numbers:
    """The column as numbers; ``separator`` is that of columns, ``decimal`` is the user's."""
    texts = _texts(column)
    cells = {text: cell(text) for text in texts.unique()}

    def where(text: str) -> str:
        return line((column.str.strip() == text).to_numpy(bool))

    misfits = _fewest_misfits(cells, decimal)
    if misfits:
        text = misfits[0]
        like = " like the others" if len(misfits) < len(cells) else ""
        raise Problem(
            f"Column {name!r} holds {text!r} in {where(text)}, which is no number{like}: write "
            "numbers as in 1234.5, and leave the cells of missing values empty."
        )
    numbers = {text: number for text, number in cells.items() if number is not None}
    unit = _unit(numbers, name, where)
    form = Form(decimal, True) if decimal else form_of(numbers.values(), separator)
    if form is None:
        text = next(text for text in numbers if may_be_either(numbers[text]))
        either = sorted(float(value(numbers[text], mark) or 0) for mark in DECIMAL_MARKS)
        raise Problem(
            f"Column {name!r} holds {text!r} in {where(text)}, which is {either[0]:.15g} or "
            f'{either[1]:.15g}: add --decimal "." or --decimal "," to say which.'
        )
    read = {text: value(number, form.decimal) for text, number in numbers.items()}
    values = texts.map(read).astype(float).reindex(column.index)
    infinite = np.isinf(values.to_numpy())
    if infinite.any():
        raise Problem(f"Column {name!r} is infinite in {line(infinite)}: empty that cell.")
    has_comma = has_decimal_comma(numbers.values(), form.decimal)
    notes = _example(numbers, name, form, has_comma and separator == ",")
    return Numbers(values, has_comma, notes + ([left_out(name, unit)] if unit else []))


def _texts(column: "pd.Series") -> "pd.Series":
    """The cells that aren't missing."""
    texts = column.dropna().astype(str).str.strip()
    return texts[~texts.isin(_MISSING)]


def _fewest_misfits(cells: dict[str, WrittenNumber | None], decimal: str | None) -> list[str]:
    """Misfits of the user's decimal mark, or of the mark that has the fewest."""
    misfits = {mark: _misfits(cells, mark) for mark in decimal or DECIMAL_MARKS}
    return misfits[likely_mark(misfits)]


def _misfits(cells: dict[str, WrittenNumber | None], decimal: str) -> list[str]:
    """Texts that are no numbers of this form, or mark thousands unlike the first that does."""
    known = {text: number for text, number in cells.items() if number and fits([number], decimal)}
    marked = [number for number in known.values() if has_thousands(number, decimal)]
    return [
        text for text in cells if text not in known or not fits([*marked[:1], known[text]], decimal)
    ]


def _unit(numbers: dict[str, WrittenNumber], name: str, where: Callable[[str], str]) -> str:
    """The only unit; Problem if there are several, or if only some numbers are in percent."""
    first: dict[str, str] = {}
    for text, number in numbers.items():
        first.setdefault(number.unit, text)
    if len(first) > 1 and not (len(first) == 2 and "" in first and "%" not in first):
        one, other = [text for unit, text in first.items() if unit or "%" in first][:2]
        raise Problem(
            f"Column {name!r} has {one!r} in {where(one)}, but {other!r} in {where(other)}: write "
            "all numbers in one unit."
        )
    return max(first, default="")


def _example(numbers: dict[str, WrittenNumber], name: str, form: Form, is_odd: bool) -> list[str]:
    """A note of how a number was read that others may read otherwise."""
    fix = None if form.is_certain else f'--decimal "{other_mark(form.decimal)}"'
    for text, number in numbers.items():
        is_marked = has_thousands(number, form.decimal) or (is_odd and "," in number.digits)
        if is_marked or (fix and may_be_either(number)):
            return [read_as(name, text, value(number, form.decimal) or 0.0, fix)]
    return []
