"""Series, forecasts and intervals in any container, as curves by the ids of their series."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np


class Curve(NamedTuple):
    """Values of one series, and their labels."""

    times: Any  # (n,), an index of pandas or an array
    values: np.ndarray  # (n,), or (n, 2) of intervals


Curves = dict[Hashable, Curve]  # by id, which is None of a single series


def curves_of(
    values: Any, *, first: int = 0, width: int = 1, ids: Sequence[Hashable] | None = None
) -> Curves:
    """The curves of values in a form that a `Forecaster` takes or returns.

    ``first`` is the number of the first row where there is no index, ``width`` is 2 for intervals,
    and ``ids`` name columns that have no names.
    """
    array = np.asarray(values, float)
    index = values.index if hasattr(values, "iloc") else None
    if index is not None and index.nlevels == 2:
        codes, found = index.get_level_values(0).factorize()
        times = index.get_level_values(1)
        return {id: Curve(times[codes == i], array[codes == i]) for i, id in enumerate(found)}
    times = np.arange(first, first + len(array)) if index is None else index
    array = array.reshape(len(array), -1, width)  # (n, K, width)
    K = array.shape[1]
    if K == 1:
        names: Sequence[Hashable] = [None]
    elif width == 1 and hasattr(values, "columns"):
        names = list(values.columns)
    else:
        names = range(K) if ids is None else list(ids)
    own = [array[:, k, 0] if width == 1 else array[:, k] for k in range(K)]
    return {id: Curve(times, part) for id, part in zip(names, own, strict=True)}


def curves_of_panel(panel: Any) -> Curves:
    """The curves of the series that a forecaster has read."""
    curves = {}
    for own in panel.series:
        times = own.clock.labels(own.start, len(own.values))
        if panel.container.names:
            times = times.rename(panel.container.names[-1])
        curves[own.id] = Curve(times, own.values)
    return curves


def n_known(curves: Curves) -> int:
    """Rows up to the last value of any series."""
    known = [np.flatnonzero(~np.isnan(own.values)) for own in curves.values()]
    return max(int(rows.max(initial=-1)) for rows in known) + 1


def picked(ids: Sequence[Hashable], series: Any, most: int) -> list[Hashable]:
    """The ids to draw: ``series`` names one or several; None means the first ones."""
    if series is None:
        return list(ids)[:most]
    is_id = isinstance(series, Hashable) and series in ids
    several = isinstance(series, Iterable) and not isinstance(series, str) and not is_id
    wanted = list(series) if several else [series]
    unknown = [id for id in wanted if id not in ids]
    if unknown or not wanted:
        raise ValueError(f"series={series!r}: there are the series {list(ids)[:10]}.")
    return wanted
