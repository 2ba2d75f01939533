"""Backtests: each fold is a fit on the rows before it, and the summary is made of the frame."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import TimeSeriesSplit

from skrnn import Forecaster, RNNRegressor
from tests.helpers.series import covariates, months, seasonal, walk

pytestmark = pytest.mark.filterwarnings(
    "ignore:skill_=",
    "ignore:There are .* training windows",
    "ignore:Maximum iterations:sklearn.exceptions.ConvergenceWarning",
)
N = 72
Y = seasonal(N)
COLUMNS = ["series", "fold", "step", "time", "truth", "forecast", "naive", "seasonal_naive"]


def linear(**parameters):
    return Forecaster(Ridge(), **parameters)


class Counting(RegressorMixin, BaseEstimator):
    """A regressor that counts its fits."""

    fits = 0

    def fit(self, X, y):
        type(self).fits += 1
        self.mean_ = y.mean()
        return self

    def predict(self, X):
        return np.full(len(X), self.mean_)


class TestFolds:
    @pytest.mark.parametrize(
        "cv",
        [
            TimeSeriesSplit(5),
            TimeSeriesSplit(3, test_size=4),
            TimeSeriesSplit(3, test_size=4, gap=3),
            TimeSeriesSplit(3, test_size=5, max_train_size=31),
            TimeSeriesSplit(3, test_size=2, max_train_size=40, gap=1),
        ],
        ids=str,
    )
    @pytest.mark.filterwarnings("ignore:y has .* rows, and a season")
    def test_are_fit_and_predict(self, cv):
        frame = linear().backtest(Y, cv=cv)
        assert list(frame.columns) == COLUMNS
        parts = []
        for fold, (train, test) in enumerate(cv.split(Y)):
            own = linear(calibration=0).fit(Y.iloc[train])
            steps = test - train[-1]
            season = own.season_
            parts.append(
                pd.DataFrame(
                    {
                        "series": "sales",
                        "fold": fold,
                        "step": steps,
                        "time": Y.index[test],
                        "truth": Y.iloc[test].to_numpy(),
                        "forecast": own.predict(steps[-1]).iloc[steps - 1].to_numpy(),
                        "naive": Y.iloc[train[-1]],
                        "seasonal_naive": [
                            Y.iloc[train[-1] + step - season * -(-step // season)] for step in steps
                        ],
                    }
                )
            )
        assert_frame_equal(frame, pd.concat(parts, ignore_index=True))

    def test_five_by_default(self):
        assert_frame_equal(linear().backtest(Y), linear().backtest(Y, cv=TimeSeriesSplit(5)))

    def test_with_covariates(self):
        X, cv = covariates(N), TimeSeriesSplit(2, test_size=6)
        frame = linear(calendar="month").backtest(Y, X, cv=cv)
        for fold, (train, test) in enumerate(cv.split(Y)):
            own = linear(calendar="month", calibration=0).fit(Y.iloc[train], X.iloc[train])
            expected = own.predict(6, X.iloc[test])
            assert_array_equal(frame.loc[frame["fold"] == fold, "forecast"], expected)

    def test_of_the_network(self):
        network = RNNRegressor(alpha=10, max_iter=10, random_state=0)
        cv = TimeSeriesSplit(2, test_size=6)
        frame = Forecaster(network, window=6).backtest(Y, cv=cv)
        own = Forecaster(network, window=6, calibration=0).fit(Y[:-6])
        assert_array_equal(frame.loc[frame["fold"] == 1, "forecast"], own.predict(6))

    def test_rows_without_a_value_are_left_out(self):
        y = Y.copy()
        y.iloc[[60, 68]] = np.nan
        frame = linear().backtest(y, cv=TimeSeriesSplit(2, test_size=6))
        assert_array_equal(frame["time"], y.index[60:].delete([0, 8]))
        assert_array_equal(frame["step"], [*range(2, 7), 1, 2, 4, 5, 6])
        assert not frame.isna().any(axis=None)

    def test_steps_count_from_the_last_value(self):
        y = Y.copy()
        y.iloc[[64, 65]] = np.nan
        frame = linear().backtest(y, cv=TimeSeriesSplit(2, test_size=6))
        second = frame[frame["fold"] == 1]
        assert_array_equal(second["step"], range(3, 9))
        assert (second["naive"] == y.iloc[63]).all()

    def test_arrays_are_counted(self):
        frame = linear(season=12).backtest(Y.to_numpy(), cv=TimeSeriesSplit(2, test_size=4))
        assert_array_equal(frame["time"], range(N - 8, N))
        expected = linear().backtest(Y, cv=TimeSeriesSplit(2, test_size=4))
        assert_allclose(frame["forecast"], expected["forecast"])

    @pytest.mark.parametrize("form", [list, tuple, "mask"])
    def test_rows_in_other_forms(self, form):
        bounds = [(0, 50, 53), (3, 60, 64)]
        expected = [(np.arange(a, b), np.arange(b, c)) for a, b, c in bounds]
        if form == "mask":
            cv = [tuple(np.isin(np.arange(N), rows) for rows in fold) for fold in expected]
        else:
            cv = [(form(range(a, b)), form(range(b, c))) for a, b, c in bounds]
        assert_frame_equal(linear().backtest(Y, cv=cv), linear().backtest(Y, cv=expected))

    def test_the_forecaster_does_not_change(self):
        own = linear().fit(Y)
        before = own.predict_interval(3)
        own.backtest(walk(N))
        assert_frame_equal(own.predict_interval(3), before)
        unfitted = linear(calibration=0.3)
        unfitted.backtest(Y)
        assert not hasattr(unfitted, "regressor_")
        assert unfitted.calibration == 0.3


class TestRefit:
    @pytest.mark.parametrize(
        ("refit", "fits"), [(True, 6), (1, 6), (2, 3), (4, 2), (False, 1), (np.int64(3), 2)]
    )
    def test_counts(self, refit, fits):
        Counting.fits = 0
        Forecaster(Counting()).backtest(Y, cv=TimeSeriesSplit(6, test_size=2), refit=refit)
        assert Counting.fits == fits

    def test_other_folds_forecast_after_the_rows_before_them(self):
        cv = TimeSeriesSplit(5, test_size=3)
        frame = linear().backtest(Y, cv=cv, refit=2)
        for fold, (train, _) in enumerate(cv.split(Y)):
            if fold % 2 == 0:
                own = linear(calibration=0).fit(Y.iloc[train])
            expected = own.predict(3, y=Y.iloc[train])
            assert_array_equal(frame.loc[frame["fold"] == fold, "forecast"], expected)

    @pytest.mark.parametrize("refit", [True, False, 2])
    @pytest.mark.parametrize("multivariate", [True, False])
    def test_later_folds_may_be_too_short(self, refit, multivariate):
        cv = [(np.arange(50), np.arange(50, 52)), (np.arange(52, 60), np.arange(60, 62))]
        own = linear(window=10, multivariate=multivariate)
        y = pd.DataFrame({"a": Y, "b": walk(N)}) if multivariate else Y
        needed = 12 if refit is True else 10  # a fit needs targets, too
        with pytest.raises(ValueError, match=f"window=10 needs {needed} rows.* y has 8"):
            own.backtest(y, cv=cv, refit=refit)


class TestSeveralSeries:
    def test_columns_are_ids(self):
        y = pd.DataFrame({"a": Y, "b": walk(N)})
        cv = TimeSeriesSplit(2, test_size=6)
        wide = linear().backtest(y, cv=cv)
        long = linear().backtest(y.unstack().rename_axis(["id", "time"]), cv=cv)
        assert_allclose(wide["forecast"], long["forecast"])
        own = linear(calibration=0).fit(y[:-6])
        second = wide[wide["fold"] == 1].pivot(index="time", columns="series", values="forecast")
        assert_allclose(second, own.predict(6))

    def test_splits_are_those_of_the_times(self):
        parts = {"a": Y, "b": walk(N)[:-4], "c": seasonal(N, seed=3)[40:]}
        y = pd.concat(parts, names=["id", "time"])
        cv = TimeSeriesSplit(3, test_size=8)
        frame = linear(window=4).backtest(y, cv=cv)
        for fold, (train, test) in enumerate(cv.split(months(N))):
            rows = y.index.get_level_values(1)
            own = linear(window=4, calibration=0).fit(y[rows <= months(N)[train[-1]]])
            expected = own.predict(8)
            found = frame[frame["fold"] == fold].set_index(["series", "time"])
            assert_array_equal(found.loc["a"].index, months(N)[test])
            assert_array_equal(found.loc["a"]["forecast"], expected["a"])
            assert_array_equal(found.loc["c"]["forecast"], expected["c"])
            there = found.loc["b"].index
            assert_array_equal(there, months(N)[test][test < N - 4])
            assert_array_equal(found.loc["b"]["forecast"], expected["b"][there])

    @pytest.mark.filterwarnings("ignore:1 of 2 series have too few rows")
    @pytest.mark.parametrize("refit", [True, False])
    @pytest.mark.parametrize("first", [63, 60, 59, 58])  # 57, 62 and 67 rows lie before the folds
    def test_series_join_when_they_have_enough_rows(self, first, refit):
        y = pd.concat({"a": Y, "new": walk(N)[first:]}, names=["id", "time"])
        X = pd.concat({id: covariates(N) for id in ("a", "new")}, names=y.index.names).loc[y.index]
        cv, needed = TimeSeriesSplit(3, test_size=5), 5 if refit else 3
        for covariate in (None, X):
            frame = linear(window=3).backtest(y, covariate, cv=cv, refit=refit)
            folds = frame.groupby("series")["fold"].unique()
            assert folds["a"].tolist() == [0, 1, 2]
            expected = [fold for fold in range(3) if 57 + 5 * fold - first >= needed]
            assert list(folds.get("new", [])) == expected

    def test_no_series_has_enough_rows(self):
        with pytest.raises(ValueError, match=r"window=40 needs 42 rows.*'a' of y has 12"):
            linear(window=40).backtest(pd.concat({"a": Y, "b": walk(N)}))

    def test_series_that_are_left_out_are_named(self):
        """Those with values before a fold, but too few of them."""
        y = pd.concat({"a": Y, "b": walk(N)[60:], "c": walk(N)[68:]}, names=["id", "time"])
        cv = TimeSeriesSplit(3, test_size=5)
        with pytest.warns(UserWarning, match=r"1 of 3 series .* before 1 of the folds.*: 'b'\."):
            linear(window=3, calibration=0).backtest(y, cv=cv, refit=False)
        with pytest.warns(UserWarning, match=r"1 of 3 series .* before 3 of the folds.*: 'c'\."):
            linear(window=3, calibration=0).backtest(y, cv=TimeSeriesSplit(3, test_size=1))
        linear(window=3, calibration=0).backtest(y["a"], cv=cv)  # as all others without a warning

    @pytest.mark.filterwarnings("ignore:1 of 2 series have too few rows")
    @pytest.mark.parametrize("refit", [True, False])
    def test_columns_join_as_series_do(self, refit):
        y = pd.DataFrame({"a": Y, "new": walk(N)})
        y.iloc[:60, 1] = np.nan
        cv = TimeSeriesSplit(3, test_size=5)
        for X in (None, covariates(N)):
            wide = linear(window=3).backtest(y, X, cv=cv, refit=refit)
            assert_array_equal(wide.loc[wide["series"] == "new", "fold"], [2] * 5)
        long = y.unstack().dropna().rename_axis(["id", "time"])
        long = linear(window=3).backtest(long, cv=cv, refit=refit)
        wide = linear(window=3).backtest(y, cv=cv, refit=refit)
        assert_allclose(wide["forecast"], long["forecast"])

    def test_multivariate_reads_all_columns(self):
        y = pd.DataFrame({"a": Y, "new": walk(N)})
        y.iloc[:60, 1] = np.nan
        with pytest.raises(ValueError, match="'new' of y has no value before fold 0"):
            linear(multivariate=True, window=3).backtest(y, cv=TimeSeriesSplit(3, test_size=5))

    def test_multivariate(self):
        y = pd.DataFrame({"a": Y, "b": walk(N)})
        cv = TimeSeriesSplit(2, test_size=6)
        frame = linear(multivariate=True).backtest(y, cv=cv)
        own = linear(multivariate=True, calibration=0).fit(y[:-6])
        second = frame[frame["fold"] == 1].pivot(index="time", columns="series", values="forecast")
        assert_allclose(second, own.predict(6))


class TestSummary:
    def test_by_hand(self):
        cv = TimeSeriesSplit(3, test_size=5)
        frame = linear().backtest(Y, cv=cv)
        summary = frame.attrs["summary"]
        error = frame["forecast"] - frame["truth"]
        assert_allclose(summary["MAE"], error.abs().mean())
        assert_allclose(summary["RMSE"], np.sqrt((error**2).mean()))
        naive = [(frame[name] - frame["truth"]).abs().mean() for name in COLUMNS[-2:]]
        assert_allclose(summary["skill"], 1 - error.abs().mean() / min(naive))
        scores = []
        for fold, (train, _) in enumerate(cv.split(Y)):
            scale = Y.iloc[train].diff(12).abs().mean()
            scores.append(error[frame["fold"] == fold].abs().mean() / scale)
        assert_allclose(summary["MASE"], np.mean(scores))

    def test_mase_is_minus_the_score_of_each_fold(self):
        cv = TimeSeriesSplit(3, test_size=5)
        summary = linear().backtest(Y, cv=cv).attrs["summary"]
        scores = [linear().fit(Y.iloc[a]).score(Y.iloc[b]) for a, b in cv.split(Y)]
        assert_allclose(summary["MASE"], -np.mean(scores))

    def test_the_unit_of_a_series_does_not_matter(self):
        cv = TimeSeriesSplit(3, test_size=5)
        y = pd.DataFrame({"a": Y, "b": walk(N)})
        one, other = (
            linear(log=False).backtest(own, cv=cv).attrs["summary"] for own in (y, y * [1, 1000])
        )
        for name in ("MASE", "skill"):
            assert_allclose(one[name], other[name])

    @pytest.mark.filterwarnings("ignore:y has .* rows, and a season")
    def test_the_order_of_folds_does_not_matter(self):
        """The first fold is too short for the season that the others have."""
        y = pd.DataFrame({"a": Y, "b": walk(N)})
        folds = [(np.arange(n), np.arange(n, n + 4)) for n in (25, 50, 60)]
        one, other = (linear().backtest(y, cv=cv).attrs["summary"] for cv in (folds, folds[::-1]))
        for name in ("MAE", "RMSE", "MASE", "skill"):
            assert_allclose(one[name], other[name], err_msg=name)

    def test_series_count_by_the_season_of_all_rows(self):
        y = pd.DataFrame({"a": Y, "b": walk(N)})
        frame = linear().backtest(y, cv=[(np.arange(25), np.arange(25, 29))])
        errors = frame.set_index("series")[["forecast", "naive", "seasonal_naive"]]
        errors = errors.sub(frame["truth"].to_numpy(), axis=0).abs()
        errors = errors.div(y.diff(12).abs().mean().loc[errors.index].to_numpy(), axis=0).mean()
        expected = 1 - errors["forecast"] / errors[["naive", "seasonal_naive"]].min()
        assert_allclose(frame.attrs["summary"]["skill"], expected)

    def test_a_constant_has_no_skill(self):
        frame = linear().backtest(Y * 0 + 5, cv=TimeSeriesSplit(3, test_size=5))
        assert frame.attrs["summary"] == {"MAE": 0, "RMSE": 0, "MASE": 0, "skill": 0}

    def test_what_a_linear_model_knows(self):
        t = np.arange(150)
        y = np.cos(t / 5) + np.sin(t / 2.3)
        summary = Forecaster(LinearRegression()).backtest(y).attrs["summary"]
        assert summary["skill"] > 0.3
        noise = np.random.RandomState(0).normal(size=150).cumsum()
        summary = Forecaster(LinearRegression()).backtest(noise).attrs["summary"]
        assert summary["skill"] < 0.1
