"""Losses of a regression: their derivatives, and scikit-learn's metrics of the same name."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import huber
from sklearn.metrics import (
    mean_absolute_error,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
)

from skrnn._engine.losses import LOSSES, AbsoluteError, HuberLoss, PinballLoss
from tests.helpers.networks import data_set, loss_difference, make_network

pytestmark = pytest.mark.core

QUANTILES = [0.1, 0.5, 0.8]
K = len(QUANTILES)


def make_loss(name):
    if name == "quantile":
        return PinballLoss(QUANTILES)
    return HuberLoss(0.4) if name == "huber" else LOSSES[name]()


def metric(name, y, prediction, weight):
    """Its mean over the outputs, as scikit-learn or SciPy has it."""
    options = {"sample_weight": weight}
    if name == "huber":
        values = huber(0.4, y - prediction).mean(axis=1)
        return np.average(values, weights=weight)
    if name == "quantile":
        pairs = zip(QUANTILES, y.T, prediction.T, strict=True)
        return np.mean([mean_pinball_loss(a, b, alpha=q, **options) for q, a, b in pairs])
    if name == "poisson":
        pairs = zip(y.T, np.exp(prediction).T, strict=True)
        return np.mean([mean_poisson_deviance(a, b, **options) for a, b in pairs]) / 2
    if name == "absolute_error":
        return mean_absolute_error(y, prediction, **options)
    return mean_squared_error(y, prediction, **options) / 2


def make_problem(name, per_step=False):
    rng = np.random.RandomState(0)
    loss = make_loss(name)
    network = make_network(sizes=(4,), K=K, per_step=per_step, loss=loss)
    X, y = rng.normal(size=(30, 6, 2)), rng.poisson(1.0, size=(30, 6 if per_step else 1, K))
    weight = rng.uniform(0.5, 2, size=(30, 1))
    data = data_set(X, y.astype(float), weight, per_step=per_step)
    return network, network.initial_parameters(rng), data, rng


@pytest.mark.parametrize("name", LOSSES)
def test_loss_equals_scikit_learns_metric(name):
    network, theta, data, _ = make_problem(name)
    batch = data.batch(np.arange(30))
    loss, _ = network.loss_grad(theta, batch, np.empty_like(theta))
    output = network.forward(theta, batch.x).outputs[0].T  # (B, K)
    assert loss == pytest.approx(metric(name, data.y[:, 0], output, data.weight[:, 0]), rel=1e-12)


@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_gradient_equals_central_differences(name, per_step):
    network, theta, data, rng = make_problem(name, per_step)
    batch = data.batch(np.arange(30))
    gradient = np.empty_like(theta)
    network.loss_grad(theta, batch, gradient)
    for _ in range(3):
        direction = rng.normal(size=theta.size)
        slope = loss_difference(network, batch, theta, direction)
        assert gradient @ direction == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_curvature_is_that_of_a_parabola_above(name):
    """Each touches the loss where it is and lies above it elsewhere; Poisson's is exact."""
    rng, loss = np.random.RandomState(0), make_loss(name)
    f, y = rng.normal(size=(1, K, 400)), rng.poisson(1.0, size=(1, K, 400)).astype(float)
    value, slope, scratch = np.empty((3, *f.shape))
    value = loss.pointwise(f, y, slope)
    curvature = loss.curvature(f, y)
    assert (curvature > 0).all()
    if name == "poisson":
        step = 1e-6
        above, below = np.empty((2, *f.shape))
        loss.pointwise(f + step, y, above)
        loss.pointwise(f - step, y, below)
        assert_allclose(curvature, (above - below) / (2 * step), rtol=1e-6)
        return
    for move in (-2, -0.3, -0.01, 0.01, 0.3, 2):
        parabola = value + move * slope + 0.5 * move**2 * curvature
        real = np.abs(f - y) > 1e-3  # closer to a corner, it is rounded
        assert (loss.pointwise(f + move, y, scratch) <= parabola + 1e-12)[real].all()


@pytest.mark.parametrize(
    "loss", [AbsoluteError(), PinballLoss(QUANTILES)], ids=["absolute", "pinball"]
)
def test_smoothed_losses(loss):
    """Their gradient is that of their value, and of the loss itself where residuals are large."""
    rng, width, step = np.random.RandomState(0), 0.5, 1e-6
    smooth = loss.smoothed(width)
    f, y = rng.normal(size=(2, 1, K, 200))
    slope, other, exact = np.empty((3, *f.shape))
    smooth.pointwise(f, y, slope)
    up, down = (smooth.pointwise(f + d, y, other) for d in (step, -step))
    assert_allclose(slope, (up - down) / (2 * step), atol=1e-6)
    loss.pointwise(f, y, exact)
    far = np.abs(y - f) > width
    factor = width if isinstance(loss, AbsoluteError) else 1  # which doesn't move the minimum
    assert_allclose(slope[far], factor * exact[far], rtol=1e-12)
    # the parabola touches from above
    value, curvature = smooth.pointwise(f, y, other), smooth.curvature(f, y)
    for d in (-0.7, 0.3, 2.0):
        above = value + slope * d + 0.5 * curvature * d**2
        assert (above >= smooth.pointwise(f + d, y, other) - 1e-12).all()


def test_units_of_hubers_loss():
    """Large residuals stay large where targets are divided by a scale."""
    rng, scale = np.random.RandomState(0), np.array([0.1, 1.0, 5.0])
    f, y = rng.normal(size=(2, 1, K, 100))
    by = scale[:, np.newaxis]
    scaled = HuberLoss(0.4).in_units_of(scale)
    value = scaled.pointwise(f / by, y / by, np.empty_like(f))
    assert_allclose(value * by**2, HuberLoss(0.4).pointwise(f, y, np.empty_like(f)), rtol=1e-12)


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "poisson"])
def test_errors_are_those_of_users(name):
    """The mean squared error, and not half of it; of other losses, the loss."""
    rng = np.random.RandomState(0)
    y, f = rng.normal(size=(2, 50, K))
    error = make_loss(name).error((y - f).T[np.newaxis]).mean()
    factor = 2 if name == "squared_error" else 1
    assert error == pytest.approx(factor * metric(name, y, f, np.ones(50)), rel=1e-12)
