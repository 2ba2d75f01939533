"""Forecasters in scikit-learn's searches and cross-validation."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from pandas.testing import assert_index_equal, assert_series_equal
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import Ridge
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    TimeSeriesSplit,
    cross_val_score,
)

from skrnn import Forecaster
from tests.helpers.series import covariates, months, seasonal, walk

pytestmark = pytest.mark.filterwarnings(
    "ignore:skill_=",
    "ignore:There are .* training windows",
    "ignore:Maximum iterations:sklearn.exceptions.ConvergenceWarning",
)


def linear(**parameters):
    return Forecaster(Ridge(), **parameters)


def test_cross_val_score_is_fit_and_score():
    y, cv = seasonal(), TimeSeriesSplit(3, test_size=12)
    scores = cross_val_score(linear(), y, cv=cv)
    for score, (train, test) in zip(scores, cv.split(y), strict=True):
        assert score == linear().fit(y.iloc[train]).score(y.iloc[test])


def test_score_of_the_fitted_values_is_in_sample():
    y = seasonal()
    forecaster = linear().fit(y)
    missed = (forecaster.predict_insample() - y).abs().mean()
    assert_allclose(forecaster.score(y), -missed / y.diff(12).abs().mean())


def test_grid_search_continues_the_dates():
    y = seasonal()
    grid = {"window": [4, 12], "regressor__alpha": [0.1, 1000.0]}
    search = GridSearchCV(linear(), grid, cv=TimeSeriesSplit(3, test_size=12)).fit(y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert len(set(search.cv_results_["mean_test_score"])) == 4
    own = linear().set_params(**search.best_params_).fit(y)
    assert_series_equal(search.predict(24), own.predict(24))
    assert_index_equal(search.predict(24).index, months(24, "2017-01"))


def test_grid_search_of_the_default_regressor():
    grid = {"regressor__alpha": [1, 10], "regressor__max_iter": [5]}
    search = GridSearchCV(Forecaster(), grid, cv=TimeSeriesSplit(2, test_size=12))
    search.fit(seasonal(60))
    assert search.best_estimator_.regressor_.alpha in (1, 10)
    assert len(search.predict(24)) == 24


def test_grid_search_with_covariates():
    X = covariates(96)
    y = seasonal() + 4 * X["price"][:84]
    cv = TimeSeriesSplit(2, test_size=12)
    search = GridSearchCV(linear(), {"window": [4, 12]}, cv=cv).fit(y, X[:84])
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert len(search.best_estimator_.predict(12, X[84:])) == 12
    with_X = cross_val_score(linear(), y, X[:84], cv=cv).mean()
    assert with_X > cross_val_score(linear(), y, cv=cv).mean() + 0.5


@pytest.mark.parametrize("with_train_scores", [True, False])
def test_halving_by_epochs(with_train_scores):
    search = HalvingGridSearchCV(
        Forecaster(),
        {"window": [4, 8, 12]},
        resource="regressor__max_iter",
        min_resources=2,
        max_resources=8,
        factor=2,
        cv=TimeSeriesSplit(2, test_size=6),
        return_train_score=with_train_scores,
    ).fit(seasonal(72))
    assert search.n_resources_[-1] > search.n_resources_[0]
    scores = [search.cv_results_["mean_test_score"]]
    scores += [search.cv_results_["mean_train_score"]] if with_train_scores else []
    assert np.isfinite(scores).all()
    assert len(search.predict(3)) == 3


def test_grid_search_of_columns():
    y = pd.DataFrame({"a": seasonal(), "b": walk()})
    cv = TimeSeriesSplit(2, test_size=12)
    search = GridSearchCV(linear(), {"center": ["mean", "last"]}, cv=cv).fit(y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert list(search.predict(3).columns) == ["a", "b"]
