"""The season of a series: whether it has one, and its pattern."""

import numpy as np

_CYCLES = 8  # of which the pattern is taken: seasons change
_STRENGTH = 0.64  # of the season, from which it counts
_SIGNIFICANT = 1.645  # standard errors: 90 %, two-sided
_MORE_ROWS = 6  # than two cycles: so many does a season need


def has_rows_for(n_rows: int, season: int) -> bool:
    """Whether a season can be found in so many rows."""
    return season > 1 and n_rows >= 2 * season + _MORE_ROWS


def is_seasonal(levels: np.ndarray, season: int) -> bool:
    """Whether a complete series (n,) shows its season, in its differences or in its strength."""
    return _is_significant(np.diff(levels), season) or _strength(levels, season) > _STRENGTH


def pattern_of(levels: np.ndarray, season: int) -> np.ndarray:
    """The pattern (m,) by phase of a complete series (n,), with mean 0.

    It is the median deviation from a centred moving average over the last cycles.
    """
    deviations, first = _deviations(levels, season)
    n_kept = min(len(deviations), _CYCLES * season)
    phases = (first + np.arange(len(deviations))) % season
    deviations, phases = deviations[-n_kept:], phases[-n_kept:]
    pattern = np.array([np.median(deviations[phases == phase]) for phase in range(season)])
    return pattern - pattern.mean()


def _deviations(levels, season):
    """Deviations from the centred moving average over one cycle, and where the first one lies."""
    weights = np.full(season, 1 / season)
    if season % 2 == 0:  # half of the value at both ends
        weights = np.convolve(weights, [0.5, 0.5])
    average = np.convolve(levels, weights, mode="valid")
    first = len(weights) // 2
    return levels[first : first + len(average)] - average, first


def _is_significant(changes, season):
    """Whether the autocorrelation at the lag of the season is beyond Bartlett's standard error."""
    n, centred = len(changes), changes - changes.mean()
    variance = centred @ centred
    if n <= season or variance <= 0:
        return False
    correlations = [centred[lag:] @ centred[: n - lag] / variance for lag in range(1, season + 1)]
    error = np.sqrt((1 + 2 * np.sum(np.square(correlations[:-1]))) / n)
    return bool(abs(correlations[-1]) > _SIGNIFICANT * error)


def _strength(levels, season):
    """1 less the share of what the pattern leaves of the deviations' variance."""
    deviations, first = _deviations(levels, season)
    pattern = pattern_of(levels, season)
    rest = deviations - pattern[(first + np.arange(len(deviations))) % season]
    variance = np.var(deviations)
    return 0.0 if variance <= 0 else max(0.0, 1 - np.var(rest) / variance)
