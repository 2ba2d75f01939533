"""Axes for one or several series, and their axis of time."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

_SIZE = (8.0, 4.0)  # inches, of a single picture
_SMALL = (4.5, 2.6)  # of one of several
_UNITS = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def make_axes(plt: Any, ax: Any, ids: Sequence[Hashable]) -> list[Any]:
    """The axes of some series: those given, or a new figure with small multiples."""
    n = len(ids)
    if ax is not None:
        given = list(np.asarray(ax, dtype=object).ravel())
        if len(given) != n:
            raise ValueError(
                f"ax has {len(given)} Axes, but there are {n} series, {list(ids)[:10]}: pass as "
                "many Axes, or choose some by series=."
            )
        return given
    n_columns = 1 if n == 1 else 2 if n <= 4 else 3
    n_rows = -(-n // n_columns)
    size = _SIZE if n == 1 else (_SMALL[0] * n_columns, _SMALL[1] * n_rows + 0.5)
    figure, axes = plt.subplots(
        n_rows, n_columns, squeeze=False, figsize=size, layout="constrained"
    )
    for unused in axes.ravel()[n:]:
        figure.delaxes(unused)
    return list(axes.ravel()[:n])


def drawable(times: Any) -> np.ndarray:
    """Labels (n,) as what Matplotlib draws: moments in UTC, or numbers."""
    if hasattr(times, "to_timestamp"):
        times = times.to_timestamp()
    if getattr(times, "tz", None) is not None:
        times = times.tz_convert("UTC").tz_localize(None)
    array = np.asarray(times)
    if array.dtype.kind == "m":
        return array / np.timedelta64(1, "s") / _UNITS[_unit(array)]
    return array.astype("datetime64[us]") if array.dtype.kind in "OM" else array


def set_time_axis(ax: Any, times: Any) -> None:
    """Readable ticks for these labels, and a name where dates don't speak for themselves."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import MaxNLocator

    kind = drawable(times).dtype.kind
    if kind == "M":
        zone = getattr(times, "tz", None)
        locator = AutoDateLocator(tz=zone)
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=zone))
        return
    if kind in "iu":
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    unit = _unit(np.asarray(times)) if np.asarray(times).dtype.kind == "m" else "row"
    ax.set_xlabel(getattr(times, "name", None) or unit)


def add_legend(axes: Sequence[Any], made: bool) -> None:
    """One legend: inside a single picture, below several if the figure is our own."""
    handles, labels = axes[0].get_legend_handles_labels()
    if len(axes) == 1 or not made:
        axes[0].legend(handles, labels)
    else:
        axes[0].figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))


def _unit(times: np.ndarray) -> str:
    """The longest unit of which the time differences are multiples."""
    seconds = times / np.timedelta64(1, "s")
    whole = (unit for unit, n in _UNITS.items() if not (seconds % n).any())
    return next(whole, "seconds")
