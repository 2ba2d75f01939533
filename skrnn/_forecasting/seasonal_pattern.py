"""The season of a series: whether it has one, and its pattern."""

import numpy as np

_CYCLES = 8  # of which the pattern is taken: seasons change
_STRENGTH = 0.64  # of the season, from which it counts
_SIGNIFICANT = 1.645  # standard errors: 90 %, two-sided
_MORE_ROWS = 6  # than two cycles: so many does a season need that nobody has named


def rows_for(season: int, *, is_given: bool = False) -> int:
    """The rows that a season can be found in, or one that the user gives."""
    return 2 * season + (0 if is_given else _MORE_ROWS)


def is_seasonal(levels: np.ndarray, phases: np.ndarray, season: int) -> bool:
    """Whether a complete series (n,) shows its season, in its differences or in its strength."""
    return _is_significant(np.diff(levels), season) or _strength(levels, phases, season) > _STRENGTH


def pattern_of(levels: np.ndarray, phases: np.ndarray, season: int) -> np.ndarray:
    """The pattern (m,) of a complete series (n,) with the phases of its steps; its mean is 0.

    It is the median deviation from a centred moving average over the last cycles.
    """
    deviations, phases = _deviations(levels, phases, season)
    deviations, phases = deviations[-_CYCLES * season :], phases[-_CYCLES * season :]
    pattern = np.zeros(season)
    for phase in np.unique(phases):  # an hour that the clocks skip may occur in no short series
        pattern[phase] = np.median(deviations[phases == phase])
    return pattern - pattern.mean()


def _deviations(levels, phases, season):
    """Deviations from the centred moving average over one cycle, and their phases."""
    weights = np.full(season, 1 / season)
    if season % 2 == 0:  # half of the value at both ends
        weights = np.convolve(weights, [0.5, 0.5])
    average = np.convolve(levels, weights, mode="valid")
    inside = slice(len(weights) // 2, len(weights) // 2 + len(average))
    return levels[inside] - average, phases[inside]


def _is_significant(changes, season):
    """Whether the autocorrelation at the lag of the season is beyond Bartlett's standard error."""
    n, centred = len(changes), changes - changes.mean()
    variance = centred @ centred
    if n <= season or variance <= 0:
        return False
    correlations = [centred[lag:] @ centred[: n - lag] / variance for lag in range(1, season + 1)]
    error = np.sqrt((1 + 2 * np.sum(np.square(correlations[:-1]))) / n)
    return bool(abs(correlations[-1]) > _SIGNIFICANT * error)


def _strength(levels, phases, season):
    """1 less the share of what the pattern leaves of the deviations' variance."""
    pattern = pattern_of(levels, phases, season)
    deviations, phases = _deviations(levels, phases, season)
    rest = deviations - pattern[phases]
    variance = np.var(deviations)
    return 0.0 if variance <= 0 else max(0.0, 1 - np.var(rest) / variance)
