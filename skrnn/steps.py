"""Values of all steps in a row, for functions that know nothing of sequences."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._sequences import as_steps, is_ragged


def flatten_steps(X: ArrayLike, *arrays: ArrayLike) -> tuple[np.ndarray, ...]:
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
    present = _present(X, arrays)
    flat = [at_steps(present, values, f"arrays[{i}]") for i, values in enumerate(arrays)]
    known = np.ones(sum(map(np.count_nonzero, present)), bool)
    for values in flat:
        if values.dtype.kind == "f":
            known &= ~np.isnan(values.reshape(len(values), -1)).any(axis=1)
    return tuple(values[known] for values in flat)


def _present(X, arrays):
    """For each sequence, which of its steps are there."""
    if is_ragged(X):
        return [~np.isnan(np.asarray(x, float)).any(axis=1) for x in X]
    X = np.asarray(X)
    if X.ndim == 2:
        n_steps = len(arrays[0][0]) if arrays else X.shape[1]
        X = as_steps(X, X.shape[1] // n_steps if X.shape[1] % n_steps == 0 else X.shape[1])
    return list(~np.isnan(X).any(axis=2))


def at_steps(present: list[np.ndarray], values: Any, name: str) -> np.ndarray:
    """Those of the values (n_steps_i, ...) of each sequence whose steps are ``present``."""
    if len(values) != len(present):
        raise ValueError(f"{name} has {len(values)} sequences, but X has {len(present)}.")
    flat = []
    for i, (real, own) in enumerate(zip(present, values, strict=True)):
        own, steps = np.asarray(own), np.flatnonzero(real)
        if len(own) < len(real) and len(steps):  # X was padded since
            real = real[steps[0] : steps[-1] + 1]
        if np.ndim(own) == 0 or len(own) != len(real):
            raise ValueError(
                f"{name}[{i}] has shape {own.shape}, but X[{i}] has {len(real)} steps: pass a "
                "value for each."
            )
        flat.append(own[real])
    return np.concatenate(flat)
