"""What gradients of weights are made of: products of two buffers of the tape.

The same pair gives the gradient, summed over the sequences, and the rows of the Jacobian, one
for each sequence.
"""

from typing import NamedTuple, Protocol

import numpy as np

# Up to this many weights, and from so many sequences on, T small products cost less than the
# copies that one big product needs
_SMALL_PRODUCT = 4096
_MANY_SEQUENCES = 16


class Product(Protocol):
    """A product of two buffers, over T steps and B sequences."""

    def add_total(self, out: np.ndarray) -> None:
        """Add the sum over steps and sequences to ``out``, of the weight's shape."""

    def add_per_sequence(self, out: np.ndarray) -> None:
        """Add each sequence's sum over steps to ``out`` (B, *shape of the weight)."""


class Outer(NamedTuple):
    """delta[t, :, b] ⊗ operand[t, :, b], of a weight W (M, N) with ``z = W operand``.

    Parameters
    ----------
    delta : ndarray of shape (T, M, B)
        dL/dz.
    operand : ndarray of shape (T, N, B)
        What W multiplies.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn.cells import Outer
    >>> gradient = np.zeros((3, 2))
    >>> Outer(np.ones((5, 3, 4)), np.ones((5, 2, 4))).add_total(gradient)
    >>> gradient[0]
    array([20., 20.])
    """

    delta: np.ndarray
    operand: np.ndarray

    def add_total(self, out: np.ndarray) -> None:
        """Add the gradient to ``out`` (M, N)."""
        delta, operand = self
        rows, columns = out.shape
        if rows * columns <= _SMALL_PRODUCT and delta.shape[-1] >= _MANY_SEQUENCES:
            out += np.matmul(delta, operand.transpose(0, 2, 1)).sum(axis=0)
            return
        left = delta.transpose(1, 0, 2).reshape(rows, -1)
        right = operand.transpose(1, 0, 2).reshape(columns, -1)
        out += np.dot(left, right.T)

    def add_per_sequence(self, out: np.ndarray) -> None:
        """Add each sequence's gradient to ``out`` (B, M, N)."""
        out += np.matmul(self.delta.transpose(2, 1, 0), self.operand.transpose(2, 0, 1))


class Elementwise(NamedTuple):
    """delta[t, :, b] * operand[t, :, b], of a weight w (M,) with ``z = w * operand``.

    Parameters
    ----------
    delta : ndarray of shape (T, M, B)
        dL/dz.
    operand : ndarray of shape (T, M, B)
        What w multiplies.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn.cells import Elementwise
    >>> gradient = np.zeros(3)
    >>> Elementwise(np.ones((5, 3, 4)), np.ones((5, 3, 4))).add_total(gradient)
    >>> gradient
    array([20., 20., 20.])
    """

    delta: np.ndarray
    operand: np.ndarray

    def add_total(self, out: np.ndarray) -> None:
        """Add the gradient to ``out`` (M,)."""
        out += np.einsum("tmb,tmb->m", self.delta, self.operand)

    def add_per_sequence(self, out: np.ndarray) -> None:
        """Add each sequence's gradient to ``out`` (B, M)."""
        out += np.einsum("tmb,tmb->bm", self.delta, self.operand)
