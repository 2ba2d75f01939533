"""RNNRegressor: scikit-learn's checks, learning, parameters."""

import re

import numpy as np
import pytest
from joblib import Parallel, delayed
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression
from sklearn.utils.estimator_checks import parametrize_with_checks
from threadpoolctl import threadpool_info

from skrnn import RNNRegressor, sliding_windows
from skrnn._engine.network import Network
from skrnn._training.dataset import SequenceData
from skrnn._training.solvers.adam import Adam
from tests.estimators.test_faults import interrupt
from tests.helpers import oracle_elman as reference

pytestmark = pytest.mark.core


def rmse(a, b):
    return np.sqrt(np.mean((a - b) ** 2))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")  # array API not enabled
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # tiny data sets
@pytest.mark.filterwarnings("ignore:X has values as large")  # some checks draw X around 100
@parametrize_with_checks(
    [
        RNNRegressor(),
        RNNRegressor(solver="adam"),
        RNNRegressor(activation="logistic", max_iter=300),
        RNNRegressor(bptt_steps=5, normalize_y=False),
        RNNRegressor(activation="identity", solver="adam", clip_norm=None),
        # not "jordan": what it remembers of a sequence is the one number that it predicts, which
        # is too little for the score that check_regressors_train asks for
        RNNRegressor(4, cell="lstm"),
        RNNRegressor((3, 2), cell="gru", bidirectional=True, learn_initial_state=True),
        # rounding errors grow, most of all in line searches: after hundreds of iterations, weights
        # that equal repetition may not end up within check_sample_weight_equivalence's 1e-7
        RNNRegressor(solver="lbfgs", max_iter=30),
        RNNRegressor(loss="huber"),
        RNNRegressor(solver="rmsprop"),
        RNNRegressor(solver="sgd"),
        RNNRegressor(solver="rmsprop", learning_rate="cosine", max_iter=100),
        RNNRegressor(solver="sgd", learning_rate="adaptive"),
        RNNRegressor(loss="absolute_error", solver="adam"),
        RNNRegressor(loss="quantile", solver="rmsprop"),
        RNNRegressor(n_init=3, solver="adam", max_iter=30, clip_value=0.5),
    ]
)
def test_check_estimator(estimator, check):
    check(estimator)


# --- learning, against a baseline ------------------------------------------------------


def test_sine_is_learned_to_a_thousandth():
    X, y = sliding_windows(np.sin(np.arange(200)), length=50)
    for seed in range(3):
        model = RNNRegressor(hidden_size=8, alpha=1e-4, tol=0.02, random_state=seed)
        model.fit(X[:100], y[:100])
        assert rmse(model.predict(X[100:]), y[100:]) < 1e-3


@pytest.mark.parametrize("activation", ["tanh", "relu", "logistic"])
def test_nonlinear_system_is_learned_better_than_by_a_linear_model(rng, activation):
    """The target is a product of two inputs of different age: no linear model can know."""
    X = rng.uniform(-1, 1, size=(600, 5, 1))
    y = X[:, -1, 0] * X[:, -3, 0]
    linear = LinearRegression().fit(X[:400, :, 0], y[:400]).predict(X[400:, :, 0])
    errors = []
    for seed in range(3):
        model = RNNRegressor(activation=activation, alpha=1e-3, tol=0.01, random_state=seed)
        errors.append(rmse(model.fit(X[:400], y[:400]).predict(X[400:]), y[400:]))
    assert np.median(errors) < 0.5 * rmse(linear, y[400:])


def test_identity_is_a_linear_filter(rng):
    """With f = identity the network is linear in its input, and learns an ARMA filter."""
    X = rng.normal(size=(300, 20, 1))
    y = X[:, :, 0] @ 0.8 ** np.arange(20)[::-1]
    model = RNNRegressor(2, activation="identity", alpha=1e-6, tol=0.1, random_state=0)
    model.fit(X[:200], y[:200])
    assert rmse(model.predict(X[200:]), y[200:]) < 1e-3 * y.std()
    twice = model.predict(2 * X) - model.predict(0 * X)
    assert_allclose(twice, 2 * (model.predict(X) - model.predict(0 * X)), rtol=1e-6, atol=1e-9)


def test_labels_per_step_are_learned(rng):
    """A running mean, at every step, by Adam with and without truncation."""
    X = rng.normal(size=(100, 20, 1))
    y = np.zeros_like(X)
    for t in range(20):
        y[:, t] = 0.7 * (y[:, t - 1] if t else 0) + 0.3 * X[:, t]
    for bptt_steps in (None, 5):
        model = RNNRegressor(
            bptt_steps=bptt_steps, batch_size=20, alpha=0, tol=0.01, random_state=0
        ).fit(X[:70], y[:70])
        assert model.solver_ == "adam"
        static = LinearRegression().fit(X[:70].reshape(-1, 1), y[:70].reshape(-1, 1))
        baseline = rmse(static.predict(X[70:].reshape(-1, 1)), y[70:].reshape(-1, 1))
        assert rmse(model.predict(X[70:]), y[70:]) < 0.25 * baseline


def test_weights_steer_the_fit(rng):
    """Two contradictory halves: the weighted one wins."""
    X = rng.normal(size=(100, 3, 1))
    y = np.where(np.arange(100) < 50, 1.0, -1.0)
    model = RNNRegressor(2, random_state=0)
    weight = np.where(np.arange(100) < 50, 9.0, 1.0)
    assert model.fit(X, y, sample_weight=weight).predict(X).mean() > 0.6
    assert model.fit(X, y, sample_weight=10 - weight).predict(X).mean() < -0.6


# --- each parameter does what it says ----------------------------------------------------


@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("bptt_steps", [None, 1, 3])
@pytest.mark.parametrize("activation", sorted(reference.F))
def test_adam_with_truncation_equals_the_reference(rng, activation, bptt_steps, per_step):
    """Whole trainings, in batches of one sequence, against the naive implementation."""
    n, T, D, K, n_epochs = 4, 8, 2, 2, 3
    X = rng.normal(size=(n, T, D))
    X[1, 2] = X[2, :3] = X[3, 5:] = np.nan
    y = rng.normal(size=(n, T, K) if per_step else (n, K))
    model = RNNRegressor(
        3,
        activation=activation,
        solver="adam",
        alpha=0,
        batch_size=1,
        shuffle=False,
        max_iter=n_epochs,
        clip_norm=None,
        bptt_steps=bptt_steps,
        normalize_y=False,
        random_state=0,
    ).fit(X, y)

    start = clone(model).set_params(learning_rate_init=1e-300, max_iter=1).fit(X, y)
    weights = start.get_weights()
    adam = reference.Adam(learning_rate=0.01)
    for _ in range(n_epochs):
        for x, target in zip(X, y, strict=True):
            real = ~np.isnan(x[:, 0])
            x, h = x[real], None
            target = target[real] if per_step else reference.last_only(target, len(x))
            if not per_step:
                first = max(0, len(x) - (bptt_steps or T))
                _, g = reference.sequence_gradient(weights, x, target, activation, first=first)
                adam.step(weights, {k: v / K for k, v in g.items()})
                continue
            size = bptt_steps or T
            for chunk in (slice(i, i + size) for i in range(0, len(x), size)):
                _, g = reference.sequence_gradient(
                    weights, x[chunk], target[chunk], activation, h=h
                )
                h = reference.states(weights, x[chunk], activation, h)[-1]
                adam.step(weights, {k: v / target[chunk].size for k, v in g.items()})
    for name, value in model.get_weights().items():
        assert_allclose(value, weights[name], rtol=1e-8, atol=1e-10, err_msg=name)
    assert_allclose(
        model.predict(X), reference.predict(weights, X, activation, per_step), rtol=1e-7
    )


def test_alpha_shrinks_input_and_recurrent_weights_only(rng):
    X, y = rng.normal(size=(80, 4, 1)), rng.normal(size=80)
    norms = []
    for alpha in (0.01, 1, 100):
        w = RNNRegressor(3, alpha=alpha, random_state=0).fit(X, y).get_weights()
        norms.append(np.linalg.norm(w["layer0.input"]) + np.linalg.norm(w["layer0.recurrent"]))
    assert norms[0] > norms[1] > 5 * norms[2]


def test_loss_is_half_the_mean_squared_error_plus_the_penalty(rng):
    X, y = rng.normal(size=(50, 4, 2)), rng.normal(size=(50, 3))
    model = RNNRegressor(3, alpha=0.7, random_state=0).fit(X, y)
    w = model.get_weights()
    penalty = (w["layer0.input"] ** 2).sum() + (w["layer0.recurrent"] ** 2).sum()
    error = (model.predict(X) - y) / model.y_scale_
    expected = (error**2).mean() / 2 + 0.7 * penalty / (2 * 50)
    assert model.loss_ == pytest.approx(expected, rel=1e-9)
    assert model.loss_ == model.loss_curve_[-1] == min(model.loss_curve_)
    assert model.n_iter_ == len(model.loss_curve_)


def test_normalize_y_makes_the_fit_equivariant(rng):
    X, y = rng.normal(size=(50, 4, 1)), rng.normal(size=(50, 2))
    model = RNNRegressor(3, max_iter=8, random_state=0)
    moved = clone(model).fit(X, 1000 + [[5, 0.01]] * y)
    expected = 1000 + [[5, 0.01]] * model.fit(X, y).predict(X)
    assert_allclose(moved.predict(X), expected, rtol=1e-8)
    raw = clone(model).set_params(normalize_y=False).fit(X, y)
    assert_array_equal(raw.y_mean_, 0)
    assert_array_equal(raw.y_scale_, 1)


def test_clip_norm_bounds_the_step(rng):
    """Clipping scales the whole gradient; Adam forgets a constant scale, so the first
    step is the same but for epsilon, and a tiny bound stops it.
    """
    X, y = rng.normal(size=(20, 4, 1)), rng.normal(size=20)
    model = RNNRegressor(3, solver="adam", max_iter=1, random_state=0)
    free = clone(model).set_params(clip_norm=None).fit(X, y).parameters_
    loose = clone(model).set_params(clip_norm=1e6).fit(X, y).parameters_
    tight = clone(model).set_params(clip_norm=1e-12).fit(X, y).parameters_
    start = clone(model).set_params(learning_rate_init=1e-300).fit(X, y).parameters_
    assert_array_equal(free, loose)
    assert np.abs(tight - start).max() < 1e-4 * np.abs(free - start).max() * 10
    assert np.abs(tight - start).max() > 0


def test_shuffle_and_batch_size(rng):
    X, y = rng.normal(size=(20, 4, 1)), rng.normal(size=20)
    model = RNNRegressor(3, solver="adam", max_iter=2, batch_size=5, random_state=0)
    shuffled = clone(model).fit(X, y).parameters_
    in_order = clone(model).set_params(shuffle=False).fit(X, y).parameters_
    assert (shuffled != in_order).any()
    whole = clone(model).set_params(batch_size=20).fit(X, y).parameters_
    auto = clone(model).set_params(batch_size="auto").fit(X, y).parameters_
    assert_array_equal(whole, auto)


def test_training_stops_by_tol_and_by_max_iter(rng):
    X, y = rng.normal(size=(50, 4, 1)), rng.normal(size=50)
    model = RNNRegressor(3, solver="adam", tol=0.5, n_iter_no_change=3, random_state=0)
    model.fit(X, y)
    assert model.n_iter_ == 4
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(15\)"):
        model.set_params(tol=0, max_iter=15).fit(X, y)
    assert model.n_iter_ == 15


def test_verbose_prints_each_epoch(rng, capsys):
    X, y = rng.normal(size=(20, 4, 1)), rng.normal(size=20)
    model = RNNRegressor(3, max_iter=3, random_state=0, verbose=True).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    for i, (line, loss) in enumerate(zip(lines, model.loss_curve_, strict=True), 1):
        assert re.fullmatch(rf"Iteration {i}, loss = {loss:.8f}, at most \d\.\ds left", line)


@pytest.mark.parametrize("solver", ["adam", "lm"])
def test_warm_start_goes_on(rng, solver):
    X, y = rng.normal(size=(40, 4, 1)), rng.normal(size=40)
    model = RNNRegressor(3, solver=solver, max_iter=5, warm_start=True, random_state=0)
    first = model.fit(X, y).loss_
    scale = model.y_scale_
    assert model.fit(X, 3 * y).y_scale_ is scale
    curve = model.fit(X, y).loss_curve_
    assert len(curve) == 15
    assert curve[-1] < first
    with pytest.raises(ValueError, match=r"warm_start=True, .* weights of shapes .*\(3, 5\)"):
        model.set_params(hidden_size=4).fit(X, y)
    # as many weights in other shapes
    same_size = RNNRegressor(1, max_iter=1, warm_start=True).fit(rng.normal(size=(9, 4, 10)), y[:9])
    with pytest.raises(ValueError, match="warm_start=True"):
        same_size.set_params(hidden_size=2).fit(X[:9], np.c_[y, y][:9])
    with pytest.raises(ValueError, match="warm_start=True"):
        model.set_params(hidden_size=3).fit(X, np.c_[y, y])


def test_auto_solver(rng):
    X, y = rng.normal(size=(10, 3, 1)), rng.normal(size=10)
    model = RNNRegressor(max_iter=1)
    assert model.fit(X, y).solver_ == "lm"
    # 20 * 22 + 21 = 461 weights, and 21 * 23 + 22 = 505
    assert model.set_params(hidden_size=20).fit(X, y).solver_ == "lm"
    assert model.set_params(hidden_size=21).fit(X, y).solver_ == "adam"


def test_weights_are_named_copies(rng):
    X, y = rng.normal(size=(20, 4, 2)), rng.normal(size=(20, 3))
    model = RNNRegressor(5, max_iter=2, random_state=0).fit(X, y)
    shapes = {name: w.shape for name, w in model.get_weights().items()}
    assert shapes == {
        "layer0.input": (5, 2),
        "layer0.recurrent": (5, 5),
        "layer0.bias": (5,),
        "readout.input": (3, 5),
        "readout.bias": (3,),
    }
    before = model.predict(X)
    for w in model.get_weights().values():
        w[...] = 0
    assert_array_equal(model.predict(X), before)
    expected = reference.predict(model.get_weights(), X, "tanh", per_step=False)
    assert_allclose(before, expected * model.y_scale_ + model.y_mean_)


# --- what goes wrong -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden_size", 0),
        ("hidden_size", -3),
        ("hidden_size", 2.5),
        ("cell", "elmann"),
        ("activation", "sigmoid"),
        ("solver", "sgdd"),
        ("alpha", -1),
        ("batch_size", 0),
        ("learning_rate_init", 0),
        ("max_iter", 0),
        ("shuffle", "yes"),
        ("tol", -1e-3),
        ("n_iter_no_change", 0),
        ("clip_norm", 0),
        ("bptt_steps", 0),
        ("normalize_y", "yes"),
        ("n_features_per_step", 0),
        ("random_state", "seed"),
        ("warm_start", "yes"),
    ],
)
def test_bad_parameters_are_named(name, value):
    model = RNNRegressor(**{name: value})
    with pytest.raises(ValueError, match=rf"'{name}' parameter of RNNRegressor must be .*Got"):
        model.fit(np.zeros((4, 3, 1)), np.zeros(4))


def test_net_too_large_for_lm_says_what_to_do(rng):
    model = RNNRegressor(60, solver="lm")
    with pytest.raises(ValueError, match=r"3781 weights.*3000.*hidden_size=60.*solver='adam'"):
        model.fit(np.zeros((4, 3, 1)), np.zeros(4))


def test_lm_cannot_update_within_a_sequence(rng):
    model = RNNRegressor(3, solver="lm", bptt_steps=2)
    with pytest.raises(ValueError, match=r"bptt_steps=2.*solver='adam'"):
        model.fit(np.zeros((4, 3, 1)), np.zeros((4, 3, 1)))


def test_columns_that_are_no_multiple_of_the_features():
    model = RNNRegressor(n_features_per_step=3)
    with pytest.raises(ValueError, match="n_features_per_step=3 doesn't divide the 4 columns"):
        model.fit(np.zeros((5, 4)), np.zeros(5))


def test_divergence_keeps_the_last_good_weights_and_says_so(rng, monkeypatch):
    X, y = rng.normal(size=(40, 30, 1)), rng.normal(size=40)
    model = RNNRegressor(3, solver="adam", max_iter=4, random_state=0)
    expected = clone(model).set_params(max_iter=3).fit(X, y)
    original, calls = Network.loss_grad, []

    def overflowing(self, *args, **kwargs):
        calls.append(1)
        return original(self, *args, **kwargs) if len(calls) < 4 else np.array([np.inf])

    monkeypatch.setattr(Network, "loss_grad", overflowing)
    with pytest.warns(ConvergenceWarning, match="stopped being finite after 3 epochs.*Scale X"):
        model.fit(X, y)
    assert_array_equal(model.parameters_, expected.parameters_)
    assert model.n_iter_ == 3


@pytest.mark.filterwarnings("ignore:X has values as large")
@pytest.mark.parametrize("solver", ["adam", "lm"])
def test_divergence_in_the_first_epoch_changes_nothing(rng, solver):
    """Inputs of 1e200 overflow in the linear recurrence's output, or in its gradient."""
    X, y = rng.normal(size=(40, 30, 1)), rng.normal(size=40)
    model = RNNRegressor(3, activation="identity", solver=solver, max_iter=3, random_state=0)
    expected = model.fit(X, y).predict(X)
    with pytest.raises(ValueError, match=r"wasn't finite in the first epoch\. Scale X"):
        model.fit(1e200 * X, y)
    assert_array_equal(model.predict(X), expected)


def test_unbounded_recurrence_is_an_error_not_a_nan(rng):
    X = rng.normal(size=(50, 5, 1))
    y = X[:, :, 0] @ 1.5 ** np.arange(5)[::-1]
    model = RNNRegressor(1, activation="identity", alpha=0, tol=0.1, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="grows beyond all bounds on sequences of 5000 steps"):
        model.predict(rng.normal(size=(2, 5000, 1)))


def test_unscaled_inputs_are_noticed(rng):
    X, y = rng.normal(size=(20, 4, 1)), rng.normal(size=20)
    model = RNNRegressor(3, max_iter=2)
    with pytest.warns(UserWarning, match="as large as 234.*MinMaxScaler or StandardScaler before"):
        model.fit(np.clip(1e4 * X, -234, 10), y)
    model.fit(X, y).predict(1e4 * X)


def test_exact_fits_converge(rng):
    """A loss of zero but for rounding can't fall by any fraction of itself."""
    X = rng.normal(size=(40, 4, 1))
    assert RNNRegressor(3, random_state=0).fit(X, np.ones(40)).n_iter_ < 100


def test_outliers_of_weight_zero_dont_matter(rng):
    X, y, weight = rng.normal(size=(30, 4, 1)), rng.normal(size=30), np.ones(30)
    y[0], weight[0] = 1e20, 0
    model = RNNRegressor(3, max_iter=5, random_state=0).fit(X, y, sample_weight=weight)
    expected = clone(model).fit(X[1:], y[1:])
    assert_allclose(model.predict(X), expected.predict(X), rtol=1e-6)


@pytest.mark.parametrize("integer", [np.uint8, np.int8, np.uint64])
def test_numpys_integers_count_as_pythons(rng, integer):
    X, y = rng.normal(size=(30, 6, 1)), rng.normal(size=30)
    settings = {"hidden_size": 100, "bptt_steps": 10, "batch_size": 20}
    model = RNNRegressor(**settings, solver="adam", max_iter=1, random_state=0)
    other = clone(model).set_params(**{name: integer(v) for name, v in settings.items()})
    assert_array_equal(model.fit(X, y).parameters_, other.fit(X, y).parameters_)


def test_epoch_loss_is_the_mean_over_uneven_batches(rng):
    X, y = rng.normal(size=(25, 4, 1)), rng.normal(size=25)
    y[20:] *= 10  # the last batch is small and bad
    frozen = {"learning_rate_init": 1e-300, "solver": "adam", "max_iter": 1, "shuffle": False}
    whole = RNNRegressor(3, **frozen, random_state=0, alpha=0).fit(X, y)
    parts = clone(whole).set_params(batch_size=20).fit(X, y)
    assert parts.loss_ == pytest.approx(whole.loss_, rel=1e-9)


def test_auto_batches_hold_200_sequences(rng):
    X, y = rng.normal(size=(300, 3, 1)), rng.normal(size=300)
    model = RNNRegressor(3, solver="adam", max_iter=2, random_state=0)
    explicit = clone(model).set_params(batch_size=200).fit(X, y)
    assert_array_equal(model.fit(X, y).parameters_, explicit.parameters_)


def test_each_epoch_has_an_order_of_its_own(rng, monkeypatch):
    orders, original = [], SequenceData.batch

    def batch(self, rows):
        orders.append(rows)
        return original(self, rows)

    monkeypatch.setattr(SequenceData, "batch", batch)
    X, y = rng.normal(size=(50, 3, 1)), rng.normal(size=50)
    RNNRegressor(3, solver="adam", max_iter=3, random_state=0).fit(X, y)
    assert len({tuple(rows) for rows in orders}) == 3
    assert all(sorted(rows) == list(range(50)) for rows in orders)


def test_fits_hold_blas_to_one_thread_and_let_it_go(rng, monkeypatch):
    """Fits in several threads at once let it go too."""

    def n_threads():
        return {lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"}

    inside, original = set(), Network.loss_grad

    def loss_grad(self, *args, **kwargs):
        inside.update(n_threads())
        return original(self, *args, **kwargs)

    X, y = rng.normal(size=(20, 3, 1)), rng.normal(size=20)
    models = [RNNRegressor(3, solver="adam", max_iter=n, random_state=0) for n in (2, 9, 3, 7)]
    before = n_threads()
    with monkeypatch.context() as patch:
        patch.setattr(Network, "loss_grad", loss_grad)
        models[0].fit(X, y)
    assert inside == {1}
    Parallel(2, backend="threading")(delayed(m.fit)(X, y) for m in 5 * models)
    assert n_threads() == before


def test_weights_that_overflow_after_a_finite_loss_are_not_kept(rng, monkeypatch):
    X, y = rng.normal(size=(20, 3, 1)), rng.normal(size=20)
    model = RNNRegressor(3, solver="adam", max_iter=5, random_state=0)
    expected = clone(model).set_params(max_iter=2).fit(X, y)
    original = Adam.update

    def update(self, theta, gradient, rates):
        original(self, theta, gradient, rates)
        if self.n_updates == 3:
            theta[0] = np.inf

    monkeypatch.setattr(Adam, "update", update)
    with pytest.warns(ConvergenceWarning, match="stopped being finite after 2 epochs"):
        model.fit(X, y)
    assert_array_equal(model.parameters_, expected.parameters_)


def test_interrupt_keeps_what_was_learned(rng, monkeypatch):
    X, y = rng.normal(size=(40, 4, 1)), rng.normal(size=40)
    model = RNNRegressor(3, solver="adam", batch_size=10, random_state=0)
    expected = clone(model).set_params(max_iter=3).fit(X, y)
    interrupt(monkeypatch, after=3 * 4 + 3)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model.fit(X, y)
    assert model.n_iter_ == 3
    assert_array_equal(model.parameters_, expected.parameters_)


@pytest.mark.parametrize("warm_start", [False, True])
def test_interrupt_in_the_first_epoch_changes_nothing(rng, monkeypatch, warm_start):
    X, y = rng.normal(size=(40, 4, 1)), rng.normal(size=40)
    model = RNNRegressor(3, solver="adam", batch_size=10, max_iter=5, random_state=0)
    model.set_params(warm_start=warm_start).fit(X, y)
    before, prediction = dict(vars(model)), model.predict(X)
    interrupt(monkeypatch, after=2)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X + 1, y)
    assert vars(model).keys() == before.keys()
    assert all(vars(model)[name] is value for name, value in before.items())
    assert_array_equal(model.predict(X), prediction)
