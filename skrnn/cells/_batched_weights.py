"""Products with the weights of one network, or of several that are trained as a batch.

The weights of E networks are (E, M, N). Each network has an equal share of the columns, B of E*B.
"""

import numpy as np


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
    np.matmul(W, apart(operand, E), out=apart(out, E))


def by_network(a: np.ndarray, n_networks: int) -> np.ndarray:
    """A view (E, M, B) of (M, E*B)."""
    return a.reshape(len(a), n_networks, -1).swapaxes(0, 1)


def apart(a: np.ndarray, n_networks: int) -> np.ndarray:
    """From (T, M, E*B) to (T, E, M, B)."""
    T, M, _ = a.shape
    return a.reshape(T, M, n_networks, -1).swapaxes(1, 2)
