"""The cost of restarts: ``n_init=8`` by ``n_init=1``, and the same eight one after another.

Run ``python benchmarks/restarts.py [--quick]``, under two minutes. It prints a Markdown table.
Restarts of small networks are trained as a batch. This takes as many NumPy calls as one network,
and the calls take most of the time. The batch size "auto" stands for all data, which "lm" takes.
"""

import argparse
import time

import numpy as np
from _tools import Job, machine

from skrnn import RNNRegressor

JOB = Job("Elman", H=8, T=30, D=1, B=500)
N_INIT = 8
EPOCHS = 10
SETTINGS = [("adam", 10), ("adam", 32), ("adam", 100), ("lm", "auto")]


def model(solver, batch_size, **options):
    """An estimator that always trains for ``EPOCHS`` epochs."""
    fixed = {"max_iter": EPOCHS, "n_iter_no_change": 10 * EPOCHS, "tol": 0, "n_jobs": 1}
    return RNNRegressor(JOB.H, alpha=1.0, solver=solver, batch_size=batch_size, **fixed, **options)


def ways(solver, batch_size, X, y):
    """Name to a function that is timed."""
    one = model(solver, batch_size, random_state=0)
    side_by_side = model(solver, batch_size, random_state=0, n_init=N_INIT)
    separate = [model(solver, batch_size, random_state=seed) for seed in range(N_INIT)]
    return {
        "n_init=1": lambda: one.fit(X, y),
        f"n_init={N_INIT}": lambda: side_by_side.fit(X, y),
        "separate": lambda: [own.fit(X, y) for own in separate],
    }


def medians(functions, n_rounds):
    """Seconds of each; they take turns."""
    times = {name: [] for name in functions}
    for _ in range(n_rounds + 1):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            times[name].append(time.perf_counter() - start)
    return [np.median(own[1:]) for own in times.values()]  # the first round warms up


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="three rounds")
    n_rounds = 3 if parser.parse_args().quick else 9
    print(machine())
    print(
        f"Elman networks with {JOB.H} units, {JOB.B} sequences of {JOB.T} steps, {EPOCHS} epochs; "
        f"milliseconds, median of {n_rounds} rounds; in brackets, times n_init=1.\n"
    )
    columns = ["solver", "batch_size", "dtype", "n_init=1", f"n_init={N_INIT}"]
    print("|", " | ".join([*columns, f"{N_INIT} separate fits"]), "|")
    print("|---" * 6 + "|")
    for solver, batch_size in SETTINGS:
        for dtype in ("float32", "float64"):
            X, y = (a.astype(dtype) for a in JOB.data())
            one, *others = medians(ways(solver, batch_size, X, y[:, 0]), n_rounds)
            cells = [f"{1e3 * t:.1f} ({t / one:.2f}×)" for t in others]
            row = [solver, batch_size, dtype, f"{1e3 * one:.1f}", *cells]
            print("|", " | ".join(map(str, row)), "|", flush=True)


if __name__ == "__main__":
    main()
