"""RNNClassifier: scikit-learn's checks, labels and classes, weights, stopping, what goes wrong."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, log_loss, recall_score
from sklearn.model_selection import (
    GridSearchCV,
)
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.estimator_checks import parametrize_with_checks

from skrnn import RNNClassifier, sliding_windows
from skrnn._training.holdout import split_last
from tests.estimators.test_training import same
from tests.helpers import oracle_elman as reference

pytestmark = [
    pytest.mark.core,
    pytest.mark.filterwarnings("ignore:Maximum iterations:sklearn.exceptions.ConvergenceWarning"),
]

N, T, D = 30, 6, 2
SOLVERS = ["adam", "sgd", "rmsprop", "lbfgs", "lm"]
FIRST_ORDER = SOLVERS[:3]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")  # array API not enabled
@pytest.mark.filterwarnings("ignore:X has values as large")  # some checks draw X around 100
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


def make_data(rng, n_classes=3, n=N):
    """Sequences whose classes are something like learnable, in random order."""
    X = rng.normal(size=(n, T, D))
    score = X[:, -1, 0] - X[:, -2, 0] + 0.5 * rng.normal(size=n)
    limits = np.quantile(score, np.linspace(0, 1, n_classes + 1)[1:-1])
    return X, np.array(["c", "a", "b"])[np.digitize(score, limits)]


def make_flips(n=450):
    """Whether first and last value have the same sign and, if so, that of another: (n, 5, 1)."""
    X = np.random.RandomState(0).uniform(-1, 1, size=(n, 5, 1))
    first, other, last = X[:, 0, 0], X[:, 2, 0], X[:, -1, 0]
    return X, np.where(first * last < 0, "none", np.where(other > 0, "high", "low"))


def flips_model(**parameters):
    options = {"hidden_size": 8, "cell": "elman", "alpha": 0.1, "random_state": 0}
    return RNNClassifier(**options | parameters)


def quick(**parameters):
    options = {"hidden_size": 3, "cell": "elman", "max_iter": 5, "random_state": 0}
    return RNNClassifier(**options | parameters)


# --- learning, against a linear model --------------------------------------------------


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


# --- predictions -----------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_are_softmax_and_logistic(rng, n_classes, dtype):
    X, y = make_data(rng, n_classes)
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
    X, y = make_data(rng, n_classes)
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


LABELS = {
    "strings": np.array(["cat", "dog", "zebra finch"]),
    "objects": np.array(["cat", "dog", "zebra finch"], dtype=object),
    "integers with gaps": np.array([-7, 3, 10**12]),
    "bytes": np.array([2, 7, 250], dtype=np.uint8),
    "floats": np.array([-1.0, 0.0, 2.0]),
    "bools": np.array([False, True]),
}
CONTAINERS = {
    "array": np.asarray,
    "list": lambda y: np.asarray(y).tolist(),
    "tuple": lambda y: tuple(y.tolist()),
    "series": lambda y: pd.Series(y, index=range(5, 5 + len(y))),
    "categorical": pd.Categorical,
    "series of categories": lambda y: pd.Series(y, dtype="category"),
}


@pytest.mark.parametrize(
    ("kind", "container"),
    # scikit-learn reads categories that are bools as floats
    [(k, c) for k in LABELS for c in CONTAINERS if not (k == "bools" and "categor" in c)],
)
def test_labels_of_any_type(rng, kind, container):
    labels = LABELS[kind]
    X, y = make_data(rng, len(labels))
    codes = np.unique(y, return_inverse=True)[1]
    expected = quick().fit(X, codes)
    model = quick().fit(X, CONTAINERS[container](labels[codes]))
    assert_array_equal(model.classes_, labels)
    assert_array_equal(model.parameters_, expected.parameters_)
    predicted = model.predict(X)
    assert_array_equal(predicted, labels[expected.predict(X)])
    assert type(predicted.tolist()[0]) is type(labels.tolist()[0])
    assert model.score(X, CONTAINERS[container](labels[codes])) == expected.score(X, codes)


def test_order_of_samples_and_classes(rng):
    X, y = make_data(rng)
    model = quick(solver="adam", max_iter=40).fit(X, y)
    order = np.argsort(y)[::-1]
    other = quick(solver="adam", max_iter=40).fit(X[order], y[order])
    assert_array_equal(other.classes_, ["a", "b", "c"])
    # one batch holds all samples: sums of the same terms in another order
    assert_allclose(other.predict_proba(X), model.predict_proba(X), rtol=1e-6)
    assert_allclose(model.predict_proba(X[order]), model.predict_proba(X)[order], rtol=1e-12)


def test_copies_and_parameters_changed_after_fit(rng):
    X, y = make_data(rng)
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


# --- weights of classes ------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["lm", "adam"])
def test_class_weight_is_a_sample_weight(rng, solver):
    X, y = make_data(rng)
    y[y == "b"] = "a"
    y[:4] = "b"
    weight, options = rng.uniform(0.5, 2, size=N), {"solver": solver}
    parameters = quick(**options).fit(X, y).parameters_

    given = {"a": 0.3, "c": 4.0}  # and 1 for "b"
    of_samples = np.array([given.get(label, 1) for label in y])
    for own in (None, weight):
        model = quick(**options, class_weight=given).fit(X, y, own)
        expected = quick(**options).fit(X, y, of_samples if own is None else own * of_samples)
        assert_array_equal(model.parameters_, expected.parameters_)
        assert (model.parameters_ != parameters).any()

    classes = np.unique(y)
    balanced = compute_class_weight("balanced", classes=classes, y=y)
    balanced = dict(zip(classes, balanced, strict=True))
    model = quick(**options, class_weight="balanced").fit(X, y)
    expected = quick(**options, class_weight=balanced).fit(X, y)
    assert_allclose(model.parameters_, expected.parameters_, rtol=1e-9)
    # of samples with weights, their sums are what is balanced
    model = quick(**options, class_weight="balanced").fit(X, y, weight)
    of_classes = {k: weight.sum() / (3 * weight[y == k].sum()) for k in classes}
    expected = quick(**options, class_weight=of_classes).fit(X, y, weight)
    assert_allclose(model.parameters_, expected.parameters_, rtol=1e-9)


def test_balance_finds_a_rare_class():
    """Of which there are 1 in 24: the accuracy of always saying no is 0.96."""
    X, y = make_flips(1600)
    y = np.where((X[:, 1, 0] > 0.5) & (y == "high"), "rare", "rest")
    assert 0.04 < np.mean(y == "rare") < 0.06
    model = flips_model(solver="adam", alpha=10, max_iter=100)
    recalls, scores = {}, {}
    for weight in (None, "balanced"):
        predicted = model.set_params(class_weight=weight).fit(X[:800], y[:800]).predict(X[800:])
        recalls[weight] = recall_score(y[800:], predicted, pos_label="rare")
        scores[weight] = balanced_accuracy_score(y[800:], predicted)
    assert recalls["balanced"] > 0.9 > recalls[None] + 0.5
    assert scores["balanced"] > 0.85 > scores[None] + 0.2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"d": 2, "a": 1}, r"weights for \['d'\], but the classes are \['a', 'b', 'c'\]"),
        ({0: 2}, r"weights for \[0\], but the classes"),
        ({"a": -1}, "aren't negative"),
        ({"a": np.inf}, "must have finite weights"),
        ({"a": np.nan}, "must have finite weights"),
        ({"a": 0, "b": 0, "c": 0}, "not all 0"),
        ("Balanced", "'class_weight' parameter of RNNClassifier must be .*Got 'Balanced'"),
        ([1, 2, 3], "'class_weight' parameter of RNNClassifier must be"),
    ],
)
def test_bad_class_weight(rng, given, message):
    X, y = make_data(rng)
    model = quick().fit(X, y)
    expected = model.predict_proba(X)
    with pytest.raises(ValueError, match=message):
        model.set_params(class_weight=given).fit(X, y)
    assert_array_equal(model.predict_proba(X), expected)


# --- early stopping ----------------------------------------------------------------------


def last_of_each(y, fraction):
    """Rows of the last samples of each class, found without NumPy's help."""
    rows = []
    for label in set(y):
        own = [i for i, other in enumerate(y) if other == label]
        rows += own[len(own) - int(np.ceil(fraction * len(own))) :]
    return np.array(sorted(rows))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("solver", ["adam", "lm"])
def test_the_last_of_each_class_judge(rng, solver, weighted):
    X, y = make_data(rng, n=120)
    y = np.sort(y)  # the last class would be all that is held out; and nothing is to be learned
    weight = rng.uniform(0.5, 2, size=120) if weighted else None
    held_out = last_of_each(y, 0.25)
    rest = np.setdiff1d(np.arange(120), held_out)
    assert_array_equal(
        split_last(X, 0.25, strata=np.unique(y, return_inverse=True)[1])[1], held_out
    )
    options = {"solver": solver, "alpha": 0, "learning_rate_init": 0.1, "max_iter": 60}
    options |= {"n_iter_no_change": 60, "class_weight": {"a": 2}}
    early = {"early_stopping": True, "validation_fraction": 0.25}
    model = quick(hidden_size=20, **options, **early).fit(X, y, weight)
    total = np.where(y == "a", 2, 1) * (1 if weight is None else weight)
    loss = log_loss(y[held_out], model.predict_proba(X[held_out]), sample_weight=total[held_out])
    curve = model.validation_loss_curve_
    assert loss == pytest.approx(min(curve), rel=1e-9)
    assert curve[-1] > 1.1 * loss
    # and what they are was never learned from
    options["max_iter"] = options["n_iter_no_change"] = int(np.argmin(curve)) + 1
    own = None if weight is None else weight[rest]
    expected = quick(hidden_size=20, **options).fit(X[rest], y[rest], own)
    assert_array_equal(model.parameters_, expected.parameters_)


def test_windows_that_overlap_those_of_the_validation_set_are_left_out():
    series = np.random.RandomState(0).normal(size=300)
    X, _ = sliding_windows(series, 8)
    steps, _ = sliding_windows(np.arange(300), 8)
    y = np.where(np.arange(len(X)) // 40 % 2, "odd", "even")  # so that there are two boundaries
    kept, held_out = split_last(X, 0.15, strata=(y == "odd").astype(float))
    assert_array_equal(held_out, last_of_each(y, 0.15))
    assert not set(steps[kept].ravel()) & set(steps[held_out].ravel())
    assert len(X) - len(kept) - len(held_out) == 7 * 3  # the second is followed by others, too
    model = quick(solver="adam", early_stopping=True, validation_fraction=0.15).fit(X, y)
    options = {"solver": "adam", "max_iter": int(np.argmin(model.validation_loss_curve_)) + 1}
    expected = quick(**options).fit(X[kept], y[kept])
    assert_array_equal(model.parameters_, expected.parameters_)


def test_a_class_too_rare_to_hold_out(rng):
    X, y = make_data(rng, 2)
    y[:], y[0] = "b", "a"
    with pytest.raises(ValueError, match="leaves none of one class of 30 samples"):
        quick(early_stopping=True).fit(X, y)


# --- online and going on -----------------------------------------------------------------


@pytest.mark.parametrize("solver", FIRST_ORDER)
def test_partial_fit_equals_a_fit_in_pieces(rng, solver):
    X, y = make_data(rng)
    model = quick(solver=solver, batch_size=8, max_iter=6, n_iter_no_change=7)
    expected = clone(model).fit(X, y)
    model.partial_fit(X, y, classes=["c", "b", "a"])
    for _ in range(5):
        model.partial_fit(X, y)
    same(model, expected)
    assert_array_equal(model.classes_, expected.classes_)


def test_partial_fit_of_chunks_with_some_of_the_classes(rng):
    """One by one in batches of one, as `fit` does it without a penalty."""
    X, y = make_data(rng)
    options = {"solver": "adam", "alpha": 0, "batch_size": 1, "shuffle": False, "max_iter": 1}
    expected, model = quick(**options).fit(X, y), quick(**options)
    model.partial_fit(X[:1], y[:1], classes=["a", "b", "c"])
    assert model.predict_proba(X).shape == (N, 3)
    for x, label in zip(X[1:], y[1:], strict=True):
        model.partial_fit(x[np.newaxis], [label])
    assert_allclose(model.parameters_, expected.parameters_, rtol=1e-12, atol=1e-15)


def test_what_partial_fit_refuses(rng):
    X, y = make_data(rng)
    model = quick()
    with pytest.raises(ValueError, match="classes must be passed on the first call to partial_fit"):
        model.partial_fit(X, y)
    with pytest.raises(ValueError, match=r"labels \['c'\] that aren't among .* \['a', 'b'\]"):
        model.partial_fit(X, y, classes=["a", "b"])
    with pytest.raises(ValueError, match=r"classes=\['a'\]: a classifier needs two or more"):
        model.partial_fit(X, y, classes=["a"])
    assert vars(model) == vars(quick())
    model.partial_fit(X, y, classes=["a", "b", "c"])
    expected = model.predict_proba(X)
    with pytest.raises(ValueError, match="is not the same as on the last call to partial_fit"):
        model.partial_fit(X, y, classes=["a", "b", "c", "d"])
    with pytest.raises(ValueError, match=r"labels \['z'\] that aren't among"):
        model.partial_fit(X, np.where(y == "a", "z", y))
    with pytest.raises(ValueError, match=r"labels \[0, 1\] that aren't among"):
        model.partial_fit(X, np.arange(N) % 2)
    with pytest.raises(ValueError, match="had one target for each sequence and this one has a"):
        model.partial_fit(X, np.tile(y[:, np.newaxis], T))
    with pytest.raises(ValueError, match="class_weight='balanced' is not supported"):
        model.set_params(class_weight="balanced").partial_fit(X, y)
    with pytest.raises(ValueError, match="does not support early_stopping"):
        model.set_params(class_weight=None, early_stopping=True).partial_fit(X, y)
    assert_array_equal(model.predict_proba(X), expected)
    for solver in ("lm", "lbfgs"):
        assert not hasattr(quick(solver=solver), "partial_fit")


@pytest.mark.parametrize("solver", ["lm", "adam"])
def test_warm_start_keeps_the_classes(rng, solver):
    X, y = make_data(rng)
    model = quick(solver=solver, warm_start=True).fit(X, y)
    expected = quick(solver=solver, max_iter=10).fit(X, y)
    same(model.fit(X, y), expected)
    some = y != "b"
    model.fit(X[some], y[some])
    assert_array_equal(model.classes_, ["a", "b", "c"])
    before = model.predict_proba(X)
    assert before.shape == (N, 3)
    with pytest.raises(ValueError, match=r"labels \['d'\] that aren't among the classes \['a', 'b"):
        model.fit(X, np.where(some, y, "d"))
    assert_array_equal(model.predict_proba(X), before)


# --- the same bits ---------------------------------------------------------------------------

RESTARTS = [
    {},
    {"solver": "lbfgs"},
    {"solver": "adam", "batch_size": 7, "cell": "gru"},
    {"solver": "sgd", "learning_rate": "adaptive", "class_weight": "balanced"},
    {"solver": "rmsprop", "early_stopping": True, "validation_fraction": 0.3, "dropout": 0.2},
]


@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("parameters", RESTARTS, ids=lambda p: "-".join(map(str, p.values())))
def test_restarts_as_a_batch_equal_one_after_another(
    rng, parameters, n_classes, dtype, per_step, monkeypatch
):
    X, y = make_data(rng, n_classes)
    if per_step:
        y = rng.permutation(np.tile(y, (T, 1)).T)
        X[3, 1], X[4, 2:] = np.nan, np.nan
    model = quick(n_init=4, max_iter=4, **parameters)
    together = clone(model).fit(X.astype(dtype), y)
    same(clone(model).fit(X.astype(dtype), y), together)
    other = clone(model).set_params(random_state=1).fit(X.astype(dtype), y)
    assert (other.parameters_ != together.parameters_).any()
    monkeypatch.setattr("skrnn._estimators.fitting._BATCHED_WORK", 0)
    apart = clone(model).fit(X.astype(dtype), y)
    # to rounding: BLAS may choose another kernel for other shapes
    rtol = 1e-10 if dtype == "f8" else 1e-3
    assert_allclose(apart.parameters_, together.parameters_, rtol=rtol, atol=rtol)


def test_search_in_processes_equals_one_process(rng):
    X, y = make_data(rng, n=60)
    y[y == "b"] = "a"
    grid = {"solver": ["lm", "adam"], "class_weight": [None, "balanced"], "n_init": [2]}
    searches = [
        GridSearchCV(quick(), grid, cv=2, scoring="neg_log_loss", n_jobs=n_jobs).fit(X, y)
        for n_jobs in (1, 2)
    ]
    scores = [search.cv_results_["mean_test_score"] for search in searches]
    assert_array_equal(*scores)
    assert len(set(scores[0])) == 4
    same(*(search.best_estimator_ for search in searches))


# --- what goes wrong ---------------------------------------------------------------------------


def put(y, value, dtype=None):
    y = y.astype(dtype or object)
    y[4] = value
    return y


CODES = np.arange(N) % 3
BAD_Y = {
    "None": (lambda y: None, "target y is None"),
    "one class": (lambda y: np.full(N, "a"), r"y has one class only, \['a'\]"),
    "one missing": (
        lambda y: put(y, None),
        "NaN: 1 of 30 labels are missing, of sample 4 first",
    ),
    "NaN of objects": (lambda y: put(y, np.nan), "Input y contains NaN: 1 of 30"),
    "NA": (lambda y: put(y, pd.NA), "Input y contains NaN: 1 of 30"),
    "NaT": (lambda y: put(y, pd.NaT), "Input y contains NaN: 1 of 30"),
    "no date": (lambda y: put(CODES, "NaT", "M8[D]"), "Input y contains NaN: 1 of 30"),
    "NA of integers": (lambda y: put(pd.Series(CODES), pd.NA, "Int64"), "Input y contains NaN: 1"),
    "missing category": (lambda y: pd.Categorical(put(y, None)), "Input y contains NaN: 1 of 30"),
    "NaN": (lambda y: put(CODES, np.nan, float), "Input y contains NaN: 1 of 30"),
    "inf": (lambda y: put(CODES, np.inf, float), "Input y contains infinity"),
    "continuous": (lambda y: CODES + 0.5 * (CODES == 1), "Unknown label type: continuous"),
    "complex": (lambda y: CODES + 1j, "Complex data not supported"),
    "3-D": (lambda y: np.zeros((N, T, 1)), "y has 3 dimensions: labels are"),
    "other length": (lambda y: y[1:], "inconsistent numbers of samples"),
    "other steps": (lambda y: np.tile(y, (T + 1, 1)).T, f"y has {T + 1} steps, but X has {T}"),
    "list of other length": (lambda y: [y[:T]] * (N - 1), "inconsistent numbers of samples"),
    "list of other steps": (
        lambda y: [y[:T], y[: T - 1], *[y[:T]] * (N - 2)],
        rf"y\[1\] has {T - 1} steps, but X\[1\] has {T}",
    ),
    "list of columns": (lambda y: [y[:T, np.newaxis]] * N, r"y\[0\] has 2 dimensions"),
    "list with a scalar": (lambda y: [*[y[:T]] * (N - 1), "a"], r"y\[29\] has 0 dimensions"),
    "list with a missing one": (lambda y: [put(y[:T], None), *[y[:T]] * (N - 1)], "contains NaN"),
}


@pytest.mark.parametrize("name", BAD_Y)
def test_bad_y_is_an_error_and_loses_nothing(rng, name):
    make, message = BAD_Y[name]
    X, y = make_data(rng)
    model = quick().fit(X, y)
    before, expected = dict(vars(model)), model.predict_proba(X)
    with pytest.raises(ValueError, match=message):
        model.fit(X, make(y))
    assert vars(model) == before
    assert_array_equal(model.predict_proba(X), expected)
    fresh = quick()
    with pytest.raises(ValueError, match=message):
        fresh.fit(X, make(y))
    assert vars(fresh) == vars(quick())


@pytest.mark.parametrize("n_features_per_step", [None, D, T * D])
def test_a_column_of_labels_is_raveled_with_a_warning(rng, n_features_per_step):
    X, y = make_data(rng)
    model = quick()
    if n_features_per_step:  # of rows; in the last case, rows of one step
        X = X.reshape(N, -1)
        model.set_params(n_features_per_step=n_features_per_step)
    model.fit(X, y)
    with pytest.warns(DataConversionWarning, match="A column-vector y was passed"):
        other = clone(model).fit(X, y[:, np.newaxis])
    assert_array_equal(other.parameters_, model.parameters_)
    assert other.predict(X).shape == (N,)


def test_unfitted(rng):
    X, y = make_data(rng)
    for method in ("predict", "predict_proba", "predict_log_proba", "score", "step", "step_proba"):
        arguments = {"score": (X, y), "step": (X[0],), "step_proba": (X[0],)}.get(method, (X,))
        with pytest.raises(NotFittedError):
            getattr(quick(), method)(*arguments)


def test_bad_X_and_weights_lose_nothing(rng):
    X, y = make_data(rng)
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


@pytest.mark.parametrize(("dtype", "weight"), [("f4", 1e39), ("f8", 1e308)])
def test_weights_of_classes_beyond_all_numbers(dtype, weight):
    X = np.zeros((4, 3, 1), dtype)
    with pytest.raises(ValueError, match=r"sum of sample_weight, times class_weight .*, is inf"):
        quick(class_weight={0: weight, 1: weight}).fit(X, [0, 1, 0, 1])


def test_many_outputs_are_not_for_levenberg_and_marquardt(rng):
    """Each output costs as much as a gradient."""
    X, y = rng.normal(size=(60, 4, 1)), np.arange(60) % 11
    assert quick(max_iter=1).fit(X, y).solver_ == "adam"
    assert quick(max_iter=1).fit(X[y < 10], y[y < 10]).solver_ == "lm"


def test_balance_is_among_the_classes_that_weigh_anything(rng):
    X, y = make_data(rng)
    weight = rng.uniform(1, 2, size=N) * (y != "c")
    totals = {label: weight[y == label].sum() for label in "ab"}
    balanced = {label: weight.sum() / (2 * total) for label, total in totals.items()}
    expected = quick(class_weight=balanced).fit(X, y, weight)
    model = quick(class_weight="balanced").fit(X, y, weight)
    assert list(model.classes_) == ["a", "b", "c"]
    assert_allclose(model.parameters_, expected.parameters_, rtol=1e-9)
