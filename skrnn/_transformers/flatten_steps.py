"""Values of all valid steps in one array, for functions that know nothing of sequences."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_array
from sklearn.utils._param_validation import Interval

from .._engine.masking import StepMask, valid_steps
from .._sklearn.decorators import validate_params
from .._validation.containers import check_container, columns_of
from .._validation.feature_names import labels_of, others, static_positions
from .._validation.numbers import as_numbers
from .._validation.options import OneOrMore
from .._validation.ragged import (
    common_names,
    first_steps,
    is_ragged,
    lengths_of,
    pad_sequences,
)
from .._validation.steps import as_steps


@validate_params(
    {
        "n_features_per_step": [Interval(Integral, 1, None, closed="left")],
        "static_features": [str, Integral, "array-like", None],
    }
)
def flatten_steps(
    X: ArrayLike,
    *arrays: ArrayLike,
    n_features_per_step: int = 1,
    static_features: OneOrMore[str | int] | None = None,
) -> tuple[np.ndarray, ...]:
    """Flatten values of every step, such as labels and predictions, for `sklearn.metrics`.

    The result has one value for each valid step, sequence after sequence.

    Parameters
    ----------
    X : array-like or list of arrays
        Sequences, whose valid steps count: ``(n_samples, n_steps, n_features)``;
        ``(n_samples, n_columns)``, each row one sequence; or a list of ``(n_steps_i,
        n_features)`` arrays. A step is missing if all of its features are NaN.
    *arrays : array-like or list of arrays
        Each with a value for every step, ``(n_samples, n_steps)``, or several,
        ``(n_samples, n_steps, n_outputs)``; or lists of arrays, one for each sequence.
    n_features_per_step : int, default=1
        Values per step in 2-D X.
    static_features : str, int or list of these, default=None
        Names or positions of the columns of X that hold static covariates. They don't say
        whether a step is missing.

    Returns
    -------
    *flat : ndarray of shape (n_valid_steps,) or (n_valid_steps, n_outputs)
        One of each. Steps at which one of them is NaN, such as a missing target, are in none.

    Raises
    ------
    ValueError
        If one of the arrays has other steps than X, or X isn't a set of sequences.
    TypeError
        If X or one of the arrays is no array or list.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.metrics import confusion_matrix
    >>> from skrnn import flatten_steps
    >>> X = [np.zeros((3, 2)), np.zeros((1, 2))]
    >>> y, predicted = [["a", "b", "b"], ["a"]], [["a", "b", "a"], ["a"]]
    >>> confusion_matrix(*flatten_steps(X, y, predicted))
    array([[2, 0],
           [1, 1]])
    """
    mask, lengths = _mask(X, int(n_features_per_step), static_features)
    flat = [_flat(mask, lengths, own, f"arrays[{i}]") for i, own in enumerate(arrays)]
    known = np.ones(int(mask.lengths.sum()), bool)
    for values in flat:
        if values.dtype.kind == "f":
            known &= ~np.isnan(values.reshape(len(values), -1)).any(axis=1)
    return tuple(values[known] for values in flat)


def _mask(
    X: Any, n_features_per_step: int, static_features: Any
) -> tuple[StepMask, list[int] | None]:
    """Which steps are valid, and the lengths of sequences in a list."""
    check_container(X, "X")
    given, names = X, labels_of(X)
    if is_ragged(X):
        common_names(X)  # of which all sequences have the same
        X = pad_sequences(X)
    else:
        options: dict = {"dtype": None, "allow_nd": True, "ensure_all_finite": False}
        X = check_array(as_numbers(X, "X"), input_name="X", **options)
    if X.ndim > 3:
        raise ValueError(f"X has {X.ndim} dimensions: (n_samples, n_steps, n_features) expected.")
    dynamic = others(static_positions(static_features, names, X.shape[-1]), X.shape[-1])
    steps = as_steps(X[..., dynamic], n_features_per_step)
    return StepMask.of_valid(valid_steps(steps)), lengths_of(given)


def _flat(mask: StepMask, lengths: list[int] | None, values: Any, name: str) -> np.ndarray:
    """Those of the values (n_steps_i, ...) of each sequence whose steps are valid."""
    check_container(values, name)
    if not hasattr(values, "__len__"):
        raise TypeError(f"{name} is {values!r}: pass an array or list with a value for every step.")
    columns = columns_of(values)
    if columns:  # of a table, whose items aren't its rows
        values = np.stack([np.asarray(column) for _, column in columns], axis=1)
    if np.ma.is_masked(values):
        values = as_numbers(values, name)
    parts, valid = [_part(own, f"{name}[{i}]") for i, own in enumerate(values)], mask.valid()
    if len(parts) != len(valid):
        raise ValueError(f"{name} has {len(parts)} sequences, but X has {len(valid)}.")
    for i, own in enumerate(parts):
        if own.ndim == 0:
            raise ValueError(f"{name}[{i}] is one value, {own}: pass one for every step.")
    begin = first_steps(parts, mask, lengths, name)
    steps = zip(parts, valid, begin, strict=True)
    return np.concatenate([own[row[first : first + len(own)]] for own, row, first in steps])


def _part(own: Any, name: str) -> np.ndarray:
    """The values of one sequence; NaN where they are masked."""
    return as_numbers(own, name) if np.ma.is_masked(own) else np.asarray(own)
