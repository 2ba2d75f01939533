"""Resuming a training run, in another call of `fit` or another process."""

import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .._engine.network import Network
from .._engine.topology import Topology
from .._training.trainer import Checkpoint, TrainingRun
from .targets import Outputs

# parameters without which the losses of two fits can't be compared
_JUDGED_BY = "loss", "quantile", "huber_delta", "alpha", "early_stopping", "validation_fraction"


@dataclass(frozen=True)
class Saved:
    """A checkpoint as a fitted estimator keeps it, without what its parameters hold already.

    Attributes
    ----------
    checkpoint : Checkpoint
        With None in the place of arrays that equal ``parameters_``.
    solver : str
        The name of its solver.
    parameters : int
        Checksum of ``parameters_``: who changes these wants to begin there.
    data : int
        Checksum of what was trained on, and of how it was judged.
    """

    checkpoint: Checkpoint
    solver: str
    parameters: int
    data: int


def save(run: TrainingRun, solver: str, data: int) -> Saved | None:
    """The checkpoint of a training run, for an estimator that keeps its parameters."""
    checkpoint, kept = run.checkpoint, run.kept
    if checkpoint is None:
        return None
    arrays = {name: getattr(checkpoint, name) for name in ("theta", "best_theta")}
    slim: Any = {name: None for name, theta in arrays.items() if np.array_equal(theta, kept)}
    return Saved(replace(checkpoint, **slim), solver, _crc32(kept), data)


def load(estimator: Any, solver: str, dtype: Any) -> Checkpoint | None:
    """The checkpoint of the last fit, if training can resume there."""
    saved, theta = getattr(estimator, "_saved", None), estimator.parameters_
    if saved is None or saved.solver != solver or theta.dtype != dtype:
        return None
    if saved.parameters != _crc32(theta):
        return None
    arrays = {name: getattr(saved.checkpoint, name) for name in ("theta", "best_theta")}
    full = {name: theta for name, own in arrays.items() if own is None}
    return replace(saved.checkpoint, **full)


def checksum(estimator: Any, X: np.ndarray, *others: np.ndarray | None) -> int:
    """A checksum of the data of a fit, and of the settings that its losses depend on."""
    settings = [repr(getattr(estimator, name, None)) for name in _JUDGED_BY]
    value = zlib.crc32(repr((settings, X.shape, [a is None for a in others])).encode())
    for array in (X[[0, len(X) // 2, -1]], *others):
        if array is not None:
            value = _crc32(array, value)
    return value


def _crc32(array: np.ndarray, before: int = 0) -> int:
    return zlib.crc32(np.ascontiguousarray(array).data, before)


def check_resumes(estimator: Any, now: Topology, outputs: Outputs) -> None:
    """Raise ValueError if a fit can't resume the one before."""
    what = "warm_start=True" if estimator.warm_start else "partial_fit resumes training"
    begin = "or start again: call fit with warm_start=False"
    before = estimator._topology
    cells = type(before.cell), type(now.cell)
    if cells[0] is not cells[1]:
        raise ValueError(
            f"{what}, but the previous fit was of {cells[0]!r} and this one is of {cells[1]!r}: "
            f"keep the class of the cell, {begin}."
        )
    shapes = [Network(topology).layout.shapes for topology in (before, now)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"{what}, but the previous fit has weights of shapes {shapes[0]} and this one needs "
            f"{shapes[1]}: keep hidden_size, bidirectional, learn_initial_state and the numbers "
            f"of features and targets, {begin}."
        )
    if before.per_step != now.per_step:
        kinds = {False: "one target for each sequence", True: "a target for every step"}
        raise ValueError(
            f"{what}, but the previous fit had {kinds[before.per_step]} and this one has "
            f"{kinds[now.per_step]}: keep the kind of y, {begin}."
        )
    scaling = estimator._outputs.scaling
    if scaling not in (None, outputs.scaling):
        raise ValueError(
            f"{what}, but the previous fit scaled its targets for {scaling} and this one "
            f"needs {outputs.scaling}: keep loss and normalize_y, {begin}."
        )
