"""Errors on held-out folds, and whether they drift."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

_CLEARLY = 4.0  # variances: a drift of two standard deviations isn't chance


@dataclass(frozen=True)
class FoldErrors:
    """The errors on successive folds, each predicted by a fit without it.

    Attributes
    ----------
    squares, sums : ndarray of shape (..., K, F)
        Weighted sums over each fold of the squared errors, and of the errors.
    weights, squared_weights : ndarray of shape (K, F)
        Sums over each fold of the weights and of their squares.
    """

    squares: np.ndarray
    sums: np.ndarray
    weights: np.ndarray
    squared_weights: np.ndarray

    def __bool__(self) -> bool:
        """Whether there are folds."""
        return self.squares.size > 0

    def of(self, squares: np.ndarray, sums: np.ndarray) -> "FoldErrors":
        """Those of another model on the same samples."""
        return replace(self, squares=squares, sums=sums)

    @staticmethod
    def joined(parts: Sequence["FoldErrors"]) -> "FoldErrors":
        """Those of several outputs."""
        names = "squares", "sums", "weights", "squared_weights"
        return FoldErrors(*(np.concatenate([getattr(p, n) for p in parts], -2) for n in names))

    @property
    def expected(self) -> np.ndarray:
        r"""The squared error (..., K) to expect on what follows the samples.

        It is the mean square plus :math:`\max(d^2 - 4 \operatorname{var} d, 0)`, where d is the
        change of the mean error from the first to the last sample, by a line through the means of
        the folds. A model that shrinks predictions towards the mean of its samples can be good
        between them and drift with the series: one length of the series later, its errors are off
        by another d.
        """
        known = self.weights > 0  # (K, F)
        weights = np.where(known, self.weights, 1)
        n_folds = known.sum(axis=-1, keepdims=True)
        time = np.where(known, np.cumsum(known, axis=-1) - (n_folds + 1) / 2, 0)
        # of the means, the change from the first sample to the last one
        share = time * n_folds / np.maximum((time**2).sum(axis=-1, keepdims=True), 1)
        change = (share * self.sums / weights).sum(axis=-1)
        by_chance = (share**2 * self.squared_weights / weights**2).sum(axis=-1)
        squares = self.squares.sum(axis=-1) / _positive(self.weights.sum(axis=-1))
        return squares + np.maximum(change**2 - _CLEARLY * by_chance * squares, 0)

    @property
    def mean_square(self) -> float:
        """The mean squared error of all outputs; NaN without folds."""
        return float(self.squares.sum() / _positive(self.weights.sum())) if self else np.nan

    @property
    def total(self) -> float:
        """The squared error to expect, summed over the outputs by their weights."""
        return float((self.expected * self.weights.sum(axis=-1)).sum())

    @property
    def error(self) -> float:
        """The squared error to expect, as a mean over the outputs."""
        return self.total / float(_positive(self.weights.sum()))


def _positive(weights):
    return np.maximum(weights, np.finfo(float).tiny)
