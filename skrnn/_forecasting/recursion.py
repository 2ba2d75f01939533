"""Forecasts of many trajectories as one batch, step by step."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .drift import mixed

# windows (B, L, K), centred; covariates (B, L + h - 1, D) and static (B, M), or None → (B, h, K)
Predict = Callable[[np.ndarray, np.ndarray | None, np.ndarray | None], np.ndarray]


class Trajectories(NamedTuple):
    """What forecasts start from: B of them, each with K columns."""

    windows: np.ndarray  # (B, L, K), the last differences that the network reads
    levels: np.ndarray  # (B, order + 1, K), the last levels; at least the very last one
    coefficients: np.ndarray  # (B, order + 1, K), of the differences
    scale: np.ndarray  # (B, K)
    slope: np.ndarray  # (B, K), the mean change of a level from row to row
    drift: np.ndarray  # (B, K), the share of the line with this slope
    bounds: np.ndarray  # (2, B, n_steps, K), of the levels that follow
    covariates: np.ndarray | None  # (B, L + n_steps + h - 2, D), from one row after the first
    static: np.ndarray | None  # (B, M)


def forecast(
    predict: Predict, begin: Trajectories, n_steps: int, *, horizon: int, center: str | None
) -> np.ndarray:
    """Levels (B, n_steps, K) that follow; ValueError if the regressor predicts NaN."""
    B, L, K = begin.windows.shape
    order = begin.coefficients.shape[1] - 1
    reversed_ = begin.coefficients[:, :0:-1]  # (B, order, K), oldest level first
    w = np.empty((B, L + n_steps, K))  # differences, extended step by step
    g = np.empty((B, order + 1 + n_steps, K))  # levels
    w[:, :L], g[:, : order + 1] = begin.windows, begin.levels[:, -(order + 1) :]
    low, high = begin.bounds  # (B, n_steps, K)
    predicted, first = np.empty((B, 0, K)), 0
    for k in range(n_steps):
        if k - first >= predicted.shape[1]:  # the outputs of one prediction are used up
            window, own = w[:, k : k + L], None
            middle = center_of(window, center)
            if begin.covariates is not None:
                own = begin.covariates[:, k : k + L + horizon - 1]
            predicted, first = predict(window - middle, own, begin.static) + middle, k
        change = predicted[:, k - first] * begin.scale
        base = np.einsum("bok,bok->bk", reversed_, g[:, k + 1 : k + 1 + order])
        level = np.clip(change - base, low[:, k], high[:, k])
        g[:, k + 1 + order] = level
        w[:, k + L] = (level + base) / begin.scale
    levels = g[:, order + 1 :]
    if np.isnan(levels).any():
        step = 1 + int(np.argmax(np.isnan(levels).any(axis=(0, 2))))
        raise ValueError(
            f"The regressor predicts NaN {step} steps ahead: it is the regressor's, as windows and "
            "covariates hold none. Use another one, or other settings of it."
        )
    return mixed(levels, begin.levels[:, -1], begin.slope, begin.drift, begin.bounds)


def center_of(window: np.ndarray, center: str | None) -> np.ndarray | float:
    """What is subtracted from windows (B, L, K) and from their targets, (B, 1, K)."""
    if center == "mean":
        return window.mean(axis=1, keepdims=True)
    return window[:, -1:] if center == "last" else 0.0
