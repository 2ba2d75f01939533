"""A training set in the engine's terms, cut into batches as they are needed."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from .._engine.batch import Batch
from .._engine.blocks import blocks
from .._engine.input_scale import InputScale
from .._engine.masking import StepMask, moved_together, time_first


class SequenceData:
    """Sequences with targets and weights, of which only the current batch is copied.

    A batch moves the valid steps of each sequence together, as missing steps do nothing. It is as
    long as its longest sequence.

    Parameters
    ----------
    X : ndarray of shape (N, T, D)
        Checked sequences, with any strides: windows of a series share its memory.
    y : ndarray of shape (N, S, J)
        Targets of the K outputs. S is T if ``per_step``, otherwise 1. NaN marks targets without
        loss; missing steps of X must have it.
    weight : ndarray of shape (N, 1) or (N, S), or None
        Weights of the sequences, or of their steps; None means ones.
    static : ndarray of shape (N, M), or None
        Static covariates.
    mask : StepMask
        The valid steps of X.
    per_step : bool
        Whether there is a target for every step.
    rows : ndarray of int or slice
        Which of the sequences belong to the set.
    input_scale : InputScale or None
        How batches scale X and the covariates; None: they don't.
    inputs : ndarray of shape (N, S, J), or None
        What a decoder reads; the S steps of y are then its own. None: there is no decoder.

    Attributes
    ----------
    total : float
        Sum of the weights of all targets.
    rows : ndarray of int
        The sequences of the set that have any target.
    longest : int
        Number of steps of the longest of these, up to its last target.
    """

    def __init__(
        self,
        X: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        *,
        static: np.ndarray | None = None,
        mask: StepMask,
        per_step: bool,
        rows: Any = slice(None),
        input_scale: InputScale | None = None,
        inputs: np.ndarray | None = None,
    ):
        self.X = X
        self.y = y
        self.weight = weight
        self.static = static
        self.per_step = per_step
        self.input_scale = input_scale
        self.inputs = inputs
        rows = np.arange(len(X))[rows]
        weights = self._weights(y[rows], rows)
        self.total = float(weights.sum(dtype=np.float64))
        self.rows = rows[weights.any(axis=(1, 2))]
        self.longest = int(mask.lengths[self.rows].max(initial=0))
        if per_step:  # steps after the last target don't matter
            counted = np.flatnonzero(weights.any(axis=(0, 2)))
            self.longest = min(self.longest, int(counted.max(initial=-1)) + 1)
        self._weighted = weight is not None or not weights.all()
        self.mask = mask

    def _weights(self, y, rows, steps=slice(None)):
        """Weights (B, S, J) of the targets, given those (B, S, J) of some rows and steps."""
        weight = (~np.isnan(y)).astype(y.dtype)
        if self.weight is not None:
            of_steps = self.weight.shape[1] > 1
            weight *= self.weight[rows, steps if of_steps else slice(None), None]
        return weight

    def with_(self, **changes: Any) -> "SequenceData":
        """A data set of the same sequences, with other arguments by name."""
        names = "y", "weight", "static", "mask", "per_step", "rows", "input_scale", "inputs"
        return SequenceData(self.X, **{name: getattr(self, name) for name in names} | changes)

    def blocks(self, n_rows: int) -> Iterator[np.ndarray]:
        """Blocks of sequences whose tapes, of ``n_rows`` numbers per step, fit a core's cache."""
        n_steps = max(self.X.shape[1], self.y.shape[1])
        rows = self.by_length()
        for block in blocks(len(rows), n_steps * n_rows):
            yield rows[block]

    def targets(self) -> tuple[np.ndarray, np.ndarray, float]:
        """All targets (1, J, n) of sequences or steps, their weights, and the sum of these."""
        y = self.y[self.rows]  # (B, S, J)
        weight = self._weights(y, self.rows)
        y = np.where(weight > 0, y, 0)  # a value that every loss can take
        flat = [a.astype(np.float64).reshape(1, -1, a.shape[2]).swapaxes(1, 2) for a in (y, weight)]
        return flat[0], flat[1], float(flat[1].sum())

    def by_length(self) -> np.ndarray:
        """The ``rows``, shortest first."""
        return self.rows[np.argsort(self.mask.lengths[self.rows], kind="stable")]

    def batch(self, rows: np.ndarray) -> Batch:
        """Some of the sequences, time first."""
        mask, per_step = self.mask, self.per_step
        steps = slice(None) if mask.complete else mask.span(rows)
        of_y = steps if per_step else slice(None)
        X, y = self.X[rows, steps], self.y[rows, of_y]
        weight, total = None, float(y.size)
        if self._weighted:
            weight = self._weights(y, rows, of_y)
            y = np.where(weight > 0, y, 0)  # a value that every loss can take
            total = float(weight.sum(dtype=np.float64))
        valid = None
        if not mask.complete:
            valid = mask.valid(rows, steps)  # (B, T)
            order = moved_together(valid, to_front=per_step)  # the last output is at the end
            X, valid = _take_steps(X, order), np.take_along_axis(valid, order, axis=1)
            if per_step:
                y = _take_steps(y, order)
                weight = None if weight is None else _take_steps(weight, order)
        x, missing = time_first(X, valid)
        weight = None if weight is None else weight.transpose(1, 2, 0)
        static = None if self.static is None else self.static[rows].T
        if self.input_scale is not None:
            x, static = self.input_scale.both(x, missing, static)
        y = y.transpose(1, 2, 0)
        if self.inputs is None:
            return Batch(x, missing, y, weight, total, static)
        if weight is not None:  # steps after the last target don't matter
            last = int(np.flatnonzero(weight.any(axis=(1, 2))).max())
            y, weight = y[: last + 1], weight[: last + 1]
        inputs = self.inputs[rows, : len(y)].transpose(1, 2, 0)
        return Batch(x, missing, y, weight, total, static, inputs=inputs)


def _take_steps(a, order):
    return np.take_along_axis(a, order[..., None], axis=1)
