"""Targets, labels and weights that are well formed, for sequences."""

import numpy as np
import pandas as pd
import polars as pl

from .data import values
from .draw import chance, one_of


def targets(rng, X, *, classify):
    """Y for X, and the number of axes: 1 or 2 for one target per sequence, 3 for each step."""
    n, ragged = len(X.sequences), X.kind == "list"
    per_step, lengths = chance(rng, 0.35), [len(x) for x in X.sequences]
    shape = (n, max(lengths, default=1) or 1) if per_step else (n,)
    if classify and per_step and chance(rng, 0.3):
        y = rng.randint(2, size=(*shape, one_of(rng, [1, 2, 3]))).astype(one_of(rng, [int, float]))
        if ragged:
            return [own[:length] for own, length in zip(y, lengths, strict=True)], 3
        return one_of(rng, [y, y, y.tolist(), list(y)]), 3
    if classify:
        y = labels(rng, shape)
        if per_step and ragged:
            return [own[:length] for own, length in zip(y, lengths, strict=True)], 3
        # a column is one label per row of a table
        per_step = per_step and not (X.kind == "rows" and shape[1] == 1)
        return (y, 3) if per_step else (as_y(rng, y.reshape(n)), 1)
    n_outputs = one_of(rng, [0, 0, 1, 2, 3])
    y, _ = values(rng, (*shape, max(1, n_outputs) if per_step else n_outputs or 1))
    if per_step:
        if chance(rng, 0.4):
            y[rng.uniform(size=y.shape[:2]) < 0.3] = np.nan
        if ragged:
            return [own[:length] for own, length in zip(y, lengths, strict=True)], 3
        return one_of(rng, [y, y, y, y.tolist(), list(y)]), 3
    if n_outputs == 0:
        return as_y(rng, y[:, 0]), 1
    return one_of(rng, [y, y, y.tolist(), pd.DataFrame(y), pl.DataFrame(y, orient="row")]), 2


def labels(rng, shape):
    """Labels of some classes."""
    classes = one_of(
        rng,
        [
            np.array([0, 1]),
            np.array([3, -1, 7]),
            np.array(["b", "a"]),
            np.array(["long", "b", "a", "Z"], object),
            np.array([False, True]),
            np.array([0.0, 1.0, 2.0]),
        ],
    )
    classes = classes[:1] if chance(rng, 0.03) else classes
    y = classes[rng.randint(len(classes), size=shape)]
    y.flat[: len(classes)] = classes[: y.size]
    return y


def as_y(rng, y):
    """One target per sequence in a container."""
    how = one_of(rng, ["array", "array", "array", "list", "series"])
    if how == "series":
        return pd.Series(y, index=rng.permutation(len(y)))
    return y.tolist() if how == "list" else y


def weights(rng, X, y_ndim):
    """Weights of sequences or steps, or None."""
    if chance(rng, 0.6):
        return None
    n, lengths = len(X.sequences), [len(x) for x in X.sequences]
    per_step = y_ndim == 3 and chance(rng, 0.5)
    shape = (n, max(lengths) or 1) if per_step else (n,)
    weight = one_of(
        rng,
        [
            np.ones(shape),
            rng.randint(0, 3, size=shape),
            rng.uniform(size=shape),
            rng.uniform(size=shape).astype(np.float32),
            np.where(rng.uniform(size=shape) < 0.9, 0, 1.0),
            np.full(shape, 1e-300),
            np.full(shape, 1e250),
        ],
    )
    if per_step and X.kind == "list":
        return [own[:length] for own, length in zip(weight, lengths, strict=True)]
    how = one_of(rng, ["array", "array", "list", "series"])
    if how == "series" and not per_step:
        return pd.Series(weight, index=rng.permutation(n))
    return weight.tolist() if how == "list" else weight
