"""The drift: the line on from the last level, which may be a share of forecasts."""

import numpy as np

FEW_WINDOWS = 30  # from which a network learns little
SHARE = 0.5  # of the drift, where a network has learned little
# Autocorrelation of successive changes: that of a random walk is 0, and that of noise is -0.5.
_WANDERS = -0.25
_ROUNDING = 1e-12  # of the levels


def wanders(levels: np.ndarray) -> bool:
    """Whether changes of levels (n,) last, rather than being undone by the next one."""
    changes = np.diff(levels)
    changes -= changes.mean() if len(changes) else 0.0
    changes[np.abs(changes) < _ROUNDING * np.abs(levels).max()] = 0  # of a line, no more is left
    return bool(changes[1:] @ changes[:-1] >= _WANDERS * (changes @ changes))


def slope_of(levels: np.ndarray, length: int) -> np.ndarray:
    """The mean change (K,) from row to row of levels (n, K), after the first window."""
    first = min(length, len(levels) - 2)
    return (levels[-1] - levels[first]) / (len(levels) - 1 - first)


def mixed(
    levels: np.ndarray, last: np.ndarray, slope: np.ndarray, share: np.ndarray, bounds: np.ndarray
) -> np.ndarray:
    """Levels (B, n_steps, K) of which a share (B, K) is the line on from the last ones (B, K).

    The ``bounds`` (2, B, n_steps, K) are those of all levels.
    """
    if not share.any():
        return levels
    steps, share = np.arange(1, levels.shape[1] + 1)[:, np.newaxis], share[:, np.newaxis]
    line = np.clip(last[:, np.newaxis] + steps * slope[:, np.newaxis], *bounds)
    return levels + share * (line - levels)  # exact where both are the same
