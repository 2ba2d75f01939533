"""How many steps cycles of the calendar have, by the frequency of a series."""

import re
from collections.abc import Iterable
from typing import NamedTuple

_MONTHLY = ("M", "MS", "ME", "BM", "BMS", "BME", "CBMS", "CBME", "WOM", "LWOM")
_QUARTERLY = ("Q", "QS", "QE", "BQ", "BQS", "BQE")
_CYCLES = dict.fromkeys(_MONTHLY, 12) | dict.fromkeys(_QUARTERLY, 4) | {"W": 52, "D": 7}
_CYCLES |= {"B": 5, "C": 5, "h": 24, "min": 24 * 60}
_SPELLED = {"dayofweek": "day_of_week", "dayofyear": "day_of_year"}  # as pandas has both


class LongerSeason(NamedTuple):
    """A cycle beyond that of `season_of`."""

    steps: int
    name: str
    parts: tuple[str, ...]  # of the date, that tell its phase and that of the season
    told_by: tuple[str, ...]  # parts, each of which tells its phase

    def is_told_by(self, parts: Iterable[str]) -> bool:
        """Whether these parts of dates tell where in the cycle they are."""
        return not {_SPELLED.get(part, part) for part in parts}.isdisjoint(self.told_by)


_OF_HOURS = "week", ("hour", "day_of_week"), ("day_of_week",)
_OF_DAYS = "year", ("month", "day_of_week"), ("month", "day_of_year", "quarter")
_LONGER = {
    "D": LongerSeason(52 * 7, *_OF_DAYS),  # whole weeks, as both cycles last
    "h": LongerSeason(7 * 24, *_OF_HOURS),
    "min": LongerSeason(7 * 24 * 60, *_OF_HOURS),
}


def season_of(freq: str) -> int:
    """The steps of a year, a week or a day; 1 if none of them has a whole number of steps."""
    unit, n = _unit_of(freq)
    return _steps(_CYCLES.get(unit, 1), n)


def longer_season_of(freq: str) -> LongerSeason | None:
    """The year of days, and the week of hours and minutes."""
    unit, n = _unit_of(freq)
    if unit not in _LONGER or season_of(freq) == 1:
        return None
    longer = _LONGER[unit]
    return longer._replace(steps=_steps(longer.steps, n))


def _unit_of(freq):
    """The unit of a frequency, and how many of it a step has."""
    match = re.fullmatch(r"(\d*)([A-Za-z]+)(-\w+)?", freq)
    return ("", 1) if match is None else (match[2], int(match[1] or 1))


def _steps(cycle, n):
    return cycle // n if cycle % n == 0 else 1
