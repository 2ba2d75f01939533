"""Classification of sequences and of their steps."""

from __future__ import annotations

from ._estimators.classification import SequenceClassifierMixin
from ._estimators.classifier_training import ClassifierTraining
from ._validation.options import (
    Activation,
    Auto,
    CellLike,
    ClassWeight,
    OneOrMore,
    Schedule,
    Seed,
    Solver,
)


class RNNClassifier(SequenceClassifierMixin, ClassifierTraining):
    r"""Recurrent neural network that classifies sequences, or each of their steps.

    The network reads a sequence step by step. It predicts the probabilities of the classes, after
    the last step or at every step. The cell computes the state :math:`h_t` from the input and the
    previous state. The probability of class k is

    .. math::
        p(y_t = k) = e^{f_k} / \sum_j e^{f_j}, \quad f = W_y h_t + b_y

    Two classes need one output f only: :math:`p(y_t = 1) = 1 / (1 + e^{-f})`. Training minimizes
    the cross-entropy, which is the mean of :math:`-\log p` of the true classes. Each step may also
    have several labels that are on or off, such as the notes of a chord: each label then has an
    output f of its own, and the loss is the mean over all labels. Several layers can be stacked:
    each reads the states h of the layer below. The gradient of the loss is exact, by
    backpropagation through time [2]_.

    Parameters
    ----------
    hidden_size : int or tuple of int, default=32
        Number of hidden units H. A tuple has the H of each stacked layer, from the inputs up.
    cell : str, Cell subclass or Cell, default="gru"
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
        Biases and initial states aren't penalized; the Notes say which weights are. "auto" is 0.1,
        and held-out samples say when training ends: three training runs start from different
        initial weights, and each holds out another quarter of the samples. Each keeps the weights
        of its lowest validation loss, and `fit` keeps the best of the three. As validation losses
        go up and down, twice `n_iter_no_change` epochs without improvement end a run. If there are
        100 sequences or more, of which each occurs twice or more often, on average, the three runs
        use all of them. "auto" is 1, for a single run, if there are less than 20 different
        sequences, and in `partial_fit`. With `early_stopping`, it is 0.1 for a single run. With a
        number, training uses all samples. ``alpha_`` is the strength that was used.
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
        validation set has the last samples, without shuffling. With one label per sequence, it has
        the last samples of each class. Windows that share rows with it are removed from the
        training set, as they would leak validation values into training. Windows cut by
        `SlidingWindow` and `sliding_windows` know their rows, of the targets as well. Any
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
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes. They multiply the weights of the samples (of the steps where each
        step has a label). Classes that a dict doesn't name have weight 1. "balanced" gives all
        classes the same total weight: ``n_samples / (n_classes * n_samples_of_class)`` for each
        sample. It isn't supported for several labels at each step.
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
    classes_ : ndarray of shape (n_classes,)
        Labels, in the order of the columns of `predict_proba`. Where each step has several labels,
        their numbers, from 0.
    loss_curve_ : list of float
        Loss of each epoch, with the penalty. Fits that resume append their epochs.
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
    alpha_ : float
        Strength of the penalty.
    parameters_ : ndarray of shape (n_weights,)
        All weights in one array. `get_weights` returns the matrices.
    n_outputs_ : int
        Number of outputs K: one per class, or 1 for two classes. Where each step has several
        labels, one per label.
    n_tokens_ : int
        Number of tokens, with `embedding_size`.
    n_features_in_ : int
        Number of features per step of 3-D input, or of columns of 2-D input.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, if X was a data frame with string names.

    See Also
    --------
    flatten_steps : Bring labels and predictions for every step to the form of `sklearn.metrics`.
    LossCurveDisplay : Draw the loss of each epoch.
    SequencePatcher : Join the steps of long sequences.

    Notes
    -----
    The penalty is on the input, static, recurrent and readout weights, and on the vectors of
    tokens. Without a penalty on the readout, the outputs of separable classes would grow without
    bound. `alpha` corresponds to ``1 / C`` of `LogisticRegression`.

    The defaults did best, on average, in ``benchmarks/README.md``, on kinds of tasks that they were
    not chosen on. Gates help to keep or count something over many steps, and such tasks take more
    units than a forecast. At first, gated units keep their state over 2 to T steps, with time
    constants that are spread evenly on a logarithmic scale, where T is the length of the longest
    sequence [4]_.

    ``alpha="auto"`` decides which samples to hold out by what they contain, not by their order:
    equal sequences are held out together, and of each class, a quarter. Windows that know their
    rows, or that are recognised as windows of a series (see `early_stopping`), are held out as
    successive ones, and those that overlap with them are left out.

    Training may stand on a plateau at first, at the frequencies of the classes. Until the losses,
    without the penalty, are clearly below that of the frequencies, 20 times `n_iter_no_change`
    epochs without improvement end it (not with "lm" and "lbfgs"). A `ConvergenceWarning` says
    so if they never are. "Clearly" is by a fraction of 6 / n for n labels, but by 0.5 % at least
    and 5 % at most. Then try more restarts by `n_init`, or join the steps of long sequences by
    `SequencePatcher`.

    A network is made for as many steps as it was trained on. Carried by `step` beyond these, its
    state drifts, the more so with a low `alpha`: see `step` for what to do instead.

    X isn't scaled: put a scaler before the network. A step that is NaN is missing: the network
    carries the state unchanged, and the step has no loss and no gradient. float32 input is computed
    in float32, all other input in float64.
    Sequences of different lengths are padded in memory to the longest. Each batch has sequences of
    similar length and only as many steps as its longest sequence.

    References
    ----------
    .. [1] Elman, "Finding structure in time", Cognitive Science 14, 1990.
    .. [2] P. J. Werbos, "Backpropagation through time: what it does and how to do it",
       Proceedings of the IEEE 78, 1990.
    .. [3] Y. Gal and Z. Ghahramani, "A theoretically grounded application of dropout in
       recurrent neural networks", NeurIPS 2016.
    .. [4] Tallec and Ollivier, "Can recurrent neural networks warp time?", ICLR 2018.

    Examples
    --------
    Classify strings by whether an "a" is followed, at any distance, by a "b":

    >>> import numpy as np
    >>> from skrnn import RNNClassifier
    >>> rng = np.random.RandomState(0)
    >>> strings = ["".join(rng.choice(list("abcd"), rng.randint(3, 9))) for _ in range(300)]
    >>> X = [np.array([[c == k for k in "abcd"] for c in s], float) for s in strings]
    >>> y = ["yes" if "b" in s.partition("a")[2] else "no" for s in strings]
    >>> model = RNNClassifier(random_state=0).fit(X[:200], y[:200])
    >>> model.score(X[200:], y[200:]) > 0.98
    True
    """

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
        solver: Solver = "auto",
        alpha: float | Auto = "auto",
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
        class_weight: ClassWeight = None,
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
        self.bptt_steps = bptt_steps
        self.washout = washout
        self.class_weight = class_weight
        self.embedding_size = embedding_size
        self.n_tokens = n_tokens
        self.n_features_per_step = n_features_per_step
        self.static_features = static_features
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.warm_start = warm_start
