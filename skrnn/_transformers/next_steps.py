"""Inputs and targets of the next step, for regressors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike

from .._engine.masking import next_steps_of, valid_steps
from .._validation.numbers import check_numbers
from .._validation.ragged import as_objects, is_ragged, pad_sequences


@overload
def next_steps(X: Sequence[Any]) -> tuple[Any, Any]: ...


@overload
def next_steps(X: ArrayLike) -> tuple[np.ndarray, np.ndarray]: ...


def next_steps(X: ArrayLike) -> tuple[Any, Any]:
    """Cut sequences into inputs, and the values of the next step as the target of each.

    Free running starts with a network that predicts the next step from all steps so far. The last
    step of a sequence has no next one: it becomes NaN, a missing step.

    Parameters
    ----------
    X : array-like or list of arrays
        Sequences: ``(n_samples, n_steps, n_features)``, ``(n_samples, n_steps)``, or a list of
        ``(n_steps_i, n_features)`` or ``(n_steps_i,)`` arrays. Steps that are NaN are missing. The
        next step is the next one that isn't.

    Returns
    -------
    inputs : ndarray or list of arrays
        X without the last step of each sequence, which is NaN, in the form of X. Whole numbers
        become floats.
    y : ndarray or list of arrays
        Targets ``(n_samples, n_steps, n_features)``, or a list of ``(n_steps_i, n_features)``. NaN
        where there is no next step.

    Raises
    ------
    ValueError
        If X isn't made of sequences of numbers.

    See Also
    --------
    sliding_windows : Windows of a series, and the values after each.

    Notes
    -----
    `RNNClassifier` with `embedding_size` does the same itself, if `fit` gets no y.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import next_steps
    >>> X, y = next_steps([[1, 2, 3], [4, 5, np.nan]])
    >>> X
    array([[ 1.,  2., nan],
           [ 4., nan, nan]])
    >>> y[..., 0]
    array([[ 2.,  3., nan],
           [ 5., nan, nan]])
    """
    if not is_ragged(X):
        values = check_numbers(X, "X", ensure_2d=False, allow_nd=True)
        if values.ndim not in (2, 3):
            raise ValueError(
                f"X has {values.ndim} dimensions: pass (n_samples, n_steps, n_features) or "
                "(n_samples, n_steps). One sequence is [X]."
            )
        inputs, y = _cut(values if values.ndim == 3 else values[..., np.newaxis])
        return inputs.reshape(values.shape), y
    given: Any = X
    flat = [np.ndim(x) == 1 for x in given]
    padded = check_numbers(pad_sequences(X, of_tokens=True), "X", allow_nd=True)
    lengths = [len(x) for x in given]
    parts = [
        [row[:length] for row, length in zip(values, lengths, strict=True)]
        for values in _cut(padded)
    ]
    parts[0] = [x[:, 0] if is_flat else x for x, is_flat in zip(parts[0], flat, strict=True)]
    if isinstance(given, np.ndarray):
        return as_objects(parts[0]), as_objects(parts[1])
    return parts[0], parts[1]


def _cut(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of sequences (N, T, D)."""
    valid = valid_steps(X)
    y = next_steps_of(X, valid)
    inputs = X.copy()
    inputs[valid & np.isnan(y).all(axis=2)] = np.nan
    return inputs, y
