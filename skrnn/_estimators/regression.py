"""Predictions and scores of regression on sequences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin
from sklearn.metrics import d2_pinball_score, r2_score
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from .._engine.losses import LOSSES, PinballLoss
from .._sklearn.fitted_copy import of_one_fit
from .._validation.options import State
from .._validation.sample_weight import check_weights, weights_where
from .._validation.sequences import Sequences
from .._validation.targets import check_targets, without_missing
from .generation import RegressorGeneration
from .regression_targets import RegressionOutputs, RegressionTargets, regression_targets
from .streaming import check_step_bounded, predictor_of

_FAR = 1e100  # from targets near 1, where squares are finite


class RegressionBase(RegressorMixin):
    """What all regression on sequences shares: predictions in the unit of y, and their score."""

    _outputs: RegressionOutputs
    loss: str
    y_mean_: np.ndarray
    y_scale_: np.ndarray

    def _in_unit_of_y(self, output: np.ndarray) -> np.ndarray:
        """Predictions, from the network's outputs (N, S, K)."""
        with np.errstate(all="ignore"):
            y = self._outputs.predictions(output)
        if not np.isfinite(y).all():
            raise ValueError(
                "A prediction is too large for the dtype of the fit: X is far from what the "
                "network was fitted on. Scale X, or fit in float64."
            )
        return y

    def _score(self, y: np.ndarray, predicted: np.ndarray, weight: np.ndarray | None) -> float:
        """R² or pinball score of predictions (n, K) for y (n,) or (n, J)."""
        loss = self._outputs.loss
        y, predicted = _without_unit(y.reshape(len(y), -1), predicted)
        with np.errstate(all="ignore"):  # of predictions that are far from y
            if not (self._outputs.lists_quantiles and isinstance(loss, PinballLoss)):
                return r2_score(y, predicted, sample_weight=weight)
            scores = [
                d2_pinball_score(y[:, 0], own, alpha=q, sample_weight=weight)
                for q, own in zip(loss.quantiles, predicted.T, strict=True)
            ]
        return float(np.mean(scores))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.positive_only = LOSSES[self.loss].positive_only
        return tags


class SequenceRegressorMixin(RegressorGeneration, RegressionBase):
    """What regression adds to a recurrent network: targets, predictions and scores."""

    def _make_targets(
        self, y: Any, sequences: Sequences, sample_weight: Any, classes: Any, before: Any
    ) -> RegressionTargets:
        return regression_targets(self, y, sequences, sample_weight)

    @overload
    def predict(
        self, X: Sequence[Any], initial_state: State = None, return_state: Literal[False] = False
    ) -> Any: ...

    @overload
    def predict(
        self, X: Sequence[Any], initial_state: State = None, *, return_state: Literal[True]
    ) -> tuple[Any, np.ndarray]: ...

    @overload
    def predict(
        self, X: ArrayLike, initial_state: State = None, return_state: Literal[False] = False
    ) -> np.ndarray: ...

    @overload
    def predict(
        self, X: ArrayLike, initial_state: State = None, *, return_state: Literal[True]
    ) -> tuple[np.ndarray, np.ndarray]: ...

    @overload
    def predict(
        self, X: ArrayLike, initial_state: State = None, return_state: bool = False
    ) -> Any: ...

    @of_one_fit
    def predict(self, X: ArrayLike, initial_state: State = None, return_state: bool = False) -> Any:
        """Predict the targets.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences in the layout that `fit` saw. In 3-D input and lists, the number of
            steps may be another one. A missing step gets the prediction of the step before,
            and an empty sequence that of the initial state. If bidirectional, the
            prediction at a missing step depends on the steps around it.
        initial_state : array-like of shape (n_samples, n_state) or None, default=None
            The state that `predict` or `step` returned for the previous steps of these sequences.
            It replaces the static covariates, which X still contains. None starts the sequences,
            and so does a row of NaN where there are static covariates.
        return_state : bool, default=False
            Whether to return the state after the last step as well.

        Returns
        -------
        y : ndarray or list of arrays
            ``(n_samples,)``, ``(n_samples, n_outputs)`` or ``(n_samples, n_steps,
            n_outputs)``, as in `fit`. For a list of sequences with an output per step, a
            list of ``(n_steps_i, n_outputs)`` arrays; for an object array, an object array.
        state : ndarray of shape (n_samples, n_state)
            The state of each sequence after its last step, for `predict` and `step`. It is NaN
            for a sequence that hasn't begun, as no step has its static covariates. Only with
            ``return_state=True``.

        Raises
        ------
        ValueError
            If X or the state are malformed, or a bidirectional network is asked for a state: it
            also reads the sequences from their end.
        """
        y, state, sequences = self._predict(X, initial_state, return_state=return_state)
        if self._outputs.y_ndim == 1:
            y = y[:, 0, 0]
        else:
            y = y[:, 0] if self._outputs.y_ndim == 2 else sequences.in_container(y)
        return (y, state) if return_state else y

    def _predict(
        self, X: ArrayLike, initial_state: ArrayLike | None = None, *, return_state: bool = False
    ) -> tuple[np.ndarray, np.ndarray, Sequences]:
        """Predictions (N, S, K) in the unit of y, final states, and the checked sequences."""
        with np.errstate(all="ignore"):
            output, state, sequences = self._run(X, initial_state, return_state=return_state)
        return self._in_unit_of_y(output), state, sequences

    def _predict_windows(self, X: np.ndarray, static: np.ndarray | None) -> np.ndarray:
        """Predictions (N, K) after the last step of windows (N, T, D), without any check.

        They have static covariates (N, M), if any. Not for networks with an output per step.
        """
        x = X.transpose(1, 2, 0).astype(self._topology.dtype)  # (T, D, N), contiguous
        covariates = None if static is None else static.T.astype(x.dtype)
        run = predictor_of(self).forward(self.parameters_, x, static=covariates)
        return self._outputs.predictions(run.outputs.transpose(2, 0, 1))[:, 0]

    @of_one_fit
    def step(self, x: ArrayLike, state: ArrayLike | None = None) -> tuple[Any, np.ndarray]:
        """Predict from one more time step, and return the new state.

        Predicting step by step equals `predict` on the whole sequence, at the cost of one step
        each. It differs only before the first valid step of a sequence, where `predict` already
        knows the static covariates of later steps.

        Don't carry the state beyond the number of steps that the network was trained on. After a
        fit on windows it has never been further than one window, and drifts: with a low `alpha`,
        errors were 40 to 3000 times those of windows, on series without noise. Even a few steps are
        too many. Instead, call `predict` on the last window at each step. Or fit one long sequence
        with a target for each step, for which the state is carried in training, too.

        Parameters
        ----------
        x : array-like of shape (n_features,) or (n_sequences, n_features)
            One time step of one sequence, or of many. A step whose features are all NaN is missing:
            the state doesn't change, and the prediction is repeated. Static covariates are read at
            the start of a sequence. If its first steps are missing and don't have them, they count
            as 0 until a later step has them. A model of flat rows takes them first, then the values
            of the step. One token may be a number. Names of columns, or of a Series, must be those
            of `fit` in the same order. Steps without names are taken as they are, without a
            warning.
        state : array-like or None, default=None
            The state that `step` or `predict` returned for the previous steps. None starts a
            sequence.

        Returns
        -------
        y : float or ndarray
            As `predict` has it for the step, with one row per sequence if there are many.
        state : ndarray of shape (n_state,) or (n_sequences, n_state)
            Plain numbers, to be kept, copied or stored. All are NaN for a sequence that hasn't
            begun, as its static covariates are still unknown.

        Raises
        ------
        ValueError
            If x or state are malformed, or the network is bidirectional: it also reads the
            sequences from their end.
        TypeError
            If x is a dict, which has no order.

        Examples
        --------
        >>> import numpy as np
        >>> from skrnn import RNNRegressor, sliding_windows
        >>> X, y = sliding_windows(np.sin(np.arange(60)), length=20)
        >>> model = RNNRegressor(cell="lstm", max_iter=10, random_state=0).fit(X, y)
        >>> state = None
        >>> for x in X[0]:
        ...     prediction, state = model.step(x, state)
        >>> bool(np.isclose(prediction, model.predict(X[:1])[0]))
        True
        """
        return self._one_step(x, state, self._of_step)

    def _of_step(self, output: np.ndarray) -> np.ndarray:
        """Predictions (B,) or (B, K) of one step, from outputs (B, K)."""
        y = self._outputs.predictions(output)
        check_step_bounded(self, y)
        return y[:, 0] if self._outputs.y_ndim == 1 else y

    @of_one_fit
    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Coefficient of determination R², over all steps that have a target.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `predict`.
        y : array-like or list of arrays
            True targets, in the shape that `fit` saw.
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_steps), default=None
            Weights of the sequences, or of their steps, as in `fit`.

        Returns
        -------
        score : float
            `sklearn.metrics.r2_score` of the predictions. For several quantiles, it is the mean
            of their `sklearn.metrics.d2_pinball_score`.

        Raises
        ------
        ValueError
            If X, y or sample_weight are malformed, or y has another shape than in `fit`.
        """
        check_is_fitted(self)
        per_step = self._outputs.y_ndim == 3
        predicted, _, sequences = self._predict(X)  # (N, S, K)
        y = check_targets(self, y, sequences)
        J = self._outputs.n_targets
        if (y.ndim == 3) != per_step or (y.shape[-1] if y.ndim > 1 else 1) != J:
            expected = f"(n_samples, n_steps, {J})" if per_step else f"(n_samples, {J})"
            raise ValueError(f"y has shape {y.shape}, but fit had {expected}: pass such targets.")
        weight = check_weights(sample_weight, sequences, per_step)
        if not per_step:
            weight = None if weight is None else weight[:, 0]
            return self._score(y, predicted[:, 0], weight)
        y = without_missing(y, sequences.mask)
        known = ~np.isnan(y).any(axis=2)  # (N, T)
        return self._score(y[known], predicted[known], weights_where(weight, known))


def _without_unit(y: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Targets (n, J) and predictions (n, K), both divided by a power of two near the largest y.

    The scores don't change, but squares can neither overflow nor vanish.
    """
    size = np.max(np.abs(y), axis=0, initial=0)  # (J,)
    exponent = np.where(size > 0, -np.frexp(size)[1], 0)
    with np.errstate(over="ignore", under="ignore"):
        predicted = np.ldexp(predicted.astype(float), exponent)
    # a prediction beyond all bounds is just bad
    return np.ldexp(y, exponent), np.clip(predicted, -_FAR, _FAR)
