"""Derivatives by inputs, by the initial state and by the final state, against differences."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.helpers.networks import (
    MASKS,
    STACKS,
    TOPOLOGIES,
    difference,
    every_output,
    every_topology,
    make_batch,
    random_parameters,
    run,
    stacked_network,
)

pytestmark = pytest.mark.core

T, B = 5, 4


def gradients(network, theta, batch, state, dy, d_state):
    """By theta, inputs and initial state of <dy, outputs> + <d_state, final state>."""
    done = run(network, theta, batch.x, batch.missing, state)
    by_theta = np.zeros_like(theta)
    views = network.layout.views(by_theta)
    by_inputs, by_state = network.backward(
        done, dy, lambda name, g: g.add_total(views[name]), d_state=d_state, to_inputs=True
    )
    return by_theta, by_inputs.copy(), by_state


@pytest.mark.parametrize("mask", MASKS)
@every_output
@every_topology
def test_backward_equals_central_differences(rng, cell, stack, per_step, mask):
    network = stacked_network(cell, stack, per_step=per_step, activation="tanh")
    theta = random_parameters(network, rng)
    batch = make_batch(network, rng, mask)
    state = rng.normal(size=(network.state_size, B))
    dy = rng.normal(size=(T if per_step else 1, 2, B))
    d_state = rng.normal(size=state.shape)

    def value(theta, x, state):
        done = run(network, theta, x, batch.missing, state)
        return np.vdot(dy, done.outputs) + np.vdot(d_state, done.final_state())

    by_theta, by_inputs, by_state = gradients(network, theta, batch, state, dy, d_state)
    directions = [rng.normal(size=a.shape) for a in (theta, batch.x, state)]
    slopes = [
        difference(lambda p: value(p, batch.x, state), theta, directions[0]),
        difference(lambda x: value(theta, x, state), batch.x, directions[1]),
        difference(lambda s: value(theta, batch.x, s), state, directions[2]),
    ]
    for gradient, direction, slope in zip(
        (by_theta, by_inputs, by_state), directions, slopes, strict=True
    ):
        assert_allclose(np.vdot(gradient, direction), slope, rtol=1e-6, atol=1e-8)
    if batch.missing is not None:
        assert not by_inputs.swapaxes(1, 2)[batch.missing].any()


@every_topology
def test_a_sequence_without_steps_hands_the_derivative_through(rng, cell, stack):
    network = stacked_network(cell, stack, per_step=False)
    theta = random_parameters(network, rng)
    batch = make_batch(network, rng)._replace(missing=np.ones((T, B), bool))
    state, d_state = rng.normal(size=(2, network.state_size, B))
    dy = np.zeros((1, 2, B))
    by_theta, by_inputs, by_state = gradients(network, theta, batch, state, dy, d_state)
    assert_allclose(by_state, d_state, rtol=1e-12)
    assert not by_theta.any()
    assert not by_inputs.any()
    assert_allclose(run(network, theta, batch.x, batch.missing, state).final_state(), state)


@pytest.mark.parametrize(("cell", "stack"), [t for t in TOPOLOGIES if not STACKS[t[1]][1]])
def test_the_final_state_of_one_run_is_the_initial_state_of_the_next(rng, cell, stack):
    """Derivatives of two runs in a row are those of one run over all steps."""
    network = stacked_network(cell, stack, per_step=True)
    theta = random_parameters(network, rng)
    batch = make_batch(network, rng, "inside")
    state, d_state = rng.normal(size=(2, network.state_size, B))
    dy = rng.normal(size=(T, 2, B))
    whole = gradients(network, theta, batch, state, dy, d_state)
    cut = 3
    first, second = (
        batch._replace(x=batch.x[part], missing=batch.missing[part])
        for part in (slice(cut), slice(cut, None))
    )
    middle = run(network, theta, first.x, first.missing, state).final_state()
    later = gradients(network, theta, second, middle, dy[cut:], d_state)
    earlier = gradients(network, theta, first, state, dy[:cut], later[2])
    assert_allclose(earlier[0] + later[0], whole[0], rtol=1e-9, atol=1e-11)
    assert_allclose(np.concatenate([earlier[1], later[1]]), whole[1], rtol=1e-9, atol=1e-11)
    assert_allclose(earlier[2], whole[2], rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("mask", ["none", "front"])
@pytest.mark.parametrize(("cell", "stack"), [t for t in TOPOLOGIES if not STACKS[t[1]][1]])
def test_truncation_cuts_off_inputs_and_the_initial_state(rng, cell, stack, mask):
    network = stacked_network(cell, stack, per_step=False, bptt_steps=2)
    theta = random_parameters(network, rng)
    batch = make_batch(network, rng, mask)
    state = rng.normal(size=(network.state_size, B))
    dy = rng.normal(size=(1, 2, B))
    _, by_inputs, by_state = gradients(network, theta, batch, state, dy, None)
    assert by_inputs.shape == batch.x.shape
    assert not by_inputs[: T - 2].any()
    assert by_inputs[T - 2 :].any()
    began = np.ones(B, bool) if batch.missing is None else ~batch.missing[: T - 2].all(axis=0)
    assert not by_state[:, began].any()
    if not began.all():
        assert by_state[:, ~began].any()
