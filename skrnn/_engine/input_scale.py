"""Inputs with mean 0 and variance 1, whatever their unit."""

from typing import NamedTuple

import numpy as np


class InputScale(NamedTuple):
    """Means and scales of the D dynamic features, followed by those of the M static covariates."""

    mean: np.ndarray  # (D+M,)
    scale: np.ndarray  # (D+M,)

    def beside_tokens(self) -> "InputScale":
        """Of static covariates alone: the scale that leaves tokens as they are."""
        return InputScale(np.insert(self.mean, 0, 0), np.insert(self.scale, 0, 1))

    def inputs(self, x: np.ndarray, missing: np.ndarray | None) -> np.ndarray:
        """Scale x (T, D, B), which stays 0 at missing steps (T, B)."""
        D = x.shape[1]
        scaled = (x - self.mean[:D, np.newaxis]) / self.scale[:D, np.newaxis]
        if missing is not None:
            np.copyto(scaled, 0, where=missing[:, np.newaxis])
        return scaled

    def covariates(self, static: np.ndarray) -> np.ndarray:
        """Scale static covariates (M, B)."""
        M = len(static)
        return (static - self.mean[-M:, np.newaxis]) / self.scale[-M:, np.newaxis]

    def both(
        self, x: np.ndarray, missing: np.ndarray | None, static: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Scale x, and static covariates if there are any."""
        return self.inputs(x, missing), None if static is None else self.covariates(static)
