"""A column of texts as dates, and which of day and month comes first in them."""

import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from .._panels.frequency import is_daily
from .problem import Problem, line
from .words import read_with_month_order

if TYPE_CHECKING:
    import pandas as pd

_FIRST_YEAR = 1000  # "Jan-18" is a day of the year 1 to pandas
_DAY_AND_MONTH = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2\d", re.ASCII)  # in either order
_YEAR_FIRST = re.compile(r"\d{4}", re.ASCII)  # the month comes next, which pandas doesn't know
_MONTHS = 12
_CLOSE = 0.3  # unevenness of two readings that may both be right


def read_dates(
    column: "pd.Series", name: str, day_first: bool | None
) -> tuple["pd.DatetimeIndex", None, str | None]:
    """The dates, no form of periods, and a note if day and month may be the other way round."""
    if day_first is not None:
        _check_order(column, name, day_first)
    is_year_first = column.map(lambda text: _YEAR_FIRST.match(text) is not None).all()
    orders = [False] if is_year_first else [False, True] if day_first is None else [day_first]
    read = {order: _dates_of_one_form(column, name, order) for order in orders}
    found = {order: dates for order, dates in read.items() if dates is not None}
    found = {order: dates for order, dates in found.items() if not dates.hasnans}
    if not found:
        raise _no_dates(column, name)
    ordered = [
        order
        for order, dates in found.items()
        if dates.is_monotonic_increasing or dates.is_monotonic_decreasing
    ]
    uneven = {order: _unevenness(found[order]) for order in ordered or found}
    has_points = "." in column.iloc[0]  # which is the form of days first
    best = min(uneven, key=lambda order: (uneven[order], order != has_points))
    return found[best].rename(name), None, _ambiguity(column, found, uneven, best)


def _ambiguity(
    column: "pd.Series", found: dict[bool, Any], uneven: dict[bool, float], best: bool
) -> str | None:
    """A note if the other order of day and month is as even, and gives other dates."""
    if len(uneven) < 2 or abs(uneven[True] - uneven[False]) > _CLOSE:
        return None
    differs = np.asarray(found[True] != found[False])
    if not differs.any():
        return None
    row = int(np.argmax(differs))
    return read_with_month_order(column.iloc[row], found[best][row], found[not best][row], best)


def _check_order(column: "pd.Series", name: str, day_first: bool) -> None:
    """Raise Problem if the month of the user's order is above 12: pandas takes the other one."""
    parts = [_DAY_AND_MONTH.match(text) for text in column]
    month = 3 if day_first else 1
    odd = np.array([part is not None and int(part[month]) > _MONTHS for part in parts])
    if odd.any():
        option = "--day-first" if day_first else "--month-first"
        raise Problem(
            f"Column {name!r} holds {column.iloc[int(np.argmax(odd))]!r} in {line(odd)}, which "
            f"doesn't fit {option}: leave it out."
        )


def _no_dates(column: "pd.Series", name: str) -> Problem:
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        each = pd.to_datetime(column, errors="coerce", format="mixed", utc=True)
    odd = each.isna().to_numpy()
    odd = odd if odd.any() else np.ones(1, bool)
    text = column.iloc[int(np.argmax(odd))]
    return Problem(
        f"Column {name!r} holds {str(text)!r} in {line(odd)}, which isn't a date like the "
        "others: write dates as in 2024-12-31."
    )


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
