"""Matplotlib, which is an extra, and the colours of its style."""

from typing import Any


def import_pyplot(display: str) -> Any:
    """``matplotlib.pyplot``; an ImportError that says who needs it, and how to install it."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(f'{display} needs Matplotlib: pip install "skrnn[plot]".') from error
    return plt


def colours(plt: Any, n: int) -> list[Any]:
    """The first colours of the style, again and again if it has too few."""
    cycle = plt.rcParams["axes.prop_cycle"].by_key().get("color", ["C0"])
    return [cycle[i % len(cycle)] for i in range(n)]


def muted(plt: Any) -> tuple[float, float, float]:
    """The style's colour of text, halfway to its background: grey in most styles."""
    from matplotlib.colors import to_rgb

    both = (to_rgb(plt.rcParams[name]) for name in ("text.color", "axes.facecolor"))
    red, green, blue = ((one + other) / 2 for one, other in zip(*both, strict=True))
    return red, green, blue


def shades(plt: Any) -> Any:
    """A colour map from the style's background, by its first colour, to that of text."""
    from matplotlib.colors import LinearSegmentedColormap

    first, last = (plt.rcParams[name] for name in ("axes.facecolor", "text.color"))
    stops = zip((0, 0.4, 1), (first, *colours(plt, 1), last), strict=True)
    return LinearSegmentedColormap.from_list("shades", list(stops))
