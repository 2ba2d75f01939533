"""How a change affects results and speed: this checkout against another revision.

Run ``python benchmarks/against_revision.py REVISION [--quick] [--skip-times]``, some eight minutes.
It prints two Markdown tables. The first has the largest relative difference of predictions of the
same fits in float64. The second has times as ratios. The two revisions take turns, each in a
process of its own, and the fastest of all rounds counts.

The script uses the public interface only, so that the code inside may differ.
"""

import argparse
import itertools
import os
import pickle
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 4
N, T, D = 40, 9, 2

# --- the same fits ---


def data(rng, kind):
    """X and y of one kind: sequences, flat rows, a list, with missing steps, per step, …"""
    X = rng.normal(size=(N, T, D))
    if "mask" in kind:
        for i in range(1, N):
            X[i, rng.permutation(T)[: i % T]] = np.nan
    if "static" in kind:
        X[..., -1] = X[:, :1, -1] if "mask" not in kind else np.arange(N)[:, None] / N
        X[np.isnan(X[..., 0])] = np.nan
    steps = np.nan_to_num(X).cumsum(axis=1)
    y = steps.sum(axis=2) if "per step" in kind else steps[:, -1].sum(axis=1)
    if "classes" in kind:
        y = np.digitize(y, [-2, 1]) if "three" in kind else (y > 0).astype(int)
    elif "per step" in kind:
        y = y[..., np.newaxis]
    if "list" in kind:
        keep = rng.randint(1, T + 1, size=N)
        X = [x[:n] for x, n in zip(X, keep, strict=True)]
        if "per step" in kind:
            y = [own[:n] for own, n in zip(y, keep, strict=True)]
    if "flat" in kind:
        X = X.reshape(N, -1)
    return X, y


def settings():
    """Name to (class, parameters, kind of data)."""
    cells = ["elman", "jordan", "lstm", "peephole_lstm", "gru", "gru_reset_before"]
    few = {"max_iter": 5, "random_state": 0, "alpha": 0.1}
    adam = {**few, "solver": "adam", "batch_size": 16}
    found = {}

    def add(kind, *, classifier=False, **parameters):
        changed = ", ".join(f"{k}={v!r}" for k, v in parameters.items() if k not in few)
        name = f"{'RNNClassifier' if classifier else 'RNNRegressor'}, {kind}: {changed}"
        found[name] = ("RNNClassifier" if classifier else "RNNRegressor", parameters, kind)

    for cell, kind in itertools.product(cells, ["plain", "mask, per step"]):
        add(kind, **{**adam, "cell": cell, "hidden_size": (5, 4)})
    for cell in cells:
        add("mask", **{**few, "cell": cell, "hidden_size": 3, "solver": "lm"})
        add("list", **{**adam, "cell": cell, "hidden_size": 4, "learn_initial_state": True})
    for solver in ["sgd", "rmsprop", "lbfgs"]:
        add("list, per step", **{**few, "cell": "gru", "hidden_size": 4, "solver": solver})
    static = {"static_features": [1], "hidden_size": 4, "learn_initial_state": True}
    for solver, cell in [("adam", "gru"), ("lm", "lstm")]:
        add("mask, static", **{**few, **static, "solver": solver, "cell": cell})
    dropout = {"dropout": 0.2, "recurrent_dropout": 0.3, "hidden_size": (6, 5)}
    for cell in ["elman", "lstm", "jordan"]:
        add("mask", **{**adam, **dropout, "cell": cell})
    for per_step in ["", ", per step"]:
        both = {"bidirectional": True, "hidden_size": (4, 3), "cell": "lstm"}
        add(f"mask{per_step}", **{**adam, **both})
        add(f"list{per_step}", **{**adam, "bptt_steps": 3, "cell": "gru"})
        for kind in ["two classes", "three classes"]:
            add(f"mask, {kind}{per_step}", classifier=True, **{**adam, "hidden_size": 5})
            lm = {**few, "hidden_size": 3, "solver": "lm", "cell": "elman"}
            add(f"list, {kind}{per_step}", classifier=True, **lm)
    balanced = {"hidden_size": 5, "class_weight": "balanced", "early_stopping": True}
    add("mask, three classes", classifier=True, **{**adam, **balanced})
    add("mask, per step", **{**adam, "washout": 2, "early_stopping": True, "cell": "gru"})
    add("flat", **{**few, "n_features_per_step": 2})
    for loss in ["absolute_error", "huber", "quantile"]:
        add("mask", **{**few, "loss": loss, "hidden_size": 3})
    add("plain", **{**few, "n_init": 3, "hidden_size": 3})
    add("mask, per step", **{**adam, "n_init": 3, "hidden_size": 3, "cell": "gru"})
    return found


def predictions():
    """Name to all predicted numbers, flat."""
    import skrnn

    found = {}
    for name, (kind_of_estimator, parameters, kind) in settings().items():
        rng = np.random.RandomState(0)
        X, y = data(rng, kind)
        weight = rng.uniform(0.5, 2, size=N)
        model = getattr(skrnn, kind_of_estimator)(**parameters).fit(X, y, sample_weight=weight)
        method = "predict_proba" if kind_of_estimator == "RNNClassifier" else "predict"
        out = getattr(model, method)(X)
        out = np.concatenate([np.ravel(own) for own in out])
        found[name] = np.concatenate([out, model.parameters_, model.loss_curve_])
    return found


# --- the same work ---

JOBS = {  # cell, H, T, D, B and further parameters; those of training_step.py
    "Elman H=5, T=60, B=100": ("elman", 5, 60, 1, 100, {}),
    "LSTM H=16, T=60, B=32": ("lstm", 16, 60, 1, 32, {}),
    "LSTM H=64, T=100, B=64": ("lstm", 64, 100, 8, 64, {}),
    "Elman H=128, T=100, B=64": ("elman", 128, 100, 8, 64, {}),
    "LSTM H=256, T=100, B=128": ("lstm", 256, 100, 32, 128, {}),
    "GRU H=32, T=60, B=64": ("gru", 32, 60, 4, 64, {}),
    "bidirectional LSTM H=32, T=60, B=64": ("lstm", 32, 60, 4, 64, {"bidirectional": True}),
    "GRU in 2 layers, H=32, T=60, B=64": ("gru", (32, 32), 60, 4, 64, {}),
}
MANY = {
    "Elman H=8, T=60, N=8,192": ("elman", 8, 60, 1, 8192),
    "LSTM H=32, T=60, N=2,048": ("lstm", 32, 60, 4, 2048),
    "GRU H=32, T=60, N=2,048": ("gru", 32, 60, 4, 2048),
    "LSTM H=128, T=100, N=2,048": ("lstm", 128, 100, 8, 2048),
    "Elman H=8, T=60, N=1": ("elman", 8, 60, 1, 1),
}
ONE = {"LSTM H=32": ("lstm", 32, 4), "GRU H=32": ("gru", 32, 4), "LSTM H=128": ("lstm", 128, 8)}


def work():
    """Name to a function, and how often a round calls it."""
    from skrnn import RNNRegressor

    def arrays(n, steps, features):
        rng = np.random.RandomState(0)
        X = rng.normal(size=(n, steps, features)).astype(np.float32)
        return X, rng.normal(size=n).astype(np.float32)

    found = {}
    for name, (cell, H, n_steps, n_features, B, options) in JOBS.items():
        n_batches = 8 if B < 128 else 2  # of an epoch; two epochs are timed
        X, y = arrays(n_batches * B, n_steps, n_features)
        fixed = {"solver": "adam", "batch_size": B, "max_iter": 2, "random_state": 0, "tol": 0}
        model = RNNRegressor(H, cell=cell, alpha=1.0, learning_rate_init=1e-3, **fixed, **options)
        found[f"training steps, {name}"] = lambda m=model, X=X, y=y: m.fit(X, y), 1
    X, y = arrays(500, 30, 1)
    model = RNNRegressor(8, alpha=1.0, solver="lm", max_iter=5, tol=0, random_state=0)
    found["5 epochs of lm, Elman H=8, T=30, N=500"] = lambda m=model, X=X, y=y: m.fit(X, y), 1
    for name, (cell, H, n_steps, n_features, n) in MANY.items():
        X, y = arrays(n, n_steps, n_features)
        X_fit, y_fit = arrays(8, n_steps, n_features)
        model = RNNRegressor(H, cell=cell, alpha=1.0, solver="adam", max_iter=1, random_state=0)
        model.fit(X_fit, y_fit)
        found[f"predict, {name}"] = lambda m=model, X=X: m.predict(X), 1 if n > 1 else 50
    for name, (cell, H, n_features) in ONE.items():
        X, y = arrays(8, 5, n_features)
        model = RNNRegressor(
            H, cell=cell, alpha=1.0, solver="adam", max_iter=1, random_state=0
        ).fit(X, y)
        _, state = model.step(X[0, 0])
        x = X[0, 1]
        found[f"step, {name}"] = lambda m=model, x=x, state=state: m.step(x, state), 300
    return found


# --- two processes that take turns ---


def serve():
    """Answer requests: predictions, or the seconds of a piece of work."""
    warnings.simplefilter("ignore")
    functions = None
    for request in iter(lambda: pickle.load(sys.stdin.buffer), None):
        if request == "predictions":
            answer = predictions()
        else:
            functions = functions or work()
            function, n = functions[request]
            function()
            start = time.perf_counter()
            for _ in range(n):
                function()
            answer = (time.perf_counter() - start) / n
        pickle.dump(answer, sys.stdout.buffer)
        sys.stdout.buffer.flush()


class Side:
    """A process that imports skrnn from a folder."""

    def __init__(self, folder):
        command = [sys.executable, "-P", __file__, "--serve"]
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "env": environment}
        self._process = subprocess.Popen(command, **pipes)

    def ask(self, request):
        """The answer to a request; None ends the process."""
        pickle.dump(request, self._process.stdin)
        self._process.stdin.flush()
        return None if request is None else pickle.load(self._process.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("revision", nargs="?", default="HEAD")
    parser.add_argument("--quick", action="store_true", help="three pairs")
    parser.add_argument("--skip-times", action="store_true", help="predictions only")
    parser.add_argument("--only", default="", help="work whose name holds this")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve()
        return
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(
            ["git", "archive", given.revision, "skrnn"], cwd=ROOT, check=True, capture_output=True
        )
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        before, now = Side(folder), Side(ROOT)
        compare_predictions(before, now)
        if not given.skip_times:
            compare_times(folder, 3 if given.quick else 7, given.only)


def compare_predictions(before, now):
    """Print the first table."""
    old, new = before.ask("predictions"), now.ask("predictions")
    print("| fit | largest relative difference |\n|---|---|")
    worst = 0.0
    for name, values in old.items():
        size = np.abs(values).max()
        difference = np.abs(new[name] - values).max() / size if len(values) else 0
        worst = max(worst, difference)
        print(f"| {name} | {difference:.1e} |")
    print(f"\n{len(old)} fits, largest difference {worst:.1e}\n", flush=True)
    before.ask(None)
    now.ask(None)


def compare_times(folder, n_pairs, only):
    """Print the second table."""
    names = [name for name in work() if only in name]
    fastest = {name: [] for name in names}  # (before, now) of each pair of processes
    for pair in range(n_pairs):
        sides = [Side(folder), Side(ROOT)]
        for name in names:
            times = [[], []]
            for i in range(ROUNDS):
                for k in (0, 1) if (i + pair) % 2 else (1, 0):
                    times[k].append(sides[k].ask(name))
            fastest[name].append([1e3 * min(own) for own in times])
        for side in sides:
            side.ask(None)
    print(f"| work | before, ms | now, ms | ratio, median of {n_pairs} pairs |\n|---|---|---|---|")
    medians = []
    for name, times in fastest.items():
        old, new = np.median(times, axis=0)
        medians.append(np.median([now / before for before, now in times]))
        print(f"| {name} | {old:.3g} | {new:.3g} | {medians[-1]:.3f} |", flush=True)
    print(f"\ngeometric mean {np.exp(np.log(medians).mean()):.3f}")


if __name__ == "__main__":
    main()
