"""Windows of a table, cut by hand."""

import numpy as np


def windows_by_hand(X, length, delay=0, dilation=1, min_periods=1, pad_value=np.nan, ids=None):
    """One row and one step at a time."""
    n, D = X.shape
    ids = np.zeros(n) if ids is None else np.asarray(ids)
    out = np.full((n, length, D), pad_value, dtype=X.dtype)
    for i in range(n):
        past = [row for row in range(i + 1) if ids[row] == ids[i]]  # row i is the last
        n_valid = 0
        for step in range(length):
            back = delay + (length - 1 - step) * dilation
            if back < len(past):
                out[i, step] = X[past[-1 - back]]
                n_valid += not np.isnan(out[i, step]).all()
        if n_valid < min_periods:
            out[i] = pad_value
    return out
