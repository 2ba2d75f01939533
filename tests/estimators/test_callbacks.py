"""scikit-learn's callbacks."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit

from skrnn import RNNRegressor
from tests.helpers.fits import series_pipe

callback = pytest.importorskip("sklearn.callback", reason="scikit-learn has them from 1.9 on")


class Recorder:
    """What the hooks are called with; stops after some epochs, or raises."""

    def __init__(self, stop_after=None, error=None):
        self.stop_after, self.error = stop_after, error
        self.calls, self.tasks, self.fitted = [], [], []

    def setup(self, estimator, context):
        self.calls.append("setup")

    def teardown(self, estimator, context):
        self.calls.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.calls.append(f"begin {context.task_name}")

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
        self.calls.append(f"end {context.task_name}")
        if context.task_name != "epoch":
            return False
        self.tasks.append(context.task_id)
        if fitted_estimator is not None:
            self.fitted.append(fitted_estimator.score(X, y))
        if self.error is not None and len(self.tasks) == 3:
            raise self.error
        return len(self.tasks) == self.stop_after


@pytest.mark.parametrize("solver", ["adam", "lm", "lbfgs"])
def test_each_epoch_is_a_task_with_a_fitted_estimator(data, solver):
    recorder = Recorder()
    model = RNNRegressor(3, alpha=1.0, solver=solver, max_iter=6, random_state=0).set_callbacks(
        recorder
    )
    model.fit(*data)
    assert recorder.tasks == list(range(6))
    assert recorder.fitted[-1] == model.score(*data)
    assert recorder.fitted[-1] > recorder.fitted[0]
    epochs = ["begin epoch", "end epoch"] * 6
    assert recorder.calls == ["setup", "begin fit", *epochs, "end fit", "teardown"]
    # watching changes nothing
    expected = RNNRegressor(3, alpha=1.0, solver=solver, max_iter=6, random_state=0).fit(*data)
    np.testing.assert_array_equal(model.parameters_, expected.parameters_)


def test_a_solver_that_ends_by_itself_leaves_no_task_open(data):
    recorder = Recorder()
    X, _ = data
    model = RNNRegressor(
        1, alpha=1.0, solver="lbfgs", tol=0, n_iter_no_change=10**6, max_iter=10**6
    )
    model.set_callbacks(recorder).fit(X[:3], np.zeros(3))
    assert recorder.calls.count("begin epoch") == recorder.calls.count("end epoch")
    assert len(recorder.fitted) == model.n_iter_


@pytest.mark.parametrize("solver", ["adam", "lm", "lbfgs"])
def test_a_callback_stops_training(data, solver):
    recorder = Recorder(stop_after=4)
    model = (
        RNNRegressor(3, alpha=1.0, solver=solver, random_state=0).set_callbacks(recorder).fit(*data)
    )
    assert model.n_iter_ == 4
    assert recorder.calls.count("begin epoch") == recorder.calls.count("end epoch") == 4
    expected = RNNRegressor(3, alpha=1.0, solver=solver, max_iter=4, random_state=0).fit(*data)
    np.testing.assert_array_equal(model.parameters_, expected.parameters_)


def test_a_callback_stops_the_restarts_too(data, monkeypatch):
    monkeypatch.setattr("skrnn._estimators.restarts._BATCHED_WORK", 0)
    recorder = Recorder(stop_after=4)
    model = RNNRegressor(3, alpha=1.0, n_init=3, random_state=0).set_callbacks(recorder).fit(*data)
    assert model.n_iter_ == 4
    assert recorder.calls.count("begin restarts") == recorder.calls.count("end restarts") == 1


def test_a_callback_that_raises_leaves_the_estimator_as_it_was(data):
    X, y = data
    model = RNNRegressor(3, alpha=1.0, solver="adam", max_iter=5, random_state=0).fit(X, y)
    before, prediction = dict(vars(model)), model.predict(X)
    recorder = Recorder(error=RuntimeError("disk full"))
    with pytest.raises(RuntimeError, match="disk full"):
        model.set_callbacks(recorder).fit(X + 1, -y)
    assert recorder.calls[-1] == "teardown"
    model.set_callbacks()
    assert vars(model) == before
    np.testing.assert_array_equal(model.predict(X), prediction)


def test_scoring_monitor(data, rng):
    monitor = callback.ScoringMonitor(scoring="neg_mean_squared_error")
    model = RNNRegressor(3, alpha=1.0, max_iter=5, random_state=0).set_callbacks(monitor).fit(*data)
    scores = [row["neg_mean_squared_error"] for row in monitor.get_logs().data]
    assert len(scores) == 6  # five epochs and the fit
    assert -scores[-1] == pytest.approx(np.mean((model.predict(data[0]) - data[1]) ** 2))
    assert scores[-1] > scores[-5]
    # in a pipeline, of the last step
    pipe, X, y = series_pipe(rng)
    monitor = callback.ScoringMonitor(scoring="r2")
    pipe[-1].set_callbacks(monitor)
    pipe.fit(X, y)
    assert len(monitor.get_logs().data) == 6
    # in a search, of every candidate
    search = GridSearchCV(pipe, {"rnnregressor__hidden_size": [1, 2]}, cv=TimeSeriesSplit(2))
    search.fit(X, y)
    assert len(monitor.get_logs(select="all")[-1].data) > 5


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_progress_bar(data, rng, capsys, n_jobs):
    bar = callback.ProgressBar(max_propagation_depth=None)
    RNNRegressor(3, alpha=1.0, max_iter=5, random_state=0).set_callbacks(bar).fit(*data)
    assert "RNNRegressor" in capsys.readouterr().out
    pipe, X, y = series_pipe(rng)
    pipe.set_callbacks(callback.ProgressBar(max_propagation_depth=None)).fit(X, y)
    out = capsys.readouterr().out
    assert "Pipeline" in out
    assert "RNNRegressor" in out
    pipe, X, y = series_pipe(rng)
    search = GridSearchCV(
        pipe, {"rnnregressor__alpha": [0, 1]}, cv=TimeSeriesSplit(2), n_jobs=n_jobs
    )
    search.set_callbacks(callback.ProgressBar(max_propagation_depth=None)).fit(X, y)
    assert "GridSearchCV" in capsys.readouterr().out


def test_stopping_inside_a_pipeline_and_a_search(rng):
    pipe, X, y = series_pipe(rng, solver="adam")
    pipe[-1].set_callbacks(Recorder(stop_after=2))
    assert pipe.fit(X, y)[-1].n_iter_ == 2

    class Every(Recorder):
        def on_fit_task_end(self, estimator, context):
            return context.task_name == "epoch" and context.task_id == 2

    pipe[-1].set_callbacks(Every())
    search = GridSearchCV(pipe, {"rnnregressor__hidden_size": [1, 2]}, cv=TimeSeriesSplit(2))
    assert search.fit(X, y).best_estimator_[-1].n_iter_ == 3


def test_early_stopping_is_seen(data):
    """Callbacks see the weights of the epoch, not those that will be kept."""
    recorder = Recorder()
    model = RNNRegressor(
        3, alpha=1.0, solver="adam", early_stopping=True, max_iter=8, random_state=0
    )
    model.set_callbacks(recorder).fit(*data)
    assert len(recorder.fitted) == len(model.validation_loss_curve_) == 8
