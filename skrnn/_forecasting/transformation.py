"""What a series is turned into before windows are cut, and back."""

from typing import Any, NamedTuple

import numpy as np

from .seasonal_pattern import has_rows_for, is_seasonal, pattern_of

_BLOCK = 4  # rows, without a season
_SLOPE = 0.5  # of log spread by log level: the spread grows with the level
_FEWEST_BLOCKS = 4
_RATIOS = (4, 2)  # highest to lowest, last to first: growth, where blocks are too few
_NO_PATTERN = np.zeros(1)


class Transformation(NamedTuple):
    r"""The scale on which a series is forecast.

    A level is :math:`g_t = \log y_t - p_{t \bmod m}`, without a logarithm or a pattern p where
    they aren't used. The network reads

    .. math:: w_t = \frac{1}{s} (1 - B)^d (1 - B^m) g_t = \frac{1}{s} \sum_j c_j g_{t-j}

    with the backshift operator B; the second factor is there for seasonal differences only.
    """

    log: bool
    pattern: np.ndarray  # (m,), by position modulo m; (1,) zeros without one
    coefficients: np.ndarray  # c (order + 1,)
    scale: float = 1.0

    @property
    def order(self) -> int:
        """Number of earlier levels that a difference reads."""
        return len(self.coefficients) - 1

    def levels(self, values: np.ndarray, start: int) -> np.ndarray:
        """Levels (n,) of values (n,) whose first has the position ``start``; gaps interpolated."""
        levels = np.log(values) if self.log else values.astype(float)
        return interpolated(levels - self._pattern_at(start + np.arange(len(values))))

    def values(self, levels: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """The values of levels at some positions, both of any shape: the inverse of `levels`."""
        levels = levels + self._pattern_at(positions)
        return np.exp(levels) if self.log else levels

    def differences(self, levels: np.ndarray) -> np.ndarray:
        """What the network reads, (n - order,), of levels (n,)."""
        return np.convolve(levels, self.coefficients, mode="valid") / self.scale

    def _pattern_at(self, positions):
        return self.pattern[positions % len(self.pattern)]


def find_transformation(
    values: np.ndarray,
    start: int,
    season: int,
    *,
    log: bool | str,
    deseasonalize: bool | str,
    difference: int,
) -> Transformation:
    """The transformation of a series: values (n,) on the grid, gaps NaN; season 1 means none."""
    n, observed = len(values), ~np.isnan(values)
    uses_log = _grows_with_level(values[observed], season) if log == "auto" else bool(log)
    coefficients: Any = np.ones(1)
    for _ in range(difference):
        coefficients = np.convolve(coefficients, [1, -1])
    pattern = _NO_PATTERN
    if deseasonalize == "difference" and season > 1:
        coefficients = np.convolve(coefficients, [1, *[0] * (season - 1), -1])
    elif deseasonalize is not False and has_rows_for(n, season):
        levels = interpolated(np.log(values) if uses_log else values)
        if deseasonalize is True or is_seasonal(levels, season):
            pattern = np.roll(pattern_of(levels, season), start % season)
    found = Transformation(uses_log, pattern, coefficients)
    deviation = float(np.std(found.differences(found.levels(values, start))))
    return found._replace(scale=deviation if deviation > 0 else 1.0)


def interpolated(levels: np.ndarray) -> np.ndarray:
    """Gaps (NaN) filled linearly."""
    gaps = np.isnan(levels)
    if not gaps.any():
        return levels
    positions = np.arange(len(levels))
    return np.interp(positions, positions[~gaps], levels[~gaps])


def _grows_with_level(values, season):
    """Whether the spread of blocks grows with their level, so that logarithms make it constant."""
    if not (values > 0).all():
        return False
    size = season if season > 1 else _BLOCK
    n_blocks = len(values) // size
    if n_blocks < _FEWEST_BLOCKS:
        return bool(values.max() > _RATIOS[0] * values.min() or values[-1] > _RATIOS[1] * values[0])
    blocks = values[len(values) - n_blocks * size :].reshape(n_blocks, size)
    spread, level = blocks.std(axis=1), blocks.mean(axis=1)
    valid = spread > 0
    level, spread = np.log(level[valid]), np.log(spread[valid])
    if len(level) < _FEWEST_BLOCKS or np.ptp(level) == 0:
        return False
    return bool(np.polyfit(level, spread, 1)[0] > _SLOPE)
