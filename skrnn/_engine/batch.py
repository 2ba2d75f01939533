"""Sequences in the engine's layout."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np


class Dropout(NamedTuple):
    """One mask per sequence, 0 where a unit is dropped, for all steps of a batch."""

    outputs: tuple[np.ndarray | None, ...]  # a layer each: (H or 2H, B)
    recurrent: tuple[np.ndarray | None, ...]  # a direction of a layer each: (R, B)

    def columns(self, part: slice) -> "Dropout":
        """The masks of some of the sequences."""
        return Dropout(*(tuple(m if m is None else m[:, part] for m in masks) for masks in self))

    def repeated(self, n_nets: int) -> "Dropout":
        """The same masks for each of several nets."""
        return Dropout(
            *(tuple(m if m is None else np.tile(m, n_nets) for m in masks) for masks in self)
        )


class Batch(NamedTuple):
    """Sequences with targets: time first, batch last.

    S is the number of steps with an output: T with an output per step, otherwise 1.
    """

    x: np.ndarray  # (T, D, B), 0 where skipped
    skip: np.ndarray | None  # (T, B) bool; None: every step is there
    y: np.ndarray  # (S, J, B), with as many rows as the loss reads: K, or 1 with the class
    weight: np.ndarray | None  # (S, J, B); None: all ones
    total: float  # W, the sum of the weights; 0: the batch has no loss
    static: np.ndarray | None = None  # (M, B), facts of each sequence
    dropout: Dropout | None = None

    def columns(self, part: slice) -> "Batch":
        """Some of the sequences; losses and gradients of the parts add up to the whole's."""
        x, skip, y, weight, total, static, dropout = self
        return Batch(
            x[..., part],
            None if skip is None else skip[:, part],
            y[..., part],
            None if weight is None else weight[..., part],
            total,
            None if static is None else static[:, part],
            None if dropout is None else dropout.columns(part),
        )

    def chunks(self, n_steps: int) -> Iterator["Batch"]:
        """Runs of ``n_steps`` steps, one after another, each with a total of its own."""
        for start in range(0, len(self.x), n_steps):
            part = slice(start, start + n_steps)
            y, weight = self.y[part], None
            total = float(y.size)
            if self.weight is not None:
                weight = self.weight[part]
                total = float(weight.sum(dtype=np.float64))
            skip = None if self.skip is None else self.skip[part]
            yield Batch(self.x[part], skip, y, weight, total, self.static, self.dropout)
