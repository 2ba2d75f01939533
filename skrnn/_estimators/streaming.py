"""One step of a fitted network at a time, with the state in the caller's hands."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .._engine.masking import time_first
from .._engine.predictor import Predictor
from .._validation.feature_names import others
from .._validation.numbers import all_finite, as_numbers
from .._validation.step_names import check_step_names
from .._validation.steps import check_steps
from .._validation.tokens import find_no_tokens, no_token
from .blas_threads import same_bits
from .prediction import check_bounded


def predictor_of(estimator: Any) -> Predictor:
    """The estimator's predictor, with this thread's buffers."""
    return estimator._predictor.own()


def check_step(estimator: Any, x: Any) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Check one step; return x (1, D, B), and missing (1, B) and static (M, B) or None.

    The values of ``static`` are unchecked.
    """
    topology, layout = estimator._topology, estimator._input_layout
    D, M = topology.n_inputs, topology.n_static
    if type(x) is not np.ndarray:
        check_step_names(estimator, x)
    x = np.asarray(as_numbers(x, "x"), topology.dtype)
    if x.ndim > 2:
        raise ValueError(
            f"x has {x.ndim} dimensions: step takes one time step, (n_features,) of one "
            "sequence or (n_sequences, n_features) of many."
        )
    rows = x if x.ndim == 2 else x.reshape(1, -1)
    n_features = rows.shape[1]
    if n_features != D + M:
        name = type(estimator).__name__
        raise ValueError(
            f"x has {n_features} features, but {name} is expecting {D + M} features as input."
        )
    static = None
    if M:
        columns = layout.static_columns if layout.ndim == 3 else tuple(range(M))
        static, rows = rows[:, columns].T, rows[:, others(columns, D + M)]
    if topology.n_tokens:
        _check_tokens(rows, topology.n_tokens)
    if all_finite(rows):
        return rows.T[np.newaxis], None, static
    sequences = rows[:, np.newaxis]  # (B, 1, D)
    _, mask = check_steps(sequences, input_name="x")
    return *time_first(sequences, mask.valid()), static


def _check_tokens(rows, n_tokens):
    """Raise ValueError unless one step (B, 1) holds tokens."""
    bad = np.flatnonzero(find_no_tokens(rows[:, 0], n_tokens))
    if len(bad):
        value = rows[bad[0], 0]
        where = f"x has {value:.15g}" + (f" at sequence {bad[0]}" if len(rows) > 1 else "")
        raise no_token(where, value, n_tokens, fitted=True)


def check_state(
    predictor: Predictor, state: Any, n_sequences: int, name: str = "state"
) -> np.ndarray:
    """Check a state (B, R) that a user passes.

    With static covariates, a sequence may not have begun yet: its row is then NaN throughout.
    """
    if isinstance(state, tuple):
        raise ValueError(
            f"{name} is a tuple: step returns (prediction, state). Unpack it, and pass the state."
        )
    state = np.asarray(as_numbers(state, name), predictor.topology.dtype)
    size = predictor.state_size
    rows = state.reshape(1, -1) if state.ndim < 2 else state
    if rows.shape != (n_sequences, size):
        raise ValueError(
            f"{name} has shape {state.shape}, but {(n_sequences, size)} is expected: one row per "
            "sequence, as predict or step has returned it. Pass None to start."
        )
    if not all_finite(rows):
        begun = ~np.isnan(rows).all(axis=1)
        if not (predictor.topology.n_static and np.isfinite(rows[begun]).all()):
            raise ValueError(f"{name} contains NaN or infinity. Pass None to start.")
    return rows


def begin(
    predictor: Predictor, theta: np.ndarray, state: np.ndarray, static: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give sequences that haven't begun, rows of NaN in a state (B, R), their initial state.

    Return the state and which sequences these are, (B,). ``static`` is (M, B).
    """
    waits = np.isnan(state[:, 0])
    if waits.any():
        state = state.copy()
        state[waits] = predictor.initial_state(theta, static[:, waits]).T
    return state, waits


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
    predictor, theta, unknown = predictor_of(estimator), estimator.parameters_, None
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        x, missing, static = check_step(estimator, x)
        if state is not None:
            state = check_state(predictor, state, x.shape[2])
        if static is not None:
            state, unknown = _begin_step(predictor, theta, state, static, missing)
        state = None if state is None else state.T
        with same_bits(theta.size * x.shape[2]):
            outputs, new = predictor.stepper(theta)(x, missing=missing, state=state)
        y, new = predicted(outputs[0].T), new.T
    if unknown is not None:
        new[unknown] = np.nan
    return y, new


def _begin_step(predictor, theta, state, static, missing):
    """As `begin`, from the unchecked covariates of a step; return whose are unknown, (B,) or None.

    They may be unknown while a sequence misses its first steps, and count as 0 until it begins.
    """
    if state is None:
        state = np.full((static.shape[1], predictor.state_size), np.nan, static.dtype)
    elif not np.isnan(state[:, 0]).any():
        return state, None
    static, unknown = np.where(np.isnan(state[:, 0]), static, 0), None
    if missing is not None:
        gaps = np.isnan(static) & missing
        static, unknown = np.where(gaps, 0, static), gaps.any(axis=0)
    if not np.isfinite(static).all():
        raise ValueError(f"The static features of x must be finite, got {static.T.tolist()}.")
    return begin(predictor, theta, state, static)[0], unknown


def check_step_bounded(estimator: Any, values: np.ndarray) -> None:
    """Raise ValueError if a step has led to NaN or infinity."""
    check_bounded(values, estimator._topology, "start again with state=None, scale x")
