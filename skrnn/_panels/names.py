"""How errors call a series, and the parameter that it came in."""

from collections.abc import Hashable


def series_name(id: Hashable, name: str) -> str:
    """The words for a series: "y", or "series 'a' of y"."""
    return name if id is None else f"series {id!r} of {name}"


def parameter(name: str) -> str:
    """The parameter in such words."""
    return name.rpartition(" of ")[2]
