"""Static covariates set the initial states."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skrnn._engine.cross_entropy import BinaryCrossEntropy, CrossEntropy
from skrnn.cells import CELLS
from tests.helpers.networks import (
    MASKS,
    jacobian_of,
    loss_difference,
    make_batch,
    make_network,
    random_parameters,
    run,
)

pytestmark = pytest.mark.core

T, D, M, K, B = 5, 2, 3, 2, 4
# what reads the output of the step before can't read from the end as well
WAYS = [(c, both) for c in sorted(CELLS) for both in (False, True) if not (both and c == "jordan")]


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize(("cell", "both"), WAYS)
def test_gradient_and_jacobian_equal_central_differences(rng, cell, per_step, both, learned, mask):
    options = {"bidirectional": both, "learn_initial_state": learned}
    network = make_network(cell, (3, 2), M=M, per_step=per_step, **options)
    theta, batch = random_parameters(network, rng), make_batch(network, rng, mask)
    gradient = np.empty_like(theta)
    network.loss_grad(theta, batch, gradient)
    values, jacobian = jacobian_of(network, theta, batch)
    error = batch.weight.ravel() * (values.ravel() - batch.y.ravel()) / batch.total
    assert_allclose(error @ jacobian, gradient, rtol=1e-9, atol=1e-12)
    for _ in range(3):
        direction = rng.normal(size=theta.size)
        slope = loss_difference(network, batch, theta, direction)
        assert_allclose(gradient @ direction, slope, rtol=1e-5, atol=1e-8)
    static = np.concatenate([v for n, v in named(network, gradient) if n.endswith("static")])
    assert np.count_nonzero(static)


@pytest.mark.parametrize("cell", ["elman", "lstm"])
def test_a_carried_state_does_not_depend_on_static_covariates(rng, cell):
    """In the second chunk of truncated backpropagation, the start is given."""
    network = make_network(cell, M=M, per_step=True, bptt_steps=3, learn_initial_state=True)
    theta, batch = random_parameters(network, rng), make_batch(network, rng)
    first, second = batch.chunks(3)
    gradient = np.empty_like(theta)
    _, state = network.loss_grad(theta, first, gradient)
    network.loss_grad(theta, second, gradient, state)
    weights = dict(named(network, gradient))
    assert not weights["layer0.static"].any()
    assert not weights["layer0.initial_state"].any()
    direction = rng.normal(size=theta.size)
    slope = loss_difference(network, second, theta, direction, state)
    assert_allclose(gradient @ direction, slope, rtol=1e-5, atol=1e-8)


def named(network, theta):
    return network.named_weights(theta).items()


@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize(("loss", "K"), [(CrossEntropy(), 4), (BinaryCrossEntropy(), 1)])
def test_gradient_of_classes(rng, loss, K, per_step):
    network = make_network("gru", loss=loss, K=K, M=M, per_step=per_step)
    theta, batch = random_parameters(network, rng), make_batch(network, rng, "end")
    gradient = np.empty_like(theta)
    network.loss_grad(theta, batch, gradient)
    direction = rng.normal(size=theta.size)
    slope = loss_difference(network, batch, theta, direction)
    assert_allclose(gradient @ direction, slope, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("cell", ["elman", "lstm"])
def test_the_initial_state_is_linear_in_the_static_covariates(rng, cell):
    """Outputs are those of a network without static covariates that starts from W_s s + h_0."""
    network = make_network(cell, M=M, learn_initial_state=True)
    theta, batch = random_parameters(network, rng), make_batch(network, rng)
    weights = dict(named(network, theta))
    state = weights["layer0.static"] @ batch.static + weights["layer0.initial_state"][:, None]
    assert weights["layer0.static"].shape == (3 if cell == "elman" else 6, M)
    given = run(network, theta, batch.x, state=state).outputs
    assert_allclose(run(network, theta, batch.x, static=batch.static).outputs, given, rtol=1e-12)


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_a_batch_of_networks_equals_each_alone(rng, cell, learned):
    network = make_network(cell, M=M, learn_initial_state=learned)
    batch = make_batch(network, rng, "front")
    thetas = np.array([random_parameters(network, rng) for _ in range(3)])
    gradients, alone = np.empty_like(thetas), np.empty_like(thetas[0])
    losses, _ = network.loss_grad(thetas, batch, gradients)
    for theta, loss, gradient in zip(thetas, losses, gradients, strict=True):
        assert_allclose(network.loss_grad(theta, batch, alone)[0], loss, rtol=1e-12)
        assert_allclose(gradient, alone, rtol=1e-10, atol=1e-14)
