"""Several series in one table: which rows each has, and what all of its rows share."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .._validation.numbers import is_missing
from .._validation.order import check_order

if TYPE_CHECKING:
    import pandas as pd

SEVERAL = (
    "for several series, name the column or the level of the index that has their ids in groups="
)
RowsOfSeries = Mapping[Hashable, slice | np.ndarray]  # the rows of each series, by its id
EVERY_ROW: RowsOfSeries = {None: slice(None)}


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


def check_order_of_series(index: "pd.Index | None", series: RowsOfSeries) -> None:
    """Raise or warn if the rows of a series aren't in the order of time."""
    if index is None:
        return
    names = {name: "X" if name is None else f"series {name!r}" for name in series}
    check_order(((names[name], index[rows]) for name, rows in series.items()), SEVERAL)


def constant_columns(
    values: np.ndarray, columns: list[int], names: list[str], series: RowsOfSeries
) -> np.ndarray:
    """The static covariates (n_rows, M) of each row's series, which are some columns.

    Raises ValueError if one of them varies within a series.
    """
    constants = np.empty((len(values), len(columns)), values.dtype)
    if not columns:
        return constants
    for name, rows in series.items():
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


def check_ids(
    groups: Hashable, new: Iterable[Hashable], known: Iterable[Hashable], *, continues: bool
) -> None:
    """Raise if new ids are known ones but for their type, as 1 and "1".

    If the rows are said to continue the fitted ones, one of the series must be known.
    """
    texts = {_text(name): name for name in known}
    for name in set(new).difference(known):
        old = texts.get(_text(name), name)
        if type(old) is not type(name):
            raise ValueError(
                f"groups={groups!r} has the id {name!r} of type {type(name).__name__}, but in fit "
                f"it was {old!r} of type {type(old).__name__}: convert the ids to one type, or the "
                "series wouldn't be recognised."
            )
    if continues and not set(new).intersection(known):
        raise ValueError(
            f"context='continue', but groups={groups!r} has none of the ids of fit: got "
            f"{list(new)[:3]}, fitted on {list(known)[:3]}. Use ids of the same type and zone, or "
            "context='auto' for new series."
        )


def _text(name: Hashable) -> str:
    """An id as text; whole numbers alike, whatever their type."""
    return str(name).removesuffix(".0")
