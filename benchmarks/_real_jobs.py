"""Real series under drift, each to be forecast beyond the part that a model was fitted on.

Half of the jobs, of skrnn's own datasets, were looked at when defaults were chosen. The other half
is to report on: its series, of statsmodels' datasets, play no part in any choice.
"""

import numpy as np
from _suite import SCALERS, Case
from _tools import opening_prices

from skrnn.datasets import load_airline, load_sunspots, load_weather

REST = 10_000  # more rows than any series has


def job(name, series, *, n_train, n_test, length, start=0, ahead=1, columns=(0,), targets=(0,)):
    """Rows of some columns, and the targets' columns ``ahead`` rows later, in both scalers."""
    table = np.asarray(series, float).reshape(len(series), -1)[start:]
    stop = min(n_train + n_test, len(table) - ahead)
    target = table[ahead : stop + ahead, list(targets)]
    target = target[:, 0] if len(targets) == 1 else target
    rows = table[:stop, list(columns)]
    return [Case(name, rows, target, n_train, length, scaler) for scaler in SCALERS]


def real_jobs(half, price_file=None):
    """The jobs of a half; a CSV with the columns Date and Open adds two to those to choose on."""
    return jobs_to_report() if half == "report" else jobs_to_choose(price_file)


def jobs_to_choose(price_file=None):
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


def jobs_to_report():
    """About two thirds of each series to train, the rest to test; a target is its first column."""
    from statsmodels import datasets

    co2 = datasets.co2.load_pandas().data["co2"]
    months, weeks = co2.resample("MS").mean().interpolate(), co2.interpolate()
    nile = datasets.nile.load_pandas().data["volume"]
    elnino = datasets.elnino.load_pandas().data.set_index("YEAR").to_numpy().ravel()
    quarters = datasets.macrodata.load_pandas().data
    prices = datasets.interest_inflation.load_pandas().data[["Dp", "R"]]
    macro = {"n_train": 135, "n_test": REST, "length": 8}
    two, three = {"columns": (0, 1), **macro}, {"columns": (0, 1, 2), **macro}
    sea = {"n_train": 488, "n_test": REST, "length": 12}
    air = {"n_train": 350, "n_test": REST, "length": 12}
    return [
        *job("CO2, months", months, **air),
        *job("CO2, 6 months ahead", months, ahead=6, **air),
        *job("CO2, weeks", weeks, n_train=1000, n_test=500, length=52),
        *job("Nile", nile, n_train=66, n_test=REST, length=6),
        *job("El Niño", elnino, **sea),
        *job("El Niño, 3 months ahead", elnino, ahead=3, **sea),
        *job("GDP", quarters["realgdp"], **macro),
        *job("inflation", quarters[["infl", "unemp", "tbilrate"]], **three),
        *job("treasury bills", quarters[["tbilrate", "infl", "unemp"]], **three),
        *job("unemployment", quarters[["unemp", "realgdp"]], **two),
        *job("investment", quarters[["realinv", "realgdp"]], **two),
        *job("German inflation and interest", prices, targets=(0, 1), columns=(0, 1), n_train=71,
             n_test=REST, length=4),
    ]  # fmt: skip
