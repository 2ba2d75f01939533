"""Regression on sequences."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin, _fit_context
from sklearn.metrics import r2_score
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    check_is_fitted,
)

from ._atomic import unchanged_on_error
from ._base import BaseRNN
from ._prediction import predict_in_chunks
from ._scaling import target_scale
from ._streaming import advance
from ._validation import check_sequences, check_targets, lengths_of, without_absent
from .cells import Cell


class RNNRegressor(RegressorMixin, BaseRNN):
    r"""Recurrent neural network for regression on sequences and windows of series.

    The network reads a sequence step by step and predicts one or more numbers, after the
    last step or at every step. With the default cell,

    .. math::
        h_t &= f(W_x x_t + W_h h_{t-1} + b), \quad h_0 = 0 \\
        \hat y_t &= W_y h_t + b_y

    Several layers are stacked, each reading the h of the one below. The network minimizes
    the squared error by exact backpropagation through time [1]_, [2]_.

    Parameters
    ----------
    hidden_size : int or tuple of int, default=8
        Number of hidden units H; of each layer, from the inputs up, if there are several.
    cell : str, Cell subclass or Cell, default="elman"
        The recurrent layers' equations. "elman" is the simple recurrent network of [1]_;
        "jordan" reads its own output; "lstm" is long short-term memory and "peephole_lstm"
        lets its gates see the memory; "gru" is the gated recurrent unit and
        "gru_reset_before" its first version. `skrnn.cells` has their equations, their
        options, such as ``JordanCell(decay=0.3)``, and `Cell`, to write another.
    activation : {"identity", "logistic", "relu", "tanh"}, default="tanh"
        The nonlinearity f. The gates of "lstm" and "gru" are logistic whatever it is.
    bidirectional : bool, default=False
        Whether each layer also reads the sequences from their end, with weights of its own.
        With one output per sequence, it is read out where each direction ends.
    learn_initial_state : bool, default=False
        Whether the states before the first step are learned, or 0.
    dropout : float, default=0.0
        Fraction of each layer's outputs that the next layer, or the readout, doesn't see in
        training; the same units at all steps of a sequence [3]_.
    recurrent_dropout : float, default=0.0
        Fraction of each layer's units that its own weights don't see of the step before in
        training; the same units at all steps of a sequence [3]_.
    solver : {"auto", "adam", "lm"}, default="auto"
        "lm" is Levenberg and Marquardt's method on the exact Jacobian: a step after each
        pass over the data, best for small networks by orders of magnitude, up to 3000
        weights and without dropout; its time grows with the square of the number of steps
        if each has an output. "adam" is stochastic gradient descent with a step after each
        batch. "auto" takes "lm" for up to 500 weights and one output per sequence,
        otherwise "adam"; ``solver_`` says which.
    alpha : float, default=1.0
        Strength of the L2 penalty ``alpha / (2 n_samples) * ||W||²`` on the input and
        recurrent weights, beside half the mean squared error of the scaled target.
        Biases and the readout are free. For data without noise, take 1e-4 or less.
    batch_size : int or "auto", default="auto"
        Sequences in a batch of "adam"; "auto" is ``min(200, n_samples)``. "lm" sees all
        sequences at every step. The memory of a batch is about ``batch_size * n_steps *
        (n_features + 2 * hidden_size)`` numbers, with 14 in the place of 2 for "lstm", and
        some 3 kB more for each step, whatever the batch.
    learning_rate_init : float, default=0.01
        Step size of "adam".
    max_iter : int, default=500
        Passes over the data at most. Reaching it is a `ConvergenceWarning`, unless it is
        too small (``<= n_iter_no_change``) for convergence to be seen.
    shuffle : bool, default=True
        Whether "adam" draws its batches in a new order for each pass.
    tol : float, default=0.001
        A pass that doesn't lower the loss by at least this fraction is no improvement.
        The tolerance is relative, since the loss of noise-free series can fall by ten
        orders of magnitude.
    n_iter_no_change : int, default=10
        Passes without improvement after which training has converged.
    clip_norm : float or None, default=1.0
        "adam" scales longer gradients down to this length; None leaves them alone.
    bptt_steps : int or None, default=None
        Truncated backpropagation through time. With an output per step, sequences are cut
        into chunks of this many steps with an update after each; the state is carried on
        and the gradient cut. With one output, the gradient reaches back this many steps.
        None: full backpropagation through time.
    normalize_y : bool, default=True
        Whether to train on targets with mean 0 and variance 1. `predict` undoes it.
    n_features_per_step : int, default=1
        Values per step in 2-D input, where each row is one sequence, step after step.
    n_jobs : int or None, default=None
        Threads that share the work on large batches, in `fit` and `predict`: two at most,
        where it pays. None uses two if BLAS may. The results don't depend on it.
    random_state : int, RandomState instance or None, default=None
        Determines the initial weights, the order of batches and what is dropped. Pass an
        int for reproducible results across calls.
    verbose : bool, default=False
        Whether to print the loss after each pass.
    warm_start : bool, default=False
        Whether `fit` goes on from the weights, and with the target's scale, of the
        previous fit. The solver itself starts anew.

    Attributes
    ----------
    loss_curve_ : list of float
        Loss, with the penalty, after each pass over the data.
    loss_ : float
        Its last value.
    n_iter_ : int
        Number of passes over the data.
    solver_ : str
        The solver that was used.
    parameters_ : ndarray of shape (n_weights,)
        All weights; see `get_weights` for the matrices.
    y_mean_, y_scale_ : ndarray of shape (n_outputs,)
        What `normalize_y` subtracts from the target and divides it by.
    n_outputs_ : int
        Number of outputs K.
    n_features_in_ : int
        Features per step of 3-D input; columns of 2-D input.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Columns' names, if X was a data frame with string names.

    See Also
    --------
    SlidingWindow : Turn a series into windows, inside a pipeline.

    Notes
    -----
    The defaults are the single choice that did best in the comparison that
    ``benchmarks/README.md`` describes: untouched, behind a `MinMaxScaler`, they beat
    persistence on every series there on which a linear model does. A small network,
    Levenberg and Marquardt and a penalty that pulls towards a linear map beat larger
    networks, Adam and weak penalties, which fit the noise of short series.

    X isn't scaled: put a scaler before the network. NaN steps leave the state alone, have
    no loss and no gradient. float32 input is computed in float32, all other in float64.

    References
    ----------
    .. [1] J. L. Elman, "Finding structure in time", Cognitive Science 14, 1990.
    .. [2] P. J. Werbos, "Backpropagation through time: what it does and how to do it",
       Proceedings of the IEEE 78, 1990.
    .. [3] Y. Gal and Z. Ghahramani, "A theoretically grounded application of dropout in
       recurrent neural networks", NeurIPS 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import RNNRegressor, sliding_windows
    >>> X, y = sliding_windows(np.sin(np.arange(200)), length=50)
    >>> model = RNNRegressor(alpha=1e-4, tol=0.02, random_state=0).fit(X[:100], y[:100])
    >>> bool(np.abs(model.predict(X[100:]) - y[100:]).max() < 1e-3)
    True
    """

    _parameter_constraints: dict = {**BaseRNN._parameter_constraints, "normalize_y": ["boolean"]}

    def __init__(
        self,
        hidden_size: int | tuple[int, ...] = 8,
        *,
        cell: str | type[Cell] | Cell = "elman",
        activation: str = "tanh",
        bidirectional: bool = False,
        learn_initial_state: bool = False,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        solver: str = "auto",
        alpha: float = 1.0,
        batch_size: int | str = "auto",
        learning_rate_init: float = 0.01,
        max_iter: int = 500,
        shuffle: bool = True,
        tol: float = 0.001,
        n_iter_no_change: int = 10,
        clip_norm: float | None = 1.0,
        bptt_steps: int | None = None,
        normalize_y: bool = True,
        n_features_per_step: int = 1,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
        warm_start: bool = False,
    ):
        self.hidden_size = hidden_size
        self.cell = cell
        self.activation = activation
        self.bidirectional = bidirectional
        self.learn_initial_state = learn_initial_state
        self.dropout = dropout
        self.recurrent_dropout = recurrent_dropout
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.clip_norm = clip_norm
        self.bptt_steps = bptt_steps
        self.normalize_y = normalize_y
        self.n_features_per_step = n_features_per_step
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.warm_start = warm_start

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None):
        """Train the network.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences: ``(n_samples, n_steps, n_features)``; or ``(n_samples, n_columns)``,
            each row one sequence with ``n_features_per_step`` values a step; or a list of
            ``(n_steps_i, n_features)`` arrays. Steps that are NaN are skipped.
        y : array-like or list of arrays
            ``(n_samples,)`` or ``(n_samples, n_outputs)``: one target a sequence; or
            ``(n_samples, n_steps, n_outputs)`` or a list of ``(n_steps_i, n_outputs)``
            arrays: one a step, NaN where there is none.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the sequences. A weight of 0 leaves a sequence out; with batches
            that hold all of them, a weight of 2 equals having it twice.

        Returns
        -------
        self : RNNRegressor
            The fitted estimator.

        Raises
        ------
        ValueError
            If X, y or sample_weight are malformed, or the first epoch's loss isn't finite.
            The estimator is then what it was before.
        """
        warm = self.warm_start and hasattr(self, "parameters_")
        with unchanged_on_error(self):
            lengths = lengths_of(X)
            X = check_sequences(self, X, n_features_per_step=int(self.n_features_per_step))
            y = check_targets(self, y, X, lengths)
            if sample_weight is not None:
                sample_weight = _check_sample_weight(
                    sample_weight, X, dtype=X.dtype, ensure_non_negative=True
                )
            self._y_ndim = y.ndim
            y = without_absent(y, X)  # (N, S, K)
            if not warm or len(self.y_mean_) != y.shape[2]:
                self.y_mean_, self.y_scale_ = target_scale(y, sample_weight, self.normalize_y)
            y -= self.y_mean_
            y /= self.y_scale_
            y = y.astype(X.dtype, copy=False)
            self._fit_network(X, y, sample_weight, per_step=self._y_ndim == 3, warm=warm)
        return self

    def _start(self, n_inputs, n_outputs, per_step, dtype):
        """Leave what `fit` would after no pass over 3-D input, with weights of 0."""
        self.n_features_in_, self.n_outputs_ = n_inputs, n_outputs
        self._ndim_in, self._y_ndim = 3, 3 if per_step else min(n_outputs, 2)
        self._topology = self._make_topology(
            n_inputs=n_inputs, n_outputs=n_outputs, per_step=per_step, dtype=dtype
        )
        self.parameters_ = np.zeros(self._network().layout.size, dtype)
        self.y_mean_, self.y_scale_ = np.zeros(n_outputs), np.ones(n_outputs)
        self.loss_curve_, self.n_iter_ = [], 0

    def predict(self, X: ArrayLike) -> np.ndarray:
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
            list of ``(n_steps_i, n_outputs)`` arrays.
        """
        check_is_fitted(self)
        lengths = lengths_of(X)
        y = self._predict(check_sequences(self, X))
        if self._y_ndim == 1:
            return y[:, 0, 0]
        if self._y_ndim == 2:
            return y[:, 0]
        if lengths is None:
            return y
        return [row[:length] for row, length in zip(y, lengths, strict=True)]

    def _predict(self, X):
        """Predictions (N, S, K) of checked sequences, in the target's own unit."""
        return self._unscaled(predict_in_chunks(self._topology, self.parameters_, X, self.n_jobs))

    def _unscaled(self, y):
        return (y * self.y_scale_ + self.y_mean_).astype(y.dtype, copy=False)

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
            happened: the state stays and the prediction is repeated.
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
        if not hasattr(self, "parameters_"):
            check_is_fitted(self)
        y, new = advance(self, x, state)
        y = self._unscaled(y)
        if self._y_ndim == 1:
            y = y[:, 0]
        return (y[0], new[0]) if np.ndim(x) < 2 else (y, new)

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Coefficient of determination R², over all steps that have a target.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `predict`.
        y : array-like or list of arrays
            True targets, in the shape that `fit` saw.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the sequences.

        Returns
        -------
        score : float
            `sklearn.metrics.r2_score` of the predictions.
        """
        check_is_fitted(self)
        if self._y_ndim != 3:
            return r2_score(y, self.predict(X), sample_weight=sample_weight)
        check_consistent_length(X, y, sample_weight)
        X = check_sequences(self, X)
        y = without_absent(check_targets(self, y, X), X)
        real = ~np.isnan(y).any(axis=2)  # (N, T)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
            sample_weight = np.broadcast_to(sample_weight[:, None], real.shape)[real]
        y, prediction = y[real], self._predict(X)[real]
        return r2_score(y, prediction, sample_weight=sample_weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
