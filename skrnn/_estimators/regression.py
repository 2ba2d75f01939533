"""Targets, predictions and scores of regression on sequences."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin
from sklearn.metrics import d2_pinball_score, r2_score
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from .._engine.losses import LOSSES, HuberLoss, PinballLoss, SquaredError
from .._validation.sample_weight import check_weights
from .._validation.targets import check_targets, without_missing
from .streaming import check_bounded


class SequenceRegressorMixin(RegressorMixin):
    """What regression adds to a recurrent network: targets, their scale and predictions."""

    def _make_loss(self):
        name, quantiles = self.loss, self.quantile
        if name == "huber":
            return HuberLoss(float(self.huber_delta))
        if name != "quantile":
            return LOSSES[name]()
        try:
            q = np.asarray(quantiles, float)
        except (TypeError, ValueError):
            q = np.empty(0)
        ascending = q.ndim == 1 and q.size and (np.diff(q) > 0).all() and 0 < q[0] and q[-1] < 1
        if np.ndim(quantiles) and not ascending:
            raise ValueError(
                f"quantile must be a number between 0 and 1, or a list of them in ascending "
                f"order, got {quantiles!r}."
            )
        return PinballLoss(np.atleast_1d(q))

    def _check_targets(self, y, sequences, goes_on, classes):
        """Targets as `fit` takes them: (N,), (N, K) or (N, T, K)."""
        y = check_targets(self, y, sequences)
        self._loss = self._make_loss()
        self._loss.check(y)
        self._y_ndim = y.ndim
        self._several_quantiles = self.loss == "quantile" and np.ndim(self.quantile) > 0
        if self._several_quantiles:
            if y.ndim > 1 and y.shape[-1] > 1:
                raise ValueError(
                    f"Several quantiles are for one target, but y has {y.shape[-1]}: pass a "
                    "single number as quantile, or fit an estimator for each column of y."
                )
            self._y_ndim = max(y.ndim, 2)
            y = y.reshape(len(y), 1) if y.ndim == 1 else y
            # one output for each quantile, all with the same target
            y = np.broadcast_to(y, (*y.shape[:-1], len(self._loss.quantiles)))
        return y

    def _count_outputs(self, targets):
        return targets.shape[2]

    def _weigh(self, targets, weight):
        return weight

    def _strata(self, targets):
        return None

    def _scale_targets(self, y, weight, rows, keep):
        """Bring targets (N, S, K) to the loss's scale, in place."""
        self._scaling = {"poisson": self.loss == "poisson", "normalize_y": bool(self.normalize_y)}
        if not keep or len(self.y_mean_) != y.shape[2]:
            weight = None if weight is None else weight[rows]
            self.y_mean_, self.y_scale_ = self._loss.scale(y[rows], weight, self.normalize_y)
        with np.errstate(over="ignore", invalid="ignore"):
            y -= self.y_mean_
            y /= self.y_scale_
        if np.isinf(y).any():
            raise ValueError(
                f"y is so large, up to {np.abs(self.y_scale_).max():.3g} around its mean, that its "
                "differences overflow: divide it by a constant."
            )

    def _start(self, n_inputs, n_outputs, per_step, dtype):
        """Leave what `fit` would after no pass over 3-D input, with weights of 0."""
        self.n_features_in_, self.n_outputs_, self._saved = n_inputs, n_outputs, None
        self._scaling = None  # any loss can go on from weights from elsewhere
        self._loss, self._several_quantiles = SquaredError(), False
        self._ndim_in, self._y_ndim = 3, 3 if per_step else min(n_outputs, 2)
        self._n_inputs, self._static_columns = n_inputs, ()
        self._topology = self._make_topology(
            n_inputs=n_inputs, n_outputs=n_outputs, per_step=per_step, dtype=dtype
        )
        self.parameters_ = np.zeros(self._network().layout.size, dtype)
        self.y_mean_, self.y_scale_ = np.zeros(n_outputs), np.ones(n_outputs)
        self.loss_curve_, self.gradient_norm_curve_ = [], []
        self.validation_loss_curve_, self.n_iter_ = None, 0

    def predict(self, X: ArrayLike) -> np.ndarray | list[np.ndarray]:
        """Predict the targets.

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
            ``(n_samples,)``, ``(n_samples, n_outputs)`` or ``(n_samples, n_steps,
            n_outputs)``, as in `fit`. For a list of sequences with an output per step, a
            list of ``(n_steps_i, n_outputs)`` arrays; for an object array, an object array.
        """
        check_is_fitted(self)
        y, sequences = self._predict(X)
        if self._y_ndim == 1:
            return y[:, 0, 0]
        return y[:, 0] if self._y_ndim == 2 else sequences.in_container(y)

    def _predict(self, X):
        """Predictions (N, S, K) in the target's own unit, and the checked sequences."""
        output, sequences = self._outputs(X)
        with np.errstate(over="ignore"):
            y = self._unscaled(output)
        if not np.isfinite(y).all():
            raise ValueError(
                "A prediction is beyond all numbers of the fitted dtype: X is far from what the "
                "network was fitted on. Scale X, or fit in float64."
            )
        return y, sequences

    def _unscaled(self, output):
        """Predictions in the target's own unit, from the network's outputs (..., K)."""
        y = self._loss.predicted(output) * self.y_scale_ + self.y_mean_
        return y.astype(output.dtype, copy=False)

    def step(
        self, x: ArrayLike, state: ArrayLike | None = None
    ) -> tuple[float | np.ndarray, np.ndarray]:
        """Predict from one more time step, and return the state to go on from.

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
        y : float or ndarray
            As `predict` has it for the step, with one row per sequence if there are many.
        state : ndarray of shape (n_state,) or (n_sequences, n_state)
            Plain numbers, to be kept, copied or stored.

        Raises
        ------
        ValueError
            If x or state are malformed, or a bidirectional network would have to wait for
            the sequence's end.

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

    def _of_step(self, output):
        """Predictions (B,) or (B, K) of one step, from outputs (B, K)."""
        y = self._unscaled(output)
        check_bounded(self, y)
        return y[:, 0] if self._y_ndim == 1 else y

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
            `sklearn.metrics.r2_score` of the predictions; of several quantiles, the mean of
            their `sklearn.metrics.d2_pinball_score`.
        """
        check_is_fitted(self)
        if self._y_ndim != 3:
            return self._score(y, self.predict(X), sample_weight)
        check_consistent_length(X, y, sample_weight)
        predicted, sequences = self._predict(X)
        y = check_targets(self, y, sequences)
        weight = check_weights(sample_weight, sequences, per_step=True)
        y = without_missing(y, sequences.mask)
        real = ~np.isnan(y).any(axis=2)  # (N, T)
        if weight is not None:
            weight = np.broadcast_to(weight, real.shape)[real]
        return self._score(y[real], predicted[real], weight)

    def _score(self, y, prediction, sample_weight):
        """Of predictions (n,) or (n, K)."""
        if not self._several_quantiles:
            return r2_score(y, prediction, sample_weight=sample_weight)
        scores = [
            d2_pinball_score(np.ravel(y), own, alpha=q, sample_weight=sample_weight)
            for q, own in zip(self._loss.quantiles, prediction.T, strict=True)
        ]
        return float(np.mean(scores))
