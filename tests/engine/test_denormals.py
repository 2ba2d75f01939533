"""Denormal numbers stay out of the time loops, and nothing that counts is lost with them."""

from unittest.mock import patch

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skrnn._engine import tape as tape_module
from skrnn._engine.denormals import FORWARD_STEPS
from tests.helpers.networks import (
    PARTS,
    loss_difference,
    make_batch,
    make_network,
    random_parameters,
    run,
)

pytestmark = pytest.mark.core

every_cell = pytest.mark.parametrize("cell", PARTS)
every_dtype = pytest.mark.parametrize("dtype", ["f4", "f8"])
# what each step leaves of a derivative, and the steps in which it leaves the dtype's range
FACTOR, STEPS = {"f4": 0.25, "f8": 0.1}, {"f4": 160, "f8": 700}


def denormal(a):
    """How many of the numbers are denormal."""
    return int(((a != 0) & (np.abs(a) < np.finfo(a.dtype).tiny)).sum())


def forgetful(cell, dtype, factor, **options):
    """A network without biases that keeps some ``factor`` of its state, and its parameters."""
    network = make_network(PARTS[cell], (4,), dtype=dtype, **options)
    theta = random_parameters(network, np.random.RandomState(0))
    gate = np.log(factor / (1 - factor))  # its logistic function is the factor
    for name, view in network.named_weights(theta).items():
        if name.endswith("recurrent"):
            view *= factor
        if name.endswith("bias"):
            view[...] = 0
        if name == "layer0.bias" and len(view) == 16:  # o, i, f, g
            view[8:12] = gate
        if name == "layer0.gates.bias":  # r, z
            view[4:] = gate
    return network, theta


def backward(network, theta, batch, dy):
    """The gradient, and the tapes with what was computed on the way."""
    done = run(network, theta, batch.x, batch.missing)
    gradient = np.zeros_like(theta)
    views = network.layout.views(gradient)
    network.backward(done, dy, lambda name, g: g.add_total(views[name]))
    return gradient, done.stack.tapes


def data(network, n_steps, mask="none"):
    """A batch, and dL/dy."""
    rng, dtype = np.random.RandomState(1), network.topology.dtype
    batch = make_batch(network, rng, mask, n_steps=n_steps)
    dy = rng.normal(size=batch.y.shape).astype(dtype)
    return batch._replace(x=batch.x.astype(dtype)), dy


@pytest.mark.parametrize("mask", ["none", "inside"])
@every_dtype
@every_cell
def test_no_denormal_numbers_on_the_way_back(cell, dtype, mask):
    network, theta = forgetful(cell, dtype, FACTOR[dtype])
    batch, dy = data(network, STEPS[dtype], mask)
    with patch.object(tape_module, "round_off", lambda a, constant: None):
        expected, tapes = backward(network, theta, batch, dy)
        assert sum(denormal(tape.dz) for tape in tapes) > 0  # by the plain equations
    gradient, tapes = backward(network, theta, batch, dy)
    for tape in tapes:
        assert denormal(tape.dz) == 0
        assert [denormal(d) for d in tape.d_states] == [0] * len(tape.d_states)
    assert_allclose(gradient, expected, rtol=1e-12, atol=1e-18 if dtype == "f4" else 1e-200)


@pytest.mark.parametrize("mask", ["none", "inside"])
@pytest.mark.parametrize("per_step", [False, True], ids=["last", "per step"])
@every_cell
def test_the_gradient_over_many_steps_equals_central_differences(rng, cell, per_step, mask):
    network = make_network(PARTS[cell], (3, 2), per_step=per_step)
    theta = random_parameters(network, rng)
    batch = make_batch(network, rng, mask, n_steps=70)
    gradient, direction = np.empty_like(theta), rng.normal(size=theta.size)
    network.loss_grad(theta, batch, gradient)
    slope = loss_difference(network, batch, theta, direction)
    assert_allclose(gradient @ direction, slope, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("scale", [1e-30, 1e-12, 1e12])
@every_cell
def test_a_tiny_gradient_is_as_exact_as_a_large_one(cell, scale):
    network, theta = forgetful(cell, "f4", 0.7)
    batch, dy = data(network, 60)
    expected, _ = backward(network, theta, batch, dy)
    gradient, _ = backward(network, theta, batch, dy * np.float32(scale))
    # of 1e-30 times the gradient, float32 holds what is above 1e-15
    assert_allclose(gradient / np.float32(scale), expected, rtol=1e-4, atol=1e-13)


@pytest.mark.parametrize("cell", [c for c in PARTS if PARTS[c].batched_weights])
def test_each_of_several_networks_has_a_size_of_its_own(cell):
    network, theta = forgetful(cell, "f4", 0.7)
    batch, dy = data(network, 60)
    expected, _ = backward(network, theta, batch, dy)
    both, tiny = np.array([theta, theta]), np.float32(1e-30)
    gradient = np.zeros_like(both)
    views = network.layout.views(gradient)
    dy = np.concatenate([dy, dy * tiny], axis=-1)
    network.backward(run(network, both, batch.x), dy, lambda name, g: g.add_total(views[name]))
    assert_allclose(gradient[0], expected, rtol=1e-4, atol=1e-13)
    assert_allclose(gradient[1] / tiny, expected, rtol=1e-4, atol=1e-13)


def test_the_derivative_by_the_final_state_has_a_size_too(rng):
    network, theta = forgetful("gru", "f4", 0.7)
    batch, dy = data(network, 60)
    d_state = rng.normal(size=(network.state_size, dy.shape[-1])).astype("f4")
    by_initial = []
    for size in np.float32([1, 1e-25]):
        done = run(network, theta, batch.x)
        _, d = network.backward(done, 0 * dy, lambda *_: None, d_state=size * d_state)
        by_initial.append(d / size)
    assert np.abs(by_initial[0]).min() > 1e-12
    assert_allclose(by_initial[1], by_initial[0], rtol=1e-4)


@every_dtype
@every_cell
def test_no_denormal_numbers_in_states_that_decay(cell, dtype):
    """After an impulse, the state is all that there is."""
    network, theta = forgetful(cell, dtype, 0.6, activation="identity")
    x = np.zeros((8 * STEPS[dtype], 2, 3), dtype)
    x[0] = 1
    with patch.object(tape_module, "is_negligible", lambda a: np.zeros(a.shape, bool)):
        (tape,) = run(network, theta, x).stack.tapes
        plain = [state.copy() for state in tape.states]
    (tape,) = run(network, theta, x).stack.tapes
    for state, expected in zip(tape.states, plain, strict=True):
        assert_allclose(state, expected, rtol=1e-12, atol=1e-30 if dtype == "f4" else 1e-290)
        assert denormal(state[-1]) == 0
        assert denormal(state) <= state[:FORWARD_STEPS].size
