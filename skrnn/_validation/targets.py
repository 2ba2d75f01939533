"""Targets, from what users pass to what the engine reads."""

from typing import Any

import numpy as np
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import check_array, check_consistent_length

from .._engine.blocks import blocks
from .._engine.masking import StepMask
from .containers import check_container
from .numbers import as_numbers
from .order import check_order_of_frames
from .ragged import first_steps, is_ragged
from .sequences import Sequences


def check_targets(estimator: Any, y: Any, sequences: Sequences) -> np.ndarray:
    """Return targets in float64: finite (N,) or (N, K), or (N, T, K) with NaN for missing ones."""
    require_y(estimator, y)
    X = sequences.X
    y = as_floats(estimator, spread(y, sequences, "y") if is_ragged(y) else as_numbers(y, "y"))
    per_step = y.ndim == 3
    if not per_step and np.isnan(y).any():
        missing = np.isnan(y.reshape(len(y), -1)).any(axis=1)
        raise ValueError(
            f"Input y contains NaN: {missing.sum()} of {len(y)} targets are missing, first at "
            f"sample {missing.argmax()}. Remove these samples. Of targets for every step, "
            "(n_samples, n_steps, n_outputs), those that are NaN are left out of the loss."
        )
    with np.errstate(over="ignore", invalid="ignore"):
        assert_all_finite(y, allow_nan=per_step, input_name="y")
    check_consistent_length(X, y)
    if y.ndim > 3:
        raise ValueError(f"y has {y.ndim} dimensions: (n,), (n, K) or (n, n_steps, K) expected.")
    if per_step and y.shape[1] != X.shape[1]:
        raise ValueError(
            f"y has {y.shape[1]} steps, but X has {X.shape[1]}: with a target for every step, "
            "both need the same number. Use NaN where a step has no target."
        )
    check_size(y, X)
    return y


def as_floats(estimator: Any, y: np.ndarray) -> np.ndarray:
    """Return an array of targets in float64, after scikit-learn's check of all but its values."""
    if y.ndim == 0:
        raise ValueError(f"y is {y}: pass an array or list with a target for each sequence.")
    options = {"ensure_2d": False, "allow_nd": True, "ensure_all_finite": False}
    with np.errstate(over="ignore", invalid="ignore"):  # of sums
        return check_array(y, dtype=np.float64, input_name="y", estimator=estimator, **options)


def check_size(y: np.ndarray, X: np.ndarray) -> None:
    """Raise ValueError if the dtype of X can't hold the targets."""
    if np.nanmax(np.abs(y), initial=0) > np.finfo(X.dtype).max:
        raise ValueError(f"Input y contains a value too large for X's {X.dtype!r}: rescale y.")


def spread(parts: Any, sequences: Sequences, name: str) -> np.ndarray:
    """Return one array (N, T, J) of values (n_steps_i, J) for the steps of each sequence.

    Missing steps have NaN.
    """
    check_order_of_frames(parts, name)
    arrays = [as_numbers(own, f"{name}[{i}]") for i, own in enumerate(parts)]
    J = arrays[0].shape[1] if arrays[0].ndim > 1 else 1
    for i, own in enumerate(arrays):
        if own.ndim != 2 or own.shape[1] != J:
            raise ValueError(
                f"{name}[{i}] has shape {own.shape}: each array of the list must be (n_steps, "
                f"{J}), as {name}[0] is. Use reshape(-1, 1) for one value per step."
            )
    check_consistent_length(sequences.X, arrays)
    out = np.full((*sequences.X.shape[:2], J), np.nan)
    begin = first_steps(arrays, sequences.mask, sequences.lengths, name)
    for row, own, first in zip(out, arrays, begin, strict=True):
        row[first : first + len(own)] = own
    return out


def require_y(estimator: Any, y: Any, hint: str = "") -> None:
    """Raise ValueError or TypeError if y is None, one value, or a container of another kind.

    The ``hint`` says when y may be None.
    """
    if y is None:
        raise ValueError(
            f"This {type(estimator).__name__} estimator requires y to be passed, but the "
            f"target y is None.{hint}"
        )
    check_container(y, "y")
    sized = hasattr(y, "__len__") or hasattr(y, "__array__")
    if not sized or getattr(y, "shape", None) == ():
        raise TypeError(f"y is {y!r}: pass an array or list with a target for each sequence.")


def without_missing(y: np.ndarray, mask: StepMask) -> np.ndarray:
    """Return a copy (N, S, K) of the targets, with NaN where no valid step predicts them."""
    per_step = y.ndim == 3
    y = y.reshape(len(y), -1, y.shape[-1] if y.ndim > 1 else 1).copy()
    if mask.complete:
        return y
    if not per_step:
        y[mask.lengths == 0] = np.nan
        return y
    for block in blocks(len(y), mask.n_steps):
        y[block][~mask.valid(block)] = np.nan
    return y


def check_washout(washout: int, per_step: bool) -> None:
    """Raise ValueError if there is a washout without targets that it could leave out."""
    if washout and not per_step:
        raise ValueError(
            f"washout={washout} leaves the first steps' targets out of the loss, but y "
            "has one target for each sequence. Use washout=0, or targets for every step."
        )


def wash_out(y: np.ndarray, mask: StepMask, n_steps: int) -> None:
    """Set to NaN the targets (N, T, K) of the first valid steps of each sequence."""
    count = np.cumsum(mask.valid(), axis=1)  # (N, T), of valid steps so far
    y[count <= n_steps] = np.nan
