"""Regression on sequences."""

from __future__ import annotations

from ._estimators.regression import SequenceRegressorMixin
from ._estimators.regressor_training import RegressorTraining
from ._validation.options import Activation, Auto, CellLike, Loss, OneOrMore, Schedule, Seed, Solver


class RNNRegressor(SequenceRegressorMixin, RegressorTraining):
    r"""Recurrent neural network for regression on sequences and windows of series.

    The network reads a sequence step by step. It predicts one or more numbers, after the last step
    or at every step. With the default cell, it computes

    .. math::
        h_t &= f(W_x x_t + W_h h_{t-1} + b), \quad h_0 = 0 \\
        \hat y_t &= W_y h_t + b_y

    where f is the `activation`. Several layers can be stacked: each reads the states h of the layer
    below. The gradient of the loss is exact, by backpropagation through time [2]_.

    Parameters
    ----------
    hidden_size : int or tuple of int, default=8
        Number of hidden units H. A tuple has the H of each stacked layer, from the inputs up.
    cell : str, Cell subclass or Cell, default="elman"
        Recurrent cell of all layers. "elman" is the simple recurrent network [1]_. "jordan" reads
        the network's output at the previous step (output feedback). "lstm" is long short-term
        memory; "peephole_lstm" also connects the memory to the gates. "gru" is the gated recurrent
        unit of PyTorch and Keras; "gru_reset_before" is its original version. `skrnn.cells`
        documents the equations and options, such as ``JordanCell(decay=0.3)``. Subclass `Cell` to
        write another cell.
    activation : {"identity", "logistic", "relu", "tanh"}, default="tanh"
        Nonlinearity of the cell. Gates always use the logistic function.
    bidirectional : bool, default=False
        Whether each layer also reads the sequences backward, with separate weights. With one output
        per sequence, the readout gets the final state of each direction.
    learn_initial_state : bool, default=False
        Whether to learn the states before the first step. Otherwise, they are 0 unless
        `static_features` set them.
    dropout : float, default=0.0
        Fraction of each layer's outputs that training sets to 0 before the next layer or the
        readout. All steps of a sequence share one mask [3]_.
    recurrent_dropout : float, default=0.0
        Fraction of each layer's previous state that training sets to 0 before the recurrent
        weights. All steps of a sequence share one recurrent mask [3]_.
    loss : {"squared_error", "absolute_error", "huber", "poisson", "quantile"}, default="squared_error"
        Loss of the scaled target: half the squared error, the absolute error, "huber", which is
        squared for small errors and absolute for large ones, half the Poisson deviance of counts,
        where the network predicts the logarithm of their mean, or the pinball loss of `quantile`.
    quantile : float or list of float, default=0.5
        Quantile that loss="quantile" predicts. A list must be in ascending order; predictions then
        have one column for each quantile, and the quantiles never cross.
    huber_delta : float, default=1.35
        Size of the error from which "huber" is absolute, in units of the scaled target. Outliers
        widen that unit: "absolute_error" is more robust to them.
    solver : {"auto", "adam", "lbfgs", "lm", "rmsprop", "sgd"}, default="auto"
        "lm" is the Levenberg-Marquardt method with the exact Jacobian and the curvature of the
        loss. It makes one step per epoch and works for up to 3000 weights. It is the best choice
        for small networks: on series without noise, its errors are up to two orders of magnitude
        below those of "adam". Its time grows with the square of the number of steps if each step
        has a target. It serves a short series without noise even there, together with a low
        `alpha`: up to some 300 steps, it takes about ten times as long as "adam". With noise, it
        overfits then. "lbfgs" is SciPy's L-BFGS, and one iteration counts as one epoch. "lm" and
        "lbfgs" use all data at once and don't support dropout. "adam", "rmsprop" and "sgd" update
        the weights after each batch. "auto" is "lm" for networks without dropout, up to 500
        weights and 10 outputs. If each step has a target, it is "lm" only for a regressor with
        ``alpha="auto"``, and if sequences * steps² * outputs are 25,000 at most. Otherwise, it is
        "adam". ``solver_`` is the solver that was used.
    alpha : float or "auto", default="auto"
        Strength of the L2 penalty ``alpha / (2 n) * ||W||²``, which is added to the mean loss. Here
        n is the sum of the samples' weights (of the steps' weights where each step has a target).
        In `partial_fit`, it is that of all calls so far, of which further epochs count once.
        Biases and initial states aren't penalized; the Notes say which weights are. "auto" scales
        the inputs inside and ties the strength to the noise, by the equation in the Notes. In
        `partial_fit`, "auto" is 1 and inputs aren't scaled, unless a `fit` has scaled them.
        ``alpha_`` is the strength that was used.
    linear_part : bool or "auto", default="auto"
        Whether a linear map of the last inputs is added to the network's output, which then learns
        what the map leaves. "auto" chooses between the linear part alone, the network beside it
        and the network alone, if ``alpha="auto"``, the loss isn't "poisson" and there is no
        embedding; otherwise, it is False. The Notes say how. ``selected_`` is what was chosen.
    batch_size : int or "auto", default="auto"
        Number of sequences per batch of "adam", "rmsprop" and "sgd". "auto" is
        ``min(200, n_samples)``. A batch needs memory for about
        ``batch_size * n_steps * (n_features + 2 * hidden_size)`` numbers; for "lstm", 14 takes the
        place of 2. Each step needs some 3 kB more, whatever the batch size.
    learning_rate : {"constant", "invscaling", "adaptive", "cosine"}, default="constant"
        Schedule of the learning rate of "adam", "rmsprop" and "sgd", which changes after each
        epoch. "constant" keeps the initial rate. "invscaling" divides it by
        ``(1 + samples seen) ** power_t``. "adaptive" divides the rate by 5 whenever training would
        have converged, down to 1e-6. "cosine" lowers the rate to 0 over the `max_iter` epochs of a
        fit, which all take place. In `partial_fit`, it reaches 0 after `max_iter` calls and stays
        there. A changed schedule begins when training resumes.
    learning_rate_init : float, default=0.01
        Initial learning rate.
    power_t : float, default=0.5
        Exponent of "invscaling".
    momentum : float, default=0.9
        Momentum of "sgd": fraction of the previous update that is added to the current one.
    nesterovs_momentum : bool, default=True
        Whether "sgd" uses Nesterov's momentum.
    beta_1 : float, default=0.9
        Decay rate of Adam's mean of the gradient.
    beta_2 : float, default=0.999
        Decay rate of Adam's mean of the squared gradient.
    epsilon : float, default=1e-08
        Constant that "adam" and "rmsprop" add to the root of the mean squared gradient.
    max_iter : int, default=500
        Maximum number of epochs. Training that reaches it warns with a `ConvergenceWarning`. There
        is no warning if ``max_iter <= n_iter_no_change``, as training can't converge so early.
    n_init : int, default=1
        Number of restarts, each with different random initial weights. The restart with the lowest
        loss is kept; with `early_stopping`, the validation loss decides. Restarts of small networks
        are trained as a batch. The result equals that of separate training runs up to rounding.
        With solvers that use small batches, it takes less than half of the time.
    ensemble : bool, default=False
        Whether the mean of all restarts predicts, rather than the best one: the mean of their
        outputs, which of a classifier are log-odds. It needs ``n_init > 1``, or the three training
        runs of a classifier's ``alpha="auto"``. An ensemble can't resume training.
    shuffle : bool, default=True
        Whether to draw the batches in a new order in each epoch.
    tol : float, default=0.001
        Relative tolerance: an epoch is an improvement if it lowers the best loss by more than this
        fraction. The tolerance is relative because the loss of noise-free series can fall by ten
        orders of magnitude.
    n_iter_no_change : int, default=10
        Number of epochs without improvement after which training has converged. With
        `early_stopping`, it may go on for longer.
    early_stopping : bool, default=False
        Whether to train with a validation set and stop when its loss no longer falls. The weights
        with the lowest validation loss are kept. There is a warning if they predict the validation
        set worse than a constant, or far worse than the training set. Training goes on beyond
        `n_iter_no_change` epochs for half as long as it took to the lowest validation loss. It also
        goes on while the training loss falls by 3 % in `n_iter_no_change` epochs, or at all above
        the validation loss. `fit` takes a validation set as X_val and y_val. Otherwise, the
        validation set has the last samples, without shuffling. Windows that share rows with it are
        removed from the training set, as they would leak validation values into training. Windows
        cut by `SlidingWindow` and `sliding_windows` know their rows, of the targets as well. Any
        computation with the array drops them. Other samples are taken for windows of series if most
        of them begin exactly like the end of an earlier one, and hardly any like that of a later
        one. So windows of which each has a scale of its own aren't recognised.
    validation_fraction : float, default=0.1
        Fraction of the samples that `early_stopping` holds out, if there is no X_val.
    clip_norm : float or None, default=1.0
        Maximum norm of the gradient for "adam", "rmsprop" and "sgd". Longer gradients are scaled
        down to it. None means no limit.
    clip_value : float or None, default=None
        Maximum absolute value of the gradient's elements for "adam", "rmsprop" and "sgd". Larger
        elements are cut to it, before `clip_norm` applies. None means no limit.
    bptt_steps : int or None, default=None
        Number of steps of truncated backpropagation through time. With an output per step,
        sequences are cut into chunks of this length, and the weights are updated after each chunk.
        Training is stateful: the next chunk starts from the last state, but the gradient stops
        there. With one output per sequence, the gradient reaches back this many steps. None means
        full backpropagation through time.
    washout : int, default=0
        Number of valid steps at the start of each sequence whose targets the loss ignores, while
        the state settles. It needs a target per step.
    normalize_y : bool, default=True
        Whether to train on targets with mean 0 and variance 1 (with mean 1 for "poisson"). The
        validation set doesn't count for mean and variance. In `partial_fit`, they are those of all
        calls so far. `predict` undoes the scaling; the readout in `get_weights` predicts the scaled
        target.
    embedding_size : int or None, default=None
        Size of the vector that stands for each token, where X holds tokens rather than numbers:
        whole numbers from 0 on, in all columns but `static_features`, and NaN at missing steps. The
        vectors are learned (Bengio et al., JMLR 3, 2003). X is ``(n_samples, n_steps)``,
        ``(n_samples, n_steps, 1)`` or a list of 1-D sequences; `TokenEncoder` makes it of texts.
    n_tokens : int or None, default=None
        Number of tokens. None means the largest in `fit`, or in the first `partial_fit`, plus 1.
    n_features_per_step : int, default=1
        Number of values per step in 2-D input, where each row is one sequence, step after step.
    static_features : str, int or list of these, default=None
        Names or positions of the columns with static covariates s. These are constant over the
        steps of a sequence; in 2-D input, they are columns that belong to no step. The network
        doesn't read them at each step: they set the states before the first step,
        :math:`h_0 = W_s s`. Gated cells keep such states over many steps. Positions count the
        columns that reach the network: `SlidingWindow` has removed its column of `groups`.
    n_jobs : int or None, default=None
        Number of threads, at most two, in `fit` and `predict`. A second thread is used for large
        batches, and for many outputs. None means two if BLAS is allowed more than one. The results
        don't depend on it.
    random_state : int, RandomState instance or None, default=None
        Seed or generator of the initial weights, the order of the batches and the dropout masks.
        Pass an int for reproducible results across calls.
    verbose : bool, default=False
        Whether to print the loss after each epoch, and an upper bound of the time left; also what
        is trained and which part is held out, where there are several, and what is kept. With
        `early_stopping`, the numbers of samples come first that are trained on, held out and left
        out.
    warm_start : bool, default=False
        Whether `fit` resumes the previous fit. It then starts from the weights, the scale or the
        classes of y, and the state of the solver. "lbfgs" can't keep its state.

    Attributes
    ----------
    alpha_ : float
        Strength of the penalty after the last epoch. Of a linear part alone, it is that of the
        ridge regression, as a mean over the outputs.
    selected_ : {"linear", "linear+network", "network"}
        What predicts.
    selection_errors_ : dict of str to float
        Mean squared errors, or losses of another kind, on held-out folds, for targets of variance
        1: ``selected_`` was chosen by them. "constant" is the best constant of the other folds.
    loss_curve_ : list of float
        Loss of each epoch, with a penalty that may change. Fits that resume append theirs. A linear
        part alone has one value, its loss without penalty.
    loss_ : float
        Last value of ``loss_curve_``.
    validation_loss_curve_ : list of float or None
        Loss of the validation set after each epoch, without the penalty. It is None without a
        validation set, as `early_stopping` has one, and NaN for epochs of earlier fits without one.
    gradient_norm_curve_ : list of float
        Norm of the gradient before clipping, as a mean over the batches of each epoch. It is tiny
        if the gradient vanishes and huge if it explodes.
    n_iter_ : int
        Number of epochs, including those of the fits that were resumed.
    n_left_out_ : int
        Number of samples that were neither trained on nor held out by `early_stopping`, as they
        share rows with those held out. It is 0 without `early_stopping`, or with X_val.
    solver_ : str
        Name of the solver that was used.
    parameters_ : ndarray of shape (n_weights,)
        All weights in one array. `get_weights` returns the matrices.
    y_mean_, y_scale_ : ndarray of shape (n_outputs,)
        Offset that `normalize_y` subtracts from the target, and scale that it divides by.
    n_outputs_ : int
        Number of outputs K.
    n_tokens_ : int
        Number of tokens, with `embedding_size`.
    n_features_in_ : int
        Number of features per step of 3-D input, or of columns of 2-D input.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, if X was a data frame with string names.

    See Also
    --------
    SlidingWindow : Turn a series into windows, inside a pipeline.
    LossCurveDisplay : Draw the loss of each epoch.

    Notes
    -----
    **Penalty.** A number as `alpha` penalizes all weights but biases, initial states and the
    readout. ``alpha="auto"`` includes the readout, and inputs have mean 0 and variance 1, so that
    the unit of X doesn't matter. Its strength follows the variance s² of the noise [4]_:

    .. math:: \alpha = 10 s^2, \quad s^2 = \frac{1}{n K - \gamma} \sum_i (y_i - \hat y_i)^2, \quad
        \gamma = P - \alpha \operatorname{tr} H^{-1}

    for K targets y of variance 1 and the effective number γ of the P weights. H is the Gauss-Newton
    Hessian of n times the penalized loss, and the trace is over the penalized weights. At first, s²
    is 1. It falls to half at most after a step of "lm" or an epoch of "adam", "rmsprop" and "sgd".
    For these, γ is P, or nK/2 if that is less. In the first 15 epochs of "lm", or the first third
    of the others', α is 3 s², as a network that knows nothing yet may be pulled to 0. "lbfgs" keeps
    α = 10. Other losses have twice the mean loss in the place of the mean squared error.

    **Linear part.** It is :math:`\sum_k A_k x_{t-k}`, of so many steps that half of the samples
    have all of them, and of the static covariates, as the autoregressive part of LSTNet [5]_. Steps
    before the first count as equal to it. It is a ridge regression with the penalty that has the
    lowest error to expect by five contiguous folds [6]_: the mean square, and half the square of
    what the errors change from the first sample to the last one, if that is no chance. The penalty
    is on the weights of the inputs, which shrinks predictions towards the mean, or on those of the
    differences between steps, towards persistence: whichever has the lower error. Samples that lack
    steps don't count there, if they are less than a quarter. The network learns the residuals,
    divided by their standard deviation. Other losses are minimized by ridge regressions in turn,
    with weights and targets by their curvature [7]_. ``linear_part="auto"`` keeps this network only
    if it brings the squared error, or the other loss, on the folds below 0.9 of that of the linear
    part, and a network alone only if it brings that below 0.85 of the better one's, on all samples.
    Without that promise by s², no network is trained on folds. With more than 50 targets per weight, of solvers
    other than "lm" more than 2, s² alone decides. Less than ten sequences with a target per step
    have folds of steps. With `early_stopping`, the validation set takes their place. Up to 64
    sequences that repeat or have different weights, and less than 10 samples, have no folds, as a
    weight of 2 is to equal a repetition: the linear part stays alone, with the penalty 30 s². It
    reads 256 numbers at most, unless one step has more.

    ``benchmarks/README.md`` compares the defaults with Ridge. Without noise, a number such as
    ``alpha=1e-6`` and a lower `tol` may go further. A network is made for as many steps as it was
    trained on. Carried by `step` beyond these, its state drifts, above all with a low `alpha`: see
    there. With a number as `alpha`, X isn't scaled: put a scaler before the network. Tokens never
    are, and "auto" ties the penalty to the noise for their vectors, too. A step that is NaN is
    missing: the network carries the state unchanged, and the step has no loss and no gradient.
    float32 input is computed in float32, all other input in float64.

    References
    ----------
    .. [1] Elman, "Finding structure in time", Cognitive Science 14, 1990.
    .. [2] P. J. Werbos, "Backpropagation through time: what it does and how to do it",
       Proceedings of the IEEE 78, 1990.
    .. [3] Y. Gal and Z. Ghahramani, "A theoretically grounded application of dropout in
       recurrent neural networks", NeurIPS 2016.
    .. [4] D. J. C. MacKay, "Bayesian interpolation", Neural Computation 4, 1992, has s² and γ; he
       adapts the ratio of α to s² as well.
    .. [5] G. Lai, W.-C. Chang, Y. Yang and H. Liu, "Modeling long- and short-term temporal patterns
       with deep neural networks", SIGIR 2018.
    .. [6] C. Bergmeir, R. J. Hyndman and B. Koo, "A note on the validity of cross-validation for
       evaluating autoregressive time series prediction", Comput. Stat. Data Anal. 120, 2018.
    .. [7] D. R. Hunter and K. Lange, "A tutorial on MM algorithms", Amer. Statistician 58, 2004.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import RNNRegressor, sliding_windows
    >>> X, y = sliding_windows(np.sin(np.arange(200)), length=50)
    >>> model = RNNRegressor(random_state=0).fit(X[:100], y[:100])
    >>> bool(np.abs(model.predict(X[100:]) - y[100:]).max() < 1e-6), model.selected_
    (True, 'linear')
    """  # noqa: E501

    def __init__(
        self,
        hidden_size: OneOrMore[int] = 8,
        *,
        cell: CellLike = "elman",
        activation: Activation = "tanh",
        bidirectional: bool = False,
        learn_initial_state: bool = False,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        loss: Loss = "squared_error",
        quantile: OneOrMore[float] = 0.5,
        huber_delta: float = 1.35,
        solver: Solver = "auto",
        alpha: float | Auto = "auto",
        linear_part: bool | Auto = "auto",
        batch_size: int | Auto = "auto",
        learning_rate: Schedule = "constant",
        learning_rate_init: float = 0.01,
        power_t: float = 0.5,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        max_iter: int = 500,
        n_init: int = 1,
        ensemble: bool = False,
        shuffle: bool = True,
        tol: float = 0.001,
        n_iter_no_change: int = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        clip_norm: float | None = 1.0,
        clip_value: float | None = None,
        bptt_steps: int | None = None,
        washout: int = 0,
        normalize_y: bool = True,
        embedding_size: int | None = None,
        n_tokens: int | None = None,
        n_features_per_step: int = 1,
        static_features: OneOrMore[str | int] | None = None,
        n_jobs: int | None = None,
        random_state: Seed = None,
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
        self.loss = loss
        self.quantile = quantile
        self.huber_delta = huber_delta
        self.solver = solver
        self.alpha = alpha
        self.linear_part = linear_part
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.max_iter = max_iter
        self.n_init = n_init
        self.ensemble = ensemble
        self.shuffle = shuffle
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.clip_norm = clip_norm
        self.clip_value = clip_value
        self.bptt_steps = bptt_steps
        self.washout = washout
        self.normalize_y = normalize_y
        self.embedding_size = embedding_size
        self.n_tokens = n_tokens
        self.n_features_per_step = n_features_per_step
        self.static_features = static_features
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.warm_start = warm_start
