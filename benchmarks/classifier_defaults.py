"""Where RNNClassifier's defaults come from: untouched, and with changes, on many kinds of tasks.

Run ``python benchmarks/classifier_defaults.py [--half choose] [--quick]``, some fifteen minutes, or
three. It prints Markdown tables. Log losses on the test sequences are given by that of the class
frequencies: 1 is a network that has learned nothing. The rivals are `LogisticRegression` on the
values of all steps, behind a scaler, and the nearest neighbour. With a label per step, they read
the last ten steps. Times are those of the fits, by that of an earlier default, as a
median.

Choose defaults by ``--half choose``; report ``--half report``, whose kinds and seeds are others.
"""

import argparse
import time
import warnings
from contextlib import contextmanager

import numpy as np
from _classification import CONTROLS, HALVES, SEEDS
from _tools import machine
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import RNNClassifier, SequencePadder
from skrnn._training import trainer

REFERENCE = "earlier default"  # whose time is the unit


class _UpTo01(RNNClassifier):
    """The classifier with the initial weights and the rule to stop that it had."""

    _remembers_sequences = False

    def fit(self, X, y):
        with _changed(trainer, "_PLATEAU", 1):
            return super().fit(X, y)


@contextmanager
def _changed(module, name, value):
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


VARIANTS = {
    "default": lambda seed: RNNClassifier(random_state=seed),
    REFERENCE: lambda seed: _UpTo01(alpha=1.0, random_state=seed),
    "alpha=1": lambda seed: RNNClassifier(alpha=1.0, random_state=seed),
    "alpha=0.1": lambda seed: RNNClassifier(alpha=0.1, random_state=seed),
    "alpha=0.01": lambda seed: RNNClassifier(alpha=0.01, random_state=seed),
    "early_stopping": lambda seed: RNNClassifier(early_stopping=True, random_state=seed),
    "hidden_size=16": lambda seed: RNNClassifier(16, random_state=seed),
    "cell='lstm'": lambda seed: RNNClassifier(cell="lstm", random_state=seed),
    "learning_rate_init=0.02": lambda seed: RNNClassifier(
        learning_rate_init=0.02, random_state=seed
    ),
    "batch_size=64": lambda seed: RNNClassifier(batch_size=64, random_state=seed),
}
QUICK = "default", REFERENCE
RIVALS = {
    "LogisticRegression": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "nearest neighbour": lambda: make_pipeline(StandardScaler(), KNeighborsClassifier(1)),
}
N_LAGS = 10  # steps that the rivals read, with a label per step


def rows_of(X, y):
    """Rows for the rivals, 0 where a sequence has no step, and their labels."""
    X = np.nan_to_num(SequencePadder(side="left").fit_transform(X))
    if y.ndim == 1:
        return X.reshape(len(X), -1), y
    T = X.shape[1]
    padded = np.pad(X, [(0, 0), (N_LAGS - 1, 0), (0, 0)])
    lags = np.concatenate([padded[:, k : k + T] for k in range(N_LAGS)], axis=2)
    return lags.reshape(-1, lags.shape[2]), y.ravel()


def scores(model, X, y, n_train):
    """Accuracy, log loss by that of the class frequencies, and the seconds of the fit."""
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X[:n_train], y[:n_train])
    seconds = time.perf_counter() - start
    classes, true = model.classes_, y[n_train:].ravel()
    p = model.predict_proba(X[n_train:]).reshape(-1, len(classes))
    frequencies = np.array([np.mean(y[:n_train] == label) for label in classes])
    constant = np.broadcast_to(frequencies, p.shape)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rounding of sums, in float32
        losses = [log_loss(true, own, labels=classes) for own in (p, constant)]
    return np.mean(classes[p.argmax(axis=1)] == true), losses[0] / losses[1], seconds


def compare(half, variants, n_seeds):
    """(rivals and variants, kinds, seeds, 3) of `scores`."""
    tasks, seeds = HALVES[half], SEEDS[half][:n_seeds]
    results = np.empty((len(RIVALS) + len(variants), len(tasks), len(seeds), 3))
    for t, task in enumerate(tasks):
        for s, seed in enumerate(seeds):
            X, y, n_train = task(np.random.RandomState(seed))
            n_rows = n_train if y.ndim == 1 else n_train * y.shape[1]
            for r, rival in enumerate(RIVALS.values()):
                results[r, t, s] = scores(rival(), *rows_of(X, y), n_rows)
            for v, make in enumerate(variants.values(), start=len(RIVALS)):
                results[v, t, s] = scores(make(seed), X, y, n_train)
    return results


def print_summary(names, results, controls, reference):
    """One row for each rival and variant."""
    print("| | accuracy | log loss, mean | geometric mean | worst | of labels by chance | time |")
    print("|---" * 7 + "|")
    for name, own in zip(names, results, strict=True):
        accuracy, loss, seconds = np.moveaxis(own, -1, 0)  # (kinds, seeds)
        learned, chance = loss[~controls], loss[controls].max()
        cells = [learned.mean(), np.exp(np.log(learned).mean()), learned.max(), chance]
        ratio = np.median(seconds / results[names.index(reference), ..., 2])
        texts = [f"{accuracy[~controls].mean():.3f}", *(f"{value:.2f}" for value in cells)]
        print("|", " | ".join([name, *texts, f"{ratio:.2g}"]), "|")


def print_kinds(names, results, tasks):
    """One row for each kind: mean accuracy, and mean log loss in parentheses."""
    print("\n| accuracy (log loss) | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for t, task in enumerate(tasks):
        means = results[:, t].mean(axis=1)
        cells = [f"{accuracy:.2f} ({loss:.2f})" for accuracy, loss, _ in means]
        print(f"| {task.__name__.replace('_', ' ')} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--half", choices=["choose", "report"], default="report")
    parser.add_argument("--quick", action="store_true", help="two variants")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    names = QUICK if options.quick else [*VARIANTS]
    tasks = HALVES[options.half]
    results = compare(options.half, {name: VARIANTS[name] for name in names}, options.seeds)
    print(machine())
    print(f"\n### Half to {options.half}\n")
    names = [*RIVALS, *names]
    print_summary(names, results, np.array([task in CONTROLS for task in tasks]), REFERENCE)
    print_kinds(names, results, tasks)


if __name__ == "__main__":
    main()
