"""Fits, predictions and scores of sequences of numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from .._engine.predictor import Predictor
from .._sklearn.decorators import available_if, fit_context
from .._sklearn.fitted_copy import of_one_fit
from .._validation.sample_weight import weights_where
from .._validation.sequences import Sequences
from .._validation.target_sequences import check_sequence_weights, check_target_sequences
from .regression import RegressionBase
from .regression_targets import REGRESSION_CONSTRAINTS
from .seq2seq import BaseSeq2Seq, given_of
from .sequence_targets import SequenceTargets, sequence_targets
from .solver_choice import check_takes_parts, supports_partial_fit
from .validation_set import ValidationSet


class Seq2SeqRegression(RegressionBase, BaseSeq2Seq):
    """`fit`, `partial_fit`, `predict` and `score`."""

    _parameter_constraints: dict = {
        **BaseSeq2Seq._parameter_constraints,
        **REGRESSION_CONSTRAINTS,
    }

    def _make_targets(
        self, y: Any, sequences: Sequences, sample_weight: Any, classes: Any, before: Any
    ) -> SequenceTargets:
        return sequence_targets(self, y, sequences, sample_weight)

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
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
        y : array-like or list of arrays
            Targets, whose steps are counted apart from those of X: an array ``(n_samples,)`` of one
            number each, ``(n_samples, n_steps)`` of one sequence each, or ``(n_samples, n_steps,
            n_outputs)``. For sequences of different lengths, pass a list of ``(n_steps_i,)`` or
            ``(n_steps_i, n_outputs)`` arrays, or an array with NaN after the end of each.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the sequences. The loss ignores targets of weight 0. If all sequences are in
            one batch, a weight of 2 equals a sequence that occurs twice.
        X_val : array-like or list of arrays, default=None
            Sequences of a validation set for `early_stopping`. Nothing is then held out of X:
            `validation_fraction` doesn't apply, and nothing that overlaps is left out. X_val must
            have been transformed as X was. A `Pipeline` does so by ``transform_input=["X_val"]``,
            with metadata routing.
        y_val : array-like or list of arrays, default=None
            What y is for X, in the same layout. The scale is that of y.
        sample_weight_val : array-like, default=None
            Weights of X_val, in the layout of sample_weight.

        Returns
        -------
        self : Seq2SeqRegressor
            The fitted estimator.

        Raises
        ------
        ValueError
            If any of the arguments is malformed, if y is NaN before the last target of a sequence,
            if only one of X_val and y_val is passed, if they are passed without `early_stopping`,
            or if the loss of the first epoch isn't finite. The estimator is then unchanged, as it
            is after any other exception.
        """
        validation = ValidationSet(X_val, y_val, sample_weight_val)
        return self._fit(X, y, sample_weight, incremental=False, validation=validation)

    @available_if(supports_partial_fit)
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train for one epoch. The next call resumes from there.

        The solver "lbfgs" has no `partial_fit`. `n_init` doesn't apply. The penalty is divided by
        the weights of all targets so far, of which further epochs count once, as in `RNNRegressor`.
        The scale of y is that of the first call, as the decoder reads targets on that scale: let
        it have typical targets. As long as y doesn't vary, the scale is 1. `predict` gives the
        longest sequence of all calls.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `fit`. Their number may differ from call to call.
        y : array-like or list of arrays
            Targets, as in `fit`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, as in `fit`.

        Returns
        -------
        self : Seq2SeqRegressor
            The estimator after one more epoch.

        Raises
        ------
        ValueError
            If X, y or sample_weight are malformed or don't match the earlier calls. The estimator
            is then unchanged.
        """
        check_takes_parts(self)
        return self._fit(X, y, sample_weight, incremental=True)

    def _read_by_decoders(
        self, predictor: Predictor, sequences: Sequences
    ) -> tuple[list[np.ndarray], np.ndarray]:
        topology, given, read = self._topology, given_of(sequences), []
        for theta in predictor.of_networks(self.parameters_):  # each reads what it writes itself
            outputs = predictor.network.forward(theta, **given).outputs  # (S, K, N)
            first = topology.first_read(outputs.shape[2])
            read.append(np.concatenate([first, topology.fed_back(outputs[:-1])]))
        return read, np.full(len(sequences.X), len(read[0]))

    def _free_run(self, X: ArrayLike, n_steps: int = 0) -> tuple[np.ndarray, Sequences]:
        """The network's outputs (N, S, K), of so many steps at least, and checked sequences."""
        own, predictor = getattr(self, "_topology", None), None
        if own is not None and n_steps > own.n_steps:
            predictor = Predictor(replace(own, n_steps=n_steps))
        output, _, sequences = self._run(X, None, predictor=predictor)
        return output, sequences

    @of_one_fit
    def predict(self, X: ArrayLike) -> np.ndarray:
        """Predict sequences, step by step: each step reads the prediction before.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences in the layout that `fit` saw. In 3-D input and lists, the number of steps may
            be another one. An empty sequence gets the prediction of the initial state.

        Returns
        -------
        y : ndarray
            ``(n_samples,)``, ``(n_samples, n_steps)`` or ``(n_samples, n_steps, n_outputs)``, as in
            `fit`. After a list, it is an array, too: n_steps is that of the longest sequence in
            `fit`. Several quantiles have one more axis, the last one.

        Raises
        ------
        ValueError
            If X is malformed, or predictions grow beyond all bounds.
        """
        output, _ = self._free_run(X)
        y, outputs = self._in_unit_of_y(output), self._outputs
        if outputs.y_ndim == 3:
            return y
        if outputs.lists_quantiles:
            return y[:, 0]
        return y[..., 0] if outputs.y_ndim == 2 else y[:, 0, 0]

    @of_one_fit
    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Coefficient of determination R², over all steps that have a target.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `predict`.
        y : array-like or list of arrays
            True targets, as in `fit`. Sequences may be longer or shorter than those of `fit`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the sequences.

        Returns
        -------
        score : float
            `sklearn.metrics.r2_score` of the predictions, which never read a target. For several
            quantiles, it is the mean of their `sklearn.metrics.d2_pinball_score`.

        Raises
        ------
        ValueError
            If X, y or sample_weight are malformed, or y has another number of outputs than in
            `fit`.
        """
        check_is_fitted(self)
        # X is checked before y, and says how many targets there are
        output, sequences = self._free_run(X)
        true, _ = check_target_sequences(self, y, sequences)
        if true.shape[1] > output.shape[1]:
            output, _ = self._free_run(X, true.shape[1])
        predicted = self._in_unit_of_y(output)[:, : true.shape[1]]
        J = self._outputs.n_targets
        if true.shape[2] != J:
            raise ValueError(
                f"y has {true.shape[2]} values at each step, but fit had {J}: pass such targets."
            )
        known = ~np.isnan(true).any(axis=2)  # (N, S)
        weight = weights_where(check_sequence_weights(sample_weight, sequences), known)
        return self._score(true[known], predicted[known], weight)
