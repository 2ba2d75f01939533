"""Products with weights, and the products of two buffers that weight gradients are made of.

The same pair of buffers gives the gradient, summed over the sequences, and the rows of the
Jacobian, one for each sequence. Where E networks are trained as a batch, their weights are
(E, M, N), and each network has an equal share of the columns, B of E*B.
"""

from typing import NamedTuple, Protocol

import numpy as np

# Up to this many weights, and from so many sequences on, T small products cost less than the
# copies that one big product needs
_SMALL_PRODUCT = 4096
_MANY_SEQUENCES = 16
_FEW_NUMBERS = 5000  # of one row's product, which are summed up without BLAS


class BatchedWeights:
    """The weights (M, N) of several networks, each of which multiplies its own columns.

    Parameters
    ----------
    W : ndarray of shape (E, M, N)

    Attributes
    ----------
    known : dict of int to ndarray
        Views by network of arrays that are used again and again, by their id: making a view takes
        as long as a small product.
    """

    def __init__(self, W: np.ndarray):
        self._W = W
        self.known: dict[int, np.ndarray] = {}

    def dot(self, operand: np.ndarray, out: np.ndarray) -> None:
        """Write ``W @ operand`` into ``out``, as ``ndarray.dot`` does: (N, E*B) to (M, E*B)."""
        W, known = self._W, self.known
        columns, target = known.get(id(operand)), known.get(id(out))
        if columns is None:
            columns = by_network(operand, len(W))
        np.matmul(W, columns, out=by_network(out, len(W)) if target is None else target)


def multiplier(W: np.ndarray) -> np.ndarray | BatchedWeights:
    """Return an object that multiplies one step with the weights of one network or of several.

    Parameters
    ----------
    W : ndarray of shape (M, N) or (E, M, N)
        Weights; of E networks, each of which has its share of the columns.

    Returns
    -------
    W : ndarray or BatchedWeights
        ``W.dot(operand, out)`` writes the product with ``operand`` (N, B) into ``out`` (M, B).

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn.cells import multiplier
    >>> out = np.empty((3, 8))  # of two networks, with four sequences each
    >>> multiplier(np.ones((2, 3, 5))).dot(np.ones((5, 8)), out)
    >>> out[0]
    array([5., 5., 5., 5., 5., 5., 5., 5.])
    """
    return W if W.ndim == 2 else BatchedWeights(W)


def multiply_steps(W: np.ndarray, operand: np.ndarray, out: np.ndarray) -> None:
    """Multiply many steps at once with the weights of one network or of several.

    Parameters
    ----------
    W : ndarray of shape (M, N) or (E, M, N)
        Weights; of E networks, each of which has its share of the columns.
    operand : ndarray of shape (T, N, B)
        What W multiplies.
    out : ndarray of shape (T, M, B)
        Where the products go.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn.cells import multiply_steps
    >>> out = np.empty((6, 3, 4))
    >>> multiply_steps(np.ones((3, 5)), np.ones((6, 5, 4)), out)
    >>> out[0, 0]
    array([5., 5., 5., 5.])
    """
    if W.ndim == 2:
        np.matmul(W, operand, out=out)
        return
    E = len(W)
    np.matmul(W, _apart(operand, E), out=_apart(out, E))


def by_network(a: np.ndarray, n_networks: int) -> np.ndarray:
    """A view (E, M, B) of (M, E*B)."""
    return a.reshape(len(a), n_networks, -1).swapaxes(0, 1)


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
            dz, operand = (_apart(a, *E) for a in self) if E else self
            out[..., 0, :] += (dz * operand).sum(axis=-1).sum(axis=0)
            return
        if rows * columns <= _SMALL_PRODUCT and B >= _MANY_SEQUENCES:
            out += self._stepwise(*E).sum(axis=0)
            return
        dz, operand = (_apart(a, *E) for a in self) if E else self
        left = np.moveaxis(dz, 0, -2).reshape(*E, rows, -1)
        right = np.moveaxis(operand, 0, -2).reshape(*E, columns, -1)
        out += np.matmul(left, right.swapaxes(-1, -2))

    def _stepwise(self, *n_networks: int) -> np.ndarray:
        """The gradient's part from each step, (T, M, N), or (T, E, M, N) of E networks."""
        dz, operand = (_apart(a, *n_networks) for a in self) if n_networks else self
        return np.matmul(dz, operand.swapaxes(-1, -2))

    def add_per_sequence(self, out: np.ndarray) -> None:
        """Add each sequence's gradient to ``out`` (B, M, N)."""
        dz, operand = self
        if out.ndim > 3:
            dz, operand = _apart(dz, len(out)), _apart(operand, len(out))
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


def _apart(a: np.ndarray, n_networks: int) -> np.ndarray:
    """From (T, M, E*B) to (T, E, M, B)."""
    T, M, _ = a.shape
    return a.reshape(T, M, n_networks, -1).swapaxes(1, 2)
