"""Activation functions, with derivatives that are computed from their output.

The derivative of each function here is a function of its value ``h = f(z)``. So the forward
pass keeps h only and may overwrite z.
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


def _tanh_derivative(h: np.ndarray, out: np.ndarray) -> None:  # 1 - h^2
    np.multiply(h, h, out=out)
    np.subtract(1, out, out=out)


def _relu(z: np.ndarray, out: np.ndarray) -> None:
    np.maximum(z, 0, out=out)


def _relu_derivative(h: np.ndarray, out: np.ndarray) -> None:  # 1 where h > 0
    np.greater(h, 0, out=out, casting="unsafe")


def _logistic(z: np.ndarray, out: np.ndarray) -> None:
    # (1 + tanh(z / 2)) / 2 never overflows, and NumPy's tanh is vectorized where exp isn't
    np.multiply(z, 0.5, out=out)
    np.tanh(out, out=out)
    logistic_from_tanh(out, 0.5)


def _logistic_derivative(h: np.ndarray, out: np.ndarray) -> None:  # h (1 - h)
    np.subtract(1, h, out=out)
    np.multiply(h, out, out=out)


def _identity(z: np.ndarray, out: np.ndarray) -> None:
    if out is not z:
        np.copyto(out, z)


def _identity_derivative(h: np.ndarray, out: np.ndarray) -> None:
    out.fill(1)


ACTIVATIONS = {
    "identity": Activation(_identity, _identity_derivative),
    "logistic": Activation(_logistic, _logistic_derivative),
    "relu": Activation(_relu, _relu_derivative),
    "tanh": Activation(np.tanh, _tanh_derivative),
}


def halve(W: np.ndarray, rows: slice) -> tuple[np.ndarray, np.ndarray]:
    """Return a copy of W with the rows of logistic gates halved, and the factor 0.5.

    The product with the copy is ``z / 2`` for these gates. Then logistic and tanh gates need only
    one call of tanh. The factor is an array, as NumPy multiplies arrays faster than Python floats.
    """
    half = np.array(0.5, W.dtype)
    W = W.copy()
    W[..., rows, :] *= half
    return W, half


def logistic_from_tanh(a: np.ndarray, half: np.ndarray | float) -> None:
    """Turn ``a = tanh(z / 2)`` in place into the logistic function of z, (1 + a) / 2."""
    a *= half
    a += half
