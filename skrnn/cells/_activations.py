"""Activation functions, with derivatives taken from their output.

Every function here has a derivative that can be written in terms of its own value, so
the forward pass keeps ``h = f(z)`` only and may overwrite ``z``.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Activation(NamedTuple):
    """A nonlinearity ``f`` and its derivative.

    Attributes
    ----------
    apply : callable
        ``apply(z, out)`` writes ``f(z)`` into ``out``, which may be ``z``.
    derivative : callable
        ``derivative(h, out)`` writes ``f'(z)``, given ``h = f(z)``, into ``out``.
    """

    apply: Callable[[np.ndarray, np.ndarray], object]
    derivative: Callable[[np.ndarray, np.ndarray], object]


def _tanh_derivative(h, out):  # 1 - h^2
    np.multiply(h, h, out=out)
    np.subtract(1, out, out=out)


def _relu(z, out):
    np.maximum(z, 0, out=out)


def _relu_derivative(h, out):  # 1 where h > 0
    np.greater(h, 0, out=out, casting="unsafe")


def _logistic(z, out):
    # (1 + tanh(z / 2)) / 2 never overflows, and NumPy's tanh is vectorised where exp is not
    np.multiply(z, 0.5, out=out)
    np.tanh(out, out=out)
    logistic_from_tanh(out, 0.5)


def _logistic_derivative(h, out):  # h (1 - h)
    np.subtract(1, h, out=out)
    np.multiply(h, out, out=out)


def _identity(z, out):
    if out is not z:
        np.copyto(out, z)


def _identity_derivative(h, out):
    out.fill(1)


ACTIVATIONS = {
    "identity": Activation(_identity, _identity_derivative),
    "logistic": Activation(_logistic, _logistic_derivative),
    "relu": Activation(_relu, _relu_derivative),
    "tanh": Activation(np.tanh, _tanh_derivative),
}


def halve(W: np.ndarray, rows: slice) -> tuple[np.ndarray, np.ndarray]:
    """A copy of W with some rows halved, for logistic gates, and the half.

    With ``z / 2`` from the product, gates of both kinds need but one call of tanh. The half is
    an array, which NumPy multiplies with faster than with a number of Python's.
    """
    half = np.array(0.5, W.dtype)
    W = W.copy()
    W[..., rows, :] *= half
    return W, half


def logistic_from_tanh(a: np.ndarray, half: np.ndarray) -> None:
    """The logistic function of z, (1 + a) / 2, in place of ``a = tanh(z / 2)``."""
    np.multiply(a, half, out=a)
    np.add(a, half, out=a)
