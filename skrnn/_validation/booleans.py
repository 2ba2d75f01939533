"""What counts as a boolean, where a parameter may also be "auto" or another word."""

from typing import Any


def plain_boolean(value: Any) -> bool | str:
    """The value of a parameter without NumPy's booleans, which no ``is True`` knows."""
    return value if isinstance(value, str) else bool(value)
