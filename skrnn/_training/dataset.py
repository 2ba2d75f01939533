"""A training set in the engine's terms, cut into batches as they are needed."""

import numpy as np

from .._engine.batch import Batch
from .._engine.masking import extents, time_first


class SequenceData:
    """Sequences with targets and weights. Nothing but the batch in hand is copied.

    A skipped step does nothing, so a batch has each sequence's real steps moved together,
    and no more steps than the longest of its sequences.

    Parameters
    ----------
    X : ndarray of shape (N, T, D)
        Sequences, with any strides: windows of a series share its memory. A step is NaN
        in all its features or in none.
    y : ndarray of shape (N, S, J)
        What the loss compares the K outputs with: S = T if ``per_step``, otherwise 1. NaN: no
        loss there, as there must be where X has no step.
    weight : ndarray of shape (N, 1) or (N, S), or None
        Weights of the sequences, or of their steps; None means ones.
    static : ndarray of shape (N, M), or None
        Facts of each sequence.
    per_step : bool
        Whether there is a target for every step.
    rows : ndarray of int or slice
        Which of the sequences belong to the set.

    Attributes
    ----------
    total : float
        Sum of the weights of all targets.
    rows : ndarray of int
        The sequences of the set that have any target.
    lengths : ndarray of shape (N,)
        Number of real steps of each sequence.
    """

    def __init__(self, X, y, weight, *, static=None, per_step: bool, rows=slice(None)):
        self.X = X
        self.y = y
        self.weight = weight
        self.static = static
        self.per_step = per_step
        rows = np.arange(len(X))[rows]
        weights = self._weights(y[rows], rows)
        self.total = float(weights.sum(dtype=np.float64))
        self.rows = rows[weights.any(axis=(1, 2))]
        self._weighted = weight is not None or not weights.all()
        self.lengths, self._begin, self._end = extents(X)
        self._ragged = bool((self.lengths != X.shape[1]).any())

    def _weights(self, y, rows, steps=slice(None)):
        """Weights (B, S, J) of the targets, given those (B, S, J) of some rows and steps."""
        weight = (~np.isnan(y)).astype(y.dtype)
        if self.weight is not None:
            of_steps = self.weight.shape[1] > 1
            weight *= self.weight[rows, steps if of_steps else slice(None), None]
        return weight

    def by_length(self) -> np.ndarray:
        """The ``rows``, shortest first."""
        return self.rows[np.argsort(self.lengths[self.rows], kind="stable")]

    def batch(self, rows: np.ndarray) -> Batch:
        """Some of the sequences, time first."""
        steps = slice(None)
        if self._ragged:
            steps = slice(int(self._begin[rows].min()), int(self._end[rows].max()))
        X, y = self.X[rows, steps], self.y[rows, steps if self.per_step else slice(None)]
        weight, total = None, float(y.size)
        if self._weighted:
            weight = self._weights(y, rows, steps)
            y = np.where(weight > 0, y, 0)  # a value that every loss can take
            total = float(weight.sum(dtype=np.float64))
        x, skip = X.transpose(1, 2, 0), None
        if self._ragged:
            present = ~np.isnan(X[..., 0])
            # real steps first if each has a target, last if only the last step has one
            order = np.argsort(present != self.per_step, axis=1, kind="stable")  # (B, T)
            longest = max(1, int(self.lengths[rows].max()))
            order = order[:, :longest] if self.per_step else order[:, -longest:]
            x, skip = time_first(_take_steps(X, order))
            if self.per_step:
                y = _take_steps(y, order)
                weight = None if weight is None else _take_steps(weight, order)
        weight = None if weight is None else weight.transpose(1, 2, 0)
        static = None if self.static is None else self.static[rows].T
        return Batch(x, skip, y.transpose(1, 2, 0), weight, total, static)


def _take_steps(a, order):
    return np.take_along_axis(a, order[..., None], axis=1)
