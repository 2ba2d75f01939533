"""Long short-term memory whose gates see the memory itself."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ._activations import logistic_from_tanh
from ._base import Buffers
from ._weight_gradients import Elementwise, WeightGradient
from .lstm import LSTMCell


class PeepholeLSTMCell(LSTMCell):
    r"""Long short-term memory with peephole connections.

    As `LSTMCell`, but the gates see the memory: i and f that of the step before, o the new one,

    .. math::
        z_i \mathrel{+}= p_i c_{t-1}, \quad z_f \mathrel{+}= p_f c_{t-1}, \quad
        z_o \mathrel{+}= p_o c_t

    element by element. Weights: those of `LSTMCell`, and ``peephole`` p (3H,) for o, i, f.

    Gers, Schraudolph and Schmidhuber, "Learning precise timing with LSTM recurrent
    networks", Journal of Machine Learning Research 3 (2002).

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import RNNRegressor
    >>> X, y = np.random.RandomState(0).normal(size=(20, 5, 2)), np.arange(20)
    >>> model = RNNRegressor(4, cell="peephole_lstm", max_iter=1).fit(X, y)
    >>> model.get_weights()["layer0.peephole"].shape
    (12,)
    """

    batched_weights = False  # a network's peepholes would need a column for each sequence

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        return {**super().parameter_shapes(), "peephole": (3 * self.hidden_size,)}

    def initial_weights(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        return {**super().initial_weights(rng), "peephole": np.zeros(3 * self.hidden_size)}

    def named_weights(self, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {**super().named_weights(weights), "peephole": weights["peephole"]}

    def prepare(self, weights: Mapping[str, np.ndarray]) -> Any:
        W, half, squash = super().prepare(weights)
        p = half * weights["peephole"].reshape(3, -1, 1)
        return W, half, squash, p[0], p[1:]

    def forward_views(self, tape: Buffers) -> dict[str, np.ndarray]:
        T, H = len(tape.kept), self.hidden_size
        # views, as both buffers are contiguous
        blocks, scratch = tape.gates.reshape(T + 1, 5, H, -1)[:-1], tape.kept.reshape(T, 2, H, -1)
        own = {"i_and_f": blocks[:, 1:3], "c_old": blocks[:, 4], "scratch": scratch}
        return {**super().forward_views(tape), **own}

    def forward(
        self, prepared, operand, z, o, i_f, g, g_c, kept, i_g, f_c, c, squashed, h,
        i_and_f, c_old, scratch,
    ):  # fmt: skip
        W, half, squash, p_o, p_i_f = prepared
        W.dot(operand, z)
        np.multiply(p_i_f, c_old, scratch)
        i_and_f += scratch
        np.tanh(i_f, i_f)
        logistic_from_tanh(i_f, half)
        squash(g, g)
        np.multiply(i_f, g_c, kept)
        np.add(i_g, f_c, c)
        np.multiply(p_o, c, squashed)
        o += squashed
        np.tanh(o, o)
        logistic_from_tanh(o, half)
        squash(c, squashed)
        np.multiply(o, squashed, h)

    def backward_buffers(self) -> dict[str, int]:
        return {**super().backward_buffers(), "carried": self.hidden_size}

    def carry(self, tape: Buffers) -> np.ndarray:
        return tape.carried

    def prepare_backward(self, weights: Mapping[str, np.ndarray]) -> Any:
        return super().prepare_backward(weights), weights["peephole"].reshape(3, -1, 1)

    def local_derivatives(self, prepared: Any, tape: Buffers, steps: slice) -> None:
        super().local_derivatives(prepared, tape, steps)
        (p_o, p_i, p_f), H = prepared[1], self.hidden_size
        into_c, o, i, f = (tape.local[steps, k * H : (k + 1) * H] for k in range(4))
        into_c += p_o * o
        np.multiply(p_i, i, out=tape.carried[steps])
        tape.carried[steps] += p_f * f
        tape.carried[steps] += super().carry(tape)[steps]

    def backward(self, prepared, d_states, d_recurrent, by_dh, into_c, by_dc, carry, dz):
        super().backward(prepared[0], d_states, d_recurrent, by_dh, into_c, by_dc, carry, dz)

    def weight_gradients(self, tape: Buffers, steps: slice) -> Mapping[str, WeightGradient]:
        H, c = self.hidden_size, tape.gates[:, 4 * self.hidden_size :]
        seen = np.concatenate([c[1:][steps], c[:-1][steps], c[:-1][steps]], axis=1)
        peephole = Elementwise(tape.dz[steps, : 3 * H], seen)
        return {**super().weight_gradients(tape, steps), "peephole": peephole}
