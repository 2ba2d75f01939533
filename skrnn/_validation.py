"""X, y and sample_weight, from what users pass to what the engine reads."""

import warnings

import numpy as np
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import (
    _check_sample_weight,
    check_array,
    check_consistent_length,
    validate_data,
)

_BLOCK_NUMBERS = 2**20  # looked at together, so that a check never doubles the memory
_LARGEST_SCALED = 100  # no scaler leaves more; raw prices, counts and years are


def check_sequences(estimator, X, *, n_features_per_step: int | None = None) -> np.ndarray:
    """Sequences (N, T, D) in float32 or float64, NaN where there is no step.

    In `fit`, ``n_features_per_step`` says how to read rows; in `predict`, where it is None,
    they are read as they were fitted. Sets or compares ``n_features_in_`` and
    ``feature_names_in_``, as scikit-learn's ``validate_data`` does. A 3-D array, windows of a
    series for example, isn't copied.
    """
    reset = n_features_per_step is not None
    if not reset:
        n_features_per_step = estimator._topology.n_inputs
    if is_ragged(X):
        X = pad_sequences(X)
    elif isinstance(X, (list, tuple)):
        try:
            X = np.asarray(X)
        except ValueError:  # of different lengths
            X = pad_sequences(X)
    ndim = getattr(X, "ndim", 2)
    options = {"dtype": [np.float64, np.float32], "ensure_all_finite": False}
    name = type(estimator).__name__
    if not reset and ndim > 1 and min(ndim, 3) != estimator._ndim_in:
        raise ValueError(
            f"X has {ndim} dimensions, but {name} was fitted on {estimator._ndim_in}-D input: "
            "pass (n_samples, n_columns) to a model of flat rows, and (n_samples, n_steps, "
            "n_features) or a list of (n_steps, n_features) arrays to a model of sequences."
        )
    if ndim < 3:
        X = validate_data(estimator, X, reset=reset, **options)
        if X.shape[1] % n_features_per_step:
            raise ValueError(
                f"n_features_per_step={n_features_per_step} doesn't divide the "
                f"{X.shape[1]} columns of X: a row holds one sequence, step after step, "
                "with n_features_per_step values each."
            )
        X = X.reshape(len(X), -1, n_features_per_step)
    else:
        X = check_array(X, allow_nd=True, input_name="X", estimator=estimator, **options)
        if X.ndim > 3:
            raise ValueError(
                f"Found array with dim {X.ndim}. {name} expects (n_samples, n_steps, "
                "n_features) or (n_samples, n_columns)."
            )
        if 0 in X.shape:
            raise ValueError(f"X of shape {X.shape} is empty: a minimum of 1 is required.")
        if reset:
            estimator.n_features_in_ = X.shape[2]
            vars(estimator).pop("feature_names_in_", None)
        elif X.shape[2] != estimator.n_features_in_:
            raise ValueError(
                f"X has {X.shape[2]} features, but {name} is expecting "
                f"{estimator.n_features_in_} features as input."
            )
    largest = check_steps(X)
    if reset:
        estimator._ndim_in = min(ndim, 3)
        if largest > _LARGEST_SCALED:
            warnings.warn(
                f"X has values as large as {largest:.3g}, which a recurrent network learns badly "
                f"from or not at all: put MinMaxScaler or StandardScaler before {name}.",
                UserWarning,
                stacklevel=5,  # the caller of fit
            )
    return X


def is_ragged(X) -> bool:
    """Whether X is a list of sequences, rather than something that NumPy sees as one array."""
    if isinstance(X, np.ndarray):
        if X.dtype != object or X.ndim != 1:
            return False
    elif not isinstance(X, (list, tuple)):
        return False
    ndims = {getattr(x, "ndim", 0) for x in X}
    return any(ndim > 1 for ndim in ndims) or (ndims == {1} and len({len(x) for x in X}) > 1)


def lengths_of(X) -> list[int] | None:
    """The number of steps of each sequence in a list, None for an array."""
    return [len(x) for x in X] if is_ragged(X) else None


def pad_sequences(X, *, input_name: str = "X") -> np.ndarray:
    """One array (N, longest, D) of sequences (n_steps_i, D), NaN at the end of short ones."""
    arrays = [np.asarray(x) for x in X]
    kind = "n_features" if input_name == "X" else "n_outputs"
    for i, x in enumerate(arrays):
        if x.ndim != 2:
            raise ValueError(
                f"{input_name}[{i}] has {x.ndim} dimensions: in a list of sequences each must be "
                f"(n_steps, {kind}). Reshape a single one by reshape(-1, 1)."
            )
        if x.shape[1] != arrays[0].shape[1]:
            raise ValueError(
                f"{input_name}[{i}] has {x.shape[1]} {kind[2:]}, but {input_name}[0] has "
                f"{arrays[0].shape[1]}: all sequences need the same {kind[2:]}."
            )
    single = all(x.dtype == np.float32 for x in arrays)
    shape = len(arrays), max(len(x) for x in arrays), arrays[0].shape[1]
    padded = np.full(shape, np.nan, np.float32 if single else np.float64)
    for row, x in zip(padded, arrays, strict=True):
        row[: len(x)] = x
    return padded


def check_steps(X: np.ndarray, input_name: str = "X") -> float:
    """The largest size of a value; raises on inf, and on steps with some features NaN."""
    largest = 0.0
    rows = max(1, _BLOCK_NUMBERS // X[0].size)
    for start in range(0, len(X), rows):
        block = X[start : start + rows]
        largest = np.fmax(largest, np.fmax.reduce(block, axis=None))
        largest = np.fmax(largest, -np.fmin.reduce(block, axis=None))
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(block.sum()):
                continue
        if np.isinf(block).any():
            i, t, d = np.argwhere(np.isinf(block))[0]
            raise ValueError(
                f"Input {input_name} contains infinity or a value too large for {X.dtype!r}: "
                f"sample {start + i}, step {t}, feature {d}."
            )
        missing = np.isnan(block)
        partly = missing.any(axis=2) & ~missing.all(axis=2)
        if partly.any():
            i, t = np.argwhere(partly)[0]
            features = np.flatnonzero(missing[i, t]).tolist()
            raise ValueError(
                f"Input {input_name} contains NaN in some features only of sample {start + i}, "
                f"step {t}: in {features}. A step is there or it isn't: impute the missing "
                "features (sklearn.impute.SimpleImputer), or set the whole step to NaN to skip it."
            )
    return largest


def check_targets(estimator, y, X: np.ndarray, lengths: list[int] | None = None) -> np.ndarray:
    """Targets in float64: (N,) or (N, K) finite, or (N, T, K) with NaN where there is none."""
    if y is None:
        raise ValueError(
            f"This {type(estimator).__name__} estimator requires y to be passed, but the "
            "target y is None."
        )
    if is_ragged(y):
        for i, (n, own) in enumerate(zip(lengths or (), y, strict=False)):
            if n != len(own):
                raise ValueError(
                    f"y[{i}] has {len(own)} steps, but X[{i}] has {n}: with a target for every "
                    "step, both need the same number. Use NaN where a step has no target."
                )
        y = pad_sequences(y, input_name="y")
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


def check_weights(sample_weight, X: np.ndarray, y: np.ndarray, lengths: list[int] | None = None):
    """Weights (N, 1) of sequences or (N, T) of their steps, or None."""
    if sample_weight is None:
        return None
    if is_ragged(sample_weight):
        for i, (n, own) in enumerate(zip(lengths or (), sample_weight, strict=False)):
            if n != len(own):
                raise ValueError(
                    f"sample_weight[{i}] has {len(own)} steps, but X[{i}] has {n}: pass one "
                    "weight for each sequence, or one for each of its steps."
                )
        for i, own in enumerate(sample_weight):
            if not np.isfinite(own).all():
                raise ValueError(f"Input sample_weight[{i}] contains NaN or infinity.")
        columns = [np.reshape(own, (-1, 1)) for own in sample_weight]
        sample_weight = np.nan_to_num(pad_sequences(columns, input_name="sample_weight")[..., 0])
    if getattr(sample_weight, "ndim", None) is None:
        sample_weight = np.asarray(sample_weight)
    if sample_weight.ndim < 2:
        weight = _check_sample_weight(sample_weight, X, dtype=X.dtype, ensure_non_negative=True)
        weight = weight[:, np.newaxis]
    else:
        weight = _check_step_weights(sample_weight, X, y)
    with np.errstate(over="ignore"):
        total = weight.sum(dtype=np.float64)
    if not np.isfinite(total):
        raise ValueError(f"The sum of sample_weight is {total}: divide it by a constant.")
    return weight


def _check_step_weights(sample_weight, X, y):
    weight = check_array(sample_weight, dtype=X.dtype, input_name="sample_weight")
    if y.ndim < 3:
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
