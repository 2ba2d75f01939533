"""Series on the scale on which they are forecast: what windows are cut from."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .drift import slope_of
from .guard import Bounds
from .recursion import Trajectories
from .transformation import Transformation


class History(NamedTuple):
    """K series that one window reads together: one or, if multivariate, all."""

    levels: np.ndarray  # (n, K), gaps interpolated
    observed: np.ndarray  # (n, K), which values aren't gaps
    start: int  # position of the first row
    transformations: tuple[Transformation, ...]  # K of them
    fitted: np.ndarray  # (n', K), the levels of the fit, whose changes bound forecasts
    drift: np.ndarray  # (K,), its share in forecasts
    covariates: np.ndarray | None = None  # (n + n_later, D), of its rows and of later ones
    static: np.ndarray | None = None  # (M,)

    @classmethod
    def of(
        cls,
        values: np.ndarray,
        start: int,
        transformations: Sequence[Transformation],
        fitted: np.ndarray,
        drift: np.ndarray,
    ) -> "History":
        """That of values (n, K), with gaps NaN."""
        pairs = zip(values.T, transformations, strict=True)
        levels = np.column_stack([own.levels(column, start) for column, own in pairs])
        return cls(levels, ~np.isnan(values), start, tuple(transformations), fitted, drift)

    @property
    def order(self) -> int:
        """Rows before the first difference."""
        return self.transformations[0].order

    @property
    def powers(self) -> np.ndarray:
        """The powers (K,) of the values on whose scale growth is bounded."""
        return np.array([own.power for own in self.transformations])

    def differences(self) -> np.ndarray:
        """What the network reads, (n - order, K)."""
        pairs = zip(self.levels.T, self.transformations, strict=True)
        return np.column_stack([own.differences(column) for column, own in pairs])

    def known_differences(self) -> np.ndarray:
        """Which differences (n - order, K) read no gap."""
        n = len(self.observed) - self.order
        lags = np.flatnonzero(self.transformations[0].coefficients)
        read = [self.observed[self.order - lag :][:n] for lag in lags]
        return np.asarray(np.logical_and.reduce(read))

    def values(self, levels: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Values (…, K) of levels (…, K) at some positions (…,)."""
        columns = [
            own.values(levels[..., k], positions) for k, own in enumerate(self.transformations)
        ]
        return np.stack(columns, axis=-1)

    def trajectories(
        self, rows: np.ndarray, length: int, n_steps: int, horizon: int, bounds: Bounds
    ) -> Trajectories:
        """Trajectories (B) that begin after some rows (B,) of the series.

        Covariates beyond the last step that is asked for are those of that step.
        """
        B, K = len(rows), self.levels.shape[1]
        w = sliding_window_view(self.differences(), length, axis=0)  # (n - order - L + 1, K, L)
        g = sliding_window_view(self.levels, self.order + 1, axis=0)  # (n - order, K, order + 1)
        coefficients = np.stack([own.coefficients for own in self.transformations], axis=1)
        covariates, static = None, None
        if self.covariates is not None:
            first = rows + 2 - length  # of the row whose covariates the first step of a window has
            wanted = first[:, np.newaxis] + np.arange(length + n_steps + horizon - 2)
            covariates = self.covariates[np.minimum(wanted, len(self.covariates) - 1)]
        if self.static is not None:
            static = np.broadcast_to(self.static, (B, len(self.static)))
        return Trajectories(
            w[rows - self.order - length + 1].transpose(0, 2, 1),
            g[rows - self.order].transpose(0, 2, 1),
            np.broadcast_to(coefficients, (B, *coefficients.shape)),
            np.broadcast_to([own.scale for own in self.transformations], (B, K)),
            np.broadcast_to(slope_of(self.fitted, length), (B, K)),
            np.broadcast_to(self.drift, (B, K)),
            bounds.after(self.levels[rows]),
            covariates,
            static,
        )


def joined(parts: Sequence[Trajectories]) -> Trajectories:
    """Trajectories of several series as one batch."""
    if len(parts) == 1:
        return parts[0]
    columns = zip(*parts, strict=True)
    found: list[Any] = [
        None if column[0] is None else np.concatenate(column, axis=int(name == "bounds"))
        for name, column in zip(Trajectories._fields, columns, strict=True)
    ]
    return Trajectories(*found)
