"""Weight gradients: products of two buffers.

The same pair of buffers gives the gradient, summed over the sequences, and the rows of the
Jacobian, one for each sequence.
"""

from typing import NamedTuple, Protocol

import numpy as np

from ._batched_weights import apart

# Up to this many weights, and from so many sequences on, T small products cost less than the
# copies that one big product needs
_SMALL_PRODUCT = 4096
_MANY_SEQUENCES = 16
_FEW_NUMBERS = 5000  # of one row's product, which are summed up without BLAS


class WeightGradient(Protocol):
    """A product of two buffers, over T steps and B sequences.

    Of E networks, it has E*B columns, and ``out`` one more axis in front.
    """

    def add_total(self, out: np.ndarray) -> None:
        """Add the sum over steps and sequences to ``out``, of the weight's shape."""

    def add_per_sequence(self, out: np.ndarray) -> None:
        """Add each sequence's sum over steps to ``out`` (B, *shape of the weight)."""


class Outer(NamedTuple):
    """dz[t, :, b] ⊗ operand[t, :, b], of a weight W (M, N) with ``z = W operand``.

    Parameters
    ----------
    dz : ndarray of shape (T, M, B)
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

    dz: np.ndarray
    operand: np.ndarray

    def add_total(self, out: np.ndarray) -> None:
        """Add the gradient to ``out`` (M, N)."""
        *E, rows, columns = out.shape
        B = self.dz.shape[-1] // (len(out) if E else 1)
        if rows == 1 and len(self.dz) * columns * B <= _FEW_NUMBERS:
            dz, operand = (apart(a, *E) for a in self) if E else self
            out[..., 0, :] += (dz * operand).sum(axis=-1).sum(axis=0)
            return
        if rows * columns <= _SMALL_PRODUCT and B >= _MANY_SEQUENCES:
            out += self._stepwise(*E).sum(axis=0)
            return
        dz, operand = (apart(a, *E) for a in self) if E else self
        left = np.moveaxis(dz, 0, -2).reshape(*E, rows, -1)
        right = np.moveaxis(operand, 0, -2).reshape(*E, columns, -1)
        out += np.matmul(left, right.swapaxes(-1, -2))

    def _stepwise(self, *n_networks: int) -> np.ndarray:
        """The gradient's part from each step, (T, M, N), or (T, E, M, N) of E networks."""
        dz, operand = (apart(a, *n_networks) for a in self) if n_networks else self
        return np.matmul(dz, operand.swapaxes(-1, -2))

    def add_per_sequence(self, out: np.ndarray) -> None:
        """Add each sequence's gradient to ``out`` (B, M, N)."""
        dz, operand = self
        if out.ndim > 3:
            dz, operand = apart(dz, len(out)), apart(operand, len(out))
        # (B, M, T) and (B, T, N)
        left, right = np.moveaxis(dz, (0, -1), (-1, -3)), np.moveaxis(operand, (0, -1), (-2, -3))
        out += np.matmul(left, right)


class Elementwise(NamedTuple):
    """dz[t, :, b] * operand[t, :, b], of a weight w (M,) with ``z = w * operand``.

    Parameters
    ----------
    dz : ndarray of shape (T, M, B)
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

    dz: np.ndarray
    operand: np.ndarray

    def add_total(self, out: np.ndarray) -> None:
        """Add the gradient to ``out`` (M,)."""
        out += np.einsum("tmb,tmb->m", self.dz, self.operand)

    def add_per_sequence(self, out: np.ndarray) -> None:
        """Add each sequence's gradient to ``out`` (B, M)."""
        out += np.einsum("tmb,tmb->bm", self.dz, self.operand)
