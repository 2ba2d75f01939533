"""What holds for every fitted estimator, whatever its parameters and data."""

import copy
import pickle

import numpy as np
from sklearn.base import clone, is_classifier

from tests.helpers.data import of_outputs
from tests.helpers.oracle_cells import outputs as equations_of_cells

from .draw import chance, one_of
from .frozen import frozen
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
    """

    def __init__(self, watch, rng, model, X, y, weight, y_ndim):
        self.watch, self.rng, self.model = watch, rng, model
        self.X, self.y, self.weight, self.y_ndim = X, y, weight, y_ndim
        self.per_step = y_ndim == 3
        self.outputs = self.watch.call("predict", self.of(model), X.value)

    def check(self):
        """Check all properties."""
        if self.outputs is REFUSED:  # beyond all bounds
            return
        self.container_and_values()
        self.tolerance = self.conditioning()
        for check in (
            self.labels,
            self.same_bits,
            self.copies,
            self.weights,
            self.score,
            self.subset,
            self.missing_steps,
            self.padding,
            self.plain_sequences,
            self.steps,
            self.states,
            self.names,
            self.equations,
        ):
            check()

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
        if [np.shape(own) for own in outputs] != shapes:
            self.watch.find(
                "shape of predictions", f"{[np.shape(o) for o in outputs]} not {shapes}"
            )
        flat = np.concatenate([np.ravel(own) for own in outputs])
        if not np.isfinite(flat).all():
            self.watch.find("prediction not finite", str(flat[~np.isfinite(flat)][:3]))
        if flat.dtype != X.dtype and not listed:
            self.watch.find(
                "dtype of predictions", f"{flat.dtype} for X in {X.dtype} ({X.container})"
            )
        if not np.isfinite(model.parameters_).all():
            self.watch.find("weight not finite", "")
        if not np.isfinite(model.loss_curve_).all():
            self.watch.find("loss not finite", str(model.loss_curve_))
        if (
            is_classifier(model)
            and flat.size
            and not (
                flat.min() >= 0
                and all(np.allclose(np.sum(p, axis=-1), 1, atol=1e-4) for p in outputs)
            )
        ):
            self.watch.find("probabilities don't sum to 1", "")

    def labels(self):
        """The label is the most probable class."""
        if not is_classifier(self.model):
            return
        labels = self.watch.call("predict", self.model.predict, self.X.value)
        if labels is not REFUSED:
            for own, p in zip(labels, self.outputs, strict=True):
                chosen = np.asarray(own)[..., np.newaxis] == self.model.classes_  # one-hot
                if np.size(own) and not np.allclose(
                    np.sum(p * chosen, axis=-1), np.max(p, axis=-1), atol=1e-6
                ):
                    self.watch.find("label isn't the most probable class", f"{own}, {p}")
                    break
            if getattr(labels, "dtype", None) not in (None, object, self.model.classes_.dtype):
                self.watch.find(
                    "dtype of labels", f"{labels.dtype} not {self.model.classes_.dtype}"
                )

    def same_bits(self):
        """The same seed, and any number of threads, give the same bits."""
        again = clone(self.model).set_params(n_jobs=one_of(self.rng, [None, 1, 2, -1]))
        X = self.X.value if self.named() or chance(self.rng, 0.5) else self.X.of(self.X.sequences)
        if self.watch.call("fit again", again.fit, X, self.y, self.weight) is REFUSED:
            self.watch.find("refused when fitted again", "")
        else:
            self.expect("same seed, other bits", again.parameters_, self.model.parameters_)

    def copies(self):
        """A pickle predicts the same, and predicting changes nothing."""
        before = frozen(vars(self.model))
        copied = pickle.loads(pickle.dumps(self.model))
        self.expect(
            "pickle predicts otherwise", self.watch.call("pickle", self.of(copied), self.X.value)
        )
        if frozen(vars(self.model)) != before or frozen(vars(copied)) != before:
            self.watch.find("predicting or pickling changes the estimator", "")

    def weights(self):
        """`set_weights` undoes a change."""
        copied = copy.deepcopy(self.model)
        weights = copied.get_weights()
        self.watch.call(
            "set_weights", copied.set_weights, {name: 0 * w for name, w in weights.items()}
        )
        self.watch.call("set_weights", copied.set_weights, weights)
        self.expect(
            "weights set aren't those that were got", copied.parameters_, self.model.parameters_
        )

    def score(self):
        """The score of the training data is a number, for all that `fit` took."""
        score = self.watch.call("score", self.model.score, self.X.value, self.y, self.weight)
        if score is not REFUSED and np.isnan(score) and len(self.X.sequences) > 2:
            self.watch.find("score is NaN", "")

    def subset(self):
        """Predictions don't depend on the other sequences."""
        n = len(self.X.sequences)
        rows = self.rng.permutation(n)[: self.rng.randint(1, n + 1)]
        self.compare(
            "subset of rows", [self.X.sequences[i] for i in rows], [self.outputs[i] for i in rows]
        )

    def named(self):
        """Whether X has static covariates that are chosen by name."""
        return any(isinstance(own, str) for own in self.X.parameters.get("static_features", ()))

    def names(self):
        """Columns in another order are refused."""

        def swapped(frame):
            return frame[list(frame.columns)[::-1]]

        if self.X.container in ("pandas", "polars") and self.X.sequences[0].shape[1] > 1:
            X = self.X.value
            X = list(map(swapped, X)) if self.X.kind == "list" else swapped(X)
            self.watch.call("columns in another order", self.of(self.model), X, must_refuse="names")
            row = (X[0] if self.X.kind == "list" else X)[:1]
            if self.X.kind == "list" and len(row) and not self.model.bidirectional:
                self.watch.call(
                    "step: columns in another order", self.model.step, row, must_refuse="names"
                )

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

    def plain_sequences(self):
        """Any container holds the same values."""
        self.compare("plain container", self.X.sequences, self.outputs)

    def missing_steps(self):
        """A missing step repeats the prediction of the step before."""
        if not self.per_step or self.model.bidirectional:
            return
        for x, y in zip(self.X.sequences, self.outputs, strict=True):
            missing = np.isnan(x[:, : self.X.n_features]).all(axis=1)
            for t in np.flatnonzero(missing[1:]) + 1:
                self.expect(
                    "missing step", np.atleast_1d(y[t]), np.atleast_1d(y[t - 1]), self.tolerance
                )

    def padding(self):
        """Missing steps before and after a sequence change nothing."""
        if self.X.kind == "rows":
            return
        before, after = self.rng.randint(0, 3, size=2)
        padded = [
            np.pad(x, ((before, after), (0, 0)), constant_values=np.nan) for x in self.X.sequences
        ]
        expected = self.outputs
        if self.per_step:
            actual = self.watch.call("padding", self.of(self.model), self.X.of(padded))
            if actual is REFUSED:
                return
            for own, y in zip(actual, expected, strict=True):
                if len(y):
                    valid = own[before : before + len(y)]
                    self.expect("padding", valid, y, self.tolerance)
            return
        self.compare("padding", padded, expected)

    def steps(self):
        """`step` after `step` equals `predict`."""
        i = self.rng.randint(len(self.X.sequences))
        x, y, state = self.X.sequences[i], self.outputs[i], None
        if self.model.bidirectional or not len(x):
            return
        D = self.X.n_features
        function = self.model.step_proba if is_classifier(self.model) else self.model.step
        got = []
        for own in x:
            own = np.roll(own, self.X.static) if self.X.kind == "rows" else own
            result = self.watch.call("step", function, own, state)
            if result is REFUSED:
                if self.tolerance < np.inf:
                    self.watch.find("step refused", f"{own} of D={D}")
                return
            p, state = result
            got.append(p)
        got = np.asarray(got if self.per_step else got[-1:])
        expected = y if self.per_step else np.asarray(y)[np.newaxis]
        self.expect("step isn't predict", got, np.asarray(expected), self.tolerance)

    def states(self):
        """`predict` with the state after the first steps equals `predict` on all."""
        if self.model.bidirectional or self.X.kind != "array" or len(self.X.sequences[0]) < 2:
            return
        X = np.stack(self.X.sequences)
        t = self.rng.randint(1, X.shape[1])
        first = self.watch.call("return_state", self.of(self.model), X[:, :t], return_state=True)
        if first is REFUSED:
            return
        y, state = first
        rest = self.watch.call("initial_state", self.of(self.model), X[:, t:], state)
        if rest is not REFUSED:
            whole = np.concatenate([y, rest], axis=1) if self.per_step else rest
            self.expect("state of the first steps", whole, np.asarray(self.outputs), self.tolerance)

    def equations(self):
        """Predictions are those of the documented equations, with the weights that one gets."""
        i, model = self.rng.randint(len(self.X.sequences)), self.model
        weights = {name: w.astype(float) for name, w in model.get_weights().items()}
        x, D = self.X.sequences[i].astype(float), self.X.n_features
        x, covariates = x[:, :D], x[:, D:]
        if np.isnan(x).all():  # or no step
            return
        for name in [name for name in weights if name.endswith(".static")]:
            layer = name.removesuffix(".static")
            start = weights.pop(name) @ covariates[~np.isnan(x).all(axis=1)][0]
            key = f"{layer}.initial_state"
            weights[key] = weights.get(key, 0) + start
        with np.errstate(all="ignore"):
            steps, last = equations_of_cells(model._topology, weights, x)
            f = steps if self.per_step else last
            if getattr(model, "loss", None) == "poisson":
                f = np.exp(f)
            elif np.ndim(getattr(model, "quantile", 0.5)) and model.loss == "quantile":
                f = np.sort(f)
            expected = of_outputs(model, f)
        if not is_classifier(model) and self.outputs[i].ndim < expected.ndim:
            expected = expected[..., 0]
        if np.isfinite(expected).all():
            own = self.outputs[i].astype(float)
            self.expect(
                "not the equations", np.atleast_1d(own), np.atleast_1d(expected), self.tolerance
            )
