"""The frequency of dates: the given one, or the coarsest one whose labels they all are."""

from typing import TYPE_CHECKING, Any

import numpy as np

from .._transformers.time_index import frequency_of
from .daylight import check_missing_hour
from .errors import UnevenLabelsError

if TYPE_CHECKING:
    import pandas as pd

_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MOST_MISSING = 0.25  # of the days of trading: holidays are fewer
_MOST_SPECIAL = 0.2  # of the other days: special sessions are rare
_CHANCE = 0.001  # that all labels of some weekdays are missing as others are
MIN_SHARE = 0.05  # of the labels that a weekday of trading days holds


def find_frequency(index: Any, name: str) -> "pd.offsets.BaseOffset | None":
    """The frequency of increasing labels, some of which may be missing.

    None stands for trading days: daily labels without those of some weekdays and of holidays.
    Raises LabelsError if there is no frequency.
    """
    from pandas.tseries.frequencies import to_offset

    if len(index) < 2 and index.freq is None:
        return None
    offset = frequency_of(index)
    if offset is not None:
        return offset
    local = local_times(index)
    if is_daily(local):
        freq = _of_months(local) or _of_days(local)
        if freq == "":
            return None
    else:
        freq = _of_ticks(index, name)
    if freq is None:
        raise _no_frequency(index, name)
    return to_offset(freq)


def local_times(index: Any) -> Any:
    """Dates in local time, without a zone."""
    return index.tz_localize(None) if getattr(index, "tz", None) is not None else index


def is_daily(local: Any) -> bool:
    """Whether all labels are dates at the same time of day."""
    return hasattr(local, "normalize") and (local - local.normalize()).nunique() == 1


def used_weekdays(local: Any) -> list[int]:
    """The weekdays that hold a good part of the labels, Monday = 0."""
    counts = np.bincount(local.day_of_week, minlength=7)
    return np.flatnonzero(counts >= MIN_SHARE * len(local)).tolist()


def _of_months(local: Any) -> str | None:
    """The frequency of first or last days of months."""
    from pandas.tseries.frequencies import to_offset

    months = np.asarray(local.year * 12 + local.month, np.int64)
    gaps = np.diff(months)
    if (gaps < 1).any():
        return None
    kinds = (kind for kind in ("MS", "ME", "BMS", "BME") if _all_on(local, to_offset(kind)))
    kind, n = next(kinds, None), int(np.gcd.reduce(gaps))
    if kind is None or not _is_dense(gaps // n):
        return None
    month = int(local.month[0])
    if n % 12 == 0:
        return f"{n // 12}{kind.replace('M', 'Y')}-{_MONTHS[month - 1]}"
    if n % 3 == 0:  # pandas names quarters by a month of the last one
        return f"{n // 3}{kind.replace('M', 'Q')}-{_MONTHS[9 + (month - 10) % 3]}"
    return f"{n}{kind}"


def _of_days(local: Any) -> str | None:
    """The frequency of days; "" for trading days."""
    days = local.normalize().as_unit("s").asi8 // 86_400
    gaps = np.diff(days)
    n = int(np.gcd.reduce(gaps))
    if n > 1:
        unit = f"{n // 7}W-{_WEEKDAYS[local[0].weekday()]}" if n % 7 == 0 else f"{n}D"
        return unit if _is_dense(gaps // n) else None
    weekdays = (np.arange(days[0], days[-1] + 1) + 3) % 7  # the first of January 1970: Thursday
    passed = np.bincount(weekdays, minlength=7)
    if _are_of_trading(np.bincount(local.day_of_week, minlength=7), passed, used_weekdays(local)):
        return ""
    if local.day_of_week.max() < 5 and 2 * len(days) >= passed[:5].sum():
        return "B"
    return "D" if _is_dense(gaps) else None


def _are_of_trading(labels: np.ndarray, passed: np.ndarray, used: list[int]) -> bool:
    """Whether some weekdays (7,) are left out, and not by gaps that could be on any day."""
    on, expected = labels[used].sum(), passed[used].sum()
    special, others = labels.sum() - on, passed.sum() - expected
    missing = (expected - on + 1) / (expected + 1)
    plausible = len(used) > 1 and missing <= _MOST_MISSING and special <= _MOST_SPECIAL * others
    return bool(plausible and missing**others < _CHANCE)


def _of_ticks(index: Any, name: str) -> str | None:
    """The frequency of hours, minutes, seconds and so on."""
    import pandas as pd

    gaps = np.diff(index.asi8)
    n = int(gaps.min())
    if (gaps % n).any() or not _is_dense(gaps // n):
        return None
    freq = pd.tseries.frequencies.to_offset(pd.Timedelta(n, unit=index.unit)).freqstr
    if isinstance(index, pd.DatetimeIndex):
        check_missing_hour(index, pd.date_range(index[0], index[-1], freq=freq), name)
    return freq


def _is_dense(gaps: np.ndarray) -> bool:
    """Whether at least half of a grid is present; ``gaps`` are in steps of it."""
    return bool(2 * (len(gaps) + 1) >= gaps.sum() + 1)


def _all_on(local: Any, offset: Any) -> bool:
    return all(map(offset.is_on_offset, local))


def _no_frequency(index: Any, name: str) -> UnevenLabelsError:
    freq, on = _nearest(index)
    if on.all():
        what = f"more than half of the labels of the nearest one, {freq!r}, are missing"
    else:
        first = ", ".join(str(label) for label in index[~on][:3])
        what = (
            f"the nearest one is {freq!r}, and {np.sum(~on)} of {len(on)} labels are off it, at "
            f"first {first}"
        )
    methods = f"resample({freq!r}).mean()"
    if 2 * np.sum(on) > len(on):  # otherwise, asfreq would leave most of the values out
        methods = f"asfreq({freq!r}) or {methods}"
    zone = getattr(index, "tz", None)
    elsewhere = "" if zone is None else ", or tz_convert if they are local days of another zone"
    return UnevenLabelsError(
        f"The labels of {name} have no frequency: {what}.",
        f"Use {methods} on this series{elsewhere}, or "
        "reset_index(drop=True) if its rows are successive steps.",
    )


def _nearest(index: Any) -> tuple[str, np.ndarray]:
    """The frequency that most labels have, and which labels do."""
    import pandas as pd
    from pandas.tseries.frequencies import to_offset

    at = index.asi8
    gaps = np.diff(at)
    step = float(np.median(gaps)) / (pd.Timedelta(days=1) // pd.Timedelta(1, unit=index.unit))
    local = local_times(index)
    if is_daily(local) and step > 4:
        last = local.is_month_end.sum() > local.is_month_start.sum()
        span = next((unit for most, unit in ((10, "W"), (45, "M"), (180, "Q")) if step < most), "Y")
        weekday = _WEEKDAYS[int(np.bincount(local.day_of_week).argmax())]
        freq = f"W-{weekday}" if span == "W" else span + ("E" if last else "S")
        offset = to_offset(freq)
        return freq, np.array([offset.is_on_offset(label) for label in local])
    values, counts = np.unique(gaps, return_counts=True)
    usual = int(values[counts.argmax()])
    if 2 * counts.max() < len(gaps):
        units = [pd.Timedelta(1, unit=unit) for unit in ("s", "min", "h", "D")]
        near = [abs(np.log(step * pd.Timedelta(days=1) / unit)) for unit in units]
        usual = units[int(np.argmin(near))] // pd.Timedelta(1, unit=index.unit)
    phases, counts = np.unique(at % usual, return_counts=True)
    freq = to_offset(pd.Timedelta(usual, unit=index.unit)).freqstr
    return freq, at % usual == phases[counts.argmax()]
