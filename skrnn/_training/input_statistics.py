"""Means and standard deviations of the inputs of a data set."""

from collections.abc import Iterator

import numpy as np

from .._engine.blocks import blocks
from .._engine.input_scale import InputScale
from .dataset import SequenceData

_CONSTANT = 10 * np.finfo(float).eps  # a standard deviation below this part of the largest value


def input_scale_of(data: SequenceData) -> InputScale:
    """Mean and standard deviation of each feature over all valid steps, and of each covariate.

    The weights of the sequences count. The scale of a constant feature is 1.
    """
    dynamic = _statistics(lambda: _steps(data))
    if data.static is None:
        return InputScale(*(a.astype(data.X.dtype) for a in dynamic))
    static = _statistics(lambda: iter([(data.static[data.rows], _weights(data, data.rows))]))
    both = zip(dynamic, static, strict=True)
    return InputScale(*(np.concatenate(parts).astype(data.X.dtype) for parts in both))


def _steps(data) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Values (n, D) of valid steps, and their weights (n,), block by block."""
    _, T, D = data.X.shape
    for block in blocks(len(data.rows), T * D):
        rows = data.rows[block]
        valid = data.mask.valid(rows)  # (B, T)
        weights = np.broadcast_to(_weights(data, rows)[:, np.newaxis], valid.shape)
        yield data.X[rows][valid], weights[valid]


def _weights(data, rows):
    one_each = data.weight is None or data.weight.shape[1] > 1
    return np.ones(len(rows)) if one_each else data.weight[rows, 0].astype(float)


def _statistics(blocks):
    largest: np.ndarray | float = 0.0
    total = 0.0
    for values, weights in blocks():
        largest = np.maximum(largest, np.abs(values).max(axis=0, initial=0))
        total += weights.sum()
    largest = np.where(largest > 0, largest, 1).astype(float)  # so that squares stay in range
    mean = sum(weights @ (values / largest) for values, weights in blocks()) / total
    squares = sum(weights @ (values / largest - mean) ** 2 for values, weights in blocks())
    deviation = np.sqrt(squares / total)
    return mean * largest, np.where(deviation > _CONSTANT, deviation * largest, 1)
