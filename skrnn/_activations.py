"""Activation functions, applied in place, with derivatives taken from their output.

Every function here has a derivative that can be written in terms of its own value, so
the forward pass keeps ``h = f(z)`` only and ``z`` is overwritten.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Activation(NamedTuple):
    """A nonlinearity ``f`` and its derivative.

    Attributes
    ----------
    apply : callable
        ``apply(z)`` replaces ``z`` by ``f(z)``.
    derivative : callable
        ``derivative(h, out)`` writes ``f'(z)``, given ``h = f(z)``, into ``out``.
    """

    apply: Callable[[np.ndarray], None]
    derivative: Callable[[np.ndarray, np.ndarray], None]


def _tanh(z):
    np.tanh(z, out=z)


def _tanh_derivative(h, out):  # 1 - h^2
    np.multiply(h, h, out=out)
    np.subtract(1, out, out=out)


def _relu(z):
    np.maximum(z, 0, out=z)


def _relu_derivative(h, out):  # 1 where h > 0
    np.greater(h, 0, out=out, casting="unsafe")


def _logistic(z):
    # (1 + tanh(z / 2)) / 2 never overflows, and NumPy's tanh is vectorised where exp is not
    z *= 0.5
    np.tanh(z, out=z)
    z *= 0.5
    z += 0.5


def _logistic_derivative(h, out):  # h (1 - h)
    np.subtract(1, h, out=out)
    np.multiply(h, out, out=out)


def _identity(z):
    pass


def _identity_derivative(h, out):
    out.fill(1)


ACTIVATIONS = {
    "identity": Activation(_identity, _identity_derivative),
    "logistic": Activation(_logistic, _logistic_derivative),
    "relu": Activation(_relu, _relu_derivative),
    "tanh": Activation(_tanh, _tanh_derivative),
}
