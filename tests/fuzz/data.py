"""Sequences that are well formed, in many containers, of any size."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from .draw import chance, one_of


@dataclass
class Input:
    """X in a container, and the same sequences as plain arrays."""

    value: Any  # what is passed
    sequences: list[np.ndarray]  # (n_steps_i, D + M), NaN at missing steps
    kind: str  # "rows", "array" or "list"
    container: str
    dtype: np.dtype  # of predictions
    parameters: dict  # of the estimator that this X needs
    n_features: int  # D
    static: int  # M
    size: str  # of the values

    def of(self, sequences):
        """Plain X of other sequences in the same layout."""
        if self.kind == "list":
            return list(sequences)
        X = np.stack(sequences)
        if self.kind == "array":
            return X
        M, D = self.static, self.n_features
        steps = X[..., :D].reshape(len(X), -1)
        return np.hstack([steps, X[:, 0, D:]]) if M else steps


SIZES = {  # of values: how to make standard normal ones of this size
    "normal": lambda x: x,
    "binary": lambda x: (x > 0).astype(x.dtype),
    "counts": lambda x: np.abs(np.round(3 * x)),
    "constant": lambda x: np.full_like(x, 0.5),
    "zero": np.zeros_like,
    "raw": lambda x: 1000 + 50 * x,
    "tiny": lambda x: x * x.dtype.type(1e-30),
    "denormal": lambda x: x * x.dtype.type(1e-40 if x.dtype == np.float32 else 1e-315),
    "large": lambda x: x * x.dtype.type(1e15),
    "huge": lambda x: x * x.dtype.type(1e35 if x.dtype == np.float32 else 1e300),
    "any": lambda x: x**9,
}


def values(rng, shape, dtype=float, size=None):
    """Numbers of a size, and the name of the size."""
    if size is None:
        size = one_of(rng, ["normal"] * 12 + list(SIZES))
    with np.errstate(all="ignore"):
        return SIZES[size](rng.normal(size=shape).astype(dtype)), size


def sequences(rng, *, static=True):
    """Draw an `Input`."""
    n = one_of(rng, [1, 2, 3, 5, 8, 8, 12, 12, 12, 15, 15])
    longest, D = one_of(rng, [1, 2, 3, 5, 6, 9]), rng.randint(1, 4)
    M = rng.randint(1, 3) if static and chance(rng, 0.15) else 0
    kind = one_of(rng, ["rows", "array", "array", "list", "list"])  # "list": ragged, mostly
    dtype = np.dtype(one_of(rng, [float, float, np.float32]))
    X, size = values(rng, (n, longest, D), dtype)
    lengths = rng.randint(0 if chance(rng, 0.2) else 1, longest + 1, size=n)
    lengths = np.where(chance(rng, 0.3) | (kind != "list"), longest, lengths)
    X = X.astype(dtype)
    missing = missing_steps(rng, n, longest)
    constants = rng.normal(size=(n, 1, M)).astype(dtype)
    X[missing] = np.nan
    X = np.concatenate([X, np.broadcast_to(constants, (n, longest, M))], axis=2)
    if M and kind != "rows" and chance(rng, 0.5):
        X[missing] = np.nan  # the static covariates as well
    parameters = {"n_features_per_step": D} if kind == "rows" else {}
    parts = [np.array(x[:length]) for x, length in zip(X, lengths, strict=True)]
    made = Input(None, parts, kind, "", dtype, parameters, D, M, size)
    made.value, made.container, names = contained(rng, made)
    if M:
        first = D * longest if kind == "rows" else D
        columns = list(range(first, first + M))
        made.parameters["static_features"] = (
            columns if names is None else [names[i] for i in columns]
        )
    is_array = kind != "list" and not np.isnan(X).any()
    if is_array and chance(rng, 0.1) and size == "normal":  # whole numbers
        made.sequences = [np.round(x).astype(float) for x in parts]
        made.value = made.of(made.sequences).astype(np.int64)
        made.container, made.dtype = "int64", np.dtype(float)
        made.parameters |= {"static_features": columns} if M else {}
    return made


def missing_steps(rng, n, n_steps):
    """Which steps (n, n_steps) are missing."""
    missing, t = np.zeros((n, n_steps), bool), np.arange(n_steps)
    how = one_of(rng, ["none", "none", "leading", "trailing", "any", "a whole sequence", "all"])
    if how == "leading":
        missing = t < rng.randint(0, n_steps + 1, size=(n, 1))
    elif how == "trailing":
        missing = t >= rng.randint(0, n_steps + 1, size=(n, 1))
    elif how == "any":
        missing = rng.uniform(size=missing.shape) < 0.3
    elif how == "a whole sequence":
        missing[rng.randint(n)] = True
    elif how == "all" and chance(rng, 0.2):
        missing[:] = True
    return missing


def contained(rng, made):
    """The sequences in a container; its name; and the names of the columns, if it has them."""
    X, whole = made.sequences, None
    if made.kind == "list":
        D = X[0].shape[1]
        names = [f"x{i}" for i in range(D)]
        how = one_of(rng, ["list", "list", "tuple", "objects", "pandas", "polars", "nested"])
        several = len({len(x) for x in X}) > 1  # NumPy takes nested lists of one length as an array
        if how == "nested" and not (several and made.dtype == float and min(map(len, X))):
            how = "list"
        if how == "list":
            return X.copy(), how, None
        if how == "tuple":
            return tuple(X), how, None
        if how == "objects":
            out = np.empty(len(X), object)
            for i, x in enumerate(X):
                out[i] = x
            return out, how, None
        if how == "pandas":
            return [pd.DataFrame(x, columns=names) for x in X], how, names
        if how == "polars":
            return [pl.DataFrame(x, schema=names, orient="row") for x in X], how, names
        return [x.tolist() for x in X], how, None
    whole = made.of(X)
    if made.kind == "rows":
        names = [f"c{i}" for i in range(whole.shape[1])]
        how = one_of(rng, ["array", "pandas", "polars", "nested", "Fortran", "read-only"])
        if how == "pandas":
            return pd.DataFrame(whole, columns=names), how, names
        if how == "polars":
            return pl.DataFrame(whole, schema=names, orient="row"), how, names
    else:
        how = one_of(rng, ["array", "array", "nested", "Fortran", "read-only", "objects"])
    if how == "nested" and made.dtype == float:
        return whole.tolist(), how, None
    if how == "objects" and made.dtype == float:
        return whole.astype(object), how, None
    if how == "Fortran":
        return np.asfortranarray(whole), how, None
    if how == "read-only":
        whole.flags.writeable = False
    return whole, "array", None
