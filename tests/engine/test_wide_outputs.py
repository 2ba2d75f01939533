"""The loss of outputs that exist in blocks only, against that of all of them at once."""

import threading

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skrnn._engine.cross_entropy import CrossEntropy
from skrnn._engine.losses import LOSSES, SquaredError
from skrnn._engine.parallel import SplitNetwork
from skrnn._engine.wide_outputs import loss_in_blocks
from skrnn._training.baseline import baselines
from tests.helpers.networks import (
    data_set,
    every_output,
    make_batch,
    make_network,
    random_parameters,
)

pytestmark = pytest.mark.core

K, BLOCK = 7, 40  # five columns of seven outputs in a block


def gradient_of(network, theta, batch):
    gradient = np.empty_like(theta)
    loss, state = network.loss_grad(theta, batch, gradient)
    return loss, gradient, state


@pytest.fixture
def sizes(monkeypatch):
    """The numbers of outputs in each call of the loss."""
    found = []

    def record(self, output, *args, **kwargs):
        found.append(output.size)
        return original(self, output, *args, **kwargs)

    original = CrossEntropy.value_and_gradient
    monkeypatch.setattr(CrossEntropy, "value_and_gradient", record)
    return found


@every_output
@pytest.mark.parametrize("mask", ["none", "end", "inside", "empty"])
@pytest.mark.parametrize("loss", [CrossEntropy(), SquaredError(), LOSSES["absolute_error"]()])
@pytest.mark.parametrize(
    ("cell", "both"), [("elman", False), ("lstm", True), ("gru", False), ("gru", True)]
)
def test_loss_and_gradient(rng, monkeypatch, cell, both, loss, mask, per_step):
    network = make_network(cell, (3, 2), loss=loss, K=K, per_step=per_step, bidirectional=both)
    theta, batch = random_parameters(network, rng), make_batch(network, rng, mask, n=9)
    expected = gradient_of(network, theta, batch)
    monkeypatch.setattr("skrnn._engine.wide_outputs.BLOCK_NUMBERS", BLOCK)
    for own, other in zip(gradient_of(network, theta, batch), expected, strict=True):
        assert_allclose(own, other, rtol=1e-11, atol=1e-14)
    assert_allclose(network.losses(theta[np.newaxis], batch), [expected[0]], rtol=1e-12)


def test_blocks_have_the_size_of_the_whole_gradient(rng, monkeypatch):
    """By the norm of dL/dy, the backward pass knows which derivatives are negligible."""
    W, operand = rng.normal(size=(K, 4)), rng.normal(size=(4, 23))
    y = rng.randint(K, size=(1, 23)).astype(float)
    given = CrossEntropy(), W, operand, y, None, 23.0
    whole = loss_in_blocks(*given, np.zeros_like(W))
    monkeypatch.setattr("skrnn._engine.wide_outputs.BLOCK_NUMBERS", BLOCK)
    parts = loss_in_blocks(*given, np.zeros_like(W))
    dy = np.empty((1, K, 23))
    CrossEntropy().value_and_gradient((W @ operand)[np.newaxis], y[np.newaxis], None, 23.0, out=dy)
    assert parts.size == pytest.approx(np.linalg.norm(dy), rel=1e-12)
    assert whole.size == pytest.approx(np.linalg.norm(dy), rel=1e-12)
    assert_allclose(parts.d_operand, W[:, :-1].T @ dy[0], rtol=1e-12)


@every_output
def test_outputs_exist_in_blocks(rng, monkeypatch, sizes, per_step):
    network = make_network("gru", loss=CrossEntropy(), K=K, per_step=per_step)
    theta, batch = random_parameters(network, rng), make_batch(network, rng, n=9)
    gradient_of(network, theta, batch)
    assert len(sizes) == 1
    assert sizes.pop() > BLOCK
    monkeypatch.setattr("skrnn._engine.wide_outputs.BLOCK_NUMBERS", BLOCK)
    gradient_of(network, theta, batch)
    network.losses(theta[np.newaxis], batch)
    S = 5 if per_step else 1
    assert max(sizes) <= BLOCK
    assert sum(sizes) == 2 * S * K * 9


def test_several_networks_equal_each_alone(rng, monkeypatch):
    network = make_network("gru", loss=CrossEntropy(), K=K, per_step=True)
    batch = make_batch(network, rng, "end", n=9)
    theta = np.stack([random_parameters(network, rng) for _ in range(3)])
    expected = gradient_of(network, theta, batch)
    monkeypatch.setattr("skrnn._engine.wide_outputs.BLOCK_NUMBERS", BLOCK)
    for own, other in zip(gradient_of(network, theta, batch), expected, strict=True):
        assert_allclose(own, other, rtol=1e-11, atol=1e-14)
    assert_allclose(network.losses(theta, batch), expected[0], rtol=1e-12)


def test_outputs_that_are_fed_back_are_all_needed(rng, monkeypatch):
    network = make_network("jordan", loss=CrossEntropy(), K=K, per_step=True)
    theta, batch = random_parameters(network, rng), make_batch(network, rng, n=9)
    expected = gradient_of(network, theta, batch)
    monkeypatch.setattr("skrnn._engine.wide_outputs.BLOCK_NUMBERS", BLOCK)
    for own, other in zip(gradient_of(network, theta, batch), expected, strict=True):
        np.testing.assert_array_equal(own, other)


def test_loss_of_the_best_constant(rng, monkeypatch, sizes):
    y = rng.randint(K, size=(30, 1, 1)).astype(float)
    data = data_set(np.ones((30, 4, 2)), y, rng.uniform(0.5, 2, (30, 1)), per_step=False)
    expected, _ = baselines(CrossEntropy(), K, data, None)
    sizes.clear()
    monkeypatch.setattr("skrnn._engine.wide_outputs.BLOCK_NUMBERS", BLOCK)
    found, _ = baselines(CrossEntropy(), K, data, None)
    assert max(sizes) <= BLOCK
    assert found.loss == pytest.approx(expected.loss, rel=1e-12)


@every_output
@pytest.mark.parametrize("mask", ["none", "inside"])
def test_a_second_thread_takes_half_of_the_blocks(rng, monkeypatch, mask, per_step):
    """The sums have the same bits with one thread."""
    monkeypatch.setattr("skrnn._engine.wide_outputs.BLOCK_NUMBERS", BLOCK)
    network = make_network("gru", loss=CrossEntropy(), K=K, per_step=per_step)
    theta, batch = random_parameters(network, rng), make_batch(network, rng, mask, n=9)
    threads, value_and_gradient = set(), CrossEntropy.value_and_gradient

    def record(self, *args, **kwargs):
        threads.add(threading.get_ident())
        return value_and_gradient(self, *args, **kwargs)

    monkeypatch.setattr(CrossEntropy, "value_and_gradient", record)
    found = []
    for n_threads in (1, 2):
        split, gradient = SplitNetwork(network.twin(), n_threads), np.empty_like(theta)
        threads.clear()
        found.append([*split.loss_grad(theta, batch, gradient), gradient])
        split.close()
        assert len(threads) == n_threads
    for one, two in zip(*found, strict=True):
        np.testing.assert_array_equal(one, two)
