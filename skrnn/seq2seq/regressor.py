"""Regression of sequences on sequences."""

from __future__ import annotations

from .._estimators.seq2seq_regression import Seq2SeqRegression
from .._validation.options import (
    Activation,
    Attention,
    Auto,
    CellLike,
    Loss,
    OneOrMore,
    Schedule,
    Seed,
    Seq2SeqSolver,
)


class Seq2SeqRegressor(Seq2SeqRegression):
    r"""Encoder-decoder for regression: from sequences to sequences of other lengths.

    An encoder reads a sequence x step by step. Its last states are the first ones of a decoder,
    which writes a sequence y, and at each step reads what came one step before [1]_:

    .. math::
        h_t &= f(x_t, h_{t-1}), \quad h_0 = 0 \\
        d_s &= g(y_{s-1}, d_{s-1}), \quad d_0 = h_T, \quad y_0 = 0 \\
        \hat y_s &= W_y d_s + b_y

    Here f and g are recurrent cells with weights of their own, and y_0 is 0 on the scale of
    `normalize_y`. In training, the decoder reads targets. In prediction, it reads its own
    predictions. y may have any number of steps, whatever that of X.

    Parameters
    ----------
    hidden_size : int or tuple of int, default=32
        Number of hidden units H. A tuple has the H of each stacked layer, from the inputs up.
        Encoder and decoder have the same.
    cell : str, Cell subclass or Cell, default="gru"
        Recurrent cell of all layers. "elman" is the simple recurrent network. "lstm" is long
        short-term memory; "peephole_lstm" also connects the memory to the gates. "gru" is the gated
        recurrent unit of PyTorch and Keras; "gru_reset_before" is its original version [4]_.
        `skrnn.cells` documents the equations. Subclass `Cell` to write another cell. "jordan" can't
        be used: it reads the network's output at the previous step, which a decoder reads anyway.
    activation : {"identity", "logistic", "relu", "tanh"}, default="tanh"
        Nonlinearity of the cell. Gates always use the logistic function.
    bidirectional : bool, default=False
        Whether each layer of the encoder also reads the sequences backward, with separate weights.
        The final states of both directions are then mapped to the decoder's state by weights, and
        so are the outputs that attention reads.
    learn_initial_state : bool, default=False
        Whether to learn the states before the encoder's first step. Otherwise, they are 0 unless
        `static_features` set them.
    dropout : float, default=0.0
        Fraction of each layer's outputs that training sets to 0 before the next layer or the
        readout. All steps of a sequence share one mask [5]_.
    recurrent_dropout : float, default=0.0
        Fraction of each layer's previous state that training sets to 0 before the recurrent
        weights. All steps of a sequence share one recurrent mask [5]_.
    loss : {"squared_error", "absolute_error", "huber", "poisson", "quantile"}, default="squared_error"
        Loss of the scaled target: half the squared error, the absolute error, "huber", which is
        squared for small errors and absolute for large ones, half the Poisson deviance of counts,
        where the network predicts the logarithm of their mean, or the pinball loss of `quantile`.
    quantile : float or list of float, default=0.5
        Quantile that loss="quantile" predicts. A list must be in ascending order; predictions then
        have one column for each quantile, and the quantiles never cross. The decoder reads the one
        that is nearest to the median: have 0.5 among them, as errors add up where it reads others.
    huber_delta : float, default=1.35
        Size of the error from which "huber" is absolute, in units of the scaled target. Outliers
        widen that unit: "absolute_error" is more robust to them.
    attention : {"dot"} or None, default=None
        Whether the readout at each step of the decoder also reads a weighted mean of the encoder's
        outputs. The Notes have the equation of "dot" [2]_. None leaves all to the encoder's final
        state.
    teacher_forcing : float, default=1.0
        Share of the decoder's inputs that are targets in training. All others are what a first
        pass predicts, drawn anew for each step of each batch, and taken without derivatives [3]_.
        Below 1, an epoch takes a quarter longer.
    solver : {"auto", "adam", "lbfgs", "rmsprop", "sgd"}, default="auto"
        "adam", "rmsprop" and "sgd" update the weights after each batch. "lbfgs" is SciPy's L-BFGS,
        and one iteration counts as one epoch. It uses all data at once and supports neither dropout
        nor `teacher_forcing` below 1. "auto" is "adam". ``solver_`` is the solver that was used.
    alpha : float, default=0.1
        Strength of the L2 penalty ``alpha / (2 n) * ||W||²``, which is added to the mean loss. Here
        n is the sum of the weights of all targets' steps. In `partial_fit`, it is that of all calls
        so far, of which further epochs count once. Biases, initial states and the readout aren't
        penalized.
    batch_size : int or "auto", default="auto"
        Number of sequences per batch of "adam", "rmsprop" and "sgd". "auto" is
        ``min(200, n_samples)``. Encoder and decoder need memory for all of its steps, and attention
        for ``batch_size`` times the product of their numbers.
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
        loss is kept; with `early_stopping`, the validation loss decides.
    ensemble : bool, default=False
        Whether the mean of all restarts predicts, rather than the best one: the mean of their
        outputs, where each reads its own. It needs ``n_init > 1``. An ensemble can't resume
        training.
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
        with the lowest validation loss are kept, which is that of predictions that never read a
        target. There is a warning if they predict the validation
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
    normalize_y : bool, default=True
        Whether to train on targets with mean 0 and variance 1 (with mean 1 for "poisson"). The
        validation set doesn't count for mean and variance. In `partial_fit`, they are those of
        the first call. `predict` undoes the scaling; the readout in `get_weights` predicts the
        scaled target.
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
        columns that reach the network: `SlidingWindow` has removed its column of `groups`. If they
        are all columns, there is no encoder, and they set the states of the decoder.
    n_jobs : int or None, default=None
        Number of threads, at most two, in `fit` and `predict`. A second thread is used for large
        batches, and for many outputs. None means two if BLAS is allowed more than one. The results
        don't depend on it.
    random_state : int, RandomState instance or None, default=None
        Seed or generator of the initial weights, the order of the batches, the dropout masks and
        the draws of `teacher_forcing`. Pass an int for reproducible results across calls.
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
        Strength of the penalty.
    loss_curve_ : list of float
        Loss of each epoch, with the penalty, where the decoder reads targets. Fits that resume
        append theirs.
    loss_ : float
        Last value of ``loss_curve_``.
    validation_loss_curve_ : list of float or None
        Loss of the validation set after each epoch, without the penalty, where the decoder reads
        its own predictions. It is None without a validation set, as `early_stopping` has one, and
        NaN for epochs of earlier fits without one.
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
    RNNRegressor : One target per sequence or per step of X.
    LossCurveDisplay : Draw the loss of each epoch.
    AttentionDisplay : Draw where the decoder looks.

    Notes
    -----
    **Attention.** With ``attention="dot"``, and m for the outputs of the encoder's last layer at
    its valid steps [2]_:

    .. math::
        w_{st} &= \operatorname{softmax}_t (d_s \cdot m_t) \\
        \tilde d_s &= \tanh(W_c [\textstyle\sum_t w_{st} m_t; d_s] + b_c) \\
        \hat y_s &= W_y \tilde d_s + b_y

    **One to many.** If all columns of X are `static_features` s, there is no encoder, and
    :math:`d_0 = W_s s`.

    **Which to choose.** A horizon of a few values after a window is learned as well by
    `RNNRegressor` with ``y`` of shape (n_samples, n_outputs), as it is by `Ridge`. A decoder pays
    where targets depend on each other or on the order of X, and where their number varies. It
    learns slowly to remember what it has read: where each target depends on one step of X, smaller
    batches, such as ``batch_size=32``, or a `teacher_forcing` of 0.5 go further.

    The weights in `get_weights` are named as those of `RNNRegressor`, after ``"encoder."`` and
    ``"decoder."``. With attention, there are ``"decoder.attention.context"`` and
    ``"decoder.attention.input"`` (H, H), and ``"decoder.attention.bias"`` (H,). If bidirectional,
    ``"bridge.layer0.input"`` (R, 2R) and ``"bridge.layer0.bias"`` (R,) map the states of both
    directions, where R is H, or 2H with the c of an LSTM, and ``"bridge.memory.input"`` (H, 2H)
    maps the outputs that attention reads.

    X isn't scaled: put a scaler before the network. A step that is NaN is missing: the network
    carries the state unchanged, and attention leaves the step out. float32 input is computed in
    float32, all other input in float64.

    References
    ----------
    .. [1] I. Sutskever, O. Vinyals and Q. V. Le, "Sequence to sequence learning with neural
       networks", NeurIPS 2014.
    .. [2] M.-T. Luong, H. Pham and C. D. Manning, "Effective approaches to attention-based neural
       machine translation", EMNLP 2015; without input feeding.
    .. [3] S. Bengio, O. Vinyals, N. Jaitly and N. Shazeer, "Scheduled sampling for sequence
       prediction with recurrent neural networks", NeurIPS 2015; in two passes.
    .. [4] K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
       machine translation", EMNLP 2014, has the GRU and the first encoder-decoder.
    .. [5] Y. Gal and Z. Ghahramani, "A theoretically grounded application of dropout in
       recurrent neural networks", NeurIPS 2016.

    Examples
    --------
    Sort the numbers of a sequence:

    >>> import numpy as np
    >>> from skrnn import Seq2SeqRegressor
    >>> X = np.random.RandomState(0).uniform(-1, 1, size=(500, 4, 1))
    >>> y = np.sort(X[:, :, 0], axis=1)
    >>> model = Seq2SeqRegressor(random_state=0).fit(X[:400], y[:400])
    >>> model.predict(X[400:]).shape
    (100, 4)
    >>> bool(model.score(X[400:], y[400:]) > 0.9)
    True
    """  # noqa: E501

    def __init__(
        self,
        hidden_size: OneOrMore[int] = 32,
        *,
        cell: CellLike = "gru",
        activation: Activation = "tanh",
        bidirectional: bool = False,
        learn_initial_state: bool = False,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        loss: Loss = "squared_error",
        quantile: OneOrMore[float] = 0.5,
        huber_delta: float = 1.35,
        attention: Attention = None,
        teacher_forcing: float = 1.0,
        solver: Seq2SeqSolver = "auto",
        alpha: float = 0.1,
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
        self.attention = attention
        self.teacher_forcing = teacher_forcing
        self.solver = solver
        self.alpha = alpha
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
        self.normalize_y = normalize_y
        self.embedding_size = embedding_size
        self.n_tokens = n_tokens
        self.n_features_per_step = n_features_per_step
        self.static_features = static_features
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.warm_start = warm_start
