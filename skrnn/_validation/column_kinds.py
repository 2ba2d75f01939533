"""What a column holds, by its type in NumPy, pandas, polars or Arrow."""

from typing import Any

import numpy as np

_BEGINNINGS = {  # of the names of types
    "categories": ("categor", "enum", "dictionary"),
    "text": ("str", "utf8", "large_string"),
    "booleans": ("bool",),
    "dates": ("date", "timestamp", "period"),
    "durations": ("time", "duration", "interval"),
}


def type_of(column: Any) -> Any:
    """The type of the values of a column, None of a list."""
    return getattr(column, "dtype", getattr(column, "type", None))


def kind_of(column: Any) -> str | None:
    """A key of `_BEGINNINGS`, None of numbers and of objects of any kind."""
    dtype = type_of(column)
    if isinstance(dtype, np.dtype) and dtype.kind in "US":
        return "text"
    name = str(dtype).lower()
    found = (kind for kind, starts in _BEGINNINGS.items() if name.startswith(starts))
    return next(found, None)
