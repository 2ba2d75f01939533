"""Sequences in the engine's layout."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from .dropout import Draws, Dropout


class Batch(NamedTuple):
    """Sequences with targets: time first, batch last.

    S is the number of steps with an output: T with an output per step, otherwise 1. That of a
    decoder is its own.
    """

    x: np.ndarray  # (T, D, B), 0 at missing steps
    missing: np.ndarray | None  # (T, B) bool; None: every step is valid
    y: np.ndarray  # (S, J, B), with as many rows as the loss reads: K, or 1 with the class
    weight: np.ndarray | None  # (S, J, B); None: all ones
    total: float  # W, the sum of the weights; 0: the batch has no loss
    static: np.ndarray | None = None  # (M, B), static covariates
    dropout: Dropout | Draws | None = None
    inputs: np.ndarray | None = None  # (S, J, B), what a decoder reads

    def columns(self, part: slice) -> "Batch":
        """Some of the sequences. Losses and gradients of the parts add up to those of the whole."""
        x, missing, y, weight, total, static, dropout, inputs = self
        return Batch(
            x[..., part],
            None if missing is None else missing[:, part],
            y[..., part],
            None if weight is None else weight[..., part],
            total,
            None if static is None else static[:, part],
            None if dropout is None else dropout.columns(part),
            None if inputs is None else inputs[..., part],
        )

    def chunks(self, n_steps: int | None) -> Iterator["Batch"]:
        """Cut the batch into chunks of ``n_steps`` successive steps, each with its own total.

        None: one chunk, the batch itself.
        """
        if n_steps is None:
            yield self
            return
        for start in range(0, len(self.x), n_steps):
            part = slice(start, start + n_steps)
            y, weight = self.y[part], None
            total = float(y.size)
            if self.weight is not None:
                weight = self.weight[part]
                total = float(weight.sum(dtype=np.float64))
            missing = None if self.missing is None else self.missing[part]
            yield Batch(self.x[part], missing, y, weight, total, self.static, self.dropout)
