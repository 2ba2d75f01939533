"""Contiguous folds of the samples of a data set, or of its steps."""

from operator import attrgetter

import numpy as np

from .dataset import SequenceData

N_FOLDS = 5
_FEW = 64  # samples up to which a weight of 2 must equal a repetition, which folds would break


class Folds:
    """Folds of what is judged: sequences or, of few sequences with a target per step, steps.

    Parameters
    ----------
    data : SequenceData
        All samples.
    learned : SequenceData
        Those that models have learned from; others are in the fold of the next one.
    """

    def __init__(self, data: SequenceData, learned: SequenceData):
        self._are_steps = has_steps_in_folds(learned)
        find = _steps_with_targets if self._are_steps else attrgetter("rows")
        known, self._judged = find(learned), find(data)  # rows, or steps
        nearest = np.searchsorted(known, self._judged).clip(max=len(known) - 1)
        self._folds = fold_of_rows(len(known))[nearest]

    def __len__(self) -> int:
        return len(self._folds)

    def apart(self, data: SequenceData, fold: int) -> tuple[SequenceData, SequenceData]:
        """The samples outside a fold, and those in it."""
        chosen = self._judged[self._folds == fold]
        if not self._are_steps:
            return data.with_(rows=np.setdiff1d(data.rows, chosen)), data.with_(rows=chosen)
        outside, inside = data.y.copy(), np.full_like(data.y, np.nan)
        outside[:, chosen], inside[:, chosen] = np.nan, data.y[:, chosen]
        return data.with_(y=outside), data.with_(y=inside)


def fold_of_rows(n_rows: int, n_folds: int = N_FOLDS) -> np.ndarray:
    """The fold of each of successive rows, as scikit-learn's `KFold` cuts them."""
    sizes = [len(own) for own in np.array_split(np.arange(n_rows), n_folds)]
    return np.repeat(np.arange(n_folds), sizes)


def has_steps_in_folds(data: SequenceData) -> bool:
    """Whether folds are of steps, as there are too few sequences."""
    return data.per_step and len(data.rows) < 2 * N_FOLDS


def has_samples_for_folds(data: SequenceData) -> bool:
    """Whether each fold has a few targets."""
    _, weight, _ = data.targets()  # (1, J, n)
    return int(np.count_nonzero(weight.any(axis=1))) >= 2 * N_FOLDS


def has_repeats_or_weights(data: SequenceData) -> bool:
    """Whether some of few samples repeat, or differ in weight."""
    if len(data.rows) > _FEW:
        return False
    _, weight, _ = data.targets()
    X = np.nan_to_num(data.X[data.rows].reshape(len(data.rows), -1))
    known = weight[weight > 0]
    return len(np.unique(X, axis=0)) < len(X) or known.min() < known.max()


def _steps_with_targets(data):
    has_target = ~np.isnan(data.y[data.rows]).all(axis=(0, 2))  # (S,)
    if data.weight is not None:
        has_target &= data.weight[data.rows].any(axis=0)
    return np.flatnonzero(has_target)
