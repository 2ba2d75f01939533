"""Naive forecasts, and errors in units of theirs."""

import numpy as np


def seasonal_scale(values: np.ndarray, season: int) -> float:
    """Mean absolute change of a series (n,) over one season, the unit of the MASE; above 0.

    Missing values don't count. A series too short for its season takes that of one step.
    """
    for lag in (season, 1):
        changes = np.abs(values[lag:] - values[:-lag])
        changes = changes[~np.isnan(changes)]
        if len(changes):
            floor = np.finfo(float).eps * float(np.nanmax(np.abs(values)))
            return max(float(changes.mean()), floor, np.finfo(float).tiny)
    return 1.0


def last_season(rows: np.ndarray, last: np.ndarray | int, season: int) -> np.ndarray:
    """The latest rows of the same phase as some rows after the last one known."""
    seasons = -(-(rows - last) // season)
    return np.maximum(rows - seasons * season, 0)
