"""Forecaster as an estimator of scikit-learn, and the containers that it returns."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_index_equal, assert_series_equal
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import Forecaster, RNNRegressor
from tests.helpers.series import covariates, months, panel, seasonal, walk

SMALL = RNNRegressor(alpha=10, max_iter=20, random_state=0)
pytestmark = pytest.mark.filterwarnings(
    "ignore:skill_=", "ignore:Maximum iterations:sklearn.exceptions.ConvergenceWarning"
)


def linear(**parameters):
    return Forecaster(Ridge(), **parameters)


class TestContainers:
    """The form of y comes back, with the next labels."""

    def test_series(self):
        y = seasonal()
        forecast = linear().fit(y).predict(5)
        assert forecast.name == "sales"
        assert_index_equal(forecast.index, months(5, "2017-01"))

    @pytest.mark.parametrize("last", ["2017-05", pd.Timestamp("2017-05-01"), pd.Period("2017-05")])
    def test_last_label_is_a_number_of_steps(self, last):
        forecaster = linear().fit(seasonal())
        assert_series_equal(forecaster.predict(last), forecaster.predict(5))

    def test_range_index_counts_on(self):
        y = pd.Series(seasonal().to_numpy(), pd.RangeIndex(100, 100 + 2 * 84, 2))
        assert_array_equal(linear().fit(y).predict(3).index, [268, 270, 272])

    def test_arrays_and_lists_are_the_same(self):
        y = seasonal().to_numpy()
        forecast = linear().fit(y).predict(np.int64(4))
        assert isinstance(forecast, np.ndarray)
        assert forecast.shape == (4,)
        assert_array_equal(linear().fit(y.tolist()).predict(4), forecast)
        assert linear().fit(y[:, np.newaxis]).predict(4).shape == (4, 1)

    def test_columns(self):
        y = pd.DataFrame({"a": seasonal(), "b": walk()})
        forecast = linear().fit(y).predict(4)
        assert list(forecast.columns) == ["a", "b"]
        assert_index_equal(forecast.index, months(4, "2017-01"))
        assert_allclose(linear(season=12).fit(y.to_numpy()).predict(4), forecast.to_numpy())

    def test_ids(self):
        forecast = linear().fit(panel()).predict(2)
        assert forecast.index.names == ["shop", "month"]
        assert_array_equal(forecast.index.get_level_values(0), list("aabbcc"))
        assert_array_equal(forecast["b"].index, months(2, "2016-01"))

    def test_single_precision_stays(self):
        y = seasonal()
        single = linear().fit(y.astype("float32")).predict(6)
        assert single.dtype == np.float32
        assert_allclose(single, linear().fit(y).predict(6), rtol=1e-4)

    def test_in_sample_has_the_labels_of_y_and_begins_after_a_window(self):
        y = seasonal().drop(months(84)[40])
        y.iloc[30] = np.nan
        inside = linear(window=7).fit(y).predict_insample()
        assert_index_equal(inside.index, y.index)
        assert_array_equal(np.flatnonzero(inside.isna()), range(7))

    def test_in_sample_is_the_forecast_of_one_step(self):
        y = seasonal()
        forecaster = linear(window=7).fit(y)
        inside = forecaster.predict_insample()
        for row in (20, 55, 83):
            assert_allclose(inside.iloc[row], forecaster.predict(1, y=y[:row]).iloc[0])


class TestAttributes:
    def test_of_one_series(self):
        y = seasonal(growth=0.01)
        forecaster = linear().fit(y)
        assert (forecaster.season_, forecaster.window_, forecaster.freq_) == (12, 12, "MS")
        assert forecaster.end_ == y.index[-1]
        assert forecaster.n_series_ == 1
        assert isinstance(forecaster.regressor_, Ridge)
        assert forecaster.seasonal_.shape == (12,)
        assert isinstance(forecaster.log_, bool)

    def test_of_several_series(self):
        forecaster = linear().fit(panel())
        assert forecaster.n_series_ == 3
        assert set(forecaster.log_) == set(forecaster.seasonal_) == set(forecaster.end_) == {*"abc"}

    def test_without_a_season(self):
        forecaster = linear(season=None).fit(seasonal())
        assert (forecaster.season_, forecaster.window_, forecaster.seasonal_) == (1, 10, None)

    @pytest.mark.filterwarnings("ignore:window='auto' is")
    def test_window_is_at_most_a_third_of_the_shortest_series(self):
        y = pd.concat([panel(), panel(15, ["short"])])
        assert linear().fit(y).window_ == 5

    def test_no_calibration_no_skill(self):
        assert linear(calibration=0).fit(seasonal()).skill_ is None

    def test_skill_compares_with_the_better_naive_forecast(self):
        t = np.arange(120)
        smooth = np.sin(t / 3.7) + 0.3 * np.sin(t / 1.9)  # a linear model continues it exactly
        assert Forecaster(LinearRegression()).fit(smooth).skill_ > 0.7

    @pytest.mark.parametrize("make", [seasonal, walk])
    def test_skill_by_hand(self, make):
        """Of the first season, or 10 steps, after each row of the last 40 %."""
        y = make(84)
        settings = {"window": 4, "season": 12 if make is seasonal else None, "log": False}
        own = linear(**settings).fit(y)
        copy, steps = linear(calibration=0, **settings).fit(y[:51]), own.season_
        steps, season = (12, 12) if steps == 12 else (10, 1)
        missed = np.zeros(3)
        for origin in range(51, 84):
            past, truth = y[:origin], y[origin : origin + steps].to_numpy()
            n = len(truth)
            last = np.tile(past[-season:], 12)[:n]
            forecast = copy.predict(n, y=past)
            for j, guess in enumerate((forecast, past.iloc[-1], last)):
                missed[j] += np.abs(guess - truth).sum()
        assert (missed[1] > missed[2]) == (make is seasonal)
        assert_allclose(own.skill_, 1 - missed[0] / min(missed[1:]))

    def test_no_skill_warns(self):
        noise = np.random.RandomState(0).normal(size=60).cumsum()
        with pytest.warns(UserWarning, match="repeating the last values is no worse"):
            forecaster = Forecaster(LinearRegression(), window=18).fit(noise)
        assert forecaster.skill_ <= 0

    @pytest.mark.parametrize("calibration", [0, 0.4])
    def test_windows_of_one_row_are_no_mistake(self, calibration):
        """The network's own words for sequences of one step speak of X, which wasn't passed."""
        t = np.arange(80)
        y = 20 + 0.9 ** np.minimum(t % 20, 12) + 0.01 * np.random.RandomState(0).normal(size=80)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            Forecaster(SMALL, window=1, calibration=calibration).fit(y)
        assert not [str(own.message) for own in caught if "sequence" in str(own.message)]

    def test_backtests_leave_doubts_to_their_skill(self):
        noise = np.random.RandomState(0).normal(size=80)
        network = RNNRegressor(random_state=0)
        with pytest.warns(UserWarning, match="^The windows say next to nothing of"):
            Forecaster(network, window=1, calibration=0).fit(noise)
        with warnings.catch_warnings():
            warnings.filterwarnings("error", ".*next to nothing")
            warnings.filterwarnings("ignore", "There are .* training windows")
            folds = Forecaster(network, window=1).backtest(noise)
        assert folds.attrs["summary"]["skill"] < 0.6

    @pytest.mark.parametrize("calibration", [0, 0.4])
    def test_warnings_of_other_threads_stay(self, calibration):
        """Filters belong to the process: a fit that changed them would mute other threads."""
        found = []

        class Spy(LinearRegression):
            def fit(self, X, y):
                found.append(warnings.filters[:])
                return super().fit(X, y)

        Forecaster(Spy(), window=5, calibration=calibration).fit(walk(60))
        assert found == [warnings.filters[:]] * len(found)
        assert found

    def test_few_windows_warn(self):
        with pytest.warns(UserWarning, match="There are 29 training windows"):
            linear(window=5, calibration=0).fit(walk(34))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            linear(window=5, calibration=0).fit(walk(35))


class TestConventions:
    def test_clone_of_a_fitted_one_gives_the_same_bits(self):
        y = seasonal()
        forecaster = Forecaster(SMALL, window=6).fit(y)
        copy = clone(forecaster)
        assert not hasattr(copy, "regressor_")
        assert_series_equal(copy.fit(y).predict(9), forecaster.predict(9), check_exact=True)

    def test_pickle_gives_the_same_bits(self):
        y, X = seasonal(72), covariates(80)
        forecaster = Forecaster(SMALL, calendar="month").fit(y, X[:72])
        copy = pickle.loads(pickle.dumps(forecaster))
        for method in ("predict", "predict_interval"):
            one, other = (getattr(own, method)(8, X) for own in (forecaster, copy))
            assert_array_equal(one, other)
        later = pd.Series([20.0], months(1, "2016-01"))
        one, other = (own.update(later, X[72:73]).predict(2, X) for own in (forecaster, copy))
        assert_array_equal(one, other)

    def test_repr_and_html(self):
        forecaster = Forecaster(Ridge(), window=6)
        assert "window=6" in repr(forecaster)
        assert "log" not in repr(forecaster)  # defaults aren't shown
        assert "Ridge" in forecaster._repr_html_()
        assert "Forecaster" in Forecaster()._repr_html_()
        assert "Forecaster" in forecaster.fit(seasonal())._repr_html_()

    def test_parameters_of_the_default_regressor(self):
        forecaster = Forecaster().set_params(regressor__alpha=3, window=5)
        assert forecaster.get_params()["regressor__alpha"] == 3
        assert forecaster.regressor.alpha == 3
        assert clone(forecaster).get_params()["regressor__alpha"] == 3
        assert "regressor__max_iter" in Forecaster().get_params()
        assert Forecaster().get_params(deep=False)["regressor"] is None
        with pytest.raises(ValueError, match="nothing"):
            Forecaster().set_params(regressor__nothing=1)

    def test_fit_leaves_parameters_alone(self):
        forecaster = linear(calendar=["month"])
        before = forecaster.get_params()
        forecaster.fit(seasonal())
        assert forecaster.get_params() == before
        assert not hasattr(forecaster.regressor, "coef_")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("regressor", StandardScaler()),
            ("window", 0),
            ("window", "all"),
            ("strategy", "recurse"),
            ("horizon", 0),
            ("season", 0),
            ("season", 1.5),
            ("log", "always"),
            ("deseasonalize", "subtract"),
            ("difference", -1),
            ("center", "median"),
            ("drift", "some"),
            ("drift", 1.5),
            ("drift", -0.1),
            ("multivariate", "yes"),
            ("calibration", 1.0),
            ("calibration", -0.1),
        ],
    )
    def test_parameters_are_validated(self, name, value):
        with pytest.raises(ValueError, match=name):
            Forecaster(**{name: value}).fit(seasonal())
        fitted = linear(calibration=0).fit(seasonal(60)).set_params(**{name: value})
        with pytest.raises(ValueError, match=name):
            fitted.update(seasonal(72)[60:], refit=True)

    def test_pipelines_are_regressors(self):
        pipeline = make_pipeline(StandardScaler(), Ridge())
        y = seasonal()
        forecast = Forecaster(pipeline).fit(y).predict(12)
        # Ridge on standardized windows differs from Ridge, but both know the season
        assert np.abs(forecast - 20).max() > 2
        assert not np.isnan(forecast).any()


class TestEdges:
    @pytest.mark.parametrize("regressor", [Ridge(), SMALL])
    @pytest.mark.parametrize("constant", [0.0, 0.1, -7.0, 1e12])
    def test_a_constant_is_repeated(self, regressor, constant):
        y = pd.Series(constant, months(60))
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            forecaster = Forecaster(regressor).fit(y)
            assert_array_equal(forecaster.predict(15), np.full(15, constant))
            interval = forecaster.predict_interval(15)
        assert_array_equal(interval["upper"] - interval["lower"], np.zeros(15))

    def test_a_constant_among_others(self):
        y = pd.DataFrame({"a": seasonal(), "b": 3.0})
        forecast = linear().fit(y).predict(12)
        assert_array_equal(forecast["b"], np.full(12, 3.0))
        assert forecast["a"].std() > 1
