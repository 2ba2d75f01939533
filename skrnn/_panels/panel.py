"""Several series, each on the grid of its clock, and forecasts that continue them."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .._validation.counts import is_whole
from .clock import Clock
from .container import Container
from .names import series_name

if TYPE_CHECKING:
    import pandas as pd


class Series(NamedTuple):
    """The values of one series, one for each step of its clock."""

    id: Hashable  # None of a single series
    values: np.ndarray  # (n,), NaN where missing; neither the first nor the last one
    start: int  # the position of the first value
    clock: Clock

    @property
    def end(self) -> int:
        """The position of the last value."""
        return self.start + len(self.values) - 1


@dataclass(frozen=True, eq=False)
class Panel:
    """The series of y, and its form."""

    series: list[Series]
    container: Container
    index: "pd.Index | None"  # of y
    # of the labels of each series, with those of missing values; empty in a part without labels
    positions: list[np.ndarray]
    rows: list[np.ndarray]  # of y, which each series has; empty likewise

    def __len__(self) -> int:
        return len(self.series)

    @property
    def ids(self) -> list[Hashable]:
        """The ids of the series; [None] of a single one."""
        return [series.id for series in self.series]

    @property
    def wide(self) -> bool:
        """Whether y has a column for each of several series, which share its index."""
        return self.container.several

    @property
    def clocks(self) -> dict[Hashable, Clock]:
        """The clock of each series."""
        return {series.id: series.clock for series in self.series}

    def ends(self) -> Any:
        """The label of the last value; a dict of them where the index of y has ids."""
        ends = zip(self.series, self.origins, strict=True)
        labels = [series.clock.labels(end, 1)[0] for series, end in ends]
        return dict(zip(self.ids, labels, strict=True)) if self.by_id else labels[0]

    def steps_until(self, steps: Any, name: str = "steps") -> list[int]:
        """The number of steps to forecast of each series, from its own last value on.

        ``steps`` is a number of steps after the end of y, or the last label.
        """
        ends, read_as = self.origins, ""
        if is_whole(steps):
            if steps < 1:
                raise ValueError(f"{name}={steps} must be at least 1, or the last label.")
            last = [end + int(steps) for end in ends]
        else:
            _check_label(steps, name)
            clocks = {id(clock): clock for clock in self.clocks.values()}
            on = {key: clock.position(steps, name) for key, clock in clocks.items()}
            last = [on[id(series.clock)] for series in self.series]
            if isinstance(steps, str):
                read_as = f", read as {self.series[0].clock.labels(last[0], 1)[0]},"
        for series, own, end in zip(self.series, last, ends, strict=True):
            if own <= end:
                label = series.clock.labels(end, 1)[0]
                raise ValueError(
                    f"{name}={steps!r}{read_as} is not after end_={label}, the last label of "
                    f"{series_name(series.id, 'y')} with a value."
                )
        return [own - series.end for own, series in zip(last, self.series, strict=True)]

    def wrap(self, forecasts: list[np.ndarray], columns: list | None = None) -> Any:
        """Forecasts (steps,), or (steps, J) of columns, in the form of y, with its next labels."""
        if not self.by_id:
            n = min(map(len, forecasts))
            values = np.stack([own[len(own) - n :] for own in forecasts], axis=1)  # (n, K[, J])
            labels = self.series[0].clock.labels(self.origins[0] + 1, n)
            return self.container.of_columns(values, labels, columns)
        lengths = [len(own) for own in forecasts]
        known: dict[tuple, Any] = {}  # most series end at the same label
        parts = []
        for series, n in zip(self.series, lengths, strict=True):
            key = (id(series.clock), series.end, n)
            if key not in known:
                known[key] = series.clock.labels(series.end + 1, n)
            parts.append(known[key])
        labels = parts[0].append(parts[1:])
        of = np.repeat(np.arange(len(parts)), lengths)
        return self.container.of_ids(np.concatenate(forecasts), of, labels, columns)

    def wrap_inside(self, values: list[np.ndarray]) -> Any:
        """Values (n,) of the steps of each series in the form of y, with the labels of y."""
        table = np.full((self.n_rows, 1 if self.by_id else len(self)), np.nan)
        for j, (series, own) in enumerate(zip(self.series, values, strict=True)):
            at = self.positions[j] - series.start
            inside = (at >= 0) & (at < len(own))
            table[self.rows[j][inside], min(j, table.shape[1] - 1)] = own[at[inside]]
        if self.by_id:
            assert self.index is not None
            return self.container.like(table[:, 0], self.index)
        return self.container.of_columns(table, self.index, None)

    def times(self) -> Any:
        """All labels of y, in increasing order; row numbers of an array."""
        known: dict[int, tuple[Clock, list]] = {}
        for series, at in zip(self.series, self.positions, strict=True):
            known.setdefault(id(series.clock), (series.clock, []))[1].append(at)
        times: Any = None
        for clock, parts in known.values():
            at = np.unique(np.concatenate(parts))
            own = clock.labels(int(at[0]), int(at[-1] - at[0]) + 1)[at - at[0]]
            times = own if times is None else times.union(own)
        return times

    def between(self, first: Any, last: Any) -> "Panel":
        """The part of y from one label to another; without series that have no values there."""
        bounds: dict[int, tuple[int, int]] = {}
        keep, kept = np.zeros(self.n_rows, bool), []
        for j, series in enumerate(self.series):
            if id(series.clock) not in bounds:
                bounds[id(series.clock)] = _bounds(series.clock, first, last)
            low, high = bounds[id(series.clock)]
            inside = (self.positions[j] >= low) & (self.positions[j] <= high)
            part = _part(series, low, high)
            if part is not None:
                keep[self.rows[j][inside]] = True
                kept.append((j, part, inside))
        if not kept:
            raise ValueError(f"y has no values from {first} to {last}.")
        number = np.cumsum(keep) - 1
        return Panel(
            [part for _, part, _ in kept],
            self.container.of_some([j for j, _, _ in kept]),
            None if self.index is None else self.index[keep],
            [self.positions[j][inside] for j, _, inside in kept],
            [number[self.rows[j][inside]] for j, _, inside in kept],
        )

    @property
    def n_rows(self) -> int:
        """The rows of y; without its labels, the steps of its longest series."""
        if not self.rows:
            return max(len(own.values) for own in self.series)
        return max(int(of.max()) for of in self.rows) + 1

    @property
    def by_id(self) -> bool:
        """Whether a level of the index of y has the ids of the series."""
        return self.container.ids is not None

    @property
    def origins(self) -> list[int]:
        """The position of each series that forecasts follow: columns end together."""
        ends = [series.end for series in self.series]
        return ends if self.by_id else [max(ends)] * len(ends)


def _check_label(steps: Any, name: str) -> None:
    """Raise TypeError for what is neither a number of steps nor one label."""
    kind, shape = type(steps).__name__, getattr(steps, "shape", None)
    if isinstance(steps, list | tuple | set | dict) or shape:
        size = f"of length {len(steps)}" if shape is None else f"of shape {shape}"
        raise TypeError(
            f"{name} is a {kind} {size}: pass a number of steps, or the label of the last one, "
            "first: predict(14, X)."
        )
    if isinstance(steps, float | np.floating):
        raise TypeError(f"{name}={steps} is a float: pass an int.")
    if isinstance(steps, bool | np.bool_) or steps is None:
        raise TypeError(f"{name}={steps!r} must be a whole number of steps or the last label.")


def _bounds(clock: Clock, first: Any, last: Any) -> tuple[int, int]:
    """The positions of the first and the last label between two moments."""
    low = clock.floor(first)
    return low + int(clock.labels(low, 1)[0] < first), clock.floor(last)


def _part(series: Series, low: int, high: int) -> Series | None:
    """The values between two positions, None if there are none."""
    first = max(low - series.start, 0)
    values = series.values[first : max(high - series.start + 1, 0)]
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return None
    values = values[known[0] : known[-1] + 1]
    return series._replace(values=values, start=series.start + first + int(known[0]))
