"""RNNClassifier with a label for every step: learning, weights, scores, lists in searches."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    TimeSeriesSplit,
    cross_val_predict,
    cross_val_score,
)

from skrnn import RNNClassifier, flatten_steps
from tests.helpers import oracle_elman as reference
from tests.helpers.data import CONTAINERS, as_objects, cut, labelled
from tests.helpers.fits import nothing_to_learn, quick, single_steps

pytestmark = pytest.mark.core

N, T = 24, 6
CHOICES = [
    pytest.param({}, id="adam"),
    pytest.param({"solver": "lm"}, id="lm"),
    pytest.param({"cell": "lstm", "bidirectional": True, "solver": "lbfgs"}, id="both ways"),
    pytest.param({"cell": "gru", "hidden_size": (3, 2), "learn_initial_state": True}, id="stacked"),
    pytest.param({"bptt_steps": 2, "batch_size": 5}, id="truncated"),
]


@pytest.mark.parametrize("bptt_steps", [None, 4])
def test_a_label_that_depends_on_the_step_before_is_learned(rng, bptt_steps):
    """Whether the sign has changed; the step alone tells nothing, nor do both to a linear model."""
    X = rng.uniform(-1, 1, size=(160, 12, 1))
    y = np.full((160, 12), "first")
    y[:, 1:] = np.where(X[:, 1:, 0] * X[:, :-1, 0] > 0, "same", "other")
    model = RNNClassifier(
        10, cell="elman", alpha=0.01, batch_size=20, bptt_steps=bptt_steps,
        learning_rate_init=0.02, tol=0.01, random_state=0,
    ).fit(X[:100], y[:100])  # fmt: skip
    assert model.solver_ == "adam"
    both = np.concatenate([np.zeros((160, 1, 1)), X[:, :-1]], axis=1)
    both = np.concatenate([X, both], axis=2)
    linear = LogisticRegression().fit(both[:100].reshape(-1, 2), y[:100].ravel())
    baseline = linear.score(both[100:].reshape(-1, 2), y[100:].ravel())
    assert model.score(X[100:], y[100:]) > 0.85 > baseline + 0.2
    assert (model.predict(X)[:, 0] == "first").all()  # there is no sign to compare with


@pytest.mark.parametrize("solver", ["lm", "lbfgs", "sgd", "rmsprop"])
def test_solvers_learn_a_memory(rng, solver):
    """The symbol of the step before, of three; a linear model of the step alone is at a third."""
    codes = rng.randint(3, size=(80, 8))
    X, y = np.eye(3)[codes], np.roll(codes, 1, axis=1)
    y[:, 0] = 0
    model = quick(hidden_size=5, solver=solver, alpha=0.1, batch_size=10, learning_rate_init=0.03)
    model.set_params(max_iter=80, n_iter_no_change=80)
    linear = LogisticRegression().fit(X[:50].reshape(-1, 3), y[:50].ravel())
    baseline = linear.score(X[50:].reshape(-1, 3), y[50:].ravel())
    assert model.fit(X[:50], y[:50]).score(X[50:], y[50:]) > 0.95 > baseline + 0.4


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_are_softmax_and_logistic(rng, n_classes):
    X, y = labelled(rng, n_classes, n=N, per_step=True)
    X[3, :2] = X[4, 3] = X[5, 4:] = np.nan
    model = quick().fit(X, y)
    p = model.predict_proba(X)
    f = reference.predict(model.get_weights(), X, "tanh", per_step=True)
    expected = np.concatenate([expit(-f), expit(f)], axis=2) if n_classes == 2 else softmax(f, 2)
    assert_allclose(p, expected, rtol=1e-10)
    assert_allclose(np.exp(model.predict_log_proba(X)), p, rtol=1e-12)
    assert_array_equal(model.predict(X), model.classes_[p.argmax(axis=2)])
    assert model.predict(X).shape == y.shape
    # a missing step repeats the one before: the same state, in another product
    assert_allclose(p[5, 4:], p[5, [3, 3]], rtol=1e-12)


@pytest.mark.parametrize("parameters", CHOICES)
def test_step_by_step_equals_the_whole(rng, parameters):
    X, y = labelled(rng, n=N, per_step=True)
    X[3, :2] = X[4, 3] = X[5, 4:] = np.nan
    model = quick(**parameters).fit(X, y)
    labels, p, states = model.predict(X), model.predict_proba(X), [None, None]
    if model.bidirectional:
        with pytest.raises(ValueError, match="doesn't support step"):
            model.step(X[:, 0])
        return
    for t in range(T):
        label, states[0] = model.step(X[:, t], states[0])
        own, states[1] = model.step_proba(X[:, t], states[1])
        assert_array_equal(label, labels[:, t])
        assert_allclose(own, p[:, t], rtol=1e-10)
    assert_array_equal(*states)
    label, state = model.step(X[0, 0].tolist())
    assert label == labels[0, 0]
    assert isinstance(label, str)
    own, other = model.step_proba(X[0, 0])
    assert own.shape == (3,)
    assert_array_equal(state, other)
    with pytest.raises(ValueError, match="x has 3 features"):
        model.step_proba(np.zeros(3))


def test_static_covariates_and_names(rng):
    X, y = labelled(rng, n=N, per_step=True)
    static = rng.normal(size=(N, 1, 1))
    whole = np.concatenate([X, np.tile(static, (1, T, 1))], axis=2)
    model = quick(static_features=[-1]).fit(whole, y)
    assert model.get_weights()["layer0.static"].shape == (3, 1)
    frames = [pd.DataFrame(x, columns=["u", "v", "size"]) for x in whole]
    named = quick(static_features="size").fit(frames, list(y))
    assert_array_equal(named.parameters_, model.parameters_)
    assert list(named.feature_names_in_) == ["u", "v", "size"]
    assert_allclose(named.predict_proba(frames), model.predict_proba(whole), rtol=1e-12)
    with pytest.raises(ValueError, match="feature names should match"):
        named.predict([frame[["v", "u", "size"]] for frame in frames])
    state, expected = None, model.predict_proba(whole)
    for t in range(T):
        p, state = model.step_proba(whole[:, t], state)
        assert_allclose(p, expected[:, t], rtol=1e-10)
    other = whole.copy()
    other[..., 2] += 1
    assert np.abs(model.predict_proba(other) - expected).max() > 1e-3


def test_weights_of_steps(rng):
    """One for the sequence is one for each step, of which 0 leaves a step out."""
    X, y = labelled(rng, n=N, per_step=True)
    own = rng.uniform(0.5, 2, size=N)
    expected = quick().fit(X, y, own)
    model = quick().fit(X, y, np.tile(own, (T, 1)).T)
    assert_array_equal(model.parameters_, expected.parameters_)
    flat = np.repeat(own, T)
    score = accuracy_score(y.ravel(), model.predict(X).ravel(), sample_weight=flat)
    assert model.score(X, y, own) == pytest.approx(score)
    # a label that is left out may be any
    weight = np.ones((N, T))
    weight[:, 1] = weight[2] = 0
    other = y.copy()
    other[weight == 0] = rng.permutation(other[weight == 0])
    assert (other != y).any()
    fits = [quick().fit(X, labels, weight) for labels in (y, other)]
    assert_array_equal(fits[0].parameters_, fits[1].parameters_)
    assert fits[0].score(X, y, weight) == fits[0].score(X, other, weight)
    twice = quick(solver="lm").fit(X, y, np.repeat([2, 1], N // 2))
    repeated = [*range(N // 2), *range(N // 2), *range(N // 2, N)]
    expected = quick(solver="lm").fit(X[repeated], y[repeated])
    assert_allclose(twice.parameters_, expected.parameters_, rtol=1e-6)


def test_loss_is_scikit_learns_over_the_valid_steps(rng):
    X, y = labelled(rng, n=N, per_step=True)
    X[3, :2] = X[4, 3] = X[5, 4:] = X[6] = np.nan
    weight = rng.uniform(0.5, 2, size=(N, T))
    model = quick(solver="lm", alpha=0, class_weight={"b": 5}).fit(X, y, weight)
    valid = ~np.isnan(X[..., 0])
    weight = weight * np.where(y == "b", 5, 1)
    p = model.predict_proba(X)[valid]
    expected = log_loss(y[valid], p, sample_weight=weight[valid])
    assert model.loss_ == pytest.approx(expected, rel=1e-9)


def test_balanced_weights_are_those_of_the_valid_steps(rng):
    X, y = labelled(rng, n=N, per_step=True)
    y[rng.uniform(size=y.shape) < 0.7] = "a"
    X[3, :2] = X[4, 3] = X[5, 4:] = X[6] = np.nan
    labels, counts = np.unique(y[~np.isnan(X[..., 0])], return_counts=True)
    given = dict(zip(labels, counts.sum() / (3 * counts), strict=True))
    model = quick(class_weight="balanced").fit(X, y)
    expected = quick(class_weight=given).fit(X, y)
    assert_allclose(model.parameters_, expected.parameters_, rtol=1e-9)
    plain = quick().fit(X, y)
    assert np.mean(model.predict(X) == "a") < np.mean(plain.predict(X) == "a") - 0.1


def test_washout_leaves_out_the_first_valid_steps(rng):
    X, y = labelled(rng, n=N, per_step=True)
    X[3, :2] = X[4, 3] = np.nan
    weight = np.ones((N, T))
    for own, x in zip(weight, X, strict=True):
        own[np.flatnonzero(~np.isnan(x[:, 0]))[:2]] = 0
    model = quick(washout=2).fit(X, y)
    assert_array_equal(model.parameters_, quick().fit(X, y, weight).parameters_)
    assert (model.parameters_ != quick().fit(X, y).parameters_).any()
    with pytest.raises(ValueError, match="nothing to learn from"):
        quick(washout=T).fit(X, y)
    with pytest.raises(ValueError, match=r"washout=2 .* one target for each sequence"):
        quick(washout=2).fit(X, y[:, -1])


def test_truncation(rng):
    X, y = labelled(rng, n=N, per_step=True)
    whole = quick().fit(X, y)
    assert_array_equal(quick(bptt_steps=T).fit(X, y).parameters_, whole.parameters_)
    assert (quick(bptt_steps=2).fit(X, y).parameters_ != whole.parameters_).any()
    with pytest.raises(ValueError, match=r"solver='lm' makes one step per epoch.*bptt_steps=2"):
        quick(bptt_steps=2, solver="lm").fit(X, y)
    # unlike with one label a sequence, the last samples of all judge
    model = quick(early_stopping=True, validation_fraction=0.25).fit(X, y)
    loss = log_loss(y[-6:].ravel(), model.predict_proba(X[-6:]).reshape(-1, 3))
    assert min(model.validation_loss_curve_) == pytest.approx(loss, rel=1e-9)


@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("parameters", CHOICES)
def test_ragged_probabilities_are_those_of_the_sequences(rng, parameters, per_step):
    X, y = labelled(rng, n=N, per_step=True)
    X, y = cut(rng, X, y) if per_step else (cut(rng, X)[0], y[:, 0])
    model = quick(**parameters).fit(X, y)
    for x, p in zip(X, model.predict_proba(X), strict=True):
        assert_allclose(p, model.predict_proba(x[np.newaxis])[0], rtol=1e-10)


@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("parameters", CHOICES[:1] + CHOICES[3:])
def test_batches_of_one_equal_dense_arrays_one_by_one(rng, parameters, per_step):
    X, y = labelled(rng, n=N, per_step=True)
    X, y = cut(rng, X, y) if per_step else (cut(rng, X)[0], y[:, 0])
    options = {**parameters, "batch_size": 1, "shuffle": False, "alpha": 0}
    ragged, dense = quick(**options), quick(**options)
    for _ in range(2):
        ragged.partial_fit(X, y, classes=["a", "b", "c"])
        for x, label in zip(X, y, strict=True):
            label = label[np.newaxis] if per_step else [label]
            dense.partial_fit(x[np.newaxis], label, classes=["a", "b", "c"])
    # padded or not are other arrays, for which BLAS may sum in another order
    assert_allclose(ragged.parameters_, dense.parameters_, rtol=1e-9, atol=1e-12)


@single_steps
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("per_step", [False, True])
def test_a_step_on_a_ragged_batch_is_the_mean_of_those_of_its_sequences(rng, per_step, weighted):
    """Plain gradient descent: each sequence counts by its labels' weights."""
    X, y = labelled(rng, n=N, per_step=True)
    X, y = cut(rng, X, y) if per_step else (cut(rng, X)[0], y[:, 0])
    weight = [np.ones(np.shape(own)) for own in y]
    if weighted:
        weight = [rng.uniform(0.5, 2, size=own.shape) for own in weight]
    model = quick(solver="sgd", momentum=0, nesterovs_momentum=False, clip_norm=None, alpha=0)
    model.set_params(learning_rate_init=0.5)
    options = {"classes": ["a", "b", "c"]}
    start = clone(model).set_params(learning_rate_init=1e-300).partial_fit(X, y, **options)
    moves = [
        clone(model).partial_fit(x[np.newaxis], [label], sample_weight=[own], **options).parameters_
        - start.parameters_
        for x, label, own in zip(X, y, weight, strict=True)
    ]
    share = [own.sum() for own in weight]
    model.partial_fit(X, y, sample_weight=weight if per_step else np.array(weight), **options)
    expected = np.average(moves, axis=0, weights=share)
    assert_allclose(model.parameters_ - start.parameters_, expected, rtol=1e-9, atol=1e-13)
    assert np.abs(expected).max() > 1e-3


def test_classes_that_only_the_test_set_has_count_as_wrong(rng):
    X, y = labelled(rng, n=N, per_step=True)
    some = np.where(y == "c", "b", y)
    model = quick().fit(X, some)
    assert_array_equal(model.classes_, ["a", "b"])
    assert model.score(X, y) == (model.predict(X) == y).mean() < model.score(X, some)
    # one half has it, and the other doesn't
    y[: N // 2] = some[: N // 2]
    for score, (rows, others) in zip(
        cross_val_score(quick(), X, y, cv=KFold(2)), KFold(2).split(X), strict=True
    ):
        fitted = quick().fit(X[rows], y[rows])
        assert len(fitted.classes_) == len(set(y[rows].ravel()))
        assert score == (fitted.predict(X[others]) == y[others]).mean() > 0


@pytest.mark.parametrize("container", sorted({*CONTAINERS} - {"tuple"}))
@pytest.mark.parametrize("boxed", [False, True])
def test_searches_over_lists_equal_fold_by_fold(rng, container, boxed):
    """With a splitter: for a number of folds, scikit-learn wants to know the type of y."""
    X, y = cut(rng, *labelled(rng, n=N, per_step=True))
    expected, predicted = [], [None] * N
    for rows, others in KFold(3).split(X):
        fitted = quick().fit([X[i] for i in rows], [y[i] for i in rows])
        expected.append(fitted.score([X[i] for i in others], [y[i] for i in others]))
        for i, own in zip(others, fitted.predict([X[i] for i in others]), strict=True):
            predicted[i] = own
    labels, X = CONTAINERS[container](y), as_objects(X) if boxed else X
    assert_array_equal(cross_val_score(quick(), X, labels, cv=KFold(3)), expected)
    search = GridSearchCV(quick(), {"hidden_size": [3, 1]}, cv=KFold(3)).fit(X, labels)
    assert search.cv_results_["mean_test_score"][0] == pytest.approx(np.mean(expected))
    assert isinstance(search.predict(X), np.ndarray if boxed else list)
    scores = cross_val_score(quick(), X, labels, cv=TimeSeriesSplit(2))
    assert ((scores > 0) & (scores < 1)).all()
    if boxed:  # object arrays are what scikit-learn can put together
        found = cross_val_predict(quick(), X, labels, cv=KFold(3))
        for one, own in zip(found, predicted, strict=True):
            assert_array_equal(one, own)


def test_cross_validation_over_an_array_of_labels(rng):
    """No method but predict: of probabilities for every step, scikit-learn wants (n, K)."""
    X, y = labelled(rng, n=N, per_step=True)
    model, cv = quick(), KFold(3)
    expected = np.empty_like(y)
    for rows, others in cv.split(X):
        expected[others] = clone(model).fit(X[rows], y[rows]).predict(X[others])
    assert_array_equal(cross_val_predict(model, X, y, cv=cv), expected)
    scores = [(expected == y)[others].mean() for _, others in cv.split(X)]
    assert_allclose(cross_val_score(model, X, y, cv=3), scores)


def test_a_confusion_matrix_of_ragged_steps(rng):
    X, y = cut(rng, *labelled(rng, n=N, per_step=True))
    model = quick(max_iter=10).fit(X, y)
    matrix = confusion_matrix(*flatten_steps(X, y, model.predict(X)), labels=model.classes_)
    assert matrix.sum() == sum(map(len, X))
    assert np.trace(matrix) / matrix.sum() == model.score(X, y)
    with pytest.raises(ValueError, match=r"y\[1\] has 1 steps, but X\[1\] has 2"):
        model.score(X, [own[:1] if len(own) == 2 else own for own in y])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.score(X, y[1:])


@nothing_to_learn  # of random X
def test_balance_is_of_the_labels_that_are_learned_from(rng):
    """With so strong a penalty, what is left is the prior: half and half."""
    X = rng.normal(size=(40, 5, 1))
    y = np.repeat([[0] * 5, [1] * 5], [30, 10], axis=0)
    y[:, 0] = 0
    model = quick(washout=1, class_weight="balanced", alpha=1e6, solver="lbfgs", max_iter=50)
    assert_allclose(model.fit(X, y).predict_proba(X)[:, 1:], 0.5, atol=1e-4)
