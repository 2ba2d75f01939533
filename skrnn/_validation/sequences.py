"""X, from what users pass to what the engine reads."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.validation import _check_feature_names, _check_n_features, check_array

from .._engine.masking import BLOCK_NUMBERS, StepMask, valid_and_partial_steps
from .._training.origin import Origin
from .annotated_array import is_of_tokens, origin_of
from .containers import check_container
from .feature_names import (
    labels_of,
    names_of,
    other_names,
    others,
    static_positions,
)
from .lagged_rows import check_lags
from .misread import warn_of_misreading
from .numbers import as_numbers
from .order import check_order_of_frames
from .ragged import as_objects, common_names, is_ragged, lengths_of, pad_sequences
from .tokens import check_one_token, check_tokens, reads_tokens


class InputLayout(NamedTuple):
    """How an estimator or transformer reads X."""

    ndim: int  # 2: rows of a table, 3: sequences
    n_inputs: int = 0  # D, dynamic values per step
    static_columns: tuple[int, ...] = ()
    n_tokens: int = 0  # V; 0: steps hold numbers
    any_length: bool = False  # of rows of tokens, which are no table of so many columns


class Sequences(NamedTuple):
    """Checked sequences."""

    X: np.ndarray  # (N, T, D) in float32 or float64, NaN at missing steps
    mask: StepMask  # which steps are valid
    static: np.ndarray | None  # (N, M), static covariates
    lengths: list[int] | None  # of the sequences in a list; None: it was one array
    container: type  # what held them
    unknown: np.ndarray | None = None  # (N,), which have NaN as static covariates throughout
    origin: Origin | None = None  # the rows that the samples were cut from, if they tell

    def astype(self, dtype: Any) -> "Sequences":
        """Return the sequences in another precision; raise ValueError if it can't hold them."""
        parts = [part for part in (self.X, self.static) if part is not None]
        with np.errstate(over="ignore"):
            cast = [part.astype(dtype, copy=False) for part in parts]
        if self.X.dtype != dtype and any(np.isinf(part).any() for part in cast):
            raise ValueError(
                f"X contains a value too large for {np.dtype(dtype)}, in which the network is "
                "trained: rescale X."
            )
        return self._replace(X=cast[0], static=cast[1] if len(cast) > 1 else None)

    def in_container(self, values: np.ndarray) -> Any:
        """Values (N, T, ...) of all steps in the container of X: for a list, a list."""
        if self.lengths is None:
            return values
        own = [row[:length] for row, length in zip(values, self.lengths, strict=True)]
        return own if self.container is not np.ndarray else as_objects(own)


def check_sequences(
    estimator: Any, X: Any, *, reset: bool, any_scale: bool = False, n_tokens: int = 0
) -> Sequences:
    """Check X: sequences to train on, if ``reset``, or sequences in the layout of these.

    ``any_scale`` says that large values are no reason for a warning. ``n_tokens`` are known from an
    earlier fit, which this one resumes.

    Sets or compares ``n_features_in_`` and ``feature_names_in_``, as scikit-learn's
    ``validate_data`` does. A 3-D array, windows of a series for example, isn't copied.
    """
    given, tokens = X, reads_tokens(estimator, reset=reset)
    X, names = check_layout(estimator, X, reset=reset, tokens=tokens)
    if reset:
        own, alone = estimator.static_features, estimator._reads_static_alone
        columns = static_positions(own, labels_of(given), X.shape[-1], all_may_be=alone)
        n_dynamic = X.shape[-1] - len(columns)
        in_rows = n_dynamic and X.ndim < 3
        n_inputs = int(estimator.n_features_per_step) if in_rows else n_dynamic
        if tokens:
            check_one_token(estimator, n_inputs)
        estimator._input_layout = InputLayout(min(X.ndim, 3), n_inputs, columns)
    _, n_inputs, columns, known, _ = estimator._input_layout
    whole = X
    if reset and n_inputs and X.ndim < 3 and names is not None:
        check_lags([names[i] for i in range(len(names)) if i not in columns], n_inputs)
    if n_inputs == 0:  # zeros say which steps there are
        X = np.where(np.isnan(X).all(axis=-1, keepdims=True), np.nan, X.dtype.type(0))
    elif columns:
        X = X[..., others(columns, X.shape[-1])]
    X = as_steps(X, n_inputs or 1)
    dynamic = None  # names
    if names is not None and whole.ndim > 2:
        dynamic = [name for i, name in enumerate(names) if i not in columns]
    (largest, mask), static, unknown = check_steps(X, names=dynamic), None, None
    if tokens:
        known = check_tokens(estimator, X, n_tokens if reset else known, reset=reset)
        largest = 0.0
        if reset:
            free = not columns and (whole.ndim > 2 or is_of_tokens(given) or not mask.complete)
            changes = {"n_tokens": known, "any_length": free}
            estimator._input_layout = estimator._input_layout._replace(**changes)
            estimator.n_tokens_ = known
    elif reset:
        vars(estimator).pop("n_tokens_", None)
    if columns:
        static = _check_static(whole, mask, columns, names, X.dtype)
        unknown = np.isnan(static).any(axis=1)
        static = np.nan_to_num(static)  # 0 before a sequence begins
        largest = max(largest, np.abs(static).max())
    if reset:
        warn_of_misreading(estimator, given, X, mask, largest=0 if any_scale else largest)
    if n_inputs == 0:  # one step for each sequence, without a value
        X, mask = X[:, :1, :0], StepMask.of_valid(mask.lengths[:, np.newaxis] > 0)
    lengths = lengths_of(given, of_tokens=tokens)
    return Sequences(X, mask, static, lengths, type(given), unknown, origin_of(given))


def check_layout(
    estimator: Any, X: Any, *, reset: bool, side: str = "right", tokens: bool = False
) -> tuple[np.ndarray, list[str] | None]:
    """Return X as one array (N, n_columns) or (N, T, D), and the names of its features.

    Sequences of a list are padded with NaN on the ``side``; of ``tokens``, they may be 1-D.
    """
    given, name = X, type(estimator).__name__
    X, names = _in_one_array(X, side, tokens)
    if reset:
        estimator._input_layout = InputLayout(min(X.ndim, 3))
    if tokens and not reset and names is None and _has_any_length(estimator, given, X):
        return _check_any_length(estimator, X), None
    fitted_ndim = estimator._input_layout.ndim
    if X.ndim > 1 and min(X.ndim, 3) != fitted_ndim:
        one = " One sequence is [X], or X[np.newaxis] of an array." if X.ndim == 2 else ""
        raise ValueError(
            f"X has {X.ndim} dimensions, but {name} was fitted on {fitted_ndim}-D input: "
            "pass (n_samples, n_columns) to an estimator fitted on 2-D input, and (n_samples, "
            f"n_steps, n_features) or a list of (n_steps, n_features) arrays to any other.{one}"
        )
    X = _check_array(estimator, X)
    if X.ndim < 3:
        _check_feature_names(estimator, given, reset=reset)
        try:
            _check_n_features(estimator, X, reset=reset)
        except ValueError as error:
            if not tokens:
                raise
            raise ValueError(
                f"{error} Tokens of sequences of any length are a list of 1-D arrays, "
                "(n_samples, n_steps, 1), or what TokenEncoder returns: a full table has the "
                "columns of fit."
            ) from error
        return X, names
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
        if names is not None:
            estimator.feature_names_in_ = np.asarray(names, dtype=object)
    elif X.shape[2] != estimator.n_features_in_:
        raise ValueError(
            f"X has {X.shape[2]} features, but {name} is expecting "
            f"{estimator.n_features_in_} features as input."
        )
    elif names is not None and names != list(getattr(estimator, "feature_names_in_", names)):
        raise other_names(names, list(estimator.feature_names_in_))
    return X, names


def _has_any_length(estimator, given, X):
    """Whether tokens after a fit may have any number of steps: not so columns of a table."""
    layout = estimator._input_layout
    if layout.static_columns:
        return False
    return layout.any_length or X.ndim == 3 or is_of_tokens(given) or bool(np.isnan(X).any())


def _check_any_length(estimator, X):
    """Check tokens after a fit: in (N, T) or (N, T, 1), with any T."""
    X = _check_array(estimator, X)
    if X.ndim == 2:
        X = X[..., np.newaxis]
    if X.ndim != 3 or X.shape[2] != 1:
        raise ValueError(
            f"X has the shape {X.shape}, but {type(estimator).__name__} reads one token at each "
            "step: pass (n_samples, n_steps), (n_samples, n_steps, 1) or a list of 1-D sequences."
        )
    if 0 in X.shape:
        raise ValueError(f"X of shape {X.shape} is empty: a minimum of 1 is required.")
    return X


def _in_one_array(X, side, tokens):
    """X as one array of numbers, (N, n_columns) or (N, T, D), and the names of its features."""
    check_container(X, "X")
    if isinstance(X, list | tuple) and not len(X):
        raise ValueError("X is an empty list: a minimum of 1 sequence is required.")
    if is_ragged(X, of_tokens=tokens):
        names = common_names(X)
        check_order_of_frames(X)
        return pad_sequences(X, side=side, of_tokens=tokens), names
    try:
        return as_numbers(X, "X"), names_of(X)
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise
        return pad_sequences(X, side=side), None  # nested lists have no names


def _check_array(estimator, X):
    """scikit-learn's check of an array of numbers, in float32 or float64."""
    if type(X) is np.ndarray and X.dtype in (np.float32, np.float64) and X.ndim > 1 and X.size:
        return X  # as check_array would, which first looks whether it is a table
    options = {"dtype": [np.float64, np.float32], "ensure_all_finite": False}
    try:
        with np.errstate(over="ignore"):  # of long doubles, which become infinite
            return check_array(X, allow_nd=True, input_name="X", estimator=estimator, **options)
    except ValueError as error:
        if X.ndim != 1:
            raise
        raise ValueError(
            f"{error} A row is then one sequence. To learn from one long series, cut it by "
            "skrnn.sliding_windows(series, length), or put SlidingWindow before the network."
        ) from error


def as_steps(X: np.ndarray, n_features_per_step: int) -> np.ndarray:
    """Return sequences (N, T, D), also from rows (N, T*D) with one sequence each."""
    if X.ndim > 2:
        return X
    if X.shape[1] % n_features_per_step:
        raise ValueError(
            f"n_features_per_step={n_features_per_step} doesn't divide the "
            f"{X.shape[1]} columns of X: a row holds one sequence, step after step, "
            "with n_features_per_step values each."
        )
    return X.reshape(len(X), -1, n_features_per_step)


def check_steps(
    X: np.ndarray, input_name: str = "X", names: list[str] | None = None
) -> tuple[float, StepMask]:
    """Return the largest absolute value of X (N, T, D), and which steps are valid.

    ``names`` are those of the D features. Raises ValueError on inf, and on steps that are NaN in
    some features only.
    """
    largest, mask = 0.0, StepMask(*X.shape[:2])
    rows = max(1, BLOCK_NUMBERS // X[0].size)
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
        valid, partial = valid_and_partial_steps(block)
        if partial.any():
            i, t = np.argwhere(partial)[0]
            unknown = np.flatnonzero(np.isnan(block[i, t])).tolist()
            features = unknown if names is None else [names[d] for d in unknown]
            raise ValueError(
                f"Input {input_name} contains NaN in some features only of sample {start + i}, "
                f"step {t}: in {features}. A step is valid or missing as a whole: impute the "
                "missing features, by SequenceScaler(SimpleImputer()) or, before SlidingWindow, by "
                "SimpleImputer(). Or set the whole step to NaN to mask it. Static covariates "
                "belong in static_features."
            )
        mask.set_rows(start, valid)
    return largest, mask


def _check_static(whole, mask, columns, names, dtype):
    """Return the static covariates (N, M), which are some columns of ``whole``.

    They are NaN where no step has them, which only sequences without a valid step may have.
    """
    shape = len(whole), mask.n_steps  # (N, T)
    static = np.empty((len(whole), len(columns)), dtype)
    for m, column in enumerate(columns):
        feature = column if names is None else repr(names[column])
        values = whole[..., column]  # (N,), or (N, T)
        values = np.broadcast_to(values[:, np.newaxis] if values.ndim < 2 else values, shape)
        low, high = np.fmin.reduce(values, axis=1), np.fmax.reduce(values, axis=1)
        if np.isinf([low, high]).any():
            i = int(np.flatnonzero(np.isinf(low) | np.isinf(high))[0])
            raise ValueError(
                f"Input X contains infinity in the static feature {feature} of sample {i}: replace "
                "it by a finite value."
            )
        unknown = np.isnan(values)
        if unknown.any():
            unknown &= mask.valid()
        if unknown.any():
            i, t = np.argwhere(unknown)[0]
            raise ValueError(
                f"Input X contains NaN in the static feature {feature} of sample {i}, step {t}: "
                "impute it, or set the whole step to NaN to mask it."
            )
        if (low < high).any():
            i = int(np.flatnonzero(low < high)[0])
            raise ValueError(
                f"The static feature {feature} varies within sample {i}, from {low[i]:.6g} to "
                f"{high[i]:.6g}: static_features are constant over the steps of a sequence. "
                "Leave the column out of static_features to have it read at every step."
            )
        static[:, m] = low
    return static
