"""Forecasting libraries with a recurrent network as their regressor, with and without its order.

Run ``pip install -e ".[ecosystem]"``, then ``python benchmarks/ecosystem.py [--seeds 5]``. It
prints a Markdown table: the RMSE of forecasts one step ahead, as each library makes them, with a
network that is passed as it is, and with one behind `RowsToSequences`.
"""

import argparse
import logging
import warnings

import numpy as np
import pandas as pd
from _tools import machine
from sklearn.linear_model import Ridge
from sklearn.metrics import root_mean_squared_error
from sklearn.pipeline import make_pipeline

from skrnn import RNNRegressor, RowsToSequences
from skrnn.datasets import load_sunspots

LAGS, N_TEST = 12, 60
NETWORKS = {"defaults": {}, "network alone, alpha=1": {"alpha": 1.0}}
BLOCKS = {"n_features_per_step": [1, 1]}


def two_series(n=600):
    """A series y that depends on what x was when y was small or large, and x; noise is 0.1."""
    rng = np.random.RandomState(0)
    x, y = rng.normal(size=n), np.zeros(n)
    for t in range(1, n):
        level = np.tanh(y[t - 1])
        y[t] = 0.6 * np.tanh(1.5 * y[t - 1]) + (0.5 + 0.7 * level) * x[t - 1]
        y[t] += 0.1 * rng.normal()
    return pd.DataFrame({"y": y, "x": x}, pd.period_range("2020-01-01", periods=n, freq="D"))


SUNSPOTS = load_sunspots(as_frame=True).series.reset_index(drop=True).astype(float)
TWO = two_series()


def skforecast_recursive(model):
    from skforecast.model_selection import TimeSeriesFold, backtesting_forecaster
    from skforecast.recursive import ForecasterRecursive

    cv = TimeSeriesFold(steps=1, initial_train_size=len(SUNSPOTS) - N_TEST, refit=False)
    _, forecasts = backtesting_forecaster(
        ForecasterRecursive(model, lags=LAGS), SUNSPOTS, cv, "mean_squared_error", verbose=False,
        show_progress=False,
    )  # fmt: skip
    return SUNSPOTS[-N_TEST:], forecasts["pred"]


def mlforecast(model):
    from mlforecast import MLForecast

    table = pd.DataFrame({"unique_id": "a", "ds": SUNSPOTS.index, "y": SUNSPOTS})
    forecaster = MLForecast({"rnn": model}, freq=1, lags=range(1, LAGS + 1))
    folds = forecaster.cross_validation(table, n_windows=N_TEST, h=1, refit=False)
    return folds["y"], folds["rnn"]


def feature_engine(model):
    from feature_engine.timeseries.forecasting import LagFeatures

    lags = LagFeatures(periods=list(range(1, LAGS)), missing_values="ignore")
    table = lags.fit_transform(SUNSPOTS.to_frame("y"))[LAGS - 1 : -1]
    y = SUNSPOTS[LAGS:]
    model.fit(table[:-N_TEST], y[:-N_TEST])
    return y[-N_TEST:], model.predict(table[-N_TEST:])


def skforecast_multivariate(model):
    from skforecast.direct import ForecasterDirectMultiVariate
    from skforecast.model_selection import TimeSeriesFold, backtesting_forecaster_multiseries

    series = TWO.to_timestamp()
    cv = TimeSeriesFold(steps=1, initial_train_size=len(series) - N_TEST, refit=False)
    forecaster = ForecasterDirectMultiVariate(model, level="y", steps=1, lags=LAGS)
    _, forecasts = backtesting_forecaster_multiseries(
        forecaster, series, cv, "mean_squared_error", verbose=False, show_progress=False
    )
    return series["y"][-N_TEST:], forecasts["pred"]


def darts(model):
    from darts import TimeSeries
    from darts.models import SKLearnModel

    y, x = (TimeSeries.from_series(TWO[name].to_timestamp()) for name in "yx")
    forecaster = SKLearnModel(LAGS, lags_past_covariates=LAGS, model=model)
    forecaster.fit(y[:-N_TEST], past_covariates=x[:-N_TEST])
    forecasts = forecaster.historical_forecasts(
        y, x, start=len(y) - N_TEST, start_format="position", retrain=False, verbose=False
    )
    return y.values()[-N_TEST:, 0], forecasts.values()[:, 0]


def sktime(model):
    from sktime.forecasting.compose import make_reduction

    train = slice(-N_TEST)
    y, X = TWO["y"], TWO[["x"]]
    forecaster = make_reduction(model, window_length=LAGS, scitype="tabular-regressor")
    forecaster.fit(y[train], X=X[train], fh=[1])
    forecasts = []
    for t in range(len(y) - N_TEST, len(y)):
        forecasts.append(forecaster.predict(X=X[t : t + 1]).iloc[0])
        forecaster.update(y[t : t + 1], X=X[t : t + 1], update_params=False)
    return y[-N_TEST:], forecasts


# Name: what makes the forecasts, the parameters that a network alone gets, those of RowsToSequences
JOBS = {
    "sunspots, skforecast": (skforecast_recursive, {}, {}),
    "sunspots, mlforecast": (mlforecast, {}, {}),
    "sunspots, feature-engine": (feature_engine, {}, {}),
    "two series, skforecast": (skforecast_multivariate, {"n_features_per_step": 2}, BLOCKS),
    "two series, darts": (darts, {"n_features_per_step": 2}, {**BLOCKS, "first": "oldest"}),
    "two series, sktime": (sktime, {"n_features_per_step": 2}, {**BLOCKS, "first": "oldest"}),
}


def rmse(job, model):
    return root_mean_squared_error(*map(np.asarray, job(model)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(parser.parse_args().seeds)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    print(machine("skforecast", "mlforecast", "feature-engine", "darts", "sktime"))
    print(f"\nMean RMSE of {len(seeds)} seeds; in brackets, the worst.\n")
    heads = [f"{name}: {order}" for name in NETWORKS for order in ("as it is", "in order")]
    print("| | Ridge | " + " | ".join(heads) + " |")
    print("|---" * (len(heads) + 2) + "|")
    for name, (job, alone, rows) in JOBS.items():
        cells = [f"{rmse(job, Ridge()):.3g}"]
        for parameters in NETWORKS.values():
            for ordered in (False, True):
                errors = []
                for seed in seeds:
                    model = RNNRegressor(random_state=seed, **parameters)
                    if ordered:
                        model = make_pipeline(RowsToSequences(**rows), model)
                    else:
                        model.set_params(**alone)
                    errors.append(rmse(job, model))
                cells.append(f"{np.mean(errors):.3g} ({max(errors):.3g})")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
