"""Published tasks: skrnn by default, and with settings that suit, beside the figures of others.

Run ``python benchmarks/published.py [--quick] [--prices TRAIN.csv TEST.csv]``, some three minutes,
or one. It prints Markdown tables. The files, with the columns Date and Open, add the price task.

``_published_tasks.py`` has the data, the protocol, the source and the settings of each task. With
``--choose``, the test part is left alone, and other data take its place: the settings were found
there. Each network gets the same windows as the linear models, behind the same scaler, and
each number is the median of the seeds of its initial weights.

Beside the networks are a prediction without a model, and two rivals on the flat windows: for
numbers, scikit-learn's plain ``Ridge()`` and a `RidgeCV` that may also choose a hardly noticeable
penalty; for labels, logistic regression and the nearest neighbour. Times are those of the fits on
one thread, by that of the first rival.
"""

import argparse
import time
import warnings

import numpy as np
from _published_tasks import TASKS, prices
from _tools import machine
from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV
from sklearn.neighbors import KNeighborsClassifier
from threadpoolctl import threadpool_limits

from skrnn import RNNClassifier, RNNRegressor

N_TIMES = 9  # fits of a rival, for the median of their times
PENALTIES = np.logspace(-10, 3, 14)
RIVALS = {
    RNNRegressor: [Ridge(), RidgeCV(PENALTIES)],
    RNNClassifier: [LogisticRegression(max_iter=2000), KNeighborsClassifier(1)],
}


class Flat:
    """A rival without memory: it reads whole windows, or the last steps for labels of steps."""

    def __init__(self, model, n_steps=3):
        self.model, self.n_steps = model, n_steps

    def rows(self, X):
        if not self.per_step:
            return X.reshape(len(X), -1)
        padded = np.pad(X, [(0, 0), (self.n_steps - 1, 0), (0, 0)])
        windows = np.lib.stride_tricks.sliding_window_view(padded, self.n_steps, axis=1)
        return windows.reshape(X.shape[0] * X.shape[1], -1)

    def fit(self, X, y):
        self.per_step = y.ndim > 1
        self.model.fit(self.rows(X), y.ravel())
        return self

    def predict(self, X):
        predicted = self.model.predict(self.rows(X))
        return predicted.reshape(X.shape[:2]) if self.per_step else predicted


def fitted(model, task):
    """The model, the seconds of the fit, and whether it warned."""
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(task.X, task.y)
    return model, time.perf_counter() - start, bool(caught)


def run(task, n_seeds):
    """Scores (models, measures), seconds of the fits, and how many fits of each network warned."""
    network = RNNClassifier if task.y.dtype.kind in "iub" else RNNRegressor
    table, seconds, warned = [], [], []
    for rival in RIVALS[network]:
        runs = [fitted(Flat(rival), task) for _ in range(N_TIMES)]
        model = runs[0][0]
        table.append([np.nan if m.networks_only else m.score(model) for m in task.measures])
        seconds.append(np.median([took for _, took, _ in runs]))
    for settings in ({}, task.informed):
        runs = [fitted(network(random_state=s, **settings), task) for s in range(n_seeds)]
        found = [[m.score(model) for m in task.measures] for model, _, _ in runs]
        table.append(np.median(found, axis=0))
        seconds.append(np.median([took for _, took, _ in runs]))
        warned.append(sum(w for _, _, w in runs))
    return np.array(table), np.array(seconds), warned


def print_results(results):
    columns = ["without a model", "Ridge, or logistic regression", "RidgeCV, or 1-NN"]
    print("| task | measure | published |", " | ".join([*columns, "default", "informed"]), "|")
    print("|---" * 8 + "|")
    for task, (table, _, _) in results:
        for m, measure in enumerate(task.measures):
            values = [measure.naive, *table[:, m]]
            cells = ["–" if np.isnan(v) else format(v, measure.form) for v in values]
            cells = [measure.name, measure.published or "–", *cells]
            print("|", " | ".join([task.name, *cells]), "|")


def print_tasks(results):
    columns = ["protocol", "source of the published figure", "informed settings", "seeds"]
    columns += ["time of the default, informed", "fits that warned"]
    print("\n| task |", " | ".join(columns), "|")
    print("|---" * 7 + "|")
    for task, (_, seconds, warned) in results:
        settings = ", ".join(f"{name}={value!r}" for name, value in task.informed.items())
        times = ", ".join(f"{float(f'{ratio:.2g}'):g}×" for ratio in seconds[2:] / seconds[0])
        cells = [task.protocol, task.source, f"`{settings}`", str(task.n_seeds), times]
        print("|", " | ".join([task.name, *cells, ", ".join(map(str, warned))]), "|")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one seed")
    parser.add_argument("--choose", action="store_true", help="on the data to choose settings on")
    parser.add_argument("--prices", nargs=2, help="CSV files of the price task")
    args = parser.parse_args()
    tasks = [prices(args.choose, args.prices)] if args.prices else []
    tasks += [make(args.choose) for make in TASKS]
    print(machine(), "\n", flush=True)
    with threadpool_limits(1):  # threads of BLAS make the times of small fits erratic
        results = [(task, run(task, 1 if args.quick else task.n_seeds)) for task in tasks]
    print_results(results)
    print_tasks(results)


if __name__ == "__main__":
    main()
