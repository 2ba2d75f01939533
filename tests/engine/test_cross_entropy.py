"""Cross-entropy: against scikit-learn's, central differences and the exact curvature."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit, softmax
from sklearn.metrics import log_loss

from skrnn._engine.cross_entropy import BinaryCrossEntropy, CrossEntropy
from skrnn._training.dataset import SequenceData
from tests.helpers import oracle_elman as reference
from tests.helpers.fits import unconverged
from tests.helpers.networks import difference, make_network, random_parameters

pytestmark = [pytest.mark.core, unconverged]

N, T, D = 30, 6, 2


def make_problem(n_classes, per_step, hidden_size=3):
    """A network, its weights, and data of which a third has no target."""
    rng = np.random.RandomState(0)
    loss = BinaryCrossEntropy() if n_classes == 2 else CrossEntropy()
    K = 1 if n_classes == 2 else n_classes
    network = make_network(sizes=(hidden_size,), K=K, per_step=per_step, loss=loss)
    X = rng.normal(size=(N, T, D))
    X[1, :2] = X[2, 4:] = X[3, 3] = np.nan
    S = T if per_step else 1
    y = rng.randint(n_classes, size=(N, S, 1)).astype(float)
    y[rng.uniform(size=y.shape) < 1 / 3] = np.nan
    if per_step:
        y[np.isnan(X[..., 0])] = np.nan
    data = SequenceData(X, y, rng.uniform(0.5, 2, size=(N, S)), per_step=per_step)
    theta = random_parameters(network, rng, 0.5)
    return network, theta, data


PROBLEMS = pytest.mark.parametrize(
    ("n_classes", "per_step"), [(2, False), (2, True), (3, False), (3, True), (5, False)]
)


@PROBLEMS
def test_gradient_equals_central_differences_of_scikit_learns_log_loss(n_classes, per_step):
    network, theta, data = make_problem(n_classes, per_step)
    known = ~np.isnan(data.y)
    weights, labels = data.weight[..., np.newaxis][known], list(range(n_classes))

    def loss(theta):
        f = reference.predict(network.named_weights(theta), data.X, "tanh", per_step)
        log_p = network.loss.log_probabilities(f.reshape(N, -1, f.shape[-1]))
        p = np.exp(log_p[known[..., 0]])
        return log_loss(data.y[known], p, sample_weight=weights, labels=labels)

    gradient, rng = np.empty_like(theta), np.random.RandomState(1)
    value, _ = network.loss_grad(theta, data.batch(np.arange(N)), gradient)
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
