"""Large batches in parts and in two threads: the same losses and gradients."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skrnn._engine.parallel import SplitNetwork
from tests.helpers.networks import (
    all_rows,
    every_output,
    every_topology,
    make_batch,
    make_network,
    masked_sequences,
    random_parameters,
    sequence_data,
    stacked_network,
)

pytestmark = pytest.mark.core

T, B = 5, 4  # steps and sequences


@pytest.mark.parametrize("n_threads", [1, 2])
@every_output
@every_topology
def test_halves_of_a_batch_add_up(rng, cell, stack, per_step, n_threads, monkeypatch):
    options = {"learn_initial_state": True, "dropout": 0.3, "recurrent_dropout": 0.3}
    network = stacked_network(cell, stack, per_step=per_step, **options)
    theta = random_parameters(network, rng)
    batch = make_batch(network, rng, "inside", dropout=True)
    expected, gradient = np.empty_like(theta), np.empty_like(theta)
    loss, state = network.loss_grad(theta, batch, expected)
    monkeypatch.setattr("skrnn._engine.parallel._HUGE_STEP", 1)
    split = SplitNetwork(network.twin(), n_threads)
    own_loss, own_state = split.loss_grad(theta, batch, gradient)
    assert_allclose(own_loss, loss, rtol=1e-12)
    assert_allclose(gradient, expected, rtol=1e-9, atol=1e-13)
    assert_allclose(own_state, state, rtol=1e-12, atol=1e-14)
    split.close()


@pytest.mark.parametrize("n_steps", [1, 2, T])
@pytest.mark.parametrize("mask", ["none", "inside"])
@every_output
@every_topology
def test_blocks_and_a_second_thread_change_nothing(
    rng, cell, stack, per_step, mask, n_steps, monkeypatch
):
    """Blocks but for the order of sums, the thread not even that."""
    network = stacked_network(cell, stack, per_step=per_step, learn_initial_state=True)
    theta = random_parameters(network, rng)
    batch = make_batch(network, rng, mask)
    expected, one, two = np.empty((3, theta.size))
    loss, _ = network.loss_grad(theta, batch, expected)
    monkeypatch.setattr("skrnn._engine.stack._BLOCK_NUMBERS", 1)
    monkeypatch.setattr("skrnn._engine.stack._BLOCK_COLUMNS", n_steps * B)
    monkeypatch.setattr("skrnn._engine.parallel._LARGE_STEP", 1)
    for gradient, n_threads in ((one, 1), (two, 2)):
        split = SplitNetwork(network.twin(), n_threads)
        for _ in range(2):  # the second time with used buffers
            assert split.loss_grad(theta, batch, gradient)[0] == loss
        split.close()
    assert_allclose(one, expected, rtol=1e-9, atol=1e-13)
    assert_array_equal(one, two)


def test_what_fails_in_the_second_thread_is_raised(rng, monkeypatch):
    monkeypatch.setattr("skrnn._engine.parallel._LARGE_STEP", 1)
    network = stacked_network("elman", "1", per_step=False)
    batch = make_batch(network, rng, "none")
    monkeypatch.setattr(type(network.topology.cell), "weight_gradients", lambda *_: 1 / 0)
    split = SplitNetwork(network, 2)
    theta = random_parameters(network, rng)
    with pytest.raises(ZeroDivisionError):
        split.loss_grad(theta, batch, np.empty_like(theta))
    split.close()


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize(("per_step", "bptt_steps"), [(False, None), (True, None), (False, 3)])
def test_large_batches_in_halves_equal_the_whole(rng, per_step, bptt_steps, n_threads, monkeypatch):
    network = make_network(sizes=(4,), K=3, per_step=per_step, bptt_steps=bptt_steps)
    theta = network.initial_parameters(rng)
    data = sequence_data(rng, masked_sequences(rng, "inside"), per_step=per_step, weighted=True)
    batch = all_rows(data)
    expected, gradient = np.empty((2, theta.size))
    state = rng.normal(size=(4, 5))
    expected_loss, expected_state = network.loss_grad(theta, batch, expected, state)
    monkeypatch.setattr("skrnn._engine.parallel._HUGE_STEP", 1)
    split = SplitNetwork(
        make_network(sizes=(4,), K=3, per_step=per_step, bptt_steps=bptt_steps), n_threads
    )
    loss, final = split.loss_grad(theta, batch, gradient, state)
    assert_allclose(loss, expected_loss, rtol=1e-12)
    assert_allclose(gradient, expected, rtol=1e-10, atol=1e-14)
    assert_allclose(final, expected_state, rtol=1e-12)
    split.close()
