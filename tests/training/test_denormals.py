"""Weights and moments that no gradient reaches end at 0, not among the denormal numbers."""

import numpy as np
import pytest

from skrnn import RNNRegressor
from skrnn._training.solvers import SCHEDULES, SOLVERS

OPTIONS = {
    "adam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8},
    "sgd": {"momentum": 0.9, "nesterovs_momentum": True},
    "rmsprop": {"epsilon": 1e-8},
}
RATES = np.full((1, 1), 0.1, "f4")


def make_solver(name, theta, **options):
    schedule = SCHEDULES["constant"](0.1, power_t=0.5, max_iter=10)
    solver = SOLVERS[name](schedule, clip_norm=None, clip_value=None, **OPTIONS[name] | options)
    solver.begin(theta)
    return solver


def is_denormal(a):
    return (a != 0) & (np.abs(a) < np.finfo(a.dtype).tiny)


@pytest.mark.parametrize("name", OPTIONS)
def test_moments_without_a_gradient_end_at_0(name):
    theta = np.ones((1, 2), "f4")
    solver = make_solver(name, theta)
    solver.update(theta, np.ones((1, 2), "f4"), RATES)
    for _ in range(1500):
        solver.update(theta, np.array([[1, 0]], "f4"), RATES)
    assert any(is_denormal(moment[0, 1]) for moment in solver.moments.values())
    before = theta.copy(), {key: moment.copy() for key, moment in solver.moments.items()}
    solver.drop_denormals(theta)
    assert (theta == before[0]).all()
    for key, moment in solver.moments.items():
        assert moment[0, 0] == before[1][key][0, 0] != 0
        assert not is_denormal(moment).any()


def test_a_square_stays_while_its_mean_does():
    """Without it, the next step of Adam would be a leap."""
    theta = np.ones((1, 1), "f4")
    solver = make_solver("adam", theta, epsilon=1e-30)
    solver.update(theta, np.full((1, 1), 1e-20, "f4"), RATES)
    solver.drop_denormals(theta)
    solver.update(theta, np.zeros((1, 1), "f4"), RATES)
    assert np.abs(theta - 1).max() < 0.5


def test_weights_of_dead_units_end_at_0(rng):
    """Nothing but the penalty reaches them, and it shrinks them at each update."""
    X, y = rng.normal(size=(64, 10, 1)).astype("f4"), rng.normal(size=64)
    model = RNNRegressor(
        32, activation="relu", solver="adam", learning_rate_init=0.1, batch_size=8,
        max_iter=240, n_iter_no_change=240, tol=0, alpha=1.0, random_state=0,
    )  # fmt: skip
    model.fit(X, y)
    assert model.parameters_.dtype == np.float32
    assert (model.parameters_ == 0).mean() > 0.1
    assert not is_denormal(model.parameters_).any()
