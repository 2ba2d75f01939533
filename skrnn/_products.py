"""Products with weights, and the products of two buffers that weights' gradients are made of.

The same pair of buffers gives the gradient, summed over the sequences, and the rows of the
Jacobian, one for each sequence. Where several nets are trained side by side, their weights are
stacked, (E, M, N), and each net has an equal share of the columns, B of E*B.
"""

import functools
from typing import NamedTuple, Protocol

import numpy as np

# Up to this many weights, and from so many sequences on, T small products cost less than the
# copies that one big product needs
_SMALL_PRODUCT = 4096
_MANY_SEQUENCES = 16
_FEW_NUMBERS = 5000  # of one row's product, which are summed up without BLAS


class Stack:
    """The weights (M, N) of several nets, each of which multiplies its own columns.

    Parameters
    ----------
    W : ndarray of shape (E, M, N)

    Attributes
    ----------
    known : dict of int to ndarray
        What `by_net` returns of arrays that are used again and again, by their id: making a
        view takes as long as a small product.
    """

    def __init__(self, W: np.ndarray):
        self._W = W
        self._alike = None
        self.known = {}

    def dot(self, operand: np.ndarray, out: np.ndarray) -> None:
        """``W @ operand``, as an ndarray's: operand (N, E*B), out (M, E*B)."""
        W = self._W
        if self._alike is None:
            self._alike = _dots_alike(*W.shape, operand.shape[-1] // len(W), W.dtype)
        if self._alike:
            known = self.known
            columns, target = known.get(id(operand)), known.get(id(out))
            if columns is None:
                columns = by_net(operand, len(W))
            np.matmul(W, columns, out=by_net(out, len(W)) if target is None else target)
            return
        for own, part in zip(W, shares(len(W), operand.shape[-1]), strict=True):
            out[:, part] = own.dot(operand[:, part].copy())


def multiplier(W: np.ndarray) -> np.ndarray | Stack:
    """What multiplies one step, made of the weights of one net or of several.

    Parameters
    ----------
    W : ndarray of shape (M, N) or (E, M, N)
        Weights; of E nets, each of which has its share of the columns.

    Returns
    -------
    W : ndarray or Stack
        ``W.dot(operand, out)`` writes the product with ``operand`` (N, B) into ``out`` (M, B).

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn.cells import multiplier
    >>> out = np.empty((3, 8))  # of two nets, with four sequences each
    >>> multiplier(np.ones((2, 3, 5))).dot(np.ones((5, 8)), out)
    >>> out[0]
    array([5., 5., 5., 5., 5., 5., 5., 5.])
    """
    return W if W.ndim == 2 else Stack(W)


def multiply_steps(W: np.ndarray, operand: np.ndarray, out: np.ndarray) -> None:
    """Multiply many steps at once with the weights of one net or of several.

    Parameters
    ----------
    W : ndarray of shape (M, N) or (E, M, N)
        Weights; of E nets, each of which has its share of the columns.
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
    for own, columns in zip(W, shares(len(W), operand.shape[-1]), strict=True):
        # copied, so that they are rounded as those of a net alone are
        out[..., columns] = np.matmul(own, operand[..., columns].copy())


def by_net(a: np.ndarray, n_nets: int) -> np.ndarray:
    """A view (E, M, B) of (M, E*B)."""
    return a.reshape(len(a), n_nets, -1).swapaxes(0, 1)


# Nets that are trained side by side end up with the very bits of nets that are trained alone. A
# BLAS may choose other instructions, and round otherwise, where a net's columns aren't
# contiguous. It chooses by shape, so each is tried once, on enough numbers to tell.
_NUMBERS_TRIED = 5000


@functools.cache
def _dots_alike(E, M, N, B, dtype):
    """Whether products of a stack are rounded as those of each net are."""
    rng, out = np.random.RandomState(0), np.empty((M, E * B), dtype)
    for _ in range(max(1, _NUMBERS_TRIED // out.size)):
        W, operand = (rng.normal(size=shape).astype(dtype) for shape in [(E, M, N), (N, E * B)])
        np.matmul(W, by_net(operand, E), out=by_net(out, E))
        for own, part in zip(W, shares(E, E * B), strict=True):
            if not np.array_equal(out[:, part], own.dot(operand[:, part].copy())):
                return False
    return True


@functools.cache
def _outers_alike(E, M, N, B, dtype):
    """The same, for the products of two buffers at each step."""
    rng, T = np.random.RandomState(0), max(2, _NUMBERS_TRIED // (E * M * N))
    pair = Outer(*(rng.normal(size=(T, rows, E * B)).astype(dtype) for rows in (M, N)))
    stacked = pair.stepwise(E)
    return all(
        np.array_equal(stacked[:, e], pair.share(part).stepwise())
        for e, part in enumerate(shares(E, E * B))
    )


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
        *E, rows, columns = out.shape
        B = self.delta.shape[-1] // (len(out) if E else 1)
        if rows == 1 and len(self.delta) * columns * B <= _FEW_NUMBERS:
            delta, operand = (_apart(a, *E) for a in self) if E else self
            out[..., 0, :] += (delta * operand).sum(axis=-1).sum(axis=0)
            return
        small = rows * columns <= _SMALL_PRODUCT and B >= _MANY_SEQUENCES
        if E and (rows == 1 or (small and not _outers_alike(*out.shape, B, out.dtype))):
            for own, part in zip(out, shares(*E, self.delta.shape[-1]), strict=True):
                self.share(part).add_total(own)
            return
        if small:
            out += self.stepwise(*E).sum(axis=0)
            return
        delta, operand = (_apart(a, *E) for a in self) if E else self
        # without a copy, one sequence's would be transposed, and rounded otherwise
        left = np.ascontiguousarray(np.moveaxis(delta, 0, -2).reshape(*E, rows, -1))
        right = np.ascontiguousarray(np.moveaxis(operand, 0, -2).reshape(*E, columns, -1))
        out += np.matmul(left, right.swapaxes(-1, -2))

    def stepwise(self, *n_nets: int) -> np.ndarray:
        """The gradient's part from each step, (T, M, N), or (T, E, M, N) of E nets."""
        delta, operand = (_apart(a, *n_nets) for a in self) if n_nets else self
        return np.matmul(delta, operand.swapaxes(-1, -2))

    def share(self, part: slice) -> "Outer":
        """That of some columns, copied: rounding may depend on what is contiguous."""
        return Outer(self.delta[..., part].copy(), self.operand[..., part].copy())

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
