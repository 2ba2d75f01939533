"""What the benchmarks share: jobs, each tool's network for a job, and turns between tools.

Every tool has a process of its own. Only one of them works at a time, and they take turns
for several rounds, so that a busy or throttled machine hits all of them alike.
"""

import contextlib
import csv
import importlib.metadata
import importlib.util
import multiprocessing
import os
import platform
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

Variants = dict[str, Callable[[int], float]]  # way to do it: seconds that n times take

PEERS = {  # the packages that have to be there
    "skrnn": ["skrnn"],
    "PyTorch": ["torch"],
    "Keras on JAX": ["keras", "jax"],
    "Keras on TensorFlow": ["keras", "tensorflow"],
}
# What others call a cell.
TORCH = {"Elman": "RNN", "LSTM": "LSTM", "GRU": "GRU"}
KERAS = {"Elman": "SimpleRNN", "LSTM": "LSTM", "GRU": "GRU"}
PACKAGES = "numpy scipy scikit-learn skrnn torch keras jax tensorflow tensorflow-cpu"


@dataclass(frozen=True)
class Job:
    """Recurrent layers and a linear head with one output after the last step."""

    cell: str
    H: int
    T: int
    D: int
    B: int
    layers: int = 1
    bidirectional: bool = False

    def __str__(self):
        layers = f"{self.layers} layers, " if self.layers > 1 else ""
        both = "bidirectional " if self.bidirectional else ""
        return f"{both}{self.cell} {layers}H={self.H}, T={self.T}, D={self.D}, B={self.B}"

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """X (B, T, D) and y (B, 1)."""
        rng = np.random.RandomState(0)
        X = rng.standard_normal((self.B, self.T, self.D)).astype(np.float32)
        return X, rng.standard_normal((self.B, 1)).astype(np.float32)


def installed() -> list[str]:
    """The tools that are installed."""
    return [name for name, needs in PEERS.items() if all(map(importlib.util.find_spec, needs))]


def opening_prices(path: str) -> np.ndarray:
    """Column Open of a CSV file, sorted by Date, oldest row first."""
    with open(path, newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["Date"])
    return np.array([float(row["Open"]) for row in rows])


def machine(*packages: str) -> str:
    """What a table was measured on, with the versions of further packages."""
    cpu, table = platform.processor(), Path("/proc/cpuinfo")
    if table.exists():
        cpu = re.search(r"model name\s*: (.*)|$", table.read_text())[1] or cpu
    parts = [f"{cpu}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"]
    parts += [platform.system(), f"Python {platform.python_version()}"]
    for package in [*PACKAGES.split(), *packages]:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            parts.append(f"{package} {importlib.metadata.version(package)}")
    for pool in threadpool_info():
        if pool["user_api"] == "blas":
            parts.append(f"{pool['internal_api']} {pool['version']} ({pool['architecture']})")
    return ", ".join(parts)


# --- a job's network in each tool ---


def skrnn_network(job: Job):
    """The network, its parameters (1, P), and the job's data as a batch."""
    from skrnn._engine.batch import Batch
    from skrnn._engine.network import Network
    from skrnn._engine.topology import Topology
    from skrnn.cells import CELLS

    cell, sizes = CELLS[job.cell.lower()](), (job.H,) * job.layers
    network = Network(
        Topology(cell, job.D, sizes, 1, False, np.dtype("f4"), bidirectional=job.bidirectional)
    )
    X, y = job.data()
    x = np.ascontiguousarray(X.transpose(1, 2, 0))  # (T, D, B)
    batch = Batch(x, None, y.T[np.newaxis].copy(), None, float(job.B))
    return network, network.initial_parameters(np.random.RandomState(0))[np.newaxis], batch


def skrnn_adam(theta: np.ndarray, learning_rate: float) -> Callable:
    """Adam's update as in `fit`: it changes ``theta`` (1, P) in place, given the gradient."""
    from skrnn._training.solvers import SCHEDULES, SOLVERS

    schedule = SCHEDULES["constant"](learning_rate, power_t=0.5, max_iter=1)
    constants = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}
    adam = SOLVERS["adam"](schedule, **constants, clip_norm=None, clip_value=None)
    adam.begin(theta)
    rates = schedule.rates.astype(theta.dtype)[:, np.newaxis]
    return lambda theta, gradient: adam.update(theta, gradient, rates)


def torch_network(job: Job, seed=0):
    """The modules, and predictions (B, 1) of x (T, B, D): PyTorch's order, needing no copy."""
    import torch

    torch.manual_seed(seed)
    layers = getattr(torch.nn, TORCH[job.cell])(
        job.D, job.H, job.layers, bidirectional=job.bidirectional
    )
    readout = torch.nn.Linear(job.H * (1 + job.bidirectional), 1)

    def predict(x):
        h = layers(x)[1]
        h = h[0] if job.cell == "LSTM" else h
        return readout(torch.cat((h[-2], h[-1]), 1) if job.bidirectional else h[-1])

    return torch.nn.ModuleList([layers, readout]), predict


def import_keras(backend: str):
    """Keras on one of its backends, for the rest of the process."""
    os.environ |= {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    if backend == "jax":
        # Keras imports TensorFlow wherever it finds it. Users of JAX alone don't wait for that.
        sys.modules["tensorflow"] = None
    import keras

    return keras


def keras_model(keras, job: Job, *, stateful=False):
    """The model. A stateful one resumes with the next steps of the same B sequences."""
    B = job.B if stateful else None
    model = keras.Sequential([keras.Input(batch_shape=(B, job.T, job.D))])
    for i in range(job.layers):
        lower = i < job.layers - 1
        layer = getattr(keras.layers, KERAS[job.cell])(
            job.H, return_sequences=lower, stateful=stateful
        )
        model.add(keras.layers.Bidirectional(layer) if job.bidirectional else layer)
    model.add(keras.layers.Dense(1))
    return model


# --- measuring in turns ---


def repeated(function: Callable[[], object]) -> Callable[[int], float]:
    """The seconds that n calls take, as a function of n."""

    def run(n):
        start = time.perf_counter()
        for _ in range(n):
            function()
        return time.perf_counter() - start

    return run


def serve(prepare, pipe) -> None:
    """In a tool's process: answer (job, seconds to spend) with seconds per call and variant."""
    prepared = {}
    while request := pipe.recv():
        job, budget = request
        if job not in prepared:
            prepared[job] = []
            for variant, run in prepare(job).items():
                run(2)  # compiles
                n = int(np.clip(budget * 2 / run(2), 1, 5000))
                prepared[job].append((variant, run, n))
        results = [(run(n) / n, variant) for variant, run, n in prepared[job]]
        best = min(results)
        pipe.send(best)
        # variants far behind have no chance in the later rounds either
        pairs = zip(prepared[job], results, strict=True)
        prepared[job] = [ready for ready, (seconds, _) in pairs if seconds < 1.5 * best[0]]


def measure(
    prepare: dict[str, Callable[[Job], Variants]], jobs: list[Job], n_rounds: int, budget: float
) -> dict:
    """{(job, tool): (seconds, variant) of the fastest round}; budget is of each variant."""
    context = multiprocessing.get_context("spawn")
    pipes = {}
    for tool in installed():
        pipes[tool], other = context.Pipe()
        context.Process(target=serve, args=(prepare[tool], other), daemon=True).start()
        other.close()  # so that the end of the process ends the wait for its answer
    best = {}
    for _ in range(n_rounds):
        for job in jobs:
            for tool, pipe in pipes.items():
                pipe.send((job, budget))
                best[job, tool] = min(best.get((job, tool), (np.inf, "")), pipe.recv())
    for pipe in pipes.values():
        pipe.send(None)
    return best


def print_table(best: dict, write: Callable[[Job, float], str]) -> None:
    """One row per job; ``write`` makes a cell's text of the job and the seconds of a call."""
    tools = installed()
    print("| job |", " | ".join(tools), "|")
    print("|---" * (len(tools) + 1) + "|")
    for job in dict.fromkeys(job for job, _ in best):
        cells = []
        for tool in tools:
            (seconds, variant), (reference, _) = best[job, tool], best[job, "skrnn"]
            ratio = f" ({seconds / reference:.1f}×, {variant})" if tool != "skrnn" else ""
            cells.append(write(job, seconds) + ratio)
        print(f"| {job} |", " | ".join(cells), "|")


def print_ratios(best: dict) -> None:
    """Print the mean and the smallest ratio of the fastest peer's time to skrnn's."""
    ratios = {}
    for (job, tool), (seconds, _) in best.items():
        if tool != "skrnn":
            ratio = seconds / best[job, "skrnn"][0]
            ratios[job] = min(ratio, ratios.get(job, np.inf))
    if ratios:
        mean, worst = np.exp(np.mean(np.log([*ratios.values()]))), min(ratios, key=ratios.get)
        print(f"\nFastest peer's time by skrnn's: geometric mean {mean:.2f}, ", end="")
        print(f"smallest {ratios[worst]:.2f} ({worst}).")
