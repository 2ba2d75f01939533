"""What users pass as y, as series on the grids of their clocks."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .._validation.order import index_of
from .clock import Clock
from .clock_choice import make_clock
from .container import container_of
from .even_clocks import Integers
from .groups import read_groups, read_levels
from .names import series_name
from .panel import Panel, Series
from .values import forecast_numbers

if TYPE_CHECKING:
    import pandas as pd

Clocks = Mapping[Hashable, Clock]


def read_panel(
    y: Any, *, clocks: Clocks | None = None, name: str = "y", partial: bool = False
) -> Panel:
    """The series of y; positions of known ids are counted on their ``clocks``.

    ``partial`` leaves out series without values, if others have some.

    Raises TypeError or ValueError for what can't be forecast.
    """
    index = index_of(y)
    if index is not None and index.nlevels > 1:
        _check_levels(y, index, name)
    values = forecast_numbers(y, name)
    container = container_of(y, values)
    if index is not None and index.nlevels > 1:
        times, codes, ids = read_levels(index, name)
        container = replace(container, ids=ids)
        of_ids = read_groups(times, codes, ids.tolist(), clocks, name)
        return _panel(of_ids, values[:, None], container, index, name, partial)
    columns = values.reshape(len(values), -1)  # (n, K)
    ids = _column_ids(container, name)
    clock, rows = _shared(index, len(values), ids, clocks, name)
    everything = np.arange(len(values))
    groups = [(id, clock, rows, everything) for id in ids]
    return _panel(groups, columns, container, index, name, partial)


def _panel(
    groups: Any, columns: np.ndarray, container: Any, index: Any, name: str, partial: bool
) -> Panel:
    """The panel of (id, clock, positions, rows) of each series, whose values are in columns."""
    series, positions, rows = [], [], []
    leave_out = partial and not np.isnan(columns).all()
    for j, (id, clock, at, of) in enumerate(groups):
        own = columns[of, min(j, columns.shape[1] - 1)]
        if leave_out and np.isnan(own).all():
            continue
        series.append(_on_grid(id, clock, at, own, series_name(id, name)))
        positions.append(at)
        rows.append(of)
    return Panel(series, container, index, positions, rows)


def _on_grid(id: Hashable, clock: Clock, at: np.ndarray, own: np.ndarray, name: str) -> Series:
    known = np.flatnonzero(~np.isnan(own))
    if not len(known):
        raise ValueError(f"{name} has no values: all {len(own)} are missing.")
    start, end = int(at[known[0]]), int(at[known[-1]])
    if end - start > 10_000_000 + 100 * len(own):
        raise ValueError(
            f"{name} has {len(own)} labels, which span {end - start + 1} steps of the frequency "
            f"{clock.freq!r}: drop those that lie far from the others."
        )
    values = np.full(end - start + 1, np.nan)
    values[at[known] - start] = own[known]
    return Series(id, values, start, clock)


def _column_ids(container: Any, name: str) -> list[Hashable]:
    if not container.several:
        return [None]
    ids = list(container.columns)
    twice = [id for i, id in enumerate(ids) if id in ids[:i]] if len(set(ids)) < len(ids) else []
    if twice:
        raise ValueError(f"{name} has the column {twice[0]!r} twice: rename or drop one.")
    return ids


def _shared(
    index: Any, n_rows: int, ids: list[Hashable], clocks: Clocks | None, name: str
) -> tuple[Clock, np.ndarray]:
    """The clock of all columns, and the positions (n_rows,) of the rows."""
    if clocks:
        clock = next((clocks[id] for id in ids if id in clocks), next(iter(clocks.values())))
        if index is None and not isinstance(clock, Integers):
            clock.moved(None, name)  # raises
        clock = clock if index is None else clock.extended(index, name)
    else:
        clock = make_clock(index, name)
    if index is None:
        return clock, np.arange(n_rows)
    return clock, clock.positions(index, name)


def _check_levels(y: Any, index: "pd.MultiIndex", name: str) -> None:
    if hasattr(y, "columns"):
        column = y.columns[-1] if len(y.columns) else "sales"
        raise ValueError(
            f"{name} is a DataFrame whose index has the levels {list(index.names)}. Pass the "
            f"column to forecast, such as {name}[{column!r}], and the others as X."
        )
    if index.nlevels != 2:
        raise ValueError(
            f"The index of {name} has the levels {list(index.names)}: pass a Series with the two "
            "levels (id, time). Join the levels of the id, or those of the time, into one."
        )
