"""Scores check y and weights as `fit` does, and don't depend on the unit of y."""

import datetime
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import accuracy_score, r2_score

from tests.helpers.fits import quick, small, unconverged

pytestmark = [pytest.mark.core, unconverged]

N, T = 12, 5
KINDS = ["sequences", "steps"]


def regression(rng, kind):
    X = rng.normal(size=(N, T, 1))
    y = X if kind == "steps" else X[:, -1, 0]
    return small().fit(X, y), X, y


def classification(rng, kind):
    X = rng.normal(size=(N, T, 1))
    y = X[..., 0] > 0 if kind == "steps" else X[:, -1, 0] > 0
    return quick().fit(X, y), X, y


BAD_WEIGHTS = {
    "negative": (lambda n: -np.ones(n), r"Negative values .*sample_weight"),
    "missing": (lambda n: np.full(n, np.nan), "sample_weight contains NaN"),
    "infinite": (lambda n: np.full(n, np.inf, dtype=object), "sample_weight contains infinity"),
    "times": (lambda n: np.ones(n, "m8[s]"), "sample_weight holds dates or times"),
    "text": (lambda n: ["a"] * n, "sample_weight, position 0: could not convert"),
    "complex": (lambda n: np.ones(n) + 1j, "Complex data not supported: sample_weight"),
}


@pytest.mark.parametrize("bad", BAD_WEIGHTS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("made", [regression, classification])
def test_bad_weights_are_refused_as_in_fit(rng, made, kind, bad):
    model, X, y = made(rng, kind)
    weight, match = BAD_WEIGHTS[bad]
    before = pickle.dumps(model)
    with pytest.raises(ValueError, match=match):
        model.score(X, y, weight(N))
    assert pickle.dumps(model) == before


OTHER_LABELS = "y has labels of type .*, which can't be compared with the classes"
BAD_TARGETS = {  # and the error of each score
    "missing": (
        lambda y: np.full(np.shape(y), np.nan),
        {regression: "y contains NaN: 12 of 12 targets", classification: "12 of 12 labels"},
    ),
    "times": (
        lambda y: np.ones(np.shape(y), "m8[s]"),
        {regression: "y holds dates or times", classification: OTHER_LABELS},
    ),
    "dates": (
        lambda y: [datetime.date(2024, 1, 1)] * len(y),
        {regression: "y, position 0 holds dates or times", classification: OTHER_LABELS},
    ),
    "huge": (
        lambda y: np.full(np.shape(y), 10**400, object),
        {regression: "y, position 0: the value is too large", classification: OTHER_LABELS},
    ),
    "too few": (
        lambda y: y[1:],
        dict.fromkeys((regression, classification), "inconsistent numbers of samples"),
    ),
    "none": (
        lambda y: None,
        dict.fromkeys((regression, classification), "requires y to be passed"),
    ),
    "infinite": (
        lambda y: np.where(np.arange(N) == 3, np.inf, y).astype(object),
        dict.fromkeys((regression, classification), "y contains infinity"),
    ),
}


@pytest.mark.parametrize("bad", BAD_TARGETS)
@pytest.mark.parametrize("made", [regression, classification])
def test_bad_targets_are_refused_by_name(rng, made, bad):
    model, X, y = made(rng, "sequences")
    values, match = BAD_TARGETS[bad]
    with pytest.raises(ValueError, match=match[made]):
        model.score(X, values(y))


def test_the_shape_of_y_is_that_of_fit(rng):
    model, X, y = regression(rng, "sequences")
    with pytest.raises(ValueError, match=r"y has shape \(12, 2\), but fit had \(n_samples, 1\)"):
        model.score(X, np.c_[y, y])
    with pytest.raises(ValueError, match=r"y has shape \(12, 5, 1\), but fit had"):
        model.score(X, X)
    model, X, y = classification(rng, "sequences")
    with pytest.raises(ValueError, match=r"label for each step, .* each sequence: pass \(n_samp"):
        model.score(X, X[..., 0] > 0)
    model, X, y = classification(rng, "steps")
    with pytest.raises(ValueError, match=r"label for each sequence, .* each step"):
        model.score(X, y[:, 0])


def test_labels_in_objects_are_checked_as_numbers_are(rng):
    model, X, y = classification(rng, "sequences")
    for bad in (np.inf, -np.inf):
        values = np.where(np.arange(N) == 3, bad, y.astype(float))
        for y_bad in (values, values.astype(object)):
            with pytest.raises(ValueError, match="Input y contains infinity"):
                model.score(X, y_bad)
            with pytest.raises(ValueError, match="Input y contains infinity"):
                quick().fit(X, y_bad)


def test_labels_of_another_type_are_refused_by_name(rng):
    model, X, _ = classification(rng, "sequences")
    with pytest.raises(ValueError, match=r"labels of type .* can't be compared with"):
        model.score(X, pd.date_range("2024-01-01", periods=N))


@pytest.mark.parametrize("container", [np.asarray, list, pd.Series])
def test_scores_are_those_of_scikit_learn(rng, container):
    weight = rng.uniform(size=N)
    model, X, y = regression(rng, "sequences")
    for own in (None, weight):
        expected = r2_score(y, model.predict(X), sample_weight=own)
        assert_allclose(model.score(X, container(y), own), expected, rtol=1e-12)
    model, X, y = classification(rng, "sequences")
    for own in (None, weight):
        expected = accuracy_score(y, model.predict(X), sample_weight=own)
        assert_allclose(model.score(X, container(y), own), expected, rtol=1e-12)


@pytest.mark.parametrize("units", [[1e-200, 1.0], [1e200, 1e-200], [1.0, 1e160]])
def test_each_target_has_a_unit_of_its_own(rng, units):
    X = rng.normal(size=(40, T, 1))
    y = np.c_[X[:, -1, 0], X[:, -2, 0] + rng.normal(size=40)]
    expected = small().fit(X, y).score(X, y)
    assert 0 < expected < 1
    assert_allclose(small().fit(X, y * units).score(X, y * units), expected, rtol=1e-3)
