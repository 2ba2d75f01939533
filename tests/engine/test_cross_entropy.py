"""Cross-entropy: against scikit-learn's, central differences and the exact curvature."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit, softmax
from sklearn.metrics import log_loss

from skrnn._engine.cross_entropy import (
    BinaryCrossEntropy,
    CrossEntropy,
    MultilabelCrossEntropy,
)
from tests.helpers import oracle_elman as reference
from tests.helpers.networks import all_rows, difference
from tests.helpers.objectives import classes_problem

pytestmark = pytest.mark.core
PROBLEMS = pytest.mark.parametrize(
    ("n_classes", "per_step"), [(2, False), (2, True), (3, False), (3, True), (5, False)]
)


@PROBLEMS
def test_gradient_equals_central_differences_of_scikit_learns_log_loss(n_classes, per_step):
    network, theta, data = classes_problem(n_classes, per_step)
    known = ~np.isnan(data.y)
    weights, labels = data.weight[..., np.newaxis][known], list(range(n_classes))

    def loss(theta):
        f = reference.predict(network.named_weights(theta), data.X, "tanh", per_step)
        log_p = network.loss.log_probabilities(f.reshape(len(f), -1, f.shape[-1]))
        p = np.exp(log_p[known[..., 0]])
        return log_loss(data.y[known], p, sample_weight=weights, labels=labels)

    gradient, rng = np.empty_like(theta), np.random.RandomState(1)
    value, _ = network.loss_grad(theta, all_rows(data), gradient)
    assert value == pytest.approx(loss(theta), rel=1e-12)
    for _ in range(5):
        direction = rng.normal(size=theta.size)
        assert gradient @ direction == pytest.approx(difference(loss, theta, direction), rel=1e-6)


@pytest.mark.parametrize("n_classes", [2, 3, 7])
def test_curvature_is_the_exact_second_derivative(rng, n_classes):
    """R^T R of the K outputs: diag(p) - p p^T, which is the derivative of the gradient, too."""
    loss = BinaryCrossEntropy() if n_classes == 2 else CrossEntropy()
    K, S, B = 1 if n_classes == 2 else n_classes, 4, 5
    f, y = 3 * rng.normal(size=(S, K, B)), rng.randint(n_classes, size=(S, 1, B)).astype(float)
    R = np.empty((S, K, B, K))
    R[...] = np.eye(K)[:, np.newaxis]
    loss.scale_by_curvature(R, f, y)
    curvature = np.einsum("skbi,skbj->sbij", R, R)
    p = expit(f) if K == 1 else softmax(f, axis=1)
    p = p.swapaxes(1, 2)  # (S, B, K)
    exact = p[..., np.newaxis] * (np.eye(K) - p[:, :, np.newaxis])
    assert_allclose(curvature, exact, rtol=1e-9, atol=1e-15)
    step, above, below = 1e-6, *np.empty((2, S, K, B))
    for k, direction in enumerate(np.eye(K)[:, :, np.newaxis]):
        loss.pointwise(f + step * direction, y, above)
        loss.pointwise(f - step * direction, y, below)
        slope = (above - below).swapaxes(1, 2) / (2 * step)
        assert_allclose(curvature[:, :, k], slope, rtol=1e-6, atol=1e-9)


def test_curvature_of_several_labels_has_no_mixed_derivatives(rng):
    """R^T R of K outputs is diag(p (1 - p)), and the derivative of the gradient."""
    loss, (S, K, B) = MultilabelCrossEntropy(), (4, 3, 5)
    f, y = 3 * rng.normal(size=(S, K, B)), rng.randint(2, size=(S, K, B)).astype(float)
    R = np.empty((S, K, B, K))
    R[...] = np.eye(K)[:, np.newaxis]
    loss.scale_by_curvature(R, f, y)
    curvature = np.einsum("skbi,skbj->sibj", R, R)
    step, above, below = 1e-6, *np.empty((2, S, K, B))
    for j, direction in enumerate(np.eye(K)[:, :, np.newaxis]):
        loss.pointwise(f + step * direction, y, above)
        loss.pointwise(f - step * direction, y, below)
        slope = (above - below) / (2 * step)
        assert_allclose(curvature[..., j], slope, rtol=1e-6, atol=1e-9)
