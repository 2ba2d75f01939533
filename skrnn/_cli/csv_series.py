"""A CSV file as a series, or as several with an (id, time) index."""

from typing import TYPE_CHECKING, Any

import numpy as np

from .._panels.daylight import check_repeated_hour
from .problem import Problem
from .words import short, without_code

if TYPE_CHECKING:
    import pandas as pd

_COMPACT = (1000_01_01, 2999_12_31)  # whole numbers that are dates, YYYYMMDD
_FIRST_LINE = 2  # of the file, after the header


def read_series(
    path: str, *, time: str | None, target: str | None, id: str | None
) -> "tuple[pd.Series, list[str]]":
    """The target's values with the times as index, oldest first, and notes for the user."""
    table = _read(path, id)
    for option, column in (("--time", time), ("--target", target), ("--id", id)):
        if column is not None and column not in table.columns:
            raise Problem(
                f"{path} has no column {column!r} ({option}); it has {_names(table.columns)}."
            )
    if target is None:
        target = _only_numbers(table, [time, id], path)
    values = _numbers(table[target], target)
    times = _row_numbers(table, id) if time is None else _times(table[time], time)
    groups = [None] if id is None else _ids(table[id], id)
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
    notes = ["The file has the newest row first: the rows were reversed."] if reversed_ids else []
    if id is None:
        return parts[None], notes
    return _joined(parts, id, target), notes


def _read(path: str, id: str | None) -> "pd.DataFrame":
    import pandas as pd

    try:
        table = pd.read_csv(path, dtype=None if id is None else {id: str}, skipinitialspace=True)
    except FileNotFoundError:
        raise Problem(f"There is no file {path}.") from None
    except (OSError, ValueError) as error:
        text = " ".join(str(getattr(error, "strerror", None) or error).split())
        raise Problem(f"{path} can't be read as CSV: {text}") from None
    if not len(table):
        raise Problem(f"{path} has no rows below its header, {_names(table.columns)}.")
    return table


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
            raise Problem(f"Column {name!r} is infinite in {_line(infinite)}: empty that cell.")
        return column.astype(float)
    odd = (pd.to_numeric(column, errors="coerce").isna() & column.notna()).to_numpy()
    first = column[odd].iloc[0] if odd.any() else column.iloc[0]
    where = _line(odd) if odd.any() else _line(np.ones(1, bool))
    raise Problem(
        f"Column {name!r} holds {str(first)!r} in {where}, which is no number: write numbers as in "
        "1234.5, and leave the cells of missing values empty."
    )


def _times(column: "pd.Series", name: str) -> Any:
    """The column as dates or whole numbers."""
    import pandas as pd

    missing = column.isna().to_numpy()
    if missing.any():
        raise Problem(f"Column {name!r} is empty in {_line(missing)}: fill it, or drop the row.")
    if column.dtype.kind in "iu":
        if column.between(*_COMPACT).all():
            column = column.astype(str)
        else:
            return pd.Index(column, name=name)
    elif column.dtype.kind in "fb":
        raise Problem(
            f"Column {name!r} holds {column.iloc[0]}, which is neither a date nor a whole number."
        )
    parsed = [_dates(column, day_first) for day_first in (False, True)]
    found = [dates for dates in parsed if dates is not None and not dates.hasnans]
    ordered = [
        dates for dates in found if dates.is_monotonic_increasing or dates.is_monotonic_decreasing
    ]
    if not found:
        each = pd.to_datetime(column, errors="coerce", format="mixed", utc=True)
        odd = each.isna().to_numpy()
        odd = odd if odd.any() else np.ones(1, bool)
        text = column.iloc[int(np.argmax(odd))]
        raise Problem(
            f"Column {name!r} holds {str(text)!r} in {_line(odd)}, which isn't a date like the "
            "others: write dates as in 2024-12-31."
        )
    return (ordered or found)[0].rename(name)


def _dates(column: "pd.Series", day_first: bool) -> Any:
    """Dates of one form, None if they have several."""
    import warnings

    import pandas as pd

    for utc in (False, True):  # local times of summer and winter have two offsets
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the order of day and month, which is tried
                found = pd.to_datetime(column, dayfirst=day_first, utc=utc)
        except ValueError:
            continue
        if found.dtype.kind == "M":
            return pd.DatetimeIndex(found)
    return None


def _row_numbers(table: "pd.DataFrame", id: str | None) -> Any:
    """1, 2, 3 …, for each series."""
    import pandas as pd

    if id is None:
        return pd.RangeIndex(1, len(table) + 1, name="row")
    return pd.Index(table.groupby(id, sort=False, dropna=False).cumcount() + 1, name="row")


def _ids(column: "pd.Series", name: str) -> list:
    missing = column.isna().to_numpy()
    if missing.any():
        raise Problem(f"Column {name!r} is empty in {_line(missing)}: fill it, or drop the row.")
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


def _line(rows: np.ndarray) -> str:
    return f"line {int(np.argmax(rows)) + _FIRST_LINE}"
