"""X as one array of numbers, in the layout that an estimator was fitted on."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.validation import _check_feature_names, _check_n_features, check_array

from .annotated_array import is_of_tokens
from .containers import check_container
from .feature_names import names_of, other_names
from .numbers import as_numbers
from .order import check_order_of_frames
from .ragged import common_names, is_ragged, pad_sequences


class InputLayout(NamedTuple):
    """How an estimator or transformer reads X."""

    ndim: int  # 2: rows of a table, 3: sequences
    n_inputs: int = 0  # D, dynamic values per step
    static_columns: tuple[int, ...] = ()
    n_tokens: int = 0  # V; 0: steps hold numbers
    any_length: bool = False  # of rows of tokens, which are no table of so many columns


def check_layout(
    estimator: Any, X: Any, *, reset: bool, side: str = "right", tokens: bool = False
) -> tuple[np.ndarray, list[str] | None]:
    """Return X as one array (N, n_columns) or (N, T, D), and the names of its features.

    Sequences of a list are padded with NaN on the ``side``; of ``tokens``, they may be 1-D.
    """
    given = X
    X, names = _in_one_array(X, side, tokens)
    if reset:
        estimator._input_layout = InputLayout(min(X.ndim, 3))
    if tokens and not reset and names is None and _has_any_length(estimator, given, X):
        return _check_any_length(estimator, X), None
    _check_ndim(estimator, X)
    X = _check_array(estimator, X)
    if X.ndim < 3:
        _check_columns(estimator, given, X, reset=reset, tokens=tokens)
    else:
        _check_features(estimator, X, names, reset=reset)
    return X, names


def _check_ndim(estimator, X):
    """Raise ValueError if rows stand for sequences here, but not in the fit, or the reverse."""
    name, fitted_ndim = type(estimator).__name__, estimator._input_layout.ndim
    if X.ndim > 3:
        raise ValueError(
            f"Found array with dim {X.ndim}. {name} expects (n_samples, n_steps, "
            "n_features) or (n_samples, n_columns)."
        )
    if X.ndim > 1 and X.ndim != fitted_ndim:
        one = " One sequence is [X], or X[np.newaxis] of an array." if X.ndim == 2 else ""
        raise ValueError(
            f"X has {X.ndim} dimensions, but {name} was fitted on {fitted_ndim}-D input: "
            "pass (n_samples, n_columns) to an estimator fitted on 2-D input, and (n_samples, "
            f"n_steps, n_features) or a list of (n_steps, n_features) arrays to any other.{one}"
        )


def _check_columns(estimator, given, X, *, reset, tokens):
    """Set or compare the columns of a table, as scikit-learn does."""
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


def _check_features(estimator, X, names, *, reset):
    """Set or compare the features of steps, and their names."""
    if 0 in X.shape:
        raise ValueError(f"X of shape {X.shape} is empty: a minimum of 1 is required.")
    if reset:
        estimator.n_features_in_ = X.shape[2]
        vars(estimator).pop("feature_names_in_", None)
        if names is not None:
            estimator.feature_names_in_ = np.asarray(names, dtype=object)
    elif X.shape[2] != estimator.n_features_in_:
        raise ValueError(
            f"X has {X.shape[2]} features, but {type(estimator).__name__} is expecting "
            f"{estimator.n_features_in_} features as input."
        )
    elif names is not None and names != list(getattr(estimator, "feature_names_in_", names)):
        raise other_names(names, list(estimator.feature_names_in_))


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
