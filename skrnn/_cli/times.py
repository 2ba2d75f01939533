"""A column of a CSV file as times: dates, months, quarters or whole numbers."""

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .._panels.written_dates import form_of_numbers
from .dates import read_dates
from .problem import Problem, line

if TYPE_CHECKING:
    import pandas as pd

_COMPACT = (1000_01_01, 2999_12_31)  # whole numbers that are dates, YYYYMMDD
_NAMES = [
    f"{month}{mark}{year}" for month in ("%b", "%B") for mark in "- /" for year in ("%y", "%Y")
]
_MONTHS = [*_NAMES, "%Y-%b", "%Y %b", "%Y %B", "%Y-%m", "%Y/%m", "%m/%Y", "%m-%Y", "%m.%Y"]
_QUARTERS = {
    r"Q(?P<quarter>[1-4])(?P<mark>[ /-]?)(?P<year>\d{4})": "Q%q{mark}%Y",
    r"(?P<year>\d{4})(?P<mark>[ /-]?)Q(?P<quarter>[1-4])": "%Y{mark}Q%q",
}
_YEARS_AHEAD = 10  # of now, that a file may hold


class Times(NamedTuple):
    """The times of all rows, and how periods are written."""

    labels: "pd.Index"
    form: str | None  # of periods, as in strftime
    note: str | None  # for the user


def read_times(column: "pd.Series", name: str, day_first: bool | None = None) -> Times:
    """The column as times; Problem if it holds none. ``day_first`` is None if it must be found."""
    import pandas as pd

    missing = column.isna().to_numpy()
    if missing.any():
        raise Problem(f"Column {name!r} is empty in {line(missing)}: fill it, or drop the row.")
    column = column.astype(str).str.strip()
    numbers = _numbers(column)
    if numbers.dtype.kind in "iu":
        if form_of_numbers(numbers) == "%Y%m":
            return Times(pd.PeriodIndex(column, freq="M", name=name), "%Y%m", None)
        if not numbers.between(*_COMPACT).all():
            return Times(pd.Index(numbers, name=name), None, None)
    found = _periods(column, name)
    if found is not None:
        return found
    if numbers.dtype.kind == "f":
        raise Problem(
            f"Column {name!r} holds {column.iloc[0]}, which is neither a date nor a whole number."
        )
    return Times(*read_dates(column, name, day_first))


def _numbers(column: "pd.Series") -> "pd.Series":
    """The column as numbers, as it is if not all of its texts are numbers."""
    import pandas as pd

    try:
        return pd.to_numeric(column)
    except ValueError:
        return column


def _periods(column: "pd.Series", name: str) -> Times | None:
    """Months or quarters, None if the texts aren't all of one form."""
    import pandas as pd

    for form in _MONTHS:
        if pd.isna(pd.to_datetime(column.iloc[0], format=form, errors="coerce")):
            continue
        months = pd.to_datetime(column, format=form, errors="coerce")
        if months.notna().all():
            if "%y" in form:
                months = _of_century(months)
            return Times(pd.PeriodIndex(months, freq="M", name=name), form, None)
    for pattern, form in _QUARTERS.items():
        parts = column.str.extract(f"^{pattern}$", flags=re.IGNORECASE)
        if parts.notna().all(axis=None) and parts["mark"].nunique() == 1:
            quarters = pd.PeriodIndex(parts["year"] + "Q" + parts["quarter"], freq="Q", name=name)
            return Times(quarters, form.format(mark=parts["mark"].iloc[0]), None)
    return None


def _of_century(months: "pd.Series") -> "pd.Series":
    """Months whose years have two digits, which Python takes for 1969 to 2068."""
    import pandas as pd

    is_past = months > pd.Timestamp.now() + pd.DateOffset(years=_YEARS_AHEAD)
    return months.where(~is_past, months - pd.DateOffset(years=100))


def dates_beside(
    table: "pd.DataFrame", others: list[str | None], id: str | None
) -> tuple[str, bool] | None:
    """A column that holds ordered times, of all but ``others``, and whether the newest is first."""
    for name in table.columns:
        if name in others:
            continue
        numbers = _numbers(table[name])
        if numbers.dtype.kind == "f":
            continue
        if numbers.dtype.kind in "iu" and form_of_numbers(numbers) is None:
            continue
        try:
            labels = read_times(table[name], str(name)).labels
        except (Problem, ValueError):
            continue
        parts = [labels] if id is None else [labels[of] for of in _rows_by_id(table[id])]
        parts = [part for part in parts if len(part) > 1]
        for newest_first in (False, True):
            ordered = (part[::-1] if newest_first else part for part in parts)
            if parts and all(part.is_monotonic_increasing and part.is_unique for part in ordered):
                return str(name), newest_first
    return None


def _rows_by_id(ids: "pd.Series") -> list[np.ndarray]:
    codes, found = ids.factorize()
    return [np.flatnonzero(codes == i) for i in range(len(found))]
