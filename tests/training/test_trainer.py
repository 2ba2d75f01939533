"""Training runs: the state between chunks, and when the last weights aren't kept."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skrnn import RNNRegressor
from skrnn._engine.losses import HuberLoss
from skrnn._estimators.checkpoint import checksum
from skrnn._training.training_run import TrainingRun
from skrnn.cells import JordanCell

pytestmark = pytest.mark.core


@pytest.mark.parametrize("cell", ["elman", "jordan", "lstm", "gru"])
def test_an_epoch_in_chunks_has_the_loss_of_whole_sequences(rng, cell):
    """With steps too small to matter: each chunk starts from the final state of the last one."""
    X, y = rng.normal(size=(6, 12, 2)), rng.normal(size=(6, 12, 1))
    still = {"solver": "sgd", "learning_rate_init": 1e-14, "max_iter": 1, "random_state": 0}
    model = RNNRegressor(4, cell=cell, **still)
    whole = model.fit(X, y).loss_
    apart = model.fit(X.reshape(24, 3, 2), y.reshape(24, 3, 1)).loss_
    assert_allclose(model.set_params(bptt_steps=3).fit(X, y).loss_, whole, rtol=1e-9)
    assert abs(apart - whole) > 1e-4 * whole  # what it would be if each chunk started anew


@pytest.mark.parametrize(
    ("curve", "worsened"),
    [([1.0, 0.1, 0.9], True), ([1.0, 0.1, 0.11], False), ([0.0, 9e-35], False)],
    ids=["far above", "little above", "rounding of 0"],
)
def test_a_run_that_ends_far_above_its_best(curve, worsened):
    run = TrainingRun(np.zeros(1), best=min(curve), loss_curve=curve)
    assert run.worsened == worsened


def test_losses_with_other_parameters_are_not_compared():
    """A resumed fit may compare its losses with earlier ones only if they mean the same."""
    model, data = RNNRegressor(), 7  # the checksum of any data
    parts = [(JordanCell(), HuberLoss(1.0)) for _ in range(2)]
    one, same = (checksum(model, *own, data) for own in parts)
    assert one == same
    for other in ((JordanCell(), HuberLoss(2.0)), (JordanCell(0.5), HuberLoss(1.0))):
        assert checksum(model, *other, data) != one
