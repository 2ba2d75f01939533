"""Weights of sequences or of their steps."""

from typing import Any

import numpy as np
from sklearn.utils.validation import _check_sample_weight, check_array

from .numbers import as_numbers
from .order import check_order_of_frames
from .ragged import is_ragged
from .sequences import Sequences
from .targets import spread


def check_weights(sample_weight: Any, sequences: Sequences, per_step: bool) -> np.ndarray | None:
    """Return weights (N, 1) of sequences or (N, T) of their steps, or None."""
    if sample_weight is None:
        return None
    X = sequences.X
    if is_ragged(sample_weight) or (sequences.lengths is not None and _lists_steps(sample_weight)):
        check_order_of_frames(sample_weight, "sample_weight")
        columns = []
        for i, own in enumerate(sample_weight):
            column = as_numbers(own, f"sample_weight[{i}]").reshape(-1, 1)
            if not np.isfinite(column).all():
                raise ValueError(
                    f"Input sample_weight[{i}] contains NaN or infinity: pass finite weights, and "
                    "0 for steps that don't count."
                )
            columns.append(column)
        sample_weight = np.nan_to_num(spread(columns, sequences, "sample_weight")[..., 0])
    sample_weight = as_numbers(sample_weight, "sample_weight")
    if sample_weight.ndim == 0:
        sample_weight = np.full(len(X), sample_weight)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):  # of casts and sums
        if sample_weight.any() and not sample_weight.astype(X.dtype).any():
            raise ValueError(
                f"sample_weight is too small for X's {X.dtype!r}: multiply sample_weight by a "
                "constant."
            )
        if sample_weight.ndim > 1:
            return _check_step_weights(sample_weight, X, per_step)
        options: dict = {"dtype": X.dtype, "ensure_non_negative": True}
        return _check_sample_weight(sample_weight, X, **options)[:, np.newaxis]


def _lists_steps(sample_weight):
    """Whether it is a list of weights for each sequence."""
    if not isinstance(sample_weight, list | tuple) or not len(sample_weight):
        return False
    return hasattr(sample_weight[0], "__len__")


def finite_weights(weight: np.ndarray | None, dtype: np.dtype) -> np.ndarray | None:
    """Return the weights in the dtype of X; raise ValueError if their sum isn't finite in it."""
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


def weights_where(weight: np.ndarray | None, steps: np.ndarray) -> np.ndarray | None:
    """The weights (n,) of some steps (N, T), of those (N, 1) or (N, T) of all; None for ones."""
    return None if weight is None else np.broadcast_to(weight, steps.shape)[steps]
