"""The simple recurrent network of Elman."""

from typing import Any

import numpy as np

from ._base import Buffers, Cell


class ElmanCell(Cell):
    r"""Simple recurrent network: the hidden layer reads itself, one step before.

    .. math:: h_t = f(W_x x_t + b + W_h h_{t-1})

    Weights: ``input`` W_x (H, D), ``recurrent`` W_h (H, H), ``bias`` b (H,).

    Elman, "Finding structure in time", Cognitive Science 14 (1990).

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import RNNRegressor
    >>> X, y = np.random.RandomState(0).normal(size=(20, 5, 2)), np.arange(20)
    >>> model = RNNRegressor(4, cell="elman", max_iter=1).fit(X, y)
    >>> model.get_weights()["layer0.recurrent"].shape
    (4, 4)
    """

    batched_weights = True

    def forward_views(self, tape: Buffers) -> dict[str, np.ndarray]:
        return {"operand": tape.operand[:-1], "h": tape.state[1:]}

    def forward(self, prepared, operand, h):
        prepared.dot(operand, h)  # z_t = W [x_t; 1; h_{t-1}]
        self.activation.apply(h, h)  # h_t = f(z_t)

    def local_derivatives(self, prepared: Any, tape: Buffers, steps: slice) -> None:
        self.activation.derivative(tape.state[1:][steps], tape.local[steps])  # f'(z_t)

    def backward_views(self, tape: Buffers) -> dict[str, np.ndarray]:
        return {"dz": tape.local}

    def backward(self, prepared, d_states, d_recurrent, dz):
        dz *= d_states[0]  # dz_t = f'(z_t) dh_t
        prepared.dot(dz, d_recurrent)  # dh_{t-1} = W_h^T dz_t
