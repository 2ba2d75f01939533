"""Which steps of sequences are valid, and which are missing."""

import numpy as np

_BLOCK_NUMBERS = 2**20  # of X that are looked at together


def extents(X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number of real steps, the first of them and the one after the last, each (N,).

    Of a sequence without any, the first step is where they would be.
    """
    N, T, _ = X.shape
    lengths, begin, end = np.full(N, T), np.zeros(N, int), np.full(N, T)
    size = max(1, _BLOCK_NUMBERS // T)
    for start in range(0, N, size):
        block = slice(start, start + size)
        present = ~np.isnan(X[block, :, 0])  # (rows, T)
        if not present.all():
            lengths[block], begin[block], end[block] = extents_of(present)
    return lengths, begin, end


def extents_of(present: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same, of which steps (N, T) are there."""
    lengths, begin = present.sum(axis=1), present.argmax(axis=1)
    end = np.where(lengths > 0, present.shape[1] - present[:, ::-1].argmax(axis=1), 1)
    return lengths, begin, end


def time_first(X: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """From (B, T, D) with NaN steps to x (T, D, B), 0 where skipped, and skip (T, B) or None."""
    x = X.transpose(1, 2, 0)
    skip = np.isnan(x[:, 0])
    if not skip.any():
        return x, None
    return np.where(skip[:, None], 0, x), skip
