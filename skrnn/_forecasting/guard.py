"""How far a forecast may be from the last level."""

import numpy as np

_QUANTILES = (0.05, 0.95)
_FEWEST_CHANGES = 3


def bounds_of_changes(levels: np.ndarray, n_steps: int) -> np.ndarray:
    """Bounds (2, n_steps) of the change of a series (n,) over 1, 2, … steps.

    They are quantiles of the changes over as many steps, widened to 0. Where there are too few of
    these, the last bounds go on.
    """
    longest = max(1, min(n_steps, len(levels) - _FEWEST_CHANGES))
    bounds = np.empty((2, longest))
    for k in range(1, longest + 1):
        changes = levels[k:] - levels[:-k]
        n = len(changes)
        low, high = (int(np.rint(q * (n - 1))) for q in _QUANTILES)
        ordered = np.partition(changes, (low, high))
        bounds[:, k - 1] = min(ordered[low], 0), max(ordered[high], 0)
    return np.pad(bounds, ((0, 0), (0, n_steps - longest)), mode="edge")
