"""scikit-learn's callbacks in fits and backtests of a forecaster."""

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.linear_model import Ridge
from sklearn.model_selection import TimeSeriesSplit

from skrnn import Forecaster, RNNRegressor
from tests.helpers.series import seasonal

callback = pytest.importorskip("sklearn.callback", reason="scikit-learn has them from 1.9 on")

# the networks are trained for three epochs
pytestmark = pytest.mark.filterwarnings("ignore:skill_", "ignore:There are .* training windows")


class Recorder:
    """The names of the tasks; it goes along into the regressor."""

    max_propagation_depth = 1

    def __init__(self):
        self.calls = []

    def setup(self, estimator, context):
        self.calls.append("setup")

    def teardown(self, estimator, context):
        self.calls.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.calls.append(f"{type(estimator).__name__} begins {context.task_name}")

    def on_fit_task_end(self, estimator, context, **data):
        self.calls.append(f"{type(estimator).__name__} ends {context.task_name}")


def network():
    return RNNRegressor(2, alpha=10, max_iter=3, random_state=0)


def outline(calls):
    return [call for call in calls if "epoch" not in call]


def test_a_fit_has_a_task_for_the_model_and_one_for_its_calibration():
    recorder, y = Recorder(), seasonal(60)
    own = Forecaster(network()).set_callbacks(recorder).fit(y)
    inside = ["RNNRegressor begins fit", "RNNRegressor ends fit"]
    whole = ["setup", "Forecaster begins fit", *inside, *inside, "Forecaster ends fit", "teardown"]
    assert outline(recorder.calls) == whole
    assert recorder.calls.count("RNNRegressor begins epoch") == 2 * 3
    assert not hasattr(own.regressor_, "_parent_callback_ctx")
    assert_array_equal(own.predict(3), Forecaster(network()).fit(y).predict(3))


def test_regressors_without_callbacks_are_tasks_of_the_forecaster():
    recorder = Recorder()
    Forecaster(Ridge()).set_callbacks(recorder).fit(seasonal(60))
    parts = ["model", "calibration"]
    inside = [f"Forecaster {verb} {part}" for part in parts for verb in ("begins", "ends")]
    whole = ["setup", "Forecaster begins fit", *inside, "Forecaster ends fit", "teardown"]
    assert recorder.calls == whole


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize(("refit", "n_fits"), [(True, 4), (2, 2), (False, 1)])
def test_a_backtest_has_a_task_for_each_fit(refit, n_fits, n_jobs):
    recorder, y, cv = Recorder(), seasonal(60), TimeSeriesSplit(4, test_size=5)
    forecaster = Forecaster(network()).set_callbacks(recorder)
    with joblib.parallel_config("threading"):  # which share the recorder
        forecaster.backtest(y, cv=cv, refit=refit, n_jobs=n_jobs)
    calls = outline(recorder.calls)
    assert calls[:2] == ["setup", "Forecaster begins backtest"]
    assert calls.count("RNNRegressor begins fit") == n_fits
    assert calls[-2:] == ["Forecaster ends backtest", "teardown"]


def test_fits_of_other_regressors_are_tasks_of_a_backtest():
    recorder, y, cv = Recorder(), seasonal(60), TimeSeriesSplit(3, test_size=5)
    Forecaster(Ridge()).set_callbacks(recorder).backtest(y, cv=cv)
    inside = ["Forecaster begins model", "Forecaster ends model"] * 3
    assert recorder.calls == [
        "setup",
        "Forecaster begins backtest",
        *inside,
        "Forecaster ends backtest",
        "teardown",
    ]


def test_the_progress_bar_shows_the_fits_of_a_backtest_in_processes(capsys):
    pytest.importorskip("rich", reason="the progress bar needs it")
    bar = callback.ProgressBar(max_propagation_depth=1)
    cv = TimeSeriesSplit(4, test_size=5)
    Forecaster(network()).set_callbacks(bar).backtest(seasonal(60), cv=cv, n_jobs=2)
    shown = capsys.readouterr().out
    assert "Forecaster - backtest" in shown
    assert shown.count("RNNRegressor - fit") >= 4


def test_an_update_has_tasks_too():
    recorder, y = Recorder(), seasonal(60)
    own = Forecaster(network(), calibration=0).set_callbacks(recorder).fit(y[:50])
    recorder.calls.clear()
    own.update(y[50:], refit=True)
    assert recorder.calls.count("RNNRegressor begins fit") == 1
    assert recorder.calls[-1] == "teardown"


def test_a_failed_fit_ends_the_callbacks():
    recorder = Recorder()
    with pytest.raises(ValueError, match="infinite"):
        Forecaster(Ridge()).set_callbacks(recorder).fit(np.append(np.arange(50.0), np.inf))
    assert recorder.calls[-1] == "teardown"


def test_the_progress_bar_shows_fits(capsys):
    pytest.importorskip("rich", reason="the progress bar needs it")
    bar = callback.ProgressBar(max_propagation_depth=0)
    Forecaster(network()).set_callbacks(bar).fit(seasonal(60))
    assert "Forecaster" in capsys.readouterr().out
