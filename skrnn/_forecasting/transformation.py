"""What a series is turned into before windows are cut, and back."""

from typing import Any, NamedTuple

import numpy as np
from scipy.stats import linregress

from .._panels.clock import Clock
from .seasonal_pattern import is_seasonal, pattern_of, rows_for

_BLOCK = 4  # rows, without a season
_SLOPE = 0.5  # of log spread by log level: the spread grows with the level
_FEWEST_BLOCKS = 4
_GAPS = 0.2  # share of a block; more would change its spread
_RATIOS = (4, 2)  # highest to lowest, last to first: growth, where blocks are too few
_EVIDENCE = 0.95  # R² from which growth is taken for exponential
_POWER_OF_EVIDENCE = 0.5  # growth is then bounded on the scale of square roots


class Growth(NamedTuple):
    """What the spread of a series says of its scale."""

    log: bool = False  # logarithms make it constant
    multiplies: bool = False  # it grows with the level, and a season is likely to do so, too
    certain: bool = False  # it follows the level closely


class Transformation(NamedTuple):
    r"""The scale on which a series is forecast.

    A level is :math:`g_t = \log y_t - p_{t \bmod m}`, without a logarithm or a pattern p where
    they aren't used, or :math:`g_t = y_t / p_{t \bmod m}`. The network reads

    .. math:: w_t = \frac{1}{s} (1 - B)^d (1 - B^m) g_t = \frac{1}{s} \sum_j c_j g_{t-j}

    with the backshift operator B; the second factor is there for seasonal differences only.
    """

    growth: Growth
    multiplies: bool  # whether the pattern multiplies the level
    pattern: np.ndarray  # (m,), by phase; (1,) of 0 or 1 without one
    coefficients: np.ndarray  # c (order + 1,)
    clock: Clock  # which knows the phases
    scale: float = 1.0

    @property
    def log(self) -> bool:
        """Whether levels are logarithms."""
        return self.growth.log

    @property
    def power(self) -> float:
        """The power of the values on whose scale growth is bounded, 0 without logarithms."""
        if not self.log:
            return 0.0
        return _POWER_OF_EVIDENCE if self.growth.certain else 1.0

    @property
    def order(self) -> int:
        """Number of earlier levels that a difference reads."""
        return len(self.coefficients) - 1

    def levels(self, values: np.ndarray, start: int) -> np.ndarray:
        """Levels (n,) of values (n,) whose first has the position ``start``; gaps interpolated."""
        pattern = self._pattern_at(start + np.arange(len(values)))
        if self.multiplies:
            return interpolated(values / pattern)
        return interpolated((np.log(values) if self.log else values) - pattern)

    def values(self, levels: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """The values of levels at some positions, both of any shape: the inverse of `levels`."""
        pattern = self._pattern_at(positions)
        if self.multiplies:
            return levels * pattern
        return np.exp(levels + pattern) if self.log else levels + pattern

    def differences(self, levels: np.ndarray) -> np.ndarray:
        """What the network reads, (n - order,), of levels (n,)."""
        return np.convolve(levels, self.coefficients, mode="valid") / self.scale

    def scaled(self, values: np.ndarray, start: int) -> "Transformation":
        """The same with the scale of the differences of values (n,)."""
        deviation = float(np.std(self._replace(scale=1.0).differences(self.levels(values, start))))
        return self._replace(scale=deviation if deviation > 0 else 1.0)

    def _pattern_at(self, positions):
        if len(self.pattern) == 1:
            return self.pattern[0]
        return self.pattern[self.clock.phases(positions, len(self.pattern))]


def find_transformation(
    values: np.ndarray,
    start: int,
    season: int,
    clock: Clock,
    *,
    log: bool | str,
    deseasonalize: bool | str,
    difference: int,
    season_rows: int,
    growth: Growth | None = None,
    caused: bool = False,
) -> Transformation:
    """The transformation of a series: values (n,) on the grid, gaps NaN; season 1 means none.

    A pattern takes ``season_rows`` rows. ``growth`` is what is known of the series already.
    ``caused`` says that covariates may cause the spread: it must follow the level closely then.
    """
    values = values.astype(float)
    if growth is None:
        growth = growth_of_spread(values, season)
        if caused and not growth.certain:
            growth = Growth()
    if log != "auto":
        growth = Growth(log=bool(log), certain=growth.certain)
    coefficients: Any = np.ones(1)
    for _ in range(difference):
        coefficients = np.convolve(coefficients, [1, -1])
    pattern, multiplies = np.zeros(1), False
    if deseasonalize == "difference" and season > 1:
        coefficients = np.convolve(coefficients, [1, *[0] * (season - 1), -1])
    elif deseasonalize is not False and season > 1 and len(values) >= season_rows:
        multiplies = growth.multiplies and not growth.log
        levels = interpolated(np.log(values) if growth.log or multiplies else values)
        phases = clock.phases(start + np.arange(len(levels)), season)
        is_told = deseasonalize is True or len(values) < rows_for(season)  # fewer can't show it
        if is_told or is_seasonal(levels, phases, season):
            pattern = pattern_of(levels, phases, season)
            if multiplies:
                pattern = np.exp(pattern) / np.exp(pattern).mean()
        else:
            multiplies = False
    return Transformation(growth, multiplies, pattern, coefficients, clock).scaled(values, start)


def interpolated(levels: np.ndarray) -> np.ndarray:
    """Gaps (NaN) filled linearly."""
    gaps = np.isnan(levels)
    if not gaps.any():
        return levels
    positions = np.arange(len(levels))
    return np.interp(positions, positions[~gaps], levels[~gaps])


def growth_of_spread(values: np.ndarray, season: int) -> Growth:
    """Whether the spread of blocks, one season each, grows with their level; gaps are NaN."""
    known = values[~np.isnan(values)]
    if not len(known) or not (known > 0).all():
        return Growth()
    blocks = _blocks(values, season)
    if len(blocks) < _FEWEST_BLOCKS:
        grows = known.max() > _RATIOS[0] * known.min() or known[-1] > _RATIOS[1] * known[0]
        return Growth(log=bool(grows) and season == 1, multiplies=bool(grows))
    spread, level = np.nanstd(blocks, axis=1), np.nanmean(blocks, axis=1)
    level, spread = np.log(level[spread > 0]), np.log(spread[spread > 0])
    if len(level) < _FEWEST_BLOCKS or np.ptp(level) == 0:
        return Growth()
    line = linregress(level, spread)
    grows, certain = bool(line.slope > _SLOPE), bool(line.rvalue**2 > _EVIDENCE)
    return Growth(log=grows and (certain or season == 1), multiplies=grows, certain=certain)


def _blocks(values: np.ndarray, season: int) -> np.ndarray:
    """Blocks (n_blocks, size) of one season each; gaps are NaN.

    With gaps everywhere, these are the fewest blocks that say anything, if values are most of them.
    Without a season, or without such blocks, they are of the values alone.
    """
    known = values[~np.isnan(values)]
    if season > 1:
        grid = values[len(values) % season :].reshape(-1, season)
        gaps = np.isnan(grid).mean(axis=1)
        bound = np.sort(gaps)[:_FEWEST_BLOCKS].max(initial=_GAPS)
        blocks = grid[gaps <= min(bound, 0.5)]
        if len(blocks) >= _FEWEST_BLOCKS:
            return blocks
    size = season if season > 1 else _BLOCK
    return known[len(known) % size :].reshape(-1, size)
