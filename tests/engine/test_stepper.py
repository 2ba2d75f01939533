"""Single steps, one after the other, against one run of all."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skrnn._engine.stepper import Stepper
from tests.helpers.networks import (
    MASKS,
    PARTS,
    STACKS,
    make_batch,
    make_network,
    random_parameters,
    run,
    stacked_network,
)

pytestmark = pytest.mark.core

T, B = 5, 4
every_cell = pytest.mark.parametrize("cell", PARTS)
every_stack = pytest.mark.parametrize("stack", [name for name in STACKS if not STACKS[name][1]])


def stepper_of(network, theta):
    stepper = Stepper(network)
    stepper.use(theta)
    return stepper


def step_by_step(stepper, batch, state=None, **given):
    """Outputs (T, K, B) and the final state (R, B)."""
    outputs = []
    for t in range(len(batch.x)):
        missing = None if batch.missing is None else batch.missing[t : t + 1]
        y, state = stepper(batch.x[t : t + 1], missing=missing, state=state, **given)
        outputs.append(y)
    return np.concatenate(outputs), state


def assert_equals_one_run(stepper, network, theta, batch, state=None, static=None):
    whole = run(network, theta, batch.x, batch.missing, state, static)
    found, final = step_by_step(stepper, batch, state, static=static)
    assert_allclose(found, whole.outputs, rtol=1e-12, atol=1e-14)
    assert_allclose(final, whole.final_state(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("mask", MASKS)
@every_stack
@every_cell
def test_all_steps_equal_one_run(rng, cell, stack, mask):
    network = stacked_network(cell, stack, per_step=True)
    theta, batch = random_parameters(network, rng), make_batch(network, rng, mask)
    state = rng.normal(size=(network.state_size, B))
    assert_equals_one_run(stepper_of(network, theta), network, theta, batch, state)


@every_cell
def test_the_last_output_alone(rng, cell):
    network = stacked_network(cell, "2", per_step=False)
    theta, batch = random_parameters(network, rng), make_batch(network, rng)
    found, _ = step_by_step(stepper_of(network, theta), batch)
    assert_allclose(found[-1:], run(network, theta, batch.x).outputs, rtol=1e-12, atol=1e-14)


@every_cell
def test_batches_of_other_sizes_and_other_runs_in_between(rng, cell):
    network = stacked_network(cell, "2", per_step=True)
    theta, other = random_parameters(network, rng), random_parameters(network, rng)
    stepper = stepper_of(network, theta)
    for n in (4, 2, 4):
        run(network, other, make_batch(network, rng).x)
        assert_equals_one_run(stepper, network, theta, make_batch(network, rng, n=n))


@every_cell
def test_other_parameters(rng, cell):
    network = stacked_network(cell, "2", per_step=True)
    stepper = Stepper(network)
    for _ in range(2):
        theta, batch = random_parameters(network, rng), make_batch(network, rng)
        stepper.use(theta)
        assert_equals_one_run(stepper, network, theta, batch)


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("M", [0, 2])
@every_cell
def test_the_first_state_is_that_of_the_network(rng, cell, M, learned):
    network = make_network(PARTS[cell], (3, 2), M=M, per_step=True, learn_initial_state=learned)
    theta, batch = random_parameters(network, rng), make_batch(network, rng, "inside")
    assert_equals_one_run(stepper_of(network, theta), network, theta, batch, static=batch.static)


@every_cell
def test_tokens(rng, cell):
    sizes = {"D": 1, "n_tokens": 6, "embedding_size": 3}
    network = make_network(PARTS[cell], (3,), per_step=True, **sizes)
    theta, batch = random_parameters(network, rng), make_batch(network, rng, "inside")
    assert_equals_one_run(stepper_of(network, theta), network, theta, batch)


def test_what_was_returned_stays(rng):
    network = make_network("lstm", per_step=True)
    batch = make_batch(network, rng)
    stepper = stepper_of(network, random_parameters(network, rng))
    found = stepper(batch.x[:1])
    kept = [a.copy() for a in found]
    stepper(batch.x[1:2], state=found[1])
    for now, before in zip(found, kept, strict=True):
        assert_array_equal(now, before)


def test_float32_stays_float32(rng):
    network = make_network("lstm", per_step=True, dtype="f4")
    batch = make_batch(network, rng)
    y, state = stepper_of(network, random_parameters(network, rng))(batch.x[:1].astype("f4"))
    assert y.dtype == state.dtype == np.float32
