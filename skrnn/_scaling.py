"""The scale of targets."""

import numpy as np


def target_scale(
    y: np.ndarray, sample_weight: np.ndarray | None, normalize: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (K,) of the targets (N, S, K); 0 and 1 if not to normalize."""
    K = y.shape[2]
    if not normalize:
        return np.zeros(K), np.ones(K)
    weight = (~np.isnan(y)).astype(float)
    if sample_weight is not None:
        weight *= sample_weight[:, None, None]
    total = np.maximum(weight.sum(axis=(0, 1)), np.finfo(float).tiny)
    # sums of large values overflow before the values do
    size = np.max(np.abs(y), axis=(0, 1), initial=0, where=weight > 0)
    size[size == 0] = 1
    y = np.where(weight > 0, y, 0) / size
    mean = (weight * y).sum(axis=(0, 1)) / total
    scale = np.sqrt((weight * (y - mean) ** 2).sum(axis=(0, 1)) / total)
    constant = scale < 10 * np.finfo(float).eps
    return mean * size, np.where(constant, 1, scale * size)
