"""Where RNNRegressor's defaults come from: the defaults against single changes to them.

Run ``python benchmarks/defaults.py [PRICES.csv]``, about three minutes on two cores; a file
with the columns Date and Open adds a price series. It prints a Markdown table: the RMSE of
one-step forecasts on the last part of each series, divided by that of persistence, as
``median (worst)`` over the seeds. Nothing is tuned on a series.
"""

import argparse
import time
import warnings

import numpy as np
from _series import mackey_glass, split
from _tools import opening_prices
from joblib import Parallel, delayed
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression
from sklearn.metrics import root_mean_squared_error

from skrnn import RNNRegressor
from skrnn.datasets import load_airline, load_sunspots

N_SEEDS = 5
VARIANTS = {
    "defaults": {},
    "alpha=0.01": {"alpha": 0.01},
    "alpha=0.1": {"alpha": 0.1},
    "alpha=10": {"alpha": 10},
    "hidden_size=4": {"hidden_size": 4},
    "hidden_size=16": {"hidden_size": 16},
    "activation='relu'": {"activation": "relu"},
    "activation='logistic'": {"activation": "logistic"},
    "activation='identity'": {"activation": "identity"},
    "tol=1e-4": {"tol": 1e-4},
    "tol=1e-2": {"tol": 1e-2},
    "normalize_y=False": {"normalize_y": False},
    "solver='adam'": {"solver": "adam"},
    "solver='adam', learning_rate_init=0.001": {"solver": "adam", "learning_rate_init": 0.001},
    "solver='adam', learning_rate_init=0.03": {"solver": "adam", "learning_rate_init": 0.03},
    "solver='adam', batch_size=32": {"solver": "adam", "batch_size": 32},
}


def autoregression(rng, n, *coefficients):
    """White noise through a linear recursion."""
    x = np.zeros(n)
    for t in range(len(coefficients), n):
        x[t] = sum(a * x[t - k] for k, a in enumerate(coefficients, 1)) + rng.normal()
    return x


def logistic_map(n):
    """Chaos: each value is a parabola of the last one, which no linear model can predict."""
    x = [0.4]
    for _ in range(n - 1):
        x.append(3.8 * x[-1] * (1 - x[-1]))
    return np.array(x)


def all_series(price_file):
    """Name to (series, length of the window, number of test values)."""
    rng = np.random.RandomState(0)
    t = np.arange(400)
    seasons = np.sin(2 * np.pi * t / 12) + 0.5 * np.sin(2 * np.pi * t / 30)
    series = {
        "sine": (np.sin(np.arange(200)), 50, 50),
        "sunspots": (load_sunspots().series, 20, 60),
        "airline": (load_airline().series, 24, 36),
        "two seasons, noise": (seasons + 0.3 * rng.normal(size=400), 24, 120),
        "Mackey-Glass": (mackey_glass(1000), 20, 400),
        "logistic map": (logistic_map(400), 5, 120),
        "AR(2)": (autoregression(rng, 400, 1.2, -0.5), 10, 120),
        "random walk": (autoregression(rng, 800, 1.0), 20, 200),
    }
    if price_file:
        series["prices"] = opening_prices(price_file), 60, 200
    return series


def rivals(series, length, n_test):
    """RMSE of persistence and of a linear model of the same window."""
    X, y, X_test, y_test = split(series, length, n_test)
    linear = LinearRegression().fit(X[:, :, 0], y).predict(X_test[:, :, 0])
    persistence = series[-n_test - 1 : -1]
    return root_mean_squared_error(y_test, persistence), root_mean_squared_error(y_test, linear)


def run(parameters, seed, data):
    """RMSE and seconds of one fit."""
    X, y, X_test, y_test = split(*data)
    model = RNNRegressor(random_state=seed, **parameters)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    seconds = time.perf_counter() - start
    return root_mean_squared_error(y_test, model.predict(X_test)), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prices", nargs="?", help="CSV with the columns Date and Open")
    data = all_series(parser.parse_args().prices)
    baselines = {name: rivals(*item) for name, item in data.items()}
    jobs = [(v, n, s) for v in VARIANTS for n in data for s in range(N_SEEDS)]
    results = Parallel(n_jobs=2)(delayed(run)(VARIANTS[v], s, data[n]) for v, n, s in jobs)
    collected = {}
    for (variant, name, _), result in zip(jobs, results, strict=True):
        collected.setdefault((variant, name), []).append(result)

    print("| |", " | ".join(data), "| geometric mean | seconds |")
    print("|---" * (len(data) + 3) + "|")
    linear = [linear / persistence for persistence, linear in baselines.values()]
    print("| linear model |", " | ".join(f"{ratio:.3g}" for ratio in linear), "| | |")
    for variant in VARIANTS:
        cells, medians, seconds = [], [], 0.0
        for name, (persistence, _) in baselines.items():
            errors, times = np.array(collected[variant, name]).T
            ratios = errors / persistence
            medians.append(np.median(ratios))
            seconds += np.median(times)
            cells.append(f"{medians[-1]:.3g} ({ratios.max():.3g})")
        mean = np.exp(np.mean(np.log(medians)))
        print(f"| {variant} |", " | ".join(cells), f"| {mean:.3g} | {seconds:.2f} |")


if __name__ == "__main__":
    main()
