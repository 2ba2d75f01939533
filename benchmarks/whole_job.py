"""Time skrnn against PyTorch and Keras: a whole job, from import to prediction.

Run ``python benchmarks/whole_job.py [--quick] [--prices TRAIN.csv TEST.csv]``. It prints
Markdown. Tools that are not installed are left out. The files, with the columns Date and Open,
replace the random walk.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial

import numpy as np
from _tools import Job, import_keras, installed, keras_model, machine, opening_prices, torch_network

N_TRAIN, N_TEST, N_EPOCHS = 1975, 16, 100
JOB = Job("Elman", H=5, T=60, D=1, B=100)
LEARNING_RATE = 1e-3  # the default of the peers' Adam


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
        prices = 150 + np.cumsum(rng.normal(scale=3, size=JOB.T + N_TRAIN + N_TEST))
    low, high = prices[:-n_test].min(), prices[:-n_test].max()
    scaled = ((prices - low) / (high - low)).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(scaled, JOB.T)[:-1].copy()
    persistence = np.mean(np.diff(prices)[-n_test:] ** 2)
    return windows, scaled[JOB.T :], len(windows) - n_test, high - low, persistence


# Each function imports its tool and yields; then it yields predictions and epochs.


def skrnn_job(X, y, X_test, seed, *, parameters) -> Iterator:
    from skrnn import RNNRegressor

    yield
    regressor = RNNRegressor(random_state=seed, **parameters)
    regressor.fit(X, y)
    yield regressor.predict(X_test), regressor.n_iter_


def torch_job(X, y, X_test, seed) -> Iterator:
    import torch

    yield
    torch.set_num_threads(1)  # faster here than two, as training_step.py shows
    modules, predict = torch_network(JOB, seed)
    adam = torch.optim.Adam(modules.parameters(), lr=LEARNING_RATE, fused=True)
    loss_function = torch.nn.MSELoss()
    x, x_test = (torch.from_numpy(a.transpose(1, 0, 2).copy()) for a in (X, X_test))
    targets = torch.from_numpy(y[:, np.newaxis])
    for _ in range(N_EPOCHS):
        for rows in torch.randperm(len(y)).split(JOB.B):
            adam.zero_grad()
            loss_function(predict(x[:, rows]), targets[rows]).backward()
            adam.step()
    with torch.no_grad():
        yield predict(x_test).numpy(), N_EPOCHS


def keras_job(X, y, X_test, seed, *, backend) -> Iterator:
    keras = import_keras(backend)
    yield
    keras.utils.set_random_seed(seed)
    model = keras_model(keras, JOB)
    model.compile(optimizer=keras.optimizers.Adam(LEARNING_RATE), loss="mse")
    model.fit(X, y, batch_size=JOB.B, epochs=N_EPOCHS, verbose=0)
    yield model.predict(X_test, verbose=0), N_EPOCHS


def run_job(name: str, seed: int, files: list[str]) -> dict:
    """In a fresh process: run a whole job and report the results."""
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


def measure_jobs(n_rounds: int, files: list[str]) -> dict:
    """{name: {what: median over the rounds}}."""
    tools = installed()
    rounds = {name: [] for name, (tool, _) in WHOLE_JOBS.items() if tool in tools}
    for seed in range(n_rounds):
        for name, results in rounds.items():
            # The warning is that 100 epochs may be too few to converge.
            command = [sys.executable, "-W", "ignore", __file__, "--in-process", name, str(seed)]
            command += ["--prices", *files] if files else []
            start = time.perf_counter()
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            total = time.perf_counter() - start
            results.append({"total": total, **json.loads(done.stdout.splitlines()[-1])})
    return {
        name: {key: statistics.median(result[key] for result in results) for key in results[0]}
        for name, results in rounds.items()
    }


ADAM = {
    "alpha": 1.0,
    "solver": "adam",
    "hidden_size": JOB.H,
    "batch_size": JOB.B,
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


def print_jobs(results, files):
    windows, _, n_train, _, persistence = price_windows(files)
    print(
        f"\n## Import, build, fit and predict in a fresh process\n\n{n_train:,} windows of "
        f"{JOB.T} steps of {'a price series' if files else 'a random walk'}, "
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
    parser.add_argument("--quick", action="store_true", help="one round")
    parser.add_argument("--prices", nargs=2, default=[], help="CSV files of the series")
    parser.add_argument("--in-process", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.in_process:
        name, seed = args.in_process
        print(json.dumps(run_job(name, int(seed), args.prices)))
        return
    n_rounds = 1 if args.quick else 3
    print(machine())
    print(f"Median of {n_rounds} rounds.")
    print_jobs(measure_jobs(n_rounds, args.prices), args.prices)


if __name__ == "__main__":
    main()
