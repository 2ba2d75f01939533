"""Columns of a table that may hold several series."""

from collections.abc import Hashable, Iterable, Sequence
from numbers import Integral
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import issparse
from sklearn.utils import _safe_indexing, check_array

from .._validation.feature_names import position_of, positions_of


@runtime_checkable
class Table(Protocol):
    """A 2-D array, or a data frame of pandas or polars."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of rows and columns."""


@runtime_checkable
class Frame(Table, Protocol):
    """A data frame of pandas or polars."""

    @property
    def columns(self) -> Iterable[Hashable]:
        """Names of the columns."""

    @property
    def dtypes(self) -> Iterable[object]:
        """Types of the columns."""


def as_table(X: ArrayLike) -> Table:
    """X as a table, without a check of its values; scikit-learn's own error if it isn't 2-D."""
    if issparse(X) or (isinstance(X, Table) and len(X.shape) != 2):
        check_array(X, dtype=None, ensure_all_finite=False)
    if isinstance(X, Table):
        return X
    table: np.ndarray = check_array(X, dtype=object, ensure_all_finite=False)
    return table


def split_ids(X: Table, groups: str | int) -> tuple[list[Hashable], Table]:
    """The series id of each row, and the other columns."""
    names, kind = getattr(X, "columns", None), type(X).__name__
    position = position_of(groups, names, X.shape[1], parameter="groups", kind=kind)
    others = [column for column in range(X.shape[1]) if column != position]
    if not others:
        raise ValueError(
            f"X has no column besides groups={groups!r}: add the columns to cut windows from."
        )
    ids = np.asarray(_safe_indexing(X, position, axis=1)).tolist()
    return ids, _safe_indexing(X, others, axis=1)


def rows_by_id(ids: Sequence[Hashable]) -> dict[Hashable, np.ndarray]:
    """The rows of each series, in the order in which the series appear."""
    codes: dict[Hashable, int] = {}
    if isinstance(ids[0], (dict, list, set)):
        raise TypeError(
            f"The column of groups holds {type(ids[0]).__name__} objects: the ids must be "
            "strings, numbers or dates."
        )
    code = np.fromiter((codes.setdefault(name, len(codes)) for name in ids), np.intp, len(ids))
    for name in codes:
        if name is None or type(name).__name__ in ("NAType", "NaTType") or name != name:
            raise ValueError(
                "The column of groups has missing values: every row needs the id of its series. "
                "Fill them, or drop these rows."
            )
    order = np.argsort(code, kind="stable")
    return dict(zip(codes, np.split(order, np.cumsum(np.bincount(code))[:-1]), strict=True))


def target_columns(
    series: ArrayLike, n_columns: int, targets: str | int | Sequence[str | int] | None
) -> slice | list[int]:
    """The positions of the columns that ``targets`` selects."""
    if targets is None:
        return slice(None)
    if not isinstance(targets, str | int | Integral) and not len(targets):
        raise ValueError("targets=[] selects no column: name one, or leave it None for all.")
    names, kind = getattr(series, "columns", None), type(series).__name__
    return positions_of(targets, names, n_columns, parameter="targets", kind=kind)
