"""The season of several series, for those that are too short to show their own."""

from collections.abc import Iterable

import numpy as np

from .transformation import Transformation


def shared_factors(found: Iterable[tuple[np.ndarray, Transformation]]) -> np.ndarray | None:
    """The factors (m,) of the season, with mean 1, of the series that are long enough to show one.

    They are given as pairs of values (n,) and transformation. None if less than half of them have a
    season.
    """
    factors: list[np.ndarray] = []
    n_series = 0
    for values, own in found:
        n_series += 1
        if len(own.pattern) == 1:
            continue
        mean = np.nanmean(values)
        if own.log or own.multiplies:
            factors.append(np.exp(own.pattern) if own.log else own.pattern)
        elif mean > 0 and (own.pattern > -mean).all():
            factors.append(1 + own.pattern / mean)
    if not factors or 2 * len(factors) < n_series:
        return None
    typical = np.median(factors, axis=0)
    return typical / typical.mean()


def pattern_by(factors: np.ndarray, values: np.ndarray, *, log: bool) -> tuple[np.ndarray, bool]:
    """The pattern (m,) that these factors give to values (n,), and whether it multiplies."""
    if log:
        pattern = np.log(factors)
        return pattern - pattern.mean(), False
    if np.nanmin(values) > 0:
        return factors, True
    return (factors - 1) * max(0.0, float(np.nanmean(values))), False
