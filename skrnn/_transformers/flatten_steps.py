"""Values of all steps in a row, for functions that know nothing of sequences."""

import numpy as np
from numpy.typing import ArrayLike

from .._validation.ragged import first_steps, is_ragged
from .._validation.sequences import as_steps


def flatten_steps(
    X: ArrayLike, *arrays: ArrayLike, n_features_per_step: int = 1
) -> tuple[np.ndarray, ...]:
    """Flatten what has a value for every step, such as labels and predictions.

    What is left is what `sklearn.metrics` and others take: one value for each step that is
    real, sequence after sequence.

    Parameters
    ----------
    X : array-like or list of arrays
        Sequences, which say what steps there are: ``(n_samples, n_steps, n_features)``;
        ``(n_samples, n_columns)``, each row one sequence; or a list of ``(n_steps_i,
        n_features)`` arrays. A step isn't there if it is NaN.
    *arrays : array-like or list of arrays
        Each with a value for every step, ``(n_samples, n_steps)``, or several,
        ``(n_samples, n_steps, n_outputs)``; or lists of arrays, one for each sequence.
    n_features_per_step : int, default=1
        Values per step in 2-D X, which must not have columns besides, such as static ones.

    Returns
    -------
    *flat : ndarray of shape (n_real_steps,) or (n_real_steps, n_outputs)
        One of each. Steps at which one of them is NaN, such as a target that is missing, are
        in none.

    Raises
    ------
    ValueError
        If one of the arrays has other steps than X.

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
    present, lengths = _present(X, int(n_features_per_step))
    flat = [_flat(present, lengths, own, f"arrays[{i}]") for i, own in enumerate(arrays)]
    known = np.ones(np.count_nonzero(present), bool)
    for values in flat:
        if values.dtype.kind == "f":
            known &= ~np.isnan(values.reshape(len(values), -1)).any(axis=1)
    return tuple(values[known] for values in flat)


def _present(X, n_features_per_step):
    """Which steps (N, T) are there, and the lengths of sequences in a list."""
    if not is_ragged(X):
        X = as_steps(np.asarray(X), n_features_per_step)
        return ~np.isnan(X).any(axis=2), None
    lengths = [len(x) for x in X]
    present = np.zeros((len(lengths), max(lengths)), bool)
    for row, x in zip(present, X, strict=True):
        row[: len(x)] = ~np.isnan(np.asarray(x, float)).any(axis=1)
    return present, lengths


def _flat(present, lengths, values, name):
    """Those of the values (n_steps_i, ...) of each sequence whose steps are there."""
    parts = [np.asarray(own) for own in values]
    if len(parts) != len(present):
        raise ValueError(f"{name} has {len(parts)} sequences, but X has {len(present)}.")
    for i, own in enumerate(parts):
        if own.ndim == 0:
            raise ValueError(f"{name}[{i}] is one value, {own}: pass one for every step.")
    begin = first_steps(parts, present, lengths, name)
    steps = zip(parts, present, begin, strict=True)
    return np.concatenate([own[real[first : first + len(own)]] for own, real, first in steps])
