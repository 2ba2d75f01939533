"""One step of a fitted network at a time, with the state in the caller's hands."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .._engine.masking import time_first, valid_steps
from .._engine.network import Network
from .._validation.sequences import check_steps
from .blas_threads import same_bits


def network_of(estimator: Any) -> Network:
    """The estimator's network, with this thread's buffers."""
    return estimator._network.own()


def check_step(
    estimator: Any, x: Any, *, starts: bool
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Check one step; return x (1, D, B), missing (1, B) or None, static (M, B) or None."""
    topology, layout = estimator._topology, estimator._input_layout
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
        columns = list(layout.static_columns) if layout.ndim == 3 else list(range(M))
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


def check_state(network: Network, state: Any, n_sequences: int, name: str = "state") -> np.ndarray:
    """Check a state (B, R) that a user passes."""
    if isinstance(state, tuple):
        raise ValueError(
            f"{name} is a tuple: step returns (prediction, state). Unpack it, and pass the state."
        )
    state, size = np.asarray(state, network.topology.dtype), network.state_size
    rows = state.reshape(1, -1) if state.ndim < 2 else state
    if rows.shape != (n_sequences, size):
        raise ValueError(
            f"{name} has shape {state.shape}, but {(n_sequences, size)} is expected: one row per "
            "sequence, as predict or step has returned it. Pass None to start."
        )
    if not np.isfinite(rows).all():
        raise ValueError(f"{name} contains NaN or infinity. Pass None to start.")
    return rows


def check_directions(estimator: Any, what: str) -> None:
    """Raise ValueError if a bidirectional network is asked for a state."""
    if estimator._topology.bidirectional:
        raise ValueError(
            f"A bidirectional network doesn't support {what}: it also reads each sequence from its "
            "end, so that no state continues there. Use predict on whole sequences, or fit with "
            "bidirectional=False."
        )


def advance(
    estimator: Any, x: Any, state: Any, predicted: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Run one step; return ``predicted(outputs)`` of the outputs (B, K), and the state (B, R)."""
    check_directions(estimator, "step")
    network = network_of(estimator)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        x, missing, static = check_step(estimator, x, starts=state is None)
        if state is not None:
            state = check_state(network, state, x.shape[2]).T
        options = {"missing": missing, "state": state, "static": static}
        theta = estimator.parameters_
        with same_bits(theta.size * x.shape[2]):
            run = network.forward(theta, x, **options)
        y = predicted(run.outputs[0].T)
    return y, run.final_state().T


def check_bounded(estimator: Any, values: np.ndarray) -> None:
    """Raise ValueError if a step has led to NaN or infinity."""
    if not np.isfinite(values).all():
        raise ValueError(
            f"The recurrence with activation={estimator._topology.activation!r}, or what is "
            "predicted from it, has grown beyond all bounds. Start again with state=None, scale x, "
            "or use a bounded activation ('tanh', 'logistic')."
        )
