"""Attention: a head that also reads the steps of an encoder."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ..cells._batched_weights import multiply_steps
from ..cells._initializers import glorot_uniform
from ..cells._weight_gradients import Outer
from .head import LinearHead, NoHead
from .topology import Topology


class Memory(NamedTuple):
    """What attention reads: a vector for each step of an encoder."""

    values: np.ndarray  # (B, T, H)
    missing: np.ndarray | None  # (B, 1, T), steps that attention leaves out

    @classmethod
    def of(cls, outputs: np.ndarray, missing: np.ndarray | None) -> "Memory":
        """The memory of outputs (T, H, B), with missing steps (T, B)."""
        values = np.ascontiguousarray(outputs.transpose(2, 0, 1))
        return cls(values, None if missing is None else missing.T[:, np.newaxis])


class DotAttention(LinearHead):
    r"""A readout that looks back at the steps of an encoder.

    .. math::
        w_{st} &= \operatorname{softmax}_t (h_s \cdot m_t) \\
        \tilde h_s &= \tanh(W_c [\textstyle\sum_t w_{st} m_t; h_s; 1]) \\
        y_s &= W_y [\tilde h_s; 1]

    with the outputs h of the layers and the memory m, over its valid steps. All of it lies outside
    the time loop, as nothing of it is fed to the layers: Luong, Pham and Manning, "Effective
    approaches to attention-based neural machine translation", EMNLP 2015, without input feeding.

    Attributes
    ----------
    weights : ndarray of shape (B, S, T)
        a, of the steps that were last read.
    """

    weights: np.ndarray

    def __init__(self, topology: Topology, n_steps: int, n_sequences: int):
        super().__init__(topology, n_steps, n_sequences)
        S, rows, B = self._buffer.shape
        self._reads = np.ones((S, 2 * rows - 1, B), topology.dtype)  # (S, 2H+1, B), [Σ a m; h; 1]

    # --- weights ---

    @staticmethod
    def parameter_shapes(topology: Topology) -> dict[str, tuple[int, int]]:
        """Names and shapes of the weights."""
        H = topology.readout_size
        return {"attention": (H, 2 * H + 1)} | LinearHead.parameter_shapes(topology)

    @staticmethod
    def initial_weights(topology: Topology, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        """Glorot's, without bias."""
        H = topology.readout_size
        W_c = np.hstack([glorot_uniform(rng, H, 2 * H), np.zeros((H, 1))])
        return {"attention": W_c} | LinearHead.initial_weights(topology, rng)

    @staticmethod
    def named_weights(views: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Views of the weights under their public names."""
        W_c = views["attention"]
        H = len(W_c)
        own = {"context": W_c[:, :H], "input": W_c[:, H:-1], "bias": W_c[:, -1]}
        named = {f"attention.{name}": view for name, view in own.items()}
        return named | LinearHead.named_weights(views)

    # --- a batch ---

    def start(self, views: Mapping[str, np.ndarray], n_steps: int) -> None:
        """Begin a batch."""
        self._W_c = views["attention"]
        super().start(views, n_steps)

    def attend_to(self, memory: Memory) -> None:
        """Take in what to attend to."""
        self._memory = memory

    def read(self, outputs: np.ndarray, start: int) -> None:
        """Take in the layers' outputs (S, H, B) of all steps, and attend."""
        values, missing = self._memory
        H = outputs.shape[1]
        self._h = np.ascontiguousarray(outputs.transpose(2, 0, 1))  # (B, S, H)
        self.weights = _softmax(np.matmul(self._h, values.swapaxes(1, 2)), missing)
        reads = self._reads[start : start + len(outputs)]
        reads[:, :H] = np.matmul(self.weights, values).transpose(1, 2, 0)
        reads[:, H:-1] = outputs
        self._attended = np.empty(outputs.shape, outputs.dtype)  # (S, H, B), tilde h
        multiply_steps(self._W_c, reads, self._attended)
        np.tanh(self._attended, out=self._attended)
        super().read(self._attended, start)

    def backward_below(self, d_read: np.ndarray) -> np.ndarray:
        """dL/d(outputs) (S, H, B), from dL/d(tilde h) (S, H, B) of all steps."""
        S, H, B = d_read.shape
        dz = d_read * (1 - self._attended**2)
        self._dz = dz  # (S, H, B), of W_c's products
        d_reads = np.empty((S, 2 * H, B), dz.dtype)
        multiply_steps(self._W_c[:, :-1].T, dz, d_reads)
        values, a = self._memory.values, self.weights
        d_context = np.ascontiguousarray(d_reads[:, :H].transpose(2, 0, 1))  # (B, S, H)
        d_scores = np.matmul(d_context, values.swapaxes(1, 2))  # (B, S, T)
        d_scores -= (d_scores * a).sum(axis=2, keepdims=True)
        d_scores *= a
        self._d_memory = np.matmul(a.swapaxes(1, 2), d_context)
        self._d_memory += np.matmul(d_scores.swapaxes(1, 2), self._h)
        return d_reads[:, H:] + np.matmul(d_scores, values).transpose(1, 2, 0)

    def memory_gradient(self) -> np.ndarray:
        """After `backward`: dL/d(memory), as the outputs (T, H, B) that it was made of."""
        return self._d_memory.transpose(1, 2, 0)

    def gradients_below(self) -> dict[str, Outer]:
        """After `backward_below`: the gradient of W_c."""
        return {"attention": Outer(self._dz, self._reads[: len(self._dz)])}


def head_of(topology: Topology) -> type[LinearHead]:
    """The class of a network's head."""
    if topology.n_outputs == 0:
        return NoHead
    return DotAttention if topology.attention else LinearHead


def _softmax(scores: np.ndarray, missing: np.ndarray | None) -> np.ndarray:
    """Softmax over the last axis, without missing places; in place. All 0 if there is none."""
    if missing is not None:
        np.copyto(scores, -np.inf, where=missing)
    highest = scores.max(axis=-1, keepdims=True)
    if missing is not None:
        highest[np.isneginf(highest)] = 0
    scores -= highest
    np.exp(scores, out=scores)
    scores /= np.maximum(scores.sum(axis=-1, keepdims=True), np.finfo(scores.dtype).tiny)
    return scores
