"""Columns of a table that may hold the ids of several series."""

from numbers import Integral

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import _safe_indexing, check_array

from .._validation.feature_names import position_of, positions_of


def as_numbers(check, *args, **kwargs):
    """What a scikit-learn check returns, in float32 or float64, NaN allowed."""
    X = args[-1]
    named = zip(X.columns, X.dtypes, strict=True) if hasattr(X, "columns") else ()
    for column, dtype in named:
        if "date" in str(dtype).lower():
            raise ValueError(
                f"Column {column!r} holds dates: make it the index of a pandas DataFrame "
                "(X.set_index), or drop it."
            )
    try:
        return check(*args, dtype=[np.float64, np.float32], ensure_all_finite="allow-nan", **kwargs)
    except ValueError as error:
        if "could not convert string" not in str(error):
            raise
        raise ValueError(
            f"{error}. Every column must be numeric: encode or drop this one or, if it holds "
            "the ids of several series, name it in SlidingWindow(groups=...)."
        ) from error


def as_table(X):
    """X as something 2-D that may hold the ids of series, or scikit-learn's own error."""
    if issparse(X) or (hasattr(X, "shape") and len(X.shape) != 2):
        check_array(X, dtype=None, ensure_all_finite=False)
    return X if hasattr(X, "shape") else check_array(X, dtype=object, ensure_all_finite=False)


def split_ids(X, groups):
    """The id of each row's series, and the other columns."""
    names, text = getattr(X, "columns", None), {"parameter": "groups", "kind": type(X).__name__}
    position = position_of(groups, names, X.shape[1], **text)
    others = [column for column in range(X.shape[1]) if column != position]
    if not others:
        raise ValueError(f"X has no column besides groups={groups!r}: nothing to cut windows from.")
    names = np.asarray(_safe_indexing(X, position, axis=1)).tolist()
    return names, _safe_indexing(X, others, axis=1)


def rows_by_name(names):
    """The rows of each series, in the order in which the series appear."""
    codes: dict = {}
    if isinstance(names[0], (dict, list, set)):
        raise TypeError(
            f"The column that groups= names holds {type(names[0]).__name__} objects: the argument "
            "must be strings, numbers or dates."
        )
    code = np.fromiter((codes.setdefault(name, len(codes)) for name in names), np.intp, len(names))
    for name in codes:
        if name is None or type(name).__name__ in ("NAType", "NaTType") or name != name:
            raise ValueError(
                "The column that groups= names has missing values: every row needs the id of its "
                "series."
            )
    order = np.argsort(code, kind="stable")
    return dict(zip(codes, np.split(order, np.cumsum(np.bincount(code))[:-1]), strict=True))


def target_columns(series, n_columns, targets):
    """The positions of the columns that ``targets`` selects."""
    if targets is None:
        return slice(None)
    if not isinstance(targets, str | Integral) and not len(targets):
        raise ValueError("targets=[] selects no column: name one, or leave it None for all.")
    text = {"parameter": "targets", "kind": type(series).__name__}
    return positions_of(targets, getattr(series, "columns", None), n_columns, **text)
