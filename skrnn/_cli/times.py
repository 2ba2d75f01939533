"""A column of a CSV file as times: dates, months, quarters or whole numbers."""

import re
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .._panels.frequency import is_daily
from .._panels.written_dates import form_of_numbers
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
_FIRST_YEAR = 1000  # "Jan-18" is a day of the year 1 to pandas


class Times(NamedTuple):
    """The times of all rows, and how periods are written."""

    labels: "pd.Index"
    form: str | None  # of periods, as in strftime


def read_times(column: "pd.Series", name: str) -> Times:
    """The column as times; Problem if it holds none."""
    import pandas as pd

    missing = column.isna().to_numpy()
    if missing.any():
        raise Problem(f"Column {name!r} is empty in {line(missing)}: fill it, or drop the row.")
    if column.dtype.kind in "iu":
        if form_of_numbers(column) == "%Y%m":
            return Times(pd.PeriodIndex(column.astype(str), freq="M", name=name), "%Y%m")
        if not column.between(*_COMPACT).all():
            return Times(pd.Index(column, name=name), None)
        column = column.astype(str)
    elif column.dtype.kind in "fb":
        raise Problem(
            f"Column {name!r} holds {column.iloc[0]}, which is neither a date nor a whole number."
        )
    column = column.astype(str).str.strip()
    found = _periods(column, name)
    return Times(_dates(column, name), None) if found is None else found


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
            return Times(pd.PeriodIndex(months, freq="M", name=name), form)
    for pattern, form in _QUARTERS.items():
        parts = column.str.extract(f"^{pattern}$", flags=re.IGNORECASE)
        if parts.notna().all(axis=None) and parts["mark"].nunique() == 1:
            quarters = pd.PeriodIndex(parts["year"] + "Q" + parts["quarter"], freq="Q", name=name)
            return Times(quarters, form.format(mark=parts["mark"].iloc[0]))
    return None


def _of_century(months: "pd.Series") -> "pd.Series":
    """Months whose years have two digits, which Python takes for 1969 to 2068."""
    import pandas as pd

    is_past = months > pd.Timestamp.now() + pd.DateOffset(years=_YEARS_AHEAD)
    return months.where(~is_past, months - pd.DateOffset(years=100))


def _dates(column: "pd.Series", name: str) -> Any:
    import pandas as pd

    parsed = [_dates_of_one_form(column, name, day_first) for day_first in (False, True)]
    found = [dates for dates in parsed if dates is not None and not dates.hasnans]
    ordered = [
        dates for dates in found if dates.is_monotonic_increasing or dates.is_monotonic_decreasing
    ]
    if not found:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            each = pd.to_datetime(column, errors="coerce", format="mixed", utc=True)
        odd = each.isna().to_numpy()
        odd = odd if odd.any() else np.ones(1, bool)
        text = column.iloc[int(np.argmax(odd))]
        raise Problem(
            f"Column {name!r} holds {str(text)!r} in {line(odd)}, which isn't a date like the "
            "others: write dates as in 2024-12-31."
        )
    return min(ordered or found, key=_unevenness).rename(name)


def _unevenness(dates: Any) -> float:
    """Standard deviation of the steps by their mean, in tenths.

    With day and month in the wrong order, months become days with long gaps.
    """
    steps = np.diff(np.unique(dates.asi8))
    return round(float(steps.std() / steps.mean()), 1) if len(steps) else 0.0


def _dates_of_one_form(column: "pd.Series", name: str, day_first: bool) -> Any:
    """Dates of one form, None if they have several."""
    import pandas as pd

    for utc in (False, True):  # local times of summer and winter have two offsets
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the order of day and month, which is tried
                found = pd.to_datetime(column, dayfirst=day_first, utc=utc)
        except ValueError:
            continue
        if found.dtype.kind == "M":
            dates = pd.DatetimeIndex(found)
            if dates.year.min() < _FIRST_YEAR:
                return None
            return _with_last_offset(dates, column, name) if utc else dates
    return None


def _with_last_offset(dates: Any, column: "pd.Series", name: str) -> Any:
    """Moments with the offset of the latest one, in the place of UTC."""
    import pandas as pd

    without = column.str.replace(r"\s*(Z|[+-]\d{2}:?\d{2})$", "", regex=True)
    if is_daily(pd.DatetimeIndex(pd.to_datetime(without, errors="coerce"))):
        first, last = (str(column.iloc[i]) for i in (0, -1))
        raise Problem(
            f"Column {name!r} holds days with several offsets from UTC, as in {first!r} and "
            f"{last!r}: write dates alone, as in 2024-12-31."
        )
    latest = pd.Timestamp(column.iloc[int(np.argmax(dates.asi8))])
    return dates if latest.tz is None else dates.tz_convert(latest.tz)


def dates_beside(table: "pd.DataFrame", others: list, id: str | None) -> tuple[str, bool] | None:
    """A column that holds ordered times, of all but ``others``, and whether the newest is first."""
    for name in table.columns:
        column = table[name]
        if name in others or column.dtype.kind in "fb":
            continue
        if column.dtype.kind in "iu" and form_of_numbers(column) is None:
            continue
        try:
            labels = read_times(column, str(name)).labels
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
