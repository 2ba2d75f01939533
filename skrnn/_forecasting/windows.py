"""Training windows of series, and their targets."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .._training.origin import Origin
from .history import History
from .recursion import center_of


class NoWindowsError(ValueError):
    """There is nothing to fit on."""


class Windows(NamedTuple):
    """What a regressor is fitted on."""

    X: np.ndarray  # (N, L, F), the K series at each step, then the covariates of h steps ahead
    static: np.ndarray | None  # (N, M)
    y: np.ndarray  # (N, h * K)
    origin: Origin  # the rows that they were cut from

    def flat(self) -> np.ndarray:
        """The windows as rows (N, L * F + M): oldest step first, static covariates at the end."""
        return flat(self.X, self.static)


def flat(X: np.ndarray, static: np.ndarray | None) -> np.ndarray:
    """Windows (N, L, F) as rows, with static covariates (N, M) at the end."""
    rows = X.reshape(len(X), -1)
    return rows if static is None else np.hstack([rows, static])


def names_of_columns(
    series: Sequence[str], covariates: Sequence[str], static: Sequence[str], length: int, h: int
) -> list[str]:
    """Names of the columns of flat windows: those of `SlidingWindow`, and ``_ahead``."""
    step = [*series, *(f"{name}_ahead{j}" for j in range(1, h + 1) for name in covariates)]
    lags = range(length - 1, -1, -1)
    return [*(f"{name}_lag{lag}" for lag in lags for name in step), *static]


def with_covariates(windows: np.ndarray, covariates: np.ndarray | None, h: int) -> np.ndarray:
    """Windows (B, L, K) beside the covariates (B, L + h - 1, D) of the h steps after each step."""
    if covariates is None:
        return windows
    L = windows.shape[1]
    return np.concatenate([windows, *(covariates[:, j : j + L] for j in range(h))], axis=2)


def training_windows(
    histories: Sequence[History], length: int, horizon: int, center: str | None
) -> Windows:
    """The windows of all series, of whose targets none is a gap. No window reads two series."""
    parts: list[tuple] = []
    first_row = 0
    for history in histories:
        w, known = history.differences(), history.known_differences()
        n, K = len(w) - length - horizon + 1, w.shape[1]
        first_row += len(history.levels) + length + horizon  # no window reads rows of two
        if n < 1:
            continue
        windows = sliding_window_view(w, length, axis=0)[:n].transpose(0, 2, 1)
        targets = sliding_window_view(w[length:], horizon, axis=0).transpose(0, 2, 1)  # (n, h, K)
        kept = sliding_window_view(known[length:], horizon, axis=0).all(axis=(1, 2))  # (n,)
        if not kept.any():
            continue
        windows, targets = windows[kept], targets[kept]
        middle = center_of(windows, center)
        covariates: Any = None
        static: Any = None
        if history.covariates is not None:
            after = history.covariates[history.order + 1 :]
            own = sliding_window_view(after, length + horizon - 1, axis=0)[:n]
            covariates = own.transpose(0, 2, 1)[kept]
        if history.static is not None:
            static = np.broadcast_to(history.static, (len(windows), len(history.static)))
        X = with_covariates(windows - middle, covariates, horizon)
        y = (targets - middle).reshape(len(windows), horizon * K)
        parts.append((X, static, y, first_row + np.flatnonzero(kept)))
    if not parts:
        order = histories[0].order
        raise NoWindowsError(
            f"window={length} leaves no target in y: after {length + order} rows, each value is a "
            f"gap{', or its difference reads one' if order else ''}. Shorten the window, or fill "
            "gaps by y.interpolate()."
        )
    joined: list[Any] = [
        None if column[0] is None else np.concatenate(column) for column in zip(*parts, strict=True)
    ]
    X, static, y, first = joined
    ahead = range(length, length + horizon)
    return Windows(X, static, y, Origin.of_windows(first, length, 1, ahead))
