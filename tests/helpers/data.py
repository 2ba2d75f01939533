"""Data of the tests: sequences with values or labels, and tables."""

import numpy as np
import pandas as pd
from scipy.special import expit, softmax
from sklearn.base import is_classifier

# --- sequences with values ---


def running_sums(per_step=False, *, masked=True, dtype=float):
    """50 sequences whose target is a squashed running sum, with noise; the same in each test."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(50, 7, 2)).astype(dtype)
    y = np.tanh(np.cumsum(X.sum(axis=2), axis=1))[..., np.newaxis] + 0.1 * rng.normal(
        size=(50, 7, 1)
    )
    if masked:
        X[3, :4] = X[7, 5:] = X[9, 2] = X[11] = np.nan
    return X, y if per_step else y[:, -1, 0]


def static_data(rng, n=60, n_steps=6):
    """Two dynamic columns around two static ones, and a target for each sequence."""
    dynamic, static = rng.normal(size=(n, n_steps, 2)), rng.normal(size=(n, 1, 2))
    static = np.broadcast_to(static, (n, n_steps, 2))
    X = np.concatenate([dynamic[..., :1], static, dynamic[..., 1:]], axis=2)
    return X, X[:, -1, 0] + X[:, 0, 1] * X[:, -1, 3] + X[:, 0, 2]


# --- sequences with labels ---


def labelled(rng, n_classes=3, n=30, n_steps=6, *, per_step=False):
    """Two features, and labels of "a", "b" and "c" that are something like learnable.

    One for each sequence depends on its last two steps, one for each step on a running sum.
    """
    X = rng.normal(size=(n, n_steps, 2))
    score = np.cumsum(X[..., 0], axis=1) if per_step else X[:, -1, 0] - X[:, -2, 0]
    score = score + 0.5 * rng.normal(size=score.shape)
    limits = np.quantile(score, np.linspace(0, 1, n_classes + 1)[1:-1])
    return X, np.array(["c", "a", "b"])[np.digitize(score, limits)]


def make_flips(n=450):
    """Whether first and last value have the same sign and, if so, that of another: (n, 5, 1)."""
    X = np.random.RandomState(0).uniform(-1, 1, size=(n, 5, 1))
    first, other, last = X[:, 0, 0], X[:, 2, 0], X[:, -1, 0]
    return X, np.where(first * last < 0, "none", np.where(other > 0, "high", "low"))


# --- y for either estimator ---

OUTPUTS = ["one", "several", "per step"]  # kinds of y


def target_for(estimator, rng, kind, n=30, n_steps=6):
    """Make y for the estimator, (n, ...): values of a regressor, labels of a classifier.

    "one" output: a value, or one of two classes; "several": two values, or one of three
    classes; "per step": two values, or one of three classes, for every step.
    """
    if not is_classifier(estimator):
        return rng.normal(size={"one": (n,), "several": (n, 2), "per step": (n, n_steps, 2)}[kind])
    classes = np.array(["a", "b", "c"])[: 2 if kind == "one" else 3]
    labels = rng.choice(classes, size=(n, n_steps) if kind == "per step" else n)
    labels.flat[: len(classes)] = classes  # each is there
    return labels


def outputs_of(estimator, X):
    """What a fitted estimator predicts in numbers: values, or the classes' probabilities."""
    return estimator.predict_proba(X) if is_classifier(estimator) else estimator.predict(X)


def of_outputs(estimator, f):
    """The same of a network's outputs f (..., K)."""
    if not is_classifier(estimator):
        return f * estimator.y_scale_ + estimator.y_mean_
    if estimator._outputs.multilabel:
        return expit(f)
    if f.shape[-1] > 1:
        return softmax(f, axis=-1)
    return np.concatenate([expit(-f), expit(f)], axis=-1)


# --- sequences of different lengths ---


def ragged_sequences(rng, n=24, longest=9):
    """A list of sequences (n_steps, 2)."""
    return [rng.normal(size=(rng.randint(1, longest + 1), 2)) for _ in range(n)]


def targets_of(X, per_step):
    """Values for each step (n_steps, 2), or one for each sequence of a list."""
    if per_step:
        return [np.tanh(x.cumsum(axis=0)) for x in X]
    return np.array([np.tanh(x.sum()) for x in X])


def cut(rng, *arrays):
    """The first steps, as many for each sequence, of arrays (N, T, ...), as lists."""
    n_steps = arrays[0].shape[1]
    lengths = rng.randint(1, n_steps + 1, size=len(arrays[0]))
    lengths[:2] = n_steps, 2
    return [[own[:n] for own, n in zip(array, lengths, strict=True)] for array in arrays]


def padded(X, side):
    """An array with NaN before or after the steps of each sequence."""
    out = np.full((len(X), max(map(len, X)), X[0].shape[1]), np.nan)
    for row, x in zip(out, X, strict=True):
        row[slice(len(row) - len(x), None) if side == "left" else slice(len(x))] = x
    return out


def as_objects(parts):
    """A list as an object array."""
    out = np.empty(len(parts), dtype=object)
    out[:] = parts
    return out


CONTAINERS = {  # of labels for the steps of each sequence
    "list of arrays": list,
    "list of lists": lambda y: [np.asarray(own).tolist() for own in y],
    "list of tuples": lambda y: [tuple(np.asarray(own).tolist()) for own in y],
    "list of series": lambda y: [pd.Series(own, index=range(3, 3 + len(own))) for own in y],
    "list of categories": lambda y: [pd.Categorical(own) for own in y],
    "tuple": tuple,
    "objects": as_objects,
    "series": lambda y: pd.Series(list(y), index=range(len(y), 0, -1)),
}


# --- tables ---


def table(n=30, D=2, dtype=np.float64, n_missing=4, seed=0):
    """Rows (n, D), some of them missing, and one in part."""
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(n, D)).astype(dtype)
    X[rng.choice(n, n_missing, replace=False)] = np.nan
    X[n // 2, 0] = np.nan
    return X


def frame(index, columns=("open", "close")):
    """A data frame of random values with an index."""
    rng = np.random.RandomState(1)
    return pd.DataFrame(rng.normal(size=(len(index), len(columns))), index, list(columns))
