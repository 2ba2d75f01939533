"""How many steps one cycle of the calendar has, by the frequency of a series."""

import re

_MONTHLY = ("M", "MS", "ME", "BM", "BMS", "BME", "CBMS", "CBME", "WOM", "LWOM")
_QUARTERLY = ("Q", "QS", "QE", "BQ", "BQS", "BQE")
_CYCLES = dict.fromkeys(_MONTHLY, 12) | dict.fromkeys(_QUARTERLY, 4) | {"W": 52, "D": 7}
_CYCLES |= {"B": 5, "C": 5, "h": 24, "min": 24 * 60}


def season_of(freq: str) -> int:
    """The steps of a year, a week or a day; 1 if none of them has a whole number of steps."""
    match = re.fullmatch(r"(\d*)([A-Za-z]+)(-\w+)?", freq)
    if match is None:
        return 1
    cycle, n = _CYCLES.get(match[2], 1), int(match[1] or 1)
    return cycle // n if cycle % n == 0 else 1
