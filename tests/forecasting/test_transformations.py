"""The scale on which series are forecast: its inverse, the season, and the logarithm."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor

from skrnn import Forecaster
from skrnn.datasets import load_airline
from tests.helpers.series import months, seasonal

pytestmark = pytest.mark.filterwarnings("ignore:There are .* training windows")
N, STEPS = 90, 20


def lookup(**parameters):
    """A forecaster whose regressor repeats the target of the most similar window."""
    return Forecaster(KNeighborsRegressor(1), calibration=0, **parameters)


def tell_the_truth(forecaster, y, X=None):
    """Let the regressor know the targets of all windows of y, also of those not fitted."""
    forecaster.regressor_.fit(*forecaster.training_windows(y, X))
    return forecaster


def calm_after_noise(*, level=3.0, seed=0):
    """A season whose last steps stay well inside the changes that were seen before."""
    rng, t = np.random.RandomState(seed), np.arange(N + STEPS + 12)
    rest = rng.normal(size=len(t)) * np.where(t < N - 3, 1.0, 0.1)
    values = level + 0.05 * np.sin(2 * np.pi * t / 12) + 0.1 * rest
    return pd.Series(np.exp(values), months(len(t)))


def with_gaps(y, order):
    """With missing values and labels, though none that the differences after row N read."""
    y = y.copy()
    y.iloc[[0, 20, 21, 22, 50, N - 2 - order]] = np.nan
    return y.drop(y.index[[35, 70, 71]])


SCALES = list(product([False, True], [False, True, "difference"], [0, 1, 2]))


@pytest.mark.parametrize(("log", "deseasonalize", "difference"), SCALES)
@pytest.mark.parametrize("center", ["mean", "last", None])
def test_the_next_transformed_value_gives_the_next_value(log, deseasonalize, difference, center):
    whole = calm_after_noise()
    scale = {"log": log, "deseasonalize": deseasonalize, "difference": difference, "center": center}
    for gaps, strategy in product([False, True], [{}, {"strategy": "direct", "horizon": 7}]):
        order = difference + 12 * (deseasonalize == "difference")
        y = with_gaps(whole, order) if gaps else whole
        forecaster = lookup(window=8, **scale, **strategy).fit(y[: whole.index[N - 1]])
        forecast = tell_the_truth(forecaster, y).predict(STEPS)
        assert_allclose(forecast, whole.iloc[N : N + STEPS], rtol=1e-9)
        inside = forecaster.predict_insample().dropna()
        one_step = inside.index[inside.index > whole.index[N - 3]]  # the guard lets these pass
        if strategy == {} and not gaps:
            assert_allclose(inside[one_step], y[one_step], rtol=1e-9)


@pytest.mark.parametrize("difference", [0, 1, 2])
@pytest.mark.parametrize("center", ["mean", "last", None])
def test_the_inverse_of_a_season_that_multiplies(difference, center):
    t = np.arange(N + STEPS + 12)
    level = np.exp(0.5 * np.sin(t / 12) * (t < N - 3))
    whole = calm_after_noise() * level
    settings = {"window": 8, "difference": difference, "center": center}
    for y in (whole, with_gaps(whole, difference)):
        forecaster = lookup(deseasonalize=True, **settings).fit(y[: whole.index[N - 1]])
        assert_allclose(forecaster.seasonal_.mean(), 1)
        assert not forecaster.log_
        forecast = tell_the_truth(forecaster, y).predict(STEPS)
        assert_allclose(forecast, whole.iloc[N : N + STEPS], rtol=1e-9)


@pytest.mark.parametrize("form", ["columns", "multivariate", "ids"])
def test_the_inverse_of_several_series_is_their_own(form):
    parts = {"a": calm_after_noise(), "b": 1000 * calm_after_noise(level=0.0, seed=1)}
    whole = pd.DataFrame(parts)
    y = whole if form != "ids" else pd.concat(parts, names=["id", "time"])
    times = y.index.get_level_values(-1)
    forecaster = lookup(
        window=8, log=True, deseasonalize=True, difference=1, multivariate=form == "multivariate"
    ).fit(y[times <= whole.index[N - 1]])
    forecast = tell_the_truth(forecaster, y).predict(STEPS)
    if form == "ids":
        forecast = forecast.unstack(0)
    assert_allclose(forecast, whole.iloc[N : N + STEPS], rtol=1e-9)


def test_covariates_belong_to_the_step_of_the_target():
    whole = calm_after_noise()
    X = pd.DataFrame({"price": np.random.RandomState(5).normal(size=len(whole))}, whole.index)
    forecaster = lookup(window=8, difference=1).fit(whole[:N], X[:N])
    names = forecaster.training_windows(whole, X)[0].columns
    assert names[-2:].tolist() == ["y_lag0", "price_ahead1_lag0"]
    forecast = tell_the_truth(forecaster, whole, X).predict(STEPS, X)
    assert_allclose(forecast, whole.iloc[N : N + STEPS], rtol=1e-9)
    rows, _ = forecaster.training_windows(whole, X)
    assert_allclose(np.corrcoef(rows["price_ahead1_lag0"], X["price"].iloc[9:])[0, 1], 1)


def decomposition(y, m, cycles=8):
    """The seasonal means of a classical decomposition, by the calendar's month."""
    average = y.rolling(m).mean()
    average = average.rolling(2).mean().shift(-(m // 2)) if m % 2 == 0 else average.shift(-(m // 2))
    kept = (y - average).dropna().iloc[-cycles * m :]
    pattern = kept.groupby(kept.index.month % m).median()
    return pattern - pattern.mean()


@pytest.mark.parametrize("n", [40, 84, 150])  # the last one has more than 8 seasons
@pytest.mark.parametrize("scale", ["plain", "log", "multiplied"])
def test_the_season_is_that_of_a_decomposition(n, scale):
    y = seasonal(n, growth=0.1) - 20
    y[y.index.month == 7] += np.arange(np.sum(y.index.month == 7))  # July changes
    expected = decomposition(y[5:], 12)
    if scale == "multiplied":  # its spread grows, though from year to year it also varies
        trend = 0.1 * np.arange(n)
        y = trend + (y - trend) * np.where(y.index.year % 2, 0.6, 1.4)
    if scale != "plain":  # what is added to logarithms multiplies values
        y = np.exp(0.2 * y)
        expected = decomposition(np.log(y[5:]), 12)
    if scale == "multiplied":
        expected = np.exp(expected) / np.exp(expected).mean()
    log = {"plain": False, "log": True, "multiplied": "auto"}[scale]
    own = Forecaster(Ridge(), log=log, deseasonalize=True, calibration=0).fit(y[5:])
    found = pd.Series(own.seasonal_, index=y.index[5:17].month % 12)
    assert_allclose(found[expected.index], expected, atol=1e-12)


def test_an_odd_season():
    t = np.arange(70)
    y = pd.Series(10 + t % 7 + np.random.RandomState(0).normal(size=70), pd.RangeIndex(70))
    own = Forecaster(Ridge(), season=7, deseasonalize=True, calibration=0).fit(y)
    average = y.rolling(7, center=True).mean()
    expected = (y - average).dropna().iloc[-56:].groupby(lambda i: i % 7).median()
    assert_allclose(own.seasonal_, expected - expected.mean(), atol=1e-12)


class TestChoices:
    """What "auto" finds on series that were made with and without it."""

    def fitted(self, y, **parameters):
        return Forecaster(Ridge(), calibration=0, **parameters).fit(y)

    @pytest.mark.parametrize("season", [12, None])
    def test_growing_spread_asks_for_a_logarithm(self, season):
        rng, t = np.random.RandomState(0), np.arange(120)
        waves = np.sin(2 * np.pi * t / 12) if season else 0
        growing = pd.Series(np.exp(3 + 0.02 * t + 0.2 * waves + 0.05 * rng.normal(size=120)))
        assert self.fitted(growing, season=season).log_
        steady = pd.Series(100 + t + 10 * waves + rng.normal(size=120))
        assert not self.fitted(steady, season=season).log_

    def test_gaps_dont_change_what_the_spread_says(self):
        """Gaps of 18 months, and ten months here and there; without gaps, all are right."""
        growing = load_airline(as_frame=True).series[:120]
        t, noise = np.arange(120), np.random.RandomState(0).normal(size=120)
        steady = pd.Series(300 + t + 50 * np.sin(np.pi * t / 6) + 5 * noise, growing.index)
        long = [np.arange(first, first + 18) for first in range(0, 91, 10)]
        short = [np.random.RandomState(seed).choice(120, 10, replace=False) for seed in range(10)]
        for lost in long, short:
            for y, log in (growing, True), (steady, False):
                found = [self.fitted(y.drop(y.index[rows]).asfreq("MS")).log_ for rows in lost]
                assert np.mean(np.equal(found, log)) >= 0.9

    def test_values_at_every_third_or_fourth_row_say_what_they_say_alone(self):
        """There is no whole block on the grid, and the range of values alone says nothing."""
        rng = np.random.RandomState(0)
        trend = pd.Series(5 + 0.3 * np.arange(200) + 2 * rng.normal(size=200).clip(-2, 2))
        assert not self.fitted(trend[trend.index % 4 == 3].reindex(range(4, 200)), season=None).log_
        t, noise = np.arange(240), rng.normal(size=240)
        year = np.sin(np.pi * t / 6)
        for y, log in (np.exp(0.02 * t + 0.5 * year), True), (300 + t + 50 * year + noise, False):
            series = pd.Series(y, pd.period_range("2000-01", periods=240, freq="M"))
            quarters = series[t % 3 == 2].reindex(series.index[2:])
            assert bool(self.fitted(quarters, season=12).log_) == log

    def test_no_logarithm_of_what_is_not_positive(self):
        t = np.arange(120)
        y = np.exp(0.03 * t) * (1 + 0.3 * np.sin(t))
        assert self.fitted(y).log_
        y[30] = 0.0
        assert not self.fitted(y).log_
        y[30] = -1.0
        assert not self.fitted(y).log_

    @pytest.mark.parametrize(
        ("values", "log"),
        [
            (np.linspace(10, 19.9, 15), False),  # last/first < 2
            (np.linspace(10, 20.1, 15), True),
            (np.r_[10, 39.9, [12] * 12, 10], False),  # max/min < 4
            (np.r_[10, 40.1, [12] * 12, 10], True),
        ],
    )
    def test_few_blocks_go_by_ratios(self, values, log):
        assert self.fitted(values, window=3).log_ == log

    def test_a_season_is_found_where_there_is_one(self):
        assert self.fitted(seasonal()).seasonal_ is not None
        rng = np.random.RandomState(1)
        found = 0
        for _ in range(40):
            noise = pd.Series(rng.normal(size=84), months(84))
            found += self.fitted(noise).seasonal_ is not None
        assert found <= 12  # 10 % by the test of the autocorrelation, and those beyond a strength

    def test_a_season_needs_two_cycles_and_six_rows(self):
        assert self.fitted(seasonal(30)).season_ == 12
        with pytest.warns(UserWarning, match=r"29 rows, and a season of 12 .* pass season=12"):
            assert self.fitted(seasonal(29)).season_ == 1

    def test_a_season_that_is_given_needs_two_cycles(self):
        """A clean one in 24 months: the forecast misses less than the seasonal naive one."""
        whole = seasonal(36, noise=0.05, growth=0.3)
        own = self.fitted(whole[:24], season=12)
        assert own.season_ == len(own.seasonal_) == 12
        naive = np.abs(whole[24:].to_numpy() - whole[12:24].to_numpy()).mean()
        assert np.abs(own.predict(12) - whole[24:]).mean() < 0.5 * naive
        with pytest.warns(UserWarning, match="season=12 takes 24 rows, but y has 23"):
            assert self.fitted(whole[:23], season=12).seasonal_ is None

    def test_a_season_that_is_given_is_taken_for_granted_until_it_can_be_seen(self):
        noise = [np.random.RandomState(seed).normal(size=30) for seed in range(20)]
        assert all(self.fitted(y[:29], season=12).seasonal_ is not None for y in noise)
        assert any(self.fitted(y, season=12).seasonal_ is None for y in noise)

    @pytest.mark.parametrize("y", [np.arange(40.0), seasonal(20)])
    def test_a_season_to_take_away_must_be_known(self, y):
        with pytest.warns(UserWarning, match="deseasonalize=True takes no season away"):
            assert self.fitted(y, deseasonalize=True).seasonal_ is None

    @pytest.mark.parametrize(
        ("freq", "season", "n"),
        [("MS", 12, 60), ("ME", 12, 60), ("QS", 4, 60), ("QE", 4, 60), ("W", 52, 120),
         ("D", 7, 60), ("B", 5, 60), ("h", 24, 80), ("YS", 1, 60), ("2h", 12, 60),
         ("min", 24 * 60, 2900)],
    )  # fmt: skip
    def test_the_frequency_says_how_long(self, freq, season, n):
        index = pd.date_range("2020-01-01", periods=n, freq=freq)
        y = pd.Series(np.random.RandomState(0).normal(size=n), index)
        assert self.fitted(y, window=5, deseasonalize=False).season_ == season

    def test_settings_overrule(self):
        y = seasonal()
        assert self.fitted(y, deseasonalize=False).seasonal_ is None
        assert self.fitted(y, deseasonalize="difference").seasonal_ is None
        assert self.fitted(y, season=6, deseasonalize=True).seasonal_.shape == (6,)
        assert self.fitted(y, log=True).log_
        assert self.fitted(y, season=None).season_ == 1
        assert self.fitted(y, deseasonalize=np.False_).seasonal_ is None
        with pytest.raises(ValueError, match="log=True"):
            self.fitted(y - 20, log=np.True_)


def test_gaps_are_interpolated_on_the_scale_of_the_season():
    y = seasonal(noise=0.0)
    expected = Forecaster(Ridge(1e-3), log=False, calibration=0).fit(y).predict(12)
    y.iloc[[20, 21, 22, 23, 24, 50]] = np.nan  # a line between the ends would be off by 3
    gaps = Forecaster(Ridge(1e-3), log=False, calibration=0).fit(y)
    inside = gaps.predict_insample()
    assert_allclose(inside.iloc[21:30], 20 + 3 * np.sin(np.arange(21, 30) * np.pi / 6), atol=0.05)
    assert_allclose(gaps.predict(12), expected, atol=0.05)


def test_gaps_are_interpolated_on_the_scale_of_a_season_that_multiplies():
    truth = pd.Series(20 * np.exp(0.8 * np.sin(np.arange(47) * np.pi / 6)), months(47))
    y = truth.copy()
    y.iloc[20:25] = np.nan
    own = Forecaster(Ridge(1e-3), calibration=0, window=3, deseasonalize=True).fit(y)
    assert own.seasonal_.mean() == pytest.approx(1)
    assert_allclose(own.predict_insample().iloc[21:30], truth.iloc[21:30], rtol=0.06)


def test_gaps_are_no_targets():
    y = seasonal()
    y.iloc[[40, 41]] = np.nan
    forecaster = Forecaster(Ridge(), window=6, calibration=0).fit(y)
    assert len(forecaster.training_windows(y)[1]) == 84 - 6 - 2
    assert len(forecaster.training_windows(y.dropna())[1]) == 84 - 6 - 2
    seasonal_ = Forecaster(Ridge(), window=6, deseasonalize="difference", calibration=0).fit(y)
    assert len(seasonal_.training_windows(y)[1]) == 84 - 12 - 6 - 4  # gaps, and 12 rows later
    direct = Forecaster(Ridge(), window=6, strategy="direct", horizon=3, calibration=0).fit(y)
    assert len(direct.training_windows(y)[1]) == 84 - 6 - 2 - 4


class Jumping(RegressorMixin, BaseEstimator):
    """Predicts a jump below a threshold, and repeats the last value above it."""

    def fit(self, X, y):
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X):
        last = np.asarray(X)[:, -1]
        return np.where(last < 0.5, 1000.0, last)


def test_later_steps_read_forecasts_as_they_were_bounded():
    noise, y = np.random.RandomState(0).normal(size=99), np.zeros(100)
    for t in range(98):
        y[t + 1] = 0.5 * y[t] + noise[t]
    forecast = (
        Forecaster(Jumping(), window=3, center=None, log=False, calibration=0).fit(y).predict(3)
    )
    rises = [np.quantile(y[k:] - y[:-k], 0.95, method="nearest") for k in (1, 2, 3)]
    assert rises[0] / np.std(y) > 0.5  # the last value, 0, lies below the threshold: it jumps once
    assert min(rises[1:]) > rises[0]
    assert_allclose(forecast, rises[0])


def test_no_forecast_runs_away():
    y, k = seasonal(84) - 20, np.arange(200)
    wild = Forecaster(KNeighborsRegressor(1), center="last", calibration=0, log=False).fit(y)
    X, target = wild.training_windows(y)
    wild.regressor_.fit(X, target + 100)  # each step goes up
    rest = y.to_numpy() - wild.seasonal_[np.arange(84) % 12]
    rise = wild.predict(200).to_numpy() - wild.seasonal_[(84 + k) % 12] - rest[-1]
    # of the changes over as many steps, with at least 3 of them
    changes = [rest[lag:] - rest[:-lag] for lag in np.minimum(k + 1, 84 - 3)]
    bounds = [max(np.quantile(own, 0.95, method="nearest"), 0) for own in changes]
    assert_allclose(rise, bounds, atol=1e-12)


def test_growth_goes_on_where_the_spread_follows_the_level_closely():
    """Airline passengers grow by more than ever before, beyond the changes of the past."""
    y = load_airline(as_frame=True).series
    own = Forecaster().fit(y[:-24])
    assert own.log_
    assert own.score(y[-24:]) > -0.6  # -0.94 if the changes of the values were the bound
