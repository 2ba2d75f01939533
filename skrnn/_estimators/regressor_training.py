"""The methods of `RNNRegressor` that train."""

from __future__ import annotations

from typing import Literal, Self

from numpy.typing import ArrayLike
from sklearn.utils._param_validation import StrOptions

from .._sklearn.decorators import available_if, fit_context
from .base import BaseRNN
from .regression_targets import REGRESSION_CONSTRAINTS
from .solver_choice import check_takes_parts, supports_partial_fit
from .validation_set import ValidationSet


class RegressorTraining(BaseRNN):
    """`fit` and `partial_fit`, and what the parameters may be."""

    selected_: Literal["linear", "linear+network", "network"]
    selection_errors_: dict[str, float]

    _parameter_constraints: dict = {
        **BaseRNN._parameter_constraints,
        **REGRESSION_CONSTRAINTS,
        "linear_part": ["boolean", StrOptions({"auto"})],
    }

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
            What y is for X, in the same layout. The scale is that of y.
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

        The solvers "lm" and "lbfgs" have no `partial_fit`; "auto" is "adam" here. `n_init` doesn't
        apply.

        Every sequence starts from its initial state, in every call: no state is carried from one
        call to the next. For online learning along one long series, as in tutorials, pass it as
        one sequence with a target for each step, and set `bptt_steps` to 1 or a few. The weights
        are then updated after so many steps, and the state goes on. The alternative is windows
        of the series, one call for each or for several. Updates after single steps or windows are
        noisy: a `learning_rate_init` of 0.003 suits them better than the default.

        The penalty is divided by the weights of all targets so far, in all calls and in the `fit`
        that they resume. If X, y and weights of the calls come again in the same order, from the
        first call on, this is another epoch, which adds nothing. In any other order, they count
        again. So calls with all data, one for each epoch, train exactly like `fit` with the same
        solver. In scikit-learn, the penalty of an MLP is divided by the size of a batch instead,
        and that of `SGDClassifier` isn't divided.

        The scale of y follows its mean and variance over the same targets, by the algorithm of
        Chan, Golub and LeVeque [1]_. Each call changes the readout so that this alone changes no
        prediction, as in [2]_, and then trains. An outlier counts as in `fit`: it raises the scale
        for all that follows. There are three exceptions. As long as y doesn't vary (for "poisson":
        is 0), the scale is 1, and the outputs are taken for those in the first real scale. Cells
        with output feedback read outputs in the scale of y, so that it stays once it is known: let
        their first call have typical targets. The weights of `skrnn.interop` keep the unit of y.

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

        References
        ----------
        .. [1] T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for computing the sample
           variance: analysis and recommendations", The American Statistician 37, 1983.
        .. [2] H. van Hasselt et al., "Learning values across many orders of magnitude",
           NeurIPS 2016.

        Examples
        --------
        One long sequence, step after step, and the next value as the target of each:

        >>> import numpy as np
        >>> from skrnn import RNNRegressor
        >>> series = np.sin(np.arange(2501) / 9)
        >>> X, y = series[None, :-1, None], series[None, 1:, None]  # (1, 2500, 1)
        >>> model = RNNRegressor(bptt_steps=1, learning_rate_init=0.003, random_state=0)
        >>> model = model.partial_fit(X[:, :2000], y[:, :2000])  # 2000 updates
        >>> error = np.std(model.predict(X) - y, where=np.arange(2500)[:, None] >= 2000)
        >>> persistence = np.std(X - y, where=np.arange(2500)[:, None] >= 2000)
        >>> bool(error < 0.7 * persistence)
        True
        """
        check_takes_parts(self)
        return self._fit(X, y, sample_weight, incremental=True)
