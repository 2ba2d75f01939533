"""The battery: what both estimators refuse, and that nothing is lost."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from tests.helpers.battery import D, N, T
from tests.helpers.data import outputs_of, target_for

pytestmark = pytest.mark.core


@pytest.fixture
def X(rng):
    return rng.normal(size=(N, T, D))


def test_unfitted(estimator, rng, X):
    with pytest.raises(NotFittedError):
        estimator.predict(X)
    with pytest.raises(NotFittedError):
        outputs_of(estimator, X)
    with pytest.raises(NotFittedError):
        estimator.get_weights()
    with pytest.raises(NotFittedError):
        estimator.score(X, target_for(estimator, rng, "one"))


# --- X ---


def broken(X, where, value):
    X = X.copy()
    X[where] = value
    return X


BAD_X = {
    "1-D": (lambda X: X[:, 0, 0], "Reshape your data"),
    "4-D": (lambda X: X[None], "Found array with dim 4"),
    "partly missing": (lambda X: broken(X, (3, 2, 1), np.nan), r"some features only of sample 3"),
    "inf": (lambda X: broken(X, (3, 2, 1), np.inf), r"infinity.*sample 3, step 2, feature 1"),
    "-inf": (lambda X: broken(X, (3, 2, 1), -np.inf), "infinity"),
    "strings": (lambda X: np.full(X.shape, "a"), "could not convert string to float"),
    "no samples": (lambda X: X[:0], "minimum of 1 is required"),
    "no steps": (lambda X: X[:, :0], "minimum of 1 is required"),
    "no features": (lambda X: X[:, :, :0], "minimum of 1 is required"),
    "complex": (lambda X: X + 1j, "Complex data not supported"),
    "ragged 1-D": (lambda X: [x[: i % 3 + 1, 0] for i, x in enumerate(X)], r"reshape\(-1, 1\)"),
    "ragged features": (lambda X: [x[:, : i % 2 + 1] for i, x in enumerate(X)], "same features"),
    "all missing": (lambda X: np.full(X.shape, np.nan), "nothing to learn from"),
    "other length": (lambda X: X[1:], "inconsistent numbers of samples"),
}


@pytest.mark.parametrize("name", BAD_X)
def test_bad_X_in_fit_is_an_error_and_loses_nothing(estimator, rng, X, name):
    make, message = BAD_X[name]
    y = target_for(estimator, rng, "one")
    estimator.fit(X, y)
    expected, names = outputs_of(estimator, X), set(vars(estimator))
    with pytest.raises(ValueError, match=message):
        estimator.fit(make(X), y)
    assert set(vars(estimator)) == names
    assert_array_equal(outputs_of(estimator, X), expected)
    fresh = clone(estimator)
    with pytest.raises(ValueError, match=message):
        fresh.fit(make(X), y)
    assert vars(fresh) == vars(clone(estimator))


@pytest.mark.parametrize("name", sorted(set(BAD_X) - {"all missing", "other length"}))
def test_bad_X_in_predict(estimator, rng, X, name):
    make, message = BAD_X[name]
    estimator.fit(X, target_for(estimator, rng, "one"))
    with pytest.raises(ValueError, match=message):
        estimator.predict(make(X))


def test_wrong_features_and_dimensions_in_predict(estimator, rng, X):
    y, name = target_for(estimator, rng, "one"), type(estimator).__name__
    estimator.fit(X, y)
    with pytest.raises(ValueError, match=f"X has 3 features, but {name} is expecting 2"):
        estimator.predict(np.zeros((2, T, 3)))
    with pytest.raises(ValueError, match=f"X has 2 dimensions, but {name} was fitted on 3-D"):
        estimator.predict(X[:, 0])
    estimator.fit(X[:, :, 0], y)
    with pytest.raises(ValueError, match=f"X has 3 dimensions, but {name} was fitted on 2-D"):
        estimator.predict(X)
    with pytest.raises(ValueError, match=f"X has 5 features, but {name} is expecting 6"):
        estimator.predict(X[:, :5, 0])


# --- y and its weights ---

BAD_Y = {
    "None": (lambda y: None, "target y is None"),
    "other length": (lambda y: y[1:], "inconsistent numbers of samples"),
    "other steps": (
        lambda y: np.resize(y, (N, T + 1, 1) if y.dtype.kind == "f" else (N, T + 1)),
        f"y has {T + 1} steps, but X has {T}",
    ),
}
BAD_VALUES = {  # the labels' own are in tests/validation
    "NaN": (lambda y: broken(y, 0, np.nan), "Input y contains NaN"),
    "inf": (lambda y: broken(y, 0, np.inf), "Input y contains infinity"),
    "strings": (lambda y: np.full(y.shape, "a"), "could not convert string to float"),
    "4-D": (lambda y: y[:, None, None, None], "y has 4 dimensions"),
    "no targets": (lambda y: np.full((N, T, 1), np.nan), "nothing to learn from"),
    "inf per step": (lambda y: np.full((N, T, 1), np.inf), "Input y contains infinity"),
}


@pytest.mark.parametrize("name", BAD_Y)
def test_bad_y(estimator, rng, X, name):
    make, message = BAD_Y[name]
    with pytest.raises(ValueError, match=message):
        estimator.fit(X, make(target_for(estimator, rng, "one")))


@pytest.mark.parametrize("name", BAD_VALUES)
def test_bad_values_in_y(regressor, rng, X, name):
    make, message = BAD_VALUES[name]
    with pytest.raises(ValueError, match=message):
        regressor.fit(X, make(target_for(regressor, rng, "one")))


@pytest.mark.parametrize("value", [1e300, -1e300])
def test_y_too_large_for_float32(regressor, X, value):
    with pytest.raises(ValueError, match=r"too large for X's dtype\('float32'\)"):
        regressor.fit(X.astype("f4"), np.full(N, value))


def test_ragged_targets_of_other_lengths(estimator, rng):
    X = [rng.normal(size=(n, D)) for n in (6, 3)]
    y = [target_for(estimator, rng, "per step", 1, n)[0] for n in (3, 6)]
    with pytest.raises(ValueError, match=r"y\[0\] has 3 steps, but X\[0\] has 6"):
        estimator.fit(X, y)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        # newer scikit-learn sees it before we do
        (np.zeros(N), "nothing to learn from|at least one non-zero"),
        (-np.ones(N), "Negative values"),
        (np.full(N, np.nan), "NaN"),
        (np.ones(N - 1), "sample_weight.shape"),
    ],
)
def test_bad_sample_weight(estimator, rng, X, weight, message):
    with pytest.raises(ValueError, match=message):
        estimator.fit(X, target_for(estimator, rng, "one"), sample_weight=weight)
