"""Dates that are written as whole numbers or as text, and how pandas reads them."""

import re
from typing import Any

import numpy as np

_FEWEST = 3  # numbers that are told from others by their form
_YEARS = (1900, 2100)
_QUARTER = re.compile(r"\d{4}-?Q[1-4]", re.IGNORECASE)
_MONTH = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])")
_DAY_FIRST = re.compile(r"(\d{1,2})([./-])\d{1,2}\2\d{4}")


def form_of_numbers(numbers: Any) -> str | None:
    """The form of whole numbers that all are dates, "%Y%m%d" or "%Y%m"; None of other numbers."""
    import pandas as pd

    values = np.asarray(numbers)
    if len(values) < _FEWEST:
        return None
    first, last = _YEARS
    for form, unit in (("%Y%m%d", 10_000), ("%Y%m", 100)):
        if values.min() >= first * unit and values.max() < (last + 1) * unit:
            dates = pd.to_datetime(pd.Series(values).astype(str), format=form, errors="coerce")
            return form if dates.notna().all() else None
    return None


def reading_of_numbers(form: str, labels: str) -> str:
    """The code that reads labels of such a form."""
    if form == "%Y%m":
        return f"pd.PeriodIndex({labels}.astype(str), freq='M')"
    return f"pd.to_datetime({labels}.astype(str), format='{form}')"


def are_dates(texts: Any) -> bool:
    """Whether texts can be read by `reading_of_text`."""
    import pandas as pd

    texts = [str(text) for text in texts]
    if not texts or not all(any(map(str.isdigit, text)) for text in texts):
        return False
    if all(map(_QUARTER.fullmatch, texts)) or all(map(_MONTH.fullmatch, texts)):
        return True
    dates = pd.to_datetime(pd.Series(texts), errors="coerce", format="mixed", dayfirst=True)
    return bool(dates.notna().all())


def reading_of_text(texts: Any, labels: str) -> str:
    """The code that reads labels that are texts."""
    texts = [str(text) for text in texts]
    if all(map(_QUARTER.fullmatch, texts)):
        return f"pd.PeriodIndex({labels}, freq='Q')"
    if all(map(_MONTH.fullmatch, texts)):
        return f"pd.PeriodIndex({labels}, freq='M')"
    numbers = [_DAY_FIRST.fullmatch(text) for text in texts]
    if all(numbers) and max(int(match[1]) for match in numbers if match) > 12:
        return f"pd.to_datetime({labels}, dayfirst=True)"
    return f"pd.to_datetime({labels})"
