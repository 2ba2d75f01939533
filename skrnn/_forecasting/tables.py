"""Covariates: what users pass as X → a table of columns for each series, row by position."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from .._validation.column_kinds import kind_of
from .._validation.containers import check_container
from .._validation.numbers import as_numbers, is_missing
from .._validation.order import index_of
from .covariates import Table
from .text_columns import check_text


def read_table(X: Any, *, is_new: bool) -> tuple[Table, Any]:
    """The columns of X, and its index if it has one. Raises ValueError for a missing value.

    In a fit they are new: text is then checked for numbers, and for too many categories.
    """
    check_container(X, "X")
    index = index_of(X)
    if hasattr(X, "columns"):
        names = list(X.columns)
        given = [X.iloc[:, i] if hasattr(X, "iloc") else X[name] for i, name in enumerate(names)]
    elif hasattr(X, "name") and hasattr(X, "to_numpy"):
        names, given = [X.name if X.name is not None else "x0"], [X]
    else:
        array = X if isinstance(X, np.ndarray) else np.asarray(X)
        array = array[:, np.newaxis] if array.ndim == 1 else array
        if array.ndim != 2:
            raise ValueError(f"X has {array.ndim} dimensions: pass (n_rows, n_covariates).")
        names, given = [f"x{i}" for i in range(array.shape[1])], list(array.T)
    if not names:
        raise ValueError("X has no columns: pass X=None, or covariates.")
    twice = [name for i, name in enumerate(names) if name in names[:i]]
    if twice:
        raise ValueError(f"X has the column {twice[0]!r} twice: rename or drop one.")
    columns = [_column(own, name, is_new) for own, name in zip(given, names, strict=True)]
    return Table(names, columns), index


def _column(given: Any, name: Any, is_new: bool) -> np.ndarray:
    """A column of floats, or of objects if it holds categories."""
    values = np.asarray(given)
    if values.dtype.kind in "mM":
        raise ValueError(
            f"Column {name!r} of X holds times: pass numbers, or use calendar=['month', …]."
        )
    is_category = kind_of(given) == "categories"
    is_text = values.dtype.kind in "OUST" and any(isinstance(value, str) for value in values)
    if is_category or is_text:
        values = values.astype(object)
        missing = np.array([is_missing(value) for value in values], bool)
        texts = np.array([isinstance(value, str) for value in values[~missing]], bool)
        if texts.any() and not texts.all():
            other = values[~missing][~texts][0]
            raise ValueError(
                f"Column {name!r} of X holds text and other values, such as {other!r}: make all "
                "of them text, by astype(str), or numbers."
            )
    else:
        values = as_numbers(given, f"column {name!r} of X").astype(float)
        missing = ~np.isfinite(values)
    if missing.any():
        row = int(np.flatnonzero(missing)[0])
        raise ValueError(
            f"Column {name!r} of X is {values[row]} in row {row}: fill missing values, as X must "
            "be known at each step."
        )
    if is_new and is_text and not is_category:
        check_text(values, name)
    return values


def check_names(table: Table, names: Sequence[Any]) -> Table:
    """The table with its columns in the order of the fit; ValueError if they are others."""
    if list(table.names) == list(names):
        return table
    if set(table.names) != set(names) or len(table.names) != len(names):
        raise ValueError(
            f"X has the columns {list(table.names)}, but fit had {list(names)}: pass the same."
        )
    return Table(list(names), [table.columns[list(table.names).index(name)] for name in names])


def named_as_in_fit(table: Table, names: Sequence[Any]) -> Table:
    """The columns of an array by the names of the fit; ValueError if they are more or fewer."""
    if len(table.names) != len(names):
        raise ValueError(
            f"X has {len(table.names)} columns, but fit had {list(names)}: pass the same."
        )
    return Table(list(names), table.columns)


def covering(
    table: Table,
    positions: np.ndarray,
    first: int,
    last: int,
    labels: Any,
    needed: np.ndarray | None = None,
    of: str = "",
) -> Table:
    """The rows from one position to another, of a table whose rows have ``positions``.

    ``labels(first, n)`` names positions in errors, and ``of`` the series. A row is repeated where
    the next one is missing and isn't ``needed``, as at a label that y misses, too.
    """
    wanted = np.arange(first, last + 1)
    rows = np.searchsorted(positions, wanted, side="right") - 1
    found = (rows >= 0) & (positions[np.maximum(rows, 0)] == wanted) if len(positions) else rows > 0
    if needed is not None:
        found |= (rows >= 0) & ~np.isin(wanted, needed)
    if not found.all():
        missing = wanted[~found]
        names = [labels(p, 1)[0] for p in (first, last, missing[0])]
        given = "none"
        if len(positions):
            given = f"{labels(positions[0], 1)[0]} to {labels(positions[-1], 1)[0]}"
        raise ValueError(
            f"X needs the labels {names[0]} to {names[1]}{of}, but has {given}: {names[2]} is "
            "missing."
        )
    return table.rows(rows)


def split_by_id(
    table: Table, index: Any, ids: Sequence[Hashable], optional: Sequence[Hashable] = ()
) -> dict[Hashable, tuple[Table, Any]]:
    """The rows of each series of a table with an (id, time) index, and their times.

    Series in ``optional`` needn't have rows.
    """
    if index is None or index.nlevels != 2:
        raise ValueError(
            "y has several series in the levels (id, time), so X needs an index with the same "
            "levels: X.set_index([id, time])."
        )
    codes, found = index.get_level_values(0).factorize(use_na_sentinel=False)
    order = np.argsort(codes, kind="stable")  # one pass for all series, not one for each
    parts = np.split(order, np.cumsum(np.bincount(codes)))[:-1]  # after the last row is nothing
    rows = dict(zip(found, parts, strict=True))
    known, needless = {*ids}, {*optional}
    odd = {
        "in X alone": [id_ for id_ in rows if id_ not in known],
        "in y alone": [id_ for id_ in ids if id_ not in rows and id_ not in needless],
    }
    odd_ids = "; ".join(f"{where}: {some}" for where, some in odd.items() if some)
    if odd_ids:
        raise ValueError(f"X and y have different series ({odd_ids}): pass the same ids in both.")
    times, none = index.get_level_values(1), np.zeros(0, np.intp)
    own = {id_: rows.get(id_, none) for id_ in ids}
    return {id_: (table.rows(of), times[of]) for id_, of in own.items()}
