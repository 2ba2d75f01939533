"""Batches of sequences of different lengths."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skrnn import (
    SequencePadder,
)
from skrnn._engine.network import Network
from tests.helpers.data import ragged_sequences
from tests.helpers.networks import data_set, every_output, make_network, random_parameters, run

pytestmark = pytest.mark.core


@every_output
@pytest.mark.parametrize(
    ("cell", "both"),
    [
        (cell, both)
        for cell in ("elman", "lstm", "gru", "jordan")
        for both in (False, True)
        if not (both and cell == "jordan")
    ],
)
def test_gradient_of_a_batch_is_the_mean_of_each_alone(rng, cell, both, per_step):
    network = make_network(cell, per_step=per_step, bidirectional=both)
    theta = random_parameters(network, rng, 0.1)
    X = ragged_sequences(rng, n=7)
    padded = SequencePadder().fit_transform(X)
    y = rng.normal(size=(7, padded.shape[1] if per_step else 1, 2))
    if per_step:
        y[np.isnan(padded[..., 0])] = np.nan
    data = data_set(padded, y, None, per_step=per_step)
    gradient, summed, part = (np.zeros_like(theta) for _ in range(3))
    loss, _ = network.loss_grad(theta, data.batch(np.arange(7)), gradient)
    expected = 0.0
    for x, own in zip(X, y, strict=True):
        own = own[: len(x)] if per_step else own
        alone = data_set(x[np.newaxis], own[np.newaxis], None, per_step=per_step)
        batch = alone.batch(np.array([0]))
        assert batch.missing is None
        expected += network.loss_grad(theta, batch, part)[0] * batch.total / data.total
        summed += part * batch.total / data.total
    assert_allclose(loss, expected, rtol=1e-12)
    assert_allclose(gradient, summed, rtol=1e-10, atol=1e-14)


def test_buffers_are_used_again_for_shorter_batches(rng):
    network = make_network("lstm", K=1, per_step=True)
    theta = network.initial_parameters(rng)
    long, short = rng.normal(size=(9, 2, 4)), rng.normal(size=(5, 2, 4))
    expected = run(Network(network.topology), theta, short)
    before = run(network, theta, long).stack
    again = run(network, theta, short)
    assert again.stack is before
    # the same computation, in longer buffers
    assert_array_equal(again.outputs, expected.outputs)
    assert_array_equal(again.final_state(), expected.final_state())
