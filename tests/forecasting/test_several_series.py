"""Several series: one global or one multivariate model, and histories that fit hasn't seen."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal, assert_series_equal
from sklearn.linear_model import LinearRegression, Ridge

from skrnn import Forecaster, RNNRegressor
from tests.helpers.series import months, panel, seasonal, walk

pytestmark = pytest.mark.filterwarnings(
    "ignore:skill_=",
    "ignore:There are .* training windows",
    "ignore:Maximum iterations:sklearn.exceptions.ConvergenceWarning",
)
N = 72


def linear(**parameters):
    return Forecaster(Ridge(), **parameters)


def times(y):
    return y.index.get_level_values(-1)


class TestGlobal:
    def test_one_model_learns_from_all(self):
        """Short series of one process: a model of all is better than one of each."""
        rng = np.random.RandomState(0)
        parts = {}
        for id in range(30):
            y = np.zeros(50)
            for t in range(2, 50):
                y[t] = 1.5 * y[t - 1] - 0.8 * y[t - 2] + rng.normal()
            parts[id] = pd.Series(y[16:])
        y = pd.concat(parts, names=["id", "step"])
        past, truth = y[times(y) < 28], y[times(y) >= 28]
        settings = {"window": 10, "center": None, "log": False, "season": None}
        together = Forecaster(LinearRegression(), **settings).fit(past).predict(6)
        alone = [
            Forecaster(LinearRegression(), **settings).fit(past[id]).predict(6) for id in parts
        ]
        missed = np.abs(together.to_numpy() - truth).mean()
        assert missed < 0.9 * np.abs(np.concatenate(alone) - truth).mean()

    def test_windows_never_cross(self):
        y = pd.concat({"a": walk(30), "b": 1e6 + walk(20), "c": -1e6 + walk(25)})
        own = linear(window=5, center=None, log=False, season=None).fit(y)
        table, target = own.training_windows(y)
        assert len(target) == 30 + 20 + 25 - 3 * 5
        levels = np.column_stack([table, target])
        assert_array_equal(np.sign(levels + 1).min(axis=1), np.sign(levels).max(axis=1))

    def test_networks_hold_out_windows_that_share_no_row_with_others(self):
        y = pd.concat({"a": walk(60), "b": walk(50, seed=1)})
        network = RNNRegressor(
            early_stopping=True, validation_fraction=0.3, max_iter=15, random_state=0
        )
        own = Forecaster(network, window=5, season=None, calibration=0).fit(y)
        assert own.regressor_.n_left_out_ == 5  # those of b before the first that is held out

    def test_log_season_and_scale_are_each_ones_own(self):
        t = np.arange(N)
        grows = pd.Series(np.exp(0.05 * t) * (2 + np.sin(t * np.pi / 6)), months(N))
        y = pd.concat({"grows": grows, "steady": 100 + seasonal(N, growth=0.5)})
        own = linear().fit(y)
        assert own.log_ == {"grows": True, "steady": False}
        for id in own.log_:
            alone = linear().fit(y[id])
            assert alone.log_ == own.log_[id]
            assert (alone.seasonal_ is None) == (own.seasonal_[id] is None)
            if alone.seasonal_ is not None:
                assert_array_equal(alone.seasonal_, own.seasonal_[id])

    def test_units_and_order_do_not_matter(self):
        y = panel(N)
        forecast = linear(log=False).fit(y).predict(4)
        bigger = y * np.where(y.index.get_level_values(0) == "b", 1e4, 1)
        scaled = linear(log=False).fit(bigger).predict(4)
        assert_allclose(scaled["a"], forecast["a"], rtol=1e-6)
        assert_allclose(scaled["b"], 1e4 * forecast["b"], rtol=1e-6)
        other = linear(log=False).fit(pd.concat([y[["c"]], y[["a"]], y[["b"]]])).predict(4)
        assert_array_equal(other.index.get_level_values(0).unique(), list("cab"))
        assert_allclose(other[forecast.index], forecast, rtol=1e-6)

    def test_rows_may_be_sorted_by_time(self):
        y = panel(N)
        assert_series_equal(
            linear().fit(y.sort_index(level=1, sort_remaining=False)).predict(3)[list("abc")],
            linear().fit(y).predict(3),
        )

    def test_columns_and_ids_are_the_same(self):
        wide = panel(N).unstack(0)
        assert_allclose(linear().fit(wide).predict(5), linear().fit(panel(N)).predict(5).unstack(0))


class TestEnds:
    def test_series_continue_from_their_own_ends(self):
        y = pd.concat({"a": seasonal(N), "b": seasonal(N, seed=1)[:-5], "c": walk(N)[10:]})
        own = linear().fit(y)
        assert own.end_ == {"a": months(N)[-1], "b": months(N)[-6], "c": months(N)[-1]}
        forecast = own.predict(3)
        assert_array_equal(forecast["a"].index, months(3, "2016-01"))
        assert_array_equal(forecast["b"].index, months(3, "2015-08"))
        until = own.predict("2016-03")
        assert_array_equal(until["b"].index, months(8, "2015-08"))
        assert_array_equal(until["a"], forecast["a"])
        assert_array_equal(until["b"][:3], forecast["b"])

    def test_columns_end_together(self):
        y = pd.DataFrame({"a": seasonal(N), "b": seasonal(N, seed=1)})
        y.iloc[-4:, 1] = np.nan
        y.iloc[:6, 0] = np.nan
        own = linear().fit(y)
        assert own.end_ == months(N)[-1]
        forecast = own.predict(3)
        assert_array_equal(forecast.index, months(3, "2016-01"))
        parts = {"a": y["a"].dropna(), "b": y["b"].dropna()}
        long = linear().fit(pd.concat(parts)).predict("2016-03")
        assert_allclose(forecast["b"], long["b"][-3:])
        assert_allclose(forecast["a"], long["a"])

    def test_a_label_before_an_end(self):
        y = pd.concat({"a": seasonal(N), "b": seasonal(N, seed=1)[:-5]})
        with pytest.raises(ValueError, match=r"steps='2015-10'.*2015-12-01.*series 'a'"):
            linear().fit(y).predict("2015-10")


class TestMultivariate:
    def test_one_column_leads_the_other(self):
        rng = np.random.RandomState(0)
        lead = pd.Series(rng.normal(size=120), months(120))
        y = pd.DataFrame({"lead": lead, "follow": 10 * lead.shift(1).fillna(0)})
        settings = {"window": 4, "log": False, "season": None}
        known = lead.iloc[100:-1].abs() < 1  # the guard lets these pass
        missed = []
        for multivariate in (True, False):
            own = Forecaster(LinearRegression(), multivariate=multivariate, **settings)
            inside = own.fit(y).predict_insample()["follow"] - y["follow"]
            missed.append(inside.iloc[101:][known.to_numpy()].abs().mean())
        assert missed[0] < 0.1 * missed[1]

    def test_form(self):
        y = pd.DataFrame({"a": seasonal(N), "b": walk(N)})
        own = linear(multivariate=True, window=3).fit(y)
        table, target = own.training_windows(y)
        assert list(table.columns) == [f"{id}_lag{i}" for i in (2, 1, 0) for id in ("y0", "y1")]
        assert target.shape == (N - 3, 2)
        assert own.n_series_ == 2
        assert_frame_equal(own.predict(4, y=y), own.predict(4))
        assert own.predict_interval(4).shape == (4, 4)

    def test_columns_that_end_earlier_are_forecast_over(self):
        y = pd.DataFrame({"a": seasonal(N), "b": walk(N)})
        y.iloc[-3:, 1] = np.nan
        forecast = linear(multivariate=True).fit(y).predict(2)
        assert_array_equal(forecast.index, months(2, "2016-01"))
        both = linear(multivariate=True).fit(y[:-3]).predict(5)
        assert_allclose(forecast, both[-2:])

    def test_columns_without_a_common_row(self):
        y = pd.DataFrame({"a": seasonal(N), "b": walk(N)})
        y.iloc[30:, 0] = np.nan
        y.iloc[:40, 1] = np.nan
        with pytest.raises(ValueError, match=r"multivariate=True.*multivariate=False"):
            linear(multivariate=True).fit(y)

    def test_the_network_reads_all_columns(self):
        y = pd.DataFrame({"a": seasonal(N), "b": walk(N)})
        network = RNNRegressor(alpha=10, max_iter=10, random_state=0)
        own = Forecaster(network, multivariate=True, window=4).fit(y)
        assert own.regressor_.n_features_per_step == 2
        assert own.predict(5).shape == (5, 2)


class TestOtherHistories:
    """``predict(y=)`` forecasts after them by what was fitted."""

    @pytest.mark.parametrize(
        "settings",
        [
            {},
            {"log": True, "deseasonalize": True},
            {"difference": 1, "center": "last"},
            {"deseasonalize": "difference"},
            {"strategy": "direct", "horizon": 4},
            {"calendar": "month"},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("form", ["series", "array", "columns", "ids", "multivariate"])
    @pytest.mark.filterwarnings("ignore:deseasonalize=True takes no season")
    def test_is_update_and_predict(self, settings, form):
        if form == "array" and "calendar" in settings:
            settings = {}
        parts = {"a": seasonal(N, growth=0.1), "b": 50 + seasonal(N, seed=5)}
        y = parts["a"] if form == "series" else pd.DataFrame(parts)
        y = {"array": parts["a"].to_numpy(), "ids": pd.concat(parts)}.get(form, y)
        early = np.arange(N) < 60 if form == "array" else times(y) < months(N)[60]
        own = linear(multivariate=form == "multivariate", **settings).fit(y[early])
        forecast = own.predict(7, y=y)
        shorter = None if form == "array" else own.predict(7, y=y[times(y) >= months(N)[20]])
        own.update(y[~early])
        assert_array_equal(own.predict(7), forecast)
        if shorter is not None:  # the phase of the season is that of the calendar
            assert_allclose(shorter, forecast)
            assert_array_equal(shorter.index, forecast.index)

    def test_update_in_parts_over_a_gap(self):
        y = seasonal(N)
        one = linear().fit(y[:50]).update(y[50:55]).update(y[60:])
        holey = y.copy()
        holey.iloc[55:60] = np.nan
        assert_array_equal(one.predict(5), linear().fit(y[:50]).predict(5, y=holey))
        assert one.end_ == y.index[-1]
        assert one.update(seasonal(N + 2)[-2:], refit=True).end_ == months(N + 2)[-1]

    def test_refit_is_a_fit_on_all(self):
        y = seasonal(N)
        own = linear().fit(y[:50]).update(y[50:], refit=True)
        expected = linear().fit(y)
        assert_array_equal(own.predict(5), expected.predict(5))
        assert own.skill_ == expected.skill_

    def test_unseen_ids_take_their_own_scale_and_season(self):
        y, other = panel(N), seasonal(N, seed=8) - 20
        own = linear(log=False).fit(y)
        new = {"d": 1e5 + 1e6 * (other - 20), "a": y["a"]}
        forecast = own.predict(12, y=pd.concat(new, names=y.index.names))
        assert_array_equal(forecast["a"], own.predict(12)["a"])
        same = own.predict(12, y=pd.concat({"e": other}, names=y.index.names))
        assert_allclose(forecast["d"], 1e5 + 1e6 * (same["e"] - 20))
        truth = 3 * np.sin(np.arange(N, N + 12) * np.pi / 6)
        assert np.abs(same["e"] - truth).mean() < 1

    @pytest.mark.parametrize("settings", [{}, {"drift": 1}, {"log": True}])
    def test_an_unseen_id_with_one_row_is_repeated(self, settings):
        """No change of it is known, so none is forecast."""
        own = linear(window=1, season=None, **settings).fit(panel(N))
        new = pd.concat({"d": pd.Series([7.0], months(1))}, names=["shop", "month"])
        assert_allclose(own.predict(3, y=new), 7)

    def test_they_leave_the_forecaster_alone(self):
        own = linear().fit(seasonal(N))
        before = own.predict_interval(3)
        own.predict(3, y=walk(40))
        assert_frame_equal(own.predict_interval(3), before)

    def test_score_over_a_gap(self):
        y = seasonal(N)
        own = linear().fit(y[:50])
        forecast = own.predict(12)[-4:]
        scale = y[:50].diff(12).abs().mean()
        assert_allclose(own.score(y[58:62]), -(y[58:62] - forecast).abs().mean() / scale)

    def test_score_of_several_is_the_mean_of_theirs(self):
        y = panel(N)
        past = y[times(y) < months(N)[60]]
        own, scores = linear().fit(past), []
        for id in "abc":
            scale = past[id].diff(12).abs().mean()
            scores.append((own.predict(12)[id] - y[id][60:]).abs().mean() / scale)
        assert_allclose(own.score(y.drop(past.index)), -np.mean(scores))


@pytest.mark.filterwarnings("ignore:window='auto' is")
class TestSharedSeason:
    """A series that is too short to show its season takes that of the others."""

    SHAPE = 1 + 0.3 * np.sin(2 * np.pi * np.arange(12) / 12)

    def shops(self, *, n_short=15, n_noise=0):
        """Three shops with five years, one with the last months, and others without a season."""
        rng, parts = np.random.RandomState(0), {}
        for j, name in enumerate(["long0", "long1", "long2", "short"]):
            values = 50 * (j + 1) * np.resize(self.SHAPE, 60) * (1 + 0.01 * rng.normal(size=60))
            first = 60 - n_short if name == "short" else 0
            parts[name] = pd.Series(values, months(60))[first:]
        for j in range(n_noise):
            parts[f"noise{j}"] = pd.Series(rng.uniform(90, 110, size=60), months(60))
        return pd.concat(parts, names=["shop", "month"])

    def test_its_forecasts_have_it(self):
        y = self.shops()
        forecast = linear().fit(y).predict(12)["short"]
        truth = 200 * self.SHAPE
        alone = linear().fit(y["short"]).predict(12)
        assert np.abs(forecast - truth).mean() < 0.1 * np.abs(alone - truth).mean()

    @pytest.mark.parametrize("log", [False, True])
    def test_it_is_the_median_of_factors(self, log):
        y = self.shops()
        seasons = linear(log=log, calibration=0).fit(y).seasonal_
        rows = [seasons[id_] for id_ in ("long0", "long1", "long2")]
        means = [50 * np.ones(12) if log else y[id_].mean() for id_ in ("long0", "long1", "long2")]
        pairs = zip(rows, means, strict=True)
        factors = np.median([np.exp(r) if log else 1 + r / mean for r, mean in pairs], axis=0)
        expected = np.log(factors / factors.mean()) if log else factors / factors.mean()
        assert_allclose(seasons["short"], expected - expected.mean() if log else expected)

    def test_none_if_less_than_half_of_the_others_have_one(self):
        assert linear().fit(self.shops(n_noise=3)).seasonal_["short"] is not None
        assert linear().fit(self.shops(n_noise=4)).seasonal_["short"] is None

    def test_it_is_added_to_a_series_that_is_not_positive(self):
        y = self.shops()
        y["short"] = y["short"].to_numpy() - 170.0
        own = linear(calibration=0).fit(y)
        assert (y["short"] < 0).any()
        assert_allclose(own.seasonal_["short"].mean(), 0, atol=1e-12)
        same = linear(calibration=0).fit(self.shops()).seasonal_["short"]
        assert_allclose(own.seasonal_["short"], (same - 1) * y["short"].mean())
        y["short"] = -self.shops()["short"].to_numpy()  # factors mean nothing below 0
        assert not np.any(linear(calibration=0).fit(y).seasonal_["short"])

    @pytest.mark.parametrize("deseasonalize", [False, "difference"])
    def test_none_where_none_is_taken_away(self, deseasonalize):
        y = self.shops(n_short=27)
        own = linear(deseasonalize=deseasonalize, window=4, calibration=0).fit(y)
        assert own.seasonal_ == dict.fromkeys(y.index.unique("shop"))

    def test_it_has_residuals_of_its_own(self):
        own = linear().fit(self.shops())  # of 24 rows of three shops, and of 6 of the last one
        with pytest.raises(ValueError, match="has 78:"):
            own.predict_interval(1, coverage=0.99)

    def test_no_factors_of_values_that_change_their_sign(self):
        y = self.shops()
        y[:] = y.to_numpy() - np.repeat([49, 98, 147, 0], [60, 60, 60, 15])  # means of 1, 2 and 3
        seasons = linear(calibration=0).fit(y).seasonal_
        assert seasons["long0"] is not None
        assert seasons["short"] is None

    def test_its_scale_is_that_of_what_is_left(self):
        y = self.shops()
        own = linear(window=1, center=None, log=False, calibration=0).fit(y)
        X, target = own.training_windows(y)
        levels = [*X.iloc[-14:, 0], np.asarray(target)[-1]]  # the 15 rows of the last shop
        assert_allclose(np.std(levels), 1)

    def test_labels_that_are_never_the_same_share_nothing(self):
        even = pd.date_range("2024-01-01", periods=96, freq="2h")
        wave = pd.Series(np.resize(self.SHAPE, 96), even)
        odd = pd.Series(wave[-15:].to_numpy(), even[-15:] + pd.Timedelta(hours=1))
        y = pd.concat({"long": wave, "short": odd}, names=["place", "time"])
        own = linear(window=4, calibration=0).fit(y)
        assert own.seasonal_["long"] is not None
        assert own.seasonal_["short"] is None

    def test_of_ids_that_fit_has_not_seen(self):
        y = self.shops()
        whole, without = linear(window=4).fit(y), linear(window=4).fit(y.drop("short"))
        new = pd.concat({"new": y["short"]}, names=y.index.names)
        truth = 200 * self.SHAPE
        for own in (whole, without):
            assert np.abs(own.predict(12, y=new)["new"] - truth).mean() < 0.05 * truth.mean()


class TestColumnsThatEnd:
    """A column whose new values are all missing."""

    def test_update(self):
        wide = pd.DataFrame({"a": seasonal(N), "b": walk(N)})
        new = pd.DataFrame({"a": [20.0], "b": np.nan}, months(N + 1)[-1:])
        own = linear().fit(wide)
        expected = own.predict(3, y=pd.concat([wide, new]))
        later_b = own.predict(4)["b"].iloc[1:]  # from its own last value on
        assert_frame_equal(own.update(new).predict(3), expected)
        assert_allclose(expected["b"], later_b)

    def test_score(self):
        wide = pd.DataFrame({"a": seasonal(N + 6), "b": walk(N + 6)})
        wide.loc[wide.index[N:], "b"] = np.nan
        own = linear().fit(wide[:N])
        error = (own.predict(6)["a"] - wide["a"][N:]).abs().mean()
        assert_allclose(own.score(wide[N:]), -error / wide["a"][:N].diff(12).abs().mean())

    def test_no_column_may_be_without_values_throughout(self):
        wide = pd.DataFrame({"a": seasonal(N), "b": walk(N)})
        own = linear().fit(wide)
        with pytest.raises(ValueError, match="series 'a' of y has no values"):
            own.update(pd.DataFrame({"a": [np.nan], "b": np.nan}, months(N + 1)[-1:]))


class TestShortSeries:
    """A window is at most a third of the shortest series."""

    @pytest.mark.parametrize("of", ["ids", "columns"])
    def test_that_make_the_window_short_are_named(self, of):
        y = pd.concat([panel(), panel(5, ["new"])])
        y = y if of == "ids" else y.unstack(0)
        message = (
            r"window='auto' is 1 step, .*: series 'new' of y has 5 rows\. Without it, it is 12\. "
            r".*after 12 rows or more .*predict\(y=\.\.\.\)\. To keep all, pass window=1\."
        )
        with pytest.warns(UserWarning, match=message):
            own = Forecaster(Ridge(), calibration=0).fit(y)
        assert own.window_ == 1
        Forecaster(Ridge(), calibration=0, window=1).fit(y)  # without a warning, as the rest

    def test_what_the_warning_advises(self):
        y = pd.concat([panel(), panel(14, ["new"]), panel(13, ["newer"])])
        with pytest.warns(UserWarning, match=r"'new'.* 14 rows, .*'newer'.* 13 .*these, it is 12"):
            Forecaster(Ridge(), calibration=0).fit(y)
        own = Forecaster(Ridge(), calibration=0).fit(y.drop(["new", "newer"]))
        assert own.window_ == 12
        forecast = own.predict(3, y=y.loc[["new", "newer"]])
        assert len(forecast) == 6
        assert forecast.notna().all()

    def test_that_are_half_as_long_or_many_bring_no_warning(self):
        Forecaster(Ridge(), calibration=0).fit(pd.concat([panel(), panel(18, ["new"])]))
        Forecaster(Ridge(), calibration=0).fit(pd.concat([panel(12, "abc"), panel(72, "de")]))


class TestZones:
    @pytest.mark.parametrize(
        ("zone", "other", "message"),
        [
            (
                "Europe/Berlin",
                None,
                r"'a' of y has .*\+01:00, of the zone Europe/Berlin; series 'b' of y has "
                r"2010-01-01 00:00:00, without a zone\. Use tz_localize\('Europe/Berlin'\)",
            ),
            (None, "UTC", r"'a' of y has .*00, without.*'b' .*UTC\. Use tz_localize\('UTC'\)"),
            ("UTC", "Asia/Tokyo", r"'a' .*UTC; series 'b' .*Tokyo\. Use tz_convert\('UTC'\)"),
        ],
    )
    def test_series_of_different_ones_are_named(self, zone, other, message):
        days = pd.date_range("2010-01-01", periods=40)
        parts = {"a": walk(40).set_axis(days.tz_localize(zone))}
        parts["b"] = walk(40, seed=1).set_axis(days.tz_localize(other))
        index = [(id, label) for id, own in parts.items() for label in own.index]
        y = pd.Series(np.concatenate(list(parts.values())), pd.MultiIndex.from_tuples(index))
        with pytest.raises(ValueError, match=message) as caught:
            linear().fit(y)
        call = re.search(r"Use (tz_\w+)\('(.*)'\) on those .*, before", str(caught.value))
        for id, own in parts.items():
            if str(own.index.tz) != call[2]:
                parts[id] = getattr(own, call[1])(call[2])
        mended = pd.concat(parts, names=["id", "day"])
        assert str(times(linear(calibration=0).fit(mended).predict(2)).tz) == call[2]

    def test_labels_of_different_ones_are_named(self):
        days = pd.date_range("2010-01-01", periods=40)
        labels = [*days[:20], *days[20:].tz_localize("UTC")]
        y = walk(40).set_axis(pd.Index(labels, dtype=object))
        message = r"y has 2010-01-01 00:00:00, without a zone; y has 2010-01-21.* UTC\. Use tz_loc"
        with pytest.raises(ValueError, match=message):
            linear().fit(y)
