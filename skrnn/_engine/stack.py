"""The stack: recurrent layers one above the other, with their forward and backward pass."""

from collections.abc import Callable, Sequence
from functools import partial, reduce
from itertools import repeat
from typing import Any

import numpy as np

from ..cells._weight_gradients import WeightGradient
from .background import Submit, Task, run_at_once
from .denormals import norm, rounding_constant
from .dropout import Dropout
from .state import StateLayout
from .tape import LayerWeights, Tape
from .topology import Topology

# of dL/dz in a block: few enough to stay in a core's cache, enough to be worth the calls
_BLOCK_NUMBERS = 200_000
_BLOCK_COLUMNS = 512  # steps × sequences of a block at least: short products are slow

# (index of the direction, name of the weight, its gradient)
AddGradient = Callable[[int, str, WeightGradient], None]


class Stack:
    """Every buffer of the layers for up to T steps of B sequences, and the ways through them.

    The order of calls is `start`, `forward`, `final_state`. Then follow, if at all,
    `start_backward`, `backward`, `finish_backward`, `initial_gradient`. One call of `forward` and
    `backward` runs all steps, layer by layer. With output feedback, each call runs one step
    through all layers. `feed_back` follows each forward step, and `feed_back_gradient` precedes
    each backward step.

    Parameters
    ----------
    topology : Topology
    n_steps, n_sequences : int
        T and B.
    n_networks : int
        E. Each network has its own B/E columns; weights are then (E, M, N).
    recurrent_dropout : bool
        Whether there are recurrent masks.

    Attributes
    ----------
    tapes : list of Tape
        Of all directions of all layers.
    states : list of ndarray of shape (T+1, rows, B)
        What they carry from step to step.
    """

    def __init__(
        self,
        topology: Topology,
        n_steps: int,
        n_sequences: int,
        *,
        n_networks: int = 1,
        recurrent_dropout: bool = False,
    ):
        make_tape = partial(Tape, n_networks=n_networks, recurrent_dropout=recurrent_dropout)
        size = n_steps, n_sequences, topology.dtype
        self._layers = [
            [make_tape(d.cell, *size, backward=d.backward) for d in layer]
            for layer in topology.layers()
        ]
        self.tapes = [tape for layer in self._layers for tape in layer]
        self.state_layout = StateLayout([[len(s[0]) for s in t.states] for t in self.tapes])
        self.states = [state for tape in self.tapes for state in tape.states]
        parts = zip(self.states, self.state_layout.parts, strict=True)
        self._first_states = [(state[0], part) for state, part in parts]  # (rows, B) of (R, B)
        self.capacity, self.n_networks = n_steps, n_networks

    # --- forward ---

    def start(
        self,
        weights: Sequence[LayerWeights],
        n_steps: int,
        *,
        missing: np.ndarray | None = None,
        state: np.ndarray | None = None,
        dropout: Dropout | None = None,
    ) -> None:
        """Begin a batch of ``n_steps`` steps.

        ``weights`` are each direction's. ``missing`` (T, B) marks steps that leave the state of
        their sequence unchanged. ``state`` (R, B) or (R, 1) is the initial state; None is 0.
        """
        self._n_steps, self._missing = n_steps, missing
        self._masks = dropout.outputs if dropout else (None,) * len(self._layers)
        recurrent = dropout.recurrent if dropout else (None,) * len(self.tapes)
        self.set_state(state)
        for tape, own, mask in zip(self.tapes, weights, recurrent, strict=True):
            tape.start(own, missing, mask)

    def set_state(self, state: np.ndarray | None) -> None:
        """Let the first step begin with this state (R, B) or (R, 1), or with 0."""
        for first, part in self._first_states:
            first[...] = 0 if state is None else state[part]

    def forward(self, x: np.ndarray, start: int = 0, *, last_only: bool = False) -> np.ndarray:
        """Run the steps from ``start`` on with inputs x (steps, D, B).

        Returns the last layer's outputs (steps, H, B), or those of the last step only, (1, H, B).
        H counts both directions.
        """
        stop, parts = start + len(x), [x]
        for layer, mask in zip(self._layers, self._masks, strict=True):
            for tape in layer:
                tape.read(parts, start, stop)
                tape.forward(start, stop)
            first = stop - 1 if last_only and layer is self._layers[-1] else start
            parts = [tape.outputs(first, stop) for tape in layer]
            if mask is not None:
                parts = [np.concatenate(parts, axis=1) * mask]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)

    def feed_back(self, y: np.ndarray, t: int) -> None:
        """Hand the network's output y (K, B) of step t to all layers."""
        for tape in self.tapes:
            tape.feed_back(y, t)

    def final_state(self) -> np.ndarray:
        """A copy of the state (R, B) after the last step."""
        return np.concatenate([state[self._n_steps] for state in self.states])

    # --- backward ---

    def start_backward(self, sizes: Sequence[float], d_state: np.ndarray | None = None) -> None:
        """Begin the backward pass.

        ``sizes`` are the norms of dL/dy, of each of E networks: they say which derivatives are
        negligible. ``d_state`` (R, B) is the derivative by the final state; None is 0.
        """
        size, dtype = 0.0, self.tapes[0].operand.dtype
        states: Any = repeat(None)
        if d_state is not None:
            states, size = self.state_layout.views(d_state), norm(d_state)
        rounding = np.array([rounding_constant(size + own, dtype) for own in sizes])
        if len(rounding) > 1:
            rounding = np.repeat(rounding, self.tapes[0].operand.shape[-1] // len(rounding))
        for tape, d_states in zip(self.tapes, states, strict=False):
            tape.start_backward(d_states, rounding)
        self._pending: list[Task] = []

    def backward(
        self,
        d_outputs: np.ndarray,
        start: int,
        stop: int,
        add: AddGradient,
        *,
        submit: Submit | None = None,
        to_inputs: bool = False,
    ) -> np.ndarray | None:
        """Run steps ``start`` to ``stop`` backwards; return dL/dx (steps, D, B) if asked.

        ``d_outputs`` (S, H, B) is dL/d(outputs) of the last S of these steps. ``add`` is called
        with parts of each weight's gradient, in a fixed order. ``submit`` may have another thread
        do what lies outside the time loops; the steps are then cut into blocks. None leaves all
        steps in one block.
        """
        in_blocks, submit = submit is not None, submit or run_at_once
        i = len(self.tapes)
        for layer, mask in zip(self._layers[::-1], self._masks[::-1], strict=True):
            i -= len(layer)
            if mask is not None:
                d_outputs = d_outputs * mask
            row, is_one_block = 0, not in_blocks or stop - start == 1
            for k, tape in enumerate(layer):
                own = d_outputs[:, row : row + tape.cell.hidden_size]
                n_steps = stop - start if is_one_block else self._block_steps(tape)
                collect = partial(self._collect, i + k, add, submit)
                tape.backward(own, start, stop, n_steps, submit, collect)
                row += tape.cell.hidden_size
            if layer is not self._layers[0] or to_inputs:
                d_outputs = reduce(np.add, (t.input_gradient(start, stop) for t in layer))
        return d_outputs if to_inputs else None

    def feed_back_gradient(self, dy: np.ndarray, t: int) -> None:
        """Add to ``dy`` (K, B) of step t what the layers made of the output that they read."""
        for tape in self.tapes:
            tape.feed_back_gradient(dy, t)

    def finish_backward(self, start: int, add: AddGradient) -> None:
        """Wait for all weight gradients; with output feedback, compute them for all steps."""
        for i, tape in enumerate(self.tapes):
            if tape.cell.output_feedback:
                self._add_gradients(i, slice(start, self._n_steps), add)
        for task in self._pending:
            task.result()

    def initial_gradient(self, start: int = 0) -> np.ndarray:
        """After `backward` to step ``start``: the derivative (R, B) by the initial state."""
        d = np.concatenate([part for tape in self.tapes for part in tape.d_states])
        if start:  # truncation cuts off sequences that began earlier
            cut = True if self._missing is None else ~self._missing[:start].all(axis=0)
            d *= np.logical_not(cut)
        return d

    def _collect(self, i, add, submit, block):
        """Add the weight gradients of a block; those of single steps wait for the end."""
        if not self.tapes[i].cell.output_feedback:
            self._pending.append(submit(self._add_gradients, i, block, add))

    def _add_gradients(self, i, block, add):
        tape = self.tapes[i]
        for name, gradient in tape.cell.weight_gradients(tape, block).items():
            add(i, name, gradient)

    def _block_steps(self, tape):
        """Steps whose derivatives are prepared and collected together."""
        _, rows, columns = tape.dz.shape
        B = columns // self.n_networks
        return max(1, _BLOCK_NUMBERS // (rows * B), _BLOCK_COLUMNS // B)
