"""The losses of constant predictions, against closed forms and scikit-learn."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import d2_absolute_error_score, log_loss, mean_pinball_loss

from skrnn._engine.cross_entropy import BinaryCrossEntropy, CrossEntropy
from skrnn._engine.losses import AbsoluteError, HuberLoss, PinballLoss, PoissonLoss, SquaredError
from skrnn._engine.masking import StepMask
from skrnn._training.baseline import constant_losses
from skrnn._training.dataset import SequenceData

pytestmark = pytest.mark.core


def data(y, weight=None):
    """A set of targets (N, J), with one step for each sequence."""
    y = np.asarray(y, float).reshape(len(y), 1, -1)
    weight = None if weight is None else weight[:, np.newaxis]
    X = np.zeros((len(y), 1, 1))
    return SequenceData(X, y, weight, mask=StepMask(len(y), 1), per_step=False)


def test_regression(rng):
    y, other, weight = rng.gamma(1, size=(90, 1)), rng.gamma(2, size=(40, 1)), rng.uniform(size=90)
    mean = np.average(y[:, 0], weights=weight)
    own, elsewhere = constant_losses(SquaredError(), 1, data(y, weight), data(other))
    assert_allclose(own, np.average((y[:, 0] - mean) ** 2, weights=weight) / 2)
    assert_allclose(elsewhere, np.mean((other - mean) ** 2) / 2)
    (own,) = constant_losses(AbsoluteError(), 1, data(y))
    assert_allclose(own, np.abs(y - np.median(y)).mean(), rtol=1e-4)
    assert d2_absolute_error_score(y, np.full_like(y, np.median(y))) == pytest.approx(0)
    (own,) = constant_losses(PoissonLoss(), 1, data(np.round(3 * y)))
    counts = np.round(3 * y)
    logs = np.where(counts > 0, counts * np.log(np.maximum(counts, 1) / counts.mean()), 0)
    assert_allclose(own, logs.mean(), rtol=1e-6)
    (own,) = constant_losses(HuberLoss(1e6), 1, data(y))  # as good as squared
    assert_allclose(own, np.var(y) / 2, rtol=1e-6)


def test_several_outputs(rng):
    y = rng.gamma(1, size=(90, 1))
    quantiles = [0.1, 0.5, 0.8]
    (own,) = constant_losses(PinballLoss(quantiles), 3, data(np.repeat(y, 3, axis=1)))
    found = [mean_pinball_loss(y, np.full_like(y, np.quantile(y, q)), alpha=q) for q in quantiles]
    assert_allclose(own, sum(found) / 3, rtol=1e-3)
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
