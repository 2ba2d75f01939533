"""Single steps, one after the other, against one run of all."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skrnn._engine.predictor import Predictor
from skrnn._engine.stepper import Stepper
from skrnn.cells import GRUCell
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


def test_no_sequence(rng):
    """At first, and later."""
    network = make_network("lstm", per_step=True)
    stepper = stepper_of(network, random_parameters(network, rng))
    for n in (0, 4, 0):
        y, state = stepper(rng.normal(size=(1, 2, n)))
        assert y.shape == (1, 2, n)
        assert state.shape == (network.state_size, n)


def test_an_interrupt_while_buffers_are_made(rng, monkeypatch):
    network = make_network("lstm", per_step=True)
    theta = random_parameters(network, rng)
    stepper = stepper_of(network, theta)
    batches = [make_batch(network, rng, n=n) for n in (4, 2)]
    assert_equals_one_run(stepper, network, theta, batches[0])

    def interrupt(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Stepper, "_begin", interrupt)
        with pytest.raises(KeyboardInterrupt):
            stepper(batches[1].x[:1])
    for batch in batches[::-1]:
        assert_equals_one_run(stepper, network, theta, batch)


def test_weights_that_a_cell_refuses(rng, monkeypatch):
    """Of several networks, the first has taken in its weights already."""
    topology = replace(make_network("gru", per_step=True).topology, n_networks=2)
    predictor = Predictor(topology)
    theta, other = rng.normal(size=(2, predictor.layout.size))
    x = rng.normal(size=(1, 2, B))
    expected, _ = predictor.stepper(theta)(x)
    prepare, calls = GRUCell.prepare, []

    def refuse(self, weights):
        calls.append(weights)
        if len(calls) == 2:
            raise ValueError("refused")
        return prepare(self, weights)

    with monkeypatch.context() as patch:
        patch.setattr(GRUCell, "prepare", refuse)
        with pytest.raises(ValueError, match="refused"):
            predictor.stepper(other)
    assert_array_equal(predictor.stepper(theta)(x)[0], expected)


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
