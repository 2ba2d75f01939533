"""The methods of `RNNRegressor` that train."""

from __future__ import annotations

from typing import Self

from numpy.typing import ArrayLike

from .._sklearn import available_if, fit_context
from .base import BaseRNN
from .solver_choice import supports_partial_fit
from .validation_set import ValidationSet


class RegressorTraining(BaseRNN):
    """`fit` and `partial_fit`."""

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
            missing.
        y : array-like or list of arrays
            Targets. Pass an array ``(n_samples,)`` or ``(n_samples, n_outputs)`` for one target per
            sequence. Pass an array ``(n_samples, n_steps, n_outputs)`` or a list of
            ``(n_steps_i, n_outputs)`` arrays for one target per step, even if n_outputs is 1. NaN
            marks steps without a target.
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_steps), default=None
            Weights of the sequences, or of their steps if each step has a target. For a list of
            sequences, the weights of steps are a list of arrays. The loss ignores targets of weight
            0. If all sequences are in one batch, a weight of 2 equals a sequence that occurs twice.
        X_val : array-like or list of arrays, default=None
            Sequences of a validation set for `early_stopping`. Nothing is then held out of X:
            `validation_fraction` doesn't apply, and nothing that overlaps is left out. X_val must
            have been transformed as X was. A `Pipeline` does so by ``transform_input=["X_val"]``,
            with metadata routing.
        y_val : array-like or list of arrays, default=None
            What y is for X, in the same layout. The scale is that of y, and so are the classes.
        sample_weight_val : array-like, default=None
            Weights of X_val, in the layout of sample_weight.

        Returns
        -------
        self : RNNRegressor
            The fitted estimator.

        Raises
        ------
        ValueError
            If any of the arguments is malformed, if only one of X_val and y_val is passed, if they
            are passed without `early_stopping`, or if the loss of the first epoch isn't finite.
            The estimator is then unchanged, as it is after any other exception.
        """
        validation = ValidationSet(X_val, y_val, sample_weight_val)
        return self._fit(X, y, sample_weight, incremental=False, validation=validation)

    @available_if(supports_partial_fit)
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train for one epoch. The next call resumes from there.

        The first call sets the scale of y, and warns if y doesn't vary. The solvers "lm" and
        "lbfgs" have no `partial_fit`; "auto" is "adam" here. `n_init` doesn't apply.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `fit`. Their number may differ from call to call.
        y : array-like or list of arrays
            Targets, as in `fit`.
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_steps), default=None
            Weights, as in `fit`.

        Returns
        -------
        self : RNNRegressor
            The estimator after one more epoch.

        Raises
        ------
        ValueError
            If X, y or sample_weight are malformed or don't match the earlier calls. The estimator
            is then unchanged.
        """
        if self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True.")
        return self._fit(X, y, sample_weight, incremental=True)
