"""Classification of sequences and of their steps."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if

from ._estimators.base import BaseRNN
from ._estimators.classification import SequenceClassifierMixin
from .cells import Cell


class RNNClassifier(SequenceClassifierMixin, BaseRNN):
    r"""Recurrent neural network that classifies sequences, or each of their steps.

    The network reads a sequence step by step and predicts the probabilities of the classes,
    after the last step or at every step. From the state h that its cell makes of a step and of the
    state before,

    .. math::
        p(y_t = k) = e^{f_k} / \sum_j e^{f_j}, \quad f = W_y h_t + b_y

    or, of two classes, :math:`p(y_t = 1) = 1 / (1 + e^{-f})` with one output f. It minimizes the
    cross-entropy, the mean of :math:`-\log p` of the true classes. Several layers are stacked,
    each reading the h of the one below. The gradient of the loss is that of exact
    backpropagation through time [1]_, [2]_.

    Parameters
    ----------
    hidden_size : int or tuple of int, default=32
        Number of hidden units H; of each layer, from the inputs up, if there are several.
    cell : str, Cell subclass or Cell, default="gru"
        The recurrent layers' equations. "elman" is the simple recurrent network of [1]_;
        "jordan" reads its own output; "lstm" is long short-term memory and "peephole_lstm"
        lets its gates see the memory; "gru" is the gated recurrent unit and
        "gru_reset_before" its first version. `skrnn.cells` has their equations, their
        options, such as ``JordanCell(decay=0.3)``, and `Cell`, to write another.
    activation : {"identity", "logistic", "relu", "tanh"}, default="tanh"
        The nonlinearity of the cell. The gates of "lstm" and "gru" are logistic whatever it is.
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
    solver : {"auto", "adam", "lbfgs", "lm", "rmsprop", "sgd"}, default="auto"
        "lm" is Levenberg and Marquardt's method on the exact Jacobian, and the curvature of
        the loss: a step after each pass over the data, best for small networks by orders of
        magnitude, up to 3000 weights; its time grows with the square of the number of steps
        if each has an output. "lbfgs" is SciPy's L-BFGS, an iteration of which counts as a
        pass. These two see all data at once, and don't go with dropout. "adam", "rmsprop" and
        "sgd" make a step after each batch. "auto" takes "lm" without dropout for up to 500
        weights and 10 outputs, after the last step only, otherwise "adam"; ``solver_`` says
        which.
    alpha : float, default=1.0
        Strength of the L2 penalty ``alpha / (2 n) * ||W||²`` on all weights but biases and
        initial states, beside the mean cross-entropy; n is the sum of the samples' weights, or
        of the steps' if each has a label. It is what ``1 / C`` is in `LogisticRegression`.
    batch_size : int or "auto", default="auto"
        Sequences in a batch of the solvers that step after each; "auto" is ``min(200,
        n_samples)``. The memory of a batch is about ``batch_size * n_steps * (n_features + 2
        * hidden_size)`` numbers, with 14 in the place of 2 for "lstm", and some 3 kB more
        for each step, whatever the batch.
    learning_rate : {"constant", "invscaling", "adaptive", "cosine"}, default="constant"
        How the step size of "adam", "rmsprop" and "sgd" changes after each pass. "invscaling"
        divides it by ``(1 + samples seen) ** power_t``, "adaptive" by 5 whenever training
        would have converged, down to 1e-6, "cosine" brings it to 0 in the `max_iter` passes
        of a fit; of `partial_fit`, where it stays.
    learning_rate_init : float, default=0.01
        Step size at first.
    power_t : float, default=0.5
        Exponent of "invscaling".
    momentum : float, default=0.9
        Part of the step before that "sgd" makes again.
    nesterovs_momentum : bool, default=True
        Whether "sgd" uses Nesterov's momentum.
    beta_1 : float, default=0.9
        Decay of Adam's mean of the gradient.
    beta_2 : float, default=0.999
        Decay of Adam's mean of its square.
    epsilon : float, default=1e-08
        What "adam" and "rmsprop" add to the root of that square.
    max_iter : int, default=500
        Passes over the data at most. Reaching it is a `ConvergenceWarning`, unless it is
        too small (``<= n_iter_no_change``) for convergence to be seen.
    n_init : int, default=1
        Number of random initial weights to train from; the lowest loss (of the validation
        set, with `early_stopping`) is kept. Restarts of small networks are trained as a batch:
        the result agrees with that of one after another to rounding and, with the solvers
        that step after small batches, takes less than half of the time.
    shuffle : bool, default=True
        Whether batches are drawn in a new order for each pass.
    tol : float, default=0.001
        A pass that doesn't lower the loss by at least this fraction is no improvement.
        The tolerance is relative, since the loss of noise-free series can fall by ten
        orders of magnitude.
    n_iter_no_change : int, default=10
        Passes without improvement after which training has converged.
    early_stopping : bool, default=False
        Whether to hold out the last samples of each class (of all, if there is a label for
        every step), never shuffled, to stop when their loss no longer falls, and to keep the
        weights with which it was lowest. Samples that are windows of a series, and share
        steps with one of them, are left out of training.
    validation_fraction : float, default=0.1
        The fraction of samples that `early_stopping` holds out.
    clip_norm : float or None, default=1.0
        "adam", "rmsprop" and "sgd" scale longer gradients down to this length.
    clip_value : float or None, default=None
        They cut elements of the gradient to this size, before `clip_norm` applies.
    bptt_steps : int or None, default=None
        Truncated backpropagation through time. With an output per step, sequences are cut
        into chunks of this many steps with an update after each; the state is carried on
        and the gradient cut. With one output, the gradient reaches back this many steps.
        None: full backpropagation through time.
    washout : int, default=0
        Targets of each sequence's first steps that the loss leaves out, while the state
        settles. For an output per step only.
    class_weight : dict, "balanced" or None, default=None
        What the samples' weights, or those of the steps if each has a label, are multiplied
        with, by class; classes that a dict doesn't name weigh 1. "balanced" lets all classes
        weigh the same, ``n_samples / (n_classes * n_samples_of_class)`` each.
    n_features_per_step : int, default=1
        Values per step in 2-D input, where each row is one sequence, step after step.
    static_features : str, int or list of these, default=None
        Names or positions of the columns that are facts s of the sequence: constant over its
        steps, or in 2-D input columns that belong to no step. They aren't read at every step,
        but set the states before the first one, :math:`h_0 = W_s s`, which gated cells keep
        over many steps. Positions are those of what comes in: `SlidingWindow` has taken out
        its column of `groups`.
    n_jobs : int or None, default=None
        Threads that share the work on large batches, in `fit` and `predict`: two at most,
        where it pays. None uses two if BLAS may. The results don't depend on it.
    random_state : int, RandomState instance or None, default=None
        Determines the initial weights, the order of batches and what is dropped. Pass an
        int for reproducible results across calls.
    verbose : bool, default=False
        Whether to print the loss after each pass, and how long the rest may take.
    warm_start : bool, default=False
        Whether `fit` goes on where the previous one ended: with its weights, its classes
        and the solver's memory ("lbfgs" has to start that anew).

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, in the order of the columns of `predict_proba`.
    loss_curve_ : list of float
        Loss, with the penalty, of each pass over the data, in all fits that went on.
    loss_ : float
        Its last value.
    validation_loss_curve_ : list of float or None
        Loss of the held-out samples after each pass, without the penalty, if
        `early_stopping`; NaN for passes of earlier fits that had none.
    gradient_norm_curve_ : list of float
        Length of the gradient before clipping, the mean over the batches of each pass:
        tiny where it vanishes, huge where it explodes.
    n_iter_ : int
        Number of passes over the data.
    solver_ : str
        The solver that was used.
    parameters_ : ndarray of shape (n_weights,)
        All weights; see `get_weights` for the matrices.
    n_outputs_ : int
        Number of outputs K: one for each class, or 1 for two classes.
    n_features_in_ : int
        Features per step of 3-D input; columns of 2-D input.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Columns' names, if X was a data frame with string names.

    See Also
    --------
    flatten_steps : Labels and predictions for every step, as `sklearn.metrics` takes them.
    LossCurveDisplay : Draw the loss of each pass.

    Notes
    -----
    The defaults are the smallest network that did as well as any, on average, of those that
    ``benchmarks/README.md`` compares. What has to be kept or counted over many steps takes
    gates, and more units than a forecast does. With much noise and few sequences, or a label
    for every step, where n is large, raise `alpha` to 3 or 10; too strong a penalty leaves
    nothing but the frequencies of the classes.

    X isn't scaled: put a scaler before the network. NaN steps leave the state alone, have
    no loss and no gradient. float32 input is computed in float32, all other in float64.
    Sequences of different lengths are padded in memory to the longest; batches are drawn
    from sequences of similar length, and are no longer than these.

    References
    ----------
    .. [1] J. L. Elman, "Finding structure in time", Cognitive Science 14, 1990.
    .. [2] P. J. Werbos, "Backpropagation through time: what it does and how to do it",
       Proceedings of the IEEE 78, 1990.
    .. [3] Y. Gal and Z. Ghahramani, "A theoretically grounded application of dropout in
       recurrent neural networks", NeurIPS 2016.

    Examples
    --------
    Strings of which some hold an "a" followed, at any distance, by a "b":

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

    _parameter_constraints: dict = {
        **BaseRNN._parameter_constraints,
        "class_weight": [dict, StrOptions({"balanced"}), None],
    }

    def __init__(
        self,
        hidden_size: int | tuple[int, ...] = 32,
        *,
        cell: str | type[Cell] | Cell = "gru",
        activation: str = "tanh",
        bidirectional: bool = False,
        learn_initial_state: bool = False,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        solver: str = "auto",
        alpha: float = 1.0,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.01,
        power_t: float = 0.5,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        max_iter: int = 500,
        n_init: int = 1,
        shuffle: bool = True,
        tol: float = 0.001,
        n_iter_no_change: int = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        clip_norm: float | None = 1.0,
        clip_value: float | None = None,
        bptt_steps: int | None = None,
        washout: int = 0,
        class_weight: dict | str | None = None,
        n_features_per_step: int = 1,
        static_features: str | int | list[str | int] | None = None,
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
        self.n_features_per_step = n_features_per_step
        self.static_features = static_features
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
            Labels, numbers or strings: ``(n_samples,)``, one a sequence; or ``(n_samples,
            n_steps)`` or a list of ``(n_steps_i,)`` arrays, one a step. Of steps that are NaN
            in X, they don't count.
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_steps), default=None
            Weights of the sequences, or of their steps (a list of arrays for a list of
            sequences) if each has a label. A weight of 0 leaves a label out; with batches
            that hold all sequences, a weight of 2 equals having one twice.

        Returns
        -------
        self : RNNClassifier
            The fitted estimator.

        Raises
        ------
        ValueError
            If X, y or sample_weight are malformed, or the first epoch's loss isn't finite.
            The estimator is then what it was before, as it is after any other exception.
        """
        return self._fit(X, y, sample_weight, incremental=False)

    @available_if(lambda self: self.solver not in ("lm", "lbfgs"))
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ):
        """Train in one pass over what is given, and go on from there at the next call.

        For the solvers that step after each batch; "auto" is "adam" here. One network is
        trained, whatever `n_init` is.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `fit`, of any number.
        y : array-like or list of arrays
            Labels, as in `fit`.
        classes : array-like of shape (n_classes,), default=None
            All classes that there will be. Needed in the first call only.
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_steps), default=None
            Weights, as in `fit`.

        Returns
        -------
        self : RNNClassifier
            The estimator, trained a bit more.

        Raises
        ------
        ValueError
            If X, y or sample_weight are malformed or don't suit what came before. The
            estimator is then what it was.
        """
        if self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True.")
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' is not supported for partial_fit, which doesn't see all "
                "labels at once: pass a dict, or sample_weight."
            )
        classes = self._check_classes(classes)
        return self._fit(X, y, sample_weight, incremental=True, classes=classes)
