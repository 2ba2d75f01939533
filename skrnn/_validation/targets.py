"""y and sample_weight, from what users pass to what the engine reads."""

from typing import Any

import numpy as np
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import (
    _check_sample_weight,
    check_array,
    check_consistent_length,
)

from .ragged import first_steps, is_ragged
from .sequences import Sequences

_BLOCK_NUMBERS = 2**20  # looked at together, so that a check never doubles the memory


def check_targets(estimator: Any, y: Any, sequences: Sequences) -> np.ndarray:
    """Targets in float64: (N,) or (N, K) finite, or (N, T, K) with NaN where there is none."""
    require_y(estimator, y)
    X = sequences.X
    if is_ragged(y):
        y = spread(y, sequences, "y")
    options = {"ensure_2d": False, "allow_nd": True, "ensure_all_finite": False}
    with np.errstate(invalid="ignore"):  # of sums that overflow
        y = check_array(y, dtype=np.float64, input_name="y", estimator=estimator, **options)
    per_step = y.ndim == 3
    with np.errstate(invalid="ignore"):
        assert_all_finite(y, allow_nan=per_step, input_name="y")
    check_consistent_length(X, y)
    if y.ndim > 3:
        raise ValueError(f"y has {y.ndim} dimensions: (n,), (n, K) or (n, n_steps, K) expected.")
    if per_step and y.shape[1] != X.shape[1]:
        raise ValueError(
            f"y has {y.shape[1]} steps, but X has {X.shape[1]}: with a target for every step, "
            "both need the same number. Use NaN where a step has no target."
        )
    if np.nanmax(np.abs(y), initial=0) > np.finfo(X.dtype).max:
        raise ValueError(f"Input y contains a value too large for X's {X.dtype!r}: rescale y.")
    return y


def spread(parts: Any, sequences: Sequences, name: str) -> np.ndarray:
    """One array (N, T, J) of what a list holds for each step of each sequence, (n_steps_i, J).

    NaN where there is no step.
    """
    arrays = [np.asarray(own) for own in parts]
    J = arrays[0].shape[1] if arrays[0].ndim > 1 else 1
    for i, own in enumerate(arrays):
        if own.ndim != 2 or own.shape[1] != J:
            raise ValueError(
                f"{name}[{i}] has shape {own.shape}: in a list for sequences each must be "
                f"(n_steps, n_outputs), with the same n_outputs as {name}[0]. Use reshape(-1, 1) "
                "where there is one a step."
            )
    present = ~np.isnan(sequences.X[..., 0])  # (N, T)
    check_consistent_length(present, arrays)
    out = np.full((*present.shape, J), np.nan)
    begin = first_steps(arrays, present, sequences.lengths, name)
    for row, own, first in zip(out, arrays, begin, strict=True):
        row[first : first + len(own)] = own
    return out


def require_y(estimator: Any, y: Any) -> None:
    """Raise ValueError, in scikit-learn's words, if there is no y."""
    if y is None:
        raise ValueError(
            f"This {type(estimator).__name__} estimator requires y to be passed, but the "
            "target y is None."
        )


def without_absent(y: np.ndarray, X: np.ndarray) -> np.ndarray:
    """A copy (N, S, K) of the targets, NaN where X has no step to predict them from."""
    per_step = y.ndim == 3
    y = y.reshape(len(y), -1, y.shape[-1] if y.ndim > 1 else 1).copy()
    rows = max(1, _BLOCK_NUMBERS // X.shape[1])
    for start in range(0, len(X), rows):
        absent = np.isnan(X[start : start + rows, :, 0])  # (rows, T)
        if absent.any():
            y[start : start + rows][absent if per_step else absent.all(axis=1)] = np.nan
    return y


def check_weights(sample_weight: Any, sequences: Sequences, per_step: bool) -> np.ndarray | None:
    """Weights (N, 1) of sequences or (N, T) of their steps, or None."""
    if sample_weight is None:
        return None
    X = sequences.X
    if is_ragged(sample_weight):
        for i, own in enumerate(sample_weight):
            if not np.isfinite(own).all():
                raise ValueError(f"Input sample_weight[{i}] contains NaN or infinity.")
        columns = [np.reshape(own, (-1, 1)) for own in sample_weight]
        sample_weight = np.nan_to_num(spread(columns, sequences, "sample_weight")[..., 0])
    if getattr(sample_weight, "ndim", None) is None:
        sample_weight = np.asarray(sample_weight)
    if sample_weight.ndim < 2:
        weight = _check_sample_weight(sample_weight, X, dtype=X.dtype, ensure_non_negative=True)
        weight = weight[:, np.newaxis]
    else:
        weight = _check_step_weights(sample_weight, X, per_step)
    return weight


def finite_weights(weight: np.ndarray | None, dtype: np.dtype) -> np.ndarray | None:
    """The weights in the precision of X; raises if their sum isn't finite in it."""
    if weight is None:
        return None
    with np.errstate(over="ignore"):
        weight = weight.astype(dtype, copy=False)
        total = weight.sum()
    if not np.isfinite(total):
        raise ValueError(
            f"The sum of sample_weight, times class_weight if there is one, is {total}: divide it "
            "by a constant."
        )
    return weight


def _check_step_weights(sample_weight, X, per_step):
    weight = check_array(sample_weight, dtype=X.dtype, input_name="sample_weight")
    if not per_step:
        raise ValueError(
            f"sample_weight has shape {weight.shape}, but y has one target for each sequence: "
            f"pass an array of shape ({len(X)},)."
        )
    if weight.shape != X.shape[:2]:
        raise ValueError(
            f"sample_weight has shape {weight.shape}, but X has {X.shape[0]} sequences of "
            f"{X.shape[1]} steps: pass an array of shape {X.shape[:1]} or {X.shape[:2]}."
        )
    if (weight < 0).any():
        i, t = np.argwhere(weight < 0)[0]
        raise ValueError(
            f"Negative values in data passed to `sample_weight`: {weight[i, t]} at sample {i}, "
            f"step {t}."
        )
    return weight


def wash_out(y: np.ndarray, X: np.ndarray, n_steps: int) -> None:
    """Set to NaN the targets (N, T, K) of each sequence's first steps, not counting absent ones."""
    count = np.cumsum(~np.isnan(X[..., 0]), axis=1)  # (N, T), of real steps so far
    y[count <= n_steps] = np.nan
