"""Jordan's network, which reads its own output."""

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from ._base import Buffers, Cell


@dataclass
class JordanCell(Cell):
    r"""Jordan's network: the hidden layer reads the network's output, one step before.

    .. math::
        h_t &= f(W_x x_t + b + W_c c_{t-1}) \\
        c_t &= \lambda c_{t-1} + \hat y_t, \quad c_0 = 0

    where :math:`\hat y_t = W_y h_t + b_y` is what the network puts out at step t. All layers
    of a stack read the same output.

    Weights: ``input`` W_x (H, D), ``recurrent`` W_c (H, K), ``bias`` b (H,).

    Jordan, "Serial order: a parallel distributed processing approach", ICS report 8604,
    University of California, San Diego (1986). λ is the weight of the context units' links
    to themselves, as in RSNNS (Bergmeir and Benítez, Journal of Statistical Software 46,
    2012), which sets it to 0.3.

    Parameters
    ----------
    decay : float, default=0.0
        λ, how much of the old context is kept: 0 remembers nothing but the last output.

    Raises
    ------
    ValueError
        If ``decay`` isn't from 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import RNNRegressor
    >>> from skrnn.cells import JordanCell
    >>> X, y = np.random.RandomState(0).normal(size=(20, 5, 2)), np.arange(20)
    >>> model = RNNRegressor(4, cell=JordanCell(decay=0.3), max_iter=1).fit(X, y)
    >>> model.get_weights()["layer0.recurrent"].shape  # of the one output
    (4, 1)
    """

    decay: float = 0.0

    recurrent_state = 1
    has_direct_path = True
    output_feedback = True
    batched_weights = True

    def __post_init__(self) -> None:
        if not (isinstance(self.decay, Real) and 0 <= self.decay <= 1):
            raise ValueError(f"decay must be from 0 to 1, got {self.decay!r}.")

    @property
    def recurrent_size(self) -> int:
        return self.n_outputs

    def buffers(self) -> dict[str, tuple[int, int]]:
        return {"h": (1, self.hidden_size)}

    def states(self, tape: Buffers) -> list[np.ndarray]:
        return [tape.h, tape.state]  # h_t and the context c_t

    def forward_views(self, tape: Buffers) -> dict[str, np.ndarray]:
        return {"operand": tape.operand[:-1], "h": tape.h[1:]}

    def forward(self, prepared, operand, h):
        prepared.dot(operand, h)  # z_t = W [x_t; 1; c_{t-1}]
        self.activation.apply(h, h)  # h_t = f(z_t)

    def feed_back(self, y: np.ndarray, old: np.ndarray, new: np.ndarray) -> None:
        np.multiply(old, self.decay, new)
        new += y  # c_t = λ c_{t-1} + y_t

    def feed_back_gradient(self, d_state: np.ndarray, dy: np.ndarray) -> None:
        dy += d_state
        d_state *= self.decay

    def local_derivatives(self, prepared: Any, tape: Buffers, steps: slice) -> None:
        self.activation.derivative(tape.h[1:][steps], tape.local[steps])  # f'(z_t)

    def backward_views(self, tape: Buffers) -> dict[str, np.ndarray]:
        return {"dz": tape.local}

    def backward(self, prepared, d_states, d_recurrent, dz):
        dh, _ = d_states
        dz *= dh  # dz_t = f'(z_t) dh_t
        prepared.dot(dz, d_recurrent)  # dc_{t-1} = W_c^T dz_t, beside λ dc_t
        dh.fill(0)  # h_{t-1} acts through the output alone
