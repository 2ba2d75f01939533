"""Intervals and quantiles: residuals, coverage, and what too few residuals allow."""

import pickle
import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LinearRegression, Ridge

from skrnn import Forecaster
from skrnn._forecasting.calibration import TooFewResidualsError
from tests.helpers.series import covariates, months, panel, seasonal, walk

pytestmark = pytest.mark.filterwarnings("ignore:skill_=", "ignore:There are .* training windows")
N = 84
Y = seasonal(N)


def fitted(y=Y, **parameters):
    return Forecaster(Ridge(), **parameters).fit(y)


class TestForm:
    def test_of_a_series(self):
        interval = fitted().predict_interval(5)
        assert list(interval.columns) == ["lower", "upper"]
        assert_array_equal(interval.index, months(5, "2017-01"))
        quantiles = fitted().predict_quantiles(5)
        assert list(quantiles.columns) == [0.1, 0.5, 0.9]

    def test_of_arrays(self):
        forecaster = fitted(Y.to_numpy(), season=12)
        assert_array_equal(forecaster.predict_interval(5), fitted().predict_interval(5))
        wide = fitted(np.column_stack([Y, walk(N), Y]), season=12)
        assert wide.predict_interval(5).shape == (5, 3, 2)
        assert wide.predict_quantiles(5, quantiles=[0.2]).shape == (5, 3, 1)

    def test_of_columns_and_ids(self):
        y = pd.DataFrame({"a": Y, "b": 100 + walk(N)})
        wide = fitted(y).predict_interval(4)
        assert wide.columns.tolist() == [(id, end) for id in "ab" for end in ("lower", "upper")]
        long = fitted(y.unstack().rename_axis(["id", "time"])).predict_interval(4)
        assert list(long.columns) == ["lower", "upper"]
        for id in "ab":
            assert_allclose(long.loc[id], wide[id])

    def test_with_covariates_and_other_histories(self):
        X = covariates(N + 6)
        forecaster = Forecaster(Ridge(), log=False).fit(Y, X[:N])
        for history in ({}, {"y": Y[:-2]}):
            interval = forecaster.predict_interval(4, X, **history)
            forecast = forecaster.predict(4, X, **history)
            assert_allclose(interval.mean(axis=1), forecast)
            assert_array_equal(interval.index, forecast.index)


class TestOrder:
    @pytest.mark.parametrize("settings", [{}, {"log": True}, {"difference": 1}])
    def test_forecasts_and_lower_coverages_lie_inside(self, settings):
        forecaster = fitted(**settings)
        forecast = forecaster.predict(8)
        inner = [forecaster.predict_interval(8, coverage=c) for c in (0.3, 0.6, 0.85)]
        assert (inner[0]["lower"] <= forecast).all()
        assert (inner[0]["upper"] >= forecast).all()
        for one, other in pairwise(inner):
            assert (other["lower"] <= one["lower"]).all()
            assert (other["upper"] >= one["upper"]).all()
            assert (other["upper"] - other["lower"] > one["upper"] - one["lower"]).any()

    def test_later_steps_are_no_more_certain(self):
        width = fitted(Y - 20).predict_interval(20).diff(axis=1)["upper"]
        assert (width.diff().dropna() >= -1e-12).all()
        assert width.iloc[-1] > width.iloc[0]

    def test_quantiles_are_the_ends_of_intervals(self):
        forecaster = fitted(log=True)
        found = forecaster.predict_quantiles(8, quantiles=(0.05, 0.2, 0.5, 0.8, 0.95))
        wide, narrow = (forecaster.predict_interval(8, coverage=c) for c in (0.9, 0.6))
        assert_array_equal(found[[0.05, 0.95]], wide)
        assert_array_equal(found[[0.2, 0.8]], narrow)
        assert_array_equal(found[0.5], forecaster.predict(8))
        assert (found.diff(axis=1).iloc[:, 1:] > 0).all(axis=None)

    def test_logarithms_stay_positive(self):
        rng = np.random.RandomState(0)
        y = pd.Series(np.exp(rng.normal(size=N)), months(N))  # spreads over two decades
        interval = fitted(y, log=True).predict_interval(12, coverage=0.95)
        assert (interval["lower"] > 0).all()
        forecast = fitted(y, log=True).predict(12)
        assert_allclose(interval["lower"] * interval["upper"], forecast**2)
        assert (fitted(y, log=False).predict_interval(12, coverage=0.95)["lower"] < 0).any()


class TestResiduals:
    """Half of a width is a residual of a copy that was fitted on the first part."""

    def by_hand(self, y, n_first, steps, coverage, **settings):
        settings = {"calibration": 0, "drift": 0, **settings}
        copy = Forecaster(LinearRegression(), **settings).fit(y[:n_first])
        widths = []
        for k in range(1, steps + 1):
            residuals = [
                abs(copy.predict(k, y=y[:origin])[-1] - y[origin + k - 1])
                for origin in range(n_first, len(y) - k + 1)
            ]
            rank = int(np.ceil((len(residuals) + 1) * coverage - 1e-9))
            widths.append(max([np.sort(residuals)[rank - 1], *widths[-1:]]))
        return widths

    @pytest.mark.parametrize("coverage", [0.5, 0.8])
    @pytest.mark.parametrize("settings", [{}, {"strategy": "direct", "horizon": 3}])
    def test_by_hand(self, coverage, settings):
        y = walk(60).to_numpy()
        own = Forecaster(LinearRegression(), window=5, log=False, **settings).fit(y)
        interval = own.predict_interval(6, coverage=coverage)
        widths = self.by_hand(y, 36, 6, coverage, window=5, log=False, **settings)
        assert_allclose((interval[:, 1] - interval[:, 0]) / 2, widths)

    def test_the_first_part_has_three_seasons(self):
        y = seasonal(50).to_numpy() - 20
        settings = {"window": 4, "season": 12, "deseasonalize": True, "log": False}
        own = Forecaster(LinearRegression(), **settings).fit(y)
        widths = self.by_hand(y, 36, 3, 0.5, **settings)
        half = np.diff(own.predict_interval(3, coverage=0.5))[:, 0] / 2
        copy = Forecaster(LinearRegression(), calibration=0, **settings).fit(y[:36])
        assert copy.season_ == 12
        assert_allclose(half, widths)

    @pytest.mark.parametrize("n", [30, 36])
    def test_with_fewer_rows_it_has_the_two_seasons_that_show_one(self, n):
        y = seasonal(n).to_numpy() - 20
        settings = {"window": 4, "season": 12, "log": False, "drift": 0}
        own = Forecaster(LinearRegression(), **settings).fit(y)
        half = np.diff(own.predict_interval(3, coverage=0.5))[:, 0] / 2
        assert_allclose(half, self.by_hand(y, 24, 3, 0.5, **settings))

    @pytest.mark.parametrize(("deseasonalize", "n_residuals"), [(False, 12), ("auto", 6)])
    def test_without_a_season_it_needs_no_rows_for_one(self, deseasonalize, n_residuals):
        """The first part of 36 months has 24, which leave another season; it has 30 with one."""
        settings = {"window": 4, "log": False, "deseasonalize": deseasonalize}
        own = Forecaster(LinearRegression(), **settings).fit(seasonal(36))
        with pytest.raises(ValueError, match=f"has {n_residuals}:"):
            own.predict_interval(1, coverage=0.99)

    def test_calibration_is_a_share_of_the_rows(self):
        y = walk(60).to_numpy()
        own = Forecaster(LinearRegression(), window=5, log=False, calibration=0.25).fit(y)
        half = np.diff(own.predict_interval(2, coverage=0.5))[:, 0] / 2
        assert_allclose(half, self.by_hand(y, 45, 2, 0.5, window=5, log=False))

    def test_gaps_have_no_residuals(self):
        y = seasonal(N)
        y.iloc[[60, 70, 71]] = np.nan
        # of 33 origins, three are gaps, and three lie before one: row 70 is both
        with pytest.raises(ValueError, match=r"needs 99 residuals.* has 28"):
            fitted(y, log=False).predict_interval(1, coverage=0.99)


class TestTooFew:
    @pytest.mark.parametrize("coverage", [0.6, 0.8, 0.9, 0.95])
    @pytest.mark.parametrize("gaps", [[], [60, 62, 66, 67, 68, 80, 81]])
    def test_the_steps_and_the_coverage_that_are_named_work(self, coverage, gaps):
        y = Y.copy()
        y.iloc[gaps] = np.nan
        forecaster = fitted(y)
        with pytest.raises(ValueError, match=r"needs .* residuals") as caught:
            forecaster.predict_interval(60, coverage=coverage)
        longest = int(re.search(r"steps <= (\d+)", str(caught.value))[1])
        assert len(forecaster.predict_interval(longest, coverage=coverage)) == longest
        with pytest.raises(ValueError, match=f"steps <= {longest}"):
            forecaster.predict_interval(longest + 1, coverage=coverage)
        with pytest.raises(ValueError, match="coverage <= ") as caught:
            forecaster.predict_interval(longest + 1, coverage=coverage)
        highest = float(re.search(r"coverage <= ([\d.]+\d)", str(caught.value))[1])
        assert highest < coverage
        assert len(forecaster.predict_interval(longest + 1, coverage=highest)) == longest + 1
        with pytest.raises(ValueError, match="residuals"):
            forecaster.predict_interval(longest + 1, coverage=highest + 0.01)

    def test_no_step_works(self):
        with pytest.raises(ValueError, match=r"needs 999 residuals") as caught:
            fitted().predict_interval(1, coverage=0.999)
        assert "steps <=" not in str(caught.value)
        highest = float(re.search(r"coverage <= ([\d.]+\d)", str(caught.value))[1])
        fitted().predict_interval(1, coverage=highest)

    @pytest.mark.parametrize(("steps", "coverage"), [(60, 0.9), (1, 0.999), (33, 0.9)])
    def test_the_error_has_what_its_text_says(self, steps, coverage):
        """After another process, too, as that of a job."""
        with pytest.raises(TooFewResidualsError) as caught:
            fitted().predict_interval(steps, coverage=coverage)
        error = pickle.loads(pickle.dumps(caught.value))
        assert str(error) == str(caught.value)
        assert (error.n_steps, error.coverage) == (steps, coverage)
        assert f"needs {error.needed} residuals" in str(error)
        assert f"calibration has {error.n_residuals}:" in str(error)
        assert (f"steps <= {error.most_steps}" in str(error)) == (error.most_steps > 0)
        is_known = error.n_residuals > 0
        assert (f"coverage <= {error.highest_coverage:g} " in str(error)) == is_known

    def test_quantiles_are_named_as_such(self):
        with pytest.raises(ValueError, match=r"0.999.*residuals.*quantiles 0.016 and 0.984"):
            fitted().predict_quantiles(3, quantiles=[0.5, 0.999])

    def test_series_with_few_residuals_use_those_of_all(self):
        y = pd.concat([panel(72, "ab"), panel(24, ["short"])])
        forecaster = fitted(y, window=4)
        interval = forecaster.predict_interval(12)
        assert not interval.isna().any(axis=None)
        assert (interval["upper"] > interval["lower"]).all()
        with pytest.raises(ValueError, match=r"steps <= \d+"):
            forecaster.predict_interval(40)

    def test_several_series_name_what_works(self):
        forecaster = fitted(panel(60))
        with pytest.raises(ValueError, match=r"steps <= ") as caught:
            forecaster.predict_interval(200)
        longest = int(re.search(r"steps <= (\d+)", str(caught.value))[1])
        assert len(forecaster.predict_interval(longest)) == 3 * longest
        with pytest.raises(ValueError, match="residuals"):
            forecaster.predict_interval(longest + 1)

    def test_residuals_of_all_are_in_units_of_their_scales(self):
        y = pd.concat({"a": Y - 20, "b": seasonal(N, seed=1) - 20}, names=["id", "time"])
        new = pd.concat({"c": seasonal(N, seed=2) - 20}, names=y.index.names)
        bigger = y * np.where(y.index.get_level_values(0) == "b", 1000, 1)
        one, other = (fitted(own).predict_interval(6, y=new) for own in (y, bigger))
        assert_allclose(one.diff(axis=1)["upper"], other.diff(axis=1)["upper"], rtol=1e-6)

    def test_new_series_have_the_residuals_of_all_in_units_of_their_scale(self):
        y = panel(72)
        forecaster = fitted(y, log=False)
        new = pd.concat({"d": y["a"], "e": 1000 * y["a"]}, names=y.index.names)
        width = forecaster.predict_interval(6, y=new).diff(axis=1)["upper"]
        assert_allclose(width["e"], 1000 * width["d"])
        assert (
            0.3
            < (width["d"] / forecaster.predict_interval(6).diff(axis=1)["upper"]["a"]).mean()
            < 3
        )


@pytest.mark.parametrize("kind", ["ar", "walk"])
def test_coverage_of_simulated_series(kind):
    """Of 30 series with 12 steps each; the bounds leave room for the errors of so few."""
    hits = []
    for seed in range(30):
        rng = np.random.RandomState(seed)
        noise = rng.normal(size=232)
        y = np.zeros(232)
        for t in range(2, 232):
            past = 1.2 * y[t - 1] - 0.5 * y[t - 2] if kind == "ar" else y[t - 1]
            y[t] = past + noise[t]
        y = y[100:]
        forecaster = Forecaster(Ridge(10), season=None).fit(y[:120])
        lower, upper = forecaster.predict_interval(12).T
        hits.append((y[120:] >= lower) & (y[120:] <= upper))
    assert 0.8 < np.mean(hits) < 0.98


def test_long_windows_are_forecast_from_fewer_rows():
    """Of many neighbouring rows, some tell as much: the skill and the widths hardly change."""
    y = np.random.RandomState(0).normal(size=1500) + np.sin(np.arange(1500) / 4)
    few, all_ = (Forecaster(LinearRegression(), window=w).fit(y) for w in (110, 25))
    counts = [len(next(iter(f._fitted.calibration.residuals.values()))[0]) for f in (few, all_)]
    assert counts == [2**25 // (600 * 110), 600]
    widths = [f.predict_interval(20) @ [-1, 1] for f in (few, all_)]
    assert_allclose(*widths, rtol=0.15)
    assert_allclose(few.skill_, all_.skill_, atol=0.03)


@pytest.mark.parametrize("n_rows", [11943, 11900])
def test_fewer_rows_are_at_all_hours_of_a_day(n_rows):
    """Nights are quiet: intervals would be too wide or too narrow after the same hour of days."""
    t = pd.date_range("2020-01-01", periods=n_rows, freq="h")
    deviation = np.where((t.hour >= 8) & (t.hour < 18), 4.0, 0.4)
    noise = deviation * np.random.RandomState(0).normal(size=n_rows)
    y = pd.Series(50 + 10 * np.sin(2 * np.pi * t.hour / 24) + noise, t)
    fitted = Forecaster(LinearRegression(), window=100).fit(y)
    width = fitted.predict_interval(24) @ [-1, 1]
    # the 0.9 quantile of |noise| is 5; after one hour of days, widths begin at 7, or end there at 3
    assert (width / 2).between(4.5, 6.3).all()
