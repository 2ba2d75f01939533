"""Parts of dates as numbers that come around."""

from collections.abc import Sequence
from typing import Any

import numpy as np

PERIODS = {  # values of a label's attribute until it begins again
    "month": 12,
    "quarter": 4,
    "dayofyear": 365.25,
    "day_of_year": 365.25,
    "day": 31,
    "dayofweek": 7,
    "day_of_week": 7,
    "hour": 24,
    "minute": 60,
}


def calendar_of(labels: Any, parts: Sequence[str]) -> np.ndarray:
    """Sine and cosine (n, 2 * parts) of parts of dates, such as the month."""
    # pandas writes the parts of a period as day_of_week, and those of a date in both ways for now
    read = {part: getattr(labels, part.replace("dayof", "day_of_")) for part in parts}
    angles = [2 * np.pi * np.asarray(read[part]) / PERIODS[part] for part in parts]
    return np.column_stack([wave(angle) for angle in angles for wave in (np.sin, np.cos)])


def calendar_names(parts: Sequence[str]) -> list[str]:
    """Names of the columns of `calendar_of`."""
    return [f"{part}_{wave}" for part in parts for wave in ("sin", "cos")]
