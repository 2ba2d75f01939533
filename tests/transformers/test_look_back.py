"""Which rows SlidingWindow takes for the fitted ones, and what a failed fit leaves."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skrnn import SlidingWindow

pytestmark = pytest.mark.core


@pytest.fixture
def X(rng):
    return rng.normal(size=(30, 2))


@pytest.mark.parametrize("noise", [0, 1e-12])
def test_fitted_rows_are_known_in_spite_of_rounding(X, noise):
    window = SlidingWindow(3, context="continue").fit(X[:10])
    assert np.isnan(window.transform(X[:10] * (1 + noise))[0, 0]).all()


def test_other_rows_with_the_same_end_are_not_the_fitted_ones(X):
    window = SlidingWindow(3, context="continue").fit(X[:10])
    others = np.r_[X[20:28], X[8:10]]
    assert_array_equal(window.transform(others)[0], np.r_[X[8:10], X[20:21]])


def test_a_failed_fit_changes_nothing_and_later_changes_of_X_neither(X):
    window = SlidingWindow(3, context="continue").fit(X[:10])
    expected = window.transform(X[10:])
    with pytest.raises(ValueError, match="spans 3 rows"):
        window.fit(np.ones((2, 7)))
    X[:10] = 0
    assert_array_equal(window.transform(X[10:]), expected)


@pytest.mark.parametrize("integer", [np.int8, np.uint8])
def test_numpys_integers_count_as_pythons(X, integer):
    X = np.repeat(X, 20, axis=0)
    a = SlidingWindow(20, dilation=20).fit_transform(X)
    assert_array_equal(SlidingWindow(integer(20), dilation=integer(20)).fit_transform(X), a)


def test_remembered_rows_count_for_min_periods(X):
    window = SlidingWindow(3, min_periods=3, context="continue").fit(X[:10])
    assert_array_equal(window.transform(X[10:])[0], X[8:11])


def test_windows_refuse_what_changes(rng):
    table = pd.DataFrame({"a": rng.normal(size=9), "size": np.arange(9.0)})
    with pytest.raises(ValueError, match="static feature 'size' varies within the rows, from 0 to"):
        SlidingWindow(3, static_features=["size"]).fit(table)
    with pytest.raises(ValueError, match="must leave a column for the windows"):
        SlidingWindow(3, static_features=["a", "size"]).fit(table)
    table["id"] = 1.0
    with pytest.raises(ValueError, match="not be that of groups='id'"):
        SlidingWindow(3, groups="id", static_features=["id"]).fit(table)
