"""A CSV file as a series, or as several with an (id, time) index."""

import shlex
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .._panels.daylight import check_repeated_hour
from .._panels.errors import LocalTimesError
from .column_numbers import read_numbers, share_of_numbers
from .csv_table import read_table
from .fixes import of_labels
from .problem import Problem, line
from .times import dates_beside, read_times
from .words import names, separated, short

if TYPE_CHECKING:
    import pandas as pd

_LIKELY = 0.5  # of the cells of a column that are numbers, if no column has numbers alone
_NEARLY_ALL = 0.9  # of them, if one has


class CsvSeries(NamedTuple):
    """What was read."""

    y: "pd.Series"  # the times as index, oldest first
    form: str | None  # of periods, as in strftime
    notes: list[str]  # for the user


def read_series(
    path: str,
    *,
    time: str | None,
    target: str | None,
    id: str | None,
    decimal: str | None,
    day_first: bool | None,
) -> CsvSeries:
    """The target's values with their times."""
    table, separator, notes = read_table(path)
    for option, column in (("--time", time), ("--target", target), ("--id", id)):
        if column is not None and column not in table.columns:
            raise Problem(
                f"{path} has no column {column!r} ({option}); it has {names(table.columns)}."
            )
    if target is None:
        target = _only_numbers(table, [time, id], path, decimal)
        if set(table.columns) - {target, time, id}:
            notes.append(f"Column {target!r} is forecast.")
    numbers = read_numbers(table[target], target, separator=separator, decimal=decimal)
    notes += [*separated(separator, numbers.has_decimal_comma), *numbers.notes]
    groups = [None] if id is None else _ids(table[id], id)
    if time is None:
        times, form = _row_numbers(table, id), None
        notes += _notes_of_dates(table, [target, id], id)
    else:
        times, form, note = read_times(table[time], time, day_first)
        notes += [note] if note else []
    parts, changes = {}, set()
    for group in groups:
        rows = np.arange(len(table)) if group is None else np.flatnonzero(table[id] == group)
        where = f"column {time!r}" if group is None else f"column {time!r} of {group!r}"
        rows, change = _in_order(times, rows, where, id is None)
        changes.add(change)
        parts[group] = numbers.values.iloc[rows].set_axis(times[rows])
    notes += sorted(changes - {""})
    y = parts[None] if id is None else _joined(parts, id, target)
    return CsvSeries(y, form, notes)


def _notes_of_dates(table: "pd.DataFrame", others: list[str | None], id: str | None) -> list[str]:
    """A note of a column with dates that wasn't named; Problem if they say that time runs back."""
    dates = dates_beside(table, others, id)
    if dates is None:
        return []
    column, newest_first = dates
    fix = f"use --time {shlex.quote(column)}"
    if newest_first:
        raise Problem(
            f"Column {column!r} holds dates, newest first, so that rows would be forecast "
            f"backwards: {fix}."
        )
    return [f"Note: column {column!r} holds dates: {fix}."]


def _only_numbers(
    table: "pd.DataFrame", others: list[str | None], path: str, decimal: str | None
) -> str:
    """The only column that holds numbers, in most cells at least."""
    named = [name for name in table.columns if not name.startswith("Unnamed:")]
    shares = {name: share_of_numbers(table[name], decimal) for name in named if name not in others}
    least = _NEARLY_ALL if 1 in shares.values() else _LIKELY
    likely = [name for name, share in shares.items() if share >= least]
    if len(likely) == 1:
        return str(likely[0])  # its first odd cell, if there is one, is shown then
    found = names(likely) if likely else f"none among {names(table.columns)}"
    raise Problem(f"--target COLUMN must say what to forecast: {path} has the numbers {found}.")


def _row_numbers(table: "pd.DataFrame", id: str | None) -> Any:
    """1, 2, 3 …, for each series."""
    import pandas as pd

    if id is None:
        return pd.RangeIndex(1, len(table) + 1, name="row")
    return pd.Index(table.groupby(id, sort=False, dropna=False).cumcount() + 1, name="row")


def _ids(column: "pd.Series", name: str) -> list[str]:
    missing = column.isna().to_numpy()
    if missing.any():
        raise Problem(f"Column {name!r} is empty in {line(missing)}: fill it, or drop the row.")
    return list(column.unique())


def _in_order(
    times: Any, rows: np.ndarray, where: str, may_be_several: bool
) -> tuple[np.ndarray, str]:
    """The rows of a series, oldest first, and a note if that isn't their order in the file."""
    own, note = times[rows], ""
    if len(own) > 1 and own.is_monotonic_decreasing and own.is_unique:
        rows, note = rows[::-1], "The file has the newest row first: the rows were reversed."
        own = times[rows]
    try:
        check_repeated_hour(own, where)
    except LocalTimesError as error:
        raise Problem(of_labels(error)) from None
    if not own.is_unique:
        hint = "if the file has several series, name them by --id COLUMN" if may_be_several else ""
        hint = hint or "each series needs one row per time"
        raise Problem(f"{short(own[own.duplicated()][0])} occurs twice in {where}: {hint}.")
    if not own.is_monotonic_increasing:
        rows, note = rows[own.argsort()], "The rows weren't in the order of time: they were sorted."
    return rows, note


def _joined(parts: dict[Any, Any], id: str, target: str) -> "pd.Series":
    import pandas as pd

    return pd.concat(parts, names=[id]).rename(target)
