"""RNNClassifier with several labels at each step: y (n, n_steps, n_labels) of 0 and 1."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multiclass import OneVsRestClassifier

from skrnn import RNNClassifier, flatten_steps, neg_perplexity
from skrnn.interop import from_weights
from tests.helpers import oracle_elman as reference
from tests.helpers.data import as_objects, cut
from tests.helpers.fits import badly_judged, nothing_to_learn, quick, same
from tests.helpers.networks import difference

pytestmark = pytest.mark.core

N, T, K = 24, 6, 3


def chords(rng, n, n_steps=10, n_notes=7):
    """The notes of the triad on the root of the step before; at first there is silence."""
    roots = rng.randint(n_notes, size=(n, n_steps))
    y = np.zeros((n, n_steps, n_notes))
    for interval in (0, 2, 4):
        on = (roots[:, :-1] + interval) % n_notes
        np.put_along_axis(y[:, 1:], on[..., np.newaxis], 1, axis=2)
    return np.eye(n_notes)[roots], y


def sums(rng, n=N, n_labels=K):
    """Two features, and whether running sums of them, with noise, exceed limits."""
    X = rng.normal(size=(n, T, 2))
    total = np.cumsum(X, axis=1) @ np.array([[1, 0, 1], [0, 1, -1]])[:, :n_labels]
    return X, (total + 0.5 * rng.normal(size=total.shape) > 0.5).astype(float)


def with_gaps(X):
    X = X.copy()
    X[3, :2] = X[4, 3] = X[5, 4:] = np.nan
    return X


def test_chords_that_follow_a_rule_are_learned(rng):
    """Neither frequencies nor a linear model of the step tell of the step before."""
    X, y = chords(rng, 130)
    model = RNNClassifier(16, cell="elman", alpha=0.01, learning_rate_init=0.02, random_state=0)
    model.fit(X[:100], y[:100])
    own = flatten_steps(X[100:], y[100:], model.predict(X[100:]), model.predict_proba(X[100:]))
    true, predicted, p = own
    frequencies = np.tile(y[:100].mean(axis=(0, 1)), (len(true), 1))
    assert log_loss(true.ravel(), p.ravel()) < 0.1 * log_loss(true.ravel(), frequencies.ravel())
    linear = OneVsRestClassifier(LogisticRegression())
    linear.fit(X[:100].reshape(1000, 7), y[:100].reshape(1000, 7).astype(int))
    baseline = linear.score(X[100:].reshape(300, 7), true.astype(int))
    assert model.score(X[100:], y[100:]) == accuracy_score(true, predicted) > 0.95
    assert baseline < 0.2
    assert set(predicted.sum(axis=1)) >= {0, 3}  # none and several at a step


def test_probabilities_are_logistic_for_each_label(rng):
    X, y = sums(rng)
    X = with_gaps(X)
    model = quick().fit(X, y)
    f = reference.predict(model.get_weights(), X, "tanh", per_step=True)
    p = model.predict_proba(X)
    assert p.shape == (N, T, K)
    assert_allclose(p, expit(f), rtol=1e-10)
    assert_allclose(np.exp(model.predict_log_proba(X)), p, rtol=1e-12)
    labels = model.predict(X)
    assert labels.dtype.kind == "i"
    assert_array_equal(labels, p > 0.5)
    assert_array_equal(model.classes_, np.arange(K))
    assert model.n_outputs_ == K
    assert_allclose(p[5, 4:], p[5, [3, 3]], rtol=1e-12)  # a missing step repeats the one before


def test_logarithms_of_hopeless_labels_are_finite():
    model = from_weights(
        {
            "layer0.input": [[0.0]],
            "layer0.recurrent": [[0.0]],
            "layer0.bias": [0.0],
            "readout.input": [[0.0], [0.0]],
            "readout.bias": [-1e6, 1e6],
        },
        RNNClassifier(1, cell="elman"),
        per_step=True,
        multilabel=True,
    )
    assert_array_equal(model.predict_log_proba([[[0.0]]]), [[[-1e6, 0]]])
    assert_array_equal(model.predict_proba([[[0.0]]]), [[[0, 1]]])


def test_step_by_step_equals_the_whole(rng):
    X, y = sums(rng)
    X = with_gaps(X)
    model = quick(cell="gru").fit(X, y)
    labels, p, states = model.predict(X), model.predict_proba(X), [None, None]
    for t in range(T):
        label, states[0] = model.step(X[:, t], states[0])
        own, states[1] = model.step_proba(X[:, t], states[1])
        assert_array_equal(label, labels[:, t])
        assert_allclose(own, p[:, t], rtol=1e-10)
    label, _ = model.step(X[0, 0])
    own, _ = model.step_proba(X[0, 0])
    assert label.shape == own.shape == (K,)
    _, state = model.predict_proba(X[:, :2], return_state=True)
    assert_allclose(model.predict_proba(X[:, 2:], state), p[:, 2:], rtol=1e-10)


@pytest.mark.parametrize("ragged", [False, True])
def test_gradient_equals_central_differences_of_scikit_learns_log_loss(rng, ragged):
    """By a step of plain gradient descent, with weights of the steps."""
    X, y = sums(rng)
    X, weight = with_gaps(X), rng.uniform(0.5, 2, size=(N, T))
    if ragged:
        X, y, weight = cut(rng, X, y, weight)
    rate = 0.1
    plain = {"solver": "sgd", "momentum": 0, "alpha": 0, "learning_rate_init": rate}
    model = quick(**plain, clip_norm=None, shuffle=False).partial_fit(X, y, sample_weight=weight)
    before, other = model.parameters_.copy(), copy.deepcopy(model)
    gradient = (before - model.partial_fit(X, y, sample_weight=weight).parameters_) / rate

    def loss(theta):
        other.parameters_ = theta
        flat = flatten_steps(X, y, weight, other.predict_proba(X))
        true, own, p = flat
        losses = [log_loss(true[:, k], p[:, k], sample_weight=own) for k in range(K)]
        return np.mean(losses)

    for _ in range(5):
        direction = rng.normal(size=before.size)
        assert gradient @ direction == pytest.approx(difference(loss, before, direction), rel=1e-6)
    assert other.score(X, y, weight) < 1
    assert model.loss_curve_[1] == pytest.approx(loss(before), rel=1e-10)


SETTINGS = [
    pytest.param({"solver": solver}, id=solver)
    for solver in ("adam", "rmsprop", "sgd", "lbfgs", "lm")
] + [
    pytest.param({"bptt_steps": 2, "batch_size": 5}, id="truncated"),
    pytest.param({"alpha": "auto"}, id="auto"),
    pytest.param({"n_init": 2, "ensemble": True, "washout": 1}, id="ensemble"),
    pytest.param({"cell": "gru", "bidirectional": True, "dropout": 0.2}, id="both ways"),
    pytest.param({"early_stopping": True}, id="early stopping"),
]


@badly_judged
@nothing_to_learn
@pytest.mark.parametrize("settings", SETTINGS)
def test_one_label_equals_two_classes_at_each_step(rng, settings):
    X, y = sums(rng, n_labels=1)
    X, weight = with_gaps(X), rng.uniform(0.5, 2, size=(N, T))
    model = quick(**settings).fit(X, y, weight)
    classes = quick(**settings).fit(X, y[..., 0].astype(int), weight)
    same(model, classes)
    assert_array_equal(model.predict(X), classes.predict(X)[..., np.newaxis])
    assert_allclose(model.predict_proba(X), classes.predict_proba(X)[..., 1:], rtol=1e-12)
    assert model.score(X, y, weight) == classes.score(X, y[..., 0], weight)


def test_second_order_finds_the_minimum(rng):
    """The curvature of the K outputs leads where L-BFGS arrives without it."""
    X, y = sums(rng, n=40)
    settings = {"alpha": 3.0, "max_iter": 2000, "tol": 1e-8}
    fits = [quick(solver=solver, **settings).fit(X, y) for solver in ("lm", "lbfgs")]
    assert fits[0].loss_ == pytest.approx(fits[1].loss_, rel=1e-5)
    assert fits[0].gradient_norm_curve_[-1] < 1e-4


@pytest.mark.parametrize(
    "container",
    [
        list,
        as_objects,
        lambda y: [own.astype(bool) for own in y],
        lambda y: [own.tolist() for own in y],
        lambda y: [pd.DataFrame(own) for own in y],
    ],
    ids=["arrays", "objects", "bools", "lists", "frames"],
)
def test_lists_equal_the_padded_array(rng, container):
    X, y = sums(rng)
    lists, labels = cut(rng, X, y)
    for i, own in enumerate(labels):
        X[i, len(own) :] = np.nan
        y[i, len(own) :] = -1  # at missing steps, labels don't count
    expected = quick().fit(X, y)
    model = quick().fit(lists, container(labels))
    assert_allclose(model.parameters_, expected.parameters_, rtol=1e-12)
    predicted = model.predict_proba(lists)
    assert [own.shape for own in predicted] == [own.shape for own in labels]
    for own, whole in zip(predicted, expected.predict_proba(X), strict=True):
        assert_allclose(own, whole[: len(own)], rtol=1e-10)
    assert model.score(lists, container(labels)) == expected.score(X, y)
    y[np.isnan(X[..., 0])] = np.nan
    same(quick().fit(X, y), expected)


def test_score_is_the_subset_accuracy_over_valid_steps(rng):
    X, y = sums(rng)
    X, weight = with_gaps(X), rng.uniform(0.5, 2, size=(N, T))
    model = quick(max_iter=30, n_iter_no_change=30).fit(X, y)
    true, predicted, own = flatten_steps(X, y, model.predict(X), weight)
    whole = (true == predicted).all(axis=1)
    assert 0.2 < whole.mean() < 1
    assert model.score(X, y) == pytest.approx(whole.mean())
    assert model.score(X, y, weight) == pytest.approx(np.average(whole, weights=own))
    assert model.score(X, y, weight[:, 0]) == pytest.approx(
        accuracy_score(true, predicted, sample_weight=np.repeat(weight[:, 0], T)[_valid(X)])
    )


def _valid(X):
    return ~np.isnan(X[..., 0]).ravel()


def test_steps_of_weight_0_and_washed_out_steps_may_have_any_labels(rng):
    X, y = sums(rng)
    weight = np.ones((N, T))
    weight[:, 2] = weight[1] = 0
    other = y.copy()
    other[weight == 0] = 1 - other[weight == 0]
    same(quick().fit(X, y, weight), quick().fit(X, other, weight))
    other = y.copy()
    other[:, :2] = 1 - other[:, :2]
    same(quick(washout=2).fit(X, y), quick(washout=2).fit(X, other))
    assert not np.array_equal(quick().fit(X, y).parameters_, quick().fit(X, other).parameters_)


def test_partial_fit_and_warm_start_resume(rng):
    X, y = sums(rng)
    whole = quick(solver="adam").fit(X, y)
    online = quick(solver="adam")
    for i in range(5):
        online.partial_fit(X, y, classes=np.arange(K) if i == 1 else None)
    assert_array_equal(online.parameters_, whole.parameters_)
    assert_array_equal(online.classes_, np.arange(K))
    twice = quick(solver="adam", max_iter=2).fit(X, y).set_params(warm_start=True, max_iter=3)
    assert_array_equal(twice.fit(X, y).parameters_, whole.parameters_)
    online.partial_fit(X[:1, :2], np.zeros((1, 2, K)))  # a part may have no label at all


def test_another_kind_or_number_of_labels_is_refused_where_training_resumes(rng):
    X, y = sums(rng)
    several = quick(solver="adam", warm_start=True).fit(X, y)
    single = quick(solver="adam", warm_start=True).fit(X, y.sum(axis=2))
    assert single.n_outputs_ == 4
    four = np.concatenate([y, y[..., :1]], axis=2)
    for method in ("fit", "partial_fit", "score"):
        with pytest.raises(ValueError, match="y has 4 labels at each step, but the fit had 3"):
            getattr(several, method)(X, four)
        with pytest.raises(ValueError, match="the fit had several labels at each step"):
            getattr(several, method)(X, y[..., 0])
        with pytest.raises(ValueError, match="need a fit that had such"):
            getattr(single, method)(X, four)
        with pytest.raises(ValueError, match="need a fit that had such"):
            getattr(single, method)(list(X), list(four))
    with pytest.raises(ValueError, match=r"numbers, 0 to 2\. Leave classes out"):
        quick(solver="adam").partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="not the same as on the last call"):
        several.partial_fit(X, y[..., 0], classes=[0, 1])


@badly_judged
def test_validation_sets(rng):
    X, y = sums(rng, n=60)
    model = quick(early_stopping=True)
    own = model.fit(X[:40], y[:40], X_val=X[40:], y_val=y[40:])
    p = own.predict_proba(X[40:])
    best = log_loss(y[40:].ravel(), p.ravel())
    assert min(own.validation_loss_curve_) == pytest.approx(best, rel=1e-10)
    for wrong, text in [
        (y[40:, :, :2], "y_val: y has 2 labels at each step, but the fit had 3"),
        (y[40:, :, 0], "y_val: y must be"),
    ]:
        with pytest.raises(ValueError, match=text):
            model.fit(X[:40], y[:40], X_val=X[40:], y_val=wrong)
    with pytest.raises(ValueError, match="y_val: y has 3 dimensions"):
        model.fit(X[:40], y[:40, :, 0], X_val=X[40:], y_val=y[40:])


def test_labels_without_rule_are_no_better_than_their_frequencies(rng):
    X = rng.normal(size=(60, T, 1))
    y = (rng.uniform(size=(60, T, K)) < [0.1, 0.5, 0.8]).astype(float)
    with pytest.warns(UserWarning, match=r"that of the frequencies of the labels is") as warned:
        model = RNNClassifier(3, cell="elman", alpha=30.0, tol=0.01, random_state=0).fit(X, y)
    expected = log_loss(y.ravel(), np.broadcast_to(y.mean(axis=(0, 1)), y.shape).ravel())
    assert f"of the labels is {expected:.3g}" in str(warned[0].message)
    assert_allclose(model.predict_proba(X).mean(axis=(0, 1)), y.mean(axis=(0, 1)), atol=0.1)


def test_labels_that_are_never_on_stay_off(rng):
    X, y = sums(rng)
    y[..., 1] = 0
    model = quick(alpha=0.1, max_iter=100, n_iter_no_change=100, learning_rate_init=0.05)
    assert model.fit(X, y).predict_proba(X)[..., 1].max() < 0.1


def _changed(y, where, value):
    y = y.copy()
    y[where] = value
    return y


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda y: _changed(y, (2, 1, 0), 2), "y has 2 at sample 2, step 1, label 0"),
        (lambda y: _changed(y, (2, 1, 0), 0.5), "y has 0.5 at sample 2"),
        (lambda y: _changed(y, (2, 1, 0), np.inf), "y has inf at sample 2"),
        (lambda y: _changed(y, (2, 1, 0), np.nan), "contains NaN, first at sample 2, step 1"),
        (lambda y: y[:, :-1], "y has 5 steps, but X has 6"),
        (lambda y: y[:-1], "inconsistent numbers of samples"),
        (lambda y: y[..., :0], "y has 0 labels"),
        (lambda y: y[..., np.newaxis], "y has 4 dimensions"),
        (lambda y: np.zeros_like(y), "the same labels at all steps"),
        (lambda y: np.where(y > 0, "on", "off"), r"'o[nf]+'\. .* 1 or 0, as sklearn"),
        (lambda y: [[{"C", "E"}, {"G"}] * 3] * len(y), r"\} where one .*MultiLabelBinarizer"),
        (lambda y: y.sum(axis=2, keepdims=True), r"pass y\[\.\.\., 0\]"),
        (lambda y: [*y[:-1], y[-1][:-1]], r"y\[23\] has 5 steps, but X\[23\] has 6"),
        (lambda y: [*y[:-1], y[-1][:, :-1]], r"y\[23\] has shape \(6, 2\)"),
        (lambda y: [*y[:-1], y[-1][:, 0]], r"y\[23\] has shape \(6,\)"),
        (lambda y: [own[..., np.newaxis] for own in y], r"y\[0\] has 3 dimensions"),
    ],
)
def test_malformed_labels_are_refused(rng, change, text):
    X, y = sums(rng)
    for model in (quick(solver="adam"), quick(solver="adam").fit(X, y)):
        before = copy.deepcopy(vars(model))
        with pytest.raises(ValueError, match=text):
            model.fit(X, change(y))
        assert vars(model).keys() == before.keys()


def test_classes_that_exclude_each_other_are_named(rng):
    X, y = sums(rng)
    one_hot = np.eye(3)[y.sum(axis=2).astype(int) % 3]
    with pytest.warns(UserWarning, match=r"One of the 3 labels is on.*y\.argmax\(axis=2\)"):
        quick().fit(X, one_hot)


def test_what_needs_one_label_is_refused(rng):
    X, y = sums(rng)
    for weight in ("balanced", {0: 2}):
        with pytest.raises(ValueError, match=r"class_weight=.* several labels at each step"):
            quick(class_weight=weight).fit(X, y)
    tokens = rng.randint(K, size=(N, T))
    model = quick(embedding_size=2).fit(tokens, y)
    with pytest.raises(ValueError, match=r"several labels at each step.*step_proba"):
        model.generate(tokens, 3)
    with pytest.raises(ValueError, match="a perplexity is that of one"):
        neg_perplexity(model, tokens, y)
    model.set_params(warm_start=True)
    for method in ("score", "fit"):
        with pytest.raises(ValueError, match="requires y to be passed"):
            getattr(model, method)(tokens)


def test_weights_of_another_program(rng):
    X, y = sums(rng)
    model = quick().fit(X, y)
    options = {"per_step": True, "multilabel": True}
    other = from_weights(model.get_weights(), RNNClassifier(3, cell="elman"), **options)
    assert_array_equal(other.predict_proba(X), model.predict_proba(X))
    assert_array_equal(other.classes_, model.classes_)
    assert other.score(X, y) == model.score(X, y)
    for wrong in ({"per_step": False}, {"classes": [0, 1, 2]}):
        with pytest.raises(ValueError, match="multilabel=True is for an RNNClassifier with"):
            from_weights(model.get_weights(), RNNClassifier(3, cell="elman"), **options | wrong)
    with pytest.raises(TypeError, match="multilabel must be True or False, got 1"):
        from_weights(model.get_weights(), RNNClassifier(3), multilabel=1)


def test_searches_folds_and_pickles(rng):
    X, y = sums(rng, n=60)
    search = GridSearchCV(quick(), {"hidden_size": [2, 3]}, cv=2).fit(X, y)
    scores = cross_val_score(search.best_estimator_, X, y, cv=2)
    assert search.best_score_ == pytest.approx(scores.mean())
    lists, labels = cut(rng, X, y)
    assert cross_val_score(quick(), lists, labels, cv=3).shape == (3,)
    assert_array_equal(pickle.loads(pickle.dumps(search)).predict(X), search.predict(X))


def test_single_precision_stays(rng):
    X, y = sums(rng)
    model = quick().fit(X.astype(np.float32), y.astype(bool))
    assert model.parameters_.dtype == model.predict_proba(X.astype(np.float32)).dtype == np.float32
