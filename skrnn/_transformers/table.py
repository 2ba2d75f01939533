"""Columns of a table that may hold several series."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import issparse
from sklearn.utils import _safe_indexing, check_array
from sklearn.utils.validation import _check_feature_names, _check_n_features

from .._validation.feature_names import position_of, positions_of
from .._validation.numbers import check_numbers, is_missing
from .._validation.order import check_order, index_of
from .frames import as_frame

if TYPE_CHECKING:
    import pandas as pd


SEVERAL = (
    "for several series, name the column or the level of the index that has their ids in groups="
)
Series = Mapping[Hashable, slice | np.ndarray]  # the rows of each series, by its id
EVERY_ROW: Series = {None: slice(None)}


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


def read_table(
    estimator: Any, X: ArrayLike, *, reset: bool
) -> tuple[Table, np.ndarray, Series, "pd.Index | None"]:
    """The table, its values, the rows of each series of ``estimator.groups``, and the index.

    Sets or compares ``n_features_in_`` and ``feature_names_in_``.
    """
    table = as_frame(X, "X", SEVERAL)
    index = index_of(table)
    if estimator.groups is None:
        values = check_numbers(table, "X", estimator=estimator)
        _check_columns(estimator, table, values, reset=reset)
        return table, values, EVERY_ROW, index
    table = as_table(table)
    _check_columns(estimator, table, table, reset=reset)
    ids, features, index = split_ids(table, estimator.groups, index)
    return table, check_numbers(features, "X", estimator=estimator), rows_by_id(ids), index


def _check_columns(estimator: Any, named: Any, table: Any, *, reset: bool) -> None:
    _check_feature_names(estimator, named, reset=reset)
    _check_n_features(estimator, table, reset=reset)


def split_ids(
    X: Table, groups: Hashable, index: "pd.Index | None"
) -> tuple[list[Hashable], Table, "pd.Index | None"]:
    """The series id of each row, the other columns, and the index within a series."""
    names, kind = column_names(X), type(X).__name__
    if index is not None and groups in index.names and groups not in (names or ()):
        own = index.droplevel(groups) if index.nlevels > 1 else None
        return _as_list(index.get_level_values(groups)), X, own
    position = position_of(groups, names, X.shape[1], parameter="groups", kind=kind)
    others = [column for column in range(X.shape[1]) if column != position]
    if not others:
        raise ValueError(
            f"X has no column besides groups={groups!r}: add the columns to cut windows from."
        )
    ids = _as_list(_safe_indexing(X, position, axis=1))
    return ids, _safe_indexing(X, others, axis=1), index


def column_names(X: Table) -> list[Hashable] | None:
    """The names of the columns, of any type; None for an array."""
    return list(X.columns) if isinstance(X, Frame) else None


def _as_list(ids: ArrayLike) -> list[Hashable]:
    ids = np.asarray(ids)
    # in one unit, as dates in nanoseconds become integers
    return (ids.astype(f"{ids.dtype.kind}8[us]") if ids.dtype.kind in "mM" else ids).tolist()


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
        if is_missing(name):
            raise ValueError(
                "The column of groups has missing values: every row needs the id of its series. "
                "Fill them, or drop these rows."
            )
    order = np.argsort(code, kind="stable")
    return dict(zip(codes, np.split(order, np.cumsum(np.bincount(code))[:-1]), strict=True))


def check_order_of_series(index: "pd.Index | None", series: Series) -> None:
    """Raise or warn if the rows of a series aren't in the order of time."""
    names = {name: "X" if name is None else f"series {name!r}" for name in series}
    if index is not None:
        check_order(((names[name], index[rows]) for name, rows in series.items()), SEVERAL)


def constant_columns(
    values: np.ndarray, columns: list[int], names: list[str], series: Series
) -> np.ndarray:
    """The static covariates (n_rows, M) of each row's series, which are some columns."""
    constants = np.empty((len(values), len(columns)), values.dtype)
    for name, rows in series.items() if columns else ():
        own = values[rows][:, columns]
        low, high = np.fmin.reduce(own), np.fmax.reduce(own)
        if (low < high).any():
            m = int(np.flatnonzero(low < high)[0])
            where = "" if name is None else f" of series {name!r}"
            raise ValueError(
                f"The static feature {names[m]!r} varies within the rows{where}, from {low[m]:.6g} "
                f"to {high[m]:.6g}: static_features must be constant in each series. Leave it out "
                "of static_features, or name the column of series ids in groups."
            )
        constants[rows] = high
    return constants


def check_types(groups: Hashable, new: Iterable[Hashable], known: Iterable[Hashable]) -> None:
    """Raise if new ids are known ones but for their type, as 1 and "1"."""
    texts = {_text(name): name for name in known}
    for name in set(new).difference(known):
        old = texts.get(_text(name), name)
        if type(old) is not type(name):
            raise ValueError(
                f"groups={groups!r} has the id {name!r} of type {type(name).__name__}, but in fit "
                f"it was {old!r} of type {type(old).__name__}: convert the ids to one type, or the "
                "series wouldn't be recognised."
            )


def _text(name: Hashable) -> str:
    """An id as text; whole numbers alike, whatever their type."""
    return str(name).removesuffix(".0")


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
