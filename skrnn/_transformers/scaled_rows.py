"""Steps as rows of a table, through a scaler that may be any transformer."""

from typing import Any

import numpy as np

# values whose squares or differences may overflow within a scaler
_LARGE = {"float32": 1e37, "float64": 1e150}


def scale_rows(
    scaler: Any, method: str, rows: np.ndarray, names: list[str] | None, where: np.ndarray
) -> np.ndarray:
    """Return what a ``method`` of the scaler makes of rows (n, D), in float32 or float64.

    ``where`` (n, 2) has the sample and the step of each row. Raises ValueError if the number of
    rows or features changes, or a finite value becomes NaN or infinity.
    """
    with np.errstate(all="ignore"):  # what overflows is found below
        scaled = getattr(scaler, method)(rows)
    scaled = np.asarray(scaled.toarray() if hasattr(scaled, "toarray") else scaled)
    name = type(scaler).__name__
    if scaled.shape != rows.shape:
        raise ValueError(
            f"scaler={scaler!r} makes an array of shape {scaled.shape} of steps of shape "
            f"{rows.shape}: SequenceScaler takes transformers that keep the number of features. "
            f"Apply {name} to the rows of a table, before SlidingWindow cuts it."
        )
    if scaled.dtype not in (np.float32, np.float64):
        scaled = scaled.astype(np.float64)  # which can hold NaN for the missing steps
    lost = ~np.isfinite(scaled) & np.isfinite(rows)
    if lost.any():
        n, d = np.argwhere(lost)[0]
        i, t = where[n]
        raise ValueError(
            f"{name}.{method} makes {scaled[n, d]} of {rows[n, d]:.6g} in X, sample {i}, step {t}, "
            f"{_feature(d, names)}: a valid step would become a missing one. {_fix(rows[n, d])}"
        )
    return scaled


def check_range(scaler: Any, rows: np.ndarray, names: list[str] | None, where: np.ndarray) -> None:
    """Raise ValueError if huge values leave nothing of a feature, as their squares overflow."""
    low, high = np.nanmin(rows, axis=0), np.nanmax(rows, axis=0)
    huge = np.maximum(-low, high) > _LARGE[rows.dtype.name]
    for d in np.flatnonzero(huge & (low < high)).tolist():
        ends = [int(np.nanargmin(rows[:, d])), int(np.nanargmax(rows[:, d]))]
        scaled = scale_rows(scaler, "transform", rows[ends], names, where[ends])[:, d]
        if scaled[0] == scaled[1]:
            raise ValueError(
                f"{type(scaler).__name__} makes {scaled[0]:.6g} of both {low[d]:.6g} and "
                f"{high[d]:.6g}, the ends of {_feature(d, names)}. {_fix(high[d])}"
            )


def _feature(d: int, names: list[str] | None) -> str:
    return f"feature {d}" if names is None else f"feature {names[d]!r}"


def _fix(value: float) -> str:
    if 1e-30 < abs(value) < 1e30:
        return "Use a scaler that is defined for all values."
    return "Multiply the feature by a constant first, so that its values aren't extreme."
