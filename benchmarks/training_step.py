"""Time skrnn against PyTorch and Keras: one training step, and a whole job from import on.

Run ``python benchmarks/training_step.py [--quick] [--prices TRAIN.csv TEST.csv]``. It prints
Markdown. Tools that are not installed are left out. The files, with the columns Date and Open,
replace the random walk of the whole job.

Every tool has a process of its own. Only one of them works at a time, and they take turns
for several rounds, so that a busy or throttled machine hits all of them alike.
"""

import argparse
import contextlib
import csv
import importlib.metadata
import importlib.util
import json
import multiprocessing
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

Steps = dict[str, Callable[[int], float]]  # variant: seconds that n training steps take


@dataclass(frozen=True)
class Job:
    """A recurrent layer with a linear readout of its last step to one output."""

    cell: str
    H: int
    T: int
    D: int
    B: int

    def __str__(self):
        return f"{self.cell} H={self.H}, T={self.T}, D={self.D}, B={self.B}"

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """X (B, T, D) and y (B, 1)."""
        rng = np.random.RandomState(0)
        X = rng.standard_normal((self.B, self.T, self.D)).astype(np.float32)
        return X, rng.standard_normal((self.B, 1)).astype(np.float32)


JOBS = [
    Job("Elman", H=5, T=60, D=1, B=100),
    Job("Elman", H=128, T=100, D=8, B=64),
]
# What others call a cell.
TORCH = {"Elman": "RNN", "LSTM": "LSTM", "GRU": "GRU"}
KERAS = {"Elman": "SimpleRNN", "LSTM": "LSTM", "GRU": "GRU"}
LEARNING_RATE = 1e-3
PACKAGES = "numpy scipy scikit-learn skrnn torch keras jax tensorflow tensorflow-cpu"


def skrnn_steps(job: Job) -> Steps:
    from skrnn._batch import Batch
    from skrnn._network import Network
    from skrnn._parallel import SplitNetwork
    from skrnn._solvers import SOLVERS
    from skrnn._topology import Topology
    from skrnn.cells import CELLS

    cell = CELLS[job.cell.lower()]()
    network = Network(Topology(cell, job.D, (job.H,), 1, False, np.dtype("float32")))
    theta = network.initial_parameters(np.random.RandomState(0))
    split = SplitNetwork(network, n_threads=2)
    options = {"learning_rate_init": LEARNING_RATE, "clip_norm": None}
    adam = SOLVERS["adam"](theta.size, theta.dtype, **options)
    gradient = np.empty_like(theta)
    X, y = job.data()
    x = np.ascontiguousarray(X.transpose(1, 2, 0))  # (T, D, B)
    batch = Batch(x, None, y.T[np.newaxis].copy(), None, float(job.B))

    def run(n):
        with threadpool_limits(1, "blas"):
            start = time.perf_counter()
            for _ in range(n):
                split.loss_grad(theta, batch, gradient)
                adam.update(theta, gradient)
            return time.perf_counter() - start

    return {"": run}


def torch_functions(cell, n_features, hidden_size, **options):
    """A training step and the prediction, of x (T, B, D): PyTorch's order, needing no copy."""
    import torch

    layer = getattr(torch.nn, TORCH[cell])(n_features, hidden_size)
    readout = torch.nn.Linear(hidden_size, 1)
    parameters = [*layer.parameters(), *readout.parameters()]
    adam = torch.optim.Adam(parameters, lr=LEARNING_RATE, **options)
    loss_function = torch.nn.MSELoss()

    def predict(x):
        return readout(layer(x)[0][-1])

    def step(x, y):
        adam.zero_grad()
        loss_function(predict(x), y).backward()
        adam.step()

    return step, predict


def torch_steps(job: Job) -> Steps:
    import torch

    X, y = (torch.from_numpy(array) for array in job.data())
    x = X.transpose(0, 1).contiguous()

    def variant(n_threads, **options):
        torch.manual_seed(0)
        step, _ = torch_functions(job.cell, job.D, job.H, **options)

        def run(n):
            torch.set_num_threads(n_threads)
            start = time.perf_counter()
            for _ in range(n):
                step(x, y)
            return time.perf_counter() - start

        return run

    threads = {"1 thread": 1, "2 threads": 2}
    variants = {name: variant(n) for name, n in threads.items()}
    return variants | {f"{k}, fused Adam": variant(n, fused=True) for k, n in threads.items()}


def import_keras(backend):
    os.environ |= {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    if backend == "jax":
        # Keras imports TensorFlow wherever it finds it; who installs JAX alone doesn't wait
        # for that.
        sys.modules["tensorflow"] = None
    import keras

    return keras


def keras_model(keras, cell, n_steps, n_features, hidden_size):
    layer = getattr(keras.layers, KERAS[cell])(hidden_size)
    model = keras.Sequential([keras.Input((n_steps, n_features)), layer, keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(LEARNING_RATE), loss="mse")
    return model


def keras_steps(job: Job, *, backend: str) -> Steps:
    keras = import_keras(backend)
    keras.utils.set_random_seed(0)
    X, y = job.data()

    fitted = keras_model(keras, job.cell, job.T, job.D, job.H)
    stepped = keras_model(keras, job.cell, job.T, job.D, job.H)

    def fit(n):
        rows = {"x": np.tile(X, (n, 1, 1)), "y": np.tile(y, (n, 1)), "batch_size": job.B}
        times = []  # of the epoch alone: the setting up of a fit is not a training step

        def mark(epoch, logs):
            times.append(time.perf_counter())

        clock = keras.callbacks.LambdaCallback(on_epoch_begin=mark, on_epoch_end=mark)
        fitted.fit(**rows, shuffle=False, verbose=0, callbacks=[clock])
        return times[1] - times[0]

    def train_on_batch(n):
        start = time.perf_counter()
        for _ in range(n):
            stepped.train_on_batch(X, y)
        return time.perf_counter() - start

    return {"fit": fit, "train_on_batch": train_on_batch}


def serve_steps(peer: str, pipe) -> None:
    """In the peer's process: answer (job, seconds to spend) with seconds per step."""
    prepared = {}
    while request := pipe.recv():
        job, budget = request
        if job not in prepared:
            prepared[job] = []
            for variant, run in PEERS[peer][1](job).items():
                run(2)  # compiles
                prepared[job].append((variant, run, int(np.clip(budget * 5 / run(5), 5, 2000))))
        pipe.send(min((run(n) / n, variant) for variant, run, n in prepared[job]))


def measure_steps(peers: list[str], n_rounds: int, budget: float) -> dict:
    """{(job, peer): (seconds, variant) of the fastest round}."""
    context = multiprocessing.get_context("spawn")
    pipes = {}
    for peer in peers:
        pipes[peer], other = context.Pipe()
        context.Process(target=serve_steps, args=(peer, other), daemon=True).start()
        other.close()  # so that the end of the process ends the wait for its answer
    best = {}
    for _ in range(n_rounds):
        for job in JOBS:
            for peer, pipe in pipes.items():
                pipe.send((job, budget))
                best[job, peer] = min(best.get((job, peer), (np.inf, "")), pipe.recv())
    for pipe in pipes.values():
        pipe.send(None)
    return best


# --- a whole job: import, build, fit, predict ---

N_TRAIN, N_TEST, LENGTH = 1975, 16, 60
BATCH_SIZE, N_EPOCHS, HIDDEN_SIZE = 100, 100, 5


def opening_prices(path):
    """Column Open, oldest row first."""
    with open(path, newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["Date"])
    return np.array([float(row["Open"]) for row in rows])


def price_windows(files) -> tuple[np.ndarray, np.ndarray, int, float, float]:
    """Windows (n, T) of prices and their next values (n,), scaled to 0…1 in training.

    Also how many are for training, the scale, and the test MSE of "same as yesterday", both
    in prices.
    """
    if files:
        train, test = map(opening_prices, files)
        prices, n_test = np.concatenate([train, test]), len(test)
    else:
        rng, n_test = np.random.RandomState(0), N_TEST
        prices = 150 + np.cumsum(rng.normal(scale=3, size=LENGTH + N_TRAIN + N_TEST))
    low, high = prices[:-n_test].min(), prices[:-n_test].max()
    scaled = ((prices - low) / (high - low)).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(scaled, LENGTH)[:-1].copy()
    persistence = np.mean(np.diff(prices)[-n_test:] ** 2)
    return windows, scaled[LENGTH:], len(windows) - n_test, high - low, persistence


# Each function imports its tool, says so by a `yield`, then yields predictions and epochs.


def skrnn_job(X, y, X_test, seed, *, parameters) -> Iterator:
    from skrnn import RNNRegressor

    yield
    regressor = RNNRegressor(random_state=seed, **parameters)
    regressor.fit(X, y)
    yield regressor.predict(X_test), regressor.n_iter_


def torch_job(X, y, X_test, seed) -> Iterator:
    import torch

    yield
    torch.set_num_threads(1)  # faster here than two, as the first table shows
    torch.manual_seed(seed)
    step, predict = torch_functions("Elman", 1, HIDDEN_SIZE, fused=True)
    x, x_test = (torch.from_numpy(a.transpose(1, 0, 2).copy()) for a in (X, X_test))
    targets = torch.from_numpy(y[:, np.newaxis])
    for _ in range(N_EPOCHS):
        for rows in torch.randperm(len(y)).split(BATCH_SIZE):
            step(x[:, rows], targets[rows])
    with torch.no_grad():
        yield predict(x_test).numpy(), N_EPOCHS


def keras_job(X, y, X_test, seed, *, backend) -> Iterator:
    keras = import_keras(backend)
    yield
    keras.utils.set_random_seed(seed)
    model = keras_model(keras, "Elman", LENGTH, 1, HIDDEN_SIZE)
    model.fit(X, y, batch_size=BATCH_SIZE, epochs=N_EPOCHS, verbose=0)
    yield model.predict(X_test, verbose=0), N_EPOCHS


def run_job(name: str, seed: int, files: list[str]) -> dict:
    """In a fresh process: run a whole job and say how it went."""
    windows, targets, n_train, scale, _ = price_windows(files)
    X, X_test = np.split(windows[..., np.newaxis], [n_train])
    y, y_test = np.split(targets, [n_train])
    start = time.perf_counter()
    stages = WHOLE_JOBS[name][1](X, y, X_test, seed)
    next(stages)
    imported = time.perf_counter()
    predictions, n_epochs = next(stages)
    return {
        "import": imported - start,
        "fit": time.perf_counter() - imported,
        "epochs": n_epochs,
        "mse": float(np.mean((np.ravel(predictions) - y_test) ** 2)) * scale**2,
    }


def measure_jobs(peers: list[str], n_rounds: int, files: list[str]) -> dict:
    """{name: {what: median over the rounds}}."""
    rounds = {name: [] for name, (peer, _) in WHOLE_JOBS.items() if peer in peers}
    for seed in range(n_rounds):
        for name, results in rounds.items():
            # The warning is that 100 epochs may be too few to converge.
            command = [sys.executable, "-W", "ignore", __file__, "--whole-job", name, str(seed)]
            command += ["--prices", *files] if files else []
            start = time.perf_counter()
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            total = time.perf_counter() - start
            results.append({"total": total, **json.loads(done.stdout.splitlines()[-1])})
    return {
        name: {key: statistics.median(result[key] for result in results) for key in results[0]}
        for name, results in rounds.items()
    }


PEERS = {  # the packages that have to be there, and what prepares the steps
    "skrnn": (["skrnn"], skrnn_steps),
    "PyTorch": (["torch"], torch_steps),
    "Keras on JAX": (["keras", "jax"], partial(keras_steps, backend="jax")),
    "Keras on TensorFlow": (["keras", "tensorflow"], partial(keras_steps, backend="tensorflow")),
}
ADAM = {
    "solver": "adam",
    "hidden_size": HIDDEN_SIZE,
    "batch_size": BATCH_SIZE,
    "max_iter": N_EPOCHS,
    "n_iter_no_change": N_EPOCHS,  # the peers don't stop early either
}
DEFAULT = "RNNRegressor()"
SMALL = {"hidden_size": 3}
SAME_JOB = f"RNNRegressor({', '.join(f'{name}={value!r}' for name, value in ADAM.items())})"
WHOLE_JOBS = {
    DEFAULT: ("skrnn", partial(skrnn_job, parameters={})),
    "RNNRegressor(hidden_size=3)": ("skrnn", partial(skrnn_job, parameters=SMALL)),
    SAME_JOB: ("skrnn", partial(skrnn_job, parameters=ADAM)),
    "PyTorch": ("PyTorch", torch_job),
    "Keras on JAX": ("Keras on JAX", partial(keras_job, backend="jax")),
    "Keras on TensorFlow": ("Keras on TensorFlow", partial(keras_job, backend="tensorflow")),
}


def machine() -> str:
    cpu, table = platform.processor(), Path("/proc/cpuinfo")
    if table.exists():
        cpu = re.search(r"model name\s*: (.*)|$", table.read_text())[1] or cpu
    parts = [f"{cpu}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"]
    parts += [platform.system(), f"Python {platform.python_version()}"]
    for package in PACKAGES.split():
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            parts.append(f"{package} {importlib.metadata.version(package)}")
    for blas in threadpool_info():
        parts.append(f"{blas['internal_api']} {blas['version']} ({blas['architecture']})")
    return ", ".join(parts)


def print_steps(peers, best):
    print("\n## One training step\n\nMicroseconds; in brackets, times skrnn's.\n")
    print("| job |", " | ".join(peers), "|")
    print("|---" * (len(peers) + 1) + "|")
    for job in JOBS:
        cells = []
        for peer in peers:
            (seconds, variant), (reference, _) = best[job, peer], best[job, "skrnn"]
            notes = f" ({seconds / reference:.1f}×, {variant})" if peer != "skrnn" else ""
            cells.append(f"{seconds * 1e6:,.0f}{notes}")
        print(f"| {job} |", " | ".join(cells), "|")


def print_jobs(results, files):
    windows, _, n_train, _, persistence = price_windows(files)
    print(
        f"\n## Import, build, fit and predict in a fresh process\n\n{n_train:,} windows of "
        f"{LENGTH} steps of {'a price series' if files else 'a random walk'}, "
        f'{len(windows) - n_train} test windows; test MSE of "same as yesterday": '
        f"{persistence:.1f}.\n"
    )
    header = ["tool", "seconds", "of which import", "build, fit and predict", "epochs", "test MSE"]
    print("|", " | ".join([*header, "total, times the first row", "without import"]), "|")
    print("|---" * 8 + "|")
    for name, r in results.items():
        ratios = [f"{r[key] / results[DEFAULT][key]:.1f}×" for key in ("total", "fit")]
        cells = [f"{r['total']:.2f}", f"{r['import']:.2f}", f"{r['fit']:.2f}"]
        cells += [f"{r['epochs']:.0f}", f"{r['mse']:.1f}", *ratios]
        print("|", " | ".join([name, *cells]), "|")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round of everything")
    parser.add_argument("--prices", nargs=2, default=[], help="CSV files for the whole job")
    parser.add_argument("--whole-job", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.whole_job:
        name, seed = args.whole_job
        print(json.dumps(run_job(name, int(seed), args.prices)))
        return
    found = importlib.util.find_spec
    peers = [name for name, (packages, _) in PEERS.items() if all(map(found, packages))]
    step_rounds, budget, job_rounds = (2, 0.2, 1) if args.quick else (5, 0.3, 3)
    print(machine())
    print(f"Steps: fastest of {step_rounds} rounds and variants; jobs: median of {job_rounds}.")
    print_steps(peers, measure_steps(peers, step_rounds, budget))
    print_jobs(measure_jobs(peers, job_rounds, args.prices), args.prices)


if __name__ == "__main__":
    main()
