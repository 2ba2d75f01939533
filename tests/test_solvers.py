"""Solvers against independent implementations, on problems whose answer is known."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import least_squares, minimize

from skrnn._data import SequenceData
from skrnn._network import Network
from skrnn._objective import Objective
from skrnn._solvers import SOLVERS, Solver
from skrnn._topology import Topology
from skrnn.cells import CELLS

pytestmark = pytest.mark.core


def make_objective(rng, *, alpha, per_step=False, n=60):
    X = rng.normal(size=(n, 6, 1))
    X[0, 3:] = np.nan
    y = np.tanh(X[:, -1:] - 0.5 * np.nan_to_num(X[:, -2:-1])) + 0.1 * rng.normal(size=(n, 1, 1))
    y[0] = 0
    if per_step:
        y = np.cumsum(np.nan_to_num(X), axis=1) / 3
        y[0, 3:] = np.nan
    network = Network(Topology(CELLS["elman"](), 1, (2,), 1, per_step, np.dtype("f8")))
    weight = rng.uniform(0.5, 2, size=n)
    data = SequenceData(X, y, weight, per_step=per_step, align=False)
    return Objective(
        network,
        data,
        alpha=alpha,
        batch_size=n,
        shuffle=False,
        rng=rng,
        n_threads=1,
    )


def value_and_gradient(objective):
    batch = objective.data.batch(objective.data.rows)

    def function(theta):
        gradient = np.empty_like(theta)
        return objective.loss_grad(theta, batch, gradient), gradient

    return function


@pytest.mark.parametrize("alpha", [0, 0.5])
def test_penalty_is_in_the_gradient(rng, alpha):
    function = value_and_gradient(make_objective(rng, alpha=alpha))
    theta, direction, step = rng.normal(size=11), rng.normal(size=11), 1e-5
    difference = function(theta + step * direction)[0] - function(theta - step * direction)[0]
    assert_allclose(function(theta)[1] @ direction, difference / (2 * step), rtol=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_levenberg_marquardt_ends_where_scipy_finds_nothing_better(seed):
    """SciPy's trust-region least squares, on residuals built here, is the judge."""
    rng = np.random.RandomState(seed)
    objective = make_objective(rng, alpha=0.01)
    network, batch = objective.network, objective.data.batch(objective.data.rows)

    def residuals(theta):
        output = network.predict(theta, batch.x, batch.skip)
        data = (np.sqrt(batch.weight / batch.total) * (output - batch.y)).ravel()
        penalty = np.sqrt(0.01 / batch.total) * theta * network.penalized()
        return np.concatenate([data, penalty])

    def run(theta):
        losses = []
        SOLVERS["lm"]().run(objective, theta, lambda x: losses.append(x) or len(losses) == 300)
        assert losses == sorted(losses, reverse=True)
        return losses[-1]

    precise = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-14}
    theta = network.initial_parameters(rng)
    loss = run(theta)
    assert loss == pytest.approx(least_squares(residuals, theta, **precise).cost, rel=1e-9)
    nearby = theta + 0.01 * rng.normal(size=theta.size)
    expected = least_squares(residuals, nearby, **precise).cost
    assert run(nearby) == pytest.approx(expected, rel=1e-6)


def test_levenberg_marquardt_converges_quadratically_where_gradients_crawl(rng):
    objective = make_objective(rng, alpha=0.1)
    function = value_and_gradient(objective)
    start = objective.network.initial_parameters(rng)
    theta, losses = start.copy(), []
    SOLVERS["lm"]().run(objective, theta, lambda loss: losses.append(loss) or len(losses) == 60)
    best = minimize(function, start, jac=True, method="L-BFGS-B", options={"maxiter": 60}).fun
    assert losses[-1] <= best + 1e-9


def test_levenberg_marquardt_survives_a_singular_problem(rng):
    """Without penalty and with constant targets, most directions are flat."""
    objective = make_objective(rng, alpha=0)
    objective.data.y[...] = 0
    theta = np.zeros(11)
    losses = []
    SOLVERS["lm"]().run(objective, theta, lambda loss: losses.append(loss) or len(losses) == 30)
    assert losses[-1] == 0
    assert np.isfinite(theta).all()


def test_adam_equals_the_paper(rng):
    theta, m, v = rng.normal(size=5), np.zeros(5), np.zeros(5)
    solver = SOLVERS["adam"](5, theta.dtype, learning_rate_init=0.1, clip_norm=None)
    expected = theta.copy()
    for t in range(1, 20):
        g = rng.normal(size=5) * 10.0 ** rng.randint(-9, 3)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        expected -= 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        solver.update(theta, g.copy())
        assert_allclose(theta, expected, rtol=1e-12)


def test_clipping_keeps_the_direction(rng):
    """What a first-order solver passes on is the gradient, scaled to clip_norm."""
    seen = []

    class Recorder(SOLVERS["adam"]):
        def update(self, theta, gradient):
            seen.append(gradient.copy())

    objective = make_objective(rng, alpha=0)
    theta = objective.network.initial_parameters(rng)
    for clip_norm in (None, 1e-3):
        solver = Recorder(11, theta.dtype, learning_rate_init=0.1, clip_norm=clip_norm)
        solver.run(objective, theta, lambda loss: True)
    free, clipped = seen
    assert_allclose(clipped, free * 1e-3 / np.linalg.norm(free), rtol=1e-12)


def test_every_solver_keeps_the_contract():
    for solver in SOLVERS.values():
        assert issubclass(solver, Solver)
