"""Solvers against independent implementations, on problems whose answer is known."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import least_squares, minimize
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from skrnn._engine.losses import LOSSES, HuberLoss, PinballLoss
from skrnn._training.solvers import SCHEDULES, SOLVERS, FirstOrderSolver, Solver
from tests.helpers.objectives import make_objective, value_and_gradient

pytestmark = pytest.mark.core

OPTIONS = {
    "adam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8},
    "sgd": {"momentum": 0.9, "nesterovs_momentum": True},
    "rmsprop": {"epsilon": 1e-8},
    "lm": {},
    "lbfgs": {},
}
FIRST_ORDER = [name for name, solver in SOLVERS.items() if issubclass(solver, FirstOrderSolver)]


def make_solver(name, *, rate=0.1, learning_rate="constant", clip_norm=None, clip_value=None, **o):
    if name not in FIRST_ORDER:
        return SOLVERS[name]()
    schedule = SCHEDULES[learning_rate](rate, power_t=0.5, max_iter=10)
    clipping = {"clip_norm": clip_norm, "clip_value": clip_value}
    return SOLVERS[name](schedule, **OPTIONS[name] | o, **clipping)


def run(solver, objective, theta, n_epochs):
    """The losses of so many epochs, and the last parameters."""
    losses, last = [], []

    def on_epoch(theta, loss, norms):
        losses.append(loss[0])
        last[:] = theta.copy()
        return np.array([len(losses) < n_epochs])

    solver.run(objective, theta[np.newaxis], on_epoch)
    return losses, last[0]


@pytest.mark.parametrize("seed", range(3))
def test_levenberg_marquardt_ends_where_scipy_finds_nothing_better(seed):
    """SciPy's trust-region least squares, on residuals built here, is the judge."""
    rng = np.random.RandomState(seed)
    objective = make_objective(rng, alpha=0.01)
    network, batch = objective.network, objective.data.batch(objective.data.rows)

    def residuals(theta):
        output = network.forward(theta, batch.x, missing=batch.missing).outputs
        data = (np.sqrt(batch.weight / batch.total) * (output - batch.y)).ravel()
        penalty = np.sqrt(0.01 / batch.total) * theta * network.penalized()
        return np.concatenate([data, penalty])

    def solve(theta):
        losses, _ = run(make_solver("lm"), objective, theta, 300)
        assert losses == sorted(losses, reverse=True)
        return losses[-1]

    precise = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-14}
    theta = network.initial_parameters(rng)
    loss = solve(theta)
    assert loss == pytest.approx(least_squares(residuals, theta, **precise).cost, rel=1e-9)
    nearby = theta + 0.01 * rng.normal(size=theta.size)
    expected = least_squares(residuals, nearby, **precise).cost
    assert solve(nearby) == pytest.approx(expected, rel=1e-6)


def test_levenberg_marquardt_converges_quadratically_where_gradients_crawl(rng):
    objective = make_objective(rng, alpha=0.1)
    function = value_and_gradient(objective)
    start = objective.network.initial_parameters(rng)
    losses, _ = run(make_solver("lm"), objective, start, 60)
    best = minimize(function, start, jac=True, method="L-BFGS-B", options={"maxiter": 60}).fun
    assert losses[-1] <= best + 1e-9


@pytest.mark.parametrize("loss", [LOSSES["poisson"](), HuberLoss(0.1)])
def test_levenberg_marquardt_minimizes_other_losses(rng, loss):
    """No better point than where it ends, as SciPy's BFGS sees it from there."""
    objective = make_objective(rng, alpha=0.01, loss=loss)
    losses, theta = run(
        make_solver("lm"), objective, objective.network.initial_parameters(rng), 300
    )
    assert losses == sorted(losses, reverse=True)
    function = value_and_gradient(objective)
    expected = minimize(function, theta, jac=True, method="BFGS", options={"gtol": 1e-9}).fun
    assert losses[-1] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("loss", [LOSSES["absolute_error"](), PinballLoss([0.3])])
def test_levenberg_marquardt_comes_close_on_losses_with_a_corner(rng, loss):
    """To what Nelder and Mead, who need no gradient, still find from there."""
    objective = make_objective(rng, alpha=0.01, loss=loss)
    losses, theta = run(
        make_solver("lm"), objective, objective.network.initial_parameters(rng), 300
    )
    function = value_and_gradient(objective)
    options = {"maxiter": 5000, "maxfev": 5000, "xatol": 1e-10, "fatol": 1e-12}
    found = minimize(lambda t: function(t)[0], theta, method="Nelder-Mead", options=options).fun
    assert losses[-1] < 1.02 * found


def test_levenberg_marquardt_survives_a_singular_problem(rng):
    """Without penalty and with constant targets, most directions are flat."""
    objective = make_objective(rng, alpha=0)
    objective.data.y[...] = 0
    losses, theta = run(make_solver("lm"), objective, np.zeros(11), 30)
    assert losses[-1] == 0
    assert np.isfinite(theta).all()


def test_lbfgs_is_scipys(rng):
    objective = make_objective(rng, alpha=0.01)
    start, expected = objective.network.initial_parameters(rng), []
    minimize(
        value_and_gradient(objective),
        start,
        jac=True,
        method="L-BFGS-B",
        callback=lambda intermediate_result: expected.append(intermediate_result.fun),
        options={"maxiter": 30},
    )
    losses, _ = run(make_solver("lbfgs"), objective, start, len(expected))
    assert_allclose(losses, expected, rtol=1e-6)


def steps(name, rng, n_steps=20, **options):
    """Parameters along the way, and the gradients, of 5 numbers in all sizes."""
    solver, theta = make_solver(name, **options), rng.normal(size=(1, 5))
    solver.begin(theta)
    start, thetas, gradients = theta[0].copy(), [], []
    for _ in range(n_steps):
        gradients.append(rng.normal(size=5) * 10.0 ** rng.randint(-9, 3))
        rates = solver.schedule.rates[:, np.newaxis]
        solver.update(theta, gradients[-1][np.newaxis].copy(), rates)
        thetas.append(theta[0].copy())
    return start, np.array(thetas), gradients


def test_adam_equals_the_paper(rng):
    expected, thetas, gradients = steps("adam", rng)
    m, v = np.zeros(5), np.zeros(5)
    for t, (theta, g) in enumerate(zip(thetas, gradients, strict=True), 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        expected -= 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        assert_allclose(theta, expected, rtol=1e-12)


def test_rmsprop_equals_the_lecture(rng):
    expected, thetas, gradients = steps("rmsprop", rng)
    v = np.zeros(5)
    for theta, g in zip(thetas, gradients, strict=True):
        v = 0.9 * v + 0.1 * g**2
        expected -= 0.1 * g / (np.sqrt(v) + 1e-8)
        assert_allclose(theta, expected, rtol=1e-12)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0, 0.9])
def test_sgd_equals_scikit_learns(rng, momentum, nesterov):
    options = {"momentum": momentum, "nesterovs_momentum": nesterov}
    expected, thetas, gradients = steps("sgd", rng, **options)
    other = SGDOptimizer([expected], 0.1, momentum=momentum, nesterov=nesterov)
    for theta, g in zip(thetas, gradients, strict=True):
        other.update_params([expected], [g])
        assert_allclose(theta, expected, rtol=1e-12)


def test_adam_equals_scikit_learns_where_epsilon_is_nothing(rng):
    """Scikit-learn adds epsilon before the bias is corrected, the paper after."""
    expected, thetas, gradients = steps("adam", rng, epsilon=1e-300, beta_1=0.8, beta_2=0.95)
    other = AdamOptimizer([expected], 0.1, beta_1=0.8, beta_2=0.95, epsilon=1e-300)
    for theta, g in zip(thetas, gradients, strict=True):
        other.update_params([expected], [g])
        assert_allclose(theta, expected, rtol=1e-10)


def test_schedules(rng):
    def rates(name, n=10):
        schedule = SCHEDULES[name](0.2, power_t=0.5, max_iter=10)
        out = []
        for epoch in range(1, n + 1):
            out.append(schedule.rates[0])
            schedule.end_epoch(epoch, 7 * epoch)
        return out, schedule

    assert rates("constant")[0] == [0.2] * 10
    other = SGDOptimizer([np.zeros(1)], 0.2, lr_schedule="invscaling", power_t=0.5)
    for epoch, rate in enumerate(rates("invscaling")[0]):
        assert rate == pytest.approx(other.learning_rate)
        other.iteration_ends(7 * (epoch + 1))
    cosine, schedule = rates("cosine")
    assert_allclose(cosine, 0.1 * (1 + np.cos(np.pi * np.arange(10) / 10)))
    assert schedule.rates[0] == 0
    schedule.end_epoch(15, 105)  # beyond its end it stays there
    assert schedule.rates[0] == 0
    _, schedule = rates("adaptive")
    other = SGDOptimizer([np.zeros(1)], 0.2, lr_schedule="adaptive")
    for _ in range(20):
        stops = other.trigger_stopping("", verbose=False)
        assert schedule.lower(0) is not stops
        assert schedule.rates[0] == pytest.approx(other.learning_rate)
    assert stops


def test_inverse_scaling_counts_samples(rng):
    objective = make_objective(rng, alpha=0)
    solver = make_solver("sgd", learning_rate="invscaling")
    run(solver, objective, objective.network.initial_parameters(rng), 3)
    assert solver.schedule.rates.size == 0  # no training run is left
    assert solver.n_samples == 3 * len(objective.data.rows)


def clipped(objective, theta, **options):
    """The gradient that a first-order solver's update gets, and the norm that it reports."""
    seen = []

    class Recorder(SOLVERS["sgd"]):
        def update(self, theta, gradient, rates):
            seen.append(gradient[0].copy())

        def tell(self, theta, losses, norms):
            seen.append(norms[0])
            return np.array([False])

    schedule = SCHEDULES["constant"](0.1, power_t=0.5, max_iter=10)
    options = {"clip_norm": None, "clip_value": None} | options
    solver = Recorder(schedule, **OPTIONS["sgd"], **options)
    solver.run(objective, theta[np.newaxis], solver.tell)
    return seen


def test_clipping(rng):
    objective = make_objective(rng, alpha=0)
    theta = objective.network.initial_parameters(rng)
    free, norm = clipped(objective, theta)
    assert norm == pytest.approx(np.linalg.norm(free))
    short, told = clipped(objective, theta, clip_norm=1e-3)
    assert told == norm
    assert_allclose(short, free * 1e-3 / norm, rtol=1e-12)
    limit = np.abs(free).mean()
    cut, told = clipped(objective, theta, clip_value=limit)
    assert told == norm
    assert_array_equal(cut, np.clip(free, -limit, limit))
    both, _ = clipped(objective, theta, clip_value=limit, clip_norm=1e-3)
    assert_allclose(both, cut * 1e-3 / np.linalg.norm(cut), rtol=1e-12)


def test_every_solver_keeps_the_contract():
    assert set(OPTIONS) == set(SOLVERS)
    for solver in SOLVERS.values():
        assert issubclass(solver, Solver)


@pytest.mark.parametrize("name", SOLVERS)
def test_every_solver_lowers_the_loss(rng, name):
    objective = make_objective(rng, alpha=0.01)
    start = objective.network.initial_parameters(rng)
    before, _ = value_and_gradient(objective)(start)
    _, theta = run(make_solver(name, rate=0.01), objective, start, 50)
    assert value_and_gradient(objective)(theta)[0] < 0.8 * before
