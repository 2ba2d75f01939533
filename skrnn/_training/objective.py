"""The objective of the solvers: a network's loss on its data, with a penalty."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from .._engine.batch import Batch
from .._engine.blocks import samples_per_block
from .._engine.network import Network
from .._engine.parallel import SplitNetwork
from .dataset import SequenceData
from .penalty import Penalty

_SMALLEST_BLOCK = 32  # outputs; fewer cost as many NumPy calls


class Objective:
    r"""The loss on the training set plus the penalty.

    .. math:: F(\theta) = L(\theta) + \frac{\alpha}{2N} \lVert w \rVert^2

    with the `Penalty` of the weights w that `Network.penalized` marks. N is the sum of the weights
    of sequences (of steps with an output per step), with those of earlier data of which these are a
    part.

    Parameters
    ----------
    network : Network
    data : SequenceData
    alpha : float
        Strength of the penalty, or, where it follows the noise, its ratio to the noise.
    with_readout : bool
        Whether the penalty includes the readout.
    constant_loss : float or None
        The loss of the best constant, where the penalty follows the noise; None: it doesn't.
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
    total : float or None
        Sum of the weights of all targets that the penalty is for; None: of those of ``data``.

    Attributes
    ----------
    penalty : Penalty
    """

    def __init__(
        self,
        network: Network,
        data: SequenceData,
        *,
        alpha: float,
        with_readout: bool = False,
        constant_loss: float | None = None,
        batch_size: int,
        shuffle: bool,
        rng: np.random.RandomState,
        n_threads: int,
        validation: SequenceData | None = None,
        total: float | None = None,
    ):
        self.network = network
        self.data = data
        self._split = SplitNetwork(network, n_threads)
        self.penalty = Penalty(
            alpha,
            network.penalized(readout=with_readout),
            n_outputs=data.y.shape[2],
            total=data.total if total is None else total,
            constant_loss=constant_loss,
        )
        self._losses, self._seen = np.zeros(1), 0.0  # L times the weights of targets, of an epoch
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

    def begin(self, n_networks: int, *, may_change: bool) -> None:
        """Begin the training of E networks, for a solver whose objective may change or not."""
        self.penalty.begin(n_networks, may_change=may_change)
        self._losses = np.zeros(n_networks)

    def end_epoch(self) -> None:
        """Let the penalty follow the losses of the epoch, if the solver doesn't see to that."""
        if self._seen:
            for e, loss in enumerate(self._losses / self._seen):
                self.penalty.follow(e, loss, self._most_effective())
        self._losses, self._seen = np.zeros_like(self._losses), 0.0

    def _most_effective(self):
        """γ without the curvature: all weights, or half as many as there are targets."""
        return min(self.network.layout.size, self.data.total / 2)

    def keep(self, going: np.ndarray) -> None:
        """Keep some of the E networks (E,) in training."""
        self.penalty.keep(going)
        self._losses = self._losses[going]

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
        if self.penalty.follows_noise:
            self._losses += loss * batch.total
            self._seen += batch.total
        return loss + self.penalty.add(theta, out), state

    def total_loss_grad(self, theta: np.ndarray, out: np.ndarray) -> float:
        """F of one network on all data; its gradient (P,) goes into ``out``."""
        loss, part = 0.0, np.empty_like(out)
        out.fill(0)
        for rows in self.data.blocks(self.network.tape_rows):
            batch = self.data.batch(rows)
            share = batch.total / self.data.total
            loss += share * float(self._split.loss_grad(theta, batch, part)[0])
            part *= share
            out += part
        self.penalty.follow(0, loss, self._most_effective())
        return loss + float(self.penalty.add(theta[np.newaxis], out[np.newaxis])[0])

    def training_loss(self, theta: np.ndarray) -> float:
        """L of one network on the training set, without the penalty."""
        return float(losses(self.network, theta[np.newaxis], self.data)[0])

    def validation_losses(self, theta: np.ndarray) -> np.ndarray | None:
        """L (E,) of E networks on the validation set, if there is one."""
        return None if self.validation is None else losses(self.network, theta, self.validation)

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
        for e, model in enumerate(models):
            model.hessian.flat[:: theta.shape[1] + 1] += self.penalty.decay(e)
            model.loss += self.penalty.of(e, theta[e])
            model.gradient += self.penalty.decay(e) * theta[e]

    def follow_noise(self, e: int, theta: np.ndarray, model: Any) -> None:
        r"""Let the penalty of a network follow its noise, and change its ``model`` accordingly.

        The effective number of weights is :math:`\gamma = P - \mathrm{tr}(D H^{-1})`, with the
        Hessian H of F and that of the penalty, D.
        """
        if not self.penalty.follows_noise:
            return
        decay, loss = self.penalty.decay(e), model.loss - self.penalty.of(e, theta)
        inverse = model.inverse_diagonal()
        gamma = len(decay) - (0.0 if inverse is None else float(decay @ inverse))
        self.penalty.follow(e, loss, gamma)
        change = self.penalty.decay(e) - decay
        model.loss = loss + self.penalty.of(e, theta)
        model.gradient += change * theta
        model.hessian.flat[:: len(decay) + 1] += change

    def _linear_blocks(self):
        """Batches, and which of their S*K outputs one Jacobian covers."""
        rows, K = self.data.by_length(), self.network.topology.n_outputs
        longest = self.data.X.shape[1] if self.data.per_step else 1
        per_output = self.network.layout.size + self.data.X.shape[1] * self.network.tape_rows
        size = max(_SMALLEST_BLOCK, samples_per_block(per_output))  # C*B
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


def losses(network: Network, theta: np.ndarray, data: SequenceData) -> np.ndarray:
    """L (E,) of E networks (E, P) on a set, without the penalty."""
    total = np.zeros(len(theta))
    # the same blocks for any number of networks
    for rows in data.blocks(network.forward_rows):
        batch = data.batch(rows)
        total += (batch.total / data.total) * network.losses(theta, batch)
    return total
