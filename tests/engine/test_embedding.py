"""The embedding against central differences, and against one-hot inputs with the same weights."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skrnn._engine.parallel import SplitNetwork
from skrnn.cells import CELLS
from tests.helpers.networks import (
    MASKS,
    TOPOLOGIES,
    every_output,
    every_topology,
    jacobian_of,
    loss_difference,
    make_batch,
    make_network,
    random_parameters,
    run,
    stacked_network,
)

pytestmark = pytest.mark.core

V, U = 6, 3  # tokens, and numbers of the vector of each
EMBEDDING = {"D": 1, "n_tokens": V, "embedding_size": U}
INPUTS = ("input", "gates.input", "candidate.input")


def gradient_of(network, theta, batch, state=None):
    gradient = np.empty_like(theta)
    loss, _ = network.loss_grad(theta, batch, gradient, state)
    return loss, gradient


def with_one_hot_inputs(network, theta, batch):
    """The same network without an embedding: its input weights are W_x W_e^T."""
    kept = {"embedding_size": 0, "n_tokens": 0, "n_inputs": V}
    fields = vars(network.topology) | kept
    other = type(network)(type(network.topology)(**fields), network.loss)
    changed = np.zeros(other.layout.size)
    own, views = network.named_weights(theta), other.named_weights(changed)
    first = [name for name in own if name.startswith("layer0.") and name.endswith(INPUTS)]
    for name, view in views.items():
        view[...] = own[name] @ own["embedding"].T if name in first else own[name]
    one_hot = (batch.x == np.arange(V)[:, np.newaxis]).astype(float)
    if batch.missing is not None:
        one_hot[np.broadcast_to(batch.missing[:, np.newaxis], one_hot.shape)] = 0
    return other, changed, batch._replace(x=one_hot), first


@every_output
@every_topology
@pytest.mark.parametrize("mask", ["none", "end", "inside"])
def test_gradient_equals_central_differences(rng, cell, stack, per_step, mask):
    network = stacked_network(cell, stack, per_step=per_step, **EMBEDDING)
    theta, batch = random_parameters(network, rng, 0.1), make_batch(network, rng, mask)
    _, gradient = gradient_of(network, theta, batch)
    only = np.zeros_like(theta)
    network.named_weights(only)["embedding"][...] = rng.normal(size=(V, U))
    for direction in (only, rng.normal(size=theta.size)):
        slope = loss_difference(network, batch, theta, direction, step=1e-5)
        assert_allclose(gradient @ direction, slope, rtol=1e-6, atol=1e-9)


@every_output
@pytest.mark.parametrize(("cell", "stack"), [own for own in TOPOLOGIES if own[0] in CELLS])
def test_equals_one_hot_inputs(rng, cell, stack, per_step):
    """Outputs, and all gradients by the chain rule: dL/dW_x = G W_e, and dL/dW_e = G^T W_x."""
    network = stacked_network(cell, stack, per_step=per_step, **EMBEDDING)
    theta, batch = random_parameters(network, rng), make_batch(network, rng, "inside")
    other, changed, one_hot, first = with_one_hot_inputs(network, theta, batch)
    assert_allclose(
        run(network, theta, batch.x, batch.missing).outputs,
        run(other, changed, one_hot.x, batch.missing).outputs,
        rtol=1e-12,
        atol=1e-12,
    )
    loss, gradient = gradient_of(network, theta, batch)
    expected_loss, expected = gradient_of(other, changed, one_hot)
    assert_allclose(loss, expected_loss, rtol=1e-12)
    weights = network.named_weights(theta)
    own, others = network.named_weights(gradient), other.named_weights(expected)
    assert first
    for name, G in others.items():
        value = G @ weights["embedding"] if name in first else G
        assert_allclose(own[name], value, rtol=1e-12, atol=1e-12, err_msg=name)
    of_embedding = sum(others[name].T @ weights[name] for name in first)
    assert_allclose(own["embedding"], of_embedding, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("mask", MASKS)
@every_output
@pytest.mark.parametrize("cell", sorted(CELLS))
def test_jacobian_sums_to_the_gradient(rng, cell, per_step, mask):
    network = make_network(cell, per_step=per_step, **EMBEDDING)
    theta, batch = random_parameters(network, rng, 0.1), make_batch(network, rng, mask)
    _, gradient = gradient_of(network, theta, batch)
    outputs, jacobian = jacobian_of(network, theta, batch)
    residual = (outputs - batch.y.reshape(outputs.shape)) * batch.weight.reshape(outputs.shape)
    assert_allclose(residual.ravel() @ jacobian / batch.total, gradient, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("cell", sorted(name for name in CELLS if CELLS[name].batched_weights))
def test_several_networks_equal_each_alone(rng, cell):
    network = make_network(cell, per_step=True, **EMBEDDING)
    batch = make_batch(network, rng, "end", dropout=False)
    theta = np.stack([random_parameters(network, rng) for _ in range(3)])
    losses, gradients = gradient_of(network, theta, batch)
    outputs, jacobians = network.jacobian(theta, batch, slice(1, 4))
    for e, own in enumerate(theta):
        loss, gradient = gradient_of(network, own, batch)
        assert_allclose(losses[e], loss, rtol=1e-12)
        assert_allclose(gradients[e], gradient, rtol=1e-10, atol=1e-13)
        values, jacobian = network.jacobian(own[np.newaxis], batch, slice(1, 4))
        assert_allclose(outputs[e], values[0], rtol=1e-12)
        assert_allclose(jacobians[e], jacobian[0], rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("cell", ["elman", "lstm", "jordan"])
def test_truncated_gradient_reaches_the_last_steps_alone(rng, cell):
    """From a frozen state, which the steps before have led to."""
    size, n_steps = 3, 7
    network = make_network(cell, bptt_steps=size, **EMBEDDING)
    theta, batch = random_parameters(network, rng), make_batch(network, rng, n_steps=n_steps)
    _, gradient = gradient_of(network, theta, batch)
    cut = n_steps - size
    state = run(network, theta, batch.x[:cut]).final_state()
    _, expected = gradient_of(network, theta, batch._replace(x=batch.x[cut:]), state)
    assert_allclose(gradient, expected, rtol=1e-10, atol=1e-13)


def test_two_threads_have_the_bits_of_one(rng, monkeypatch):
    monkeypatch.setattr("skrnn._engine.parallel._LARGE_STEP", 0)
    monkeypatch.setattr("skrnn._engine.parallel._HUGE_STEP", 0)
    network = make_network("gru", per_step=True, **EMBEDDING)
    theta, batch = random_parameters(network, rng), make_batch(network, rng, "end", n=9)
    both = []
    for n_threads in (1, 2):
        split, gradient = SplitNetwork(network, n_threads), np.empty_like(theta)
        split.loss_grad(theta, batch, gradient)
        split.close()
        both.append(gradient)
    assert_array_equal(*both)
    assert_allclose(both[0], gradient_of(network, theta, batch)[1], rtol=1e-10, atol=1e-13)


def test_vectors_are_the_inputs_that_derivatives_are_asked_for(rng):
    network = make_network("lstm", bptt_steps=2, **EMBEDDING)
    theta, batch = random_parameters(network, rng), make_batch(network, rng)
    own = run(network, theta, batch.x)
    found, _ = network.backward(
        own, np.ones_like(own.outputs), lambda name, gradient: None, to_inputs=True
    )
    assert found.shape == (5, U, 4)
    assert not found[:3].any()
    assert found[3:].all()


def test_float32_stays_float32(rng):
    network = make_network("gru", per_step=True, dtype="f4", **EMBEDDING)
    theta, batch = random_parameters(network, rng), make_batch(network, rng)
    double = make_network("gru", per_step=True, **EMBEDDING)
    _, expected = gradient_of(double, theta.astype(float), batch)
    single = batch._replace(x=batch.x.astype("f4"), y=batch.y.astype("f4"))
    single = single._replace(weight=batch.weight.astype("f4"))
    _, gradient = gradient_of(network, theta, single)
    assert gradient.dtype == run(network, theta, single.x).outputs.dtype == np.float32
    assert_allclose(gradient, expected, rtol=1e-4, atol=1e-6)


def test_penalized_as_input_weights_are(rng):
    network = make_network("gru", **EMBEDDING)
    assert network.named_weights(network.penalized())["embedding"].all()
    vectors = make_network("gru", D=1, n_tokens=500, embedding_size=20)
    W = vectors.named_weights(vectors.initial_parameters(rng))["embedding"]
    assert W.shape == (500, 20)
    assert abs(W.mean()) < 0.05
    assert abs(W.std() - 1) < 0.05
