"""A training set in the engine's terms, cut into batches as they are needed."""

import numpy as np

from ._batch import Batch


class SequenceData:
    """Sequences with targets and weights. Nothing but the batch in hand is copied.

    Parameters
    ----------
    X : ndarray of shape (N, T, D)
        Sequences, with any strides: windows of a series share its memory. A step is NaN
        in all its features or in none.
    y : ndarray of shape (N, S, K)
        Targets: S = T if ``per_step``, otherwise 1. NaN: no loss there, as there must be
        where X has no step.
    weight : ndarray of shape (N, 1) or (N, S), or None
        Weights of the sequences, or of their steps; None means ones.
    per_step : bool
        Whether there is a target for every step.
    align : bool
        Whether to move each sequence's real steps together, so that truncation counts
        real steps only. A skipped step does nothing: moving it changes nothing else.

    Attributes
    ----------
    total : float
        Sum of the weights of all targets.
    rows : ndarray of int
        The sequences that have any target.
    """

    def __init__(self, X, y, weight, *, per_step: bool, align: bool):
        self.X = X
        self.y = y
        self.weight = weight
        self.per_step = per_step
        self._align = align
        weights = self._weights(y, slice(None))
        self.total = float(weights.sum(dtype=np.float64))
        self.rows = np.flatnonzero(weights.any(axis=(1, 2)))
        self._weighted = weight is not None or not weights.all()

    def _weights(self, y, rows):
        """Weights (B, S, K) of the targets, given those (B, S, K) of some rows."""
        weight = (~np.isnan(y)).astype(y.dtype)
        if self.weight is not None:
            weight *= self.weight[rows, :, None]
        return weight

    def batch(self, rows: np.ndarray | slice) -> Batch:
        """Some of the sequences, time first."""
        X, y = self.X[rows], self.y[rows]
        weight, total = None, float(y.size)
        if self._weighted:
            weight = self._weights(y, rows)
            y = np.where(weight > 0, y, 0)  # a value that every loss can take
            total = float(weight.sum(dtype=np.float64))
        if self._align:
            # real steps first if each has a target, last if only the last step has one
            present = ~np.isnan(X[..., 0])
            order = np.argsort(present != self.per_step, axis=1, kind="stable")  # (B, T)
            X = _take_steps(X, order)
            if self.per_step:
                y = _take_steps(y, order)
                weight = None if weight is None else _take_steps(weight, order)
        x, skip = time_first(X)
        weight = None if weight is None else weight.transpose(1, 2, 0)
        return Batch(x, skip, y.transpose(1, 2, 0), weight, total)


def time_first(X: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """From (B, T, D) with NaN steps to x (T, D, B), 0 where skipped, and skip (T, B) or None."""
    x = X.transpose(1, 2, 0)
    skip = np.isnan(x[:, 0])
    if not skip.any():
        return x, None
    return np.where(skip[:, None], 0, x), skip


def _take_steps(a, order):
    return np.take_along_axis(a, order[..., None], axis=1)
