"""Products with weights, and the products of two buffers that weights' gradients are made of.

The same pair of buffers gives the gradient, summed over the sequences, and the rows of the
Jacobian, one for each sequence. Where several nets are trained side by side, their weights are
stacked, (E, M, N), and each net has an equal share of the columns, B of E*B.
"""

from typing import NamedTuple, Protocol

import numpy as np

# Up to this many weights, and from so many sequences on, T small products cost less than the
# copies that one big product needs
_SMALL_PRODUCT = 4096
_MANY_SEQUENCES = 16


class Stack:
    """The weights (M, N) of several nets, each of which multiplies its own columns.

    Parameters
    ----------
    W : ndarray of shape (E, M, N)
    """

    def __init__(self, W: np.ndarray):
        self._W = W

    def dot(self, operand: np.ndarray, out: np.ndarray) -> None:
        """``W @ operand``, as an ndarray's: operand (N, E*B), out (M, E*B)."""
        E = len(self._W)
        operand = operand.reshape(len(operand), E, -1).swapaxes(0, 1)
        np.matmul(self._W, operand, out=out.reshape(len(out), E, -1).swapaxes(0, 1))


def multiplier(W: np.ndarray) -> np.ndarray | Stack:
    """What multiplies a step by ``dot(operand, out)``, made of W (M, N) or (E, M, N)."""
    return W if W.ndim == 2 else Stack(W)


def multiply_steps(W: np.ndarray, operand: np.ndarray, out: np.ndarray) -> None:
    """``W @ operand`` for many steps: operand (T, N, B), or (T, N, E*B) for W (E, M, N)."""
    if W.ndim == 2:
        np.matmul(W, operand, out=out)
        return
    for own, columns in zip(W, shares(len(W), operand.shape[-1]), strict=True):
        # copied, as NumPy rounds a single row's products in another order between strides
        out[..., columns] = np.matmul(own, operand[..., columns].copy())


def shares(n_nets: int, n_columns: int) -> list[slice]:
    """The columns of each net."""
    B = n_columns // n_nets
    return [slice(e * B, (e + 1) * B) for e in range(n_nets)]


class Product(Protocol):
    """A product of two buffers, over T steps and B sequences.

    Of E nets, it has E*B columns, and ``out`` one more axis in front.
    """

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
        *E, rows, columns = out.shape
        if E and rows == 1:  # as in `multiply_steps`
            for own, part in zip(out, shares(*E, delta.shape[-1]), strict=True):
                Outer(delta[..., part].copy(), operand[..., part].copy()).add_total(own)
            return
        if E:
            delta, operand = _apart(delta, *E), _apart(operand, *E)  # (T, E, rows, B)
        if rows * columns <= _SMALL_PRODUCT and delta.shape[-1] >= _MANY_SEQUENCES:
            out += np.matmul(delta, operand.swapaxes(-1, -2)).sum(axis=0)
            return
        left = np.moveaxis(delta, 0, -2).reshape(*E, rows, -1)
        right = np.moveaxis(operand, 0, -2).reshape(*E, columns, -1)
        out += np.matmul(left, right.swapaxes(-1, -2))

    def add_per_sequence(self, out: np.ndarray) -> None:
        """Add each sequence's gradient to ``out`` (B, M, N)."""
        delta, operand = self
        if out.ndim > 3:
            delta, operand = _apart(delta, len(out)), _apart(operand, len(out))
        # (B, M, T) and (B, T, N)
        left, right = np.moveaxis(delta, (0, -1), (-1, -3)), np.moveaxis(operand, (0, -1), (-2, -3))
        out += np.matmul(left, right)


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


def _apart(a, n_nets):
    """From (T, M, E*B) to (T, E, M, B)."""
    T, M, _ = a.shape
    return a.reshape(T, M, n_nets, -1).swapaxes(1, 2)
