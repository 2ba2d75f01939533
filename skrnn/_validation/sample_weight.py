"""Weights of sequences or of their steps."""

from typing import Any

import numpy as np
from sklearn.utils.validation import _check_sample_weight, check_array

from .ragged import is_ragged
from .sequences import Sequences
from .targets import spread


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
