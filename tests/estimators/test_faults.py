"""What goes wrong is said, and nothing is lost."""

import os
import pickle
import signal
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from skrnn import RNNRegressor
from skrnn._engine.network import Network

pytestmark = pytest.mark.core

SOLVERS = ["adam", "lbfgs", "lm", "rmsprop", "sgd"]


@pytest.fixture
def data(rng):
    X = rng.normal(size=(60, 5, 1))
    return X, X[:, -1, 0] - X[:, -2, 0]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
@pytest.mark.parametrize("solver", ["adam", "rmsprop", "sgd"])
def test_a_learning_rate_of_a_million(data, solver, activation):
    """An error that names the mend, or a network whose predictions are numbers."""
    X, y = data
    model = RNNRegressor(3, solver=solver, activation=activation, learning_rate_init=1e6)
    model.set_params(clip_norm=None, max_iter=20, random_state=0)
    message = ""
    try:
        model.fit(X, y)
    except ValueError as error:
        message = str(error)
    if message:
        assert "wasn't finite in the first epoch" in message
        assert "lower learning_rate_init=1000000.0" in message
        assert not hasattr(model, "parameters_")
    else:
        assert np.isfinite(model.parameters_).all()
        assert np.isfinite(model.loss_)
        assert np.isfinite(model.predict(X)).all()


def test_divergence_warns_of_its_cause(data):
    """A linear recurrence that plain gradient descent blows up, some epochs on."""
    X, y = data
    model = RNNRegressor(3, activation="identity", solver="sgd", clip_norm=None, random_state=0)
    model.set_params(learning_rate_init=0.6, momentum=0.0, max_iter=50)
    with pytest.warns(ConvergenceWarning, match="stopped being finite after") as caught:
        model.fit(X, y)
    (message,) = [str(w.message) for w in caught]
    assert "lower learning_rate_init=0.6, set clip_norm" in message
    assert "instead of 'identity'" in message
    assert f"norm had come to {model.gradient_norm_curve_[-1]:.3g}" in message
    assert model.n_iter_ == len(model.loss_curve_) < 50
    assert model.loss_ > 1e6
    # the weights of the best epoch are kept, not those that had gone astray
    best = int(np.argmin(model.loss_curve_)) + 1
    expected = clone(model).set_params(max_iter=best).fit(X, y)
    assert_array_equal(model.parameters_, expected.parameters_)


@pytest.mark.parametrize("solver", ["adam", "sgd", "rmsprop"])
def test_a_loss_that_rises_is_no_convergence(data, solver):
    X, y = data
    model = RNNRegressor(3, solver=solver, learning_rate_init=1e4, random_state=0)
    with pytest.warns(ConvergenceWarning, match=r"The loss rose from .* to .*; the best"):
        model.fit(X, y)
    best = int(np.argmin(model.loss_curve_)) + 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = clone(model).set_params(max_iter=best).fit(X, y)
    assert_array_equal(model.parameters_, expected.parameters_)


def test_gradients_beyond_all_numbers_are_a_divergence(data):
    """Not a step of length 0, which would pass for convergence."""
    X, y = data
    model = RNNRegressor(3, activation="identity", solver="adam", alpha=0, random_state=0)
    with (
        pytest.warns(UserWarning, match="X has values as large"),
        pytest.raises(ValueError, match="wasn't finite in the first epoch"),
    ):
        model.fit((1e200 * X).astype("f8"), y)


def test_lbfgs_at_an_optimum_has_one_epoch(data):
    X, y = data
    model = RNNRegressor(3, solver="lbfgs", max_iter=5, random_state=0).fit(X, y)
    model.set_weights({name: 0 * w for name, w in model.get_weights().items()})
    model.set_params(warm_start=True).fit(X, np.full(60, model.y_mean_[0]))
    assert model.n_iter_ == 6
    assert model.loss_ == 0


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.full(60, 1e308), "sum of sample_weight, .* is inf"),
        ([np.ones(4), *[np.array([1, np.inf, 1, 1, 1])] * 59], r"sample_weight\[1\] contains NaN"),
        ([np.ones(4), *[np.array([1, np.nan, 1, 1, 1])] * 59], r"sample_weight\[1\] contains NaN"),
    ],
)
def test_weights_beyond_all_numbers(data, weight, message):
    X, y = data[0], np.cumsum(data[0], axis=1)
    if isinstance(weight, list):
        X, y = [X[0, :4], *X[1:]], [y[0, :4], *y[1:]]
    with np.errstate(over="ignore"), pytest.raises(ValueError, match=message):
        RNNRegressor(2).fit(X, y, weight)


def test_targets_whose_differences_overflow(data):
    X, y = data
    y = np.sign(y) * 1.7e308
    with pytest.raises(ValueError, match="its differences overflow: divide it by a constant"):
        RNNRegressor(2).fit(X, y)


@pytest.mark.parametrize("size", [1e300, 1e-300, 1e-30])
@pytest.mark.parametrize("solver", SOLVERS)
def test_targets_of_any_size(data, solver, size):
    """What is learned doesn't depend on the unit."""
    X, y = data
    model = RNNRegressor(3, solver=solver, max_iter=8, random_state=0)
    expected = clone(model).fit(X, y).predict(X)
    if size == 1e-300:  # below what a variance of doubles can tell from 0
        assert np.isfinite(model.fit(X, size * y).predict(X)).all()
        return
    np.testing.assert_allclose(model.fit(X, size * y).predict(X) / size, expected, rtol=1e-4)


@pytest.mark.parametrize("solver", SOLVERS)
def test_weights_of_samples(data, rng, solver):
    X, y = data
    model = RNNRegressor(3, solver=solver, max_iter=5, random_state=0)
    weight = (np.arange(60) < 40).astype(float)
    expected = clone(model).fit(X[:40], y[:40]).predict(X)
    np.testing.assert_allclose(model.fit(X, y, weight).predict(X), expected, rtol=1e-6)
    fitted = dict(vars(model))
    weight[3] = -1
    with pytest.raises(ValueError, match="Negative values in data passed to `sample_weight`"):
        model.fit(X, y, weight)
    with pytest.raises(ValueError, match=r"nothing to learn from|at least one non-zero"):
        model.fit(X, y, np.zeros(60))
    with pytest.raises(ValueError, match="NaN"):
        model.fit(X, y, np.full(60, np.nan))
    assert vars(model) == fitted


def test_weights_of_steps_that_are_wrong(data, rng):
    X = data[0]
    y = np.cumsum(X, axis=1)
    model = RNNRegressor(3, max_iter=1)
    weight = np.ones((60, 5))
    weight[7, 2] = -0.5
    with pytest.raises(ValueError, match=r"-0\.5 at sample 7, step 2"):
        model.fit(X, y, weight)
    with pytest.raises(ValueError, match=r"shape \(60, 4\), but X has 60 sequences of 5 steps"):
        model.fit(X, y, np.ones((60, 4)))
    with pytest.raises(ValueError, match=r"one target for each sequence: .* \(60,\)"):
        model.fit(X, y[:, -1, 0], np.ones((60, 5)))
    with pytest.raises(ValueError, match=r"sample_weight\[1\] has 4 steps, but X\[1\] has 5"):
        model.fit([*X[:2]], [*y[:2]], [np.ones(5), np.ones(4)])


@pytest.mark.parametrize("max_iter", [0, -1, 1.5])
def test_no_epochs_are_refused(data, max_iter):
    with pytest.raises(ValueError, match="The 'max_iter' parameter"):
        RNNRegressor(max_iter=max_iter).fit(*data)


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


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no full disk to try")
def test_a_full_disk_while_pickling(data):
    X, y = data
    model = RNNRegressor(40, solver="adam", max_iter=3, random_state=0).fit(X, y)
    before, prediction = dict(vars(model)), model.predict(X)
    with pytest.raises(OSError, match="No space left"), open("/dev/full", "wb") as file:
        pickle.dump(model, file)
    assert vars(model) == before
    assert_array_equal(model.predict(X), prediction)
    assert_array_equal(pickle.loads(pickle.dumps(model)).partial_fit(X, y).predict(X).shape, (60,))


def interrupt(monkeypatch, after):
    """Ctrl-C during the given call of the gradient."""
    calls, original = [], Network._run

    def run(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == after:
            raise KeyboardInterrupt
        return original(self, *args, **kwargs)

    monkeypatch.setattr(Network, "_run", run)


@pytest.mark.parametrize("solver", SOLVERS)
def test_an_interrupt_keeps_the_best_weights_so_far(data, solver, monkeypatch):
    X, y = data
    options = {"early_stopping": True, "validation_fraction": 0.3, "n_iter_no_change": 100}
    model = RNNRegressor(3, solver=solver, random_state=0, learning_rate_init=0.1, **options)
    with monkeypatch.context() as patch:
        interrupt(patch, after=40)
        with pytest.warns(UserWarning, match="Training interrupted by user"):
            model.fit(X, y)
    curve = model.validation_loss_curve_
    assert 10 < model.n_iter_ < 40
    best = int(np.argmin(curve)) + 1
    expected = clone(model).set_params(max_iter=best).fit(X, y)
    assert_array_equal(model.parameters_, expected.parameters_)
    model.set_params(warm_start=True, max_iter=2).fit(X, y)  # and it can go on
    assert model.n_iter_ == len(curve) + 2


def test_a_real_interrupt_at_any_moment(data):
    """By a signal, wherever it hits: the estimator is the old one or a new one, and works."""
    X, y = data
    model = RNNRegressor(8, solver="adam", batch_size=4, max_iter=10**6, tol=0, random_state=0)
    model.set_params(n_iter_no_change=10**6)
    rng = np.random.RandomState(0)
    n_interrupted = 0
    for delay in rng.uniform(0.02, 0.3, size=6):
        main = threading.main_thread().ident
        timer = threading.Timer(delay, signal.pthread_kill, (main, signal.SIGINT))
        before = dict(vars(model))
        timer.start()
        try:
            with pytest.warns(UserWarning, match="Training interrupted"):
                model.fit(X, y)
            n_interrupted += 1
        except KeyboardInterrupt:  # before the end of the first epoch
            assert vars(model) == before
            continue
        finally:
            timer.join()
        assert np.isfinite(model.predict(X)).all()
        assert model.n_iter_ == len(model.loss_curve_)
        assert model.loss_ == model.loss_curve_[-1]
    assert n_interrupted


def test_nothing_changes_while_a_fit_is_running(data):
    """Another thread goes on with the old network until the new one is there."""
    X, y = data
    model = RNNRegressor(4, solver="adam", max_iter=10, random_state=0).fit(X, y)
    old = model.predict(X)
    model.set_params(max_iter=150, n_iter_no_change=150)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(model.fit, X, -y)
        n_seen = 0
        while not future.done():
            prediction = model.predict(X)
            if not future.done():
                assert_array_equal(prediction, old)
                n_seen += 1
            time.sleep(0.001)
    future.result()
    assert n_seen
    assert (model.predict(X) != old).any()


def test_fits_in_threads_do_not_disturb_each_other(data):
    X, y = data
    models = [RNNRegressor(4, solver="adam", max_iter=10, random_state=i) for i in range(4)]
    expected = [clone(model).fit(X, y).parameters_ for model in models]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda model: model.fit(X, y), models))
    for model, parameters in zip(models, expected, strict=True):
        np.testing.assert_allclose(model.parameters_, parameters, rtol=1e-9)


def test_what_did_not_converge_says_so(data):
    for solver in SOLVERS:
        model = RNNRegressor(3, solver=solver, max_iter=4, n_iter_no_change=2, tol=0)
        with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(4\) reached"):
            model.set_params(random_state=0).fit(*data)
