"""Scores of classification: accuracy, and the likelihood of labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import accuracy_score
from sklearn.utils.validation import check_is_fitted

from .._engine.masking import next_steps_of
from .._sklearn.fitted_copy import of_one_fit
from .._validation.labels import check_comparable, check_labels, find_labels
from .._validation.multilabel import check_multilabel
from .._validation.sample_weight import check_weights, weights_where
from .._validation.sequences import Sequences
from .classification_targets import ClassificationOutputs
from .next_token import check_predicts_tokens
from .prediction import Reduce

_UNSEEN = (
    "that the fit had, so that they have no probability. Give rare tokens one number in both, "
    "by TokenEncoder(min_frequency=2), or score samples without these labels"
)


class ClassifierScores:
    """`score`, and the log-likelihood that perplexity is made of."""

    _outputs: ClassificationOutputs
    _topology: Any
    _run: Callable[..., tuple[np.ndarray, np.ndarray, Sequences]]
    _reducer: Callable[[str], Callable[[Sequences], Reduce]]

    @of_one_fit
    def score(
        self, X: ArrayLike, y: ArrayLike | None = None, sample_weight: ArrayLike | None = None
    ) -> float:
        """Accuracy, over all valid steps if each has a label; without y, log-likelihood of a token.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `predict`.
        y : array-like or list of arrays, default=None
            True labels, in the shape that `fit` saw. Labels of missing steps don't count. None is
            for a fit without y, whose labels are the next tokens.
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_steps), default=None
            Weights of the sequences, or of their steps, as in `fit`.

        Returns
        -------
        score : float
            `sklearn.metrics.accuracy_score` of the predictions. With several labels at each step,
            this is the subset accuracy: the share of the steps whose labels are all right. Without
            y, the mean natural logarithm of the probability of a token, given those before it.

        Raises
        ------
        ValueError
            If X, y or sample_weight are malformed, y has labels of steps where `fit` had labels
            of sequences, or the other way round, or another number of labels at each step, or y is
            None although `fit` had one.

        See Also
        --------
        neg_perplexity : Score of texts, for ``scoring=``.
        """
        check_is_fitted(self)
        if y is None:
            return self._log_likelihood(X, None, sample_weight)
        if self._outputs.multilabel:
            return self._subset_accuracy(X, y, sample_weight)
        per_step = self._topology.per_step
        predicted, _, sequences = self._run(X, None, reducer=self._reducer("labels"))  # (N, S)
        true, labelled = find_labels(self, y, sequences)
        if per_step and labelled is None:
            raise ValueError(
                "y has one label for each sequence, but the fit had one for each step: pass "
                "(n_samples, n_steps), or a list of (n_steps_i,) arrays."
            )
        if labelled is not None and not per_step:
            raise ValueError(
                "y has one label for each step, but the fit had one for each sequence: pass "
                "(n_samples,)."
            )
        weight = check_weights(sample_weight, sequences, per_step)
        if labelled is None:
            predicted, weight = predicted[:, 0], None if weight is None else weight[:, 0]
        else:
            predicted = predicted[labelled]
            weight = weights_where(weight, labelled)
        classes = self._outputs.classes
        check_comparable(true, classes)
        return accuracy_score(true, predicted, sample_weight=weight)

    def _subset_accuracy(self, X: ArrayLike, y: Any, sample_weight: ArrayLike | None) -> float:
        """The share of valid steps whose labels are all right."""
        predicted, _, sequences = self._run(X, None, reducer=self._reducer("labels"))  # (N, T, K)
        true = check_multilabel(self, y, sequences, self._topology.n_outputs)
        valid = sequences.mask.valid()
        weight = weights_where(check_weights(sample_weight, sequences, per_step=True), valid)
        return accuracy_score(true[valid].astype(int), predicted[valid], sample_weight=weight)

    def _log_likelihood(
        self, X: ArrayLike, y: ArrayLike | None, sample_weight: ArrayLike | None = None
    ) -> float:
        """Mean logarithm of the probability of a label; without y, of the next token."""
        if self._outputs.multilabel and y is not None:
            raise ValueError(
                "The fit had several labels at each step, but a perplexity is that of one: use "
                "sklearn.metrics.log_loss of each label, after flatten_steps."
            )
        if y is None:
            check_predicts_tokens(self, self._topology)
        codes = np.empty(0)  # (N, S), NaN where there is none

        def reducer(sequences: Sequences) -> Reduce:
            nonlocal codes
            codes = self._codes(sequences, y)
            index = np.nan_to_num(codes).astype(int)[..., np.newaxis]

            def reduce(output: np.ndarray, rows: Any, steps: slice) -> np.ndarray:
                log_p = self._outputs.log_probabilities(output)  # (B, S, n_classes)
                return np.take_along_axis(log_p, index[rows, steps], axis=-1)[..., 0]

            return reduce

        with np.errstate(all="ignore"):
            log_p, _, sequences = self._run(X, None, reducer=reducer)
        known = ~np.isnan(codes)
        if not known.any():
            raise ValueError("There is nothing to score: no step of X has a next one.")
        weight = check_weights(sample_weight, sequences, self._topology.per_step)
        weight = weights_where(weight, known)
        return float(np.average(log_p[known].astype(np.float64), weights=weight))

    def _codes(self, sequences: Sequences, y: Any) -> np.ndarray:
        """The number of the class of each label (N, S), NaN where there is none."""
        classes = self._outputs.classes
        if y is None:
            return next_steps_of(sequences.X, sequences.mask.valid())[..., 0]
        codes, _ = check_labels(self, y, sequences, classes, origin=_UNSEEN)
        if (codes.ndim == 3) != self._topology.per_step:
            kinds = "one label for each sequence", "one for each step"
            had = kinds[self._topology.per_step]
            raise ValueError(f"The fit had {had}, but y has another kind of labels: pass such.")
        return codes.reshape(len(codes), -1)
