"""Training runs: the state between chunks, and when the last weights aren't kept."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skrnn import RNNRegressor
from skrnn._engine.losses import HuberLoss
from skrnn._estimators.checkpoint import checksum
from skrnn._training.training_run import TrainingRun
from skrnn.cells import JordanCell
from tests.helpers.fits import unconverged

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


@unconverged
@pytest.mark.parametrize(("solver", "max_iter"), [("lm", 12), ("lm", 40), ("adam", 9)])
def test_all_of_the_penalty_counts_after_a_third_of_the_epochs(rng, solver, max_iter):
    """α is 3 s² at first, and 10 s² at last; s² is hardly above the error of 13 weights."""
    X = rng.normal(size=(400, 5, 1))
    y = X[:, -1, 0] + rng.normal(size=400)
    options = {"linear_part": False, "tol": 0, "n_iter_no_change": 100, "random_state": 0}
    model = RNNRegressor(2, solver=solver, max_iter=max_iter, **options).fit(X, y)
    error = np.mean(((y - model.predict(X)) / model.y_scale_) ** 2)
    assert 9.5 < model.alpha_ / error < 11


@pytest.mark.parametrize("seed", [3, 5, 13])
def test_the_best_validation_loss_may_be_that_of_a_weaker_penalty(seed):
    rng = np.random.RandomState(seed)
    X, y = rng.normal(size=(100, 6, 2)), rng.normal(size=100)
    model = RNNRegressor(8, early_stopping=True, linear_part=False, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what doesn't hold: that is the point
        model.fit(X[:60], y[:60], X_val=X[60:], y_val=y[60:])
    curve = np.array(model.validation_loss_curve_)
    assert curve.argmin() < 5 < 15 < len(curve)  # before all of the penalty counts
    kept = 0.5 * np.mean(((y[60:] - model.predict(X[60:])) / model.y_scale_) ** 2)
    assert_allclose(kept, curve.min())
