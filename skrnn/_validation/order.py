"""Whether the rows of a frame are in the order of time, as its index says."""

import re
import sys
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .._sklearn.user_warnings import warn_user

if TYPE_CHECKING:
    import pandas as pd

_TIMES = ("date", "datetime", "datetime64", "interval", "period", "timedelta", "timedelta64")
_NUMBERS = ("integer", "floating")
_ISO_DATE = re.compile(r"\d{4}[-/]\d{2}([-/]\d{2}([T ].*)?)?")
_CALENDAR = {"year", "quarter", "month", "week", "day", "hour", "minute", "second"}


def index_of(X: object) -> "pd.Index | None":
    """The index of a pandas object, otherwise None."""
    if sys.modules.get("pandas") is None:  # whoever passes a pandas object has imported it
        return None
    import pandas as pd

    if not isinstance(X, pd.DataFrame | pd.Series):
        return None
    return with_times(X.index)


def with_times(index: "pd.Index") -> "pd.Index":
    """The same labels, with the methods of dates if they are dates."""
    import pandas as pd

    if index.dtype.kind in "mM" and not hasattr(index, "freq"):
        # Arrow-backed dates have neither frequencies nor time zones
        return (pd.DatetimeIndex if index.dtype.kind == "M" else pd.TimedeltaIndex)(index)
    if index.dtype == object and index.inferred_type == "datetime64":
        return pd.DatetimeIndex(index)  # NumPy's dates as objects have no arithmetic
    return index


def check_order(series: Iterable[tuple[str, "pd.Index"]], several: str) -> None:
    """Raise or warn if the index of a series, given with a name, isn't in the order of time.

    ``several`` says what to do if it is the index of more than one. Dates have to increase.
    Integers needn't count time, so there is a warning if they look shuffled: if they neither
    increase nor begin again. Names say nothing.
    """
    shuffled = None
    for name, labels in series:
        times = None
        if len(labels):
            one = labels.nlevels == 1
            times = _times(labels) if one else _times_of_levels(labels, name, several)
        if times is None or times.is_monotonic_increasing:
            continue
        if times.nlevels == 1 and times.inferred_type in _NUMBERS:
            shuffled = name if shuffled is None and times.is_unique else shuffled
            continue
        if times.nlevels == 1 and times.hasnans:
            raise ValueError(
                f"The index of {name} has missing labels (NaT): drop or fill those rows."
            )
        raise ValueError(
            f"The {type(labels).__name__} of {name} is not in increasing order: "
            f"{descent(times)}, and later rows would be read as earlier ones. Use "
            f"X.sort_index(), and shuffle=False where X is split; {several}."
        )
    if shuffled is not None:
        warn_user(
            f"The numbers in the index of {shuffled} neither increase nor begin again, as after "
            "shuffling or where the newest row is first. Rows are read as successive: use "
            "X.sort_index(), and shuffle=False where X is split. If the rows are in the order of "
            "time as they are, X.reset_index(drop=True) says so."
        )


def is_of_times(index: "pd.Index") -> bool:
    """Whether the labels say when."""
    times = _times(index) if index.nlevels == 1 and len(index) else None
    return times is not None and times.inferred_type not in _NUMBERS


def check_order_of_frames(frames: Iterable[Any], name: str = "X") -> None:
    """As `check_order`, for each frame of a list, whose rows are the steps of a sequence."""
    named = ((f"{name}[{i}]", index_of(own)) for i, own in enumerate(frames))
    check_order(
        ((own, index) for own, index in named if index is not None),
        "for several series, make each an item of the list, by X.groupby(level=...)",
    )


def _times(labels: "pd.Index") -> "pd.Index | None":
    """Labels that say when, or which number a row has; None if they are names."""
    import pandas as pd

    if labels.inferred_type == "categorical":
        labels = pd.Index(np.asarray(labels))
    if labels.inferred_type in (*_TIMES, *_NUMBERS):
        return labels
    if labels.inferred_type == "string" and _ISO_DATE.fullmatch(str(labels[0])):
        times = pd.to_datetime(labels, format="ISO8601", utc=True, errors="coerce")
        return None if times.hasnans else times
    return None


def _times_of_levels(labels: "pd.MultiIndex", name: str, several: str) -> "pd.Index | None":
    """The level of a MultiIndex that says when; ValueError if others name several series."""
    levels: list[Any] = [_times(labels.get_level_values(i)) for i in range(labels.nlevels)]
    numbers = [i for i, times in enumerate(levels) if times is not None]
    own = [i for i in numbers if levels[i].inferred_type not in _NUMBERS]
    own += [i for i in numbers if str(labels.names[i]).lower() in _CALENDAR and i not in own]
    own = sorted(own) or numbers[-1:]  # by convention, time comes last
    if not own:
        return None
    times = levels[own[0]] if len(own) == 1 else labels.droplevel(_others(labels, own))
    others = _others(labels, own)
    ids = labels.droplevel(own) if others else labels[:1]
    if ids.nunique() == 1 or times.is_unique:
        return times
    level = labels.names[others[0]] if labels.names[others[0]] is not None else others[0]
    raise ValueError(
        f"The index of {name} has the ids of {ids.nunique()} series in its level {level!r}, but "
        f"its rows would be read as those of one: {several}. If all levels together are the time "
        "of one series, use X.reset_index(drop=True)."
    )


def _others(labels: "pd.MultiIndex", own: list[int]) -> list[int]:
    return [i for i in range(labels.nlevels) if i not in own]


def descent(times: "pd.Index") -> str:
    """The first label that is less than the one before, in words."""
    try:
        before, after = next(pair for pair in pairwise(times) if pair[1] < pair[0])
    except (StopIteration, TypeError):  # dates with a zone and without one
        return "its labels can't be compared"
    return f"{before} comes before {after}"
