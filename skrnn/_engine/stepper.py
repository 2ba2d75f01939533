"""One step at a time, with the state in the caller's hands."""

import numpy as np

from .attention import Memory, head_of
from .embedding import as_indices
from .network import Network
from .stack import Stack


class Stepper:
    """A network that runs one step at a time, with what all steps share done once.

    For a single step, `Network.forward` spends more time on weights, buffers and their views than
    on the step. Here they wait for the next one.

    Parameters
    ----------
    network : Network
        In one direction.
    """

    def __init__(self, network: Network):
        self._network, self._feeds_back = network, network.topology.feeds_back
        self._n_sequences: int | None = None  # B of the buffers, once there are any

    def use(self, theta: np.ndarray) -> None:
        """Take in the network's parameters (P,), which must not change before the next call."""
        self._theta, self._weights = theta, self._network.prepare(theta)
        if self._n_sequences is not None:
            self._begin()

    def __call__(
        self,
        x: np.ndarray,
        *,
        missing: np.ndarray | None = None,
        state: np.ndarray | None = None,
        static: np.ndarray | None = None,
        memory: Memory | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """The outputs (1, K, B) of a step with inputs x (1, D, B), and the new state (R, B).

        The arguments are those of `Network.forward`, for T = 1.
        """
        network, B = self._network, x.shape[2]
        if B != self._n_sequences:
            self._allocate(B)
        if state is None:
            covariates = np.empty((0, B), x.dtype) if static is None else static
            state = network.initial_state(self._theta, covariates)
        self._stack.set_state(state)
        if network.embedding is not None:
            x = network.embedding.forward(self._weights.views, as_indices(x))
        h = x[0]
        for layer in self._layers:
            layer.x[...] = h
            for call in layer.calls:
                call()
            h = layer.h
        if missing is not None:
            self._undo(missing)
        if memory is not None:
            self._head.attend_to(memory)
        self._head.read(self._outputs, 0)
        y = self._head.W.dot(self._operand)
        if self._feeds_back:
            self._stack.feed_back(y, 0)
            if missing is not None:
                self._undo(missing)
        return y[np.newaxis], self._stack.final_state()

    def _allocate(self, n_sequences):
        """Buffers for a step of so many sequences."""
        topology = self._network.topology
        self._n_sequences = None  # until all is ready: an interrupt may come in between
        self._stack = Stack(topology, 1, n_sequences)
        self._head = head_of(topology)(topology, 1, n_sequences)
        self._begin()
        self._n_sequences = n_sequences

    def _begin(self):
        """Let the buffers take in the weights."""
        self._stack.start(self._weights.of_directions, 1)
        self._head.start(self._weights.views, 1)
        self._layers = [tape.first_step() for tape in self._stack.tapes]
        self._outputs = self._layers[-1].h[np.newaxis]  # (1, H, B)
        self._operand = self._head.operand[0]  # (H+1, B)

    def _undo(self, missing):
        """Go back to the old state in sequences that miss the step (1, B)."""
        for state in self._stack.states:
            np.copyto(state[1], state[0], where=missing)
