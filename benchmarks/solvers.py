"""Solvers compared: the test error against the wall time of training.

Run ``python benchmarks/solvers.py [--quick] [--prices PRICES.csv] [--out PICTURE.png]``, about
thirteen minutes, or three with ``--quick``. A file with the columns Date and Open adds a price
series. It prints Markdown and draws one picture. PyTorch takes part if it is installed.

Every solver gets the same seconds and the same network: 8 Elman units with tanh and a linear head,
in float64 and on one thread. Every solver minimizes the same function: half the mean squared error
of the standardized target plus ``alpha / (2 n_samples)`` times the sum of the squared input and
recurrent weights. Each starts from the usual initial weights of its own tool. Solvers with an
update after each batch take ``BATCH_SIZE`` sequences. For each job, their step size is the best of
a grid by the final training loss, on a seed that isn't used otherwise. Nothing stops early, except
in the row that shows where the defaults of ``tol`` and ``max_iter`` end the default solver.
"""

import argparse
import importlib.util
import warnings
from functools import partial

import matplotlib as mpl
import matplotlib.ticker
import numpy as np
from _race import BATCH_SIZE, Data, H, Stopwatch, train_skrnn, train_torch
from _series import mackey_glass, narma10, split, split_driven
from _tools import machine, opening_prices
from scipy.ndimage import median_filter
from sklearn.metrics import root_mean_squared_error
from threadpoolctl import threadpool_limits

from skrnn import RNNRegressor
from skrnn.datasets import load_airline, load_sunspots

RATES = (0.001, 0.003, 0.01, 0.03)
GRIDS = {"sgd": (0.01, 0.03, 0.1, 0.3), "rmsprop": RATES, "adam": RATES}
NEAR = 1.05  # times the best error counts as having reached it
# Without noise, the penalty that RNNRegressor's docstring advises; its default elsewhere.
NOISE_FREE, DEFAULT_ALPHA = 1e-4, 1.0
ENDS = ", ended by tol"  # name of the row in which the default solver may stop
SMOOTHED = 9  # of 300 points of a curve in the picture
COLORS = {
    "sgd": "#999999",
    "rmsprop": "#009E73",
    "adam": "#0072B2",
    "lbfgs": "#E69F00",
    "lm": "#D55E00",
}


def all_jobs(price_file):
    """Name to Data."""
    narma = narma10(1200)
    jobs = {
        "sine": job(np.sin(np.arange(200)), 50, 50, NOISE_FREE),
        "sunspots": job(load_sunspots().series, 20, 60),
        "airline": job(load_airline().series, 24, 36),
        "Mackey-Glass": job(mackey_glass(1000), 20, 400, NOISE_FREE),
        "NARMA10": job(narma[1], 30, 400, NOISE_FREE, inputs=narma[0]),
    }
    if price_file:
        jobs["prices"] = job(opening_prices(price_file), 60, 200)
    return jobs


def job(series, length, n_test, alpha=DEFAULT_ALPHA, inputs=None):
    """Windows of the series, or of the inputs that drive it, and what comes next."""
    if inputs is None:
        parts = split(series, length, n_test)
    else:
        parts = split_driven(inputs, series, length, n_test)
    persistence = root_mean_squared_error(parts[3], series[-n_test - 1 : -1])
    return Data(*parts, persistence, alpha)


def all_solvers(default):
    """{name in the tables: (how to train, solver, grid of step sizes)}; `default` is "auto"."""
    found = {}
    for solver in ("sgd", "rmsprop", "adam", "lbfgs", "lm"):
        name = f"{solver} (auto)" if solver == default else solver
        found[name] = train_skrnn, solver, GRIDS.get(solver, (None,))
        if solver == default:
            train = partial(train_skrnn, endless=False)
            found[f"{name}{ENDS}"] = train, solver, GRIDS.get(solver, (None,))
    if importlib.util.find_spec("torch"):
        found["PyTorch Adam"] = train_torch, "adam", RATES
        found["PyTorch L-BFGS"] = train_torch, "lbfgs", (None,)
    return found


def run(data, budget, seed, train, solver, rate) -> Stopwatch:
    """One training run."""
    watch = Stopwatch(data, budget)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        train(data, watch, seed, solver, rate)
    return watch


def measure(jobs, solvers, budget, n_seeds):
    """{(job, solver): (step size, stopwatches of the seeds)}; seeds are rounds of turns."""
    with threadpool_limits(1):
        for data in jobs.values():  # imports and first calls
            for train, solver, grid in solvers.values():
                run(data, 0.1, 0, train, solver, grid[0])
        results = {}
        for job, data in jobs.items():
            for name, (train, solver, grid) in solvers.items():
                rate = grid[0]
                if len(grid) > 1:
                    tried = {r: run(data, budget, n_seeds, train, solver, r).loss for r in grid}
                    rate = min(grid, key=lambda r: np.nan_to_num(tried[r], nan=np.inf))
                results[job, name] = rate, []
        for seed in range(n_seeds):
            for (job, name), (rate, watches) in results.items():
                train, solver, _ = solvers[name]
                watches.append(run(jobs[job], budget, seed, train, solver, rate))
    return results


# --- tables ---


def reached(watch, error):
    """Seconds until the test error was this low for the first time, or inf."""
    low = np.array(watch.errors) <= error
    return watch.seconds[low.argmax()] if low.any() else np.inf


def error_at(watch, seconds):
    """The last error that was noted by then; before the first one, that one."""
    return watch.errors[max(0, np.searchsorted(watch.seconds, seconds, "right") - 1)]


def summary(results, budget):
    """{(job, solver): medians of the final error, an early one, and the time to the best}."""
    finals = {key: np.median([w.errors[-1] for w in ws]) for key, (_, ws) in results.items()}
    found = {}
    for (job, name), (_, watches) in results.items():
        best = min(error for (other, _), error in finals.items() if other == job)
        early = np.median([error_at(watch, budget / 10) for watch in watches])
        seconds = np.median([reached(watch, NEAR * best) for watch in watches])
        found[job, name] = finals[job, name], early, seconds
    return found


def print_tables(results, found, solvers, budget):
    jobs = list(dict.fromkeys(job for job, _ in found))
    header("solver", *jobs)
    for name in solvers:
        cells = []
        for job in jobs:
            (final, _, seconds), rate = found[job, name], results[job, name][0]
            when = f"{seconds:.2f} s" if np.isfinite(seconds) else "never"
            cells.append(f"{final:.3g} ({when}{'' if rate is None else f', rate {rate}'})")
        print(f"| {name} |", " | ".join(cells), "|")
    print("\nOver all jobs:\n")
    header(
        "solver",
        "geometric mean of the error",
        f"after {budget / 10:g} s",
        "jobs on which it came near the best",
    )
    for name in solvers:
        final, early, seconds = np.array([found[job, name] for job in jobs]).T
        means = [f"{np.exp(np.log(errors).mean()):.3g}" for errors in (final, early)]
        print(f"| {name} |", " | ".join([*means, f"{np.isfinite(seconds).sum()}"]), "|")


def header(*cells):
    print("|", " | ".join(cells), "|")
    print("|---" * len(cells) + "|")


# --- picture ---


def draw(results, solvers, budget, path):
    """A panel for each job: the median error of the seeds against time, both logarithmic."""
    mpl.use("agg")
    import matplotlib.pyplot as plt

    jobs = list(dict.fromkeys(job for job, _ in results))
    columns = -(-len(jobs) // 2)
    figure, axes = plt.subplots(
        2, columns, figsize=(16, 9), sharex=True, squeeze=False, layout="constrained"
    )
    for job, ax in zip(jobs, axes.flat, strict=False):
        for name, (_, solver, _) in solvers.items():
            draw_curve(ax, results[job, name][1], name, COLORS[solver], budget)
        ax.axhline(1, color="k", linewidth=1.2, linestyle=":", label="persistence")
        set_axes(ax, job)
    for ax in axes.flat[len(jobs) :]:
        ax.set_axis_off()
    for ax in axes[-1]:
        ax.set_xlabel("seconds of training", fontsize=14)
    for ax in axes[:, 0]:
        ax.set_ylabel("test RMSE / persistence's", fontsize=14)
    handles, names = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=5, fontsize=14, frameon=False)
    figure.savefig(path, dpi=100)


def set_axes(ax, title):
    """Logarithmic, with plain numbers where the errors span less than two decades."""
    ax.set(xscale="log", yscale="log")
    ax.set_title(title, fontsize=16)
    ax.grid(alpha=0.3)
    ax.tick_params(labelsize=13)
    low, high = ax.get_ylim()
    if high < 100 * low:
        subs = (1, 2, 5) if high > 10 * low else (1, 1.5, 2, 3, 4, 5, 6, 8)
        ax.yaxis.set_major_locator(mpl.ticker.LogLocator(subs=subs))
        ax.yaxis.set_major_formatter(mpl.ticker.FormatStrFormatter("%g"))
        ax.yaxis.set_minor_formatter(mpl.ticker.NullFormatter())
    ax.xaxis.set_major_formatter(mpl.ticker.FormatStrFormatter("%g"))


def draw_curve(ax, watches, name, color, budget):
    """The seeds' median, from when the last of them has an error on, or where they ended."""
    if name.endswith(ENDS):
        end = [np.median([getattr(w, what)[-1] for w in watches]) for what in ("seconds", "errors")]
        ax.plot(*end, "o", label=name, color=color, markersize=12, markeredgecolor="k", zorder=4)
        return
    start = max(watch.seconds[0] for watch in watches)
    times = np.geomspace(start, max(budget, 1.01 * start), 300)
    errors = np.median([[error_at(watch, t) for t in times] for watch in watches], axis=0)
    # batches make some curves flicker too much to be told apart
    smooth = np.exp(median_filter(np.log(errors), SMOOTHED, mode="nearest"))
    width, line = (4 if "auto" in name else 2), ("--" if name.startswith("PyTorch") else "-")
    ax.plot(times, smooth, line, label=name, color=color, linewidth=width, zorder=width)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one seed, one second each")
    parser.add_argument("--prices", help="CSV file with the columns Date and Open")
    parser.add_argument("--out", default="solvers.png", help="the picture")
    args = parser.parse_args()
    budget, n_seeds = (1.0, 1) if args.quick else (3.0, 3)
    jobs = all_jobs(args.prices)
    first = next(iter(jobs.values()))
    default = RNNRegressor(alpha=1.0, max_iter=1).fit(first.X, first.y).solver_
    print(machine())
    print(
        f"Median of {n_seeds} seeds; {budget:g} seconds for each training; Elman networks of {H} "
        f"units; batches of {BATCH_SIZE} where a solver has batches.\n\nFinal test RMSE by that "
        f"of persistence; in brackets, the seconds to {NEAR:g} times the lowest one of any "
        "solver, and the step size.\n",
        flush=True,
    )
    solvers = all_solvers(default)
    results = measure(jobs, solvers, budget, n_seeds)
    print_tables(results, summary(results, budget), solvers, budget)
    draw(results, solvers, budget, args.out)


if __name__ == "__main__":
    main()
