"""What a solver minimizes: a network's loss on its data, with a penalty."""

from collections.abc import Iterator

import numpy as np

from ._batch import Batch
from ._data import SequenceData
from ._network import Network
from ._parallel import SplitNetwork

_BLOCK_NUMBERS = 2**20  # of a block's Jacobian and tape: 8 MB in float64
_SMALLEST_BLOCK = 32  # outputs; fewer cost as many NumPy calls


class Objective:
    r"""The loss on the training set plus the penalty.

    .. math:: F(\theta) = L(\theta) + \frac{\alpha}{2N} \lVert w \rVert^2

    where w are the weights that `Network.penalized` marks and N is the sum of the sequences'
    weights (of the steps' weights with an output per step).

    Parameters
    ----------
    network : Network
    data : SequenceData
    alpha : float
        Strength of the penalty.
    batch_size : int
        Sequences in a batch.
    shuffle : bool
        Whether each epoch has an order of its own.
    rng : numpy RandomState
    n_threads : int
        See `SplitNetwork`.
    """

    def __init__(
        self,
        network: Network,
        data: SequenceData,
        *,
        alpha: float,
        batch_size: int,
        shuffle: bool,
        rng: np.random.RandomState,
        n_threads: int,
    ):
        self.network = network
        self.data = data
        self._split = SplitNetwork(network, n_threads)
        self._decay = alpha * network.topology.n_outputs / data.total * network.penalized()  # (P,)
        self._batch_size = batch_size
        topology = network.topology
        self._chunk = topology.bptt_steps if topology.per_step else None
        self._shuffle = shuffle
        self._rng = rng

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._split.close()

    def epoch(self) -> Iterator[tuple[Batch, list | None]]:
        """Batches and the states that they start from; use each before the next is asked for."""
        rows = self.data.rows
        if self._shuffle:
            rows = self._rng.permutation(rows)
        for start in range(0, len(rows), self._batch_size):
            chosen = rows[start : start + self._batch_size]
            dropout = self.network.draw_dropout(self._rng, len(chosen))
            batch = self.data.batch(chosen)._replace(dropout=dropout)
            if self._chunk is None:
                yield batch, None
                continue
            state = None
            for chunk in batch.chunks(self._chunk):
                yield chunk, state
                state = self._split.final_state()

    def loss_grad(self, theta: np.ndarray, batch: Batch, out: np.ndarray, state=None) -> float:
        """F on one batch; its gradient (P,) goes into ``out``."""
        loss = self._split.loss_grad(theta, batch, out, state)
        return loss + self._add_penalty(theta, out)

    def normal_equations(self, theta: np.ndarray, hessian: np.ndarray, out: np.ndarray) -> float:
        """F on all data; its gradient (P,) goes into ``out``.

        ``hessian`` (P, P) becomes Gauss and Newton's approximation of the second
        derivative, accumulated over blocks of sequences so that no more than a block's
        Jacobian is ever in memory.
        """
        hessian.fill(0)
        out.fill(0)
        loss = 0.0
        for residual, jacobian in self._linearized_blocks(theta):
            loss += float(np.vdot(residual, residual))
            hessian += jacobian.T @ jacobian
            out += residual @ jacobian
        total = self.data.total
        hessian /= total
        out /= total
        hessian.flat[:: len(out) + 1] += self._decay
        return loss / (2 * total) + self._add_penalty(theta, out)

    def _linearized_blocks(self, theta):
        """Weighted residuals (C*B,) and their Jacobian (C*B, P), block after block."""
        rows, n_outputs = self.data.rows, self.data.y[0].size  # S*K
        per_output = theta.size + self.data.X.shape[1] * self.network.tape_rows
        size = max(_SMALLEST_BLOCK, _BLOCK_NUMBERS // per_output)  # C*B
        n_rows = max(1, size // n_outputs)
        for start in range(0, len(rows), n_rows):
            batch = self.data.batch(rows[start : start + n_rows])
            y = batch.y.reshape(n_outputs, -1)
            root = None
            if batch.weight is not None:
                root = np.sqrt(batch.weight.reshape(n_outputs, -1))
            for first in range(0, n_outputs, size):
                outputs = slice(first, first + size)
                residual, jacobian = self.network.jacobian(theta, batch, outputs)
                residual = residual - y[outputs]
                if root is not None:
                    residual *= root[outputs]
                    jacobian *= root[outputs].reshape(-1, 1)
                yield residual.ravel(), jacobian

    def _add_penalty(self, theta, gradient):
        decayed = self._decay * theta
        gradient += decayed
        return 0.5 * float(np.dot(theta, decayed))
