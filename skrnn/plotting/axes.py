"""Axes for one or several series or samples, the axis of time of series, and ticks of cells."""

from collections.abc import Hashable, Sequence
from itertools import count
from typing import Any

import numpy as np

_SIZE = (8.0, 4.0)  # inches, of a single picture
_SMALL = (4.5, 2.6)  # of one of several
_POINTS = 72  # per inch
_FIT, _WIDTH = 0.85, 0.65  # of text: height by that of its cell, and width of a letter by height
_READABLE = 5.5  # points, the least height of text
_UNITS = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def make_axes(
    plt: Any,
    ax: Any,
    ids: Sequence[Hashable],
    *,
    kind: str = "series",
    size: tuple[float, float] = _SIZE,
    small: tuple[float, float] = _SMALL,
) -> list[Any]:
    """The axes of some series: those given, or a new figure with small multiples.

    ``kind`` is what they are, as the plural and as the parameter that chooses them; ``size`` and
    ``small`` are those of a single picture, and of one of several, in inches.
    """
    n = len(ids)
    if ax is not None:
        given = list(np.asarray(ax, dtype=object).ravel())
        if len(given) != n:
            raise ValueError(
                f"ax has {len(given)} Axes, but there are {n} {kind}, {list(ids)[:10]}: pass as "
                f"many Axes, or choose some by {kind}=."
            )
        return given
    n_columns = 1 if n == 1 else 2 if n <= 4 else 3
    n_rows = -(-n // n_columns)
    whole = size if n == 1 else (small[0] * n_columns, small[1] * n_rows + 0.5)
    figure, axes = plt.subplots(
        n_rows, n_columns, squeeze=False, figsize=whole, layout="constrained"
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


def name_cells(ax: Any, axis: str, names: Sequence[str]) -> None:
    """Ticks with names as high as the cells of a heat map allow; some of them if cells are tiny."""
    n, box = len(names), ax.get_window_extent()
    cell = _POINTS * (box.width if axis == "x" else box.height) / ax.figure.dpi / n
    own = ax.xaxis if axis == "x" else ax.yaxis
    usual, every = own.get_ticklabels()[0].get_fontsize(), 1
    if _FIT * cell < _READABLE:
        steps = (k * 10**power for power in count() for k in (1, 2, 5))
        every = next(k for k in steps if _FIT * k * cell >= usual)
    size = min(_FIT * every * cell, usual)
    across = axis == "x" and _WIDTH * size * max(map(len, names)) > every * cell
    own.set_ticks(range(0, n, every), names[::every])
    for label in own.get_ticklabels():
        label.set(fontsize=size, parse_math=False, rotation=90 if across else 0)


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
