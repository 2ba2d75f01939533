"""The validation set: the last part of the samples, held out of training."""

import math
from collections.abc import Sequence

import numpy as np

from .origin import Origin
from .recognition import recognise


def split_last(
    X: np.ndarray,
    fraction: float,
    strata: np.ndarray | None = None,
    *,
    origin: Origin | None = None,
    classes: Sequence | np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The rows of X (N, T, D) to train on, and the rows of the validation set.

    ``strata`` (N,) names the kinds of samples, as positions in ``classes``. The last samples of
    each kind are held out; NaN means none.

    Samples that share rows of their ``origin`` with one of the validation set are in neither set:
    they would leak validation values into training. Without an origin, the content tells.
    """
    N = len(X)
    strata = np.zeros(N) if strata is None else strata
    if N == 1:
        raise ValueError(
            "early_stopping=True holds out a part of the samples, but X has only one: cut it into "
            "several sequences, or set early_stopping=False."
        )
    held_out, kinds = np.zeros(N, bool), np.unique(strata[~np.isnan(strata)])
    for kind in kinds:
        rows = np.flatnonzero(strata == kind)
        if len(rows) == 1 < len(kinds):
            raise ValueError(
                f"early_stopping=True holds out a sample of each class, but "
                f"{_named(kind, classes)} has only one, and none would be left to train on: add "
                "samples of this class, leave it out, or set early_stopping=False."
            )
        held_out[rows[len(rows) - math.ceil(fraction * len(rows)) :]] = True
    origin = recognise(X) if origin is None else origin
    kept = ~held_out
    if origin is not None and held_out.any():
        kept &= ~origin.sharing(held_out)
    for kind in kinds:
        if not kept[strata == kind].any():
            what = "" if len(kinds) == 1 else f" of {_named(kind, classes)}"
            raise ValueError(
                f"early_stopping=True with validation_fraction={fraction} leaves none{what} of {N} "
                f"samples of {X.shape[1]} steps to train on, as windows that overlap the "
                "validation set are left out. Keep the samples in the order of time "
                "(shuffle=False), lower validation_fraction, use shorter windows or more samples, "
                "or set early_stopping=False."
            )
    return np.flatnonzero(kept), np.flatnonzero(held_out)


def _named(kind: float, classes: Sequence | np.ndarray | None) -> str:
    labels = None if classes is None else np.asarray(classes).tolist()
    return f"class {int(kind) if labels is None else labels[int(kind)]!r}"
