"""Cross-entropy: against scikit-learn's, central differences and the exact curvature."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from skrnn._engine.cross_entropy import BinaryCrossEntropy, CrossEntropy
from skrnn._engine.network import Network
from skrnn._engine.topology import Topology
from skrnn._training.dataset import SequenceData
from skrnn._training.objective import Objective
from skrnn._training.solvers.levenberg_marquardt import _Model
from skrnn.cells import CELLS
from tests.estimators.test_classifier import FIRST_ORDER, SOLVERS, D, N, T, make_data, quick
from tests.helpers import oracle_elman as reference

pytestmark = [
    pytest.mark.core,
    pytest.mark.filterwarnings("ignore:Maximum iterations:sklearn.exceptions.ConvergenceWarning"),
]


@pytest.mark.parametrize("class_weight", [None, {"a": 3, "c": 0.2}])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("solver", SOLVERS)
def test_loss_is_scikit_learns_plus_the_penalty(rng, solver, n_classes, weighted, class_weight):
    X, y = make_data(rng, n_classes)
    weight = rng.uniform(0.5, 2, size=N) if weighted else None
    model = quick(solver=solver, alpha=0.7, class_weight=class_weight)
    if solver in FIRST_ORDER:  # whose loss is that before the step
        model.set_params(max_iter=1, learning_rate_init=1e-300)
    model.fit(X, y, sample_weight=weight)
    total = np.ones(N) if weight is None else weight
    total = total * [(class_weight or {}).get(label, 1) for label in y]
    squares = sum((w**2).sum() for k, w in model.get_weights().items() if not k.endswith("bias"))
    expected = log_loss(y, model.predict_proba(X), sample_weight=total)
    assert model.loss_ == pytest.approx(expected + 0.7 * squares / (2 * total.sum()), rel=1e-9)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("solver", ["lm", "lbfgs"])
def test_equals_logistic_regression_where_the_network_is_linear(rng, solver, n_classes):
    """Of one step, with as many units as features, and no penalty; weights included."""
    X, weight = rng.normal(size=(300, 1, 3)), rng.uniform(0.5, 2, size=300)
    score = X[:, 0] @ [1, -0.5, 0.2] + rng.logistic(size=300)
    y = np.digitize(score, [-1, 1][: n_classes - 1])
    # by hand: what older versions of scikit-learn balance are counts, not weights
    total = weight / (n_classes * np.bincount(y, weight)[y])
    linear = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000)
    expected = linear.fit(X[:, 0], y, weight.sum() * total).predict_proba(X[:, 0])
    model = quick(activation="identity", class_weight="balanced", alpha=0, tol=0, solver=solver)
    model.set_params(max_iter=400, n_iter_no_change=400).fit(X, y, weight)
    assert_allclose(model.predict_proba(X), expected, rtol=1e-5)


def make_problem(n_classes, per_step, hidden_size=3):
    """A network, its weights, and data of which a third has no target."""
    rng = np.random.RandomState(0)
    loss = BinaryCrossEntropy() if n_classes == 2 else CrossEntropy()
    K = 1 if n_classes == 2 else n_classes
    topology = Topology(CELLS["elman"](), D, (hidden_size,), K, per_step, np.dtype("f8"))
    network = Network(topology, loss)
    X = rng.normal(size=(N, T, D))
    X[1, :2] = X[2, 4:] = X[3, 3] = np.nan
    S = T if per_step else 1
    y = rng.randint(n_classes, size=(N, S, 1)).astype(float)
    y[rng.uniform(size=y.shape) < 1 / 3] = np.nan
    if per_step:
        y[np.isnan(X[..., 0])] = np.nan
    data = SequenceData(X, y, rng.uniform(0.5, 2, size=(N, S)), per_step=per_step)
    theta = network.initial_parameters(rng) + 0.5 * rng.normal(size=network.layout.size)
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
    value = network.loss_grad(theta, data.batch(np.arange(N)), gradient)
    assert value == pytest.approx(loss(theta), rel=1e-12)
    for _ in range(5):
        direction, step = rng.normal(size=theta.size), 1e-6
        difference = loss(theta + step * direction) - loss(theta - step * direction)
        assert gradient @ direction == pytest.approx(difference / (2 * step), rel=1e-6)


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
        difference = (above - below).swapaxes(1, 2) / (2 * step)
        assert_allclose(curvature[:, :, k], difference, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("block", [1, 3000, 2**20])
@PROBLEMS
def test_normal_equations_are_gauss_and_newtons(n_classes, per_step, block, monkeypatch):
    """J^T H J of the dense Jacobian of all outputs, whatever the blocks."""
    network, theta, data = make_problem(n_classes, per_step)
    settings = {"batch_size": N, "shuffle": False, "rng": None, "n_threads": 1}
    objective = Objective(network, data, alpha=0.3, **settings)
    model, P, K = _Model(theta.size), theta.size, network.topology.n_outputs
    monkeypatch.setattr("skrnn._training.objective._BLOCK_NUMBERS", block)
    monkeypatch.setattr("skrnn._training.objective._SMALLEST_BLOCK", 4)
    objective.normal_equations(theta[np.newaxis], [model])

    decay = 0.3 / data.total * network.penalized()
    batch, gradient = data.batch(data.rows), np.empty(P)
    loss = network.loss_grad(theta, batch, gradient)
    assert model.loss == pytest.approx(loss + 0.5 * decay @ theta**2, rel=1e-12)
    assert_allclose(model.gradient, gradient + decay * theta, rtol=1e-9, atol=1e-13)
    f, J = reference.jacobian_of(network, theta, batch)
    B = len(data.rows)
    f, J = f.reshape(-1, K, B), J.reshape(-1, K, B, P)
    p = expit(f) if K == 1 else softmax(f, axis=1)
    H = np.einsum("skb,kl->sbkl", p, np.eye(K)) - np.einsum("skb,slb->sbkl", p, p)
    weight = batch.weight[:, 0, :, np.newaxis, np.newaxis] / data.total
    expected = np.einsum("skbp,sbkl,slbq->pq", J, weight * H, J, optimize=True)
    assert_allclose(model.hessian, expected + np.diag(decay), rtol=1e-8, atol=1e-12)
