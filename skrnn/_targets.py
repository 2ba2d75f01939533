"""y and sample_weight, from what users pass to what the engine reads."""

from typing import Any

import numpy as np
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_array,
    check_consistent_length,
    column_or_1d,
)

from ._data import extents
from ._sequences import Sequences, is_ragged

_BLOCK_NUMBERS = 2**20  # looked at together, so that a check never doubles the memory


def check_targets(estimator: Any, y: Any, sequences: Sequences) -> np.ndarray:
    """Targets in float64: (N,) or (N, K) finite, or (N, T, K) with NaN where there is none."""
    _require_y(estimator, y)
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


def check_labels(
    estimator: Any, y: Any, sequences: Sequences, classes: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Each label's number among the classes, (N,) or (N, T, 1), NaN where X has no step.

    ``classes`` are those that there may be; None: those that there are.
    """
    _require_y(estimator, y)
    X, parts = sequences.X, _labels_of_steps(y)
    check_consistent_length(X, y)
    if parts is not None:
        flat = np.concatenate(parts)
        if len({part.dtype.kind in "US" for part in parts if len(part)}) > 1:
            flat = np.concatenate([part.astype(object) for part in parts])
        codes, classes = _encode(flat, classes)
        ends = np.cumsum([len(part) for part in parts])[:-1]
        return spread(np.split(codes[:, np.newaxis], ends), sequences, "y"), classes
    y = check_array(
        y, dtype=None, ensure_2d=False, allow_nd=True, ensure_all_finite=False, input_name="y"
    )
    if y.ndim > 2:
        raise ValueError(f"y has {y.ndim} dimensions: labels are (n,) or (n, n_steps).")
    if y.ndim < 2 or (y.shape[1] == 1 and (X.shape[1] > 1 or estimator._ndim_in == 2)):
        return _encode(column_or_1d(y, warn=True), classes)
    if y.shape[1] != X.shape[1]:
        raise ValueError(
            f"y has {y.shape[1]} steps, but X has {X.shape[1]}: with a label for every step, both "
            "need the same number. Labels of steps that are NaN in X don't count."
        )
    present = ~np.isnan(X[..., 0])
    codes = np.full((*y.shape, 1), np.nan)
    codes[present, 0], classes = _encode(y[present], classes)
    return codes, classes


def _labels_of_steps(y):
    """Each sequence's labels, if y is a list of such."""
    listed = isinstance(y, list | tuple) or str(getattr(y, "dtype", "")) == "object"
    if not listed or getattr(y, "ndim", 1) != 1 or not any(_is_sequence(own) for own in y):
        return None
    parts = [np.asarray(own) for own in y]
    for i, part in enumerate(parts):
        if part.ndim != 1:
            raise ValueError(
                f"y[{i}] has {part.ndim} dimensions: in a list for sequences with a label for "
                "every step, each must be (n_steps,)."
            )
    return parts


def _is_sequence(labels):
    return hasattr(labels, "__len__") and not isinstance(labels, str | bytes)


def _encode(labels, classes):
    """Numbers of labels (n,) in float64, and the classes."""
    missing = ()
    if labels.dtype.kind in "fcmMO":
        missing = np.flatnonzero([_is_missing(label) for label in labels.tolist()])
    if len(missing):
        raise ValueError(
            f"Input y contains NaN: {len(missing)} of {len(labels)} labels are missing, of sample "
            f"or step {missing[0]} first. Leave such samples out; of sequences with a label for "
            "every step, give these steps any label and a sample_weight of 0."
        )
    if labels.dtype.kind == "f":
        assert_all_finite(labels, input_name="y")
    check_classification_targets(labels)
    encoder = LabelEncoder()
    if classes is None:
        codes, classes = encoder.fit_transform(labels), encoder.classes_
        if len(classes) < 2:
            raise ValueError(
                f"y has one class only, {classes.tolist()}: a classifier needs labels of two "
                "classes or more."
            )
        return codes.astype(float), classes
    known = set(classes.tolist())
    unseen = [label for label in np.unique(labels).tolist() if label not in known]
    if unseen:
        raise ValueError(
            f"y has labels {unseen} that aren't among the classes {classes.tolist()} with which "
            "training began. Name all classes there, or begin anew."
        )
    encoder.classes_ = classes
    return encoder.transform(labels).astype(float), classes


def _is_missing(label):
    return label is None or type(label).__name__ in ("NAType", "NaTType") or label != label


def spread(parts: Any, sequences: Sequences, name: str) -> np.ndarray:
    """One array (N, T, J) of what a list holds for each step of each sequence, (n_steps_i, J).

    NaN where there is no step. Of sequences that were padded before they came here, the list
    is aligned with what is between the padding.
    """
    X, lengths, begin = sequences.X, sequences.lengths, np.zeros(len(sequences.X), int)
    check_consistent_length(X, parts)
    N, T, _ = X.shape
    if lengths is None:
        _, begin, end = extents(X)
        lengths = end - begin
    arrays = [np.asarray(own) for own in parts]
    out = np.full((N, T, arrays[0].shape[1] if arrays[0].ndim > 1 else 1), np.nan)
    for i, own in enumerate(arrays):
        if own.ndim != 2 or own.shape[1] != out.shape[2]:
            raise ValueError(
                f"{name}[{i}] has shape {own.shape}: in a list for sequences each must be "
                f"(n_steps, n_outputs), with the same n_outputs as {name}[0]."
            )
        if len(own) not in (lengths[i], T) or (sequences.lengths and len(own) != lengths[i]):
            raise ValueError(
                f"{name}[{i}] has {len(own)} steps, but X[{i}] has {lengths[i]}: with one for "
                "every step, both need the same number."
            )
        first = begin[i] if len(own) == lengths[i] else 0
        out[i, first : first + len(own)] = own
    return out


def _require_y(estimator, y):
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
    with np.errstate(over="ignore"):
        total = weight.sum(dtype=np.float64)
    if not np.isfinite(total):
        raise ValueError(f"The sum of sample_weight is {total}: divide it by a constant.")
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
