"""The head: from the outputs of the recurrent layers to y."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..cells._batched_weights import multiply_steps
from ..cells._initializers import glorot_uniform
from ..cells._weight_gradients import Outer
from .topology import Topology


class LinearHead:
    r"""The linear readout :math:`y_t = W_y [h_t; 1]`, at every step or at the last.

    Parameters
    ----------
    topology : Topology
    n_steps, n_sequences : int
        T and B of the largest batch.

    Attributes
    ----------
    W : ndarray of shape (K, H+1) or (E, K, H+1)
        The weights, of a batch in hand.
    operand : ndarray of shape (S, H+1, B)
        What they multiply, [h_t; 1].
    """

    def __init__(self, topology: Topology, n_steps: int, n_sequences: int):
        shape = n_steps if topology.reads_every_step else 1, topology.readout_size + 1, n_sequences
        self._buffer = np.ones(shape, topology.dtype)  # (S, H+1, B), [h_t; 1]

    # --- weights ---

    @staticmethod
    def parameter_shapes(topology: Topology) -> dict[str, tuple[int, int]]:
        """Names and shapes of the weights."""
        return {"readout": (topology.n_outputs, topology.readout_size + 1)}

    @staticmethod
    def initial_weights(topology: Topology, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        """Glorot's, without bias."""
        K, H = topology.n_outputs, topology.readout_size
        return {"readout": np.hstack([glorot_uniform(rng, K, H), np.zeros((K, 1))])}

    @staticmethod
    def named_weights(views: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Views of the weights under their public names."""
        W_y = views["readout"]
        return {"readout.input": W_y[:, :-1], "readout.bias": W_y[:, -1]}

    @staticmethod
    def rescale(views: Mapping[str, np.ndarray], factor: np.ndarray, shift: np.ndarray) -> None:
        """Change the weights so that y becomes ``factor * y + shift``, of shape (K,) each."""
        W_y = views["readout"]
        W_y *= factor[:, np.newaxis]
        W_y[:, -1] += shift

    # --- a batch ---

    def start(self, views: Mapping[str, np.ndarray], n_steps: int) -> None:
        """Begin a batch."""
        self.W = views["readout"]  # (..., K, H+1)
        self.operand = self._buffer[:n_steps]

    def attend_to(self, memory: Any) -> None:
        """Take in a `Memory`, for the batch begun: of heads with attention."""
        raise NotImplementedError

    def read(self, outputs: np.ndarray, start: int) -> None:
        """Take in the layers' outputs (steps, H, B), from step ``start`` on."""
        self.operand[start : start + len(outputs), :-1] = outputs

    def forward(self, start: int, y: np.ndarray) -> None:
        """Write y (steps, K, B) of what was read, from step ``start`` on."""
        multiply_steps(self.W, self.operand[start : start + len(y)], y)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dL/d(outputs) (steps, H, B), from dL/dy (steps, K, B)."""
        d_read = np.empty((len(dy), *self.operand[0, :-1].shape), dy.dtype)
        multiply_steps(self.W[..., :-1].swapaxes(-1, -2), dy, d_read)
        return self.backward_below(d_read)

    def backward_below(self, d_read: np.ndarray) -> np.ndarray:
        """dL/d(outputs) (steps, H, B), from the derivatives by what the readout multiplies."""
        return d_read

    def weight_gradients(self, dy: np.ndarray) -> dict[str, Outer]:
        """After `backward`: each weight's gradient, from dL/dy (S, K, B) of all steps."""
        return {"readout": Outer(dy, self.operand)} | self.gradients_below()

    def gradients_below(self) -> dict[str, Outer]:
        """After `backward_below`: the gradients of weights between the layers and the readout."""
        return {}


class NoHead(LinearHead):
    """Nothing above the layers: their outputs are those of the network."""

    def __init__(self, topology: Topology, n_steps: int, n_sequences: int):
        shape = n_steps if topology.reads_every_step else 1, 0, n_sequences
        self._buffer = np.empty(shape, topology.dtype)  # (S, 0, B), as long as nothing is read

    @staticmethod
    def parameter_shapes(topology: Topology) -> dict[str, tuple[int, int]]:
        """No weights."""
        return {}

    @staticmethod
    def initial_weights(topology: Topology, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        """No weights."""
        return {}

    @staticmethod
    def named_weights(views: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """No weights."""
        return {}

    def start(self, views: Mapping[str, np.ndarray], n_steps: int) -> None:
        """Begin a batch."""
        self.operand = self._buffer[:n_steps]

    def read(self, outputs: np.ndarray, start: int) -> None:
        """Take in the layers' outputs (S, H, B) of all steps, which no cell reads back."""
        self.operand = outputs

    def forward(self, start: int, y: np.ndarray) -> None:
        """Copy what was read, in buffers that the next batch writes over."""
        y[...] = self.operand

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dL/d(outputs) (steps, H, B), which is dL/dy."""
        return dy

    def weight_gradients(self, dy: np.ndarray) -> dict[str, Outer]:
        """No weights."""
        return {}
