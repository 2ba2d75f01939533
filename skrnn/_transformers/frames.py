"""What users pass as a series or a table: made a frame, or refused with the fix."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .._validation.containers import check_container, is_arrow_table


def as_frame(X: Any, name: str, several: str) -> Any:
    """X, or the frame of pandas that it becomes; TypeError or ValueError if it can't be a table.

    ``several`` says what to pass instead of several series.
    """
    check_container(X, name, several)
    kind = type(X).__name__
    if is_arrow_table(X):
        try:
            return X.to_pandas()
        except ImportError as error:
            raise TypeError(
                f"{name} is a {kind}, which needs pandas: install it, or pass polars.from_arrow(X)."
            ) from error
    if callable(getattr(X, "compute", None)):  # dask
        return X.compute()
    cell = _first_cell(X)
    if isinstance(cell, Mapping):
        raise TypeError(f"{name} is a list of {type(cell).__name__}: pass pandas.DataFrame(X).")
    if hasattr(cell, "columns"):
        raise TypeError(
            f"{name} holds frames, so it has several series: join them by pandas.concat(X, "
            f"keys=ids, names=['id']), and {several}."
        )
    if _holds_cells(X) and hasattr(cell, "__len__"):
        raise ValueError(
            f"The cells of {name} hold a {type(cell).__name__} each, but a cell is one number. "
            "Rows that are sequences already need no windows: pass the list of them to the "
            "network. A single series: pass numpy.concatenate(list(X))."
        )
    return X


def _holds_cells(X: object) -> bool:
    """Whether X is a column rather than a list of rows."""
    return not isinstance(X, list | tuple) and len(getattr(X, "shape", ())) == 1


def _first_cell(X: Any) -> Any:
    """The first item of a list or a column."""
    if not (isinstance(X, list | tuple) or _holds_cells(X)) or not len(X):
        return None
    if isinstance(X, np.ndarray) and X.dtype != object:
        return None
    cell = getattr(X, "iloc", X)[0]
    return None if isinstance(cell, str | bytes) else cell
