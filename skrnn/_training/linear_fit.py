"""The fit of a linear part, whatever the loss."""

from dataclasses import replace

import numpy as np

from .._engine.linear_part import LinearPart
from .._engine.losses import AbsoluteError, Loss
from .baseline import best_constant_of
from .dataset import SequenceData
from .folds import Folds
from .linear_targets import linear_outputs
from .look_back import product
from .ridge import LinearFit, fit_ridge, joined, unit_of_weights

_ROUNDS = 20
_SETTLED = 1e-3  # in outputs, for y of variance 1
_WIDTH = 2.0  # of what is quadratic, times the median deviation of residuals from their median
_MEDIAN = AbsoluteError()


def fit_linear(data: SequenceData, part: LinearPart, loss: Loss, *, folds: bool) -> LinearFit:
    r"""Fit a linear part to the targets of all K outputs, by iteratively reweighted ridge.

    A loss that isn't squared has a quadratic model around the outputs f so far, with its gradient g
    and its curvature c. That is a squared error, of the targets :math:`f - g / c` with the weights
    c: Hunter and Lange, "A tutorial on MM algorithms", The American Statistician 58 (2004). The
    last round chooses the penalty, by folds. Where the loss isn't smooth, it is quadratic here for
    residuals up to twice their median deviation, which makes the most of Gaussian noise: Huber,
    "Robust estimation of a location parameter", Ann. Math. Stat. 35 (1964). The biases are those of
    the lowest loss itself. Quantiles start from the median, with its map and another bias: far out,
    where residuals have one sign, a round makes a small step.
    """
    if loss.is_quadratic:
        return fit_ridge(data, part, folds=folds)
    fits = []
    for k in range(data.y.shape[2]):
        own = data.with_(y=data.y[..., k : k + 1])
        fits.append(_fit_reweighted(own, part, loss.of_output(k), folds=folds))
    return _with_best_biases(joined(fits), data, part, loss)


def _with_best_biases(fit, data, part, loss):
    """The fit with the biases of the lowest loss, on all samples and without each fold."""
    outputs = linear_outputs(data, part, *fit.with_folds())  # (1+F, N, S, K)
    learned, folds = [data], Folds(data, data)
    learned += [folds.apart(data, fold)[0] for fold in range(len(outputs) - 1)]
    shifts = [
        best_constant_of(loss, own.with_(y=own.y - output))
        for own, output in zip(learned, outputs, strict=True)
    ]
    fold_biases = fit.fold_biases + np.reshape(shifts[1:], (-1, len(fit.bias))).T
    return replace(fit, bias=fit.bias + shifts[0], fold_biases=fold_biases)


def _fit_reweighted(data, part, loss, *, folds):
    unit = unit_of_weights(data) if folds else 1.0  # without, a weight equals repetition
    output = np.zeros_like(data.y) + _constant(loss.symmetric(), data)  # (N, S, 1)
    for own in dict.fromkeys((loss.symmetric(), loss)):
        for _ in range(_ROUNDS):
            fit = fit_ridge(_as_squares(data, own, output), part, folds=False, unit=unit)
            before, weights = output, (fit.weights[np.newaxis], fit.bias[np.newaxis])
            output = linear_outputs(data, part, *weights)[0]
            output = output + _constant(own, data.with_(y=data.y - output))
            if not np.abs(output - before)[data.rows].max() > _SETTLED:
                break
    return fit_ridge(_as_squares(data, loss, output), part, folds=folds)


def _constant(loss, data):
    """The constant of the lowest loss, as exact as the targets."""
    return best_constant_of(loss, data).astype(data.y.dtype)


def _as_squares(data, loss, output):
    """Targets and weights whose squared errors are the quadratic model of the loss."""
    y, gradient = data.y, output.copy()
    residual, weight, _ = data.with_(y=y - output).targets()
    deviation = np.abs(residual - _MEDIAN.best_constant(residual, weight, 1))
    loss = loss.smoothed(_WIDTH * _MEDIAN.best_constant(deviation, weight, 1)[0])
    loss.pointwise(output, y, gradient)
    curvature = loss.curvature(output, y)
    target = output - gradient / curvature
    of_target, weight, total = data.with_(y=curvature).targets()
    mean = (weight * of_target).sum() / total
    relative = np.where(np.isnan(y), 1, curvature / mean)[..., 0]
    return data.with_(y=target, weight=product(data.weight, relative))
