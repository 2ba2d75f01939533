"""Names of features, and the columns that users select by them."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

from .annotated_array import AnnotatedArray
from .containers import is_arrow_table


def names_of(X: Any) -> list[str] | None:
    """Return the names of the features of a table or an `AnnotatedArray`, if all are strings."""
    if isinstance(X, AnnotatedArray):
        names = X.feature_names
    else:
        names = list(X.column_names if is_arrow_table(X) else getattr(X, "columns", ()))
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


def position_of(column: Any, names: Sequence | None, n_columns: int, *, parameter: str) -> int:
    """Return the position of a column that is given by name or position.

    Errors name the ``parameter``.
    """
    if isinstance(column, bool | np.bool_ | float):
        raise TypeError(f"{parameter} must be names or positions of columns, got {column!r}.")
    if isinstance(column, Integral):
        if -n_columns <= int(column) < n_columns:
            return int(column) % n_columns
        raise ValueError(f"{parameter}={column} is out of range: there are {n_columns} columns.")
    if names is None:
        raise ValueError(
            f"{parameter}={column!r} is a name, but the input has no named columns: give a "
            "position, or pass a DataFrame (after a scaler, by "
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


def positions_of(
    columns: Any, names: Sequence | None, n_columns: int, *, parameter: str
) -> list[int]:
    """Return the positions of one or more columns, given by name or position."""
    one = isinstance(columns, str | Integral)
    if isinstance(columns, tuple) and names is not None:
        one = columns in list(names)  # a column of a MultiIndex
    several = [columns] if one else list(columns)
    positions = [position_of(own, names, n_columns, parameter=parameter) for own in several]
    if len(set(positions)) < len(positions):
        raise ValueError(f"{parameter}={columns!r} names a column twice.")
    return positions


def static_positions(
    static_features: Any, names: Sequence | None, n_columns: int, *, all_may_be: bool = False
) -> tuple[int, ...]:
    """Return the positions of the static columns; one must be dynamic, unless all may be static."""
    if static_features is None:
        return ()
    positions = tuple(positions_of(static_features, names, n_columns, parameter="static_features"))
    if len(positions) == n_columns and not all_may_be:
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
