"""Names of features, which travel with arrays of sequences from one step of a pipeline on."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np


class NamedArray(np.ndarray):
    """An array whose last axis has names, for as long as it is only indexed by its first.

    Everything else leaves an array without names, rather than with wrong ones.
    """

    feature_names: list[str] | None = None

    def __getitem__(self, key):
        part = super().__getitem__(key)
        rows = key[0] if isinstance(key, tuple) and len(key) == 2 and key[1] is Ellipsis else key
        if not isinstance(rows, tuple) and getattr(part, "ndim", 0) == self.ndim:
            part.feature_names = self.feature_names
        return part

    def __reduce__(self):
        make, arguments, state = super().__reduce__()
        return make, arguments, (state, self.feature_names)

    def __setstate__(self, state):
        super().__setstate__(state[0])
        self.feature_names = state[1]


def with_names(a: np.ndarray, names: Sequence[str] | None) -> np.ndarray:
    """A view of the array with names, or itself if there are none."""
    if names is None:
        return a
    named = a.view(NamedArray)
    named.feature_names = list(names)
    return named


def names_of(X: Any) -> list[str] | None:
    """Names of the features of a data frame or a `NamedArray`, if all are strings."""
    names = getattr(X, "feature_names", None) if isinstance(X, NamedArray) else None
    if names is None and hasattr(X, "columns"):
        names = list(X.columns)
    return names if names and all(isinstance(name, str) for name in names) else None


def position_of(
    column: str | int, names: Sequence | None, n_columns: int, *, parameter: str, kind: str
) -> int:
    """A column's position, from its name or its position; ``kind`` is what X is."""
    if isinstance(column, bool | np.bool_ | float):
        raise TypeError(f"{parameter} must be names or positions of columns, got {column!r}.")
    if isinstance(column, Integral):
        if -n_columns <= column < n_columns:
            return int(column) % n_columns
        raise ValueError(f"{parameter}={column} is out of range: there are {n_columns} columns.")
    if names is None:
        raise ValueError(
            f"{parameter}={column!r} is a name, but a {kind} has no named columns: "
            "give a position or, as the input, a DataFrame (after a scaler, by "
            "pipe.set_output(transform='pandas'))."
        )
    if column not in names:
        raise ValueError(f"{parameter}={column!r} is not a column; the columns are {list(names)}.")
    return list(names).index(column)


def positions_of(columns: Any, names: Sequence | None, n_columns: int, **text: str) -> list[int]:
    """The positions of one or more columns, given by name or by position."""
    several = [columns] if isinstance(columns, str | Integral) else list(columns)
    positions = [position_of(column, names, n_columns, **text) for column in several]
    if len(set(positions)) < len(positions):
        raise ValueError(f"{text['parameter']}={columns!r} names a column twice.")
    return positions


def static_positions(
    static_features: Any, names: Sequence | None, n_columns: int, kind: str
) -> tuple[int, ...]:
    """The positions of the static columns, which must leave others."""
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
    """What indexes the other columns, without a copy if they lie evenly."""
    left = [column for column in range(n_columns) if column not in columns]
    stride = left[1] - left[0] if len(left) > 1 else 1
    even = slice(left[0], left[-1] + 1, stride)
    return even if list(range(n_columns))[even] == left else left
