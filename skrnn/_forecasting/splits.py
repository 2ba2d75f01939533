"""The folds of a splitter, as rows to fit on and rows to forecast."""

from typing import Any

import numpy as np

Split = tuple[np.ndarray, np.ndarray]  # rows to fit on and rows to forecast, (n,) each


def splits_of(cv: Any, n_times: int) -> list[Split]:
    """The folds of a splitter; ValueError if it can't split, or mixes past and future."""
    try:
        splits = list(cv.split(np.arange(n_times)))
    except ValueError as error:
        raise ValueError(
            f"cv={cv!r} can't split the {n_times} rows of y: use more rows, or fewer or shorter "
            f"folds. ({error})"
        ) from error
    if not splits:
        raise ValueError("cv has no folds: pass a splitter, or a list of (rows, rows to forecast).")
    found = []
    for fold, (train, test) in enumerate(splits):
        before = _rows(train, n_times, f"rows to fit on in fold {fold}")
        after = _rows(test, n_times, f"rows to forecast in fold {fold}")
        if after.min() <= before.max():
            raise ValueError(
                f"cv={cv!r} has rows to forecast before the last row to fit on, in fold {fold}: "
                "use TimeSeriesSplit."
            )
        found.append((before, after))
    return found


def _rows(given: Any, n_times: int, what: str) -> np.ndarray:
    """Numbers of rows (n,), of which a mask may be given, as of any splitter of scikit-learn."""
    rows = np.asarray(given)
    if rows.dtype == bool:
        if rows.shape != (n_times,):
            raise ValueError(
                f"cv has a mask of the shape {rows.shape} for the {what}, but y has {n_times} "
                "rows: pass one value for each."
            )
        rows = np.flatnonzero(rows)
    if not rows.size:
        raise ValueError(f"cv has no {what}: leave this fold out, or give it some.")
    if rows.ndim != 1 or rows.dtype.kind not in "iu":
        raise ValueError(
            f"cv has {given!r} for the {what}: pass a list of the numbers of rows, or a mask."
        )
    outside = rows[(rows < 0) | (rows >= n_times)]
    if len(outside):
        raise ValueError(
            f"cv has row {outside[0]} among the {what}, but the rows of y are 0 to {n_times - 1}."
        )
    return rows
