"""One step of a fitted network at a time, with the state in the caller's hands."""

import math
import threading
from weakref import WeakKeyDictionary

import numpy as np

from .._engine.masking import time_first, valid_steps
from .._engine.network import Network
from .._validation.sequences import check_steps

_own = threading.local()  # buffers of a network are for one thread


def network_of(estimator) -> Network:
    """The estimator's network, with this thread's buffers."""
    networks = vars(_own).setdefault("networks", WeakKeyDictionary())
    network = networks.get(estimator)
    if network is None or network.topology is not estimator._topology:
        network = networks[estimator] = Network(estimator._topology)
    return network


def check_step(estimator, x, *, starts: bool):
    """One step of B sequences: x (1, D, B), missing (1, B) or None, and static (M, B) or None."""
    topology, columns = estimator._topology, estimator._static_columns
    D, M = topology.n_inputs, topology.n_static
    x = np.asarray(x, topology.dtype)
    if x.ndim > 2:
        raise ValueError(
            f"x has {x.ndim} dimensions: step takes one time step, (n_features,) of one "
            "sequence or (n_sequences, n_features) of many."
        )
    rows = x.reshape(1, -1) if x.ndim < 2 else x
    if rows.shape[1] != D + M:
        name = type(estimator).__name__
        raise ValueError(
            f"x has {rows.shape[1]} features, but {name} is expecting {D + M} features as input."
        )
    static = None
    if M:
        columns = list(columns) if estimator._ndim_in == 3 else list(range(M))
        static, rows = rows[:, columns], np.delete(rows, columns, axis=1)
        # where the first step is missing, the static covariates may be NaN as well
        missing = ~valid_steps(rows[:, np.newaxis])  # (B, 1)
        static = np.where(np.isnan(static) & missing, 0, static)
        if starts and not np.isfinite(static).all():
            raise ValueError(f"The static features of x must be finite, got {static.tolist()}.")
        static = static.T
    if math.isfinite(rows.sum()):
        return rows.T[np.newaxis], None, static
    sequences = rows[:, np.newaxis]  # (B, 1, D)
    _, mask = check_steps(sequences, input_name="x")
    return *time_first(sequences, mask.valid()), static


def check_state(estimator, state, n_sequences: int, size: int) -> np.ndarray:
    """The state (B, size) that a step starts from."""
    state = np.asarray(state, estimator._topology.dtype)
    rows = state.reshape(1, -1) if state.ndim < 2 else state
    if rows.shape != (n_sequences, size) or not np.isfinite(rows).all():
        raise ValueError(
            f"state must be what step has returned for these sequences, {size} finite numbers "
            f"for each of {n_sequences}, got an array of shape {state.shape}. Pass None to start."
        )
    return rows


def advance(estimator, x, state, predicted) -> tuple[np.ndarray, np.ndarray]:
    """``predicted(outputs)`` of outputs (B, K), and the new state (B, size)."""
    if estimator._topology.bidirectional:
        raise ValueError(
            "A bidirectional network can't predict step by step: it reads each sequence from its "
            "end as well. Use predict on whole sequences, or fit with bidirectional=False."
        )
    network = network_of(estimator)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        x, missing, static = check_step(estimator, x, starts=state is None)
        if state is not None:
            state = check_state(estimator, state, x.shape[2], network.state_size).T
        options = {"missing": missing, "state": state, "static": static}
        run = network.forward(estimator.parameters_, x, **options)
        y = predicted(run.outputs[0].T)
    return y, run.final_state().T


def check_bounded(estimator, values) -> None:
    """Raise ValueError if a step has led to no number."""
    if not np.isfinite(values).all():
        raise ValueError(
            f"The recurrence with activation={estimator._topology.activation!r}, or what is "
            "predicted from it, has grown beyond all bounds. Start again with state=None, scale x, "
            "or use a bounded activation ('tanh', 'logistic')."
        )
