"""Names of features, and arrays that carry them through a pipeline."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

from .._training.origin import Origin


class NamedArray(np.ndarray):
    """An array with names for its last axis, and with the rows that its samples were cut from.

    Indexing along the first axis keeps the names, and the origin of these samples. All other
    operations drop both, so that they are never wrong.
    """

    feature_names: list[str] | None = None
    origin: Origin | None = None

    def __getitem__(self, key: Any) -> Any:
        part: Any = super().__getitem__(key)
        rows = key[0] if isinstance(key, tuple) and len(key) == 2 and key[1] is Ellipsis else key
        if not isinstance(rows, tuple) and getattr(part, "ndim", 0) == self.ndim:
            part.feature_names = self.feature_names
            part.origin = None if self.origin is None else self.origin.take(rows)
        return part

    def __setitem__(self, key: Any, value: Any) -> None:
        self.origin = None  # the samples may be in another order now, as after a shuffle in place
        super().__setitem__(key, value)

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return np.asarray(array)[()]  # what is computed is no sample: plain, and a mean is a number

    def __repr__(self):
        return repr(np.asarray(self))

    def __reduce__(self):
        # a plain array inside, which joblib shares between processes
        return with_names, (np.asarray(self), self.feature_names, self.origin)


def with_names(
    a: np.ndarray, names: Sequence[str] | None, origin: Origin | None = None
) -> np.ndarray:
    """Return a view of the array with names and an origin, or the array itself without any."""
    if names is None and origin is None:
        return a
    named = a.view(NamedArray)
    named.feature_names = None if names is None else list(names)
    named.origin = origin
    return named


def origin_of(X: Any) -> Origin | None:
    """Return the origin of the samples of a `NamedArray`."""
    return X.origin if isinstance(X, NamedArray) else None


def names_of(X: Any) -> list[str] | None:
    """Return the names of the features of a table or `NamedArray`, if all are strings."""
    names = getattr(X, "feature_names", None) if isinstance(X, NamedArray) else None
    if type(X).__module__.partition(".")[0] == "pyarrow":  # whose columns are arrays
        names = getattr(getattr(X, "schema", None), "names", None)
    elif names is None and hasattr(X, "columns"):
        names = list(X.columns)
    return names if names and all(isinstance(name, str) for name in names) else None


def other_names(names: list[str], fitted: list[str]) -> ValueError:
    """The error that names differ from those of the fit, or are in another order."""
    return ValueError(
        f"The feature names should match those that were passed during fit: got {names}, fitted "
        f"on {fitted}."
    )


def labels_of(X: Any) -> list | None:
    """Return the names of the columns of a frame, or of the first in a list, of any type."""
    several = isinstance(X, list | tuple) or (isinstance(X, np.ndarray) and X.dtype == object)
    first = X[0] if several and len(X) else X
    if hasattr(first, "columns") and hasattr(first, "dtypes"):
        return list(first.columns)
    return names_of(first)


def position_of(
    column: Any, names: Sequence | None, n_columns: int, *, parameter: str, kind: str
) -> int:
    """Return the position of a column that is given by name or position.

    Errors name the ``parameter``, and the ``kind`` of X.
    """
    if isinstance(column, bool | np.bool_ | float):
        raise TypeError(f"{parameter} must be names or positions of columns, got {column!r}.")
    if isinstance(column, Integral):
        if -n_columns <= int(column) < n_columns:
            return int(column) % n_columns
        raise ValueError(f"{parameter}={column} is out of range: there are {n_columns} columns.")
    if names is None:
        kind = "ndarray" if kind == NamedArray.__name__ else kind
        raise ValueError(
            f"{parameter}={column!r} is a name, but a {kind} has no named columns: "
            "give a position or, as the input, a DataFrame (after a scaler, by "
            "pipe.set_output(transform='pandas'))."
        )
    names = list(names)  # a MultiIndex finds parts of its labels, too
    if column in names:
        return names.index(column)
    part_of = [name for name in names if isinstance(name, tuple) and column in name]
    fix = ""
    if part_of:
        fix = (
            f" They are tuples: select one, as {part_of[0]!r}, or make them strings by "
            "X.columns = ['_'.join(map(str, name)) for name in X.columns]."
        )
    raise ValueError(f"{parameter}={column!r} is not a column; the columns are {names}.{fix}")


def positions_of(columns: Any, names: Sequence | None, n_columns: int, **text: str) -> list[int]:
    """Return the positions of one or more columns, given by name or position."""
    one = isinstance(columns, str | Integral)
    if isinstance(columns, tuple) and names is not None:
        one = columns in list(names)  # a column of a MultiIndex
    several = [columns] if one else list(columns)
    positions = [position_of(column, names, n_columns, **text) for column in several]
    if len(set(positions)) < len(positions):
        raise ValueError(f"{text['parameter']}={columns!r} names a column twice.")
    return positions


def static_positions(
    static_features: Any, names: Sequence | None, n_columns: int, kind: str
) -> tuple[int, ...]:
    """Return the positions of the static columns; at least one column must be dynamic."""
    if static_features is None:
        return ()
    text = {"parameter": "static_features", "kind": kind}
    positions = tuple(positions_of(static_features, names, n_columns, **text))
    if len(positions) == n_columns:
        raise ValueError(
            f"static_features={static_features!r} are all of the {n_columns} columns of X: nothing "
            "is left to read step by step."
        )
    return positions


def others(columns: Sequence[int], n_columns: int) -> slice | list[int]:
    """Return an index of the other columns: a slice, without a copy, if evenly spaced."""
    left = [column for column in range(n_columns) if column not in columns]
    stride = left[1] - left[0] if len(left) > 1 else 1
    even = slice(left[0], left[-1] + 1, stride)
    return even if list(range(n_columns))[even] == left else left
