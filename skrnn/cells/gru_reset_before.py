"""Gated recurrent unit, as it was published."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ._activations import logistic_from_tanh
from ._base import Buffers, transposed
from ._batched_weights import multiplier
from ._weight_gradients import Outer, WeightGradient
from .gru import GRUCell


class GRUResetBeforeCell(GRUCell):
    r"""Gated recurrent unit with the reset gate before the recurrent product.

    As `GRUCell`, but

    .. math:: n_t = \phi(V_x x_t + b_x + V_h (r_t h_{t-1}))

    without ``candidate.recurrent_bias``.

    Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
    machine translation", EMNLP 2014, arXiv:1406.1078v1.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import RNNRegressor
    >>> X, y = np.random.RandomState(0).normal(size=(20, 5, 2)), np.arange(20)
    >>> model = RNNRegressor(4, cell="gru_reset_before", max_iter=1).fit(X, y)
    >>> model.get_weights()["layer0.candidate.input"].shape
    (4, 2)
    """

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        return {**super().parameter_shapes(), "V_h": (self.hidden_size, self.hidden_size)}

    def initial_weights(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        weights = super().initial_weights(rng)
        return {**weights, "V_h": weights["V_h"][:, 1:]}

    def named_weights(self, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        named = super().named_weights(weights)
        del named["candidate.recurrent_bias"]
        return {**named, "candidate.recurrent": weights["V_h"]}

    def forward_views(self, tape: Buffers) -> dict[str, np.ndarray]:
        # r_t h_{t-1} takes the place of n_h
        own = {"reset": tape.n_h, "h_masked": tape.recurrent[:-1]}
        return {**super().forward_views(tape), **own}

    def forward(self, prepared, operand, gates, r, z, reset, n_x, n, h_masked, h_old, step, h):
        W, half, _, V_h = prepared
        W.dot(operand, gates)
        np.tanh(gates, gates)
        logistic_from_tanh(gates, half)
        np.multiply(r, h_masked, reset)
        V_h.dot(reset, n)
        n += n_x
        self.activation.apply(n, n)
        np.subtract(h_old, n, step)
        np.multiply(z, step, h)
        h += n  # h_t = n_t + z_t (h_{t-1} - n_t)

    def backward_buffers(self) -> dict[str, int]:
        H = self.hidden_size
        return {"local": 3 * H, "d_reset": H}  # local: r, z, n

    def prepare_backward(self, weights: Mapping[str, np.ndarray]) -> Any:
        W_h, V_h = weights["W"][..., self.n_inputs + 1 :], weights["V_h"]
        return multiplier(transposed(W_h)), multiplier(transposed(V_h))

    def local_derivatives(self, prepared: Any, tape: Buffers, steps: slice) -> None:
        H, local, gates = self.hidden_size, tape.local[steps], tape.gates[steps]
        by_r, by_z, by_n = (local[:, k * H : (k + 1) * H] for k in range(3))
        self.activation.derivative(tape.n[steps], by_n)
        np.subtract(1, gates, out=local[:, : 2 * H])
        by_n *= by_z  # dh_t / dz_n = (1 - z) φ'
        by_r *= tape.n_h[steps]  # d(r h) / dz_r = h r (1 - r)
        by_z *= gates[:, H:]
        by_z *= tape.step[steps]  # dh_t / dz_z = (h_{t-1} - n_t) z (1 - z)

    def backward_views(self, tape: Buffers) -> dict[str, np.ndarray]:
        H, local, gates = self.hidden_size, tape.local, tape.gates
        return {
            "z_n": local.reshape(len(local), 3, H, -1)[:, 1:],  # a view, as local is contiguous
            "by_r": local[:, :H],
            "r_z": local[:, : 2 * H],
            "by_n": local[:, 2 * H :],
            "d_reset": tape.d_reset,
            "r": gates[:, :H],
            "z": gates[:, H:],
        }

    def backward(self, prepared, d_states, d_recurrent, z_n, by_r, r_z, by_n, d_reset, r, z):
        W_h_transposed, V_h_transposed = prepared
        (dh,) = d_states
        z_n *= dh
        V_h_transposed.dot(by_n, d_reset)  # d(r_t h_{t-1}) = V_h^T dz_n
        by_r *= d_reset
        d_reset *= r
        W_h_transposed.dot(r_z, d_recurrent)
        d_recurrent += d_reset
        dh *= z  # beside the weights: dh_{t-1} = z_t dh_t

    def weight_gradients(self, tape: Buffers, steps: slice) -> Mapping[str, WeightGradient]:
        candidate = tape.local[steps, -self.hidden_size :]
        return {**super().weight_gradients(tape, steps), "V_h": Outer(candidate, tape.n_h[steps])}
