"""The drift as a share of forecasts: by hand, and where it is taken."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import Ridge

from skrnn import Forecaster
from tests.helpers.series import months, seasonal, walk

pytestmark = pytest.mark.filterwarnings(
    "ignore:skill_=", "ignore:There are .* training windows", "ignore:.*next to nothing"
)
L, STEPS = 5, 12


def linear(**parameters):
    return Forecaster(Ridge(), **{"calibration": 0, "window": L, **parameters})


def forecast(y, **parameters):
    return np.asarray(linear(**parameters).fit(y).predict(STEPS))


def growing(n, seed=0):
    return walk(n, seed=seed).to_numpy() + 0.5 * np.arange(n)


def noise(n):
    return 50 + np.random.RandomState(0).normal(size=n)


def line(levels):
    """The line on from the last level, within the bounds of changes over as many steps."""
    slope = np.diff(levels)[L:].mean()
    found = []
    for k in range(1, STEPS + 1):
        changes = np.sort(levels[k:] - levels[:-k])
        low, high = changes[np.rint(np.array([0.05, 0.95]) * (len(changes) - 1)).astype(int)]
        found.append(np.clip(k * slope, min(low, 0), max(high, 0)))
    return levels[-1] + np.array(found)


def jumping(n):
    """One jump, of which a line with the mean change would make growth."""
    return 0.1 * growing(n) + 20.0 * (np.arange(n) > n // 2)


@pytest.mark.parametrize("make", [growing, jumping])
@pytest.mark.parametrize("strategy", [{}, {"strategy": "direct", "horizon": 4}])
def test_by_hand(make, strategy):
    y = make(60)
    settings = {"log": False, **strategy}
    network = forecast(y, drift=0, **settings)
    for share in (0.3, 1):
        expected = (1 - share) * network + share * line(y)
        assert_allclose(forecast(y, drift=share, **settings), expected)


def test_the_line_is_one_of_levels():
    """Of logarithms, or of what is left without the season."""
    season = np.tile(np.arange(12) - 5.5, 5)
    y = pd.Series(growing(60) + 3 * season, months(60))
    forecaster = linear(drift=1, deseasonalize=True, log=False).fit(y)
    level = y.to_numpy() - np.tile(forecaster.seasonal_, 5)
    assert_allclose(forecaster.predict(STEPS), line(level) + forecaster.seasonal_)
    values = np.exp(0.01 * growing(60))
    assert_allclose(forecast(values, drift=1, log=True)[0], np.exp(line(np.log(values))[0]))


class TestAuto:
    def test_a_half_where_windows_are_few(self):
        y = growing(L + 29)
        assert_array_equal(forecast(y), forecast(y, drift=0.5))
        y = growing(L + 30)
        assert_array_equal(forecast(y), forecast(y, drift=0))

    @pytest.mark.parametrize("growth", [0.0, 2.0])
    def test_none_of_noise_whose_changes_are_undone(self, growth):
        y = noise(30) + growth * np.arange(30)
        assert_array_equal(forecast(y), forecast(y, drift=0))

    @pytest.mark.parametrize("unit", [1.0, 0.1, 1 / 3, 7.7])
    def test_a_line_goes_on_in_every_unit(self, unit):
        """What rounding leaves of its changes says nothing."""
        y = unit * np.arange(30)
        assert_array_equal(forecast(y, center=None), forecast(y, center=None, drift=0.5))

    def test_each_series_by_itself(self):
        y = np.column_stack([growing(17), noise(17)])
        halves, none, auto = (forecast(y, drift=share) for share in (0.5, 0, "auto"))
        assert_array_equal(auto, np.column_stack([halves[:, 0], none[:, 1]]))
        assert_array_equal(auto, forecast(y, multivariate=False))

    def test_windows_of_all_series_count(self):
        y = np.column_stack([growing(30, seed) for seed in (0, 1)])  # 25 windows each
        assert_array_equal(forecast(y), forecast(y, drift=0))

    @pytest.mark.parametrize("settings", [{"calendar": "month"}, {"deseasonalize": "difference"}])
    def test_none_beside_what_may_cause_changes(self, settings):
        y = pd.Series(growing(30), months(30))
        assert_array_equal(forecast(y, **settings), forecast(y, drift=0, **settings))

    def test_differences_without_a_season_change_nothing(self):
        y, settings = growing(30), {"deseasonalize": "difference"}
        assert_array_equal(forecast(y, **settings), forecast(y, drift=0.5, **settings))

    def test_none_beside_covariates(self):
        y, X = growing(30), np.random.RandomState(0).normal(size=(30 + STEPS, 1))
        auto, none = (linear(drift=share).fit(y, X[:30]) for share in ("auto", 0))
        assert_array_equal(auto.predict(STEPS, X[30:]), none.predict(STEPS, X[30:]))

    def test_a_series_that_fit_has_not_seen(self):
        y = pd.concat({"a": walk(20), "b": walk(15, seed=1)}, names=["shop", "month"])
        others = pd.concat(
            {"walk": walk(30, seed=2), "noise": pd.Series(noise(30), months(30))},
            names=["shop", "month"],
        )
        halves, none, auto = (
            linear(drift=share).fit(y).predict(STEPS, y=others) for share in (0.5, 0, "auto")
        )
        assert_array_equal(auto["walk"], halves["walk"])
        assert (auto["walk"] != none["walk"]).all()
        assert_array_equal(auto["noise"], none["noise"])

    def test_residuals_are_those_of_such_forecasts(self):
        """The copy has fewer windows than the forecaster, but the same share of the drift."""
        for n in (30, 44):  # 25 windows and 39; the copies have 13 and 22
            y = growing(n)
            auto, same = (
                linear(drift=share, calibration=0.4).fit(y)
                for share in ("auto", 0.5 if n == 30 else 0)
            )
            assert auto.skill_ == same.skill_
            widths = (own.predict_interval(3, coverage=0.5) for own in (auto, same))
            assert_array_equal(*widths)


def test_short_series_gain():
    """Of changes that last: against the network alone."""
    gains = []
    for seed in range(20):
        changes = np.convolve(np.random.RandomState(seed).normal(size=38), [1, 0.7, 0.4], "valid")
        y = 50 + np.cumsum(changes + 0.3)
        known, later = y[:30], y[30:]
        forecasters = (Forecaster(drift=share, calibration=0) for share in (0, "auto"))
        none, auto = (np.abs(own.fit(known).predict(6) - later).mean() for own in forecasters)
        gains.append(np.log(none / auto))
    assert np.mean(gains) > 0.05


def test_a_constant_stays_and_a_season_needs_rows():
    for share in (0.3, 1):
        assert_array_equal(forecast(np.full(20, 0.1), drift=share), 0.1)
    y = seasonal(30)  # two seasons and 6 rows
    assert np.isfinite(forecast(y, drift=1, deseasonalize=True)).all()
