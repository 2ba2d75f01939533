"""What forecasting libraries hand to a regressor comes to a network oldest step first.

The series count. A regressor that adds 1 to the last step continues them only if that is the newest
one, in training and in each step of a recursion.
"""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.pipeline import make_pipeline

from skrnn import RNNRegressor, RowsToSequences, SequenceScaler

from .readers import AHEAD, SEEN, N, check_steps, counting, reader

pytestmark = pytest.mark.filterwarnings("ignore")  # the libraries' own

MISSING = "the extra ecosystem brings it"
EXPECTED = np.arange(N, N + AHEAD)


@pytest.fixture
def data():
    whole = counting()
    return whole[:N], whole[N:]


def network(**parameters):
    return RNNRegressor(2, alpha=1.0, max_iter=2, random_state=0, **parameters)


@pytest.fixture
def skforecast():
    return pytest.importorskip("skforecast", reason=MISSING)


@pytest.mark.usefixtures("skforecast")
class TestSkforecast:
    def test_recursive(self, data):
        from skforecast.recursive import ForecasterRecursive

        past, future = data
        model = ForecasterRecursive(reader(first="newest"), lags=4)
        model.fit(past["y"])
        assert_array_equal(model.predict(AHEAD), EXPECTED)
        check_steps(4, 0)
        SEEN.clear()
        model = ForecasterRecursive(reader(static_features=[-2, -1]), lags=4)
        model.fit(past["y"], exog=past[["x", "z"]])
        assert_array_equal(model.predict(AHEAD, exog=future[["x", "z"]]), EXPECTED)
        check_steps(4, 0, static=(1000, 2000))

    def test_window_features_are_static(self, data):
        from skforecast.preprocessing import RollingFeatures
        from skforecast.recursive import ForecasterRecursive

        means = RollingFeatures(stats=["mean"], window_sizes=3)
        model = ForecasterRecursive(
            reader(n_steps=4, static_features=[-1]), lags=4, window_features=means
        )
        model.fit(data[0]["y"])
        assert_array_equal(model.predict(AHEAD), EXPECTED)
        check_steps(4, 0, static=(-2,))

    def test_direct(self, data):
        from skforecast.direct import ForecasterDirect

        model = ForecasterDirect(reader(first="newest"), steps=1, lags=4)
        model.fit(data[0]["y"])
        assert_array_equal(model.predict(), EXPECTED[:1])
        check_steps(4, 0)

    def test_multivariate(self, data):
        from skforecast.direct import ForecasterDirectMultiVariate

        past, future = data
        for level in past:  # lags stand in the order of the series
            SEEN.clear()
            pipe = reader(n_features_per_step=[1, 1, 1], first="newest")
            model = ForecasterDirectMultiVariate(
                pipe, level=level, steps=1, lags=4, transformer_series=None
            )
            model.fit(past)
            assert_array_equal(model.predict()["pred"], future["y"][:1])
            check_steps(4, 0, 1000, 2000)

    def test_several_series(self, data):
        from skforecast.recursive import ForecasterRecursiveMultiSeries

        past, future = data
        model = ForecasterRecursiveMultiSeries(reader(), lags=4, encoding="ordinal")
        model.fit(past[["y", "x"]], exog=past["z"])
        forecast = model.predict(AHEAD, exog=future["z"])
        for name in ("y", "x"):
            assert_array_equal(forecast["pred"][forecast["level"] == name], future[name])
        assert all(X.shape[1:] == (4, 3) for X in SEEN)  # lag, id and z

    def test_a_search_over_lags(self, data):
        """The number of steps is that of the columns; networks in a pipeline are cloned and set."""
        from skforecast.model_selection import TimeSeriesFold, grid_search_forecaster
        from skforecast.recursive import ForecasterRecursive

        y = np.sin(data[0]["y"])
        model = RNNRegressor(2, solver="lm", alpha=1e-4, tol=0.01, random_state=0)
        pipe = make_pipeline(RowsToSequences(), SequenceScaler(), model)
        forecaster = ForecasterRecursive(pipe, lags=1)
        results = grid_search_forecaster(
            forecaster,
            y,
            TimeSeriesFold(steps=AHEAD, initial_train_size=30, refit=False),
            {"rnnregressor__hidden_size": [1, 2]},
            "mean_absolute_error",
            lags_grid=[2, 4],
            show_progress=False,
            verbose=False,
        )
        assert len(results) == 4
        assert results["mean_absolute_error"].min() < 0.1
        assert_allclose(forecaster.predict(AHEAD), np.sin(EXPECTED), atol=0.2)

    def test_a_bare_network_warns(self, data):
        from skforecast.direct import ForecasterDirectMultiVariate
        from skforecast.recursive import ForecasterRecursive, ForecasterRecursiveMultiSeries

        past, _ = data
        noise = past + np.random.RandomState(0).normal(size=past.shape)
        with pytest.warns(UserWarning, match="newest first"):
            ForecasterRecursive(network(), lags=4).fit(noise["y"], exog=noise["x"])
        with pytest.warns(UserWarning, match="lag_1, …, lag_4"):
            ForecasterRecursiveMultiSeries(network(), lags=4, encoding=None).fit(noise)
        model = ForecasterDirectMultiVariate(
            network(n_features_per_step=3), level="y", steps=1, lags=4
        )
        with pytest.warns(UserWarning, match="newest first"):
            model.fit(noise)


class TestMLForecast:
    @pytest.fixture(autouse=True)
    def _installed(self):
        pytest.importorskip("mlforecast", reason=MISSING)

    def test_names_tell(self, data):
        from mlforecast import MLForecast
        from mlforecast.lag_transforms import RollingMean

        past, future = (part.reset_index(names="ds").assign(unique_id="a") for part in data)
        model = MLForecast(
            {"model": reader()},
            freq="D",
            lags=[1, 2, 3, 4],
            lag_transforms={1: [RollingMean(3)]},
            date_features=["dayofweek"],
        )
        model.fit(past[["unique_id", "ds", "y", "x"]], static_features=[])
        forecast = model.predict(AHEAD, X_df=future[["unique_id", "ds", "x"]])
        assert_array_equal(forecast["model"], EXPECTED)
        for X in SEEN:
            assert X.shape[1:] == (4, 4)  # lag, x, the mean and the day of the week
            assert (np.diff(X[..., 0], axis=1) == 1).all()
            assert (X[..., 1] == X[:, -1:, 0] + 1001).all()

    def test_arrays(self, data):
        from mlforecast import MLForecast

        past = data[0].reset_index(names="ds").assign(unique_id="a")
        model = MLForecast({"model": reader(first="newest")}, freq="D", lags=[1, 2, 3, 4])
        model.fit(past[["unique_id", "ds", "y"]], as_numpy=True)
        assert_array_equal(model.predict(AHEAD)["model"], EXPECTED)
        check_steps(4, 0)

    def test_a_bare_network_warns(self, data):
        from mlforecast import MLForecast

        past = data[0].reset_index(names="ds").assign(unique_id="a")
        model = MLForecast({"model": network()}, freq="D", lags=[1, 2, 3, 4])
        with pytest.warns(UserWarning, match="lag1, …, lag4"):
            model.fit(past[["unique_id", "ds", "y"]])


def test_feature_engine(data):
    pytest.importorskip("feature_engine", reason=MISSING)
    from feature_engine.timeseries.forecasting import LagFeatures

    past, _ = data
    for lags in (LagFeatures(periods=[1, 2, 3]), LagFeatures(freq=["1D", "2D", "3D"])):
        SEEN.clear()
        table = lags.fit_transform(past)  # with NaN in the first rows
        pipe = reader().fit(table, past["y"])
        assert_array_equal(pipe.predict(table), past["y"] + 1)
        check_steps(4, 0, 1000, 2000)
        assert np.isnan(SEEN[0][0, :3]).all()
    with pytest.warns(UserWarning, match="in the order of time: y, …, y_lag_3D"):
        network().fit(table[["y", "y_lag_1D", "y_lag_2D", "y_lag_3D"]][3:], past["y"][3:])


class TestDarts:
    @pytest.fixture(autouse=True)
    def _installed(self):
        pytest.importorskip("darts", reason=MISSING)

    def forecast(self, pipe, data, *, past="", future="", target="y", **options):
        from darts import TimeSeries
        from darts.models import SKLearnModel

        whole = pd.concat(data)
        series = TimeSeries.from_dataframe(whole[:N][list(target)])
        covariates = {}
        for kind, names in {"past_covariates": past, "future_covariates": future}.items():
            if names:
                covariates[kind] = TimeSeries.from_dataframe(whole[list(names)])
        model = SKLearnModel(lags=4, model=pipe, **options).fit(series, **covariates)
        return model.predict(AHEAD, **covariates).values()[:, 0]

    def test_oldest_first(self, data):
        assert_array_equal(self.forecast(reader(first="oldest"), data), EXPECTED)
        check_steps(4, 0)

    def test_covariates(self, data):
        pipe = reader(n_features_per_step=[1, 2], first="oldest")
        got = self.forecast(pipe, data, past="xz", lags_past_covariates=4)
        assert_array_equal(got, EXPECTED)
        check_steps(4, 0, 1000, 2000)

    def test_covariates_of_the_future(self, data):
        pipe = reader(n_features_per_step=[1, 2], first="oldest")
        got = self.forecast(pipe, data, future="xz", lags_future_covariates=(3, 1))
        assert_array_equal(got, EXPECTED)
        check_steps(4, 0, 1000, 2000, ahead=1)
        SEEN.clear()
        pipe = reader(first="oldest", static_features=[-2, -1])
        got = self.forecast(pipe, data, future="xz", lags_future_covariates=[0])
        assert_array_equal(got, EXPECTED)
        check_steps(4, 0, static=(1000, 2000))

    def test_names_of_lags(self, data):
        """`lagged_feature_names` are what the docs say of blocks."""
        from darts import TimeSeries
        from darts.models import LinearRegressionModel

        y, covariates = (TimeSeries.from_dataframe(data[0][names]) for names in (["y"], ["x", "z"]))
        model = LinearRegressionModel(
            lags=3, lags_past_covariates=3, lags_future_covariates=(2, 1)
        ).fit(y, past_covariates=covariates, future_covariates=covariates)
        names = model.lagged_feature_names
        by_name = RowsToSequences().fit(pd.DataFrame(np.ones((1, len(names))), columns=names))
        blocks = RowsToSequences(n_features_per_step=[1, 2, 2], first="oldest")
        assert_array_equal(by_name.columns_, blocks.fit(np.ones((1, len(names)))).columns_)

    def test_a_network_warns_of_variables_one_after_the_other(self, data):
        noise = [part + np.random.RandomState(0).normal(size=part.shape) for part in data]
        with pytest.warns(UserWarning, match="variable by variable"):
            self.forecast(network(n_features_per_step=2), noise, past="x", lags_past_covariates=4)


class TestSktime:
    @pytest.fixture(autouse=True)
    def _installed(self):
        pytest.importorskip("sktime", reason=MISSING)

    @pytest.fixture
    def periods(self, data):
        return [part.to_period("D") for part in data]

    @pytest.mark.parametrize("strategy", ["recursive", "direct", "multioutput"])
    def test_oldest_first(self, periods, strategy):
        from sktime.forecasting.compose import make_reduction

        steps = [1] if strategy == "direct" else [1, 2, 3]  # it fits a regressor for each of them
        model = make_reduction(
            reader(first="oldest"), strategy, window_length=4, scitype="tabular-regressor"
        )
        model.fit(periods[0]["y"], fh=steps)
        assert_array_equal(model.predict(), EXPECTED[: len(steps)])
        check_steps(4, 0)

    def test_covariates(self, periods):
        from sktime.forecasting.compose import make_reduction

        past, future = periods
        pipe = reader(n_features_per_step=[1, 1, 1], first="oldest")
        model = make_reduction(pipe, window_length=4, scitype="tabular-regressor")
        model.fit(past["y"], X=past[["x", "z"]], fh=[1, 2, 3])
        assert_array_equal(model.predict(X=future[["x", "z"]]), EXPECTED)
        check_steps(4, 0, 1000, 2000)

    @pytest.mark.parametrize("name", ["DirectReductionForecaster", "RecursiveReductionForecaster"])
    def test_names_tell(self, periods, name):
        from sktime.forecasting.compose import _reduce

        past, future = periods
        model = getattr(_reduce, name)(reader(), window_length=4)
        model.fit(past["y"], X=past[["x"]], fh=[1])
        assert model.predict(X=future[["x"]][:1]).squeeze() == N
        for X in SEEN:
            full = X[X[:, 0, 0] < X[:, 1, 0]]  # it fills the lags of the first days
            assert full.shape[1:] == (4, 2)
            assert (np.diff(full[..., 0], axis=1) == 1).all()
            assert (full[..., 1] == full[:, -1:, 0] + 1001).all()

    def test_a_network_warns_of_variables_one_after_the_other(self, periods):
        from sktime.forecasting.compose import make_reduction

        past = periods[0] + np.random.RandomState(0).normal(size=(N, 3))
        model = make_reduction(
            network(n_features_per_step=2), window_length=4, scitype="tabular-regressor"
        )
        with pytest.warns(UserWarning, match="variable by variable"):
            model.fit(past["y"], X=past[["x"]], fh=[1])


def test_aeon(data):
    pytest.importorskip("aeon", reason=MISSING)
    from aeon.forecasting import RegressionForecaster

    past, future = data
    model = RegressionForecaster(window=4, regressor=reader(first="oldest"))
    assert model.forecast(past["y"].to_numpy()) == N
    check_steps(4, 0)
    SEEN.clear()
    pipe = reader(first="oldest", static_features=[-2, -1])
    model = RegressionForecaster(window=4, regressor=pipe)
    model.fit(past["y"].to_numpy(), exog=past[["x", "z"]].to_numpy())
    SEEN[1:] = []
    model.predict(past["y"].to_numpy(), exog=future[["x", "z"]].to_numpy()[:1])
    check_steps(4, 0, static=(1000, 2000))
    noise = past + np.random.RandomState(0).normal(size=past.shape)
    model = RegressionForecaster(window=4, regressor=network())
    with pytest.warns(UserWarning, match=r"other columns as steps, too.*static_features=\[4, 5\]"):
        model.fit(noise["y"].to_numpy(), exog=noise[["x", "z"]].to_numpy())
