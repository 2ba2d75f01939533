"""How far a forecast may be from the last level."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_QUANTILES = (0.05, 0.95)
_ALL = (0.0, 1.0)  # where covariates cause changes that are rare
_FEWEST_CHANGES = 3


class Bounds(NamedTuple):
    """Bounds of the changes of K series over 1, 2, … steps.

    Those of logarithms are also bounded on a scale between the logarithm and the value, as growth
    that has been exponential seldom goes on to be.
    """

    changes: np.ndarray  # (2, n_steps, K), of levels
    grown: np.ndarray  # (2, n_steps, K), of exp(power * level)
    powers: np.ndarray  # (K,), 0 of series without logarithms

    def after(self, last: np.ndarray) -> np.ndarray:
        """Bounds (2, B, n_steps, K) of the levels after the last ones (B, K)."""
        last = last[:, np.newaxis]  # (B, 1, K)
        bounds = last + self.changes[:, np.newaxis]
        logs = np.flatnonzero(self.powers)
        if len(logs):
            power, last = self.powers[logs], last[..., logs]
            ratio = self.grown[:, np.newaxis][..., logs] / np.exp(power * last)
            grown = last + np.log(np.maximum(1 + ratio, np.finfo(float).tiny)) / power
            bounds[0][..., logs] = np.maximum(bounds[0][..., logs], grown[0])
            bounds[1][..., logs] = np.minimum(bounds[1][..., logs], grown[1])
        return bounds


def bounds_of(
    levels: Sequence[np.ndarray], powers: Sequence[np.ndarray], n_steps: int, *, caused: bool
) -> list[Bounds]:
    """The bounds of several histories, each with levels (n, K) and powers (K,).

    ``caused`` says that covariates are read.
    """
    quantiles = _ALL if caused else _QUANTILES
    found = _in_batches(list(levels), n_steps, quantiles)
    of_logs = [i for i, power in enumerate(powers) if power.any()]
    values = [np.exp(powers[i] * levels[i]) for i in of_logs]
    grown = dict(zip(of_logs, _in_batches(values, n_steps, quantiles), strict=True))
    return [
        Bounds(changes, grown.get(i, changes), power)
        for i, (changes, power) in enumerate(zip(found, powers, strict=True))
    ]


def _in_batches(
    levels: list[np.ndarray], n_steps: int, quantiles: tuple[float, float]
) -> list[np.ndarray]:
    """`bounds_of_changes` of each; those of equal length are one batch."""
    found: list = [None] * len(levels)
    for n in {len(own) for own in levels}:
        same = [i for i, own in enumerate(levels) if len(own) == n]
        bounds = bounds_of_changes(np.stack([levels[i].T for i in same]), n_steps, quantiles)
        for j, i in enumerate(same):
            found[i] = bounds[:, j].transpose(0, 2, 1)
    return found


def bounds_of_changes(
    levels: np.ndarray, n_steps: int, quantiles: tuple[float, float] = _QUANTILES
) -> np.ndarray:
    """Bounds (2, …, n_steps) of the changes of series (…, n) over 1, 2, … steps.

    They are quantiles of the changes over as many steps, widened to 0. Where there are too few of
    these, the last bounds go on. A single row has no changes.
    """
    if levels.shape[-1] == 1:
        return np.zeros((2, *levels.shape[:-1], n_steps))
    longest = max(1, min(n_steps, levels.shape[-1] - _FEWEST_CHANGES))
    bounds = np.empty((2, *levels.shape[:-1], longest))
    for k in range(1, longest + 1):
        changes = levels[..., k:] - levels[..., :-k]
        low, high = (int(np.rint(q * (changes.shape[-1] - 1))) for q in quantiles)
        ordered = np.partition(changes, (low, high))
        bounds[0, ..., k - 1] = np.minimum(ordered[..., low], 0)
        bounds[1, ..., k - 1] = np.maximum(ordered[..., high], 0)
    widths = [(0, 0)] * (bounds.ndim - 1) + [(0, n_steps - longest)]
    return np.pad(bounds, widths, mode="edge")
