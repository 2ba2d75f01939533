"""RNNClassifier: scikit-learn's checks, learning, probabilities and losses."""

import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.utils.estimator_checks import parametrize_with_checks

from skrnn import RNNClassifier
from tests.helpers import oracle_elman as reference
from tests.helpers.data import labelled, make_flips
from tests.helpers.fits import (
    flips_model,
    nothing_to_learn,
    quick,
    single_steps,
    unconverged,
    worse_than_linear,
)

pytestmark = [pytest.mark.core, unconverged]

N, T, D = 30, 6, 2
SOLVERS = ["adam", "sgd", "rmsprop", "lbfgs", "lm"]


@worse_than_linear
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")  # array API not enabled
@pytest.mark.filterwarnings("ignore:X has values as large")  # some checks draw X around 100
@nothing_to_learn  # most checks draw y at random
@parametrize_with_checks(
    [
        RNNClassifier(),
        RNNClassifier(8, cell="elman"),  # by "lm"
        RNNClassifier(8, cell="jordan", class_weight={}),
        # after hundreds of iterations, weights that equal repetition may not end up within
        # check_sample_weight_equivalence's 1e-7, as rounding errors grow: so not the default 500
        RNNClassifier(8, cell="elman", solver="adam", max_iter=40),
        RNNClassifier(solver="lbfgs", max_iter=20),
        RNNClassifier(8, cell="gru", solver="sgd", max_iter=100),
        RNNClassifier(4, n_init=3, solver="rmsprop", max_iter=50),
    ]
)
def test_check_estimator(estimator, check):
    check(estimator)


@pytest.mark.parametrize("solver", SOLVERS)
def test_what_no_linear_model_can_know_is_learned(solver):
    """Whether the signs of two values are the same, three steps apart."""
    X, y = make_flips(600)
    y = y == "none"
    linear = LogisticRegression().fit(X[:400, :, 0], y[:400]).score(X[400:, :, 0], y[400:])
    model = flips_model(solver=solver, batch_size=50, max_iter=300)
    scores = [
        model.set_params(random_state=seed).fit(X[:400], y[:400]).score(X[400:], y[400:])
        for seed in range(3)
    ]
    assert min(scores) > 0.85 > linear + 0.25


def test_order_of_symbols_is_learned(rng):
    """Whether the first "a" comes before the first "b", in words of all lengths."""
    words = ["".join(rng.choice(list("abcd"), rng.randint(4, 9))) for _ in range(500)]
    words = [word for word in words if "a" in word and "b" in word]
    X = [np.array([[c == k for k in "abcd"] for c in word], float) for word in words]
    y = np.array([word.index("a") < word.index("b") for word in words])
    counts = [x.sum(axis=0) for x in X]  # what is known without the order
    baseline = LogisticRegression().fit(counts[:200], y[:200]).score(counts[200:], y[200:])
    for cell in ("elman", "gru"):
        model = RNNClassifier(16, cell=cell, solver="adam", random_state=0).fit(X[:200], y[:200])
        assert model.score(X[200:], y[200:]) > 0.97 > baseline + 0.3


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_are_softmax_and_logistic(rng, n_classes, dtype):
    X, y = labelled(rng, n_classes)
    X = X.astype(dtype)
    model = quick().fit(X, y)
    p = model.predict_proba(X)
    assert p.shape == (N, n_classes)
    assert p.dtype == model.predict_log_proba(X).dtype == model.parameters_.dtype == dtype
    f = reference.predict(model.get_weights(), X.astype(float), "tanh", per_step=False)
    assert f.shape == (N, model.n_outputs_) == (N, 1 if n_classes == 2 else 3)
    expected = np.hstack([expit(-f), expit(f)]) if n_classes == 2 else softmax(f, axis=1)
    eps = 10 * np.finfo(dtype).eps
    assert_allclose(p, expected, rtol=1e-5 if dtype == "f4" else 1e-10)
    assert_allclose(p.sum(axis=1), 1, rtol=eps)
    assert_allclose(np.exp(model.predict_log_proba(X)), p, rtol=eps)
    assert_array_equal(model.classes_, sorted(set(y)))
    assert_array_equal(model.predict(X), model.classes_[p.argmax(axis=1)])
    assert len(set(model.predict(X))) > 1


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_logarithms_stay_finite_where_probabilities_are_0(rng, n_classes, dtype):
    X, y = labelled(rng, n_classes)
    model = quick().fit(X.astype(dtype), y)
    weights, before = model.get_weights(), model.predict_log_proba(X)
    weights["readout.input"] *= 1e30
    weights["readout.bias"] *= 1e30
    p, log_p = model.set_weights(weights).predict_proba(X), model.predict_log_proba(X)
    assert set(p.ravel()) == {0, 1}
    assert np.isfinite(log_p).all()
    assert log_p.min() < -1e28
    assert_array_equal(p.argmax(axis=1), log_p.argmax(axis=1))
    assert_array_equal(p.argmax(axis=1), before.argmax(axis=1))


@nothing_to_learn  # y is drawn at random
def test_order_of_samples_and_classes(rng):
    X, y = labelled(rng)
    model = quick(solver="adam", max_iter=40).fit(X, y)
    order = np.argsort(y)[::-1]
    other = quick(solver="adam", max_iter=40).fit(X[order], y[order])
    assert_array_equal(other.classes_, ["a", "b", "c"])
    # one batch holds all samples: sums of the same terms in another order
    assert_allclose(other.predict_proba(X), model.predict_proba(X), rtol=1e-6)
    assert_allclose(model.predict_proba(X[order]), model.predict_proba(X)[order], rtol=1e-12)


def test_copies_and_parameters_changed_after_fit(rng):
    X, y = labelled(rng)
    model = quick().fit(X, y)
    expected = model.predict_proba(X)
    for copied in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert_array_equal(copied.predict_proba(X), expected)
        assert_array_equal(copied.predict(X), model.predict(X))
    fresh = clone(model)
    assert not hasattr(fresh, "classes_")
    model.set_params(hidden_size=9, cell="lstm", class_weight={"z": 1}, washout=2, bptt_steps=1)
    assert_array_equal(model.predict_proba(X), expected)
    model.set_params(**fresh.get_params()).fit(X, y == "a")  # other classes, another loss
    assert_array_equal(model.predict_proba(X), clone(fresh).fit(X, y == "a").predict_proba(X))


def test_unfitted(rng):
    X, y = labelled(rng)
    for method in ("predict", "predict_proba", "predict_log_proba", "score", "step", "step_proba"):
        arguments = {"score": (X, y), "step": (X[0],), "step_proba": (X[0],)}.get(method, (X,))
        with pytest.raises(NotFittedError):
            getattr(quick(), method)(*arguments)


def test_bad_X_and_weights_lose_nothing(rng):
    X, y = labelled(rng)
    model = quick().fit(X, y)
    expected = model.predict_proba(X)
    mixed = [x[:, : 1 + i % 2] for i, x in enumerate(X)]
    for bad, message in [
        (mixed, "all sequences need the same features"),
        (np.where(np.arange(D) == 1, np.nan, X), "NaN in some features only"),
        (np.full_like(X, np.nan), "nothing to learn from"),
        (X[1:], "inconsistent numbers of samples"),
    ]:
        with pytest.raises(ValueError, match=message):
            model.fit(bad, y)
    for weight, message in [
        (-np.ones(N), "Negative values"),
        (np.ones((N, T)), "y has one target for each sequence"),
        (np.ones(N - 1), "sample_weight.shape"),
    ]:
        with pytest.raises(ValueError, match=message):
            model.fit(X, y, weight)
    assert_array_equal(model.predict_proba(X), expected)
    with pytest.raises(ValueError, match="X has 3 features, but RNNClassifier is expecting 2"):
        model.predict_proba(np.zeros((2, T, 3)))


def test_confident_predictions_raise_nothing(rng):
    X = rng.normal(size=(50, 4, 1))
    for y in (X[:, -1, 0] > 0, np.digitize(X[:, -1, 0], [-0.5, 0.5])):
        model = quick(activation="relu").fit(X, y)
        weights = model.get_weights()
        model.set_weights({**weights, "readout.input": 1e6 * weights["readout.input"]})
        with np.errstate(all="raise"):
            p = model.predict_proba(1000 * X)
            assert_array_equal(model.classes_[p.argmax(axis=1)], model.predict(1000 * X))
            assert np.isfinite(model.predict_log_proba(1000 * X)).all()
            model.step_proba(1000 * X[0, 0])
    weights["readout.bias"][:] = -1.7e308, 1.7e308, 0
    assert np.isfinite(model.set_weights(weights).predict_log_proba(X)).all()


def test_many_outputs_are_not_for_levenberg_and_marquardt(rng):
    """Each output costs as much as a gradient."""
    X, y = rng.normal(size=(60, 4, 1)), np.arange(60) % 11
    assert quick(max_iter=1).fit(X, y).solver_ == "adam"
    assert quick(max_iter=1).fit(X[y < 10], y[y < 10]).solver_ == "lm"


FIRST_ORDER = SOLVERS[:3]


@pytest.mark.parametrize("class_weight", [None, {"a": 3, "c": 0.2}])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("solver", SOLVERS)
def test_loss_is_scikit_learns_plus_the_penalty(rng, solver, n_classes, weighted, class_weight):
    X, y = labelled(rng, n_classes)
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


@single_steps
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
