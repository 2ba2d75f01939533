"""Warnings of X that is probably something else than what it is read as."""

from typing import Any

import numpy as np

from .._engine.masking import StepMask
from .._sklearn.user_warnings import warn_user
from .annotated_array import is_of_tokens, origin_of
from .feature_names import names_of
from .lagged_rows import misreading
from .order import index_of, is_of_times

ONE_STEP = "sequences of one step"  # what a warning is about
_LARGEST_SCALED = 100  # no scaler leaves more; raw prices, counts and years are
_MOST_VARIABLES = 16  # in steps of what may be (n_samples, n_variables, n_steps)
_FEW_VARIABLES = 3  # up to which the shape alone is enough
_UNRELATED = 1.1  # ratio of the roughness of axes that may have none
_MANY_TIMES = 8  # as many features as steps
_SAMPLE = 100  # sequences whose values are compared


def warn_of_misreading(
    estimator: Any, given: Any, X: np.ndarray, mask: StepMask, *, largest: float
) -> None:
    """Warn where sequences (N, T, D), made of what was given, look like something else."""
    name, (_, T, D) = type(estimator).__name__, X.shape
    if is_of_tokens(given) and getattr(estimator, "embedding_size", None) is None:
        warn_user(
            f"X has ids of tokens, but {name} reads them as magnitudes, though their order means "
            "nothing: set embedding_size, such as 8, to have it learn a vector for each token."
        )
    elif largest > _LARGEST_SCALED:
        warn_user(
            f"X has values as large as {largest:.3g}. Recurrent networks learn badly from such "
            f"values, or not at all: put SequenceScaler before {name} or, for "
            "rows of a table, MinMaxScaler or StandardScaler."
        )
    if estimator._input_layout.n_inputs == 0:
        return  # nothing is read step by step
    transpose = (
        "If it is (n_samples, n_variables, n_steps), as sktime, aeon and pyts have it, pass "
        "X.transpose(0, 2, 1)."
    )
    if mask.lengths.max() == 1:
        also = f" {transpose}" if estimator._input_layout.ndim == 3 and T == 1 < D else ""
        warn_user(
            f"No sequence of X has more than one step, so {name} remembers nothing from one row to "
            "the next. Rows that follow one another in time become sequences by SlidingWindow "
            "before the network, by sliding_windows or, for one sequence with a target per step, "
            f"by X[np.newaxis] and y.reshape(1, -1, 1).{also}",
            about=ONE_STEP,
        )
    elif estimator._input_layout.ndim == 3 and origin_of(given) is None and _has_steps_last(X):
        warn_user(f"X has sequences of {T} steps with {D} features each. {transpose}")
    elif text := _misread_rows(estimator, given, X):
        warn_user(text)
    elif _holds_rows_of_a_series(estimator, given):
        warn_user(
            f"X is a {type(given).__name__} with a time index, but {name} reads each row as one "
            f"sequence, and its columns {list(given.columns)} as steps. To read rows as steps, "
            "put SlidingWindow before the network."
        )


def warn_of_many_targets(estimator: Any, sequences: Any, y: np.ndarray) -> None:
    """Warn where targets after the last step are probably meant to be one for each step.

    Windows that know their rows have a horizon.
    """
    N, T, _ = sequences.X.shape
    if y.ndim != 2 or (N > 1 and sequences.origin is not None):
        return
    K, fix = y.shape[1], "y.reshape(1, -1, 1)"
    suspect = K == T > 2
    if estimator._input_layout.ndim == 2:
        suspect = N == 1 and K > max(1, T - 2)
        fix = f"X.reshape(1, -1, 1) and {fix} of equal lengths"
    if suspect and N == 1:
        warn_user(
            f"X is one sequence of {T} steps, and y its {K} targets after the last step: there is "
            f"one sample to learn from. For a target at each step, pass {fix}; for windows of a "
            "series, use sliding_windows."
        )
    elif suspect:
        warn_user(
            f"y has {T} columns, and X sequences of {T} steps. They are read as {T} targets after "
            "the last step, such as the next values of a series. For a target at each step, pass "
            "y[..., np.newaxis], of shape (n_samples, n_steps, 1)."
        )


def _misread_rows(estimator, given, X):
    """What is to be said of rows of lags in another order, that X (N, T, D) was made of."""
    layout = estimator._input_layout
    if layout.ndim > 2:
        return ""
    columns = [i for i in range(estimator.n_features_in_) if i not in layout.static_columns]
    names = names_of(given)
    names = None if names is None else [names[i] for i in columns]
    return misreading(estimator, names, X, columns)


def _has_steps_last(X):
    """Whether X (N, T, D) may be (n_samples, n_variables, n_steps), by its shape and values."""
    _, T, D = X.shape
    if T > _MOST_VARIABLES or D < _MANY_TIMES * T:
        return False
    some = X[np.linspace(0, len(X) - 1, min(len(X), _SAMPLE)).astype(int)]
    if np.isin(some, [0, 1]).all():  # words, one-hot
        return False
    # of unrelated numbers, neither axis is smoother: many features of a few steps are common
    limit = _UNRELATED if T <= _FEW_VARIABLES else 1 / _UNRELATED
    return _roughness(some, axis=2) < limit * _roughness(some, axis=1)


def _roughness(X, axis):
    """Mean squared difference of neighbours along an axis: small along time."""
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.diff(X.astype(float), axis=axis) ** 2
        known = ~np.isnan(squares)
        return squares[known].mean() if known.any() else np.nan


def _holds_rows_of_a_series(estimator, given):
    """Whether rows of a frame follow one another in time, and no column is named as a lag."""
    names = names_of(given) or []
    several = len(names) > 1 and int(estimator.n_features_per_step) == 1
    if not several or estimator.static_features is not None:
        return False
    index = index_of(given)
    is_time = index is not None and is_of_times(index)
    return is_time and not any(letter.isdigit() for name in names for letter in name)
