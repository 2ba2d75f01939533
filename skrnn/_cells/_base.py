"""What a recurrent cell is: its equations and nothing else."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from .._initializers import glorot_uniform, orthogonal


class Cell(ABC):
    """One step of a recurrent layer, forward and backward.

    A cell knows its equations. It doesn't know the time loop, masks, direction,
    truncation, the loss, the optimizer or scikit-learn, and none of them knows a cell by
    name. It reads and writes the buffers of a `Tape`: ``tape.operand`` (T+1, D+H+1, B)
    with rows ``[x_t; h_{t-1}; 1]``, its view ``tape.h`` (T+1, H, B), and ``tape.delta``
    (T, G*H, B) for the derivatives by the gates' inputs ``z_t = W [x_t; h_{t-1}; 1]``.
    Time comes first and the batch last, so that a gate is a contiguous block of rows.

    Letters: T steps, B batch, D inputs per step, H hidden units, G gates.

    Parameters
    ----------
    hidden_size : int
        Number H of hidden units.
    """

    n_gates = 1

    def __init__(self, hidden_size: int):
        self.hidden_size = hidden_size

    def parameter_shapes(self, n_inputs: int) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the weights of a layer that reads ``n_inputs`` values."""
        H = self.hidden_size
        return {"W": (self.n_gates * H, n_inputs + H + 1)}

    def initial_weights(self, n_inputs: int, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        """Glorot inputs, orthogonal recurrence and no bias, gate by gate."""
        H = self.hidden_size
        gates = [
            np.hstack([glorot_uniform(rng, H, n_inputs), orthogonal(rng, H), np.zeros((H, 1))])
            for _ in range(self.n_gates)
        ]
        return {"W": np.vstack(gates)}

    def named_weights(self, weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Views of the weights under the textbook's names; biases' names end in "bias"."""
        W, H = weights["W"], self.hidden_size
        return {
            "input": W[:, : -H - 1],
            "recurrent": W[:, -H - 1 : -1],
            "bias": W[:, -1],
        }

    def buffers(self) -> dict[str, tuple[int, int]]:
        """Further buffers of the tape: name to (steps beyond T, rows)."""
        return {}

    def states(self, tape: Any) -> list[np.ndarray]:
        """The carried states, each (T+1, rows, B), row 0 the initial one; h comes first."""
        return [tape.h]

    @abstractmethod
    def prepare(self, weights: dict[str, np.ndarray]) -> Any:
        """What `forward` and `backward` need of the weights, made once per batch."""

    @abstractmethod
    def forward_views(self, tape: Any, t: int) -> tuple[np.ndarray, ...]:
        """The arguments of `forward` at step t."""

    @abstractmethod
    def forward(self, prepared: Any, *views: np.ndarray) -> None:
        """Step t: from the operand to the new states."""

    @abstractmethod
    def local_derivatives(self, tape: Any, first: int) -> None:
        """What doesn't depend on later steps, for all steps from ``first`` on at once."""

    @abstractmethod
    def backward_views(self, tape: Any, t: int) -> tuple[np.ndarray, ...]:
        """The arguments of `backward` at step t."""

    @abstractmethod
    def backward(self, prepared: Any, d_states: list[np.ndarray], *views: np.ndarray) -> None:
        """Step t: fill delta, and turn dL/d(new states) in place into dL/d(old states)."""

    def products(self, tape: Any, first: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """For each weight W with ``z = W operand``: (dL/dz, operand), from ``first`` on."""
        return {"W": (tape.delta[first:], tape.operand[first:-1])}
