"""How far a linear part looks back, and what samples count that lack some of these steps."""

import numpy as np

from .._engine.linear_part import LinearPart
from .dataset import SequenceData

_MOST_COLUMNS = 256  # inputs that a linear part reads, unless one step has more


def look_back_of(data: SequenceData) -> int:
    """L: half of the samples, at least, have so many valid steps."""
    lengths = np.sort(data.mask.lengths[data.rows])
    median = int(lengths[len(lengths) // 2])
    steps = (median + 1) // 2 if data.per_step else median
    return max(1, min(steps, _MOST_COLUMNS // data.X.shape[2]))


def complete(data: SequenceData, n_steps: int) -> np.ndarray:
    """Which samples (N, S) have ``n_steps`` valid steps to look back at."""
    if not data.per_step:
        return data.mask.lengths[:, np.newaxis] >= n_steps
    return np.cumsum(data.mask.valid(), axis=1) >= n_steps


def product(weight: np.ndarray | None, factor: np.ndarray) -> np.ndarray | None:
    """Weights (N, 1) or (N, S), or None for ones, times factors (N, S)."""
    if (factor == 1).all():
        return weight
    return factor.astype(float) if weight is None else weight * factor


def weigh_incomplete(data: SequenceData, part: LinearPart, left: np.ndarray) -> np.ndarray | None:
    """The weights, where samples with an incomplete look-back count by what is known of them.

    ``left`` (N, S, K) is what the linear part leaves of the targets.
    """
    has_all = complete(data, part.n_steps)
    if has_all.all():
        return data.weight
    known, others = (
        data.with_(y=left, weight=product(data.weight, own)) for own in (has_all, ~has_all)
    )
    if not known.total:  # of which nothing is known
        return data.weight
    ratio = min(mean_square(known) / max(mean_square(others), np.finfo(float).tiny), 1.0)
    return product(data.weight, np.where(has_all, 1, ratio))


def mean_square(data: SequenceData) -> float:
    """The weighted mean of the squared targets."""
    y, weight, total = data.targets()
    return float((weight * y**2).sum() / max(total, np.finfo(float).tiny))
