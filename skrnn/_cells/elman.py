"""The simple recurrent network of Elman."""

import numpy as np

from .._activations import ACTIVATIONS
from ._base import Cell


class ElmanCell(Cell):
    """``h_t = f(W_x x_t + W_h h_{t-1} + b)``.

    Elman, "Finding structure in time", Cognitive Science 14 (1990). The three weights are
    one matrix ``W = [W_x, W_h, b]`` of shape (H, D+H+1).

    Parameters
    ----------
    hidden_size : int
        Number H of hidden units.
    activation : {"identity", "logistic", "relu", "tanh"}, default="tanh"
        The function f.
    """

    def __init__(self, hidden_size: int, activation: str = "tanh"):
        super().__init__(hidden_size)
        self.activation = ACTIVATIONS[activation]

    def prepare(self, weights):
        W_h = self.named_weights(weights)["recurrent"]
        return weights["W"], W_h.T.copy()

    def forward_views(self, tape, t):
        return tape.operand[t], tape.h[t + 1]

    def forward(self, prepared, operand, h):
        W, _ = prepared
        np.dot(W, operand, out=h)  # z_t = W [x_t; h_{t-1}; 1]
        self.activation.apply(h)  # h_t = f(z_t)

    def local_derivatives(self, tape, first):
        self.activation.derivative(tape.h[first + 1 :], tape.delta[first:])  # f'(z_t)

    def backward_views(self, tape, t):
        return (tape.delta[t],)

    def backward(self, prepared, d_states, delta):
        _, W_h_transposed = prepared
        (dh,) = d_states
        np.multiply(delta, dh, out=delta)  # dz_t = f'(z_t) dh_t
        np.dot(W_h_transposed, delta, out=dh)  # dh_{t-1} = W_h^T dz_t
