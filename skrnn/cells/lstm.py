"""Long short-term memory."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ._activations import halve, logistic_from_tanh
from ._base import Buffers, Cell
from ._batched_weights import multiplier


class LSTMCell(Cell):
    r"""Long short-term memory, with a forget gate.

    .. math::
        o_t &= \sigma(W_{xo} x_t + b_o + W_{ho} h_{t-1}), \quad \text{likewise } i_t, f_t \\
        g_t &= \phi(W_{xg} x_t + b_g + W_{hg} h_{t-1}) \\
        c_t &= f_t c_{t-1} + i_t g_t \\
        h_t &= o_t \phi(c_t)

    with the logistic function σ and the estimator's ``activation`` φ. The bias of f starts
    at 1, so that the memory is kept at first.

    Weights, in blocks of H rows for the gates o, i, f, g: ``input`` W_x (4H, D),
    ``recurrent`` W_h (4H, H), ``bias`` b (4H,).

    Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9 (1997). The
    forget gate is that of Gers, Schmidhuber and Cummins, "Learning to forget: continual
    prediction with LSTM", Neural Computation 12 (2000).

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import RNNRegressor
    >>> X, y = np.random.RandomState(0).normal(size=(20, 5, 2)), np.arange(20)
    >>> model = RNNRegressor(4, cell="lstm", max_iter=1).fit(X, y)
    >>> model.get_weights()["layer0.recurrent"].shape
    (16, 4)
    """

    # in the order o, i, f, g the logistic gates are neighbours, and those that dc acts on too
    n_gates = 4
    batched_weights = True

    def initial_weights(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        weights = super().initial_weights(rng)
        H = self.hidden_size
        weights["W"][2 * H : 3 * H, self.n_inputs] = 1
        return weights

    def set_memory(self, weights: Mapping[str, np.ndarray], log_odds: np.ndarray) -> None:
        H, bias = self.hidden_size, weights["W"][:, self.n_inputs]
        bias[H : 2 * H], bias[2 * H : 3 * H] = -log_odds, log_odds

    def buffers(self) -> dict[str, tuple[int, int]]:
        H = self.hidden_size
        # gates holds o, i, f, g and c_{t-1}, so that [i; f] * [g; c] is one call
        return {"gates": (1, 5 * H), "kept": (0, 2 * H), "squashed": (0, H)}

    def states(self, tape: Buffers) -> list[np.ndarray]:
        return [tape.state, tape.gates[:, 4 * self.hidden_size :]]  # h and c

    def prepare(self, weights: Mapping[str, np.ndarray]) -> Any:
        W, half = halve(weights["W"], slice(3 * self.hidden_size))
        return multiplier(W), half, self.activation.apply

    def forward_views(self, tape: Buffers) -> dict[str, np.ndarray]:
        H, gates, kept = self.hidden_size, tape.gates[:-1], tape.kept
        return {
            "operand": tape.operand[:-1],
            "z": gates[:, : 4 * H],
            "logistic": gates[:, : 3 * H],
            "o": gates[:, :H],
            "i_f": gates[:, H : 3 * H],
            "g": gates[:, 3 * H : 4 * H],
            "g_c": gates[:, 3 * H :],
            "kept": kept,
            "i_g": kept[:, :H],
            "f_c": kept[:, H:],
            "c": tape.gates[1:, 4 * H :],
            "squashed": tape.squashed,
            "h": tape.state[1:],
        }

    def forward(
        self, prepared, operand, z, logistic, o, i_f, g, g_c, kept, i_g, f_c, c, squashed, h
    ):
        W, half, squash = prepared
        W.dot(operand, z)  # z_t = W [x_t; 1; h_{t-1}], halved for the logistic gates
        if squash is np.tanh:
            np.tanh(z, z)  # one call for all
        else:
            np.tanh(logistic, logistic)
            squash(g, g)
        logistic_from_tanh(logistic, half)
        np.multiply(i_f, g_c, kept)
        np.add(i_g, f_c, c)  # c_t = i_t g_t + f_t c_{t-1}
        squash(c, squashed)
        np.multiply(o, squashed, h)  # h_t = o_t φ(c_t)

    def backward_buffers(self) -> dict[str, int]:
        return {"local": 5 * self.hidden_size}  # dh's way into c, then o, i, f, g

    def dz(self, tape: Buffers) -> np.ndarray:
        return tape.local[:, self.hidden_size :]

    def local_derivatives(self, prepared: Any, tape: Buffers, steps: slice) -> None:
        H, local, gates = self.hidden_size, tape.local[steps], tape.gates[steps]
        o, i, g = gates[:, :H], gates[:, H : 2 * H], gates[:, 3 * H : 4 * H]
        np.subtract(1, gates[:, : 3 * H], out=local[:, H : 4 * H])
        local[:, H : 2 * H] *= tape.state[1:][steps]  # dh_t / dz_o = φ(c_t) o (1 - o)
        local[:, 2 * H : 4 * H] *= tape.kept[steps]  # dc_t / dz_i = g i (1 - i); c f (1 - f)
        by_h = local[:, :H]  # dh_t / dc_t = o φ'(c_t)
        by_g = local[:, 4 * H :]  # dc_t / dz_g = i φ'(z_g)
        if self.activation.apply is np.tanh:  # with o φ(c) and i g at hand, in fewer passes
            np.multiply(tape.state[1:][steps], tape.squashed[steps], out=by_h)
            np.subtract(o, by_h, out=by_h)
            np.multiply(tape.kept[steps, :H], g, out=by_g)
            np.subtract(i, by_g, out=by_g)
        else:
            self.activation.derivative(tape.squashed[steps], by_h)
            by_h *= o
            self.activation.derivative(g, by_g)
            by_g *= i

    def carry(self, tape: Buffers) -> np.ndarray:
        """dc_t / dc_{t-1}, (T, H, B)."""
        return tape.gates[:-1, 2 * self.hidden_size : 3 * self.hidden_size]

    def backward_views(self, tape: Buffers) -> dict[str, np.ndarray]:
        H, local = self.hidden_size, tape.local
        blocks = local.reshape(len(local), 5, H, -1)  # a view, as local is contiguous
        return {
            "by_dh": blocks[:, :2],
            "into_c": local[:, :H],
            "by_dc": blocks[:, 2:],
            "carry": self.carry(tape),
            "dz": local[:, H:],
        }

    def backward(self, prepared, d_states, d_recurrent, by_dh, into_c, by_dc, carry, dz):
        dh, dc = d_states
        by_dh *= dh  # dz_o, and what dh_t adds to dc_t
        dc += into_c
        by_dc *= dc  # dz_i, dz_f, dz_g
        dc *= carry  # dc_{t-1} = f_t dc_t
        prepared.dot(dz, d_recurrent)  # dh_{t-1} = W_h^T dz_t
