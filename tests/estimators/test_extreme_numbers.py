"""Finite numbers near the ends of their range: a fit that works, or an error that says why."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from skrnn import RNNClassifier, RNNRegressor
from tests.helpers.fits import unconverged

pytestmark = pytest.mark.core

SOLVERS = ["adam", "lbfgs", "lm", "rmsprop", "sgd"]
CLEAR = (  # what errors say
    r"(lower|multiply sample_weight|divide (it|y) by|Scale X|Sample weights must|contains infinity|"
    r"too large for the dtype of the fit|grows beyond all bounds)"
)


@pytest.fixture
def problem(rng):
    X = rng.normal(size=(20, 5, 1))
    return X, X[:, -1, 0] - X[:, -2, 0]


@pytest.mark.parametrize("max_iter", [1, 5])
def test_lbfgs_with_nothing_to_gain_ends(problem, max_iter):
    """An error of StopIteration would end a loop over fits without a word."""
    X, _ = problem
    model = RNNRegressor(2, solver="lbfgs", alpha=0, max_iter=max_iter, random_state=0)
    model.fit(X, np.zeros(20))
    model.set_weights({name: 0 * own for name, own in model.get_weights().items()})
    assert list(map(model.set_params(warm_start=True).fit, [X], [np.zeros(20)])) == [model]
    assert model.loss_ == 0


@pytest.mark.filterwarnings("ignore:X has values as large")
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("max_iter", [1, 5])
def test_a_loss_that_is_not_finite_at_once_has_the_usual_error(problem, solver, max_iter):
    X, y = problem
    model = RNNRegressor(2, alpha=1.0, activation="identity", solver=solver, max_iter=max_iter)
    with pytest.raises(ValueError, match=r"wasn't finite in the first epoch\. Scale X"):
        model.fit(1e200 * X, y)
    assert not hasattr(model, "parameters_")


def settle(function):
    """The result, or None after an error that says what to do. Foreign ones are not caught."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", message="X has values as large")
        warnings.filterwarnings("ignore", message="Training resumes with a learning rate of 0")
        try:
            return function()
        except ValueError as error:
            with pytest.raises(ValueError, match=CLEAR):
                raise error
            return None


EXTREMES = [
    {"alpha": 1e300},
    {"alpha": 1e40},
    {"learning_rate_init": 1e300},
    {"learning_rate_init": 1e-300},
    {"clip_norm": 1e-300},
    {"clip_norm": 5e-324},
    {"clip_value": 1e-300},
    {"clip_norm": None, "learning_rate_init": 1e30},
    {"learning_rate": "invscaling", "power_t": 1e300},
    {"epsilon": 1e-300},
    {"epsilon": 1e300},
    {"beta_1": 0.9999999999999999, "beta_2": 0.9999999999999999},
    {"y": 1e308},
    {"y": 5e-324},
    {"y": 1e-160, "normalize_y": False, "alpha": 0},
    {"y": 1e160, "normalize_y": False},
    {"y": 1e30},
    {"X": 1e-320},
    {"X": 1e307},
    {"X": 1e30},
    {"weight": 5e-324},
    {"weight": 1e-40},
    {"weight": 1e-300},
    {"weight": 1e307},
    {"loss": "huber", "huber_delta": 1e-300},
    {"loss": "huber", "huber_delta": 1e300},
    {"loss": "poisson", "y": 1e300},
    {"loss": "quantile", "quantile": 1e-300, "y": 1e300},
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("estimator", "extreme"),
    [(RNNRegressor, extreme) for extreme in EXTREMES]
    # labels have no size, and their loss is no choice
    + [(RNNClassifier, extreme) for extreme in EXTREMES if not extreme.keys() & {"y", "loss"}],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_extremes_fit_or_say_why(problem, extreme, estimator, solver, dtype):
    """Also where NumPy raises an error for each overflow and underflow."""
    (X, y), options = problem, dict(extreme)
    scale_x, scale_y = options.pop("X", 1), options.pop("y", None)
    weight = np.full(20, options.pop("weight")) if "weight" in options else None
    with np.errstate(over="ignore", under="ignore"):
        X = (scale_x * X / 4).astype(dtype)
    if estimator is RNNClassifier:
        y = y > 0
    elif scale_y is not None:
        y = np.abs(y / 4) * scale_y
        if dtype == "float32":
            y = np.minimum(y, 1e38)
    model = estimator(2, solver=solver, max_iter=3, random_state=0, **options)
    with np.errstate(all="raise"):
        if settle(lambda: model.fit(X, y, weight)) is None:
            assert not hasattr(model, "parameters_")
            return
        assert np.isfinite(model.parameters_).all()
        assert np.isfinite(model.loss_curve_).all()
        if estimator is RNNClassifier:
            assert np.isfinite(model.predict_proba(X)).all()
            assert np.isfinite(model.predict_log_proba(X)).all()
        elif settle(lambda: model.predict(X)) is not None:
            assert np.isfinite(model.predict(X)).all()
            assert not np.isnan(model.score(X, y))
        settle(lambda: model.set_params(warm_start=True).fit(X, y, weight))


def test_alpha_that_float32_does_not_hold_is_named(problem):
    X, y = problem
    with pytest.raises(ValueError, match=r"alpha=1e\+300 is too large for float32 .* lower alpha"):
        RNNRegressor(2, alpha=1e300).fit(X.astype("float32"), y)
    with pytest.raises(ValueError, match=r"alpha=1e\+300 is too large for float64 .* lower alpha"):
        RNNRegressor(2, alpha=1e300).fit(X, y, np.full(20, 1e-20))


def test_weights_too_small_to_compute_with_are_named(problem):
    X, y = problem
    with pytest.raises(ValueError, match=r"add up to 9\.88e-323, .* multiply sample_weight by"):
        RNNRegressor(2, alpha=1.0).fit(X, y, np.full(20, 5e-324))


@pytest.mark.parametrize("solver", ["lm", "adam"])
@pytest.mark.parametrize("factor", [2.0**-900, 2.0**900])
def test_the_unit_of_weights_does_not_matter(problem, solver, factor):
    """Without a penalty, whose n is the sum of the weights."""
    X, y = problem
    y, weight = y + 3, np.linspace(0.5, 2, 20)
    model = RNNRegressor(2, solver=solver, alpha=0, max_iter=3, tol=0, random_state=0)
    one, other = (settle(lambda f=f: clone(model).fit(X, y, f * weight)) for f in (1, factor))
    assert_array_equal(other.y_mean_, one.y_mean_)
    assert_array_equal(other.y_scale_, one.y_scale_)
    assert_allclose(other.predict(X), one.predict(X), rtol=1e-6)


@unconverged
@pytest.mark.parametrize("factor", [2.0**-1000, 2.0**-600, 2.0**600, 2.0**1000])
def test_the_unit_of_y_does_not_matter(problem, factor):
    """Nor for the score: squares of such values overflow, or vanish."""
    X, y = problem
    model = RNNRegressor(2, alpha=1.0, max_iter=5, random_state=0)
    one = clone(model).fit(X, y)
    other = clone(model).fit(X, factor * y)
    assert_array_equal(other.predict(X), factor * one.predict(X))
    assert other.score(X, pd.Series(factor * y)) == pytest.approx(one.score(X, y), rel=1e-12)
    assert other.score(X, -factor * y) == pytest.approx(one.score(X, -y), rel=1e-12)


def test_what_has_no_size_is_refused_as_before(problem):
    X, y = problem
    model = RNNRegressor(2, alpha=1.0, random_state=0).fit(X, y)
    for bad, message in ((["a"] * 20, "could not convert"), ([np.nan] * 20, "NaN")):
        with pytest.raises(ValueError, match=message):
            model.score(X, bad)
    with pytest.raises(ValueError, match="infinity"):
        model.score(X, np.full(20, np.inf))
    assert model.score(X, y.tolist()) == model.score(X, pd.Series(y, range(20, 0, -1)))


@pytest.mark.parametrize("per_step", [False, True])
def test_balanced_weights_where_no_label_is_left(rng, per_step):
    X, y = rng.normal(size=(6, 4, 1)), np.arange(6) % 2
    model = RNNClassifier(2, class_weight="balanced")
    if per_step:
        model.set_params(washout=4)
        y = np.tile(y[:, np.newaxis], 4)
    else:
        X[:] = np.nan
    with pytest.raises(ValueError, match="There is nothing to learn from"):
        model.fit(X, y)


def test_lbfgs_resumes_where_nothing_is_left():
    model = RNNRegressor(4, alpha=1.0, solver="lbfgs", warm_start=True, max_iter=50, random_state=0)
    X, y = np.zeros((20, 4, 2)), np.ones(20)
    for _ in range(3):
        assert model.fit(X, y).loss_ < 1e-30
