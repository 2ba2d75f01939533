"""The forward and the backward pass through all layers and the readout."""

from collections.abc import Callable

import numpy as np

from ..cells._weight_gradients import Outer, multiply_steps
from .background import run_at_once
from .batch import Dropout
from .tape import Tape
from .topology import Topology

# of dL/dz in a block: few enough to stay in a core's cache, enough to be worth the calls
_BLOCK_NUMBERS = 200_000
_BLOCK_COLUMNS = 512  # steps × sequences of a block at least: short products are slow


class Passes:
    """Every buffer of a network for up to T steps of B sequences, and the ways through them.

    The layers run one after another, each over all steps. Where a cell reads the network's
    output of the step before, they advance together, one step at a time.

    Parameters
    ----------
    topology : Topology
    n_steps, n_sequences : int
        T and B.
    n_nets : int
        E. Each net runs on its own B/E columns; weights are then (E, M, N).
    hides : bool
        Whether there is recurrent dropout.
    """

    def __init__(
        self, topology: Topology, n_steps: int, n_sequences: int, *, n_nets: int, hides: bool
    ):
        T, B, dtype = n_steps, n_sequences, topology.dtype
        self.n_nets = n_nets
        self.layers = [
            [
                Tape(d.cell, T, B, dtype, backward=d.backward, n_nets=n_nets, hides=hides)
                for d in layer
            ]
            for layer in topology.layers()
        ]
        self.tapes = [tape for layer in self.layers for tape in layer]
        self._per_step = topology.per_step
        self._feeds = topology.cell.reads_output
        S = T if self._per_step or self._feeds else 1  # steps that the readout sees
        self._longest_operand = np.ones((S, topology.readout_size + 1, B), dtype)  # [h_t; 1]
        self.capacity = T

    def forward(
        self,
        weights: list[dict[str, np.ndarray]],
        readout: np.ndarray,
        x: np.ndarray,
        skip: np.ndarray | None,
        initial: list[list[np.ndarray]],
        dropout: Dropout,
    ) -> np.ndarray:
        """Outputs (S, K, B).

        ``weights`` are each tape's, ``readout`` is W_y (..., K, H+1), ``initial`` has the states of
        each tape, (rows, B or 1).
        """
        self._readout, self._skip, self._masks = readout, skip, dropout.outputs
        self.n_steps = T = len(x)
        self._strides = [(t, t + 1) for t in range(T)] if self._feeds else [(0, T)]
        self._operand = self._longest_operand[:T]
        S, _, B = self._operand.shape
        y = np.empty((S, readout.shape[-2], B), self._operand.dtype)
        for tape, *begin in zip(self.tapes, weights, initial, dropout.recurrent, strict=True):
            own_weights, states, hidden = begin
            tape.start(own_weights, skip, states, hidden)
        for start, stop in self._strides:
            parts = [x[start:stop]]
            for layer, mask in zip(self.layers, self._masks, strict=True):
                for tape in layer:
                    tape.read(parts, start, stop)
                    tape.forward(start, stop)
                # of the last layer, the readout may need no more than where it ends
                first = stop - 1 if layer is self.layers[-1] and S == 1 else start
                parts = [tape.outputs(first, stop) for tape in layer]
                if mask is not None:
                    parts = [np.concatenate(parts, axis=1) * mask]
            steps = slice(None) if S == 1 else slice(start, stop)
            np.concatenate(parts, axis=1, out=self._operand[steps, :-1])
            multiply_steps(readout, self._operand[steps], y[steps])
            if self._feeds:
                for tape in self.tapes:
                    tape.feed(y[start], start)
        return y if self._per_step else y[-1:]

    def backward(
        self, dy: np.ndarray, first: int, add: Callable, submit: Callable | None = None
    ) -> Outer:
        """From dL/dy (S, K, B), back to step ``first``; return the readout's product.

        ``add(i, name, product)`` is called with parts of the gradient by the i-th tape's
        weights, in a fixed order. ``submit(function, *arguments)`` may have a second thread
        call it, and returns a future: of all but the loops, as these would wait for each other.
        None leaves all steps in one block.
        """
        if len(dy) < len(self._operand):  # only the last output counts, but all were fed back
            dy, last = np.zeros((len(self._operand), *dy.shape[1:]), dy.dtype), dy
            dy[-1:] = last
        for tape in self.tapes:
            tape.start_backward()
        in_blocks, submit, pending = submit is not None, submit or run_at_once, []

        def add_products(tape, block):
            for name, product in tape.cell.products(tape, block).items():
                add(self.tapes.index(tape), name, product)

        def collect(tape, block):
            if not self._feeds:
                pending.append(submit(add_products, tape, block))

        for start, stop in reversed(self._strides):
            if stop <= first:
                break
            start = max(start, first)
            d = dy[start:stop] if self._feeds else dy
            if self._feeds:
                for tape in self.tapes:
                    tape.feed_gradient(d[0], start)
            dh = np.empty((len(d), *self._operand[0, :-1].shape), d.dtype)  # (steps, H, B)
            multiply_steps(self._readout[..., :-1].swapaxes(-1, -2), d, dh)
            for layer, mask in zip(self.layers[::-1], self._masks[::-1], strict=True):
                if mask is not None:
                    dh = dh * mask
                row = 0
                for tape in layer:
                    part = dh[:, row : row + tape.cell.hidden_size]
                    n_steps = self._block_steps(tape) if in_blocks else stop - start
                    tape.backward(part, start, stop, n_steps, submit, collect)
                    row += tape.cell.hidden_size
                if layer is not self.layers[0]:
                    dh = sum(tape.input_gradient(start, stop) for tape in layer)
        if self._feeds:  # steps one by one are too small to be worth a call each
            for tape in self.tapes:
                add_products(tape, slice(first, self._strides[-1][1]))
        for future in pending:
            future.result()
        return Outer(dy, self._operand)

    def initial_gradients(self, first: int) -> list[np.ndarray]:
        """After `backward`: the derivatives (1, rows, B) by each tape's initial states."""
        gradients = []
        for tape in self.tapes:
            d = np.concatenate(tape.d_states)  # (rows, B)
            if first:  # what began earlier was cut off from its initial state
                began = True if self._skip is None else ~self._skip[:first].all(axis=0)
                d *= np.logical_not(began)
            gradients.append(d[np.newaxis])
        return gradients

    def final_states(self) -> list[list[np.ndarray]]:
        """Copies of each tape's states (rows, B) after the last step."""
        return [[state[self.n_steps].copy() for state in tape.states] for tape in self.tapes]

    def _block_steps(self, tape):
        """Steps that are prepared and collected together, whatever the number of nets."""
        _, rows, columns = tape.delta.shape
        B = columns // self.n_nets
        return max(1, _BLOCK_NUMBERS // (rows * B), _BLOCK_COLUMNS // B)
