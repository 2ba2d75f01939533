"""What moves over the wire when searches, backtests and starts run on a cluster of Dask.

Run ``pip install -e ".[cluster]"``, then ``python benchmarks/cluster.py``, about a minute. It
starts two workers on this machine and prints a Markdown table.

Each message is counted as it is written to its socket, by the client, the scheduler and the
workers. The networks train for one epoch: the number of epochs doesn't change what is sent.
"""

import warnings
from collections import Counter

import joblib
import numpy as np
import pandas as pd
from _tools import machine
from dask.distributed import Client, LocalCluster
from distributed.comm.tcp import TCP
from sklearn.ensemble import VotingRegressor
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline

from skrnn import Forecaster, RNNRegressor, SlidingWindow, sliding_windows

T, N = 48, 20_000  # steps of a window, rows of the series
NETWORK = RNNRegressor(4, alpha=1.0, solver="adam", max_iter=1, random_state=0)
CV = TimeSeriesSplit(5, test_size=24)

rng = np.random.default_rng(0)
SERIES = pd.Series(
    np.sin(np.arange(N) / 4) + rng.normal(scale=0.1, size=N),
    pd.date_range("2020-01-01", periods=N, freq="h"),
)
DAYS = pd.date_range("2020-01-01", periods=1000)
INDEX = pd.MultiIndex.from_product([[f"shop {i}" for i in range(100)], DAYS], names=["id", "day"])
SALES = pd.Series(rng.normal(size=len(INDEX)), INDEX)
COVARIATES = pd.DataFrame(rng.normal(size=(len(INDEX), 5)), INDEX)
ROWS, NEXT = SERIES.to_numpy()[:-1, np.newaxis], SERIES.to_numpy()[1:]
WINDOWS, TARGETS = sliding_windows(SERIES, T)


def backtest(**options):
    return Forecaster(NETWORK, window=T).backtest(SERIES, n_jobs=-1, **options)


def backtest_of_shops():
    forecaster = Forecaster(NETWORK, window=T, season=None)
    return forecaster.backtest(SALES, COVARIATES, cv=CV, n_jobs=-1)


def search(model, X, y, name):
    grid = {name: [1.0, 10.0]}
    return GridSearchCV(model, grid, cv=TimeSeriesSplit(5), n_jobs=-1, refit=False).fit(X, y)


def search_of_windows():
    return search(NETWORK, WINDOWS, TARGETS, "alpha")


def search_of_rows():
    pipe = make_pipeline(SlidingWindow(T, context="continue"), NETWORK)
    return search(pipe, ROWS, NEXT, "rnnregressor__alpha")


def starts():
    own = [(str(seed), RNNRegressor(4, alpha=1.0, solver="adam", max_iter=1)) for seed in range(4)]
    return VotingRegressor(own, n_jobs=-1).fit(WINDOWS, TARGETS)


# name: the call, its fits, the bytes of the values, numbers that a window has for each value of y
JOBS = {
    f"backtest, {N:,} hours": (lambda: backtest(cv=CV), 5, SERIES.nbytes, T),
    "the same, 20 folds of one fit": (
        lambda: backtest(cv=TimeSeriesSplit(20, test_size=24), refit=False),
        1,
        SERIES.nbytes,
        T,
    ),
    "backtest, 100 shops, 1,000 days, 5 covariates": (
        backtest_of_shops,
        5,
        SALES.nbytes + COVARIATES.to_numpy().nbytes,
        T,
    ),
    f"search, windows of {N:,} hours": (search_of_windows, 10, SERIES.nbytes, T),
    f"search of a pipeline, {N:,} hours": (search_of_rows, 10, ROWS.nbytes + NEXT.nbytes, T / 2),
    f"four starts, windows of {N:,} hours": (starts, 4, SERIES.nbytes, T),
}


def count_writes(scheduler):
    """Count the bytes that this process writes to the scheduler, and by it or to workers."""
    written, write = Counter(), TCP.write

    async def counted(comm, *args, **options):
        n = await write(comm, *args, **options)
        written[comm.peer_address == scheduler] += n
        return n

    TCP.write = counted
    return written


def count_in_worker(dask_worker):
    dask_worker.written = count_writes(dask_worker.scheduler.address)


def between_workers(client):
    """Bytes that workers have sent to each other."""
    return sum(client.run(lambda dask_worker: dask_worker.written[False]).values())


def main():
    warnings.simplefilter("ignore")
    print(machine("dask", "distributed", "joblib"))
    print(f"\nMB. Windows have {T} steps.\n")
    heads = "values", "their windows", "client to scheduler", "scheduler to workers", "per fit"
    print("| job | fits | " + " | ".join(heads) + " | between workers |\n|---" + "|---" * 7 + "|")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with LocalCluster(**options) as cluster, Client(cluster) as client:
        client.run(count_in_worker)
        written = count_writes(client.scheduler.address)
        for name, (call, n_fits, n_bytes, per_value) in JOBS.items():
            before = between_workers(client)
            written.clear()
            with joblib.parallel_config("dask"):
                call()
            sent = written[True], written[False]
            moved = between_workers(client) - before
            cells = n_bytes, n_bytes * per_value, *sent, (sent[1] + moved) / n_fits, moved
            row = " | ".join(f"{own / 1e6:.2f}" for own in cells)
            print(f"| {name} | {n_fits} | {row} |", flush=True)


if __name__ == "__main__":
    main()
