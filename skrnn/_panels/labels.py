"""Labels of one series: which kinds tell the time, and the order that they must have."""

from typing import TYPE_CHECKING

from .._validation.order import descent, with_times
from .daylight import check_repeated_hour
from .names import parameter
from .written_dates import reading_of_text
from .zones import dates_of

if TYPE_CHECKING:
    import pandas as pd

_OBJECTS_OF_TIME = ("date", "datetime", "datetime64")
_KINDS = ("datetime64", "timedelta64", "period", "integer")


def time_labels(index: "pd.Index", name: str) -> "pd.Index":
    """The labels as dates, time differences, periods or integers, which strictly increase."""
    labels = plain_labels(index, name)
    check_repeated_hour(labels, name)
    y = parameter(name)
    if not labels.is_monotonic_increasing:
        raise ValueError(
            f"The labels of {name} are not in increasing order: {descent(labels)}. Use "
            f"{y}.sort_index()."
        )
    if not labels.is_unique:
        twice = labels[labels.duplicated()][0]
        raise ValueError(
            f"The index of {name} has the label {twice} twice. For the mean of rows with the same "
            f"label, use {y}.groupby(level=-1).mean(); several series need an index with the "
            "levels (id, time)."
        )
    return labels


def plain_labels(index: "pd.Index", name: str, ids: "pd.Index | None" = None) -> "pd.Index":
    """The labels as dates, time differences, periods or integers, in any order.

    ``ids`` are those of the series of each label, if there are several.
    """
    import numpy as np
    import pandas as pd

    if index.nlevels > 1:
        raise ValueError(
            f"The index of {name} has the levels {list(index.names)}, but the labels of one series "
            f"are times alone: pass the rows of one id, such as {parameter(name)}.loc[id]."
        )
    labels = with_times(index)
    if labels.inferred_type == "categorical":
        labels = with_times(pd.Index(np.asarray(labels)))
    if not len(labels):
        return pd.RangeIndex(0)
    if labels.hasnans:
        where = int(np.flatnonzero(labels.isna())[0])
        raise ValueError(
            f"The index of {name} has a missing label at position {where}: drop or fill that row."
        )
    if labels.inferred_type in _OBJECTS_OF_TIME and not isinstance(labels, pd.DatetimeIndex):
        labels = dates_of(labels, name, ids)
    _check_kind(labels, name, parameter(name))
    if labels.inferred_type == "integer" and not isinstance(labels, pd.RangeIndex):
        labels = pd.Index(labels.astype("int64"))  # unsigned numbers have no negative differences
    return labels


def _check_kind(labels: "pd.Index", name: str, y: str) -> None:
    kind = labels.inferred_type
    if kind in _KINDS:
        return
    if kind == "string":
        raise ValueError(
            f"The index of {name} holds text, such as {str(labels[0])!r}. If it holds dates, use "
            f"{y}.index = {reading_of_text(labels, f'{y}.index')}; if its rows are successive "
            "steps, use "
            f"{y}.reset_index(drop=True)."
        )
    raise ValueError(
        f"The index of {name} holds labels of the kind {kind!r}, such as {labels[0]}, which "
        "don't count steps: pass dates, periods or evenly spaced integers, or use "
        f"{y}.reset_index(drop=True) if the rows are successive steps."
    )
