"""What errors on held-out folds let expect of the samples that follow."""

import numpy as np

_CLEARLY = 4.0  # variances: a drift of two standard deviations isn't chance
_AHEAD = 0.5  # of d²: the mean square over the next two fifths of the samples, from d/2 to 0.9 d


def error_to_expect(
    squares: np.ndarray, sums: np.ndarray, weights: np.ndarray, squared_weights: np.ndarray
) -> np.ndarray:
    r"""The mean squared error (...) to expect after F successive folds.

    It is the mean square plus :math:`\max(d^2 - 4 \operatorname{var} d, 0) / 2`, where d is the
    change of the mean error from the first to the last sample, by a line through the means of the
    folds. A model that shrinks predictions towards the mean of its samples can be good between them
    and drift with the series: its errors are off by d/2 at the last sample, and by more after it.

    Parameters
    ----------
    squares, sums : ndarray of shape (..., F)
        Weighted sums over each fold of the squared errors, and of the errors, of fits without it.
    weights, squared_weights : ndarray of shape (F,)
        Sums over each fold of the weights, and of their squares.
    """
    known = weights > 0
    square = squares.sum(axis=-1) / max(weights.sum(), np.finfo(float).tiny)
    time = np.where(known, np.cumsum(known) - (known.sum() + 1) / 2, 0)
    share = time * known.sum() / max((time**2).sum(), 1)  # of the means, in d
    weights = np.where(known, weights, 1)
    change = (share * sums / weights).sum(axis=-1)
    by_chance = (share**2 * squared_weights / weights**2).sum() * square
    return square + _AHEAD * np.maximum(change**2 - _CLEARLY * by_chance, 0)
