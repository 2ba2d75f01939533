"""A cluster
=========

A grid search, a backtest and several starts of a network, spread over the workers of Dask.

All of them go through joblib. Inside ``joblib.parallel_config("dask")`` their fits run on the
workers: here two processes of this machine, as well as a hundred machines. The results are those
of one process, to the last bit, as a fit is alone with its rows and its random numbers.

Restarts by ``n_init`` stay in one process, which trains them as a batch. What can be spread is
networks with a ``random_state`` each: their mean is a ``VotingRegressor``, and the best of them is
found by a search.

Run it with ``pip install -e ".[cluster,forecast]"`` and ``python examples/cluster.py``; it draws
``examples/output/cluster.png``.
"""

# %%
from pathlib import Path

import joblib
import matplotlib.pyplot as plt
import numpy as np
from dask.distributed import Client, LocalCluster, get_task_stream
from sklearn.ensemble import VotingRegressor
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import Pipeline

from skrnn import BacktestDisplay, Forecaster, RNNRegressor, SlidingWindow
from skrnn.datasets import load_airline, load_sunspots

OUTPUT = Path(globals().get("__file__", "")).parent / "output"


# %%
# A search over windows and networks. Workers get the rows of the table, and cut windows themselves.
def search():
    X, y = load_sunspots(return_X_y=True, as_frame=True)
    pipe = Pipeline([("window", SlidingWindow()), ("rnn", RNNRegressor(random_state=0))])
    grid = {"window__length": [6, 9], "rnn__hidden_size": [2, 4]}
    pipe.set_output(transform="pandas")
    return GridSearchCV(pipe, grid, cv=TimeSeriesSplit(3), n_jobs=-1).fit(X, y)


# %%
# A backtest: each fold is a fit on the years before. It gets the rows of these years alone.
def backtest():
    y = load_airline(as_frame=True).series
    return Forecaster().backtest(y, cv=TimeSeriesSplit(5, test_size=12), n_jobs=-1)


# %%
# Four starts: their mean predicts, as with ``ensemble=True``.
def mean_of_starts():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(300, 10, 3))
    y = (X[:, :, 0] * X[:, :, 1]) @ 0.7 ** np.arange(10)[::-1]
    starts = [(f"start {seed}", RNNRegressor(random_state=seed)) for seed in range(4)]
    ensemble = VotingRegressor(starts, n_jobs=-1).fit(X[:200], y[:200])
    return ensemble.predict(X[200:]), ensemble.score(X[200:], y[200:])


# %%
# Each job here, then on the cluster. Workers of Dask import this file, and would begin a cluster
# of their own without the last line.
def main():
    local = search(), backtest(), mean_of_starts()
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
        get_task_stream(client) as stream,
        joblib.parallel_config("dask"),
    ):
        remote = search(), backtest(), mean_of_starts()
    workers = [task["worker"] for task in stream.data]

    scores = [own[0].cv_results_["mean_test_score"] for own in (local, remote)]
    forecasts = [own[1]["forecast"] for own in (local, remote)]
    predictions = [own[2][0] for own in (local, remote)]
    for i, worker in enumerate(sorted(set(workers)), 1):
        print(f"worker {i}: {workers.count(worker)} tasks")
    print(f"{'':28s}{'fits':>6s}{'numbers':>10s}{'largest difference':>21s}")
    rows = {
        "search, mean scores": (4 * 3, *scores),
        "backtest, forecasts": (5, *forecasts),
        "four starts, their mean": (4, *predictions),
    }
    for name, (fits, here, there) in rows.items():
        print(f"{name:28s}{fits:6d}{len(here):10d}{np.abs(here - there).max():21.1f}")
    print(f"best parameters: {remote[0].best_params_}")
    print(f"backtest: MASE {remote[1].attrs['summary']['MASE']:.2f}")
    print(f"mean of four starts: R² {remote[2][1]:.4f}")

    OUTPUT.mkdir(exist_ok=True)
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
    left.axline((scores[0].mean(),) * 2, slope=1, color="0.8")
    left.plot(*scores, "o")
    left.set(xlabel="R² on one machine", ylabel="R² on the cluster", title="The search")
    BacktestDisplay.from_backtest(remote[1], ax=right)
    right.set_title("The backtest, of the cluster")
    figure.savefig(OUTPUT / "cluster.png", dpi=120)
    print(f"picture: {OUTPUT / 'cluster.png'}")


if __name__ == "__main__":
    main()
# sphinx_gallery_thumbnail_path = '../examples/cluster.png'
