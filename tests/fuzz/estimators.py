"""Cases of the estimators, with arguments that are well formed."""

import copy
import re

import numpy as np

from skrnn import RNNClassifier, RNNRegressor

from .data import sequences
from .draw import chance, one_of
from .fitted import Fitted
from .parameters import parameters
from .properties import check_properties
from .targets import targets, weights
from .watch import REFUSED

# why arguments that are well formed may be refused together
REASONS = re.compile(
    "has one class only|the same labels at all steps|nothing to learn from|washout="
    "|at least one non-zero|partial_fit|solver=|can't be combined|early_stopping=|class_weight"
    "|Several quantiles|loss='poisson'|too large|wasn't finite|sum of sample_weight"
    "|weights of the samples add up|too small for"
)


def drawn_estimator(rng, notes):
    """An estimator, its data, and the words for them."""
    classify = chance(rng, 0.4)
    X = sequences(rng)
    y, y_ndim = targets(rng, X, classify=classify)
    weight = weights(rng, X, y_ndim)
    chosen = parameters(rng, classify=classify) | X.parameters
    whole = X.n_features == 1 and X.size in ("binary", "counts", "zero")
    if whole and chance(rng, 0.5):
        chosen |= {"embedding_size": one_of(rng, [1, 3]), "n_tokens": one_of(rng, [None, 30])}
    if y_ndim < 3 and chance(rng, 0.9):
        chosen.pop("washout", None)  # it needs targets for every step
    model = (RNNClassifier if classify else RNNRegressor)(**chosen)
    shape = [x.shape for x in X.sequences[:4]]
    notes += [model, f"X: {X.container} of {X.kind} {shape} {X.dtype} {X.size}"]
    notes += [f"y with {y_ndim} axes", f"weight {type(weight).__name__}"]
    return model, X, y, weight, y_ndim


def well_formed(rng, watch, notes):
    """Arguments that are well formed, and parameters that are valid, if not all at once."""
    model, X, y, weight, y_ndim = drawn_estimator(rng, notes)
    watch.names |= set(model.get_params())
    before = dict(vars(model))
    own = validation_set(rng, notes, model, X, y, weight)
    fitted = watch.unchanged("fit", model, model.fit, X.value, y, weight, reasons=REASONS, **own)
    if fitted is REFUSED:
        return
    if fitted is not model:
        watch.find("fit doesn't return the estimator", "")
    if any(getattr(model, name) is not own for name, own in before.items()):
        watch.find("fit changes a parameter", "")
    check_properties(Fitted(watch, rng, model, X, y, weight, y_ndim, own))
    more_training(rng, watch, model, X, y, weight, y_ndim)


def validation_set(rng, notes, model, X, y, weight):
    """Arguments of `fit` for early stopping: nothing, or all or some of the sequences again."""
    if not model.early_stopping or chance(rng, 0.5):
        return {}
    n = 1 + rng.randint(len(X.sequences))
    notes.append(f"{n} sequences in X_val")
    if n == len(X.sequences):
        return {"X_val": X.value, "y_val": y, "sample_weight_val": weight}
    return {"X_val": X.of(X.sequences[:n]), "y_val": y[:n]}


def more_training(rng, watch, model, X, y, weight, y_ndim):
    """Training goes on, after some parameters were changed."""
    resumed = copy.deepcopy(model).set_params(warm_start=True, max_iter=1)
    if watch.unchanged("warm start", resumed, resumed.fit, X.value, y, weight) is not REFUSED:
        # a linear part alone has nothing to resume, and starts anew
        resumes = getattr(model, "selected_", None) != "linear"
        if resumes and len(resumed.loss_curve_) <= len(model.loss_curve_):
            watch.find("a warm start trains nothing", f"{resumed.loss_curve_}")
        Fitted(watch, rng, resumed, X, y, weight, y_ndim).values_if_any()
    if model.solver in ("lm", "lbfgs"):
        if hasattr(model, "partial_fit"):
            watch.find("partial_fit of a full-batch solver", model.solver)
        return
    more, options = copy.deepcopy(model), {"sample_weight": weight}
    if watch.unchanged("partial_fit", more, more.partial_fit, X.value, y, **options) is not REFUSED:
        Fitted(watch, rng, more, X, y, weight, y_ndim).values_if_any()
        changed_rate(watch, more, X, y, weight)


def changed_rate(watch, model, X, y, weight):
    """Training goes on with the learning rate that was set last, whatever came before."""
    model.set_params(learning_rate="cosine", max_iter=1, clip_norm=1.0, clip_value=None)
    for rate in (0.01, 0.05):
        before = model.parameters_
        model.set_params(learning_rate_init=rate)
        again = watch.call("resume", model.partial_fit, X.value, y, sample_weight=weight)
        if again is REFUSED:
            return
        model.set_params(learning_rate="constant")
    loss = model.loss_curve_
    if loss[-1] > 2 * min(loss):  # the best weights are kept then
        return
    if max(model.gradient_norm_curve_) > 1e6:  # Adam remembers it, and takes tiny steps
        return
    if model.gradient_norm_curve_[-1] > 1e-3 and np.array_equal(before, model.parameters_):
        watch.find("a changed learning rate is ignored", "")
