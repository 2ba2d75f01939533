"""The validation set: the last part of the samples, held out of training."""

import math

import numpy as np

from .._engine.masking import StepMask

_MAX_LAG = 32  # samples between windows that share steps: series in turns, steps left out
_PAIRS = 16  # of samples that are compared
_MAJORITY = 0.75  # of the pairs have to share steps; where one series ends they don't


def split_last(
    X: np.ndarray, mask: StepMask, fraction: float, strata: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The rows of X (N, T, D) to train on, and the rows of the validation set.

    ``strata`` (N,) names the kinds of samples. The last samples of each kind are held out; NaN
    means none.
    Windows of a series that share steps with one of the validation set are in neither set: they
    would leak validation values into training.
    """
    N = len(X)
    strata = np.zeros(N) if strata is None else strata
    held_out, kinds = np.zeros(N, bool), np.unique(strata[~np.isnan(strata)])
    for kind in kinds:
        rows = np.flatnonzero(strata == kind)
        held_out[rows[len(rows) - math.ceil(fraction * len(rows)) :]] = True
    kept = ~held_out
    reach = n_overlapping(X, mask)
    if reach:
        ends = np.cumsum(np.concatenate([[0], held_out]))  # of the validation set, so far
        rows = np.arange(N)
        near = ends[np.minimum(rows + reach + 1, N)] - ends[np.maximum(rows - reach, 0)]
        kept &= near == 0
    if not all(kept[strata == kind].any() for kind in kinds):
        what = "none" if len(kinds) == 1 else "none of one class"
        raise ValueError(
            f"early_stopping=True with validation_fraction={fraction} leaves {what} of {N} samples "
            f"of {X.shape[1]} steps to train on, as windows that overlap the validation set are "
            "left out. Lower validation_fraction, use shorter windows or more samples, or set "
            "early_stopping=False."
        )
    return np.flatnonzero(kept), np.flatnonzero(held_out)


def n_overlapping(X: np.ndarray, mask: StepMask) -> int:
    """How many samples before one (N, T, D) may be windows that share steps with it.

    They are if each sample equals, ``shift`` steps on, the sample ``lag`` before it. That is no
    accident unless all steps are the same.
    """
    N, T, _ = X.shape
    for lag in range(1, min(_MAX_LAG, N - 1) + 1):
        rows = np.unique(np.linspace(lag, N - 1, _PAIRS).astype(int))
        before, after = X[rows - lag], X[rows]
        for shift in range(1, T):
            shared = after[:, : T - shift]
            alike = _alike(before[:, shift:], shared).all(axis=(1, 2))
            if alike.mean() < _MAJORITY:
                continue
            steps = shared[alike][mask.valid(rows[alike], slice(T - shift))]  # the valid ones
            if (steps != steps[:1]).any():
                return lag * (math.ceil(T / shift) - 1)
    return 0


def _alike(a, b):
    return (a == b) | (np.isnan(a) & np.isnan(b))
