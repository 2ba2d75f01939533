"""Lists of sequences of different lengths."""

from typing import Any

import numpy as np

from .._engine.masking import StepMask
from .containers import check_container
from .feature_names import names_of
from .numbers import as_numbers


def is_ragged(X: Any, *, of_tokens: bool = False) -> bool:
    """Whether X is a list or object array of sequences that NumPy can't treat as one array.

    A list of arrays of tokens is one even if all have as many steps.
    """
    if of_tokens and _holds_tokens(X):
        return True
    is_array = isinstance(X, np.ndarray)
    if is_array and (X.dtype != object or X.ndim != 1):
        return False
    if not is_array and not isinstance(X, list | tuple):
        return False
    if len(X) and all(isinstance(x, list | tuple) for x in X):
        # an object array of nested lists holds sequences, whatever their lengths are
        return len(set(map(len, X))) > 1 or (is_array and any(map(_holds_rows, X)))
    ndims = {len(getattr(x, "shape", ())) for x in X}
    return any(ndim > 1 for ndim in ndims) or (ndims == {1} and len({len(x) for x in X}) > 1)


def _holds_tokens(X):
    """Whether X is a list of sequences (n_steps_i,); nested lists of one length are a table."""
    is_list = isinstance(X, list | tuple) or (isinstance(X, np.ndarray) and X.dtype == object)
    if not is_list or not len(X) or getattr(X, "ndim", 1) != 1 or not all(map(_is_flat, X)):
        return False
    return len(set(map(len, X))) > 1 or not all(isinstance(x, list | tuple) for x in X)


def _is_flat(x):
    if isinstance(x, list | tuple):
        return not any(hasattr(value, "__len__") for value in x)
    return getattr(x, "ndim", None) == 1


def _holds_rows(x):
    return len(x) > 0 and isinstance(x[0], list | tuple | np.ndarray)


def as_objects(arrays: list[np.ndarray]) -> np.ndarray:
    """Return an object array (N,) of arrays, even if they have equal shapes."""
    out = np.empty(len(arrays), object)
    for i, own in enumerate(arrays):
        out[i] = own
    return out


def lengths_of(X: Any, *, of_tokens: bool = False) -> list[int] | None:
    """The number of steps of each sequence in a list that `pad_sequences` takes; None: an array."""
    return [len(x) for x in X] if is_ragged(X, of_tokens=of_tokens) else None


def _check_items(X):
    """Raise TypeError if an item of a list is no sequence at all."""
    for i, x in enumerate(X):
        check_container(x, f"X[{i}]")
        if not hasattr(x, "__len__") and not hasattr(x, "__array__"):
            raise TypeError(f"X[{i}] is {x!r}: each item must be a sequence (n_steps, n_features).")


def first_steps(parts: list, mask: StepMask, lengths: list[int] | None, name: str) -> list[int]:
    """Return the step of each sequence at which the values in its part of a list begin.

    Without ``lengths``, X is one padded array. Each part then has values for all steps, or for
    those from the first valid step to the last.
    """
    begin, T = [0] * len(parts), mask.n_steps
    if lengths is None:
        whole = [len(own) == T for own in parts]
        begin = np.where(whole, 0, mask.first).tolist()
        lengths = np.where(whole, T, mask.stop - mask.first).tolist()
    for i, (own, n_steps) in enumerate(zip(parts, lengths, strict=True)):
        if len(own) != n_steps:
            raise ValueError(
                f"{name}[{i}] has {len(own)} steps, but X[{i}] has {n_steps}: with one value for "
                "every step, both need the same number."
            )
    return begin


def pad_sequences(X: Any, *, side: str = "right", of_tokens: bool = False) -> np.ndarray:
    """Return one array (N, longest, D) of sequences (n_steps_i, D), padded with NaN on a side.

    Those of tokens may be (n_steps_i,).
    """
    _check_items(X)
    arrays = [as_numbers(x, f"X[{i}]") for i, x in enumerate(X)]
    if of_tokens:
        arrays = [x.reshape(-1, 1) if x.ndim == 1 else x for x in arrays]
    for i, x in enumerate(arrays):
        if x.ndim != 2:
            raise ValueError(
                f"X[{i}] has {x.ndim} dimensions: in a list of sequences each must be (n_steps, "
                "n_features). Reshape those with one value per step by reshape(-1, 1)."
            )
        if x.shape[1] != arrays[0].shape[1]:
            swapped = len({len(own) for own in arrays}) == 1 and len(x) < x.shape[1]
            fix = " If they are (n_variables, n_steps), as in aeon, pass x.T of each."
            raise ValueError(
                f"X[{i}] has {x.shape[1]} features, but X[0] has {arrays[0].shape[1]}: all "
                f"sequences need the same features.{fix if swapped else ''}"
            )
    single = all(x.dtype == np.float32 for x in arrays)
    shape = len(arrays), max(1, *map(len, arrays)), arrays[0].shape[1]
    padded = np.full(shape, np.nan, np.float32 if single else np.float64)
    for row, x in zip(padded, arrays, strict=True):
        row[len(row) - len(x) if side == "left" else 0 :][: len(x)] = x
    return padded


def common_names(X: Any) -> list[str] | None:
    """The names of the features of sequences in a list."""
    names = names_of(X[0])
    for i, x in enumerate(X):
        if names_of(x) != names:
            raise ValueError(
                f"X[{i}] has the features {names_of(x)}, but X[0] has {names}: give all sequences "
                "the same columns in the same order."
            )
    return names
