"""The engine against central differences and a naive reference."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skrnn._engine.batch import Batch
from skrnn._engine.masking import time_first
from skrnn.cells._weight_gradients import _SMALL_PRODUCT
from tests.helpers import oracle_elman as reference
from tests.helpers.networks import (
    MASKS,
    all_rows,
    difference,
    jacobian_of,
    loss_difference,
    make_network,
    masked_sequences,
    random_parameters,
    run,
    sequence_data,
)

pytestmark = pytest.mark.core

ACTIVATIONS = sorted(reference.F)
T, D, H, K, B = 7, 2, 4, 3, 5


def elman_network(activation="tanh", *, hidden_size=H, **options):
    return make_network(sizes=(hidden_size,), K=K, activation=activation, **options)


def reference_gradient(network, theta, data, activation):
    """The gradient of the weighted mean, sequence by sequence."""
    weights = network.named_weights(theta)
    total, summed = 0.0, dict.fromkeys(reference.NAMES, 0)
    for i, (x, y) in enumerate(zip(data.X, data.y, strict=True)):
        if not data.per_step:
            y = reference.last_only(y[0], len(x))
        weight = 1 if data.weight is None else data.weight[i, 0]
        loss, gradient = reference.sequence_gradient(weights, x, y, activation)
        total += weight * loss
        summed = {name: summed[name] + weight * g for name, g in gradient.items()}
    return total / data.total, {name: g / data.total for name, g in summed.items()}


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_forward_equals_reference(rng, activation, per_step, mask):
    network = elman_network(activation, per_step=per_step)
    theta = random_parameters(network, rng, 0.1)
    data = sequence_data(rng, masked_sequences(rng, mask), per_step=per_step)
    x, missing = time_first(data.X, data.mask.valid())
    output = run(network, theta, x, missing).outputs.transpose(2, 0, 1)
    expected = reference.predict(network.named_weights(theta), data.X, activation, per_step)
    assert_allclose(output, expected.reshape(output.shape), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_equals_reference_and_central_differences(
    rng, activation, per_step, mask, weighted
):
    network = elman_network(activation, per_step=per_step)
    theta = random_parameters(network, rng, 0.1)
    data = sequence_data(rng, masked_sequences(rng, mask), per_step=per_step, weighted=weighted)
    batch = all_rows(data)
    gradient = np.empty_like(theta)
    loss, _ = network.loss_grad(theta, batch, gradient)

    expected_loss, expected = reference_gradient(network, theta, data, activation)
    assert_allclose(loss, expected_loss, rtol=1e-12)
    for name, value in network.named_weights(gradient).items():
        assert_allclose(value, expected[name], rtol=1e-10, atol=1e-13, err_msg=name)

    direction = rng.normal(size=theta.size)
    slope = loss_difference(network, batch, theta, direction, step=1e-5)
    assert_allclose(gradient @ direction, slope, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_jacobian_equals_central_differences(rng, activation, per_step, mask):
    network = elman_network(activation, per_step=per_step)
    theta = random_parameters(network, rng, 0.1)
    batch = all_rows(sequence_data(rng, masked_sequences(rng, mask), per_step=per_step))
    n_outputs = len(batch.y) * K
    columns = [
        difference(
            lambda p: run(network, p, batch.x, batch.missing).outputs.ravel(),
            theta,
            direction,
            1e-5,
        )
        for direction in np.eye(theta.size)
    ]
    expected = np.array(columns).T.reshape(n_outputs, B, -1)
    for outputs in (slice(0, n_outputs), slice(1, 3), slice(n_outputs - 1, n_outputs + 5)):
        values, jacobian = jacobian_of(network, theta, batch, outputs)
        whole = run(network, theta, batch.x, batch.missing).outputs.reshape(n_outputs, B)
        assert_allclose(values, whole[outputs], rtol=1e-12, atol=1e-13)
        jacobian = jacobian.reshape(-1, B, theta.size)
        assert_allclose(jacobian, expected[outputs], rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("bptt_steps", [1, 3, T, T + 5])
def test_truncation_with_one_output_counts_valid_steps(rng, bptt_steps, activation, mask):
    """The gradient is that of the last valid steps from a frozen state, Jacobian included."""
    network = elman_network(activation, bptt_steps=bptt_steps)
    theta = random_parameters(network, rng, 0.1)
    data = sequence_data(rng, masked_sequences(rng, mask), per_step=False)
    weights = network.named_weights(theta)
    expected = dict.fromkeys(reference.NAMES, 0)
    for x, y in zip(data.X, data.y, strict=True):
        x = x[~np.isnan(x[:, 0])]
        if len(x) == 0:
            continue
        first = max(0, len(x) - bptt_steps)
        targets = reference.last_only(y[0], len(x))
        _, g = reference.sequence_gradient(weights, x, targets, activation, first=first)
        expected = {name: expected[name] + g[name] / data.total for name in g}
    gradient = np.empty_like(theta)
    batch = all_rows(data)
    network.loss_grad(theta, batch, gradient)
    for name, value in network.named_weights(gradient).items():
        assert_allclose(value, expected[name], rtol=1e-10, atol=1e-13, err_msg=name)

    values, jacobian = jacobian_of(network, theta, batch, slice(0, K))
    weight = 1 if batch.weight is None else batch.weight.reshape(K, -1)
    residual = (values - batch.y.reshape(K, -1)) * weight / batch.total
    assert_allclose(residual.ravel() @ jacobian, gradient, rtol=1e-10, atol=1e-13)


def test_large_products_take_another_path_to_the_same_gradient(rng):
    hidden_size = 70
    network = elman_network(hidden_size=hidden_size)
    assert hidden_size * (hidden_size + D + 1) > _SMALL_PRODUCT
    theta = network.initial_parameters(rng)
    data = sequence_data(rng, masked_sequences(rng, "none"), per_step=False)
    gradient = np.empty_like(theta)
    network.loss_grad(theta, all_rows(data), gradient)
    _, expected = reference_gradient(network, theta, data, "tanh")
    for name, value in network.named_weights(gradient).items():
        assert_allclose(value, expected[name], rtol=1e-9, atol=1e-13, err_msg=name)


def test_tapes_are_used_again_and_few_are_kept(rng):
    network = elman_network()
    theta = network.initial_parameters(rng)
    x = rng.normal(size=(T, D, B))
    for n_steps in range(1, T):
        run(network, theta, x[:n_steps])
        assert len(network._workspaces) <= 4
    last = run(network, theta, x[: T - 1]).stack
    assert run(network, theta, x[: T - 1] + 1).stack is last


def test_float32_stays_float32(rng):
    network = elman_network(dtype="f4")
    theta = network.initial_parameters(rng)
    x = rng.normal(size=(T, D, B)).astype("f4")
    y = rng.normal(size=(1, K, B)).astype("f4")
    batch = Batch(x, None, y, None, float(y.size))
    gradient = np.empty_like(theta)
    network.loss_grad(theta, batch, gradient)
    double = elman_network(dtype="f8")
    expected = np.empty(theta.size)
    double.loss_grad(theta.astype("f8"), batch, expected)
    assert theta.dtype == gradient.dtype == run(network, theta, x).outputs.dtype == np.float32
    assert_allclose(gradient, expected, rtol=1e-4, atol=1e-6)


def test_initial_weights_are_orthogonal_and_glorot(rng):
    weights = elman_network(hidden_size=50).named_weights(
        elman_network(hidden_size=50).initial_parameters(rng)
    )
    W = weights["layer0.recurrent"]
    assert_allclose(W @ W.T, np.eye(50), atol=1e-12)
    limit = np.sqrt(6 / (50 + D))
    assert 0.9 * limit < np.abs(weights["layer0.input"]).max() <= limit
    assert not weights["layer0.bias"].any()
    assert not weights["readout.bias"].any()
