"""A fitted estimator under watch: its predictions, and how much rounding may change them."""

import copy

import numpy as np
from sklearn.base import is_classifier

from .watch import REFUSED, differs


class Fitted:
    """A fitted estimator under watch, with the data that it was fitted on.

    Parameters
    ----------
    watch : Watch
    rng : RandomState
    model : RNNRegressor or RNNClassifier
    X : Input
    y, weight : array-like
    y_ndim : int
        1 or 2 for one target per sequence, 3 for one per step.
    own : dict
        The validation set that was passed to `fit`.
    """

    def __init__(self, watch, rng, model, X, y, weight, y_ndim, own=None):
        self.watch, self.rng, self.model = watch, rng, model
        self.X, self.y, self.weight, self.y_ndim = X, y, weight, y_ndim
        self.own = own or {}
        self.per_step = y_ndim == 3
        self.outputs = self.watch.call("predict", self.of(model), X.value)

    def values_if_any(self):
        """Check what `predict` returned, if it did."""
        if self.outputs is not REFUSED:
            self.container_and_values()

    def of(self, model):
        """The method that returns numbers."""
        return model.predict_proba if is_classifier(model) else model.predict

    def expect(self, name, actual, expected=None, tolerance=0.0):
        """Compare what a call returned with what was expected, unless it was refused."""
        expected = self.outputs if expected is None else expected
        if actual is REFUSED or expected is REFUSED:
            return
        text = differs(actual, expected, tolerance)
        if text is not None:
            self.watch.find(name, text)

    def conditioning(self):
        """The largest change of predictions that rounding may cause."""
        model = copy.copy(self.model)
        theta, dtype = model.parameters_, model.parameters_.dtype
        if np.abs(theta).max() > np.finfo(dtype).max ** 0.4:  # sums may be infinite, or not
            return np.inf
        eps = np.finfo(dtype).eps
        flat = [np.ravel(own) for own in self.outputs]
        largest = max((np.abs(own).max() for own in flat if own.size), default=0.0)
        if hasattr(model, "y_scale_"):
            largest = max(largest, np.abs(model.y_scale_).max(), np.abs(model.y_mean_).max())
        with np.errstate(all="ignore"):
            tolerance = (1e-5 if dtype == np.float32 else 1e-9) * float(largest) + 1e-300
            for _ in range(2):
                noise = 1 + 16 * eps * self.rng.choice([-1, 1], size=theta.shape)
                model.parameters_ = (theta * noise).astype(dtype)
                moved = self.watch.call("predict", self.of(model), self.X.value)
                if moved is REFUSED:
                    return np.inf
                changes = [
                    np.abs(np.subtract(a, b, dtype=float))
                    for a, b in zip(moved, self.outputs, strict=True)
                ]
                change = max((own.max() for own in changes if own.size), default=0.0)
                tolerance = max(tolerance, 30 * change)
        return tolerance

    def container_and_values(self):
        """Finite, in the dtype, the shape and the container that the docs promise."""
        outputs, X, model = self.outputs, self.X, self.model
        n_outputs = (len(model.classes_),) if is_classifier(model) else ()
        quantiles = np.ndim(getattr(model, "quantile", 0.5)) > 0 and model.loss == "quantile"
        if not is_classifier(model) and (self.y_ndim > 1 or quantiles):
            n_outputs = (model.n_outputs_,)
        listed = self.per_step and X.kind == "list"
        if listed:
            kind = list if X.container != "objects" else np.ndarray
            if not isinstance(outputs, kind):
                self.watch.find("container of predictions", f"{type(outputs)} for {X.container}")
            shapes = [(len(x), *n_outputs) for x in X.sequences]
        else:
            steps = (len(X.sequences[0]),) if self.per_step else ()
            shapes = [(*steps, *n_outputs)] * len(X.sequences)
        found = [np.shape(own) for own in outputs]
        if found != shapes:
            self.watch.find("shape of predictions", f"{found} not {shapes}")
        flat = np.concatenate([np.ravel(own) for own in outputs])
        if not np.isfinite(flat).all():
            self.watch.find("prediction not finite", str(flat[~np.isfinite(flat)][:3]))
        if flat.dtype != X.dtype and not listed:
            text = f"{flat.dtype} for X in {X.dtype} ({X.container})"
            self.watch.find("dtype of predictions", text)
        if not np.isfinite(model.parameters_).all():
            self.watch.find("weight not finite", "")
        if not np.isfinite(model.loss_curve_).all():
            self.watch.find("loss not finite", str(model.loss_curve_))
        if is_classifier(model) and flat.size:
            sums = [np.sum(p, axis=-1) for p in outputs]
            if flat.min() < 0 or flat.max() > 1:
                self.watch.find("probability not in [0, 1]", f"{flat.min()} to {flat.max()}")
            excluding = not model._outputs.multilabel
            if excluding and not all(np.allclose(own, 1, atol=1e-4) for own in sums):
                self.watch.find("probabilities don't sum to 1", "")

    def named(self):
        """Whether X has static covariates that are chosen by name."""
        return any(isinstance(own, str) for own in self.X.parameters.get("static_features", ()))

    def compare(self, name, sequences, expected):
        """Compare predictions of plain sequences with those expected, one by one."""
        try:
            X = self.X.of(sequences)
        except ValueError:
            return
        actual = self.watch.call(name, self.of(self.model), X)
        if actual is REFUSED:
            if not (self.named() or self.tolerance == np.inf):
                self.watch.find(f"{name}: refused", "")
            return
        for a, b in zip(actual, expected, strict=True):
            self.expect(name, np.atleast_1d(a), np.atleast_1d(b), self.tolerance)
