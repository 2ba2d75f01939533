"""The validation set: the last part of the samples, held out of training."""

import math
from collections.abc import Sequence

import numpy as np

from .origin import Origin
from .recognition import recognise

_OTHERWISE = "pass X_val and y_val to fit, or set early_stopping=False"


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
            f"several sequences, {_OTHERWISE}."
        )
    kinds = _kinds(strata)
    for kind in kinds:
        if np.count_nonzero(strata == kind) == 1 < len(kinds):
            raise ValueError(
                f"early_stopping=True holds out a sample of each class, but "
                f"{_named(kind, classes)} has only one, and none would be left to train on: add "
                f"samples of this class, leave it out, {_OTHERWISE}."
            )
    origin = recognise(X) if origin is None else origin
    kept, held_out = _split(strata, fraction, origin)
    for kind in kinds:
        if not kept[strata == kind].any():
            what = "" if len(kinds) == 1 else f" of {_named(kind, classes)}"
            n_held_out = np.count_nonzero(held_out)
            others = ", and the others overlap with these" if n_held_out < N else ""
            raise ValueError(
                f"early_stopping=True with validation_fraction={fraction} leaves none{what} of {N} "
                f"samples of {X.shape[1]} steps to train on: {n_held_out} are held out{others}. "
                f"{remedies(X, fraction, strata, origin=origin, share=0)}"
            )
    return np.flatnonzero(kept), np.flatnonzero(held_out)


def remedies(
    X: np.ndarray,
    fraction: float,
    strata: np.ndarray | None = None,
    *,
    origin: Origin | None = None,
    share: float,
) -> str:
    """A sentence with what would leave more samples to train on, for the arguments of `split_last`.

    What it names leaves some of each kind, and this share of all that aren't held out.
    """
    strata = np.zeros(len(X)) if strata is None else strata
    origin = recognise(X) if origin is None else origin
    order = None if origin is None else origin.order_of_time()

    def serves(strata, fraction, origin):
        kept, held_out = _split(strata, fraction, origin)
        some = all(kept[strata == kind].any() for kind in _kinds(strata))
        return some and kept.sum() >= share * (len(X) - held_out.sum())

    found = []
    if origin is not None and order is not None:
        if serves(strata[order], fraction, origin.take(order)):
            found.append("keep the samples in the order of time (shuffle=False)")
    else:
        found.append("use more samples")
    lower = fraction
    while lower * len(X) > 1:
        lower /= 2
        if serves(strata, lower, origin):
            found.append(f"lower validation_fraction to {lower:g}")
            break
    n_steps = 1 if origin is None else len(origin.offsets[0])
    while origin is not None and n_steps > 1:
        n_steps //= 2
        if serves(strata, fraction, origin.shortened(n_steps)):
            found.append(f"cut windows of {n_steps} steps or fewer")
            break
    text = ", ".join([*found, _OTHERWISE])
    return f"{text[0].upper()}{text[1:]}."


def _kinds(strata: np.ndarray) -> np.ndarray:
    return np.unique(strata[~np.isnan(strata)])


def _split(
    strata: np.ndarray, fraction: float, origin: Origin | None
) -> tuple[np.ndarray, np.ndarray]:
    """Which samples (N,) to train on, and which to hold out."""
    held_out = np.zeros(len(strata), bool)
    for kind in _kinds(strata):
        rows = np.flatnonzero(strata == kind)
        held_out[rows[len(rows) - math.ceil(fraction * len(rows)) :]] = True
    kept = ~held_out
    if origin is not None and held_out.any():
        kept &= ~origin.sharing(held_out)
    return kept, held_out


def _named(kind: float, classes: Sequence | np.ndarray | None) -> str:
    labels = None if classes is None else np.asarray(classes).tolist()
    return f"class {int(kind) if labels is None else labels[int(kind)]!r}"
