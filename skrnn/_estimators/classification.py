"""Labels, probabilities and scores of classification of sequences and their steps."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import check_is_fitted, column_or_1d

from .._engine.cross_entropy import BinaryCrossEntropy, CrossEntropy
from .._validation.labels import check_labels, find_labels
from .._validation.sample_weight import check_weights
from .streaming import check_bounded


class SequenceClassifierMixin(ClassifierMixin):
    """What classification adds to a recurrent network: classes, weights of them, predictions."""

    _scaling = None  # labels have no scale

    def _check_classes(self, classes):
        """All classes, of those that `partial_fit` was told of now or at first."""
        known = getattr(self, "classes_", None)
        if classes is None:
            if known is None:
                raise ValueError("classes must be passed on the first call to partial_fit.")
            return known
        classes = unique_labels(column_or_1d(classes))
        if known is not None and not np.array_equal(classes, known):
            raise ValueError(
                f"classes={classes.tolist()} is not the same as on the last call to partial_fit, "
                f"which was: {known.tolist()}."
            )
        if len(classes) < 2:
            raise ValueError(f"classes={classes.tolist()}: a classifier needs two or more.")
        return classes

    def _check_targets(self, y, sequences, goes_on, classes):
        """Labels as `fit` takes them, as numbers of classes: (N,) or (N, T, 1)."""
        codes, self.classes_ = check_labels(
            self, y, sequences, self.classes_ if goes_on else classes
        )
        self._loss = BinaryCrossEntropy() if len(self.classes_) == 2 else CrossEntropy()
        return codes

    def _count_outputs(self, targets):
        n_classes = len(self.classes_)
        return 1 if n_classes == 2 else n_classes

    def _scale_targets(self, targets, weight, rows, keep):
        """Nothing to scale."""

    def _strata(self, targets):
        """The class of each sequence, if it has one."""
        return targets[:, 0, 0] if targets.shape[1] == 1 else None

    def _weigh(self, targets, weight):
        """Weights (N, 1) or (N, S) of targets (N, S, 1), times those of their classes."""
        if self.class_weight is None:
            return weight
        codes, real = targets[..., 0], ~np.isnan(targets[..., 0])  # (N, S)
        index = np.where(real, codes, 0).astype(int)
        weight = np.ones_like(codes) if weight is None else np.broadcast_to(weight, codes.shape)
        if isinstance(self.class_weight, str):  # "balanced"
            totals = np.bincount(index[real], weight[real], minlength=len(self.classes_))
            n_present = np.count_nonzero(totals)
            of_class = totals.sum() / (n_present * np.where(totals > 0, totals, np.inf))
        else:
            of_class = self._weights_of_classes()
        with np.errstate(over="ignore"):  # their sum is looked at next
            return weight * of_class[index] * real

    def _weights_of_classes(self):
        """Of a dict, (n_classes,); classes that it doesn't name weigh 1."""
        known = self.classes_.tolist()
        unknown = [label for label in self.class_weight if label not in known]
        if unknown:
            raise ValueError(
                f"class_weight has weights for {unknown}, but the classes are {known}: remove "
                "them, or mend their spelling and type."
            )
        weights = np.array([self.class_weight.get(label, 1) for label in known], float)
        if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
            raise ValueError(
                f"class_weight={self.class_weight!r} must have finite weights that aren't "
                "negative, and not all 0."
            )
        return weights

    def predict(self, X: ArrayLike) -> np.ndarray | list[np.ndarray]:
        """Predict the labels.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences in the layout that `fit` saw. In 3-D input and lists, the number of
            steps may be another one. A sequence without any step gets the prediction of
            the initial state, a skipped step that of the step before (if bidirectional, what
            the steps around it tell).

        Returns
        -------
        y : ndarray or list of arrays
            ``(n_samples,)``, or ``(n_samples, n_steps)`` if `fit` had a label for every step;
            of a list of sequences, a list of ``(n_steps_i,)`` arrays then, and of an object
            array of them an object array.
        """
        return self._of_classes(X, self._labels)

    def predict_proba(self, X: ArrayLike) -> np.ndarray | list[np.ndarray]:
        """Predict the probabilities of the classes.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `predict`.

        Returns
        -------
        p : ndarray or list of arrays
            As `predict` returns them, with one more axis: of the classes, in the order of
            ``classes_``.
        """
        return self._of_classes(X, self._proba)

    def predict_log_proba(self, X: ArrayLike) -> np.ndarray | list[np.ndarray]:
        """Predict the logarithms of the probabilities of the classes.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `predict`.

        Returns
        -------
        log_p : ndarray or list of arrays
            As `predict_proba` returns them. Finite where the probability itself would be 0.
        """
        return self._of_classes(X, self._log_proba)

    def step(self, x: ArrayLike, state: ArrayLike | None = None) -> tuple[object, np.ndarray]:
        """Predict the label from one more time step, and return the state to go on from.

        Feeding a sequence step by step equals `predict` on the whole, at the cost of one
        step each.

        Parameters
        ----------
        x : array-like of shape (n_features,) or (n_sequences, n_features)
            One time step of one sequence, or of many. Where all features are NaN, nothing
            happened: the state stays and the prediction is repeated. Static features are
            read where a sequence starts. Of a model of flat rows, x has their values in
            front, then those of the step.
        state : array-like or None, default=None
            The state that was returned for the step before; None starts a sequence.

        Returns
        -------
        y : label or ndarray of labels
            As `predict` has it for the step, with one per sequence if there are many.
        state : ndarray of shape (n_state,) or (n_sequences, n_state)
            Plain numbers, to be kept, copied or stored.

        Raises
        ------
        ValueError
            If x or state are malformed, or a bidirectional network would have to wait for
            the sequence's end.

        See Also
        --------
        step_proba : The same with probabilities.
        """
        return self._one_step(x, state, lambda output: self._of_step(output, self._labels))

    def step_proba(
        self, x: ArrayLike, state: ArrayLike | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Predict probabilities from one more time step, and return the state to go on from.

        Parameters
        ----------
        x : array-like of shape (n_features,) or (n_sequences, n_features)
            One time step, as in `step`.
        state : array-like or None, default=None
            The state that was returned for the step before; None starts a sequence.

        Returns
        -------
        p : ndarray of shape (n_classes,) or (n_sequences, n_classes)
            As `predict_proba` has them for the step.
        state : ndarray of shape (n_state,) or (n_sequences, n_state)
            Plain numbers, to be kept, copied or stored.

        Examples
        --------
        >>> import numpy as np
        >>> from skrnn import RNNClassifier
        >>> X = np.random.RandomState(0).normal(size=(60, 12, 1))
        >>> y = np.where(X.sum(axis=(1, 2)) > 0, "up", "down")
        >>> model = RNNClassifier(random_state=0).fit(X, y)
        >>> state = None
        >>> for x in X[0]:
        ...     p, state = model.step_proba(x, state)
        >>> bool(np.allclose(p, model.predict_proba(X[:1])[0]))
        True
        """
        return self._one_step(x, state, lambda output: self._of_step(output, self._proba))

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Accuracy, over all real steps if each has a label.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `predict`.
        y : array-like or list of arrays
            True labels, in the shape that `fit` saw. Of steps that X lacks, they don't count.
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_steps), default=None
            Weights of the sequences, or of their steps, as in `fit`.

        Returns
        -------
        score : float
            `sklearn.metrics.accuracy_score` of the predictions.
        """
        check_is_fitted(self)
        if not self._topology.per_step:
            return super().score(X, y, sample_weight)
        output, sequences = self._outputs(X)
        true, present = find_labels(self, y, sequences)
        if present is None:
            raise ValueError(
                "y has one label for each sequence, but the fit had one for every step: pass "
                "(n_samples, n_steps), or a list of (n_steps_i,) arrays."
            )
        weight = check_weights(sample_weight, sequences, per_step=True)
        if weight is not None:
            weight = np.broadcast_to(weight, present.shape)[present]
        return accuracy_score(true, self._labels(output)[present], sample_weight=weight)

    def _of_classes(self, X, function):
        """``function`` of the outputs (N, S, K), in the shape that is returned."""
        check_is_fitted(self)
        output, sequences = self._outputs(X)
        values = function(output)
        return sequences.in_container(values) if self._topology.per_step else values[:, 0]

    def _of_step(self, output, function):
        check_bounded(self, output)
        return function(output)

    def _log_proba(self, output):
        with np.errstate(over="ignore", under="ignore"):
            return self._loss.log_probabilities(output)

    def _proba(self, output):
        with np.errstate(under="ignore"):
            return np.exp(self._log_proba(output))

    def _labels(self, output):
        return self.classes_[self._loss.likeliest(output)]
