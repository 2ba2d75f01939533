"""Fits and predictions in several threads and processes."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from joblib import Parallel, delayed, parallel_config
from joblib.parallel import SequentialBackend
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from threadpoolctl import threadpool_info

from skrnn import RNNRegressor
from skrnn._engine.network import Network
from skrnn._estimators.blas_threads import threads_of
from tests.helpers.data import running_sums
from tests.helpers.fits import same, small, unconverged

pytestmark = pytest.mark.core


def test_no_threads_at_all(data):
    with pytest.raises(ValueError, match="'n_jobs' parameter"):
        small(n_jobs=0).fit(*data)


def test_the_backend_of_joblib_has_no_say(data):
    """A cluster's would count the processors of all machines, by a question to another one."""

    class Cluster(SequentialBackend):
        def effective_n_jobs(self, n_jobs):
            raise AssertionError("asked the cluster")

    for n_jobs in (2, -1):
        with parallel_config(Cluster()):
            model = small(n_jobs=n_jobs).fit(*data)
            model.predict(data[0])
        assert_array_equal(model.parameters_, small().fit(*data).parameters_)


@pytest.mark.parametrize(("n_jobs", "expected"), [(1, 1), (3, 3), (-1, 4), (-2, 3), (-9, 1)])
def test_negative_numbers_leave_processors_free(monkeypatch, n_jobs, expected):
    monkeypatch.setattr("skrnn._estimators.blas_threads.cpu_count", lambda: 4)
    with threads_of(n_jobs) as n_threads:
        assert n_threads == expected


def test_what_fails_in_one_thread_ends_the_other(data, monkeypatch):
    X, _ = data
    model = small(n_jobs=2).fit(*data)
    seen = []

    def forward(network, theta, x, **_):
        seen.append(1)
        raise KeyboardInterrupt

    monkeypatch.setattr("skrnn._estimators.chunks.LARGE", 1)
    monkeypatch.setattr("skrnn._estimators.chunks.CHUNK_SEQUENCES", 1)
    monkeypatch.setattr("skrnn._engine.network.Network.forward", forward)
    with pytest.raises(KeyboardInterrupt):
        model.predict(np.tile(X, (50, 1, 1)))
    assert len(seen) <= 2


@pytest.mark.parametrize("n_jobs", [1, 2, -1])
@pytest.mark.parametrize("rule", ["_LARGE_STEP", "_HUGE_STEP"])
def test_threads_do_not_change_the_bits(rng, n_jobs, rule, monkeypatch):
    monkeypatch.setattr(f"skrnn._engine.parallel.{rule}", 1)
    X, y = rng.normal(size=(40, 8, 2)), rng.normal(size=40)
    options = {"solver": "adam", "hidden_size": (6, 5), "dropout": 0.2, "bidirectional": True}
    expected = small("gru", **options).fit(X, y)
    model = small("gru", n_jobs=n_jobs, **options).fit(X, y)
    assert_array_equal(model.parameters_, expected.parameters_)


@pytest.mark.parametrize("options", [{}, {"cell": "jordan"}, {"bidirectional": True}], ids=str)
@pytest.mark.parametrize("kind", ["last", "per step"])
def test_prediction_in_chunks_and_threads(rng, kind, options, monkeypatch):
    """Chunks and threads don't change what is predicted, ragged masks included."""
    options = {"cell": "lstm", **options}
    X = rng.normal(size=(50, 8, 2))
    X[7, 3:] = X[20] = np.nan
    y = rng.normal(size=50 if kind == "last" else (50, 8, 1))
    expected = small(**options).fit(X, y).predict(X)
    monkeypatch.setattr("skrnn._estimators.chunks.CHUNK_SEQUENCES", 7)
    monkeypatch.setattr("skrnn._engine.blocks.BLOCK_NUMBERS", 7 * 3 * 40)  # 3 steps at a time
    monkeypatch.setattr("skrnn._estimators.chunks.LARGE", 1)
    one, two = (small(n_jobs=n_jobs, **options).fit(X, y).predict(X) for n_jobs in (1, 2))
    assert_allclose(one, expected, rtol=1e-10, atol=1e-12)
    assert_array_equal(one, two)


def test_nothing_changes_while_a_fit_is_running(data):
    """Another thread predicts with the old network until the new one is fitted."""
    X, y = data
    model = RNNRegressor(4, alpha=1.0, solver="adam", max_iter=10, random_state=0).fit(X, y)
    old = model.predict(X)
    model.set_params(max_iter=150, n_iter_no_change=150)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(model.fit, X, -y)
        n_seen = 0
        while not future.done():
            prediction = model.predict(X)
            if not future.done():
                assert_array_equal(prediction, old)
                n_seen += 1
            time.sleep(0.001)
    future.result()
    assert n_seen
    assert (model.predict(X) != old).any()


def test_fits_in_threads_do_not_disturb_each_other(data):
    X, y = data
    models = [
        RNNRegressor(4, alpha=1.0, solver="adam", max_iter=10, random_state=i) for i in range(4)
    ]
    expected = [clone(model).fit(X, y).parameters_ for model in models]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda model: model.fit(X, y), models))
    for model, parameters in zip(models, expected, strict=True):
        np.testing.assert_allclose(model.parameters_, parameters, rtol=1e-9)


def test_fits_hold_blas_to_one_thread_and_let_it_go(rng, monkeypatch):
    """Fits in several threads at once let it go too."""

    def n_threads():
        return {lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"}

    inside, original = set(), Network.loss_grad

    def loss_grad(self, *args, **kwargs):
        inside.update(n_threads())
        return original(self, *args, **kwargs)

    X, y = rng.normal(size=(20, 3, 1)), rng.normal(size=20)
    models = [RNNRegressor(3, solver="adam", max_iter=n, random_state=0) for n in (2, 9, 3, 7)]
    before = n_threads()
    with monkeypatch.context() as patch:
        patch.setattr(Network, "loss_grad", loss_grad)
        models[0].fit(X, y)
    assert inside == {1}
    Parallel(2, backend="threading")(delayed(m.fit)(X, y) for m in 5 * models)
    assert n_threads() == before


@unconverged
def test_search_in_processes_equals_one_process():
    X, y = running_sums(masked=False)
    grid = {"solver": ["lm", "adam"], "n_init": [1, 3], "hidden_size": [2, 30]}
    searches = [
        GridSearchCV(
            RNNRegressor(max_iter=4, random_state=0), grid, cv=TimeSeriesSplit(2), n_jobs=n_jobs
        ).fit(X, y)
        for n_jobs in (1, 2)
    ]
    scores = [search.cv_results_["split1_test_score"] for search in searches]
    assert_array_equal(*scores)
    same(*(search.best_estimator_ for search in searches))
