"""Which defaults `RNNClassifier` should have: settings against tasks, untouched otherwise.

Run ``python benchmarks/classifier_defaults.py [--quick]``, some four minutes, or one. It prints
two Markdown tables: accuracy, and the log loss divided by that of a linear model, which can be
compared across tasks. Each number is a mean over draws of the data. Each draw has its own seed,
for the data and the network.
"""

import argparse
import time

import numpy as np
from _tools import machine
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.utils._testing import ignore_warnings

from skrnn import RNNClassifier, SequencePadder

SETTINGS = {
    "Elman, 8": {"hidden_size": 8, "cell": "elman"},
    "Elman, 32": {"hidden_size": 32, "cell": "elman", "solver": "adam"},
    "GRU, 8": {"hidden_size": 8},
    "GRU, 16": {"hidden_size": 16},
    "GRU, 32 (default)": {},
    "GRU, 64": {"hidden_size": 64},
    "GRU, 32, alpha=0.1": {"alpha": 0.1},
    "GRU, 32, alpha=3": {"alpha": 3},
    "LSTM, 32": {"cell": "lstm"},
    "GRU, 32, lbfgs": {"solver": "lbfgs"},
}


def digits(rng):
    """Rows of handwritten digits, of writers who are in both parts."""
    data = load_digits()
    order = rng.permutation(len(data.target))
    return data.images[order] / 8 - 1, data.target[order], 900


def strings(rng):
    """Whether an a is followed, at any distance, by a b; of 3 to 12 letters."""
    drawn = ["".join(rng.choice(list("abcd"), rng.randint(3, 13))) for _ in range(600)]
    X = [np.array([[c == k for k in "abcd"] for c in s], float) for s in drawn]
    return X, np.array(["b" in s.partition("a")[2] for s in drawn]), 300


def frequencies(rng):
    """Which of four frequencies three noisy sensors have, each with a phase of its own."""
    y = rng.randint(4, size=600)
    turns = np.array([0.05, 0.08, 0.11, 0.14])[y][:, None, None] * np.arange(50)[:, None]
    waves = np.sin(2 * np.pi * turns + rng.uniform(0, 2 * np.pi, size=(600, 1, 3)))
    return waves + 0.7 * rng.normal(size=waves.shape), y, 300


def noisy(rng):
    """The sign of a sum and a product, with so much noise that no model is right throughout."""
    X = rng.normal(size=(400, 10, 3))
    z = X[..., 0].sum(axis=1) + 2 * X[:, -1, 1] * X[:, -2, 2]
    return X, z + 1.5 * rng.normal(size=400) > 0, 150


def walks(rng):
    """Three classes of what a random walk did lately, with a product of earlier values."""
    X = np.cumsum(rng.normal(size=(500, 30, 1)), axis=1) / 5
    z = X[:, -1, 0] - X[:, 15, 0] + X[:, 8, 0] * X[:, 2, 0]
    return X, np.digitize(z, [-0.5, 0.5]), 250


TASKS = [digits, strings, frequencies, noisy, walks]


def flat(X):
    """Rows for a linear model, 0 where a sequence has no step."""
    X = SequencePadder(side="left").fit_transform(X)
    return np.nan_to_num(X).reshape(len(X), -1)


@ignore_warnings(category=ConvergenceWarning)
def scores(model, X, y, n_train):
    """Accuracy and log loss on the rest, and the seconds that training took."""
    start = time.perf_counter()
    model.fit(X[:n_train], y[:n_train])
    seconds = time.perf_counter() - start
    loss = log_loss(y[n_train:], model.predict_proba(X[n_train:]), labels=np.unique(y))
    return model.score(X[n_train:], y[n_train:]), loss, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one draw")
    seeds = range(1 if parser.parse_args().quick else 4)
    names = ["linear model", *SETTINGS]
    results = np.zeros((len(names), len(TASKS), len(seeds), 3))
    for t, task in enumerate(TASKS):
        for s, seed in enumerate(seeds):
            X, y, n_train = task(np.random.RandomState(seed))
            linear = LogisticRegression(max_iter=2000)
            results[0, t, s] = scores(linear, flat(X), y, n_train)
            for i, settings in enumerate(SETTINGS.values(), start=1):
                model = RNNClassifier(random_state=seed, **settings)
                results[i, t, s] = scores(model, X, y, n_train)
    accuracy, loss, seconds = np.moveaxis(results, -1, 0)  # (settings, tasks, draws)
    ratio = np.exp(np.log(loss / loss[0]).mean(axis=2))
    print(machine())
    titles = [task.__name__ for task in TASKS]
    print(f"\nAccuracy, mean of {len(seeds)} draws.\n")
    print("|", " | ".join(["setting", *titles, "mean", "seconds of a fit"]), "|")
    print("|---" * (len(TASKS) + 3) + "|")
    for i, name in enumerate(names):
        cells = [f"{value:.3f}" for value in [*accuracy[i].mean(axis=1), accuracy[i].mean()]]
        print("|", " | ".join([name, *cells, f"{seconds[i].mean():.2f}"]), "|")
    print("\nLog loss by the linear model's, geometric means.\n")
    print("|", " | ".join(["setting", *titles, "mean"]), "|")
    print("|---" * (len(TASKS) + 2) + "|")
    for i, name in enumerate(names):
        cells = [f"{value:.2f}" for value in [*ratio[i], np.exp(np.log(ratio[i]).mean())]]
        print("|", " | ".join([name, *cells]), "|")


if __name__ == "__main__":
    main()
