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

    def start(self, views: Mapping[str, np.ndarray], n_steps: int) -> np.ndarray:
        """Begin a batch; return the empty outputs (S, K, B)."""
        self._W = views["readout"]  # (..., K, H+1)
        self._operand = self._buffer[:n_steps]
        S, _, B = self._operand.shape
        return np.empty((S, self._W.shape[-2], B), self._buffer.dtype)

    def attend_to(self, memory: Any) -> None:
        """Take in a `Memory`, for the batch begun: of heads with attention."""
        raise NotImplementedError

    def forward(self, outputs: np.ndarray, start: int, y: np.ndarray) -> None:
        """Write y (steps, K, B) of the layers' outputs (steps, H, B), from step ``start`` on."""
        operand = self._operand[start : start + len(outputs)]
        operand[:, :-1] = outputs
        multiply_steps(self._W, operand, y)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dL/d(outputs) (steps, H, B), from dL/dy (steps, K, B)."""
        d_outputs = np.empty((len(dy), *self._operand[0, :-1].shape), dy.dtype)
        multiply_steps(self._W[..., :-1].swapaxes(-1, -2), dy, d_outputs)
        return d_outputs

    def weight_gradients(self, dy: np.ndarray) -> dict[str, Outer]:
        """Each weight's gradient, from dL/dy (S, K, B) of all steps."""
        return {"readout": Outer(dy, self._operand)}


class NoHead(LinearHead):
    """Nothing above the layers: their outputs are those of the network."""

    def __init__(self, topology: Topology, n_steps: int, n_sequences: int):
        shape = n_steps if topology.reads_every_step else 1, topology.readout_size, n_sequences
        self._shape, self._dtype = shape, topology.dtype

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

    def start(self, views: Mapping[str, np.ndarray], n_steps: int) -> np.ndarray:
        """Begin a batch; return the empty outputs (S, H, B)."""
        S, H, B = self._shape
        return np.empty((min(S, n_steps), H, B), self._dtype)

    def forward(self, outputs: np.ndarray, start: int, y: np.ndarray) -> None:
        """Copy the layers' outputs (steps, H, B), whose buffers the next batch writes over."""
        y[...] = outputs

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dL/d(outputs) (steps, H, B), which is dL/dy."""
        return dy

    def weight_gradients(self, dy: np.ndarray) -> dict[str, Outer]:
        """No weights."""
        return {}
