"""The season of several series, for those that are too short to show their own."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from .._panels.clock import Clock
from .transformation import Transformation


class SharedSeason(NamedTuple):
    """A season as factors, whatever the levels of the series."""

    factors: np.ndarray  # (m,), by the phase of the clock; their mean is 1
    clock: Clock

    @classmethod
    def of(cls, found: Iterable[tuple[np.ndarray, Transformation]]) -> "SharedSeason | None":
        """The median of the factors of the series that are long enough to show a season.

        They are given as values (n,) and transformation. None if less than half of them have one.
        """
        factors: list[np.ndarray] = []
        n_series, clock = 0, None
        for values, own in found:
            n_series += 1
            of_own = _factors_of(values, own)
            if of_own is None:
                continue
            clock = clock or own.clock
            turned = _turned(of_own, own.clock, clock)
            if turned is not None:
                factors.append(turned)
        if clock is None or 2 * len(factors) < n_series:
            return None
        typical = np.median(factors, axis=0)
        return cls(typical / typical.mean(), clock)

    def applied(self, own: Transformation, values: np.ndarray) -> Transformation:
        """The transformation of values (n,) with this season, but without its scale."""
        factors = _turned(self.factors, self.clock, own.clock)
        if factors is None:
            return own
        if own.log:
            pattern = np.log(factors)
            return own._replace(pattern=pattern - pattern.mean())
        if np.nanmin(values) > 0:
            return own._replace(pattern=factors, multiplies=True)
        return own._replace(pattern=(factors - 1) * max(0.0, float(np.nanmean(values))))


def _factors_of(values, own):
    """The season of a series as factors (m,); None without one, or of values that have no unit."""
    if len(own.pattern) == 1:
        return None
    if own.log or own.multiplies:
        return np.exp(own.pattern) if own.log else own.pattern
    mean = np.nanmean(values)
    return 1 + own.pattern / mean if mean > 0 and (own.pattern > -mean).all() else None


def _turned(factors, clock, other):
    """What is by the phases of a clock by those of another; None if their labels differ."""
    if other is clock:
        return factors
    try:
        at = clock.position(other.labels(0, 1)[0], "y")
    except (TypeError, ValueError):
        return None
    own, theirs = (c.phases(np.array([p]), len(factors))[0] for c, p in ((clock, at), (other, 0)))
    return np.roll(factors, theirs - own)
