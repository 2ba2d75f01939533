"""Ctrl-C, a full disk: nothing is lost."""

import os
import pickle
import signal
import threading

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from skrnn import RNNRegressor
from tests.helpers.data import running_sums
from tests.helpers.fits import interrupt, same, unconverged

pytestmark = pytest.mark.core

SOLVERS = ["adam", "lbfgs", "lm", "rmsprop", "sgd"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no full disk to try")
def test_a_full_disk_while_pickling(data):
    X, y = data
    model = RNNRegressor(40, alpha=1.0, solver="adam", max_iter=3, random_state=0).fit(X, y)
    before, prediction = dict(vars(model)), model.predict(X)
    with pytest.raises(OSError, match="No space left"), open("/dev/full", "wb") as file:
        pickle.dump(model, file)
    assert vars(model) == before
    assert_array_equal(model.predict(X), prediction)
    assert_array_equal(pickle.loads(pickle.dumps(model)).partial_fit(X, y).predict(X).shape, (60,))


@pytest.mark.parametrize("solver", SOLVERS)
def test_an_interrupt_keeps_the_best_weights_so_far(data, solver, monkeypatch):
    X, y = data
    options = {"early_stopping": True, "validation_fraction": 0.3, "n_iter_no_change": 100}
    model = RNNRegressor(
        3, alpha=1.0, solver=solver, random_state=0, learning_rate_init=0.1, **options
    )
    with monkeypatch.context() as patch:
        interrupt(patch, after=40)
        with pytest.warns(UserWarning, match="Training interrupted by user"):
            model.fit(X, y)
    curve = model.validation_loss_curve_
    assert 10 < model.n_iter_ < 40
    best = int(np.argmin(curve)) + 1
    expected = clone(model).set_params(max_iter=best).fit(X, y)
    assert_array_equal(model.parameters_, expected.parameters_)
    model.set_params(warm_start=True, max_iter=2).fit(X, y)  # and training can resume
    assert model.n_iter_ == len(curve) + 2


@pytest.fixture
def _heeds_interrupts():
    """Also where the suite runs in the background of a script, which ignores them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_heeds_interrupts")
def test_a_real_interrupt_at_any_moment(data):
    """By a signal, wherever it hits: the estimator is the old one or a new one, and works."""
    X, y = data
    model = RNNRegressor(
        8, alpha=1.0, solver="adam", batch_size=4, max_iter=10**6, tol=0, random_state=0
    )
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


def test_interrupt_keeps_what_was_learned(rng, monkeypatch):
    X, y = rng.normal(size=(40, 4, 1)), rng.normal(size=40)
    model = RNNRegressor(3, alpha=1.0, solver="adam", batch_size=10, random_state=0)
    expected = clone(model).set_params(max_iter=3).fit(X, y)
    interrupt(monkeypatch, after=3 * 4 + 3)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model.fit(X, y)
    assert model.n_iter_ == 3
    assert_array_equal(model.parameters_, expected.parameters_)


@pytest.mark.parametrize("warm_start", [False, True])
def test_interrupt_in_the_first_epoch_changes_nothing(rng, monkeypatch, warm_start):
    X, y = rng.normal(size=(40, 4, 1)), rng.normal(size=40)
    model = RNNRegressor(3, alpha=1.0, solver="adam", batch_size=10, max_iter=5, random_state=0)
    model.set_params(warm_start=warm_start).fit(X, y)
    before, prediction = dict(vars(model)), model.predict(X)
    interrupt(monkeypatch, after=2)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X + 1, y)
    assert vars(model).keys() == before.keys()
    assert all(vars(model)[name] is value for name, value in before.items())
    assert_array_equal(model.predict(X), prediction)


@unconverged
@pytest.mark.parametrize("solver", ["adam", "lm", "lbfgs"])
def test_after_an_interrupt_training_resumes_from_the_weights_kept(solver, monkeypatch):
    X, y = running_sums()
    model = RNNRegressor(
        4, alpha=1.0, solver=solver, max_iter=3, warm_start=True, random_state=0
    ).fit(X, y)
    with monkeypatch.context() as patch:
        interrupt(patch, after=40)
        with pytest.warns(UserWarning, match="interrupted"):
            model.set_params(max_iter=1000, tol=0, n_iter_no_change=1000).fit(X, y)
    lowest = min(model.loss_curve_)
    assert lowest < 0.9 * model.loss_curve_[2]
    model.set_params(max_iter=1).fit(X, y)
    assert model.loss_ < 1.1 * lowest


@unconverged
def test_an_interrupt_in_a_later_restart_keeps_the_earlier_ones(monkeypatch):
    X, y = running_sums()
    model = RNNRegressor(4, alpha=1.0, solver="adam", max_iter=5, n_init=3, random_state=0)
    expected = clone(model).set_params(n_init=1).fit(X, y)
    monkeypatch.setattr("skrnn._estimators.restarts._BATCHED_WORK", 0)
    interrupt(monkeypatch, after=6)  # the first one of the second restart
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(X, y)
    same(model, expected)
