"""Several labels at each step, each of which is on or off: 1 or 0."""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_consistent_length

from .._sklearn.user_warnings import warn_user
from .numbers import as_numbers
from .ragged import is_ragged
from .sequences import Sequences
from .targets import as_floats, require_y, spread


def number_of_labels(y: Any) -> int | None:
    """K if y is (n, T, K), or a list of (n_steps_i, K); None: y has other dimensions.

    The values are unchecked.
    """
    is_list = isinstance(y, list | tuple)
    if is_list or (str(getattr(y, "dtype", "")) == "object" and y.ndim == 1):
        shapes: Any = map(_shape, y)
    else:
        shapes = [_shape(y)[1:]]
    return next((int(shape[1]) for shape in shapes if len(shape) == 2), None)


def _shape(values):
    """The shape of an array, or of nested lists by their first items."""
    if isinstance(values, list | tuple):
        return (len(values), *(_shape(values[0]) if len(values) else ()))
    return tuple(getattr(values, "shape", ()))


def check_multilabel(
    estimator: Any, y: Any, sequences: Sequences, n_labels: int | None = None
) -> np.ndarray:
    """Return labels (N, T, K) of 0 and 1 in float64; at missing steps, they may be any numbers.

    ``n_labels`` is the K of the fit; None: any will do.
    """
    require_y(estimator, y)
    if number_of_labels(y) is None:
        raise ValueError(
            "y must be (n_samples, n_steps, n_labels), or a list of (n_steps_i, n_labels) arrays: "
            "the fit had several labels at each step, which are 1 or 0."
        )
    X = sequences.X
    y = as_floats(estimator, spread(y, sequences, "y") if is_ragged(y) else as_numbers(y, "y"))
    check_consistent_length(X, y)
    if y.shape[1] != X.shape[1]:
        raise ValueError(
            f"y has {y.shape[1]} steps, but X has {X.shape[1]}: with labels for every step, both "
            "need the same number. Labels of missing steps, NaN in X, don't count."
        )
    K = y.shape[2]
    if K == 0 or n_labels not in (None, K):
        known = "it needs one or more" if n_labels is None else f"the fit had {n_labels}"
        raise ValueError(
            f"y has {K} labels at each step, but {known}: keep a column for each label, of zeros "
            "if it is never on."
        )
    _check_values(y, sequences.mask.valid())
    return y


def _check_values(y, valid):
    """Raise ValueError unless the labels (N, T, K) of valid steps are 0 or 1."""
    bad = valid[..., np.newaxis] & (y != 0) & (y != 1)
    if not bad.any():
        return
    i, t, k = np.argwhere(bad)[0]
    where = f"sample {i}, step {t}, label {k}"
    if np.isnan(y[i, t, k]):
        raise ValueError(
            f"Input y contains NaN, first at {where}. Give the labels of such steps any value of "
            "0 and 1, and the steps a sample_weight of 0. Only missing steps, NaN in X, may have "
            "NaN."
        )
    single = "For one label of several classes at each step, pass y[..., 0]. "
    raise ValueError(
        f"y has {y[i, t, k]:.6g} at {where}: where y is (n_samples, n_steps, n_labels), each label "
        f"must be 0 or 1. {single if y.shape[2] == 1 else ''}Sets of labels become 0 and 1 by "
        "sklearn.preprocessing.MultiLabelBinarizer."
    )


def check_labels_vary(y: np.ndarray, sequences: Sequences) -> None:
    """Raise ValueError if labels (N, T, K) never change; warn if they are classes, one-hot."""
    own = y[sequences.mask.valid()]  # (M, K)
    K = own.shape[1]
    if len(own) and (own == own[0]).all():
        raise ValueError(
            f"y has the same labels at all steps, {own[0].astype(int).tolist()}: there is nothing "
            "to learn. A classifier needs a label that is on at some steps, and off at others."
        )
    if K > 1 and (own.sum(axis=1) == 1).all() and own.any(axis=0).all():
        warn_user(
            f"One of the {K} labels is on at each step, and all others are off. They are read as "
            f"{K} labels that are independent. If they are {K} classes that exclude each other, "
            "pass y.argmax(axis=2): their probabilities then add up to 1."
        )


def check_numbers_of_labels(classes: Any, n_labels: int) -> np.ndarray:
    """Return the numbers of K labels; raise ValueError if ``classes`` are others."""
    numbers = np.arange(n_labels)
    if classes is not None and not np.array_equal(classes, numbers):
        raise ValueError(
            f"classes={classes!r}: y has {n_labels} labels at each step, whose classes are their "
            f"numbers, 0 to {n_labels - 1}. Leave classes out, or pass np.arange({n_labels})."
        )
    return numbers
