"""Real series under drift, each to be forecast beyond the part that a model was fitted on."""

import numpy as np
from _suite import SCALERS, Case
from _tools import opening_prices

from skrnn.datasets import load_airline, load_sunspots, load_weather


def job(name, series, *, n_train, n_test, length, start=0, ahead=1, columns=(0,), targets=(0,)):
    """Rows of some columns, and the targets' columns ``ahead`` rows later, in both scalers."""
    table = np.asarray(series, float).reshape(len(series), -1)[start:]
    stop = min(n_train + n_test, len(table) - ahead)
    target = table[ahead : stop + ahead, list(targets)]
    target = target[:, 0] if len(targets) == 1 else target
    rows = table[:stop, list(columns)]
    return [Case(name, rows, target, n_train, length, scaler) for scaler in SCALERS]


def real_jobs(price_file=None):
    """All jobs; a CSV with the columns Date and Open adds two."""
    airline, sunspots = load_airline().series, load_sunspots().series
    weather = load_weather().series
    days = weather[: len(weather) // 24 * 24].reshape(-1, 24, 2).mean(axis=1)
    hours = {"n_train": 3000, "n_test": 1500}
    both = {"columns": (0, 1), **hours}
    found = [
        *job("airline, 12", airline, n_train=96, n_test=48, length=12),
        *job("airline, 24", airline, n_train=108, n_test=36, length=24),
        *job("airline, 3 ahead", airline, n_train=96, n_test=48, length=12, ahead=3),
        *job("sunspots, 12", sunspots, n_train=200, n_test=109, length=12),
        *job("sunspots, 30", sunspots, n_train=249, n_test=60, length=30),
        *job("temperature, 1 h", weather, length=12, **hours),
        *job("temperature, 1 h, from both", weather, length=24, **both),
        *job("temperature, 6 h, from both", weather, length=24, ahead=6, **both),
        *job("temperature, spring", weather, start=1500, n_train=500, n_test=1000, length=24),
        *job("humidity, 1 h, from both", weather, length=12, targets=(1,), **both),
        *job("both, autumn", weather, start=5500, length=12, targets=(0, 1), n_train=1000,
             n_test=1500, columns=(0, 1)),
        *job("daily temperature", days, n_train=180, n_test=180, length=6, columns=(0, 1)),
    ]  # fmt: skip
    if price_file:
        prices = opening_prices(price_file)
        n = len(prices) - 201
        found += job("prices, 60", prices, n_train=n, n_test=200, length=60)
        found += job("prices, first 500", prices, n_train=500, n_test=n - 300, length=20)
    return found
