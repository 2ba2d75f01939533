"""Lags, read from the names that tools give to columns."""

import re
from typing import NamedTuple

# y_lag1 (SlidingWindow), lag_1 (skforecast), lag1 (mlforecast), y_lag_1, y_lag_1D (feature-engine,
# of a frequency), y_target_lag-1 (darts)
_AT_END = re.compile(r"(?:(?P<variable>.+)_)?lag_?(?P<number>-?\d+)(?P<unit>[A-Za-z]{0,3})", re.I)
_AT_BEGIN = re.compile(r"lag_(\d+)__(.+)")  # sktime: lag_1__y; of a lag, lag_1__lag_0__y
_T_MINUS = re.compile(r"(?:(?P<variable>.+)[ _])?t-(?P<number>\d+)")
_T_IN_BRACKETS = re.compile(r"(?P<variable>.*?)[ _]?\(t(?: ?- ?(?P<number>\d+))?\)")


class Lag(NamedTuple):
    """What a name says of a column."""

    variable: str  # "" if the name has no more than the lag
    age: int  # steps back; negative for a later step


def lags_of(names: list[str]) -> list[Lag | None]:
    """Return the lag of each column, or None where a name tells none.

    A column that is called as the variable of others has the lag 0 of it, as has "t" beside "t-1".
    """
    found = [_parsed(name) for name in names]
    units = {unit for _, _, unit in filter(None, found)}
    if len(units) > 1:  # a day and an hour back
        return [None] * len(names)
    # darts counts from the first forecast on: the past is negative
    sign = -1 if any(number < 0 for _, number, _ in filter(None, found)) else 1
    lags = [own and Lag(own[0], sign * own[1]) for own in found]
    variables = {lag.variable for lag in filter(None, lags)} - {""}
    now = {name: Lag(name, 0) for name in variables}
    if any(_T_MINUS.fullmatch(name) for name in names):
        now["t"] = Lag("", 0)
    taken = set(filter(None, lags))
    for i, name in enumerate(names):
        if lags[i] is None and name in now and now[name] not in taken:
            lags[i] = now[name]
    return lags


def _parsed(name: str) -> tuple[str, int, str] | None:
    """Variable, number and unit of a name with a lag."""
    found = _AT_BEGIN.fullmatch(name)
    if found:
        inner = _parsed(found[2]) if _AT_BEGIN.fullmatch(found[2]) else None
        variable, number, _ = inner or (found[2], 0, "")
        return variable, int(found[1]) + number, ""
    for pattern in (_AT_END, _T_MINUS, _T_IN_BRACKETS):
        found = pattern.fullmatch(name)
        if found:
            parts = found.groupdict()
            return parts["variable"] or "", int(parts["number"] or 0), parts.get("unit") or ""
    return None
