"""Fits, predictions and scores of sequences of labels."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import Tags
from sklearn.utils._param_validation import Interval, StrOptions, validate_parameter_constraints
from sklearn.utils.validation import check_is_fitted

from .._engine.beam_search import BeamSearch
from .._engine.predictor import Predictor
from .._sklearn.decorators import available_if, fit_context
from .._sklearn.fitted_copy import of_one_fit
from .._training.solvers import SCHEDULES
from .._validation.counts import check_count
from .._validation.label_sequences import check_label_sequences
from .._validation.sequences import Sequences, check_sequences
from .._validation.target_sequences import check_sequence_weights
from .classification_targets import CLASSIFICATION_CONSTRAINTS, check_classes
from .label_search import search_in_chunks
from .label_sequence_targets import (
    LabelSequenceOutputs,
    LabelSequenceTargets,
    check_kind,
    label_sequence_targets,
)
from .network_parameters import hidden_sizes_of
from .seq2seq import BaseSeq2Seq
from .solver_choice import check_takes_parts, supports_partial_fit
from .validation_set import ValidationSet

_OF_SEARCH = "beam_width", "length_penalty", "max_steps"
_MANY = 32  # steps, of which there are more sequences than any search keeps


class Seq2SeqClassification(BaseSeq2Seq):
    """`fit`, `partial_fit`, `predict`, `decode` and `score`.

    It is no `ClassifierMixin`: of one, scikit-learn's searches take lists of labels for a form of
    multilabel targets that they no longer support.
    """

    _outputs: LabelSequenceOutputs
    classes_: np.ndarray
    beam_width: int
    length_penalty: float
    max_steps: int | None
    _remembers_sequences = True  # a label may hang on any of the steps

    _parameter_constraints: dict = {
        **BaseSeq2Seq._parameter_constraints,
        "learning_rate": [StrOptions({"auto", *SCHEDULES})],
        **CLASSIFICATION_CONSTRAINTS,
        "beam_width": [Interval(Integral, 1, None, closed="left")],
        "length_penalty": [Interval(Real, 0, None, closed="left")],
        "max_steps": [Interval(Integral, 1, None, closed="left"), None],
    }

    def _make_targets(
        self, y: Any, sequences: Sequences, sample_weight: Any, classes: Any, before: Any
    ) -> LabelSequenceTargets:
        n_steps = None
        if before is not None:
            classes, n_steps = before.classes, self._topology.n_steps
        return label_sequence_targets(self, y, sequences, sample_weight, classes, before, n_steps)

    def _labels_of(self, targets: Any) -> dict[str, Any]:
        n_labels = len(targets.classes)
        size = self.embedding_size
        if size is None:  # as many numbers tell all labels apart
            estimator: Any = self
            size = min(n_labels + 1, hidden_sizes_of(estimator.hidden_size)[0])
        return {"n_labels": n_labels, "label_size": int(size)}

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: ArrayLike,
        y: Any,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        y_val: Any = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences: an array ``(n_samples, n_steps, n_features)``, or a list of
            ``(n_steps_i, n_features)`` arrays. In an array ``(n_samples, n_columns)``, each row is
            one sequence with ``n_features_per_step`` values per step. A step that is NaN is
            missing. With `embedding_size`, lists may also have 1-D sequences of tokens.
        y : array-like or list of sequences
            Labels, which are numbers or strings. A list, a series or an object array of sequences
            ``(n_steps_i,)`` says that they may have any length, also 0: the network then learns
            where they end. In an array ``(n_samples, n_steps)``, all have the same length, and in
            an array ``(n_samples,)``, one label. The container decides, not the lengths. A text is
            no sequence of labels: pass ``list(text)`` for its characters.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the sequences. The loss ignores targets of weight 0. If all sequences are in
            one batch, a weight of 2 equals a sequence that occurs twice.
        X_val : array-like or list of arrays, default=None
            Sequences of a validation set for `early_stopping`. Nothing is then held out of X:
            `validation_fraction` doesn't apply, and nothing that overlaps is left out. X_val must
            have been transformed as X was. A `Pipeline` does so by ``transform_input=["X_val"]``,
            with metadata routing.
        y_val : array-like or list of sequences, default=None
            What y is for X, in the same layout. The classes are those of y.
        sample_weight_val : array-like, default=None
            Weights of X_val, in the layout of sample_weight.

        Returns
        -------
        self : Seq2SeqClassifier
            The fitted estimator.

        Raises
        ------
        ValueError
            If any of the arguments is malformed, if y is NaN before the last label of a sequence,
            if only one of X_val and y_val is passed, if they are passed without `early_stopping`,
            or if the loss of the first epoch isn't finite. The estimator is then unchanged, as it
            is after any other exception.
        """
        validation = ValidationSet(X_val, y_val, sample_weight_val)
        return self._fit(X, y, sample_weight, incremental=False, validation=validation)

    @available_if(supports_partial_fit)
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: ArrayLike,
        y: Any,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch. The next call resumes from there.

        The solver "lbfgs" has no `partial_fit`. `n_init` doesn't apply. The penalty is divided by
        the weights of all labels so far, of which further epochs count once, as in `RNNClassifier`.
        `max_steps` of None is twice the longest sequence of all calls.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `fit`. Their number may differ from call to call.
        y : array-like or list of sequences
            Labels, as in `fit`: in all calls a list, or in all calls an array.
        classes : array-like of shape (n_classes,), default=None
            All labels that can occur. None means those of y in the first call.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, as in `fit`.

        Returns
        -------
        self : Seq2SeqClassifier
            The estimator after one more epoch.

        Raises
        ------
        ValueError
            If X, y or sample_weight are malformed or don't match the earlier calls. The estimator
            is then unchanged.
        """
        check_takes_parts(self)
        if classes is not None:
            classes = check_classes(self, classes)
        return self._fit(X, y, sample_weight, incremental=True, classes=classes)

    @of_one_fit
    def predict(self, X: ArrayLike) -> Any:
        """Predict sequences of labels: each label is read before the next one is predicted.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences in the layout that `fit` saw. In 3-D input and lists, the number of steps may
            be another one. An empty sequence gets the prediction of the initial state.

        Returns
        -------
        y : ndarray or list of arrays
            ``(n_samples,)`` or ``(n_samples, n_steps)``, as in `fit`. If `fit` had a list or an
            object array, it is one of ``(n_steps_i,)`` arrays, of `max_steps` labels at most.

        Raises
        ------
        ValueError
            If X is malformed, or the network's outputs grow beyond all bounds.

        See Also
        --------
        decode : Several sequences for each sample, with their probabilities.
        """
        codes, _, _ = self._search(X)
        return self._outputs.sequences(codes[:, 0])

    @of_one_fit
    def decode(self, X: ArrayLike, n_best: int = 1) -> tuple[Any, np.ndarray]:
        """The likeliest sequences that the search has found, with their log-probabilities.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `predict`.
        n_best : int, default=1
            How many for each sample, `beam_width` at most.

        Returns
        -------
        sequences : ndarray or list of lists of arrays
            ``(n_samples, n_best)`` or ``(n_samples, n_best, n_steps)``, the best ones first. If
            sequences have any length, it is a list of n_best arrays for each sample.
        log_proba : ndarray of shape (n_samples, n_best)
            Logarithms of the probabilities of these sequences, with their ends. With a
            `length_penalty`, they needn't be in descending order.

        Raises
        ------
        ValueError
            If X is malformed, or n_best is below 1 or more than the search keeps.
        TypeError
            If n_best is no whole number.

        Examples
        --------
        Two thirds of the answers are "yes":

        >>> import numpy as np
        >>> from skrnn import Seq2SeqClassifier
        >>> X, y = np.ones((90, 2, 1)), [list("no"), list("yes"), list("yes")] * 30
        >>> model = Seq2SeqClassifier(beam_width=2, random_state=0).fit(X, y)
        >>> sequences, log_proba = model.decode(X[:1], n_best=2)
        >>> for own, log_p in zip(sequences[0], log_proba[0]):
        ...     print("".join(own), np.exp(log_p).round(2))
        yes 0.67
        no 0.33
        """
        codes, log_p, _ = self._search(X, n_best)
        found = [list(self._outputs.sequences(own)) for own in codes]
        sequences = found if self._outputs.ends else np.array(found)
        return sequences, log_p.sum(axis=2, dtype=np.float64)

    @of_one_fit
    def score(self, X: ArrayLike, y: Any, sample_weight: ArrayLike | None = None) -> float:
        """The share of sequences whose labels are right throughout.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `predict`.
        y : array-like or list of sequences
            True labels, as in `fit`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the sequences.

        Returns
        -------
        score : float
            Between 0 and 1. A sequence with one wrong label, or one too many, counts as wrong.

        Raises
        ------
        ValueError
            If X, y or sample_weight are malformed, or y is an array where `fit` had a list, or the
            other way round.
        """
        check_is_fitted(self)
        codes, _, sequences = self._search(X)
        found = check_label_sequences(self, y, sequences)
        n_steps = None if found.ends else self._topology.n_steps
        check_kind(found, ends=self._outputs.ends, n_steps=n_steps)
        V = len(self._outputs.classes)
        true = found.spread(self._outputs.numbers(found.labels), V)  # (N, S)
        predicted, S = codes[:, 0], max(codes.shape[2], true.shape[1])
        both = [
            np.pad(own, ((0, 0), (0, S - own.shape[1])), constant_values=V)
            for own in (true, predicted)
        ]
        right = (both[0] == both[1]).all(axis=1)
        weight = check_sequence_weights(sample_weight, sequences)
        return float(np.average(right, weights=None if weight is None else weight[:, 0]))

    def _search(self, X: ArrayLike, n_best: int = 1) -> tuple[np.ndarray, np.ndarray, Sequences]:
        """The numbers (N, n_best, S) of labels, their log-probabilities, and checked sequences."""
        check_is_fitted(self)
        search = self._beam_search(n_best)
        sequences = check_sequences(self, X, reset=False)
        codes, log_p = search_in_chunks(search, self.parameters_, sequences, self.n_jobs)
        return codes, log_p, sequences

    def _beam_search(self, n_best: int) -> BeamSearch:
        constraints = {name: self._parameter_constraints[name] for name in _OF_SEARCH}
        given = {name: getattr(self, name) for name in _OF_SEARCH}  # may have been set after fit
        validate_parameter_constraints(constraints, given, caller_name=type(self).__name__)
        topology, width = self._topology, int(self.beam_width)
        V, S = topology.n_labels, topology.n_steps
        if topology.ends:
            longest = 2 * (S - 1) if self.max_steps is None else int(self.max_steps)
            topology, S = replace(topology, n_steps=longest + 1), longest
            n_all = sum(V**s for s in range(min(S, _MANY) + 1))
        else:
            n_all = V ** min(S, _MANY)
        width = min(width, n_all)
        fix = f"pass up to {width}, as there are no more sequences"
        if width < n_all:
            fix = f"a search of beam_width={self.beam_width} keeps up to {width}: raise beam_width"
        n_best = check_count(n_best, "n_best", most=width, fix=fix)
        return BeamSearch(topology, width, float(self.length_penalty), n_best)

    def _read_by_decoders(
        self, predictor: Predictor, sequences: Sequences
    ) -> tuple[list[np.ndarray], np.ndarray]:
        topology, search = self._topology, self._beam_search(1)
        codes, _ = search_in_chunks(search, self.parameters_, sequences, self.n_jobs)
        codes = codes[:, 0]  # (N, S), of all networks together
        n_written = (codes < topology.n_labels).sum(axis=1) + topology.ends
        first = topology.first_read(len(codes))
        read = np.concatenate([first, codes.T[:-1, np.newaxis].astype(first.dtype)])
        return [read] * topology.n_networks, n_written

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags
