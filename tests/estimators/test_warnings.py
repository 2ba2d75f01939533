"""Warnings point at the user's line, however the fit was called."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skrnn import RNNClassifier, RNNRegressor, SequenceScaler
from tests.helpers.fits import interrupt

pytestmark = pytest.mark.core

CALLS = {
    "fit": lambda model, X, y: model.fit(X, y),
    "pipeline": lambda model, X, y: make_pipeline(SequenceScaler(), model).fit(X, y),
    "search": lambda model, X, y: GridSearchCV(model, {"alpha": [1]}, cv=2).fit(X, y),
}


def files(call, model, X, y, category):
    """Where the warnings of a category point."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        CALLS[call](model, X, y)
    return {w.filename for w in caught if issubclass(w.category, category)}


@pytest.fixture
def data(rng):
    return rng.normal(size=(30, 5, 1)), np.arange(30) % 2


@pytest.mark.parametrize("estimator", [RNNRegressor, RNNClassifier])
@pytest.mark.parametrize("call", CALLS)
def test_training_that_has_not_converged(data, call, estimator):
    options = {"alpha": 1.0, "solver": "adam", "tol": 0, "random_state": 0}
    model = estimator(2, max_iter=3, n_iter_no_change=2, **options)
    assert files(call, model, *data, ConvergenceWarning) == {__file__}


@pytest.mark.parametrize("call", ["fit", "search"])
def test_unscaled_inputs(data, call):
    X, y = data
    found = files(
        call, RNNRegressor(2, alpha=1.0, max_iter=1, random_state=0), 1000 * X, y, UserWarning
    )
    assert found == {__file__}


def test_an_interrupt(data, monkeypatch):
    interrupt(monkeypatch, after=4)
    model = RNNRegressor(2, alpha=1.0, solver="adam", random_state=0)
    assert files("fit", model, *data, UserWarning) == {__file__}


@pytest.mark.parametrize("model", [RNNRegressor(alpha=1, max_iter=2), RNNClassifier(max_iter=2)])
def test_a_warning_that_is_an_error_leaves_the_estimator_as_it_was(model, rng):
    X, y = rng.normal(size=(30, 4, 1)), rng.randint(2, size=30)
    model = clone(model).set_params(n_iter_no_change=1, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        with pytest.raises(ConvergenceWarning):
            model.fit(X, y)
    assert not hasattr(model, "n_iter_")
