"""Containers that users pass: the columns of tables, and what can't become an array."""

from collections.abc import Iterator, Mapping, Set
from typing import Any

import numpy as np
from scipy.sparse import issparse

_LIST_OF_SEQUENCES = (
    "pass a list of sequences, [frame for _, frame in groups], without the column of ids"
)


def check_container(values: Any, name: str, several: str = _LIST_OF_SEQUENCES) -> None:
    """Raise TypeError if values are in a container that can't become an array of numbers.

    ``several`` says what to pass instead of several series.
    """
    if isinstance(values, np.ndarray) or hasattr(values, "iloc"):  # as most are
        return
    kind, fix = type(values).__name__, ""
    if issparse(values):
        raise TypeError(
            f"Sparse data was passed for {name}, but dense data is required. Use '.toarray()' to "
            "convert to a dense numpy array."
        )
    if values is None:
        raise TypeError(f"{name} is None: pass an array or list.")
    if "GroupBy" in kind:
        fix = several
    elif callable(getattr(values, "collect", None)):  # a LazyFrame of polars
        fix = f"pass {name}.collect()"
    elif isinstance(values, Mapping):
        fix = f"pass list({name}.values()), or a DataFrame"
    elif isinstance(values, Set | Iterator):
        fix = f"pass a list, in the order that counts: list({name})"
    elif isinstance(values, str | bytes):
        fix = "pass an array or list"
    if fix:
        raise TypeError(f"{name} is a {kind}, which can't become an array: {fix}.")


def columns_of(values: Any) -> list[tuple[Any, Any]] | None:
    """The label and the values of each column of a data frame or table, otherwise None."""
    if is_arrow_table(values):
        return list(zip(values.column_names, values.columns, strict=True))
    if not hasattr(values, "columns") or not hasattr(values, "dtypes"):
        return None
    if hasattr(values, "iloc"):
        return [(label, values.iloc[:, j]) for j, label in enumerate(values.columns)]
    return [(label, values[label]) for label in values.columns]


def is_arrow_table(values: Any) -> bool:
    """Whether values are a Table or RecordBatch of pyarrow, whose ``columns`` are arrays."""
    # the module, as a frame of pandas may have a column of any name as an attribute
    return type(values).__module__.startswith("pyarrow.") and hasattr(values, "column_names")
