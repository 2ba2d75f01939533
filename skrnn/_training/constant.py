"""The best constant in the place of a network's output."""

import numpy as np

from .._engine.losses import Loss
from .dataset import SequenceData

_ROUNDS = 30


def constant_loss(loss: Loss, data: SequenceData) -> float:
    """The lowest loss that a constant output has on a data set, without penalty.

    Newton's method with the curvature of the loss, each output on its own.
    """
    y, weight = data.targets()  # (n, J), (n, J)
    K = y.shape[1]
    f = np.zeros((1, K, 1))
    y, weight = y.T[np.newaxis], weight.T[np.newaxis]  # (1, J, n)
    for _ in range(_ROUNDS):
        output = np.repeat(f, y.shape[2], axis=2)
        slope = np.empty_like(output)
        loss.pointwise(output, y, slope)
        curvature = (weight * loss.curvature(output, y)).sum(axis=2, keepdims=True)
        f = f - (weight * slope).sum(axis=2, keepdims=True) / np.maximum(curvature, 1e-300)
    output = np.repeat(f, y.shape[2], axis=2)
    value = loss.pointwise(output, y, np.empty_like(output))
    return float((weight * value).sum() / weight.sum())
