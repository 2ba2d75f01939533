"""When training ends: convergence, divergence, and the curves that show them."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from skrnn import RNNRegressor
from skrnn._engine.network import Network
from skrnn._training.solvers.adam import Adam
from tests.helpers.data import running_sums
from tests.helpers.fits import unconverged

pytestmark = pytest.mark.core

SOLVERS = ["adam", "lbfgs", "lm", "rmsprop", "sgd"]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
@pytest.mark.parametrize("solver", ["adam", "rmsprop", "sgd"])
def test_a_learning_rate_of_a_million(data, solver, activation):
    """An error that names the fix, or a network whose predictions are numbers."""
    X, y = data
    model = RNNRegressor(3, alpha=1.0, solver=solver, activation=activation, learning_rate_init=1e6)
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
    model = RNNRegressor(
        3, alpha=1.0, activation="identity", solver="sgd", clip_norm=None, random_state=0
    )
    model.set_params(learning_rate_init=0.6, momentum=0.0, max_iter=50)
    with pytest.warns(ConvergenceWarning, match="no longer finite after") as caught:
        model.fit(X, y)
    (message,) = [str(w.message) for w in caught]
    assert "lower learning_rate_init=0.6, set clip_norm" in message
    assert "instead of 'identity'" in message
    assert f"norm of the gradient was {model.gradient_norm_curve_[-1]:.3g}" in message
    assert model.n_iter_ == len(model.loss_curve_) < 50
    assert model.loss_ > 1e6
    # the weights of the best epoch are kept, not those that diverged
    best = int(np.argmin(model.loss_curve_)) + 1
    expected = clone(model).set_params(max_iter=best).fit(X, y)
    assert_array_equal(model.parameters_, expected.parameters_)


@pytest.mark.parametrize("solver", ["adam", "sgd", "rmsprop"])
def test_a_loss_that_rises_is_no_convergence(data, solver):
    X, y = data
    model = RNNRegressor(3, alpha=1.0, solver=solver, learning_rate_init=1e4, random_state=0)
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
    model = RNNRegressor(3, alpha=1.0, solver="lbfgs", max_iter=5, random_state=0).fit(X, y)
    model.set_weights({name: 0 * w for name, w in model.get_weights().items()})
    model.set_params(warm_start=True).fit(X, np.full(60, model.y_mean_[0]))
    assert model.n_iter_ == 6
    assert model.loss_ == 0


def test_what_did_not_converge_says_so(data):
    for solver in SOLVERS:
        model = RNNRegressor(3, alpha=1.0, solver=solver, max_iter=4, n_iter_no_change=2, tol=0)
        with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(4\) reached"):
            model.set_params(random_state=0).fit(*data)


def test_training_stops_by_tol_and_by_max_iter(rng):
    X = rng.normal(size=(50, 4, 1))
    y = X[:, -1, 0]  # of which something is learned in the first epochs
    model = RNNRegressor(3, alpha=1.0, solver="adam", tol=0.5, n_iter_no_change=3, random_state=0)
    model.set_params(learning_rate_init=0.05).fit(X, y)
    assert model.n_iter_ == 4
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(15\)"):
        model.set_params(tol=0, max_iter=15).fit(X, y)
    assert model.n_iter_ == 15


def test_divergence_keeps_the_last_good_weights_and_says_so(rng, monkeypatch):
    X, y = rng.normal(size=(40, 30, 1)), rng.normal(size=40)
    model = RNNRegressor(3, alpha=1.0, solver="adam", max_iter=4, random_state=0)
    expected = clone(model).set_params(max_iter=3).fit(X, y)
    original, calls = Network.loss_grad, []

    def overflowing(self, *args, **kwargs):
        calls.append(1)
        loss, state = original(self, *args, **kwargs)
        return (loss if len(calls) < 4 else np.array([np.inf])), state

    monkeypatch.setattr(Network, "loss_grad", overflowing)
    with pytest.warns(ConvergenceWarning, match="no longer finite after 3 epochs.*Scale X"):
        model.fit(X, y)
    assert_array_equal(model.parameters_, expected.parameters_)
    assert model.n_iter_ == 3


@pytest.mark.filterwarnings("ignore:X has values as large")
@pytest.mark.parametrize("solver", ["adam", "lm"])
def test_divergence_in_the_first_epoch_changes_nothing(rng, solver):
    """Inputs of 1e200 overflow in the linear recurrence's output, or in its gradient."""
    X, y = rng.normal(size=(40, 30, 1)), rng.normal(size=40)
    model = RNNRegressor(
        3, alpha=1.0, activation="identity", solver=solver, max_iter=3, random_state=0
    )
    expected = model.fit(X, y).predict(X)
    with pytest.raises(ValueError, match=r"wasn't finite in the first epoch\. Scale X"):
        model.fit(1e200 * X, y)
    assert_array_equal(model.predict(X), expected)


def test_exact_fits_converge(rng):
    """A loss of zero but for rounding can't fall by any fraction of itself."""
    X = rng.normal(size=(40, 4, 1))
    assert RNNRegressor(3, alpha=1.0, random_state=0).fit(X, np.ones(40)).n_iter_ < 100


def test_weights_that_overflow_after_a_finite_loss_are_not_kept(rng, monkeypatch):
    X, y = rng.normal(size=(20, 3, 1)), rng.normal(size=20)
    model = RNNRegressor(3, alpha=1.0, solver="adam", max_iter=5, random_state=0)
    expected = clone(model).set_params(max_iter=2).fit(X, y)
    original = Adam.update

    def update(self, theta, gradient, rates):
        original(self, theta, gradient, rates)
        if self.n_updates == 3:
            theta[0] = np.inf

    monkeypatch.setattr(Adam, "update", update)
    with pytest.warns(ConvergenceWarning, match="no longer finite after 2 epochs"):
        model.fit(X, y)
    assert_array_equal(model.parameters_, expected.parameters_)


@unconverged
def test_norms_show_gradients_that_vanish_and_explode():
    """By 1/2 and by 2 at each of 20 steps, before anything is clipped."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(60, 20, 1)) * (np.arange(20) == 0)[:, None]
    norms = {}
    for factor in (0.5, 1.0, 2.0):
        model = RNNRegressor(
            1, activation="identity", solver="sgd", learning_rate_init=1e-12, max_iter=1, alpha=0,
            clip_norm=1e-6, batch_size=60, normalize_y=False, random_state=0,
        )  # fmt: skip
        model.fit(X, X[:, 0, 0])
        weights = {name: 0 * w for name, w in model.get_weights().items()}
        weights["layer0.input"] += 1
        weights["layer0.recurrent"] += factor
        model.set_weights({**weights, "readout.input": np.ones((1, 1))})
        model.set_params(warm_start=True).fit(X, 2.0**20 * X[:, 0, 0])
        norms[factor] = model.gradient_norm_curve_[-1]
    assert norms[1.0] > 20 * norms[0.5]
    assert norms[2.0] > 1e4 * norms[1.0]


@unconverged
@pytest.mark.parametrize("solver", ["adam", "rmsprop", "sgd", "lm", "lbfgs"])
def test_norms_and_losses_have_one_value_an_epoch(solver):
    X, y = running_sums()
    model = RNNRegressor(3, alpha=1.0, solver=solver, max_iter=6, random_state=0).fit(X, y)
    assert len(model.gradient_norm_curve_) == len(model.loss_curve_) == model.n_iter_ == 6
    assert min(model.gradient_norm_curve_) > 0
    assert model.validation_loss_curve_ is None


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["adam", "rmsprop", "sgd"])
def test_a_cosine_goes_through_all_its_epochs_and_has_then_converged(data, solver, early_stopping):
    """The low rates at its end are what it is for; a warning would ask for more epochs."""
    X, y = data
    model = RNNRegressor(3, alpha=1.0, solver=solver, learning_rate="cosine", random_state=0)
    model.set_params(max_iter=25, n_iter_no_change=2, tol=0.5, early_stopping=early_stopping)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        warnings.filterwarnings("ignore", "With early_stopping=True")  # a few samples
        warnings.filterwarnings("ignore", "The network has learned")
        assert model.fit(X, y).n_iter_ == 25
