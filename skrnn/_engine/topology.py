"""What a network is made of: layers of a cell, directions, and what goes in and out."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..cells import Cell


class Direction(NamedTuple):
    """A layer, or one of the two directions of a bidirectional one."""

    name: str
    cell: Cell  # sized
    backward: bool  # reads its sequences from the end


@dataclass(frozen=True)
class Topology:
    """Stacked recurrent layers, in one direction or both, under a linear readout.

    Parameters
    ----------
    cell : Cell
        The equations of all layers.
    n_inputs : int
        D, values per step; 1 of tokens.
    hidden_sizes : tuple of int
        H of each layer, from the inputs up.
    n_outputs : int
        K; 0: there is no readout, and the outputs are those of the last layer.
    per_step : bool
        Whether every step has an output, or only the last.
    dtype : numpy dtype
        float32 or float64.
    n_static : int
        M, static covariates that the initial state depends on, linearly.
    activation : str
        The nonlinearity of the cells.
    bidirectional : bool
        Whether each layer also reads its sequences from the end, with weights of its own.
        Without an output per step, the head reads the last output of each direction.
    learn_initial_state : bool
        Whether the state before the first step is learned, or 0.
    dropout, recurrent_dropout : float
        Fractions of each layer's outputs, and of the state that its weights read, that are
        dropped in training.
    bptt_steps : int or None
        How many steps the gradient reaches back. With an output per step, batches are to
        be cut into chunks of so many.
    linear_steps : int
        L, the steps whose inputs the linear part of a `Predictor` reads; 0: it has none.
    scales_inputs : bool
        Whether a `Predictor` scales the inputs.
    n_networks : int
        How many networks a `Predictor` takes the mean of.
    n_tokens, embedding_size : int
        V and U: each input is one of V tokens, in whose place the first layer reads a vector of U
        numbers; 0: inputs are numbers.
    attention : bool
        Whether the head also reads a `Memory`, by attention.
    """

    cell: Cell
    n_inputs: int
    hidden_sizes: tuple[int, ...]
    n_outputs: int
    per_step: bool
    dtype: np.dtype
    n_static: int = 0
    activation: str = "tanh"
    bidirectional: bool = False
    learn_initial_state: bool = False
    dropout: float = 0.0
    recurrent_dropout: float = 0.0
    bptt_steps: int | None = None
    linear_steps: int = 0
    scales_inputs: bool = False
    n_networks: int = 1
    n_tokens: int = 0
    embedding_size: int = 0
    attention: bool = False

    def __post_init__(self):
        if not self.bidirectional:
            return
        if self.cell.output_feedback:
            raise ValueError(
                f"bidirectional=True can't be combined with {type(self.cell).__name__}: it "
                "reads the network's output of the previous step, which needs both directions. Use "
                "another cell, or bidirectional=False."
            )
        if self.bptt_steps is not None:
            raise ValueError(
                f"bidirectional=True can't be combined with bptt_steps={self.bptt_steps}: a chunk "
                "starts from the final state of the previous one, but the backward direction "
                "starts at the end. Use bptt_steps=None, or bidirectional=False."
            )

    def layers(self) -> list[list[Direction]]:
        """The directions of each layer, from the inputs up."""
        names = ["layer{}.forward", "layer{}.backward"] if self.bidirectional else ["layer{}"]
        layers, n_inputs = [], self.embedding_size or self.n_inputs
        for i, H in enumerate(self.hidden_sizes):
            cell = self.cell.sized(n_inputs, H, self.n_outputs, self.activation)
            layers.append([Direction(n.format(i), cell, k == 1) for k, n in enumerate(names)])
            n_inputs = H * len(names)
        return layers

    @property
    def n_scaled(self) -> int:
        """How many columns a `Predictor` scales: tokens have no scale."""
        return (0 if self.n_tokens else self.n_inputs) + self.n_static

    @property
    def reads_every_step(self) -> bool:
        """Whether the head reads the layers' outputs at every step, or at the last only."""
        return self.per_step or self.cell.output_feedback

    def output_steps(self, n_steps: int) -> int:
        """S, the outputs of sequences of T steps."""
        return n_steps if self.per_step else 1

    @property
    def feeds_back(self) -> bool:
        """Whether the network reads its own outputs, in the unit of the scaled target."""
        return self.cell.output_feedback

    @property
    def has_jacobian(self) -> bool:
        """Whether the network knows the derivatives of each output."""
        return True

    @property
    def batched_weights(self) -> bool:
        """Whether E networks may run as a batch."""
        return self.cell.batched_weights

    @property
    def goes_on(self) -> bool:
        """Whether a state goes on from one chunk of steps to the next."""
        return not self.bidirectional

    @property
    def output_rows(self) -> int:
        """How many numbers an output has: K, or those of the last layer."""
        return self.n_outputs or self.readout_size

    @property
    def readout_size(self) -> int:
        """How many values the head reads at a step."""
        return self.hidden_sizes[-1] * (2 if self.bidirectional else 1)
