"""The last part of the samples, held out of training to judge it by."""

import math

import numpy as np


def split_last(X: np.ndarray, fraction: float) -> tuple[slice, slice]:
    """Samples (N, T, D) to train on, and the last ones to validate on.

    Samples in between are in neither, where they are windows that share steps of a series with
    those of the validation set: their inputs would tell of it, and their targets lie in it.
    """
    N = len(X)
    n_validation = math.ceil(fraction * N)
    first = N - n_validation
    n_train = first - _n_overlapping(X, first) if first > 0 else 0
    if n_train < 1:
        raise ValueError(
            f"early_stopping=True with validation_fraction={fraction} leaves none of {N} samples "
            f"of {X.shape[1]} steps to train on, as windows that overlap the validation set are "
            "left out. Lower validation_fraction, use shorter windows or more samples, or set "
            "early_stopping=False."
        )
    return slice(0, n_train), slice(first, N)


def _n_overlapping(X, first):
    """How many samples before the first one of the validation set are windows that reach it."""
    T = X.shape[1]
    before, after = X[first - 1], X[first]
    for shift in range(1, T):
        shared = after[: T - shift]
        if np.array_equal(before[shift:], shared, equal_nan=True):
            # steps that never change say nothing
            varies = len(shared) == 1 or not np.array_equal(shared[1:], shared[:-1], equal_nan=True)
            return min(first, math.ceil(T / shift) - 1) if varies else 0
    return 0
