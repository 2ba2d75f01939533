"""Networks and batches, for tests of the engine."""

import numpy as np
import pytest

from skrnn._engine.batch import Batch
from skrnn._engine.cross_entropy import BinaryCrossEntropy, CrossEntropy
from skrnn._engine.masking import StepMask, time_first, valid_steps
from skrnn._engine.network import Network
from skrnn._engine.topology import Topology
from skrnn._training.dataset import SequenceData
from skrnn.cells import CELLS, JordanCell
from tests.helpers.toy_cell import LeakyCell

MASKS = ["none", "front", "end", "inside", "empty"]  # where steps are missing


# --- every cell in every topology ---

PARTS = {name: cell() for name, cell in CELLS.items()} | {
    "jordan": JordanCell(decay=0.3),
    "toy": LeakyCell(),
}
# H of each layer, and whether there are two directions
STACKS = {"1": ((3,), False), "2": ((3, 2), False), "3": ((2, 3, 2), False)}
STACKS |= {"1 both ways": ((3,), True), "2 both ways": ((2, 3), True)}
TOPOLOGIES = [
    (cell, stack)
    for cell in PARTS
    for stack in STACKS
    if not (PARTS[cell].output_feedback and STACKS[stack][1])
]
every_topology = pytest.mark.parametrize(("cell", "stack"), TOPOLOGIES)
every_output = pytest.mark.parametrize("per_step", [False, True], ids=["last", "per step"])


# --- networks ---


def make_network(
    cell="elman", sizes=(3,), *, loss=None, D=2, K=2, M=0, per_step=False, dtype="f8", **options
):
    """A network of a cell, or of one by its name; ``options`` are those of `Topology`."""
    cell = CELLS[cell]() if isinstance(cell, str) else cell
    return Network(Topology(cell, D, sizes, K, per_step, np.dtype(dtype), M, **options), loss)


def stacked_network(cell, stack, **options):
    """One of the ``TOPOLOGIES``."""
    sizes, bidirectional = STACKS[stack]
    return make_network(PARTS[cell], sizes, bidirectional=bidirectional, **options)


def random_parameters(network, rng, scale=0.3):
    """Initial parameters, moved so that no bias is 0."""
    theta = network.initial_parameters(rng)
    return theta + scale * rng.normal(size=theta.size).astype(theta.dtype)


# --- batches ---


def masked_sequences(rng, mask, n=5, n_steps=7, D=2):
    """Sequences (N, T, D); with a mask, most of them, not all, have missing steps."""
    X = rng.normal(size=(n, n_steps, D))
    for i in range(1, n):
        if mask == "front":
            X[i, :i] = np.nan
        elif mask == "end":
            X[i, n_steps - i :] = np.nan
        elif mask == "inside":
            X[i, rng.permutation(n_steps)[:i]] = np.nan
    if mask == "empty":
        X[1] = np.nan
    return X


def make_batch(network, rng, mask="none", *, n=4, n_steps=5, dropout=False):
    """A batch of masked sequences, with targets for the network's loss and weights of all."""
    topology = network.topology
    S, K = n_steps if topology.per_step else 1, topology.n_outputs
    X = masked_sequences(rng, mask, n, n_steps, topology.n_inputs)
    if topology.n_tokens:
        X = np.where(np.isnan(X), X, rng.randint(topology.n_tokens, size=X.shape))
    valid = ~np.isnan(X[..., 0])  # (N, T)
    x, missing = time_first(X, valid)
    known = valid.T[:, None] if topology.per_step else valid.any(axis=1)[None, None]
    if isinstance(network.loss, CrossEntropy | BinaryCrossEntropy):
        y = rng.randint(max(2, K), size=(S, 1, n)).astype(float)
    else:
        y = rng.normal(size=(S, K, n))
    weight = rng.uniform(0.5, 2, size=y.shape) * known
    static = rng.normal(size=(topology.n_static, n)) if topology.n_static else None
    drawn = network.draw_dropout(rng, n) if dropout else None
    return Batch(x, missing, y, weight, float(weight.sum()), static, drawn)


def sequences_of(batch):
    """The batch's X (N, T, D), NaN where a step is missing."""
    x = batch.x if batch.missing is None else np.where(batch.missing[:, None], np.nan, batch.x)
    return x.transpose(2, 0, 1)


def data_set(X, *args, **kwargs):
    """A training set of checked sequences."""
    return SequenceData(X, *args, mask=StepMask.of_valid(valid_steps(X)), **kwargs)


def sequence_data(rng, X, K=3, *, per_step, weighted=False):
    """Random targets for sequences X (N, T, D), none where a step or a sequence is missing."""
    y = rng.normal(size=(len(X), X.shape[1] if per_step else 1, K))
    missing = np.isnan(X[..., 0])
    y[missing if per_step else missing.all(axis=1)] = np.nan
    weight = rng.uniform(0.5, 2, size=(len(X), 1)) if weighted else None
    return data_set(X, y, weight, per_step=per_step)


def all_rows(data):
    """A data set as one batch."""
    return data.batch(np.arange(len(data.X)))


# --- runs and derivatives ---


def run(network, theta, x, missing=None, state=None, static=None):
    """A forward run, with outputs (S, K, B) and a final state (R, B)."""
    return network.forward(theta, x, missing=missing, state=state, static=static)


def loss_of(network, theta, batch, state=None):
    """The loss of one network on a batch."""
    return network.loss_grad(theta, batch, np.empty_like(theta), state)[0]


def jacobian_of(network, theta, batch, outputs=slice(None)):
    """Some outputs (C, B) of one network and their derivatives (C*B, P)."""
    values, jacobian = network.jacobian(theta[np.newaxis], batch, outputs)
    values = values[0].reshape(-1, values.shape[-1])[outputs]
    return values, jacobian[0].reshape(-1, theta.size)


def difference(function, theta, direction, step=1e-6):
    """Central differences of a function of theta, along a direction."""
    return (function(theta + step * direction) - function(theta - step * direction)) / (2 * step)


def loss_difference(network, batch, theta, direction, state=None, step=1e-6):
    """Central differences of a network's loss on a batch, along a direction."""
    return difference(lambda p: loss_of(network, p, batch, state), theta, direction, step)


def assert_exact_gradient(network, theta, batch, rng):
    """All weights have a gradient, and it is that of central differences, in any direction."""
    gradient = np.empty_like(theta)
    network.loss_grad(theta, batch, gradient)
    for name, own in network.named_weights(gradient).items():
        assert own.any(), name
    for _ in range(4):
        direction = rng.normal(size=theta.size)
        slope = loss_difference(network, batch, theta, direction, step=1e-5)
        assert abs(gradient @ direction - slope) < 1e-6 * np.linalg.norm(gradient)
