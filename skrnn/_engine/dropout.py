"""Masks of dropout."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .topology import Direction, Topology


class Dropout(NamedTuple):
    """One mask per sequence, 0 where a unit is dropped, for all steps of a batch."""

    outputs: tuple[np.ndarray | None, ...]  # of each layer: (H or 2H, B)
    recurrent: tuple[np.ndarray | None, ...]  # of each direction of each layer: (R, B)

    def columns(self, part: slice) -> "Dropout":
        """The masks of some of the sequences."""
        return Dropout(*(tuple(m if m is None else m[:, part] for m in masks) for masks in self))

    def repeated(self, n_networks: int) -> "Dropout":
        """The same masks for each of several networks."""
        return Dropout(
            *(tuple(m if m is None else np.tile(m, n_networks) for m in masks) for masks in self)
        )


class Draws(NamedTuple):
    """What an encoder-decoder draws for a batch."""

    encoder: Dropout | None
    decoder: Dropout | None
    forced: np.ndarray | None  # (S, B), whether the decoder reads the target; None: always

    def columns(self, part: slice) -> "Draws":
        """What was drawn for some of the sequences."""
        encoder, decoder = (m if m is None else m.columns(part) for m in self[:2])
        return Draws(encoder, decoder, None if self.forced is None else self.forced[:, part])


def draw_dropout(
    topology: Topology,
    directions: Sequence[Direction],
    rng: np.random.RandomState,
    n_sequences: int,
) -> Dropout | None:
    """Masks for a batch in training; None if nothing is dropped.

    The units that stay are scaled up, so that sums keep their mean. All steps of a sequence
    have the same mask: Gal and Ghahramani, "A theoretically grounded application of dropout in
    recurrent neural networks", NeurIPS 2016.
    """
    if not (topology.dropout or topology.recurrent_dropout):
        return None

    def mask(rate, rows):
        if rate == 0:
            return None
        keep = rng.uniform(size=(rows, n_sequences)) >= rate
        return (keep / (1 - rate)).astype(topology.dtype)

    n_directions = len(directions) // len(topology.hidden_sizes)
    return Dropout(
        tuple(mask(topology.dropout, n_directions * H) for H in topology.hidden_sizes),
        tuple(mask(topology.recurrent_dropout, d.cell.recurrent_size) for d in directions),
    )
