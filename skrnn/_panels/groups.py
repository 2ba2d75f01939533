"""The series of an index with the levels (id, time), and their clocks."""

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .._validation.order import is_of_times
from .clock import Clock
from .clock_choice import make_clock
from .errors import DatesAsIdsError
from .labels import plain_labels, time_labels
from .names import series_name

if TYPE_CHECKING:
    import pandas as pd

Group = tuple[Hashable, Clock, np.ndarray, np.ndarray]  # id, clock, positions, rows
_FEW = 5  # labels, whose gaps needn't show the frequency
_PARTS_OF_A_DATE = ("year", "quarter", "month", "week", "day")


def read_levels(index: "pd.MultiIndex", name: str) -> tuple[Any, np.ndarray, "pd.Index"]:
    """The labels and the number of the series of each row, and the ids, as they appear."""
    level, times = index.get_level_values(0), index.get_level_values(1)
    if is_of_times(level.unique()) and not is_of_times(times.unique()):
        raise DatesAsIdsError(
            f"The levels of the index of {name} are {list(index.names)}, with the dates first: "
            "they must be (id, time).",
            f"Use {name}.swaplevel().sort_index().",
        )
    if str(index.names[0]).lower() in _PARTS_OF_A_DATE:
        raise DatesAsIdsError(
            f"The levels of the index of {name} are {list(index.names)}, which look like the parts "
            "of one date:",
            "make one index of them, by pd.to_datetime or pd.PeriodIndex.from_fields.",
        )
    if times.inferred_type == "string":
        raise ValueError(
            f"The level {index.names[1] or 1!r} of the index of {name} holds text, such as "
            f"{str(times[0])!r}. Make it dates, by {name}.index = {name}.index.set_levels("
            f"pd.to_datetime({name}.index.levels[1]), level=1)."
        )
    codes, ids = level.factorize()
    if (codes < 0).any():
        row = int(np.flatnonzero(codes < 0)[0])
        raise ValueError(f"The index of {name} has no id in row {row}: fill it, or drop the row.")
    return plain_labels(times, name, level), codes, ids


def read_groups(
    times: Any,
    codes: np.ndarray,
    ids: list[Hashable],
    clocks: Mapping[Hashable, Clock] | None,
    name: str,
) -> list[Group]:
    """Each series with its clock, the positions of its labels, and its rows."""
    order = np.argsort(codes, kind="stable")
    rows = dict(zip(ids, np.split(order, np.cumsum(np.bincount(codes))[:-1]), strict=True))
    if not clocks:
        return _sorted(_new(times, rows, name), ids)
    of_clock: dict[int, tuple[Clock, dict]] = {}
    unknown = {}
    for id, own in rows.items():
        if id in clocks:
            of_clock.setdefault(id_of(clocks[id]), (clocks[id], {}))[1][id] = own
        else:
            unknown[id] = own
    groups = []
    for clock, known in of_clock.values():
        labels = _union(times, known, name)
        groups += _on_one(times, known, clock.extended(labels, name), labels, name)
    if unknown:
        like = next(iter(clocks.values()))
        groups += _like(times, unknown, like, name)
    return _sorted(groups, ids)


def id_of(clock: Clock) -> int:
    """Series that are on the same clock share the object."""
    return id(clock)


def _sorted(groups: list[Group], ids: list[Hashable]) -> list[Group]:
    found = {group[0]: group for group in groups}
    return [found[id] for id in ids]


def _new(times: Any, rows: dict, name: str) -> list[Group]:
    """On one clock if it has the frequency of each series, otherwise on clocks of their own."""
    _check_orders(times, rows, name)
    labels = _union(times, rows, name)
    try:
        clock = make_clock(labels, name)
    except ValueError:
        if len(rows) == 1:
            raise
    else:
        groups = _on_one(times, rows, clock, labels, name)
        steps = [int(np.gcd.reduce(np.diff(at))) for _, _, at, _ in groups if len(at) >= _FEW]
        if all(step == 1 for step in steps):
            return groups
    own = {id: times[of] for id, of in rows.items()}
    longest = max(own, key=lambda id: len(own[id]))
    first = make_clock(own[longest], series_name(longest, name))
    groups = []
    for id, labels in own.items():
        called = series_name(id, name)
        few = len(labels) < _FEW
        clock = first.moved(labels, called) if few else make_clock(labels, called)
        if clock.freq != first.freq:
            raise ValueError(
                f"{called} has the frequency {clock.freq!r}, but series {longest!r} has "
                f"{first.freq!r}: the series of one Forecaster need the same frequency."
            )
        groups.append((id, clock, clock.positions(labels, called), rows[id]))
    return groups


def _like(times: Any, rows: dict, clock: Clock, name: str) -> list[Group]:
    """On one new clock of the same frequency, or on several."""
    _check_orders(times, rows, name)
    labels = _union(times, rows, name)
    try:
        return _on_one(times, rows, clock.moved(labels, name), labels, name)
    except ValueError:
        groups = []
        for id, of in rows.items():
            called = series_name(id, name)
            own = clock.moved(times[of], called)
            groups.append((id, own, own.positions(times[of], called), of))
        return groups


def _on_one(times: Any, rows: dict, clock: Clock, labels: Any, name: str) -> list[Group]:
    """The series on a clock, given all their labels."""
    _check_orders(times, rows, name)
    all_rows = np.concatenate(list(rows.values()))
    positions = np.zeros(len(times), np.int64)
    positions[all_rows] = clock.positions(labels, name)[labels.get_indexer(times[all_rows])]
    return [(id, clock, positions[of], of) for id, of in rows.items()]


def _union(times: Any, rows: dict, name: str) -> Any:
    return times[np.concatenate(list(rows.values()))].unique().sort_values()


def _check_orders(times: Any, rows: dict, name: str) -> None:
    """Raise ValueError if the labels of a series don't increase."""
    at = getattr(times, "asi8", None)
    at = np.asarray(times) if at is None else at
    for id, of in rows.items():
        if (at[of[1:]] <= at[of[:-1]]).any():
            time_labels(times[of], series_name(id, name))  # raises
