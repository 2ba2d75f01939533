"""Arrays that carry names of features, and the origin of samples, through a pipeline."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .._training.origin import Origin
from . import dask_arrays


class AnnotatedArray(np.ndarray):
    """An array with names for its last axis, and with the rows that its samples were cut from.

    Or one whose sequences were padded, if need be: the number of steps says nothing. Indexing along
    the first axis keeps the names, and the origin of these samples. All other operations drop both,
    so that they are never wrong.
    """

    feature_names: list[str] | None = None
    origin: Origin | None = None
    padded: bool = False

    def __getitem__(self, key: Any) -> Any:
        part: Any = super().__getitem__(key)
        rows = key[0] if isinstance(key, tuple) and len(key) == 2 and key[1] is Ellipsis else key
        if not isinstance(rows, tuple) and getattr(part, "ndim", 0) == self.ndim:
            part.feature_names = self.feature_names
            part.origin = None if self.origin is None else self.origin.take(rows)
            part.padded = self.padded
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
        annotations = self.feature_names, self.origin, self.padded
        memory = _memory_of(self)
        if memory is None:
            return annotated, (np.asarray(self), *annotations)
        return _view, (memory, self.shape, self.strides, *annotations)


def annotated(
    a: np.ndarray,
    names: Sequence[str] | None,
    origin: Origin | None = None,
    padded: bool = False,
) -> np.ndarray:
    """Return a view of the array with names or an origin, or the array itself without any."""
    if names is None and origin is None and not padded:
        return a
    dask_arrays.register(AnnotatedArray, _size_of)
    own = a.view(AnnotatedArray)
    own.feature_names = None if names is None else list(names)
    own.origin, own.padded = origin, padded
    return own


def is_padded(X: Any) -> bool:
    """Whether X is an `AnnotatedArray` of sequences that were padded, if need be."""
    return isinstance(X, AnnotatedArray) and X.padded


def origin_of(X: Any) -> Origin | None:
    """Return the origin of the samples of an `AnnotatedArray`, otherwise None."""
    return X.origin if isinstance(X, AnnotatedArray) else None


def _memory_of(a: np.ndarray) -> np.ndarray | None:
    """The numbers in memory from the first of a view to its last, if it repeats them."""
    if a.size == 0 or a.dtype.hasobject or min(a.strides) < 0:
        return None
    rests = [stride % a.itemsize for stride in a.strides]
    last = sum((n - 1) * stride for n, stride in zip(a.shape, a.strides, strict=True))
    n = 1 + last // a.itemsize
    if any(rests) or n >= a.size:
        return None
    return as_strided(np.asarray(a), (n,), (a.itemsize,), writeable=False)


def _size_of(a: np.ndarray) -> int:
    """Bytes in memory."""
    memory = _memory_of(a)
    return int(a.nbytes if memory is None else memory.nbytes)


def _view(
    memory: np.ndarray, shape: tuple[int, ...], strides: tuple[int, ...], *annotations: Any
) -> np.ndarray:
    """The view of numbers in memory: windows that share rows stay small."""
    return annotated(as_strided(memory, shape, strides, writeable=False), *annotations)


dask_arrays.register(AnnotatedArray, _size_of)  # in a worker, before the first of them arrives
