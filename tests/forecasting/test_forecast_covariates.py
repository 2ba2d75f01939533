"""Covariates: which rows of X a forecast reads, how it reads them, and what is refused."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_series_equal
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import TimeSeriesSplit

from skrnn import Forecaster, RNNRegressor
from tests.helpers.series import covariates, months, panel, seasonal

pytestmark = pytest.mark.filterwarnings(
    "ignore:skill_=", "ignore:Maximum iterations:sklearn.exceptions.ConvergenceWarning"
)
N, MORE = 84, 12
Y, X = seasonal(N), covariates(N + MORE)
# changes from the last known price stay well within those before
PRICE = pd.Series(np.random.RandomState(0).uniform(-1, 1, N + MORE), months(N + MORE), name="price")
PRICE.iloc[N - 1] = 0.0


def fitted(X=X, **parameters):
    return Forecaster(Ridge(), **parameters).fit(Y, X[:N])


def panel_and_covariates():
    y = panel(N)
    X = pd.concat({id: covariates(N + MORE, seed=j) for j, id in enumerate("abc")})
    X.index.names = y.index.names
    return y, X


def inside(y, X):
    return X.loc[y.index]


class TestUse:
    """Covariates that drive y make forecasts better."""

    def test_a_spread_that_they_cause_makes_no_season_multiply(self):
        rng, days = np.random.RandomState(0), pd.date_range("2024-01-01", periods=214)
        promo = pd.Series(rng.binomial(1, 0.2, 214), days)
        y = 50 + 20 * promo + 5 * days.day_of_week + rng.normal(size=214)
        alone = Forecaster(Ridge()).fit(y[:200])
        assert_allclose(alone.seasonal_.mean(), 1)  # the spread grows with the level
        own = Forecaster(Ridge()).fit(y[:200], promo[:200])
        assert_allclose(own.seasonal_.mean(), 0, atol=1e-12)

    def test_rare_causes_have_their_whole_effect(self):
        rng, n = np.random.RandomState(0), 400
        promo = (rng.uniform(size=n + 30) < 0.03).astype(float)
        promo[n - 5 : n], promo[n + 9] = 0, 1
        days = pd.date_range("2023-01-01", periods=n + 30, freq="D")
        y = pd.Series(20 + 10 * promo + rng.normal(size=n + 30), days)
        forecast = Forecaster(Ridge(), season=None).fit(y[:n], promo[:n]).predict(30, promo[n:])
        expected = 20 + 10 * promo[n:]
        assert promo[:n].sum() < 20  # fewer than 5 % of the changes
        assert np.abs(forecast - expected).max() < 2

    @pytest.mark.parametrize("strategy", [{}, {"strategy": "direct", "horizon": 6}])
    def test_of_a_number(self, strategy):
        y, truth = Y + 5 * PRICE[:N], seasonal(N + 6)[N:] + 5 * PRICE[N : N + 6]
        with_X = Forecaster(Ridge(), **strategy).fit(y, PRICE[:N]).predict(6, PRICE)
        without = Forecaster(Ridge(), **strategy).fit(y).predict(6)
        assert (with_X - truth).abs().mean() < 0.5 * (without - truth).abs().mean()

    def test_of_the_step_that_is_predicted_and_no_other(self):
        y = 10 + 5 * PRICE
        forecaster = Forecaster(LinearRegression(), center=None, log=False, season=None, window=3)
        forecast = forecaster.fit(y[:N], PRICE[:N]).predict(MORE, PRICE)
        assert_allclose(forecast, y[N:], rtol=1e-6)

    def test_of_a_category(self):
        y = Y + 5 * (X["kind"][:N] == "x")
        truth = seasonal(N + MORE)[N:] + 5 * (X["kind"][N:] == "x")
        with_X = Forecaster(Ridge()).fit(y, X[:N]).predict(MORE, X)
        without = Forecaster(Ridge()).fit(y).predict(MORE)
        assert (with_X - truth).abs().mean() < 0.5 * (without - truth).abs().mean()

    def test_by_the_network(self):
        y = Y + 5 * PRICE[:N]
        scores = [
            Forecaster(RNNRegressor(alpha=1, random_state=0), window=6)
            .backtest(y, own, cv=TimeSeriesSplit(2, test_size=6))
            .attrs["summary"]["MAE"]
            for own in (None, PRICE[:N])
        ]
        assert scores[1] < 0.6 * scores[0]

    def test_of_static_covariates(self):
        rng = np.random.RandomState(0)
        parts = {}
        for j in range(8):  # a series returns to its level, which the size tells
            steps = 0.3 * rng.normal(size=40)
            parts[j] = pd.Series(np.where(np.arange(40) % 4 < 2, 1, -1) * (j % 2) + steps)
        y = pd.concat(parts, names=["id", "time"])
        size = pd.DataFrame({"size": (y.index.get_level_values(0) % 2).astype(float)}, y.index)
        own = Forecaster(Ridge(), static_features="size", window=3, log=False).fit(y, size)
        names = own.training_windows(y, size)[0].columns
        assert names.tolist() == ["y_lag2", "y_lag1", "y_lag0", "size"]
        assert own.regressor_.coef_.shape == (4,)
        table, _ = own.training_windows(y, size)
        assert table["size"].nunique() == 2

    @pytest.mark.parametrize("strategy", [{}, {"strategy": "direct", "horizon": 3}])
    def test_that_are_all_constant_go_on_by_themselves(self, strategy):
        y = pd.concat({"a": Y, "b": 2 * Y[:-7]}, names=["shop", "month"])  # b ends earlier
        y.iloc[-2:] = np.nan
        labels = pd.MultiIndex.from_product([["a", "b"], months(N + 6)], names=y.index.names)
        X = pd.DataFrame({"size": np.repeat([1.0, 5.0], N + 6)}, labels)
        X["kind"] = np.repeat(["x", "y"], N + 6)
        inside, both = X.loc[y.index], ["size", "kind"]
        own = Forecaster(Ridge(), static_features=both, **strategy).fit(y, inside)
        assert_array_equal(own.predict(6), own.predict(6, X))
        assert_array_equal(own.predict_interval(2), own.predict_interval(2, X))
        with pytest.raises(ValueError, match="X is missing"):
            own.predict(6, y=y)
        moving = inside.assign(kind=np.arange(len(y)))
        some = Forecaster(Ridge(), static_features="size", **strategy).fit(y, moving)
        with pytest.raises(ValueError, match="X is missing"):
            some.predict(6)

    def test_of_the_calendar(self):
        hours = pd.date_range("2024-01-01", periods=24 * 14, freq="h", name="hour")
        wave = pd.Series(3 * np.cos(2 * np.pi * hours.hour / 24), hours)
        y = wave + np.random.RandomState(0).normal(size=len(hours))
        plain = {"season": None, "window": 3, "log": False}
        missed = [
            Forecaster(LinearRegression(), calendar=calendar, **plain)
            .backtest(y, cv=TimeSeriesSplit(2, test_size=24))
            .attrs["summary"]["MAE"]
            for calendar in (None, "hour")
        ]
        assert missed[1] < 0.8 * missed[0]

    def test_calendar_is_sine_and_cosine_of_the_predicted_step(self):
        own = Forecaster(Ridge(), calendar=["month", "quarter"], window=2).fit(Y)
        table, _ = own.training_windows(Y)
        angle = 2 * np.pi * Y.index.month[2:] / 12
        assert_allclose(table["month_sin_ahead1_lag0"], np.sin(angle), atol=1e-12)
        assert_allclose(table["month_cos_ahead1_lag0"], np.cos(angle), atol=1e-12)
        assert_allclose(
            table["quarter_cos_ahead1_lag0"],
            np.cos(2 * np.pi * Y.index.quarter[2:] / 4),
            atol=1e-12,
        )

    @pytest.mark.filterwarnings("ignore:There are .* training windows")
    @pytest.mark.parametrize("labels", ["dates", "periods"])
    def test_every_part_of_the_calendar(self, labels):
        days = pd.date_range("2024-01-01 06:30", periods=500, freq="D")
        y = pd.Series(np.random.RandomState(0).normal(size=500), days)
        parts = ["month", "quarter", "dayofyear", "day", "dayofweek", "hour", "minute"]
        own = Forecaster(Ridge(), calendar=[*parts, "month"], window=1, calibration=0)
        own.fit(y if labels == "dates" else y.to_period("D"))
        table, _ = own.training_windows(y if labels == "dates" else y.to_period("D"))
        assert table.shape[1] == 1 + 2 * len(parts)
        angle = 2 * np.pi * days.day_of_week[1:] / 7
        assert_allclose(table["dayofweek_sin_ahead1_lag0"], np.sin(angle), atol=1e-12)
        again = Forecaster(
            Ridge(), calendar=["day_of_year", "day_of_week"], window=1, calibration=0
        )
        names = again.fit(y).training_windows(y)[0].filter(like="day_of")
        both = [name for name in table if name.startswith("dayof")]
        assert_array_equal(names, table[both])  # pandas has both names
        periods = {"dayofyear": 366, "month": 12, "day": 30.4, "dayofweek": 7}
        for part, period in periods.items():  # the same after a period, another before
            wave = table[f"{part}_cos_ahead1_lag0"].to_numpy()
            assert np.abs(np.diff(wave)).max() < 7 / min(period, 12)

    def test_numbers_are_standardized_and_their_unit_does_not_matter(self):
        other = X.assign(price=1e6 * X["price"] - 7e3)
        assert_allclose(fitted(other).predict(5, other), fitted().predict(5, X), rtol=1e-8)


class TestForms:
    @pytest.mark.parametrize("strategy", [{}, {"strategy": "direct", "horizon": 4}])
    def test_rows_of_an_array_are_the_next_steps(self, strategy):
        forecaster = fitted(**strategy)
        expected = forecaster.predict(6, X)
        assert_series_equal(forecaster.predict(6, X[N : N + 6].to_numpy()), expected)

    def test_arrays_alone(self):
        prices = X[["price"]].to_numpy()
        own = Forecaster(Ridge(), season=12).fit(Y.to_numpy(), prices[:N])
        expected = Forecaster(Ridge()).fit(Y, X[["price"]][:N]).predict(6, X[["price"]])
        assert_allclose(own.predict(6, prices[N : N + 6]), expected)
        own.update(expected.to_numpy(), prices[N : N + 6])
        assert own.predict(2, prices[N + 6 : N + 8]).shape == (2,)
        with pytest.raises(ValueError, match=rf"X has {N + MORE} rows, but 2 are needed"):
            own.predict(2, prices)

    def test_direct_forecasts_of_fewer_steps_repeat_the_last_covariates(self):
        own = fitted(strategy="direct", horizon=6)
        repeated = X.iloc[[*range(N, N + 3), N + 2, N + 2, N + 2]].to_numpy()
        assert_array_equal(own.predict(3, X), own.predict(6, repeated)[:3])

    def test_a_series_is_one_column(self):
        own = Forecaster(Ridge()).fit(Y, X["price"][:N])
        expected = Forecaster(Ridge()).fit(Y, X[["price"]][:N]).predict(6, X[["price"]])
        assert_series_equal(own.predict(6, X["price"]), expected)

    def test_order_of_columns_does_not_matter(self):
        assert_series_equal(fitted().predict(6, X[["kind", "price"]]), fitted().predict(6, X))

    def test_longer_X_is_cut_by_label(self):
        assert_series_equal(fitted().predict(4, X), fitted().predict(4, X[N : N + 4]))

    def test_categories_of_every_kind_are_the_same(self):
        kinds = [X["kind"].astype("category"), X["kind"].astype(object), X["kind"].astype("string")]
        expected = fitted().predict(6, X)
        for kind in kinds:
            own = X.assign(kind=kind)
            assert_series_equal(fitted(own).predict(6, own), expected)

    def test_booleans_and_integers_are_numbers(self):
        own = pd.DataFrame({"promo": X["kind"] == "x"})
        expected = fitted(own.astype(float)).predict(6, own.astype(float))
        for other in (own, own.astype(int), own.astype("Int64")):
            assert_series_equal(fitted(other).predict(6, other), expected)

    def test_columns_of_y_share_X(self):
        y = pd.DataFrame({"a": Y, "b": seasonal(N, seed=4)})
        wide = Forecaster(Ridge()).fit(y, X[:N]).predict(5, X)
        y, own = y.unstack().rename_axis(["id", "month"]), pd.concat({"a": X, "b": X})
        long = Forecaster(Ridge()).fit(y, inside(y, own)).predict(5, own)
        assert_allclose(long.unstack(0), wide)

    def test_panels_have_their_own_rows(self):
        y, own = panel_and_covariates()
        y = y.drop(y.loc[["b"]].index[-5:])  # b ends earlier
        forecaster = Forecaster(Ridge()).fit(y, inside(y, own))
        forecast = forecaster.predict(4, own)
        shuffled = pd.concat([own.loc[["c"]], own.loc[["a"]], own.loc[["b"]]])
        assert_series_equal(forecaster.predict(4, shuffled), forecast)
        later = own.copy()
        later.loc[("b", months(N)[-5]), "price"] += 3  # the first step of b
        changed = forecaster.predict(4, later)
        assert_array_equal(changed[["a", "c"]], forecast[["a", "c"]])
        assert (changed["b"] != forecast["b"]).all()

    def test_score_update_and_another_history(self):
        forecaster = Forecaster(Ridge()).fit(Y[:70], X[:70])
        expected = forecaster.predict(3, X, y=Y[:80])
        assert np.isfinite(forecaster.score(Y[70:], X[70:N]))
        assert_allclose(forecaster.update(Y[70:80], X[70:80]).predict(3, X), expected)

    def test_a_series_without_new_rows_needs_none_in_X(self):
        y, own = panel_and_covariates()
        first = y[y.index.get_level_values(1) < "2016-01"]
        forecaster = Forecaster(Ridge()).fit(first, inside(first, own))
        later = y.drop(first.index)[["a"]].loc[["a"]]
        assert np.isfinite(forecaster.score(later, inside(later, own)))
        forecast = forecaster.update(later, inside(later, own)).predict(2, own)
        assert_array_equal(forecast["b"].index, months(2, "2016-01"))
        assert_array_equal(forecast["a"].index, months(2, "2017-01"))

    def test_new_series_are_learned_by_a_refit(self):
        y, own = panel_and_covariates()
        known = y.index.get_level_values(0) != "c"
        forecaster = Forecaster(Ridge()).fit(y[known], inside(y[known], own))
        forecaster.update(y[~known], inside(y[~known], own), refit=True)
        expected = Forecaster(Ridge()).fit(y, inside(y, own)).predict(3, own)
        assert_allclose(forecaster.predict(3, own), expected)

    def test_labels_that_y_misses_need_no_covariates(self):
        y = Y.drop(Y.index[[30, 50]])
        with_them = Forecaster(Ridge()).fit(y, X[:N])
        without = Forecaster(Ridge()).fit(y, X.loc[y.index])
        assert_allclose(without.predict(3, X), with_them.predict(3, X), atol=0.5)


class TestTable:
    """The windows of a forecaster are a table with names, for what explains models."""

    @pytest.mark.parametrize(
        "regressor", [Ridge(), RNNRegressor(alpha=1, max_iter=20, random_state=0)]
    )
    def test_importance_of_a_covariate(self, regressor):
        y = 5 * PRICE[:N] + 0.1 * Y
        own = Forecaster(regressor, window=2, center=None).fit(y, PRICE[:N])
        table, target = own.training_windows(y, PRICE[:N])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = permutation_importance(own.regressor_, table, target, random_state=0)
        importance = pd.Series(found.importances_mean, table.columns)
        assert importance.idxmax() == "price_ahead1_lag0"
        assert list(own.regressor_.feature_names_in_) == list(table.columns)

    def test_names_of_columns_may_meet(self):
        other = X.rename(columns={"price": "kind_x"}).assign(month_sin=1.0)
        own = Forecaster(Ridge(), calendar="month", window=2).fit(Y, other[:N])
        names = own.training_windows(Y, other[:N])[0].columns
        assert names.is_unique
        assert not own.predict(3, other).isna().any()


class TestUnseen:
    def test_category_counts_as_zeros(self):
        other = X.copy()
        other.iloc[N + 1 : N + 3, 1] = "new"
        forecaster = fitted()
        with pytest.warns(UserWarning, match=r"'kind'.*'new'") as caught:
            forecast = forecaster.predict(6, other)
        assert len(caught) == 1
        assert not forecast.isna().any()
        assert forecast.iloc[0] == forecaster.predict(6, X).iloc[0]
        coded = pd.get_dummies(X["kind"]).astype(float).assign(price=X["price"])
        assert not np.allclose(forecast, forecaster.predict(6, X))
        zeros = coded.copy()
        zeros.iloc[N + 1 : N + 3, :3] = 0.0
        # unlike one-hot columns of the user's, those of the forecaster aren't standardized
        own = Forecaster(Ridge(1e-9)).fit(Y, X[:N])
        with pytest.warns(UserWarning, match="'new'"):
            forecast = own.predict(6, other)
        other_own = Forecaster(Ridge(1e-9)).fit(Y, coded[:N])
        assert_allclose(forecast, other_own.predict(6, zeros), rtol=1e-3)

    def test_known_categories_do_not_warn(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            warnings.filterwarnings("ignore", "skill_=")
            fitted().predict(6, X)


@pytest.mark.parametrize("calendar", [None, "month"])
def test_a_series_that_ends_before_others_has_fewer_rows_of_covariates(calendar):
    """So does one whose last value is missing; parts of the date are known of all rows."""
    y, of_shops = panel_and_covariates()
    ids, times = (y.index.get_level_values(level) for level in (0, 1))
    y = y[(ids != "b") | (times < Y.index[-5])]
    cv = TimeSeriesSplit(2, test_size=3)
    forecaster = Forecaster(Ridge(), window=4, calendar=calendar)
    folds = forecaster.backtest(y, inside(y, of_shops), cv=cv)
    n = {name: len(own) for name, own in folds.groupby("series")}
    assert n == {"a": 6, "b": 1, "c": 6}
    last = Y.copy()
    last.iloc[-1] = np.nan
    assert len(forecaster.backtest(last, X, cv=cv)) == 5
