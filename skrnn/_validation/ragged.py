"""Lists of sequences of different lengths."""

from typing import Any

import numpy as np

from .._engine.masking import StepMask
from .feature_names import names_of


def is_ragged(X: Any) -> bool:
    """Whether X is a list of sequences, rather than something that NumPy sees as one array."""
    if isinstance(X, np.ndarray):
        if X.dtype != object or X.ndim != 1:
            return False
    elif not isinstance(X, (list, tuple)):
        return False
    if len(X) and all(isinstance(x, list | tuple) for x in X):
        return len(set(map(len, X))) > 1
    ndims = {len(getattr(x, "shape", ())) for x in X}
    return any(ndim > 1 for ndim in ndims) or (ndims == {1} and len({len(x) for x in X}) > 1)


def as_objects(arrays: list[np.ndarray]) -> np.ndarray:
    """An object array (N,) of arrays, which NumPy would make one array of if it could."""
    out = np.empty(len(arrays), object)
    for i, own in enumerate(arrays):
        out[i] = own
    return out


def lengths_of(X: Any) -> list[int] | None:
    """The number of steps of each sequence in a list, None for an array."""
    return [len(x) for x in X] if is_ragged(X) else None


def first_steps(parts: list, mask: StepMask, lengths: list[int] | None, name: str) -> list[int]:
    """At which step of each sequence begins what a list holds for its steps.

    Of sequences that were padded before they came here, without ``lengths``, the list holds all
    steps, or those from the first valid one to the last.
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


def pad_sequences(X: Any, *, side: str = "right") -> np.ndarray:
    """One array (N, longest, D) of sequences (n_steps_i, D), short ones with NaN on a side."""
    arrays = [np.asarray(x) for x in X]
    for i, x in enumerate(arrays):
        if x.ndim != 2:
            raise ValueError(
                f"X[{i}] has {x.ndim} dimensions: in a list of sequences each must be (n_steps, "
                "n_features). Reshape a single one by reshape(-1, 1)."
            )
        if x.shape[1] != arrays[0].shape[1]:
            raise ValueError(
                f"X[{i}] has {x.shape[1]} features, but X[0] has {arrays[0].shape[1]}: all "
                "sequences need the same features."
            )
    single = all(x.dtype == np.float32 for x in arrays)
    shape = len(arrays), max(1, *map(len, arrays)), arrays[0].shape[1]
    padded = np.full(shape, np.nan, np.float32 if single else np.float64)
    for i, (row, x) in enumerate(zip(padded, arrays, strict=True)):
        try:
            row[len(row) - len(x) if side == "left" else 0 :][: len(x)] = x
        except (TypeError, ValueError) as error:
            raise with_fix(error, f"X[{i}]: ") from error
    return padded


def with_fix(error: Exception, where: str = "") -> Exception:
    """The error, with what to do about text among the features."""
    if "convert string" not in str(error):
        return error
    return ValueError(
        f"{where}{error}. Features must be numbers: encode text, for example by a 0 or 1 for each "
        "character or word that there is (sklearn.preprocessing.OneHotEncoder)."
    )


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
