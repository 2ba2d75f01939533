"""What else users pass as a series or a table: made a frame, or refused with the fix."""

from collections.abc import Iterator, Mapping
from typing import Any

from scipy.sparse import issparse


def as_frame(X: Any, name: str, several: str) -> Any:
    """X, or the frame of pandas that it becomes; TypeError or ValueError if it can't be a table.

    ``several`` says what to pass instead of several series.
    """
    kind = type(X).__name__
    if issparse(X):
        return X
    if hasattr(X, "to_pandas") and hasattr(X, "column_names"):  # a table of pyarrow
        try:
            return X.to_pandas()
        except ImportError as error:
            raise TypeError(
                f"{name} is a {kind}, which needs pandas: install it, or pass polars.from_arrow(X)."
            ) from error
    if _is_grouped(X):
        raise TypeError(f"{name} is a {kind}, which has no rows of its own: {several}.")
    if callable(getattr(X, "compute", None)):  # dask
        return X.compute()
    if callable(getattr(X, "collect", None)):
        raise TypeError(f"{name} is a {kind}, which isn't computed yet: pass X.collect().")
    if isinstance(X, Mapping):
        raise TypeError(f"{name} is a {kind}: pass a table of its columns, as pandas.DataFrame(X).")
    if isinstance(X, Iterator):
        raise TypeError(f"{name} is a {kind}, which can be read only once: pass list(X).")
    if isinstance(X, set | frozenset):
        raise TypeError(f"{name} is a {kind}, which has no order: pass a list or an array.")
    if X is None or isinstance(X, str | bytes):
        raise TypeError(f"{name} is {X!r}: pass an array, a list of rows or a data frame.")
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


def _is_grouped(X: object) -> bool:
    module = type(X).__module__.partition(".")[0]
    return module in ("pandas", "polars", "dask") and "GroupBy" in type(X).__name__


def _holds_cells(X: object) -> bool:
    """Whether X is a column rather than a list of rows."""
    return not isinstance(X, list | tuple) and len(getattr(X, "shape", ())) == 1


def _first_cell(X: Any) -> Any:
    """The first item of a list or a column."""
    if not (isinstance(X, list | tuple) or _holds_cells(X)) or not len(X):
        return None
    cell = getattr(X, "iloc", X)[0]
    return None if isinstance(cell, str | bytes) else cell
