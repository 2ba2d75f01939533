"""The best constant prediction."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize

from skrnn._engine.cross_entropy import BinaryCrossEntropy, CrossEntropy
from skrnn._engine.losses import HuberLoss, PinballLoss, PoissonLoss, SquaredError
from skrnn._engine.masking import StepMask, valid_steps
from skrnn._training.constant import baselines
from skrnn._training.dataset import SequenceData

pytestmark = pytest.mark.core

CASES = [  # loss, its targets, outputs
    (SquaredError(), "normal", 2),
    (HuberLoss(1.35), "normal", 2),
    (PinballLoss([0.2, 0.9]), "normal", 2),
    (PoissonLoss(), "counts", 1),
    (CrossEntropy(), "classes", 3),
    (BinaryCrossEntropy(), "flags", 1),
]


def data(rng, y, weight=None):
    X = rng.normal(size=(len(y), y.shape[1], 1))
    mask = StepMask.of_valid(valid_steps(X))
    return SequenceData(X, y, weight, mask=mask, per_step=y.shape[1] > 1)


@pytest.mark.parametrize("S", [1, 3])
@pytest.mark.parametrize(("loss", "kind", "K"), CASES, ids=lambda v: type(v).__name__)
def test_no_constant_has_a_lower_loss(rng, loss, kind, K, S):
    """SciPy's search without derivatives finds none, with weights and missing targets."""
    shape = 40, S, K
    y = {
        "normal": 3 + rng.normal(size=shape),
        "counts": rng.poisson(2.0, size=shape).astype(float),
        "classes": rng.randint(3, size=(40, S, 1)).astype(float),
        "flags": (rng.uniform(size=shape) < 0.2).astype(float),
    }[kind]
    y[:3] = np.nan
    weight = rng.randint(1, 4, size=(40, S)).astype(float)
    found, none = baselines(loss, K, data(rng, y, weight), None)
    assert none is None

    def mean_loss(f):
        output = np.tile(f[:, np.newaxis], (1, 1, 37 * S))
        targets = y[3:].reshape(-1, y.shape[2]).T[np.newaxis]
        w = np.broadcast_to(weight[3:].ravel(), targets.shape)
        return loss.value_and_gradient(output, targets, w, w.sum(), out=output)

    best = minimize(mean_loss, np.zeros(K), method="Nelder-Mead", options={"xatol": 1e-6})
    # parabolas that touch an absolute error from above leave 1e-3 of its kink
    assert_allclose(found.loss, best.fun, rtol=2e-3)
    assert found.n_targets == weight[3:].sum()


def test_a_class_that_only_the_validation_set_has_counts_half_a_target(rng):
    training = data(rng, np.repeat([0.0, 1.0], [150, 50]).reshape(200, 1, 1))
    validation = data(rng, np.full((4, 1, 1), 2.0))
    own, other = baselines(CrossEntropy(), 3, training, validation)
    assert_allclose(own.loss, -(0.75 * np.log(0.75) + 0.25 * np.log(0.25)), rtol=0.01)
    assert_allclose(other.loss, -np.log(0.5 / 200), rtol=0.03)


@pytest.mark.parametrize(("n", "fraction"), [(10, 0.05), (300, 0.02), (10**6, 0.005)])
def test_what_is_clearly_lower_depends_on_the_number_of_targets(rng, n, fraction):
    y = np.where(np.arange(n) % 2, 1.0, -1.0).reshape(n, 1, 1)
    own, _ = baselines(SquaredError(), 1, data(rng, y), None)
    assert_allclose(own.limit, 0.5 * (1 - fraction))
