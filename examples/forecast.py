"""Airline passengers
==================

The next 24 months in one call, with intervals, and what they are worth.

The last 24 months are held out. The forecaster sees the series alone: it finds the logarithm, the
season and the length of its windows itself. Its errors stand beside those of the seasonal naive
forecast, which repeats the last year, and of the last value.

Run it with ``python examples/forecast.py``; it draws ``examples/output/forecast.png``.
"""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import TimeSeriesSplit

from skrnn import BacktestDisplay, ForecastDisplay, Forecaster
from skrnn.datasets import load_airline

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
STEPS = 24

# %%
# Fit, and what the forecaster has found
y = load_airline(as_frame=True).series
past, future = y[:-STEPS], y[-STEPS:]
forecaster = Forecaster().fit(past)
print(f"season: {forecaster.season_} rows, logarithm: {forecaster.log_}")
print(f"skill on the last part of the past: {forecaster.skill_:.2f}")

# %%
# The next 24 months beside the naive forecasts. The unit of the MASE is the mean change over one
# season in the past.
forecast = forecaster.predict(STEPS)
interval = forecaster.predict_interval(STEPS, coverage=0.9)
unit = past.diff(forecaster.season_).abs().mean()
last_year = np.tile(past[-forecaster.season_ :], STEPS // forecaster.season_)
rivals = {
    "Forecaster": forecast,
    "seasonal naive": pd.Series(last_year, future.index),
    "last value": pd.Series(past.iloc[-1], future.index),
}
table = pd.DataFrame({"MAE": {k: mean_absolute_error(future, v) for k, v in rivals.items()}})
table["MASE"] = table["MAE"] / unit
print(table.round(2).to_string())
inside = future.between(interval["lower"], interval["upper"])
print(f"{inside.sum()} of {STEPS} months lie inside the 90 % interval")

# %%
# Was it luck? A forecast of each of the five last years, fitted on the years before it
folds = forecaster.backtest(y, cv=TimeSeriesSplit(5, test_size=12))
summary = folds.attrs["summary"]
print(f"backtest: MASE {summary['MASE']:.2f}, skill {summary['skill']:.2f}")

# %%
# Both pictures
OUTPUT.mkdir(exist_ok=True)
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
ForecastDisplay.from_predictions(
    past, forecast, interval=interval, coverage=0.9, truth=future, n_history=48, ax=left
)
left.set_title("24 months that the forecaster hasn't seen")
BacktestDisplay.from_backtest(folds, ax=right)
right.set_title(f"Backtest: {right.get_title()}")
figure.savefig(OUTPUT / "forecast.png", dpi=120)
print(f"picture: {OUTPUT / 'forecast.png'}")
