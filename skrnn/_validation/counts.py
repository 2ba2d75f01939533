"""Whole numbers, from what users pass to methods and functions."""

from numbers import Integral
from typing import Any

import numpy as np


def is_whole(value: Any) -> bool:
    """Whether it is a whole number. True and False are none, though Python counts with them."""
    return isinstance(value, Integral) and not isinstance(value, bool | np.bool_)


def check_count(
    value: Any, name: str, *, least: int | None = 1, most: int | None = None, fix: str = ""
) -> int:
    """A whole number as an int; TypeError for what is none, ValueError for one out of range.

    ``fix`` ends the sentence: what to pass instead.
    """
    end = f": {fix}." if fix else "."
    if not is_whole(value):
        raise TypeError(f"{name}={value!r} must be a whole number{end}")
    number = int(value)
    low, high = least is not None and number < least, most is not None and number > most
    if low or high:
        bounds = f"at least {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name}={number} must be {bounds}{end}")
    return number
