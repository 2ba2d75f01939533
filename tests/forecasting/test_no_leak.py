"""No forecast reads what comes later: values after its origin, covariates after its last step."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import Ridge
from sklearn.model_selection import TimeSeriesSplit

from skrnn import Forecaster, RNNRegressor
from tests.helpers.series import covariates, months, panel, seasonal

pytestmark = pytest.mark.filterwarnings(
    "ignore:skill_=",
    "ignore:There are .* training windows",
    "ignore:Maximum iterations:sklearn.exceptions.ConvergenceWarning",
)
N = 72
SETTINGS = [
    {},
    {"log": True},
    {"log": False},
    {"season": None},
    {"season": 6, "deseasonalize": True},
    {"deseasonalize": True},
    {"deseasonalize": False},
    {"deseasonalize": "difference"},
    {"difference": 1},
    {"difference": 2, "log": True, "deseasonalize": "difference"},
    {"center": "last"},
    {"center": None},
    {"drift": 0.5},
    {"window": 5},
    {"strategy": "direct", "horizon": 3},
    {"strategy": "direct", "horizon": 9, "difference": 1},
    {"calendar": ["month", "quarter"]},
]


def times_of(y):
    if not hasattr(y, "index"):
        return np.arange(len(y))
    times = y.index.get_level_values(-1).unique()
    return times.sort_values()


def rewritten(y, first):
    """With other values from a time on: far greater ones, that grow and have no season."""
    later = np.arange(len(y)) >= first if not hasattr(y, "index") else None
    if later is None:
        later = y.index.get_level_values(-1) >= times_of(y)[first]
    y = y.copy()
    wild = np.random.RandomState(first).uniform(100, 1e6, size=(later.sum(), *y.shape[1:]))
    if hasattr(y, "index"):
        y.iloc[np.flatnonzero(later)] = wild
    else:
        y[later] = wild
    return y


def rewritten_covariates(X, last):
    """With other values and other labels after a time, and unknown categories."""
    if X is None:
        return None
    own = X.copy()
    level = own.index.get_level_values(-1)
    later = np.flatnonzero(level > last)
    own.iloc[later, own.columns.get_loc("price")] = 1e9
    own.iloc[later, own.columns.get_loc("kind")] = "never"
    return own


def check_no_leak(forecaster, y, X=None, *, refit=True, cv=None):
    cv = cv or TimeSeriesSplit(3, test_size=4)
    times = times_of(y)
    splits = list(cv.split(times))
    whole = forecaster.backtest(y, X, cv=splits, refit=refit)
    assert whole["fold"].nunique() == 3
    for fold, (train, test) in enumerate(splits):
        later = rewritten(y, train.max() + 1)
        again = forecaster.backtest(
            later, rewritten_covariates(X, times[test.max()]), cv=splits[: fold + 1], refit=refit
        )
        one, other = (own[own["fold"] == fold] for own in (whole, again))
        for column in ("series", "step", "time", "forecast", "naive", "seasonal_naive"):
            assert_array_equal(one[column], other[column], err_msg=column)
        assert (one["truth"].to_numpy() != other["truth"].to_numpy()).all()


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_every_setting(settings):
    check_no_leak(Forecaster(Ridge(), **settings), seasonal(N, growth=0.2))


@pytest.mark.parametrize("settings", SETTINGS[::3], ids=str)
def test_every_setting_with_covariates_and_gaps(settings):
    y = seasonal(N, growth=0.2)
    y.iloc[[0, 20, 21, 61]] = np.nan  # one of them lies in the second fold
    y = y.drop(y.index[[30, 64]])
    X = covariates(N).loc[y.index]
    splits = TimeSeriesSplit(3, test_size=4, gap=1)
    check_no_leak(Forecaster(Ridge(), **settings), y.dropna(), X.loc[y.dropna().index], cv=splits)
    forecaster = Forecaster(Ridge(), **settings)
    check_no_leak(forecaster, y, X, cv=_Known(splits, y))


class _Known:
    """Splits whose last rows aren't missing, so that rewriting them doesn't add rows."""

    def __init__(self, cv, y):
        self.cv, self.known = cv, y.notna().to_numpy()

    def split(self, times):
        for train, test in self.cv.split(times):
            yield train, test[self.known[test]]


@pytest.mark.parametrize(
    ("form", "settings"),
    [
        ("array", {"season": 12}),
        ("columns", {}),
        ("columns", {"multivariate": True, "deseasonalize": True}),
        ("columns", {"multivariate": True, "strategy": "direct", "horizon": 3, "difference": 1}),
        ("columns that begin later", {"window": 3}),
        ("ids", {}),
        ("ids", {"log": True, "deseasonalize": "difference"}),
        ("ids", {"strategy": "direct", "horizon": 5, "calendar": "month"}),
    ],
)
@pytest.mark.filterwarnings("ignore:1 of 3 series have too few rows")
def test_several_series(form, settings):
    parts = {id: seasonal(N, seed=j, growth=0.1 * j) for j, id in enumerate("abc")}
    y = pd.DataFrame(parts)
    if form == "columns that begin later":
        y.loc[: months(N)[62], "b"] = np.nan  # has its first value in the second fold
        y.loc[: months(N)[30], "c"] = np.nan
    if form == "array":
        y = y.to_numpy()
    elif form == "ids":
        parts["b"], parts["c"] = parts["b"][:-7], parts["c"][20:]
        y = pd.concat(parts, names=["id", "time"])
    check_no_leak(Forecaster(Ridge(), **settings), y)


def test_static_covariates_of_a_panel():
    y = panel(N)
    X = pd.concat({id: covariates(N, seed=j) for j, id in enumerate("abc")})
    X["region"] = np.repeat(["north", "south", "south"], N)
    X["size"] = np.repeat([1.0, 2.0, 5.0], N)
    X.index.names = y.index.names
    check_no_leak(Forecaster(Ridge(), static_features=["region", "size"]), y, X)


@pytest.mark.parametrize("refit", [False, 2])
def test_folds_without_a_fit(refit):
    check_no_leak(Forecaster(Ridge()), seasonal(N), covariates(N), refit=refit)


def test_the_network():
    network = RNNRegressor(alpha=10, max_iter=5, random_state=0)
    check_no_leak(Forecaster(network, window=6), seasonal(N), covariates(N))


def test_trading_days():
    days = pd.bdate_range("2024-01-01", periods=N + 3)
    y = pd.Series(seasonal(N).to_numpy(), days.delete([10, 31, 60]))
    assert y.index.freq is None
    check_no_leak(Forecaster(Ridge(), window=5), y)


@pytest.mark.parametrize("method", ["predict", "predict_interval"])
@pytest.mark.parametrize("settings", [{}, {"strategy": "direct", "horizon": 5}])
def test_covariates_beyond_what_is_asked(method, settings):
    y, X = seasonal(N), covariates(N + 12)
    forecaster = Forecaster(Ridge(), **settings).fit(y, X[:N])
    expected = getattr(forecaster, method)(3, X)
    later = rewritten_covariates(X, months(N + 3)[-1])
    assert_array_equal(getattr(forecaster, method)(3, later), expected)
    assert_array_equal(getattr(forecaster, method)(3, X[: N + 3]), expected)
    assert_array_equal(getattr(forecaster, method)(3, X[N : N + 3].to_numpy()), expected)
    after = getattr(forecaster, method)(3, X, y=y[:60])
    later = rewritten_covariates(X, months(63)[-1])
    assert_array_equal(getattr(forecaster, method)(3, later, y=y[:60]), after)


def test_a_score_is_that_of_the_forecast_alone():
    y = seasonal(N)
    forecaster = Forecaster(Ridge()).fit(y[:60])
    forecast, scale = forecaster.predict(12), y[:60].diff(12).abs().mean()
    for truth in (y[60:], rewritten(y, 60)[60:], 7 - y[60:]):
        assert_allclose(forecaster.score(truth), -(truth - forecast).abs().mean() / scale)


def test_an_update_changes_no_parameter_and_no_earlier_forecast():
    y = seasonal(N)
    one, other = (Forecaster(Ridge()).fit(y[:60]) for _ in range(2))
    before = one.predict_insample()
    after = one.predict(5, y=y[:50])
    one.update(y[60:])
    other.update(rewritten(y, 60)[60:])
    for updated in (one, other):
        assert_array_equal(updated.predict_insample()[:60], before)
        assert_array_equal(updated.predict(5, y=y[:50]), after)
    assert_array_equal(one.predict_insample()[60:61], other.predict_insample()[60:61])
