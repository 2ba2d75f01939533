"""A panel, and the rows that follow it."""

from dataclasses import replace
from typing import Any

import numpy as np

from .clock import Clock
from .container import Container
from .names import series_name
from .panel import Panel, Series


def appended(panel: Panel, other: Panel) -> Panel:
    """The panel with the rows of another one after its own, which was read on its clocks.

    Rows of an array follow the last row. A gap between labels becomes missing values.
    Raises ValueError if labels don't come after the last values.
    """
    _check_form(panel, other)
    if other.index is None:
        last = max(int(at.max()) for at in panel.positions)
        other = _shifted(other, last + 1)
    later = {series.id: j for j, series in enumerate(other.series)}
    series, positions, rows = [], [], []
    keep = np.ones(panel.n_rows, bool)
    ends = dict(zip(panel.ids, panel.origins, strict=True))
    for own, at, of in zip(panel.series, panel.positions, panel.rows, strict=True):
        if own.id in later:
            j = later[own.id]
            first = int(other.positions[j].min())
            _check_after(own, ends[own.id], other.series[j], first)
            keep[of[at >= first]] = False  # labels without values, which have them now
            own = _joined(own, other.series[j])
        series.append(own)
    number, n_kept = np.cumsum(keep) - 1, int(keep.sum())
    for own, at, of in zip(panel.series, panel.positions, panel.rows, strict=True):
        at, of = at[keep[of]], number[of[keep[of]]]
        if own.id in later:
            j = later[own.id]
            at = np.concatenate([at, other.positions[j]])
            of = np.concatenate([of, other.rows[j] + n_kept])
        positions.append(at)
        rows.append(of)
    new = [j for id, j in later.items() if id not in ends]
    series += [other.series[j] for j in new]
    positions += [other.positions[j] for j in new]
    rows += [other.rows[j] + n_kept for j in new]
    container = panel.container
    if container.ids is not None and other.container.ids is not None:
        ids = container.ids.append(other.container.ids.take(new))
        container = replace(container, ids=ids)
    return Panel(series, container, _index(panel, other, keep), positions, rows)


def _check_form(panel: Panel, other: Panel) -> None:
    own, given = panel.container, other.container
    if (own.ids is None) != (given.ids is None):
        form = "the levels (id, time)" if own.ids is not None else "one level"
        raise ValueError(f"The index of y must have {form}, as that of the fitted series.")
    if own.ids is None and _columns(own) != _columns(given):
        raise ValueError(
            f"y must have the columns of the fitted series, {panel.ids}: got {other.ids}."
        )
    if panel.index is None and other.index is not None:
        raise ValueError(
            "y has an index, but the fitted series has none: pass an array, whose rows follow the "
            "last one."
        )


def _columns(container: Container) -> set:
    """The ids of the columns, whether they have values or not."""
    return set(container.columns) if container.several else {None}


def _shifted(panel: Panel, by: int) -> Panel:
    series = [own._replace(start=own.start + by) for own in panel.series]
    return replace(panel, series=series, positions=[at + by for at in panel.positions])


def _check_after(own: Series, end: int, later: Series, first: int) -> None:
    if first > end:
        return
    label, last = later.clock.labels(first, 1)[0], own.clock.labels(end, 1)[0]
    raise ValueError(
        f"{series_name(own.id, 'y')} begins at {label}, which is not after the last known value, "
        f"at {last}: pass the rows that follow, or fit again."
    )


def _joined(own: Series, later: Series) -> Series:
    gap = np.full(later.start - own.end - 1, np.nan)
    values = np.concatenate([own.values, gap, later.values])
    return Series(own.id, values, own.start, later.clock)


def _index(panel: Panel, other: Panel, keep: np.ndarray) -> Any:
    """The index of the kept rows and of those that follow."""
    if panel.index is None:
        return None
    following: Any = other.index
    if following is None:
        clock: Clock = other.series[0].clock
        at = other.positions[0]
        following = clock.labels(int(at[0]), len(at))
    return panel.index[keep].append(following)
