"""A CSV file as a series, or as several with an (id, time) index."""

import shlex
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .._panels.daylight import check_repeated_hour
from .problem import Problem, line
from .times import Times, dates_beside, read_times
from .words import short, without_code

if TYPE_CHECKING:
    import pandas as pd

_SEPARATORS = (",", ";", "\t")
_DECIMAL_COMMA = r"\s*[+-]?\d*,\d+\s*"


class CsvSeries(NamedTuple):
    """What was read."""

    y: "pd.Series"  # the times as index, oldest first
    form: str | None  # of periods, as in strftime
    notes: list[str]  # for the user


def read_series(path: str, *, time: str | None, target: str | None, id: str | None) -> CsvSeries:
    """The target's values with their times."""
    table, notes = _read(path, id)
    for option, column in (("--time", time), ("--target", target), ("--id", id)):
        if column is not None and column not in table.columns:
            raise Problem(
                f"{path} has no column {column!r} ({option}); it has {_names(table.columns)}."
            )
    if target is None:
        target = _only_numbers(table, [time, id], path)
    values = _numbers(table[target], target)
    groups = [None] if id is None else _ids(table[id], id)
    if time is None:
        times, form = Times(_row_numbers(table, id), None)
        notes += _notes_of_dates(table, [target, id], id)
    else:
        times, form = read_times(table[time], time)
    parts, reversed_ids = {}, []
    for group in groups:
        rows = np.arange(len(table)) if group is None else np.flatnonzero(table[id] == group)
        own = times[rows]
        where = f"column {time!r}" if group is None else f"column {time!r} of {group!r}"
        if len(own) > 1 and own.is_monotonic_decreasing and own.is_unique:
            reversed_ids.append(group)
            rows, own = rows[::-1], own[::-1]
        _check_order(own, where, id is None)
        parts[group] = values.iloc[rows].set_axis(own)
    if reversed_ids:
        notes.append("The file has the newest row first: the rows were reversed.")
    y = parts[None] if id is None else _joined(parts, id, target)
    return CsvSeries(y, form, notes)


def _notes_of_dates(table: "pd.DataFrame", others: list, id: str | None) -> list[str]:
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


def _read(path: str, id: str | None) -> "tuple[pd.DataFrame, list[str]]":
    """The table, and notes of how it was read."""
    import pandas as pd

    options: Any = {"dtype": None if id is None else {id: str}, "skipinitialspace": True}
    notes = []
    try:
        headers = {sep: pd.read_csv(path, sep=sep, nrows=0).columns for sep in _SEPARATORS}
        sep = max(_SEPARATORS, key=lambda sep: len(headers[sep]))
        table = pd.read_csv(path, sep=sep, **options)
        if sep != ",":
            notes = [f"The columns are separated by {sep!r}."]
            texts = [column for _, column in table.items() if column.dtype.kind not in "iufb"]
            if any(own.astype(str).str.fullmatch(_DECIMAL_COMMA).any() for own in texts):
                table = pd.read_csv(path, sep=sep, decimal=",", **options)
                notes = [f"{notes[0][:-1]}, and numbers have a decimal comma."]
    except FileNotFoundError:
        raise Problem(f"There is no file {path}.") from None
    except (OSError, ValueError) as error:
        text = " ".join(str(getattr(error, "strerror", None) or error).split())
        raise Problem(f"{path} can't be read as CSV: {text}") from None
    if not len(table):
        raise Problem(f"{path} has no rows below its header, {_names(table.columns)}.")
    return table, notes


def _only_numbers(table: "pd.DataFrame", others: list, path: str) -> str:
    """The only column of numbers."""
    numbers = [
        name
        for name, dtype in table.dtypes.items()
        if dtype.kind in "iuf" and name not in others and not str(name).startswith("Unnamed")
    ]
    if len(numbers) != 1:
        found = _names(numbers) if numbers else f"none among {_names(table.columns)}"
        raise Problem(f"--target COLUMN must say what to forecast: {path} has the numbers {found}.")
    return str(numbers[0])


def _numbers(column: "pd.Series", name: str) -> "pd.Series":
    """The column as numbers, NaN where a cell is empty."""
    import pandas as pd

    if column.dtype.kind in "iuf":
        infinite = np.isinf(column.to_numpy(float))
        if infinite.any():
            raise Problem(f"Column {name!r} is infinite in {line(infinite)}: empty that cell.")
        return column.astype(float)
    odd = (pd.to_numeric(column, errors="coerce").isna() & column.notna()).to_numpy()
    first = column[odd].iloc[0] if odd.any() else column.iloc[0]
    where = line(odd) if odd.any() else line(np.ones(1, bool))
    raise Problem(
        f"Column {name!r} holds {str(first)!r} in {where}, which is no number: write numbers as in "
        "1234.5, and leave the cells of missing values empty."
    )


def _row_numbers(table: "pd.DataFrame", id: str | None) -> Any:
    """1, 2, 3 …, for each series."""
    import pandas as pd

    if id is None:
        return pd.RangeIndex(1, len(table) + 1, name="row")
    return pd.Index(table.groupby(id, sort=False, dropna=False).cumcount() + 1, name="row")


def _ids(column: "pd.Series", name: str) -> list:
    missing = column.isna().to_numpy()
    if missing.any():
        raise Problem(f"Column {name!r} is empty in {line(missing)}: fill it, or drop the row.")
    return list(column.unique())


def _check_order(times: Any, where: str, may_be_several: bool) -> None:
    try:
        check_repeated_hour(times, where)
    except ValueError as error:
        raise Problem(without_code(error)) from None
    if not times.is_unique:
        hint = "if the file has several series, name them by --id COLUMN" if may_be_several else ""
        hint = hint or "each series needs one row per time"
        raise Problem(f"{short(times[times.duplicated()][0])} occurs twice in {where}: {hint}.")
    if not times.is_monotonic_increasing:
        at = int(np.flatnonzero(times[1:] < times[:-1])[0])
        before, after = map(short, times[at : at + 2])
        raise Problem(
            f"The rows are not in the order of time: in {where}, {after} comes after {before}. "
            "Sort the file."
        )


def _joined(parts: dict, id: str, target: str) -> "pd.Series":
    import pandas as pd

    return pd.concat(parts, names=[id]).rename(target)


def _names(columns: Any) -> str:
    return ", ".join(map(repr, map(str, columns)))
