"""Checks of other frameworks' objects, without importing the frameworks."""

from collections.abc import Iterable


def full_name(thing: object) -> str:
    """Name of an object's class, with its module."""
    return f"{type(thing).__module__}.{type(thing).__qualname__}"


def class_name(thing: object, package: str) -> str | None:
    """Name of an object's class, or None if the package doesn't define the class."""
    return type(thing).__name__ if full_name(thing).startswith(f"{package}.") else None


def check_dtypes(dtypes: Iterable[tuple[str, str]]) -> None:
    """Raise unless all dtypes, each given with its owner, are float32 or all are float64."""
    found = list(dict.fromkeys(dtypes))
    if {dtype for _, dtype in found} not in ({"float32"}, {"float64"}):
        raise ValueError(
            f"The dtypes are {', '.join(map(' '.join, found))}: turn the whole model into float32 "
            "or float64. Other dtypes can't be converted."
        )
