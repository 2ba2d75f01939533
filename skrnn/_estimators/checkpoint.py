"""Resuming a training run, in another call of `fit` or another process."""

import zlib
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from .._engine.encoder_decoder import make_network
from .._engine.losses import Loss
from .._engine.network import Network
from .._engine.topology import Topology
from .._training.solvers import SOLVERS
from .._training.training_run import Checkpoint, TrainingRun
from ..cells import Cell
from .targets import Outputs

# parameters that losses depend on, beside those of the loss and of the cell
_LOSS_SETTINGS = (
    "activation",
    "alpha",
    "bptt_steps",
    "dropout",
    "early_stopping",
    "recurrent_dropout",
    "teacher_forcing",
    "validation_fraction",
)


@dataclass(frozen=True)
class Saved:
    """A checkpoint as a fitted estimator keeps it, without what its parameters hold already.

    Attributes
    ----------
    checkpoint : Checkpoint
        With None in the place of arrays that equal the weights of the network.
    solver : str
        The name of its solver.
    parameters : int
        Checksum of the network's weights: who changes these wants to begin there.
    data : int
        Checksum of what was trained on, and of how it was judged.
    seed : int or None
        ``random_state``, if it is a number.
    """

    checkpoint: Checkpoint
    solver: str
    parameters: int
    data: int
    seed: int | None


def save(estimator: Any, run: TrainingRun, solver: str, data: int) -> Saved | None:
    """The checkpoint of a training run, for an estimator that keeps its parameters."""
    checkpoint, kept = run.checkpoint, run.kept
    if checkpoint is None:
        return None
    arrays = {name: getattr(checkpoint, name) for name in ("theta", "best_theta")}
    slim: Any = {name: None for name, theta in arrays.items() if np.array_equal(theta, kept)}
    return Saved(replace(checkpoint, **slim), solver, _crc32(kept), data, _seed(estimator))


def load(estimator: Any, theta: np.ndarray, solver: str, dtype: Any) -> Checkpoint | None:
    """The checkpoint of the last fit of weights ``theta`` (P,), if training can resume there."""
    saved = getattr(estimator, "_saved", None)
    if saved is None or saved.solver != solver or theta.dtype != dtype:
        return None
    if saved.parameters != _crc32(theta):
        return None
    arrays = {name: getattr(saved.checkpoint, name) for name in ("theta", "best_theta")}
    full: Any = {name: theta for name, own in arrays.items() if own is None}
    if saved.seed != _seed(estimator):  # who changes the seed wants other batches
        full["rng"] = batch_generator(check_random_state(estimator.random_state))
    return replace(saved.checkpoint, **full)


def batch_generator(rng: np.random.RandomState) -> np.random.RandomState:
    """The generator of batches and dropout masks, seeded by that of the initial weights."""
    return np.random.RandomState(rng.randint(np.iinfo(np.int32).max))


def _seed(estimator):
    seed = estimator.random_state
    return int(seed) if isinstance(seed, Integral) else None


def rescaled(
    checkpoint: Checkpoint, solver: str, network: Network, factor: np.ndarray, shift: np.ndarray
) -> Checkpoint:
    """A checkpoint whose weights have outputs in another scale; see `Network.rescaled`."""
    theta, state = checkpoint.theta, checkpoint.solver
    of_weights = network.rescaled(np.ones_like(theta), factor, np.zeros_like(shift))
    return replace(
        checkpoint,
        theta=network.rescaled(theta, factor, shift),
        solver=SOLVERS[solver].rescaled(state, of_weights),
    )


def checksum(estimator: Any, cell: Cell, loss: Loss, data: int) -> int:
    """A checksum of what losses depend on: settings, and data of a checksum."""
    settings = [repr(getattr(estimator, name, None)) for name in _LOSS_SETTINGS]
    settings += [repr((type(part).__name__, vars(part))) for part in (cell, loss)]
    return zlib.crc32(repr(settings).encode(), data)


def checksum_of_data(X: np.ndarray, *others: np.ndarray | None) -> int:
    """A checksum of some of the sequences, and of all other data."""
    value = zlib.crc32(repr((X.shape, [a is None for a in others])).encode())
    for array in (some_of(X), *others):
        if array is not None:
            value = _crc32(array, value)
    return value


def some_of(X: np.ndarray) -> np.ndarray:
    """Three of the sequences (N, T, D): all of them may be more than the memory holds."""
    return X[[0, len(X) // 2, -1]]


def _crc32(array: np.ndarray, before: int = 0) -> int:
    return zlib.crc32(np.ascontiguousarray(array).data, before)


def check_resumes(estimator: Any, now: Topology, outputs: Outputs) -> None:
    """Raise ValueError if a fit can't resume the one before."""
    what = "warm_start=True resumes" if estimator.warm_start else "partial_fit resumes"
    if estimator._topology.n_networks > 1:
        raise ValueError(
            f"{what} the training of one network, but this is an ensemble of "
            f"{estimator._topology.n_networks}: start again with warm_start=False, or fit with "
            "ensemble=False."
        )
    anew = "or start again: call fit with warm_start=False"
    before = estimator._topology
    if type(before.cell) is not type(now.cell):
        cells = type(before.cell).__name__, type(now.cell).__name__
        raise ValueError(
            f"{what} a fit with {cells[0]}, but cell is now a {cells[1]}: keep the class of the "
            f"cell, {anew}."
        )
    shapes = [make_network(topology).layout.shapes for topology in (before, now)]
    if shapes[0] != shapes[1]:
        lost, new = (dict(own.items() - other.items()) for own, other in (shapes, shapes[::-1]))
        raise ValueError(
            f"{what} a fit with weights of shapes {lost}, but the network now needs {new}: keep "
            "hidden_size, embedding_size, bidirectional, learn_initial_state and the numbers of "
            f"features, tokens and targets, {anew}."
        )
    if before.per_step != now.per_step:
        kinds = {False: "one target for each sequence", True: "a target for every step"}
        raise ValueError(
            f"{what} a fit with {kinds[before.per_step]}, but y now has "
            f"{kinds[now.per_step]}: keep the kind of y, {anew}."
        )
    scaling, needed = estimator._outputs.scaling, outputs.scaling or {}
    if scaling not in (None, outputs.scaling):
        changed = [name for name, value in scaling.items() if value != needed.get(name)]
        raise ValueError(
            f"{what} a fit whose targets were scaled with another {' and '.join(changed)}: keep "
            f"loss, normalize_y and whether quantile is a list, {anew}."
        )
