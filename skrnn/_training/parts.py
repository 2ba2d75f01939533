"""Parts of the samples to hold out in turn, by the content of samples rather than their order."""

import hashlib
from typing import NamedTuple

import numpy as np

from .._engine.masking import StepMask
from .origin import Origin
from .recognition import recognise


class Parts(NamedTuple):
    """Parts of the samples to hold out in turn.

    Attributes
    ----------
    pairs : list of (ndarray, ndarray)
        For each part, the rows to train on, and the rows to hold out; none if there are too few.
    repeated : bool
        Whether each sequence occurs twice or more often, on average, so that none is held out:
        sequences that are to be predicted will be known.
    """

    pairs: list[tuple[np.ndarray, np.ndarray]]
    repeated: bool = False


_N_FOLDS = 4
_N_PARTS = 3  # of the folds are held out: each is the price of a training run
_FEWEST = 20  # different sequences
_REPEATS = 2  # of each sequence, on average
_MANY = 100  # sequences with their repeats; fewer tell too little of what will come
_BLOCK = 1024  # sequences whose valid steps are found at once
_NONE = -1  # the fold of samples that are never held out


def parts_to_hold_out(
    X: np.ndarray,
    mask: StepMask,
    static: np.ndarray | None,
    strata: np.ndarray | None,
    weight: np.ndarray,
    stop: np.ndarray,
    origin: Origin | None,
) -> Parts:
    """Three quarters of the samples, each with the samples to train on.

    Equal sequences are in one fold, and folds depend neither on the order of the samples nor on
    their precision. So a weight of 2 equals a sequence that occurs twice. ``strata`` (N,) names the
    kinds of samples, of which each fold holds as many, and ``weight`` (N,) how often each sample
    counts. Steps from ``stop`` (N,) on, after the last target, don't matter.

    Windows of a series are held out as successive ones; those that share rows with them are left
    out of both sets.
    """
    origin = recognise(X) if origin is None else origin
    kinds = np.zeros(len(X)) if strata is None else np.where(np.isnan(strata), -1, strata)
    counts = weight > 0
    if origin is None:
        digests = _digests(X, mask, static, counts, stop)
        if weight.sum() >= max(_MANY, _REPEATS * len(np.unique(digests[counts]))):
            return Parts([], repeated=True)
        folds = _folds_of_different(digests, kinds, counts)
    else:
        folds = _successive_folds(origin, counts)
    parts = []
    for fold in range(_N_PARTS):
        held_out = folds == fold
        kept = counts & ~held_out
        if origin is not None and held_out.any():
            kept &= ~origin.sharing(held_out)
        if held_out.any() and _suffices(kept, kinds, counts):
            parts.append((np.flatnonzero(kept), np.flatnonzero(held_out)))
    return Parts(parts)


def _suffices(kept, kinds, counts):
    """Whether half of the samples are left, and each kind is among them."""
    return 2 * kept.sum() >= counts.sum() and np.isin(kinds[counts], kinds[kept]).all()


def _folds_of_different(digests, kinds, counts):
    """The fold of each sample; all -1 if there are too few different sequences."""
    folds = np.full(len(digests), _NONE)
    different, inverse = np.unique(digests[counts], return_inverse=True)
    if len(different) < _FEWEST:
        return folds
    own = np.full(len(different), np.inf)
    np.minimum.at(own, inverse, kinds[counts])  # of equal sequences of several kinds, the first
    fold_of, n_before = np.full(len(different), _NONE), 0
    for kind in np.unique(own):
        rows = np.flatnonzero(own == kind)  # in the order of their digests
        if len(rows) >= _N_FOLDS:
            fold_of[rows] = (n_before + np.arange(len(rows))) % _N_FOLDS
            n_before += len(rows)
    folds[counts] = fold_of[inverse]
    return folds


def _digests(X, mask, static, counts, stop):
    """A number for each sequence (N,), which depends on its valid steps and static covariates."""
    digests = np.zeros(len(X), np.uint64)
    rows = np.flatnonzero(counts)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        for i, valid in zip(block, mask.valid(block), strict=True):
            own = X[i, : stop[i]]
            if not mask.complete:
                own = own[valid[: stop[i]]]
            digest = hashlib.blake2b(np.ascontiguousarray(own, np.float32).data, digest_size=8)
            if static is not None:
                digest.update(np.ascontiguousarray(static[i], np.float32).data)
            digests[i] = int.from_bytes(digest.digest(), "little")
    return digests


def _successive_folds(origin, counts):
    """Folds of windows in the order of their rows."""
    order = np.argsort(origin.take(np.flatnonzero(counts)).first, kind="stable")
    folds = np.full(len(counts), _NONE)
    if len(order) >= _FEWEST:
        folds[np.flatnonzero(counts)[order]] = np.arange(len(order)) * _N_FOLDS // len(order)
    return folds
