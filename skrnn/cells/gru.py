"""Gated recurrent unit, as frameworks compute it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ._activations import halve, logistic_from_tanh
from ._base import Buffers, Cell, transposed
from ._batched_weights import multiplier, multiply_steps
from ._weight_gradients import Outer, WeightGradient


class GRUCell(Cell):
    r"""Gated recurrent unit with the reset gate after the recurrent product.

    .. math::
        r_t, z_t &= \sigma(W_x x_t + b + W_h h_{t-1}) \\
        n_t &= \phi(V_x x_t + b_x + r_t (V_h h_{t-1} + b_h)) \\
        h_t &= (1 - z_t) n_t + z_t h_{t-1}

    with the logistic function σ and the estimator's ``activation`` φ.

    Weights: ``gates.input`` W_x (2H, D), ``gates.recurrent`` W_h (2H, H) and ``gates.bias`` b
    (2H,), in blocks of H rows for r, z; ``candidate.input`` V_x (H, D), ``candidate.recurrent``
    V_h (H, H), ``candidate.bias`` b_x (H,) and ``candidate.recurrent_bias`` b_h (H,).

    Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
    machine translation", EMNLP 2014, in the version of cuDNN, PyTorch and Keras 3, which
    needs one product with h less in a row; see `GRUResetBeforeCell` for the original.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import RNNRegressor
    >>> X, y = np.random.RandomState(0).normal(size=(20, 5, 2)), np.arange(20)
    >>> model = RNNRegressor(4, cell="gru", max_iter=1).fit(X, y)
    >>> model.get_weights()["layer0.gates.input"].shape
    (8, 2)
    """

    has_direct_path = True
    batched_weights = True

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        D, H = self.n_inputs, self.hidden_size
        return {"W": (2 * H, D + 1 + H), "V_x": (H, D + 1), "V_h": (H, 1 + H)}

    def initial_weights(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        r, z, n = (self.initial_gate(rng) for _ in range(3))
        cut = self.n_inputs + 1
        return {"W": np.vstack([r, z]), "V_x": n[:, :cut], "V_h": n[:, cut - 1 :]}

    def set_memory(self, weights: Mapping[str, np.ndarray], log_odds: np.ndarray) -> None:
        weights["W"][self.hidden_size :, self.n_inputs] = log_odds

    def named_weights(self, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        gates = super().named_weights(weights)
        named = {f"gates.{name}": view for name, view in gates.items()}
        V_x, V_h = weights["V_x"], weights["V_h"]
        named |= {"candidate.input": V_x[:, :-1], "candidate.recurrent": V_h[:, 1:]}
        return named | {"candidate.bias": V_x[:, -1], "candidate.recurrent_bias": V_h[:, 0]}

    def buffers(self) -> dict[str, tuple[int, int]]:
        H = self.hidden_size
        return {"gates": (0, 2 * H), "n": (0, H), "n_x": (0, H), "n_h": (0, H), "step": (0, H)}

    def prepare(self, weights: Mapping[str, np.ndarray]) -> Any:
        W, half = halve(weights["W"], slice(None))
        return multiplier(W), half, weights["V_x"], multiplier(weights["V_h"])

    def project(self, prepared: Any, tape: Buffers, steps: slice) -> None:
        multiply_steps(prepared[2], tape.operand[steps, : self.n_inputs + 1], tape.n_x[steps])

    def forward_views(self, tape: Buffers) -> dict[str, np.ndarray]:
        H, operand, gates = self.hidden_size, tape.operand[:-1], tape.gates
        return {
            "operand": operand,
            "one_h": operand[:, self.n_inputs :],
            "gates": gates,
            "r": gates[:, :H],
            "z": gates[:, H:],
            "n_h": tape.n_h,
            "n_x": tape.n_x,
            "n": tape.n,
            "h_old": tape.state[:-1],
            "step": tape.step,
            "h": tape.state[1:],
        }

    def forward(self, prepared, operand, one_h, gates, r, z, n_h, n_x, n, h_old, step, h):
        W, half, _, V_h = prepared
        W.dot(operand, gates)  # W [x_t; 1; h_{t-1}], halved for the logistic function
        np.tanh(gates, gates)
        logistic_from_tanh(gates, half)
        V_h.dot(one_h, n_h)
        np.multiply(r, n_h, n)
        n += n_x
        self.activation.apply(n, n)
        np.subtract(h_old, n, step)
        np.multiply(z, step, h)
        h += n  # h_t = n_t + z_t (h_{t-1} - n_t)

    def backward_buffers(self) -> dict[str, int]:
        return {"local": 4 * self.hidden_size}  # n_h, r, z, n_x: recurrent rows, then input rows

    def prepare_backward(self, weights: Mapping[str, np.ndarray]) -> Any:
        W_h = weights["W"][..., self.n_inputs + 1 :]
        recurrent = np.concatenate([weights["V_h"][..., 1:], W_h], axis=-2)
        return multiplier(transposed(recurrent))  # (H, 3H)

    def local_derivatives(self, prepared: Any, tape: Buffers, steps: slice) -> None:
        H, local, gates = self.hidden_size, tape.local[steps], tape.gates[steps]
        by_n_h, by_r, by_z, by_n_x = (local[:, k * H : (k + 1) * H] for k in range(4))
        r, z = gates[:, :H], gates[:, H:]
        self.activation.derivative(tape.n[steps], by_n_x)
        np.subtract(1, gates, out=local[:, H : 3 * H])
        by_n_x *= by_z  # dh_t / dn_x = (1 - z) φ'
        np.multiply(by_n_x, r, out=by_n_h)
        by_r *= by_n_h
        by_r *= tape.n_h[steps]  # dh_t / dz_r = (1 - z) φ' n_h r (1 - r)
        by_z *= z
        by_z *= tape.step[steps]  # dh_t / dz_z = (h_{t-1} - n_t) z (1 - z)

    def backward_views(self, tape: Buffers) -> dict[str, np.ndarray]:
        H, local = self.hidden_size, tape.local
        return {
            "local": local.reshape(len(local), 4, H, -1),  # a view, as local is contiguous
            "recurrent_rows": local[:, : 3 * H],
            "z": tape.gates[:, H:],
        }

    def backward(self, prepared, d_states, d_recurrent, local, recurrent_rows, z):
        (dh,) = d_states
        local *= dh
        prepared.dot(recurrent_rows, d_recurrent)
        dh *= z  # beside the weights: dh_{t-1} = z_t dh_t

    def input_gradient(
        self, weights: Mapping[str, np.ndarray], tape: Buffers, steps: slice, out: np.ndarray
    ) -> None:
        D, H = self.n_inputs, self.hidden_size
        W_x = np.concatenate([weights["W"][..., :D], weights["V_x"][..., :D]], axis=-2)  # (3H, D)
        multiply_steps(transposed(W_x), tape.local[steps, -3 * H :], out)

    def weight_gradients(self, tape: Buffers, steps: slice) -> Mapping[str, WeightGradient]:
        D, H = self.n_inputs, self.hidden_size
        local, operand = tape.local[steps], tape.operand[steps]
        return {
            "W": Outer(local[:, -3 * H : -H], operand),
            "V_x": Outer(local[:, -H:], operand[:, : D + 1]),
            "V_h": Outer(local[:, :H], operand[:, D:]),
        }
