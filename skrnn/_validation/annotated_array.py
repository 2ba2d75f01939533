"""Arrays that carry names of features, and the origin of samples, through a pipeline."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .._training.origin import Origin
from . import dask_arrays


class AnnotatedArray(np.ndarray):
    """An array with names for its last axis, and with the rows that its samples were cut from.

    Or one of tokens, of whose sequences the shorter ones were padded: the number of steps says
    nothing. Indexing along the first axis keeps the names, and the origin of these samples. All
    other operations drop both, so that they are never wrong.
    """

    feature_names: list[str] | None = None
    origin: Origin | None = None
    of_tokens: bool = False

    def __getitem__(self, key: Any) -> Any:
        part: Any = super().__getitem__(key)
        rows = key[0] if isinstance(key, tuple) and len(key) == 2 and key[1] is Ellipsis else key
        if not isinstance(rows, tuple) and getattr(part, "ndim", 0) == self.ndim:
            part.feature_names = self.feature_names
            part.origin = None if self.origin is None else self.origin.take(rows)
            part.of_tokens = self.of_tokens
        return part

    def __setitem__(self, key: Any, value: Any) -> None:
        self.origin = None  # the samples may be in another order now, as after a shuffle in place
        super().__setitem__(key, value)

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return np.asarray(array)[()]  # what is computed is no sample: plain, and a mean is a number

    def __repr__(self):
        return repr(np.asarray(self))

    def __reduce__(self):
        # plain arrays inside, which joblib shares between processes
        annotations = self.feature_names, self.origin, self.of_tokens
        rows = _rows_of(self)
        if rows is None:
            return annotated, (np.asarray(self), *annotations)
        return _view, (rows, *self.shape[:2], _steps_of(self), *annotations)


def annotated(
    a: np.ndarray,
    names: Sequence[str] | None,
    origin: Origin | None = None,
    of_tokens: bool = False,
) -> np.ndarray:
    """Return a view of the array with names or an origin, or the array itself without any."""
    if names is None and origin is None and not of_tokens:
        return a
    dask_arrays.register(AnnotatedArray, _size_of)
    own = a.view(AnnotatedArray)
    own.feature_names = None if names is None else list(names)
    own.origin, own.of_tokens = origin, of_tokens
    return own


def is_of_tokens(X: Any) -> bool:
    """Whether X is an `AnnotatedArray` of tokens, in sequences that were padded, if need be."""
    return isinstance(X, AnnotatedArray) and X.of_tokens


def origin_of(X: Any) -> Origin | None:
    """Return the origin of the samples of an `AnnotatedArray`, otherwise None."""
    return X.origin if isinstance(X, AnnotatedArray) else None


def _rows_of(a: np.ndarray) -> np.ndarray | None:
    """The rows (R, D) of a table that windows (N, T, D) were cut from, a view.

    None where they would be more numbers than the windows, or others than those of the windows.
    """
    if a.ndim != 3 or a.size == 0 or a.dtype.hasobject or min(a.strides[:2]) <= 0:
        return None
    N, T, D = a.shape
    steps = _steps_of(a)
    n_rows = 1 + (N - 1) * steps[0] + (T - 1) * steps[1]
    if n_rows >= N * T:
        return None
    is_read = np.zeros(n_rows, bool)
    as_strided(is_read, (N, T), steps)[...] = True
    if not is_read.all():
        return None
    strides = math.gcd(*a.strides[:2]), a.strides[2]
    return as_strided(np.asarray(a), (n_rows, D), strides, writeable=False)


def _steps_of(a: np.ndarray) -> tuple[int, int]:
    """Rows from the beginning of one window to that of the next, and from step to step."""
    row = math.gcd(*a.strides[:2])
    return a.strides[0] // row, a.strides[1] // row


def _view(
    rows: np.ndarray, n: int, n_steps: int, steps: tuple[int, int], *annotations: Any
) -> np.ndarray:
    """The windows (N, T, D) of rows (R, D), which they share."""
    row, item = rows.strides
    strides = steps[0] * row, steps[1] * row, item
    shape = n, n_steps, rows.shape[1]
    return annotated(as_strided(rows, shape, strides, writeable=False), *annotations)


def _size_of(a: np.ndarray) -> int:
    """Bytes in memory."""
    rows = _rows_of(a)
    return int(a.nbytes if rows is None else rows.nbytes)


dask_arrays.register(AnnotatedArray, _size_of)  # in a worker, before the first of them arrives
