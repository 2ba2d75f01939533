"""Tables of one or several series: their values, ids and index."""

from collections.abc import Hashable
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import _safe_indexing, check_array
from sklearn.utils.validation import _check_feature_names, _check_n_features

from .._validation.feature_names import labels_of, position_of, positions_of
from .._validation.numbers import check_numbers
from .._validation.options import OneOrMore
from .._validation.order import index_of
from .frames import as_frame
from .series import EVERY_ROW, SEVERAL, RowsOfSeries, rows_by_id

if TYPE_CHECKING:
    import pandas as pd


def read_table(
    estimator: Any, X: ArrayLike, *, reset: bool
) -> tuple[list | None, np.ndarray, RowsOfSeries, "pd.Index | None"]:
    """The columns' names, the values, the rows of each series of ``groups``, and the index.

    Sets or compares ``n_features_in_`` and ``feature_names_in_``.
    """
    table = as_frame(X, "X", SEVERAL)
    names, index = labels_of(table), index_of(table)
    if estimator.groups is None:
        values = check_numbers(table, "X", estimator=estimator)
        _check_columns(estimator, table, values, reset=reset)
        return names, values, EVERY_ROW, index
    if len(getattr(table, "shape", ())) != 2:  # a list; scikit-learn's own error for the others
        table = check_array(table, dtype=object, ensure_all_finite=False)
    _check_columns(estimator, table, table, reset=reset)
    ids, features, index = _split_ids(table, estimator.groups, index)
    return names, check_numbers(features, "X", estimator=estimator), rows_by_id(ids), index


def _check_columns(estimator: Any, named: Any, table: Any, *, reset: bool) -> None:
    _check_feature_names(estimator, named, reset=reset)
    _check_n_features(estimator, table, reset=reset)


def _split_ids(
    X: Any, groups: Hashable, index: "pd.Index | None"
) -> tuple[list[Hashable], Any, "pd.Index | None"]:
    """The series id of each row, the other columns, and the index within a series."""
    names = labels_of(X)
    if index is not None and groups in index.names and groups not in (names or ()):
        own = index.droplevel(groups) if index.nlevels > 1 else None
        return _as_list(index.get_level_values(groups)), X, own
    position = position_of(groups, names, X.shape[1], parameter="groups")
    others = [column for column in range(X.shape[1]) if column != position]
    if not others:
        raise ValueError(
            f"X has no column besides groups={groups!r}: add the columns to cut windows from."
        )
    ids = _as_list(_safe_indexing(X, position, axis=1))
    return ids, _safe_indexing(X, others, axis=1), index


def _as_list(ids: ArrayLike) -> list[Hashable]:
    ids = np.asarray(ids)
    # in one unit, as dates in nanoseconds become integers
    return (ids.astype(f"{ids.dtype.kind}8[us]") if ids.dtype.kind in "mM" else ids).tolist()


def target_columns(
    series: ArrayLike, n_columns: int, targets: OneOrMore[str | int] | None
) -> slice | list[int]:
    """The positions of the columns that ``targets`` selects."""
    if targets is None:
        return slice(None)
    if not isinstance(targets, str | int | Integral) and not len(targets):
        raise ValueError("targets=[] selects no column: name one, or leave it None for all.")
    return positions_of(targets, labels_of(series), n_columns, parameter="targets")
