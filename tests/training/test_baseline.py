"""The losses of constant predictions, against closed forms and scikit-learn."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from sklearn.metrics import d2_absolute_error_score, log_loss, mean_pinball_loss

from skrnn._engine.cross_entropy import (
    BinaryCrossEntropy,
    CrossEntropy,
    MultilabelCrossEntropy,
)
from skrnn._engine.losses import AbsoluteError, HuberLoss, PinballLoss, PoissonLoss, SquaredError
from skrnn._engine.masking import StepMask, valid_steps
from skrnn._training.baseline import baselines
from skrnn._training.dataset import SequenceData

pytestmark = pytest.mark.core

CASES = [  # loss, its targets, outputs
    (SquaredError(), "normal", 2),
    (HuberLoss(1.35), "normal", 2),
    (PinballLoss([0.2, 0.9]), "normal", 2),
    (PoissonLoss(), "counts", 1),
    (CrossEntropy(), "classes", 3),
    (BinaryCrossEntropy(), "flags", 1),
    (MultilabelCrossEntropy(), "flags", 3),
]


def data(y, weight=None):
    """A set of targets (N, J), with one step for each sequence."""
    y = np.asarray(y, float).reshape(len(y), 1, -1)
    weight = None if weight is None else weight[:, np.newaxis]
    X = np.zeros((len(y), 1, 1))
    return SequenceData(X, y, weight, mask=StepMask(len(y), 1), per_step=False)


def constant_losses(loss, n_outputs, training, validation=None):
    """The loss of the best constant on each set that there is."""
    found = baselines(loss, n_outputs, training, validation)
    return [own.loss for own in found if own is not None]


def test_regression(rng):
    y, other, weight = rng.gamma(1, size=(90, 1)), rng.gamma(2, size=(40, 1)), rng.uniform(size=90)
    mean = np.average(y[:, 0], weights=weight)
    own, elsewhere = constant_losses(SquaredError(), 1, data(y, weight), data(other))
    assert_allclose(own, np.average((y[:, 0] - mean) ** 2, weights=weight) / 2)
    assert_allclose(elsewhere, np.mean((other - mean) ** 2) / 2)
    (own,) = constant_losses(AbsoluteError(), 1, data(y))
    assert_allclose(own, np.abs(y - np.median(y)).mean(), rtol=1e-9)
    assert d2_absolute_error_score(y, np.full_like(y, np.median(y))) == pytest.approx(0)
    (own,) = constant_losses(PoissonLoss(), 1, data(np.round(3 * y)))
    counts = np.round(3 * y)
    logs = np.where(counts > 0, counts * np.log(np.maximum(counts, 1) / counts.mean()), 0)
    assert_allclose(own, logs.mean(), rtol=1e-9)
    (own,) = constant_losses(HuberLoss(1e6), 1, data(y))  # as good as squared
    assert_allclose(own, np.var(y) / 2, rtol=1e-6)


def test_several_outputs(rng):
    y = rng.gamma(1, size=(90, 1))
    quantiles = [0.1, 0.5, 0.8]
    (own,) = constant_losses(PinballLoss(quantiles), 3, data(np.repeat(y, 3, axis=1)))
    found = [mean_pinball_loss(y, np.full_like(y, np.quantile(y, q)), alpha=q) for q in quantiles]
    assert_allclose(own, sum(found) / 3, rtol=1e-9)
    y = rng.normal(size=(90, 2)) * [1, 5]
    y[::3, 1] = np.nan
    (own,) = constant_losses(SquaredError(), 2, data(y))
    # the loss is a mean over the targets that are there
    expected = (90 * np.var(y[:, 0]) + 60 * np.nanvar(y[:, 1])) / 150 / 2
    assert_allclose(own, expected)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_classes(rng, n_classes):
    labels, other = rng.randint(n_classes, size=90), rng.randint(n_classes, size=30)
    loss = BinaryCrossEntropy() if n_classes == 2 else CrossEntropy()
    frequencies = np.bincount(labels) / 90
    K = 1 if n_classes == 2 else n_classes
    found = constant_losses(loss, K, data(labels), data(other))
    for own, y in zip(found, (labels, other), strict=True):
        expected = log_loss(y, np.tile(frequencies, (len(y), 1)), labels=range(n_classes))
        assert_allclose(own, expected, rtol=1e-5)


def data_of_steps(rng, y, weight=None):
    """A set of targets (N, S, J)."""
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
    found, none = baselines(loss, K, data_of_steps(rng, y, weight), None)
    assert none is None

    def mean_loss(f):
        output = np.tile(f[:, np.newaxis], (1, 1, 37 * S))
        targets = y[3:].reshape(-1, y.shape[2]).T[np.newaxis]
        w = np.broadcast_to(weight[3:].ravel(), targets.shape)
        return loss.value_and_gradient(output, targets, w, w.sum(), out=output)

    best = minimize(mean_loss, np.zeros(K), method="Nelder-Mead", options={"xatol": 1e-6})
    assert_allclose(found.loss, best.fun, rtol=1e-5)
    assert found.n_targets == weight[3:].sum()


def test_a_class_that_only_the_validation_set_has_counts_half_a_target(rng):
    training = data_of_steps(rng, np.repeat([0.0, 1.0], [150, 50]).reshape(200, 1, 1))
    validation = data_of_steps(rng, np.full((4, 1, 1), 2.0))
    own, other = baselines(CrossEntropy(), 3, training, validation)
    assert_allclose(own.loss, -(0.75 * np.log(0.75) + 0.25 * np.log(0.25)), rtol=0.01)
    assert_allclose(other.loss, -np.log(0.5 / 200), rtol=0.03)


@pytest.mark.parametrize(("n", "fraction"), [(10, 0.05), (300, 0.02), (10**6, 0.005)])
def test_what_is_clearly_lower_depends_on_the_number_of_targets(rng, n, fraction):
    y = np.where(np.arange(n) % 2, 1.0, -1.0).reshape(n, 1, 1)
    own, _ = baselines(SquaredError(), 1, data_of_steps(rng, y), None)
    assert_allclose(own.limit, 0.5 * (1 - fraction))
