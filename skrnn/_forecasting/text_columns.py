"""Text among the covariates: whether it is likely to be categories."""

from collections import Counter
from typing import Any

import numpy as np

from .._sklearn.user_warnings import warn_user
from .._validation.written_numbers import is_written_number, reading_of_numbers

_FEW = 20  # categories, which text may well have
_NEARLY_ALL = 0.9  # of the categories
_MOST = 0.5  # of the rows, which no category can be learned from


def check_text(values: np.ndarray, name: Any) -> None:
    """Raise ValueError for numbers (n,) as text, and warn of text that is other in most rows."""
    found = Counter(values.tolist())
    if len(found) <= _FEW:
        return
    numbers = [text for text in found if is_written_number(text)]
    parts = [text for text in numbers if "." in text or "," in text]
    meant = f"X[{name!r}].astype('category')"
    if parts and len(numbers) >= _NEARLY_ALL * len(found):
        reading = reading_of_numbers(found, f"X[{name!r}]")
        raise ValueError(
            f"Column {name!r} of X holds numbers as text, {len(found)} different ones, such as "
            f"{parts[0]!r}: use {reading.code}{reading.once}, or {meant} if they are categories."
        )
    if len(found) > _MOST * len(values):
        warn_user(
            f"Column {name!r} of X is text with {len(found)} categories in {len(values)} rows: "
            "little can be learned of those that occur once. Leave it out, or make fewer "
            f"categories; {meant} takes them as they are."
        )
