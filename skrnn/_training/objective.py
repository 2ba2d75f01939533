"""The objective of the solvers: a network's loss on its data, with a penalty."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from .._engine.batch import Batch
from .._engine.network import Network
from .._engine.parallel import SplitNetwork
from .dataset import SequenceData

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
        Draws the order of batches and what is dropped.
    n_threads : int
        See `SplitNetwork`.
    validation : SequenceData or None
        The validation set; None: none.
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
        validation: SequenceData | None = None,
    ):
        self.network = network
        self.data = data
        self._split = SplitNetwork(network, n_threads)
        self._decay = alpha * data.y.shape[2] / data.total * network.penalized()  # (P,)
        self._batch_size = batch_size
        topology = network.topology
        self._chunk = topology.bptt_steps if topology.per_step else None
        self._shuffle = shuffle
        self.rng = rng
        self.validation = validation

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._split.close()

    def epoch(self) -> Iterator[Iterator[Batch]]:
        """The batches of an epoch, each as the chunks of steps that follow one another.

        With truncated backpropagation, each chunk starts from the final state of the previous
        one. Otherwise a batch is one chunk.
        """
        for chosen in self._batches():
            dropout = self.network.draw_dropout(self.rng, len(chosen))
            yield self.data.batch(chosen)._replace(dropout=dropout).chunks(self._chunk)

    def _batches(self):
        """The sequences of each batch; shuffled batches hold sequences of similar length."""
        rows = self.data.rows
        starts: Any = range(0, len(rows), self._batch_size)
        if self._shuffle:
            rows = self.rng.permutation(rows)
            lengths = self.data.mask.lengths[rows]
            if len(starts) > 1 and (lengths != lengths[0]).any():
                rows = rows[np.argsort(lengths, kind="stable")]
                starts = self.rng.permutation(starts)
        for start in starts:
            yield rows[start : start + self._batch_size]

    def loss_grad(
        self, theta: np.ndarray, batch: Batch, out: np.ndarray, state: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """F (E,) of E networks on one batch, and the final state.

        The gradients (E, P) go into ``out``.
        """
        loss, state = self._split.loss_grad(theta, batch, out, state)
        return loss + self._add_penalty(theta, out), state

    def total_loss_grad(self, theta: np.ndarray, out: np.ndarray) -> float:
        """F of one network on all data; its gradient (P,) goes into ``out``."""
        loss, part = 0.0, np.empty_like(out)
        out.fill(0)
        for rows in self._blocks(self.data, self.network.tape_rows):
            batch = self.data.batch(rows)
            share = batch.total / self.data.total
            loss += share * float(self._split.loss_grad(theta, batch, part)[0])
            part *= share
            out += part
        return loss + self._add_penalty(theta, out)

    def penalty(self, theta: np.ndarray) -> float:
        """The penalty of one network."""
        return 0.5 * float(np.dot(theta, self._decay * theta))

    def training_loss(self, theta: np.ndarray) -> float:
        """L of one network on the training set, without the penalty."""
        return float(self._losses(theta[np.newaxis], self.data, self._batch_size)[0])

    def validation_losses(self, theta: np.ndarray) -> np.ndarray | None:
        """L (E,) of E networks on the validation set, if there is one."""
        return None if self.validation is None else self._losses(theta, self.validation)

    def _losses(self, theta, data, most=None):
        losses = np.zeros(len(theta))
        # the same blocks for any number of networks
        for rows in self._blocks(data, self.network.forward_rows, most):
            batch = data.batch(rows)
            losses += (batch.total / data.total) * self.network.losses(theta, batch)
        return losses

    @staticmethod
    def _blocks(data, n_rows, most=None):
        """Blocks of sequences whose tapes, of ``n_rows`` numbers per step, fit a core's cache."""
        rows, size = data.by_length(), max(1, _BLOCK_NUMBERS // (data.X.shape[1] * n_rows))
        size = size if most is None else min(size, most)
        for start in range(0, len(rows), size):
            yield rows[start : start + size]

    def normal_equations(self, theta: np.ndarray, models: list[Any]) -> None:
        """F on all data, with derivatives, for each of E networks (E, P).

        Each of the ``models`` gets the ``loss``, the ``gradient`` (P,) and the Gauss-Newton
        ``hessian`` (P, P). Blocks of sequences bound the memory for the Jacobian.
        """
        for model in models:
            model.loss = 0.0
            model.gradient.fill(0)
            model.hessian.fill(0)
        for batch, outputs in self._linear_blocks():
            all_outputs, jacobians = self.network.jacobian(theta, batch, outputs)
            for model, output, jacobian in zip(models, all_outputs, jacobians, strict=True):
                self._add_block(model, batch, outputs, output, jacobian)
        for model, own in zip(models, theta, strict=True):
            model.hessian.flat[:: len(own) + 1] += self._decay
            model.loss += self._add_penalty(own, model.gradient)

    def _linear_blocks(self):
        """Batches, and which of their S*K outputs one Jacobian covers."""
        rows, K = self.data.by_length(), self.network.topology.n_outputs
        longest = self.data.X.shape[1] if self.data.per_step else 1
        per_output = self.network.layout.size + self.data.X.shape[1] * self.network.tape_rows
        size = max(_SMALLEST_BLOCK, _BLOCK_NUMBERS // per_output)  # C*B
        n_rows = max(1, size // (longest * K))
        size = max(K, size - size % K)  # whole steps, whose outputs may depend on each other
        for start in range(0, len(rows), n_rows):
            batch = self.data.batch(rows[start : start + n_rows])
            for first in range(0, len(batch.y) * K, size):
                yield batch, slice(first, first + size)

    def _add_block(self, model, batch, outputs, output, jacobian):
        """Add what some outputs of a batch contribute; overwrites ``jacobian`` (C, B, P)."""
        loss, (_, K, B), share = self.network.loss, output.shape, self.data.total
        gradient = np.empty_like(output)  # (S, K, B)
        value = loss.value_and_gradient(output, batch.y, batch.weight, share, out=gradient)
        if outputs.start == 0:
            model.loss += float(value)
        steps, flat = slice(outputs.start // K, outputs.stop // K), (-1, jacobian.shape[-1])
        model.gradient += gradient[steps].ravel() @ jacobian.reshape(flat)
        by_step = jacobian.reshape(-1, K, B, jacobian.shape[-1])
        loss.scale_by_curvature(by_step, output[steps], batch.y[steps])
        if batch.weight is not None:
            by_step *= np.sqrt(batch.weight[steps])[..., np.newaxis]
        jacobian = by_step.reshape(flat)
        model.hessian += (jacobian.T @ jacobian) / share

    def _add_penalty(self, theta: np.ndarray, gradient: np.ndarray) -> Any:
        """Add the gradient of the penalty, and return the penalty: of (P,) or of (E, P)."""
        decayed = self._decay * theta
        gradient += decayed
        if theta.ndim == 1:
            return 0.5 * float(np.dot(theta, decayed))
        return 0.5 * np.array([float(np.dot(*own)) for own in zip(theta, decayed, strict=True)])
