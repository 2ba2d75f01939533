"""Searches, backtests and ensembles on a cluster of Dask: the bits of one process."""

import subprocess
import sys
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.ensemble import VotingRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_validate
from sklearn.pipeline import make_pipeline

from skrnn import Forecaster, RNNRegressor, SlidingWindow, sliding_windows
from tests.helpers.fits import unconverged
from tests.helpers.series import covariates, seasonal, walk

distributed = pytest.importorskip("distributed", reason="the extra cluster brings it")
pytestmark = [
    unconverged,
    pytest.mark.filterwarnings("ignore:There are .* training windows"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of Dask itself
]
CV = TimeSeriesSplit(3, test_size=6)
SERIES = np.sin(np.arange(300) / 3) + np.random.RandomState(0).normal(scale=0.1, size=300)
X, Y = sliding_windows(SERIES, length=12)


@pytest.fixture(scope="module")
def client():
    """Two processes with two threads each."""
    options = {"n_workers": 2, "threads_per_worker": 2, "dashboard_address": ":0"}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        yield client


def network(**parameters):
    return RNNRegressor(**{"hidden_size": 3, "alpha": 1, "max_iter": 5, **parameters})


def there_and_here(client, call):
    """What a call returns on the cluster and without it, and that the workers did it."""
    here = call()
    with distributed.get_task_stream(client) as stream, joblib.parallel_config("dask"):
        there = call()
    assert stream.data
    return there, here


def test_a_search(client):
    def scores():
        pipe = make_pipeline(SlidingWindow(context="continue"), network(random_state=0))
        grid = {"slidingwindow__length": [4, 8], "rnnregressor__cell": ["elman", "gru"]}
        search = GridSearchCV(pipe, grid, cv=TimeSeriesSplit(3), n_jobs=-1)
        return search.fit(SERIES[:-1, np.newaxis], SERIES[1:]).cv_results_["mean_test_score"]

    assert_array_equal(*there_and_here(client, scores))


def test_a_search_of_a_forecaster(client):
    def scores():
        forecaster = Forecaster(network(random_state=0), calibration=0)
        search = GridSearchCV(forecaster, {"window": [3, 6]}, cv=CV, n_jobs=-1)
        return search.fit(seasonal(72)).cv_results_["mean_test_score"]

    assert_array_equal(*there_and_here(client, scores))


@pytest.mark.parametrize("regressor", [network(random_state=0), Ridge()], ids=str)
def test_a_backtest(client, regressor):
    y = pd.DataFrame({"a": seasonal(72), "b": walk(72)})
    y.iloc[:20, 1] = np.nan

    def folds():
        return Forecaster(regressor, window=5).backtest(y, covariates(72), cv=CV, n_jobs=-1)

    there, here = there_and_here(client, folds)
    assert_frame_equal(there, here, check_exact=True)
    assert there.attrs == here.attrs


def test_a_mean_of_starts(client):
    def predictions():
        starts = [(str(seed), network(random_state=seed)) for seed in range(4)]
        return VotingRegressor(starts, n_jobs=-1).fit(X, Y).predict(X)

    assert_array_equal(*there_and_here(client, predictions))


def test_windows_know_their_rows(client):
    """Early stopping leaves out those that share rows with the ones it holds out."""

    def left_out():
        model = network(solver="adam", early_stopping=True, random_state=0)
        found = cross_validate(model, X, Y, cv=TimeSeriesSplit(2), n_jobs=-1, return_estimator=True)
        return [own.n_left_out_ for own in found["estimator"]]

    there, here = there_and_here(client, left_out)
    assert there == here == [12] * 2


def test_windows_know_their_names(client):
    frame = pd.DataFrame({"price": SERIES, "shop": 1.0})
    window = SlidingWindow(12, static_features=["shop"]).set_output(transform="pandas")
    windows = window.fit_transform(frame)

    def scores():
        model = network(static_features=["shop"], random_state=0)
        return cross_validate(model, windows, SERIES, cv=TimeSeriesSplit(2), n_jobs=-1)

    there, here = there_and_here(client, scores)
    assert_array_equal(there["test_score"], here["test_score"])


def test_windows_take_the_memory_of_their_rows(client):
    from dask.sizeof import sizeof

    [windows] = client.scatter([X])
    there = client.submit(lambda X: sizeof(X), windows).result()
    assert there == sizeof(X) < 1.1 * SERIES.nbytes < X.nbytes / 10


def test_windows_that_were_sent_before_dask_knew_them(client):
    """Then they are the plain numbers of Dask's own way."""
    from distributed.protocol.numpy import serialize_numpy_ndarray
    from distributed.protocol.serialize import dask_deserialize

    arrived = dask_deserialize.dispatch(type(X))(*serialize_numpy_ndarray(X))
    assert_array_equal(arrived, X)


def test_several_threads_of_a_worker_fit_at_once(client):
    """Each has the bits of a fit alone, whatever begins or ends beside it."""

    def fit(seed, n_jobs):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            model = RNNRegressor(
                (24, 24), cell="lstm", alpha=1, solver="adam", batch_size=200, max_iter=4,
                n_jobs=n_jobs, random_state=seed, tol=0,
            ).fit(np.tile(X, (2, 4, 1)), np.tile(Y, 2))  # fmt: skip
        return model.parameters_, [str(w.message) for w in caught]

    seeds, jobs = [*range(4)] * 2, [1] * 4 + [2] * 4
    expected = [fit(seed, 1)[0] for seed in range(4)] * 2
    found = client.gather(client.map(fit, seeds, jobs, pure=False))
    for (parameters, messages), own in zip(found, expected, strict=True):
        assert_array_equal(parameters, own)
        assert not [message for message in messages if "daemon" in message]


LATE = """
import joblib
import numpy as np
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from skrnn import RNNRegressor, sliding_windows
from dask.distributed import Client, LocalCluster  # after skrnn: so do the workers

if __name__ == "__main__":
    X, y = sliding_windows(np.random.RandomState(0).normal(size=300), length=20)
    search = GridSearchCV(RNNRegressor(2, alpha=1, max_iter=2), {"alpha": [1, 2]}, cv=2)
    with LocalCluster(n_workers=2, dashboard_address=":0") as cluster, Client(cluster):
        with joblib.parallel_config("dask"):
            search.fit(X, y)
    print(search.best_params_)
"""


def test_a_script_may_import_dask_after_skrnn(tmp_path):
    (tmp_path / "late.py").write_text(LATE)
    command = [sys.executable, "-W", "ignore", tmp_path / "late.py"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "'alpha'" in done.stdout
