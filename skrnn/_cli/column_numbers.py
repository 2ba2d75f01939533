"""A column of texts as numbers, with what is said of them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .._validation.number_forms import (
    Cell,
    Form,
    cell,
    fits,
    form_of,
    has_thousands,
    may_be_either,
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
    """The share of its different texts that are numbers of one form; 1 if all cells are empty."""
    texts = _texts(column)
    if not len(texts):
        return 1.0
    cells = {text: cell(text) for text in texts.unique()}
    fitting = min(len(_misfits(cells, form)) for form in decimal or ".,")
    return 1 - fitting / len(cells)


def read_numbers(column: "pd.Series", name: str, *, separator: str, decimal: str | None) -> Numbers:
    """The column as numbers; ``separator`` is that of columns, ``decimal`` is the user's."""
    texts = _texts(column)
    cells = {text: cell(text) for text in texts.unique()}

    def where(text: str) -> str:
        return line((column.str.strip() == text).to_numpy(bool))

    misfits = {form: _misfits(cells, form) for form in decimal or ".,"}
    likely = min(misfits, key=lambda form: len(misfits[form]))
    if misfits[likely]:
        text = misfits[likely][0]
        like = " like the others" if len(misfits[likely]) < len(cells) else ""
        raise Problem(
            f"Column {name!r} holds {text!r} in {where(text)}, which is no number{like}: write "
            "numbers as in 1234.5, and leave the cells of missing values empty."
        )
    numbers = {text: number for text, number in cells.items() if number is not None}
    unit = _unit(numbers, name, where)
    form = Form(decimal, True) if decimal else form_of(numbers.values(), separator)
    if form is None:
        text = next(text for text in numbers if may_be_either(numbers[text]))
        either = sorted(float(value(numbers[text], form) or 0) for form in ".,")
        raise Problem(
            f"Column {name!r} holds {text!r} in {where(text)}, which is {either[0]:.15g} or "
            f'{either[1]:.15g}: add --decimal "." or --decimal "," to say which.'
        )
    read = {text: value(number, form.decimal) for text, number in numbers.items()}
    values = texts.map(read).astype(float).reindex(column.index)
    infinite = np.isinf(values.to_numpy())
    if infinite.any():
        raise Problem(f"Column {name!r} is infinite in {line(infinite)}: empty that cell.")
    has_comma = form.decimal == "," and any("," in number.digits for number in numbers.values())
    notes = _example(numbers, name, form, has_comma and separator == ",")
    return Numbers(values, has_comma, notes + ([left_out(name, unit)] if unit else []))


def _texts(column: "pd.Series") -> "pd.Series":
    """The cells that aren't missing."""
    texts = column.dropna().astype(str).str.strip()
    return texts[~texts.isin(_MISSING)]


def _misfits(cells: dict[str, Cell | None], decimal: str) -> list[str]:
    """Texts that are no numbers of this form, or mark thousands unlike the first that does."""
    known = {text: number for text, number in cells.items() if number and fits([number], decimal)}
    marked = [number for number in known.values() if has_thousands(number, decimal)]
    return [
        text for text in cells if text not in known or not fits([*marked[:1], known[text]], decimal)
    ]


def _unit(numbers: dict[str, Cell], name: str, where: Callable[[str], str]) -> str:
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


def _example(numbers: dict[str, Cell], name: str, form: Form, is_odd: bool) -> list[str]:
    """A note of how a number was read that others may read otherwise."""
    other = "," if form.decimal == "." else "."
    fix = None if form.is_certain else f'--decimal "{other}"'
    for text, number in numbers.items():
        is_marked = has_thousands(number, form.decimal) or (is_odd and "," in number.digits)
        if is_marked or (fix and may_be_either(number)):
            return [read_as(name, text, value(number, form.decimal) or 0.0, fix)]
    return []
