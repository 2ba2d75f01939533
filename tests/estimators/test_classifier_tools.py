"""RNNClassifier in scikit-learn's tools, on sequences."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    StratifiedKFold,
    TimeSeriesSplit,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_val_score,
    learning_curve,
    permutation_test_score,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from skrnn import SlidingWindow
from tests.helpers.data import labelled, make_flips
from tests.helpers.fits import flips_model, quick, same, unconverged

pytestmark = [pytest.mark.core, unconverged]


@pytest.fixture(scope="module")
def flips():
    """Sequences, their three classes, and the accuracy of a linear model on rows 300 and on."""
    X, y = make_flips()
    linear = LogisticRegression().fit(X[:300, :, 0], y[:300])
    return X, y, linear.score(X[300:, :, 0], y[300:])


META = {
    "sigmoid": lambda model: CalibratedClassifierCV(model, cv=3),
    "isotonic": lambda model: CalibratedClassifierCV(model, method="isotonic", cv=3),
    "one for all folds": lambda model: CalibratedClassifierCV(model, cv=3, ensemble=False),
    "one against the rest": OneVsRestClassifier,
    "stacking": lambda model: StackingClassifier(
        [("small", clone(model).set_params(hidden_size=2)), ("large", model)], cv=3
    ),
    "soft vote": lambda model: VotingClassifier(
        [("one", model), ("other", clone(model).set_params(random_state=1))], voting="soft"
    ),
    "pipeline": lambda model: make_pipeline("passthrough", model),
}


@pytest.mark.parametrize("name", META)
def test_estimators_of_estimators_take_sequences(flips, name):
    X, y, baseline = flips
    model = META[name](flips_model()).fit(X[:300], y[:300])
    p = model.predict_proba(X[300:])
    assert p.shape == (150, 3)
    assert_allclose(p.sum(axis=1), 1)
    assert model.score(X[300:], y[300:]) > 0.8 > baseline + 0.2
    assert log_loss(y[300:], p) < 0.5 < log_loss(y[300:], np.full((150, 3), 1 / 3))


def test_one_against_one_takes_rows(flips):
    """OneVsOneClassifier looks at X itself, and wants it 2-D: so rows of one value a step."""
    X, y, baseline = flips
    with pytest.raises(ValueError, match="Found array with dim 3"):
        OneVsOneClassifier(flips_model()).fit(X, y)
    model = OneVsOneClassifier(flips_model()).fit(X[:300, :, 0], y[:300])
    assert model.score(X[300:, :, 0], y[300:]) > 0.8 > baseline + 0.2


def test_thresholds(flips):
    X, y = flips[0], flips[1] == "low"
    model = flips_model(solver="lbfgs", max_iter=40).fit(X[:300], y[:300])
    p = model.predict_proba(X[300:])[:, 1]
    fixed = FixedThresholdClassifier(flips_model(solver="lbfgs", max_iter=40), threshold=0.2)
    assert_array_equal(fixed.fit(X[:300], y[:300]).predict(X[300:]), p >= 0.2)
    assert ((p >= 0.2) != (p > 0.5)).any()
    tuned = TunedThresholdClassifierCV(clone(model), scoring="f1", cv=3).fit(X[:300], y[:300])
    assert 0 < tuned.best_threshold_ < 1
    # always saying yes is the baseline
    assert f1_score(y[300:], tuned.predict(X[300:])) > f1_score(y[300:], np.ones(150)) + 0.2


@pytest.mark.parametrize("scoring", ["neg_log_loss", "roc_auc", "accuracy", "balanced_accuracy"])
def test_grid_search_by_any_score(flips, scoring):
    X, y = flips[0][:200], flips[1][:200] == "none"
    model = flips_model(max_iter=100, n_iter_no_change=100)
    grid = {"hidden_size": [1, 6], "cell": ["elman"]}  # one unit can't tell
    search = GridSearchCV(model, grid, scoring=scoring, cv=StratifiedKFold(3)).fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    assert search.best_params_["hidden_size"] == 6
    chance = -np.log(2) if scoring == "neg_log_loss" else 0.5
    assert scores[1] > chance + 0.2
    assert scores[0] < scores[1] - 0.1
    if scoring == "accuracy":
        assert search.score(X, y) == search.best_estimator_.score(X, y) > 0.9


def test_cross_validation_equals_fold_by_fold(flips):
    X, y, baseline = flips
    model = flips_model(max_iter=60, n_iter_no_change=60)
    for cv in (TimeSeriesSplit(3), StratifiedKFold(3)):
        expected = []
        for rows, others in cv.split(X, y):
            expected.append(clone(model).fit(X[rows], y[rows]).score(X[others], y[others]))
        assert_array_equal(cross_val_score(model, X, y, cv=cv), expected)
    for method in ("predict", "predict_proba", "predict_log_proba"):
        found = cross_val_predict(model, X, y, cv=cv, method=method)
        for rows, others in cv.split(X, y):
            fitted = clone(model).fit(X[rows], y[rows])
            assert_array_equal(found[others], getattr(fitted, method)(X[others]))
    sizes, _, scores = learning_curve(model, X, y, cv=cv, train_sizes=[0.1, 1.0])
    assert_array_equal(sizes, [30, 300])
    assert scores[1].mean() > scores[0].mean() + 0.1 > baseline


def test_labels_that_mean_nothing_are_told_from_those_that_do(flips):
    X, y = flips[0][:150], flips[1][:150] == "none"
    model = flips_model(solver="lbfgs", max_iter=40, n_iter_no_change=40)
    options = {"cv": 2, "n_permutations": 19, "random_state": 0}
    score, permuted, p = permutation_test_score(model, X, y, **options)
    assert p == 1 / 20
    assert score > permuted.max() + 0.1


def test_direction_of_a_series_in_a_pipeline(rng):
    """Windows, on folds in order of time; the class is the sign of a product of past values."""
    series = rng.uniform(-1, 1, size=(500, 1))
    y = np.full(500, "down")
    y[2:][series[:-2, 0] * series[2:, 0] > 0] = "up"
    pipe = make_pipeline(SlidingWindow(4, context="continue"), flips_model(max_iter=100))
    scores = cross_val_score(pipe, series, y, cv=TimeSeriesSplit(3), scoring="roc_auc")
    assert min(scores) > 0.85


def test_callbacks_score_the_classifier(rng):
    callback = pytest.importorskip("sklearn.callback", reason="scikit-learn has them from 1.9 on")
    X, y = labelled(rng)
    monitor = callback.ScoringMonitor(scoring="accuracy")
    model = quick(solver="adam").set_callbacks(monitor).fit(X, y)
    scores = [row["accuracy"] for row in monitor.get_logs().data]
    assert len(scores) == 6  # five epochs and the fit
    assert scores[-1] == model.score(X, y)


def test_search_in_processes_equals_one_process(rng):
    X, y = labelled(rng, n=60)
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
