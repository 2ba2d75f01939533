"""RNNRegressor: scikit-learn's checks, learning, parameters."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LinearRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from skrnn import RNNClassifier, RNNRegressor, sliding_windows
from skrnn._training.dataset import SequenceData
from tests.helpers import oracle_elman as reference
from tests.helpers.fits import nothing_to_learn

pytestmark = pytest.mark.core


def rmse(a, b):
    return np.sqrt(np.mean((a - b) ** 2))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")  # array API not enabled
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # tiny data sets
@pytest.mark.filterwarnings("ignore:X has values as large")  # some checks draw X around 100
@nothing_to_learn  # most checks draw y at random
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


@nothing_to_learn  # with the strongest penalty
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
    model = RNNRegressor(3, alpha=1.0, max_iter=8, random_state=0)
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
    model = RNNRegressor(3, alpha=1.0, solver="adam", max_iter=1, random_state=0)
    free = clone(model).set_params(clip_norm=None).fit(X, y).parameters_
    loose = clone(model).set_params(clip_norm=1e6).fit(X, y).parameters_
    tight = clone(model).set_params(clip_norm=1e-12).fit(X, y).parameters_
    start = clone(model).set_params(learning_rate_init=1e-300).fit(X, y).parameters_
    assert_array_equal(free, loose)
    assert np.abs(tight - start).max() < 1e-4 * np.abs(free - start).max() * 10
    assert np.abs(tight - start).max() > 0


def test_shuffle_and_batch_size(rng):
    X, y = rng.normal(size=(20, 4, 1)), rng.normal(size=20)
    model = RNNRegressor(3, alpha=1.0, solver="adam", max_iter=2, batch_size=5, random_state=0)
    shuffled = clone(model).fit(X, y).parameters_
    in_order = clone(model).set_params(shuffle=False).fit(X, y).parameters_
    assert (shuffled != in_order).any()
    whole = clone(model).set_params(batch_size=20).fit(X, y).parameters_
    auto = clone(model).set_params(batch_size="auto").fit(X, y).parameters_
    assert_array_equal(whole, auto)


def test_verbose_prints_each_epoch(rng, capsys):
    X, y = rng.normal(size=(20, 4, 1)), rng.normal(size=20)
    model = RNNRegressor(3, alpha=1.0, max_iter=3, random_state=0, verbose=True).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    for i, (line, loss) in enumerate(zip(lines, model.loss_curve_, strict=True), 1):
        assert re.fullmatch(rf"Iteration {i}, loss = {loss:.8f}, at most \d\.\ds left", line)


def test_verbose_says_what_is_trained_and_what_is_kept(rng, capsys):
    X = rng.normal(size=(60, 4, 1))
    model = RNNRegressor(verbose=True, random_state=0).fit(X, X[:, -1, 0] + rng.normal(size=60))
    first, second, *epochs, last = capsys.readouterr().out.splitlines()
    assert first.startswith("The linear part is fitted; its mean squared error is 0.")
    assert second == "Training 'linear+network': it is kept if its error is below 0.9 of that"
    assert epochs[0].startswith("Iteration 1, loss = ")
    assert last == f"{model.selected_!r} is kept"


def test_verbose_says_which_part_is_held_out(rng, capsys):
    X = rng.normal(size=(60, 4, 1))
    model = RNNClassifier(verbose=True, max_iter=2, n_iter_no_change=2, random_state=0)
    model.fit(X, X[:, -1, 0] > 0)
    lines = [line for line in capsys.readouterr().out.splitlines() if "Iteration" not in line]
    assert lines == [f"Part {i} of 3 is held out" for i in (1, 2, 3)]


def test_auto_solver(rng):
    X, y = rng.normal(size=(10, 3, 1)), rng.normal(size=10)
    model = RNNRegressor(alpha=1.0, max_iter=1)
    assert model.fit(X, y).solver_ == "lm"
    # 20 * 22 + 21 = 461 weights, and 21 * 23 + 22 = 505
    assert model.set_params(hidden_size=20).fit(X, y).solver_ == "lm"
    assert model.set_params(hidden_size=21).fit(X, y).solver_ == "adam"


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


def test_network_too_large_for_lm_says_what_to_do(rng):
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


def test_unbounded_recurrence_is_an_error_not_a_nan(rng):
    X = rng.normal(size=(50, 5, 1))
    y = X[:, :, 0] @ 1.5 ** np.arange(5)[::-1]
    model = RNNRegressor(1, activation="identity", alpha=0, tol=0.1, random_state=0).fit(X, y)
    with pytest.raises(
        ValueError, match=r"grows beyond all bounds: scale X.*shorter than 5000 steps"
    ):
        model.predict(rng.normal(size=(2, 5000, 1)))


def test_unscaled_inputs_are_noticed(rng):
    X, y = rng.normal(size=(20, 4, 1)), rng.normal(size=20)
    model = RNNRegressor(3, alpha=1.0, max_iter=2)
    with pytest.warns(
        UserWarning, match=r"as large as 234.*put SequenceScaler before RNNRegressor"
    ):
        model.fit(np.clip(1e4 * X, -234, 10), y)
    model.fit(X, y).predict(1e4 * X)
    RNNRegressor(3, max_iter=2).fit(np.clip(1e4 * X, -234, 10), y)  # "auto" scales them


@pytest.mark.parametrize("integer", [np.uint8, np.int8, np.uint64])
def test_numpys_integers_count_as_pythons(rng, integer):
    X, y = rng.normal(size=(30, 6, 1)), rng.normal(size=30)
    settings = {"hidden_size": 100, "bptt_steps": 10, "batch_size": 20}
    model = RNNRegressor(alpha=1.0, **settings, solver="adam", max_iter=1, random_state=0)
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
    model = RNNRegressor(3, alpha=1.0, solver="adam", max_iter=2, random_state=0)
    explicit = clone(model).set_params(batch_size=200).fit(X, y)
    assert_array_equal(model.fit(X, y).parameters_, explicit.parameters_)


def test_each_epoch_has_an_order_of_its_own(rng, monkeypatch):
    orders, original = [], SequenceData.batch

    def batch(self, rows):
        orders.append(rows)
        return original(self, rows)

    monkeypatch.setattr(SequenceData, "batch", batch)
    X, y = rng.normal(size=(50, 3, 1)), rng.normal(size=50)
    RNNRegressor(3, alpha=1.0, solver="adam", max_iter=3, random_state=0).fit(X, y)
    assert len({tuple(rows) for rows in orders}) == 3
    assert all(sorted(rows) == list(range(50)) for rows in orders)


SOLVERS = ["adam", "lbfgs", "lm", "rmsprop", "sgd"]


def test_targets_whose_differences_overflow(data):
    X, y = data
    y = np.sign(y) * 1.7e308
    with pytest.raises(ValueError, match=r"y overflows when it is scaled by .*: divide y"):
        RNNRegressor(2).fit(X, y)


@pytest.mark.parametrize("size", [1e300, 1e-300, 1e-30])
@pytest.mark.parametrize("solver", SOLVERS)
def test_targets_of_any_size(data, solver, size):
    """What is learned doesn't depend on the unit."""
    X, y = data
    model = RNNRegressor(3, alpha=1.0, solver=solver, max_iter=8, random_state=0)
    expected = clone(model).fit(X, y).predict(X)
    if size == 1e-300:  # below what a variance of doubles can tell from 0
        assert np.isfinite(model.fit(X, size * y).predict(X)).all()
        return
    np.testing.assert_allclose(model.fit(X, size * y).predict(X) / size, expected, rtol=1e-4)


@pytest.mark.parametrize("max_iter", [0, -1, 1.5])
def test_no_epochs_are_refused(data, max_iter):
    with pytest.raises(ValueError, match="The 'max_iter' parameter"):
        RNNRegressor(alpha=1.0, max_iter=max_iter).fit(*data)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"solver": "lbfgs", "dropout": 0.5}, "solver='lbfgs' needs the same loss"),
        ({"solver": "lm", "recurrent_dropout": 0.5}, "solver='lm' needs the same loss"),
        ({"solver": "lbfgs", "bptt_steps": 3}, "searches along the exact gradient"),
        ({"solver": "newton"}, "The 'solver' parameter"),
        ({"learning_rate": "linear"}, "The 'learning_rate' parameter"),
        ({"momentum": 1.5}, "The 'momentum' parameter"),
        ({"beta_1": 1.0}, "The 'beta_1' parameter"),
        ({"epsilon": 0.0}, "The 'epsilon' parameter"),
        ({"n_init": 0}, "The 'n_init' parameter"),
        ({"washout": -1}, "The 'washout' parameter"),
        ({"clip_value": 0.0}, "The 'clip_value' parameter"),
        ({"validation_fraction": 1.0}, "The 'validation_fraction' parameter"),
    ],
)
def test_parameters_that_are_refused(data, parameters, message):
    with pytest.raises(ValueError, match=message):
        RNNRegressor(3, **parameters).fit(*data)
