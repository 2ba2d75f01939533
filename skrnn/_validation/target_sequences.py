"""Targets that are sequences of their own, of any lengths."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import check_consistent_length

from .numbers import as_numbers
from .order import check_order_of_frames
from .ragged import is_ragged
from .sample_weight import check_weights
from .sequences import Sequences
from .targets import as_floats, check_size, require_y


class TargetSequences(NamedTuple):
    """Checked targets."""

    values: np.ndarray  # (N, S, K) in float64, NaN after the end of each sequence
    ndim: int  # 1 for (n,), 2 for (n, S) or a list of (S_i,), 3 for (n, S, K) or (S_i, K)


def check_target_sequences(estimator: Any, y: Any, sequences: Sequences) -> TargetSequences:
    """Check y: (n,), (n, S), (n, S, K), or a list of (S_i,) or (S_i, K).

    NaN is what follows the last target of a sequence; anywhere else it is refused.
    """
    require_y(estimator, y)
    y = as_floats(estimator, _padded(y) if is_ragged(y) else as_numbers(y, "y"))
    with np.errstate(over="ignore", invalid="ignore"):
        assert_all_finite(y, allow_nan=True, input_name="y")
    check_consistent_length(sequences.X, y)
    if y.ndim > 3:
        raise ValueError(
            f"y has {y.ndim} dimensions: (n,), (n, n_steps) or (n, n_steps, K) expected."
        )
    ndim = y.ndim
    y = y.reshape(len(y), -1, y.shape[2] if ndim > 2 else 1)
    _check_ends(y)
    check_size(y, sequences.X)
    return TargetSequences(y, ndim)


def check_sequence_weights(sample_weight: Any, sequences: Sequences) -> np.ndarray | None:
    """Return weights (N, 1) of sequences, or None."""
    if sample_weight is None:
        return None
    if is_ragged(sample_weight) or as_numbers(sample_weight, "sample_weight").ndim > 1:
        raise ValueError(
            "sample_weight must have one weight for each sequence, (n_samples,): the steps of y "
            "can't have weights of their own here."
        )
    return check_weights(sample_weight, sequences, per_step=False)


def _padded(parts):
    """One array (N, S) or (N, S, K) of a list, padded with NaN."""
    check_order_of_frames(parts, "y")
    arrays = [as_numbers(own, f"y[{i}]") for i, own in enumerate(parts)]
    for i, own in enumerate(arrays):
        if own.ndim not in (1, 2) or own.shape[1:] != arrays[0].shape[1:]:
            raise ValueError(
                f"y[{i}] has shape {own.shape}, and y[0] {arrays[0].shape}: each array of the "
                "list must be (n_steps_i,), or (n_steps_i, K) with the same K."
            )
    longest = max(map(len, arrays))
    padded = np.full((len(arrays), longest, *arrays[0].shape[1:]), np.nan)
    for row, own in zip(padded, arrays, strict=True):
        row[: len(own)] = own
    return padded


def _check_ends(y):
    """Raise ValueError if a sequence of y (N, S, K) has no target, or NaN before the last one."""
    unknown = np.isnan(y)
    if not unknown.any():
        return
    missing, known = unknown.any(axis=2), ~unknown.all(axis=2)  # (N, S)
    if not known.any(axis=1).all():
        empty = ~known.any(axis=1)
        raise ValueError(
            f"Input y contains NaN: {empty.sum()} of {len(y)} samples have no target, first "
            f"sample {empty.argmax()}. Remove these samples."
        )
    ends = y.shape[1] - known[:, ::-1].argmax(axis=1)
    inside = missing & (np.arange(y.shape[1]) < ends[:, np.newaxis])
    if inside.any():
        i, s = np.argwhere(inside)[0]
        raise ValueError(
            f"Input y contains NaN in sample {i}, step {s}, before the last target of the sample "
            f"in step {ends[i] - 1}: the decoder reads all targets in turn. Impute it; NaN may "
            "only follow the last target."
        )
