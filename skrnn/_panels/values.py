"""The numbers of y, and what is no number to forecast."""

from typing import Any

import numpy as np

from .._validation.column_kinds import kind_of, type_of
from .._validation.containers import check_container, columns_of
from .._validation.numbers import as_numbers, is_missing
from .._validation.order import index_of
from .._validation.written_numbers import is_float, is_written_number, reading_of_numbers
from .written_dates import are_dates, reading_of_text

_SAMPLE = 100  # texts that may be dates
_NOT_NUMBERS = ("text", "categories", "booleans")


def forecast_numbers(y: Any, name: str) -> np.ndarray:
    """The numbers (n,) or (n, K) of y, NaN where missing; TypeError or ValueError for others."""
    check_container(y, name)
    columns = columns_of(y)
    if columns is None:
        _check_kind(y, name, name)
    else:
        for label, column in columns:
            _check_column(column, label, name, columns)
    values = as_numbers(y, name)
    if values.ndim not in (1, 2):
        raise ValueError(
            f"{name} must have one dimension, or a column for each series: got {values.ndim} "
            f"dimensions, of the shape {values.shape}."
        )
    if not values.size:
        raise ValueError(f"{name} is empty: it has the shape {values.shape}. Pass a series.")
    if values.dtype.kind == "b":
        raise _no_numbers("booleans", name)
    infinite = np.argwhere(np.isinf(values))
    if len(infinite):
        where = f"row {infinite[0][0]}" + (f", column {infinite[0][1]}" if values.ndim == 2 else "")
        raise ValueError(f"{name} has an infinite value, in {where}: drop it, or make it NaN.")
    return values if values.dtype == np.float32 else values.astype(np.float64, copy=False)


def _check_column(column: Any, label: Any, name: str, columns: Any) -> None:
    """Raise ValueError if a column doesn't hold numbers: it may be the index, or part of it."""
    called = f"Column {label!r} of {name}"
    frame = name if hasattr(column, "iloc") else f"{name}.to_pandas()"
    if kind_of(column) == "dates":
        raise ValueError(
            f"{called} holds dates: make it the index, by {frame}.set_index({label!r})."
        )
    try:
        _check_kind(column, called, f"{frame}[{label!r}]")
    except ValueError as error:
        if isinstance(error, _WrittenNumbers):
            raise
        texts = [text for text in np.asarray(column).tolist() if not is_missing(text)]
        if are_dates(texts[:_SAMPLE]):
            numbers = (own for own, values in columns if np.asarray(values).dtype.kind in "iuf")
            own = next(numbers, "sales")
            code = reading_of_text(texts, f"{frame}[{label!r}]")
            raise ValueError(
                f"{called} holds dates as text, such as {texts[0]!r}: make it the index, by "
                f"{frame}.set_index({code})[{own!r}]."
            ) from None
        raise ValueError(
            f"{error} If it has the ids of several series, use {frame}.set_index([{label!r}, "
            "time])[column], with the names of the columns of the time and of the values."
        ) from None


def _check_kind(values: Any, name: str, code: str) -> None:
    """Raise ValueError for text, categories and booleans, which could be taken for numbers.

    ``code`` is how users write the values.
    """
    kind = kind_of(values)
    if kind is None and (str(type_of(values)) == "object" or isinstance(values, list | tuple)):
        objects = np.asarray(values, dtype=object).ravel().tolist()
        if any(isinstance(value, str) for value in objects):
            kind = "text"
        elif any(isinstance(value, bool | np.bool_) for value in objects):
            kind = "booleans"
    if kind == "text":
        _check_written(values, name, code)
    if kind in _NOT_NUMBERS:
        raise _no_numbers(kind, name)


class _WrittenNumbers(ValueError):
    """Text that isn't likely to be anything but numbers."""


def _check_written(values: Any, name: str, code: str) -> None:
    """Raise ValueError for numbers as text that ``float`` doesn't take, or takes for others."""
    a = np.asarray(values, dtype=object)
    rows = {i: value for i, value in enumerate(a.ravel().tolist()) if not is_missing(value)}
    bad = [i for i, value in rows.items() if not is_float(value)]
    n_numbers = sum(map(is_written_number, rows.values()))
    if 2 * n_numbers < len(rows):
        return
    column = code if hasattr(values, "iloc") else f"pd.Series({code})"  # of a list or an array
    reading = reading_of_numbers(rows.values(), column)
    of_file = f", or read the file by {reading.options}" if reading.options else ""
    start = f"{name} holds text, but a Forecaster forecasts numbers."
    if bad:
        index, row = index_of(values), bad[0] // (a.shape[1] if a.ndim == 2 else 1)
        where = f"in row {row}" if index is None else f"at {index[row]}"
        raise _WrittenNumbers(
            f"{start} The first that is none as it is written is {rows[bad[0]]!r} {where}: use "
            f"{reading.code}{reading.once}{of_file}."
        )
    if reading.has_points_of_thousands:
        example = next(text for text in rows.values() if "." in str(text))
        raise _WrittenNumbers(
            f"{start} The point of {example!r} seems to separate thousands: use {reading.code}"
            f"{of_file}. If it marks decimals, use {column}.astype(float)."
        )


def _no_numbers(kind: str, name: str) -> ValueError:
    return ValueError(
        f"{name} holds {kind}, but a Forecaster forecasts numbers. Use astype(float) if they stand "
        "for numbers; for labels, use SlidingWindow and RNNClassifier."
    )
