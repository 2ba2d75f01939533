"""Fixtures of the estimators' tests."""

import pytest
from sklearn.base import clone

from tests.helpers.battery import CLASSIFIERS, REGRESSORS


@pytest.fixture(params=REGRESSORS + CLASSIFIERS)
def estimator(request):
    """Both estimators in all settings; `target_for` makes y for either."""
    return clone(request.param)


@pytest.fixture(params=REGRESSORS)
def regressor(request):
    """RNNRegressor in all settings."""
    return clone(request.param)
