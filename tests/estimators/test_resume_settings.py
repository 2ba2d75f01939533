"""Settings that change between two fits, of which the second resumes the first."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skrnn import RNNClassifier, RNNRegressor
from skrnn.cells import JordanCell
from tests.helpers.data import running_sums
from tests.helpers.fits import nothing_to_learn, same, unconverged

pytestmark = [pytest.mark.core, unconverged]

ENDED = {  # to rates that hardly move anything
    "cosine": {"learning_rate": "cosine", "max_iter": 4},
    "adaptive": {"learning_rate": "adaptive", "max_iter": 300, "n_iter_no_change": 2, "tol": 0.9},
    "invscaling": {"learning_rate": "invscaling", "max_iter": 4, "power_t": 5},
}


def ended(schedule, estimator=RNNRegressor, **options):
    """A model at the end of its schedule, stored and loaded, and its data."""
    X, y = running_sums()
    y = y if estimator is RNNRegressor else y > 0
    options = {"solver": "sgd", "momentum": 0, "batch_size": 50, **ENDED[schedule], **options}
    model = estimator(3, alpha=1.0, warm_start=True, random_state=0, **options).fit(X, y)
    return pickle.loads(pickle.dumps(model)), X, y


@nothing_to_learn  # until the rate has fallen
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize("estimator", [RNNRegressor, RNNClassifier])
@pytest.mark.parametrize("schedule", ENDED)
def test_a_new_learning_rate_counts_at_once(schedule, estimator, method):
    """A step of plain gradient descent is the rate times the gradient, which is the same."""
    steps = []
    for rate in (0.01, 0.05):
        model, X, y = ended(schedule, estimator)
        before = model.parameters_.copy()
        model.set_params(learning_rate="constant", learning_rate_init=rate, max_iter=1)
        getattr(model, method)(X, y)
        steps.append(model.parameters_ - before)
    assert np.abs(steps[0]).max() > 1e-4
    assert_allclose(steps[1], 5 * steps[0], rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize(
    ("schedule", "change"),
    [
        ("adaptive", {"learning_rate_init": 0.02}),
        ("cosine", {"learning_rate_init": 0.02}),
        ("cosine", {"max_iter": 8}),
        ("invscaling", {"power_t": 0.5}),
        ("invscaling", {"learning_rate_init": 0.02}),
        ("invscaling", {"learning_rate": "adaptive"}),
    ],
    ids=str,
)
def test_a_changed_schedule_starts_with_its_first_epoch(schedule, change):
    model, X, y = ended(schedule)
    expected = pickle.loads(pickle.dumps(model))
    model.set_params(**change).partial_fit(X, y)
    rate = change.get("learning_rate_init", 0.01)
    expected.set_params(learning_rate="constant", learning_rate_init=rate)
    if rate == 0.01:  # a schedule of its own, too
        expected.set_params(learning_rate="invscaling", power_t=0)
    assert_array_equal(model.parameters_, expected.partial_fit(X, y).parameters_)


def test_settings_that_a_schedule_does_not_have_do_not_restart_it():
    model, X, y = ended("adaptive")
    other = pickle.loads(pickle.dumps(model)).set_params(power_t=0.1, max_iter=7)
    same(other.partial_fit(X, y), model.partial_fit(X, y))


def test_partial_fit_after_the_end_of_a_cosine_says_that_nothing_is_learned():
    X, y = running_sums()
    model = RNNRegressor(3, alpha=1.0, learning_rate="cosine", max_iter=3, random_state=0)
    for _ in range(3):
        model.partial_fit(X, y)
    with pytest.warns(UserWarning, match="learning rate of 0, .* learning_rate='cosine'"):
        model.partial_fit(X, y)
    before = model.parameters_.copy()
    model.set_params(max_iter=6).partial_fit(X, y)
    assert (model.parameters_ != before).all()


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize(
    ("solver", "change"),
    [
        ("sgd", {"momentum": 0.5}),
        ("sgd", {"nesterovs_momentum": False}),
        ("adam", {"beta_1": 0.5}),
        ("adam", {"beta_2": 0.9}),
        ("adam", {"epsilon": 0.1}),
        ("rmsprop", {"epsilon": 0.1}),
        ("adam", {"solver": "rmsprop"}),
        ("adam", {"clip_norm": 1e-7}),
        ("adam", {"clip_value": 1e-7}),
        ("adam", {"batch_size": 7}),
        ("adam", {"alpha": 100}),
        ("adam", {"shuffle": False}),
        ("adam", {"random_state": 1}),
        ("adam", {"loss": "huber", "huber_delta": 0.1}),
        ("adam", {"dropout": 0.5}),
        ("adam", {"recurrent_dropout": 0.5}),
        ("adam", {"activation": "logistic"}),
    ],
    ids=str,
)
def test_other_settings_count_at_once(solver, change, method):
    X, y = running_sums()
    options = {"solver": solver, "batch_size": 10, "warm_start": True, "random_state": 0}
    model = RNNRegressor(3, alpha=1.0, max_iter=3, **options).fit(X, y)
    kept, changed = (pickle.loads(pickle.dumps(model)) for _ in range(2))
    for own in (model.set_params(max_iter=1), kept.set_params(max_iter=1)):
        getattr(own, method)(X, y)
    same(model, kept)
    getattr(changed.set_params(max_iter=1, **change), method)(X, y)
    assert (changed.parameters_ != model.parameters_).mean() > 0.9


@pytest.mark.parametrize("beta", ["beta_1", "beta_2"])
@pytest.mark.parametrize("values", [(0.0, 0.9999), (0.9999, 0.0)], ids=str)
def test_other_betas_do_not_change_the_size_of_a_step(beta, values):
    """Adam's means are corrected by the betas that they were made with."""
    X, y = running_sums()
    model = RNNRegressor(3, alpha=1.0, solver="adam", learning_rate_init=1e-6, random_state=0)
    model.set_params(**{beta: values[0]}).partial_fit(X, y)
    before = model.parameters_.copy()
    model.set_params(**{beta: values[1]}).partial_fit(X, y)
    steps = np.abs(model.parameters_ - before)  # of about 1e-6, as the gradients are the same
    assert steps.max() < 1.1e-6
    assert np.median(steps) > 0.9e-6


@pytest.mark.parametrize(
    "change",
    [
        {"dropout": 0.4},
        {"recurrent_dropout": 0.4},
        {"activation": "logistic"},
        {"cell": JordanCell(0.9)},
    ],
    ids=str,
)
def test_losses_of_another_network_are_not_compared(change):
    """Otherwise the weights from before stay the best, and training ends without effect."""
    X, y = running_sums(masked=False)
    options = {"solver": "adam", "cell": JordanCell(), "learning_rate_init": 0.03}
    model = RNNRegressor(
        3, alpha=1.0, max_iter=200, warm_start=True, random_state=0, **options
    ).fit(X, y)
    n_first, before = model.n_iter_, model.parameters_.copy()
    model.set_params(**change).fit(X, y)
    assert model.loss_curve_[n_first] > 1.2 * model.loss_curve_[n_first - 1]
    assert model.n_iter_ > n_first + 10
    assert (model.parameters_ != before).all()


def test_first_chunks_are_silent():
    """A scale that they don't tell comes with later ones; see test_online.py."""
    X, y = running_sums()
    for target in (y, 1e-9 * y, np.where(np.arange(50) == 3, 1.0, 0.0), np.sign(y), 0 * y + 5):
        RNNRegressor(3, alpha=1.0, random_state=0).partial_fit(X, target).partial_fit(X, target)
    RNNRegressor(3, alpha=1.0, loss="poisson", random_state=0).partial_fit(X[:1], np.array([4.0]))
    RNNRegressor(3, alpha=1.0, random_state=0).fit(X, np.ones(50))  # what is constant is learned


def test_targets_far_larger_than_the_first_ones_say_so():
    """Where `fit` resumes, the scale stays. That of `partial_fit` follows the targets."""
    X, y = running_sums()
    model = RNNRegressor(
        3, alpha=1.0, solver="adam", max_iter=2, warm_start=True, random_state=0
    ).fit(X, y)
    with pytest.warns(UserWarning, match=r"y is about \d+ times as large as the scale y_scale_"):
        model.fit(X, 500 * y)
    model.fit(X, 20 * y)
    model.set_params(warm_start=False).fit(X, 500 * y).partial_fit(X, 1e6 * y)
