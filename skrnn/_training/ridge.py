"""Ridge regression on the last inputs, with a penalty that contiguous folds choose."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from .._engine.blocks import blocks
from .._engine.linear_part import LinearPart
from .dataset import SequenceData
from .fold_errors import error_to_expect
from .folds import N_FOLDS, fold_of_rows, has_steps_in_folds

_PENALTIES = 10.0 ** np.arange(-12, 5.01, 0.5)  # for inputs and targets of variance 1
_FREE = 1000.0  # how much less the weight of the last input counts in the penalty
_ROUNDING = 10 * np.finfo(float).eps  # of the largest variance: less is rounding
_TIED = 30.0  # without folds, the penalty is so many times the variance of the noise
_TIED_ROUNDS = 60
_LEAST = 0.01  # of the variance: samples that repeat, with many inputs, leave no noise at all


@dataclass(frozen=True)
class LinearFit:
    """A linear part, fitted on all data and without each of the folds.

    Attributes
    ----------
    weights : ndarray of shape (K, L*D+M)
        Of the last inputs and the static covariates.
    bias, penalty : ndarray of shape (K,)
    fold_weights : ndarray of shape (K, F, L*D+M)
        Those without each of the folds; F is 0 without folds.
    fold_biases : ndarray of shape (K, F)
    fold_errors : ndarray of shape (K, F)
        Sum over each fold of weighted errors, see `Loss.error`, where the fold was left out.
    total : ndarray of shape (K,)
        Sum of all weights.
    constant_errors : ndarray of shape (K, F)
        The same for the mean of the other folds.
    """

    weights: np.ndarray
    bias: np.ndarray
    penalty: np.ndarray
    fold_weights: np.ndarray
    fold_biases: np.ndarray
    fold_errors: np.ndarray
    total: np.ndarray
    constant_errors: np.ndarray

    def with_folds(self) -> tuple[np.ndarray, np.ndarray]:
        """Weights (1+F, K, L*D+M) and biases (1+F, K), of all data and without each fold."""
        weights = np.concatenate([self.weights[np.newaxis], self.fold_weights.swapaxes(0, 1)])
        return weights, np.concatenate([self.bias[np.newaxis], self.fold_biases.T])


class Block(NamedTuple):
    """Some samples: a sequence each, or a step with a target."""

    inputs: np.ndarray  # (n, L*D+M)
    y: np.ndarray  # (n, K)
    weight: np.ndarray  # (n,)
    fold: np.ndarray  # (n,) int


def fit_ridge(data: SequenceData, part: LinearPart, *, folds: bool, unit: float = 1.0) -> LinearFit:
    r"""Fit a linear part.

    It minimizes :math:`\sum_i w_i (y_i - A z_i - b)^2 + \lambda \lVert A \rVert^2` with the last
    inputs z. The penalty λ of each output is that with the lowest error to expect by held-out
    folds, see `error_to_expect`. These are contiguous, and nothing is left out between them:
    Bergmeir, Hyndman and Koo, "A note on the validity of cross-validation for evaluating
    autoregressive time series prediction", Comput. Stat. Data Anal. 120 (2018).

    The penalty is on the weights of the inputs, or on those of the differences between steps, with
    a nearly free weight of the last input: whichever has the lower error on the folds. The first
    shrinks predictions towards the mean, the second towards persistence.

    Parameters
    ----------
    data : SequenceData
    part : LinearPart
    folds : bool
        Whether to use folds. Otherwise, λ is a multiple of the variance of the noise.
    unit : float
        Of the weights, in λ without folds.
    """
    if not _shares_samples(data):
        alone = (data.with_(y=data.y[..., k : k + 1]) for k in range(data.y.shape[2]))
        return joined([fit_ridge(own, part, folds=folds, unit=unit) for own in alone])
    blocks = _Blocks(data, part, N_FOLDS if folds else 1)
    moments = _moments_of_folds(blocks)
    total = _Moments(*(np.sum(parts, axis=0) for parts in zip(*moments, strict=True)))
    levels, differences = np.eye(len(total.x)), _differences(part, len(total.x))
    if not folds:
        return _tied(total, levels, unit)
    penalties = _PENALTIES * unit_of_weights(data)
    bases = levels, differences
    found = [_by_folds(blocks, moments, total, basis, penalties) for basis in bases]
    return min(found, key=itemgetter(1))[0]


def joined(fits: Sequence[LinearFit]) -> LinearFit:
    """The fits of some outputs as one."""
    parts = ([getattr(fit, field.name) for fit in fits] for field in fields(LinearFit))
    return LinearFit(*map(np.concatenate, parts))


class _Blocks:
    """The samples of a data set, block by block."""

    def __init__(self, data: SequenceData, part: LinearPart, n_folds: int):
        self._data, self._part, self.n_folds = data, part, n_folds

    def __iter__(self) -> Iterator[Block]:
        data, part = self._data, self._part
        T, n_rows = data.X.shape[1], len(data.rows)
        S = T if data.per_step else 1
        numbers = T * data.X.shape[2] + S * part.n_columns
        folds = fold_of_rows(n_rows, self.n_folds)
        by_steps = has_steps_in_folds(data)
        for rows in blocks(n_rows, numbers):
            batch = data.batch(data.rows[rows])
            T, _, B = batch.x.shape
            S = len(batch.y)
            inputs = part.inputs(batch.x, batch.missing, batch.static, S)
            weight = np.ones((S, B)) if batch.weight is None else batch.weight[:, 0]
            fold = folds[rows]
            if by_steps:
                fold = np.zeros((S, 1), int)
                steps = np.flatnonzero(weight.any(axis=1))
                fold[steps, 0] = fold_of_rows(len(steps), self.n_folds)
            fold = np.broadcast_to(fold, (S, B))
            known = weight.ravel() > 0
            block = _samples(inputs), _samples(batch.y), weight.ravel(), fold.ravel()
            yield Block(*(a[known].astype(float, copy=False) for a in block))


def _samples(a):
    """From (S, rows, B) to (S*B, rows)."""
    return a.swapaxes(1, 2).reshape(-1, a.shape[1])


class _Moments(NamedTuple):
    """Weighted sums of products, of the inputs x and targets y of some samples."""

    w: np.ndarray  # ()
    x: np.ndarray  # (N,)
    y: np.ndarray  # (K,)
    xx: np.ndarray  # (N, N)
    xy: np.ndarray  # (N, K)
    yy: np.ndarray  # (K,)


def _moments_of_folds(blocks):
    found: list[_Moments | None] = [None] * blocks.n_folds
    for block in blocks:
        for fold in range(blocks.n_folds):
            rows = block.fold == fold
            x, y, w = block.inputs[rows], block.y[rows], block.weight[rows]
            wx = x * w[:, np.newaxis]
            own = _Moments(w.sum(), wx.sum(axis=0), w @ y, wx.T @ x, wx.T @ y, w @ y**2)
            before = found[fold]
            found[fold] = own if before is None else _Moments(*map(np.add, before, own))
    return found


class _Solutions:
    """The solutions for all penalties, of one set of moments, in a basis (N, N) of the weights."""

    def __init__(self, moments: _Moments, basis: np.ndarray):
        self.w = max(float(moments.w), np.finfo(float).tiny)
        self.mean, self.mean_y = moments.x / self.w, moments.y / self.w
        centered = moments.xx - self.w * np.outer(self.mean, self.mean)
        values, vectors = np.linalg.eigh(basis.T @ centered @ basis)
        self.values, self.basis = values.clip(0), basis @ vectors
        products = moments.xy - self.w * np.outer(self.mean, self.mean_y)
        self.products = self.basis.T @ products  # (N, K)
        self.products[values <= _ROUNDING * values[-1]] = 0

    def weights(self, penalties: np.ndarray) -> np.ndarray:
        """The weights (..., K, N) for penalties (..., K)."""
        shrunk = self.products / (self.values[:, np.newaxis] + penalties[..., np.newaxis, :])
        return (self.basis @ shrunk).swapaxes(-1, -2)

    def biases(self, weights: np.ndarray) -> np.ndarray:
        """The biases (..., K) of weights (..., K, N)."""
        return self.mean_y - weights @ self.mean


def unit_of_weights(data: SequenceData) -> float:
    """The size of the weights, Σw² / Σw, in steps of `_PENALTIES`: small factors don't count."""
    if data.weight is None:
        return 1.0
    _, weight, _ = data.targets()
    largest = weight.max()
    if not largest:
        return 1.0
    share = weight / largest
    return 10.0 ** (np.round(2 * np.log10(largest * (share**2).sum() / share.sum())) / 2)


def _by_folds(blocks, moments, total, basis, penalties):
    """The fit with the penalties of the lowest errors to expect, and the sum of these."""
    others = [_Moments(*map(np.subtract, total, own)) for own in moments]
    whole, parts = _Solutions(total, basis), [_Solutions(own, basis) for own in others]
    K, n_folds, n_penalties = len(whole.mean_y), len(parts), len(penalties)
    path = np.repeat(penalties[:, np.newaxis], K, axis=1)  # (penalties, K)
    weights = [own.weights(path) for own in parts]  # (penalties, K, N) each
    biases = [own.biases(W) for own, W in zip(parts, weights, strict=True)]
    errors, constant = np.zeros((n_penalties, K, n_folds)), np.zeros((K, n_folds))
    squared_weights = np.zeros(n_folds)
    for block in blocks:
        for fold, own in enumerate(parts):
            rows = block.fold == fold
            y, w = block.y[rows], block.weight[rows]
            predicted = block.inputs[rows] @ weights[fold].reshape(n_penalties * K, -1).T
            predicted = predicted.reshape(len(y), n_penalties, K) + biases[fold]
            errors[..., fold] += np.tensordot(w, (predicted - y[:, np.newaxis]) ** 2, 1)
            constant[:, fold] += w @ (y - own.mean_y) ** 2
            squared_weights[fold] += w @ w
    parted = zip(moments, weights, biases, strict=True)
    sums = np.stack([own.y - W @ own.x - b * own.w for own, W, b in parted], axis=-1)
    of_folds = np.array([own.w for own in moments])
    expected = error_to_expect(errors, sums, of_folds, squared_weights)  # (penalties, K)
    best = expected.argmin(axis=0)  # (K,)
    outputs, penalty = np.arange(K), penalties[best]
    chosen = whole.weights(penalty)
    fit = LinearFit(
        chosen,
        whole.biases(chosen),
        penalty,
        np.stack([W[best, outputs] for W in weights], axis=1),
        np.stack([b[best, outputs] for b in biases], axis=1),
        errors[best, outputs],
        np.full(K, total.w),
        constant,
    )
    return fit, expected[best, outputs].sum()


def _tied(total, basis, unit):
    """The fit with penalties of `_TIED` times the variance of what it leaves unexplained."""
    solutions = _Solutions(total, basis)
    d, products = solutions.values[:, np.newaxis], solutions.products
    yy = total.yy - solutions.w * solutions.mean_y**2
    noise = variance = yy / solutions.w  # (K,), s²
    for _ in range(_TIED_ROUNDS):
        penalty = np.maximum(_TIED * np.maximum(noise, _LEAST * variance), _PENALTIES[0]) * unit
        shrunk = products / (d + penalty)
        unexplained = yy - (shrunk * (2 * products - d * shrunk)).sum(axis=0)
        gamma = (d / (d + penalty)).sum(axis=0)  # effective number of weights
        count = np.maximum(solutions.w / unit - gamma, 1)
        noise = np.maximum(unexplained / unit / count, noise / 2)
    weights = solutions.weights(penalty)
    K, N = weights.shape
    none = np.zeros((K, 0))
    no_folds = np.zeros((K, 0, N)), none, none, np.full(K, total.w), none
    return LinearFit(weights, solutions.biases(weights), penalty, *no_folds)


def _differences(part, n_columns):
    """The basis of the weights of differences between steps, and of a nearly free last input."""
    D, L = part.n_columns // part.n_steps, part.n_steps
    basis = np.eye(n_columns)
    for row in range((L - 1) * D):
        # the weight of x_k - x_{k-1}, which lies where that of x_{k-1} was
        basis[row, row], basis[row + D, row] = -1, 1
    basis[:, (L - 1) * D : L * D] *= _FREE
    return basis


def _shares_samples(data):
    """Whether each sample has a target for all outputs, or for none."""
    known = ~np.isnan(data.y[data.rows])
    return data.y.shape[2] == 1 or bool((known.all(axis=2) == known.any(axis=2)).all())
