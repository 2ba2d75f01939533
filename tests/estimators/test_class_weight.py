"""Weights of classes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import balanced_accuracy_score, recall_score
from sklearn.utils.class_weight import compute_class_weight

from tests.helpers.data import labelled, make_flips
from tests.helpers.fits import flips_model, quick, unconverged

pytestmark = [pytest.mark.core, unconverged]

N = 30


@pytest.mark.parametrize("solver", ["lm", "adam"])
def test_class_weight_is_a_sample_weight(rng, solver):
    X, y = labelled(rng)
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
    X, y = labelled(rng)
    model = quick().fit(X, y)
    expected = model.predict_proba(X)
    with pytest.raises(ValueError, match=message):
        model.set_params(class_weight=given).fit(X, y)
    assert_array_equal(model.predict_proba(X), expected)


@pytest.mark.parametrize(("dtype", "weight"), [("f4", 1e39), ("f8", 1e308)])
def test_weights_of_classes_beyond_all_numbers(dtype, weight):
    X = np.zeros((4, 3, 1), dtype)
    with pytest.raises(ValueError, match=r"sum of sample_weight, times class_weight .*, is inf"):
        quick(class_weight={0: weight, 1: weight}).fit(X, [0, 1, 0, 1])


def test_balance_is_among_the_classes_that_weigh_anything(rng):
    X, y = labelled(rng)
    weight = rng.uniform(1, 2, size=N) * (y != "c")
    totals = {label: weight[y == label].sum() for label in "ab"}
    balanced = {label: weight.sum() / (2 * total) for label, total in totals.items()}
    expected = quick(class_weight=balanced).fit(X, y, weight)
    model = quick(class_weight="balanced").fit(X, y, weight)
    assert list(model.classes_) == ["a", "b", "c"]
    assert_allclose(model.parameters_, expected.parameters_, rtol=1e-9)
