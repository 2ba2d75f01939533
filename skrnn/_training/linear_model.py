"""A linear part that is fitted to a data set, and judged by held-out folds."""

from dataclasses import dataclass, replace

import numpy as np

from .._engine.linear_part import LinearPart
from .._engine.losses import Loss
from .baseline import best_constant_of
from .dataset import SequenceData
from .folds import N_FOLDS, Folds, has_repeats_or_weights, has_samples_for_folds
from .linear_fit import fit_linear
from .linear_targets import linear_outputs
from .look_back import complete, product, weigh_incomplete
from .ridge import LinearFit

_MOST = 0.75  # of samples: with fewer complete ones, the linear part learns from others, too


@dataclass(frozen=True)
class LinearModel:
    """A linear part on a data set.

    Attributes
    ----------
    part : LinearPart
    fit : LinearFit
        Whose errors on folds are those of all samples.
    outputs : ndarray of shape (1+F, N, S, K)
        By the fit on all samples, and by those without each fold.
    learned : SequenceData
        The samples that it was fitted to.
    folds : Folds
        Of all samples.
    weight : ndarray of shape (N, 1) or (N, S), or None
        Weights of all samples, where those with an incomplete look-back count less.
    """

    part: LinearPart
    fit: LinearFit
    outputs: np.ndarray
    learned: SequenceData
    folds: Folds
    weight: np.ndarray | None

    @property
    def is_finite(self) -> bool:
        """Whether its outputs and errors are."""
        fit = self.fit
        numbers = self.outputs, fit.penalty, fit.fold_errors, fit.constant_errors
        return all(bool(np.isfinite(a).all()) for a in numbers)


def fit_linear_model(data: SequenceData, part: LinearPart, loss: Loss) -> LinearModel:
    """Fit a linear part to the samples with a complete look-back or, if these are few, to all."""
    known = data.with_(weight=product(data.weight, complete(data, part.n_steps)))
    model = _fitted(known if has_all_targets(known) else data, data, part, loss)
    if model.learned.total < _MOST * data.total:
        model = _fitted(data.with_(weight=model.weight), data, part, loss)
    if not model.fit.fold_errors.size or (loss.is_quadratic and model.weight is data.weight):
        return model  # there are none, or ridge regression has found them
    return replace(model, fit=_judged_by_all(model, data, loss))


def has_all_targets(data: SequenceData) -> bool:
    """Whether each output has a target that counts."""
    _, weight, _ = data.targets()  # (1, J, n)
    return bool(weight.any(axis=2).all())


def _fitted(known, data, part, loss):
    folds = has_samples_for_folds(known) and not has_repeats_or_weights(data)
    fit = fit_linear(known, part, loss, folds=folds)
    outputs = linear_outputs(data, part, *fit.with_folds())
    weight = weigh_incomplete(data, part, data.y - outputs[0])
    return LinearModel(part, fit, outputs, known, Folds(data, known), weight)


def _judged_by_all(model, data, loss):
    """The fit with the errors of all samples, by their own weights, incomplete ones as well."""
    errors: list[np.ndarray] = []  # (K,) of each fold
    constant: list[np.ndarray] = []
    totals: list[np.ndarray] = []
    for fold in range(N_FOLDS):
        outside, inside = model.folds.apart(data, fold)
        best = best_constant_of(loss, outside)
        for found, predicted in (errors, model.outputs[1 + fold]), (constant, best):
            y, weight, _ = inside.with_(y=inside.y - predicted).targets()  # (1, K, n)
            found.append((weight * loss.error(y)).sum(axis=(0, 2)))
        totals.append(weight.sum(axis=(0, 2)))
    return replace(
        model.fit,
        fold_errors=np.stack(errors, axis=1),
        constant_errors=np.stack(constant, axis=1),
        total=np.sum(totals, axis=0),
    )
