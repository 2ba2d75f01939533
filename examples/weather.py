"""Several inputs and several targets
==================================

Temperature and humidity, one and six hours ahead.

Both at once from the last 50 hours of both, at New York's JFK airport. The models are fitted on
what was measured until the end of October 2013 and forecast November and December. The baselines
are persistence (later as now) and a linear autoregression on the same windows, with the strength of
its penalty chosen by cross-validation.

The test data had no influence on the network's settings. These did best on July and August and on
September and October, each forecast by networks fitted on the months before.

Run it with ``python examples/weather.py``; it draws ``examples/output/weather.png``.
"""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.dates import ConciseDateFormatter, DayLocator
from sklearn.linear_model import RidgeCV
from sklearn.metrics import root_mean_squared_error
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import RNNRegressor, SlidingWindow
from skrnn.datasets import load_weather

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
LENGTH = 50
HOURS_AHEAD = [1, 6]
N_SEEDS = 3
SETTINGS = {
    "cell": "gru",
    "solver": "adam",
    "learning_rate": "cosine",
    "learning_rate_init": 0.02,
    "max_iter": 20,
    "n_iter_no_change": 20,
}
FIRST_TEST, SHOWN = "2013-11-01", slice("2013-11-21", "2013-11-25")

# %%
# Row i of X is an hour. float32 is computed in float32, in less time
X = load_weather(as_frame=True).series.astype("float32")

# %%
# Two pipelines. The hours in the index tell SlidingWindow that the test follows the training
# rows. The linear model takes no NaN: for it, the mean fills the missing steps before the first
# hour.
rnn = Pipeline(
    [
        ("scale", StandardScaler()),
        ("window", SlidingWindow(LENGTH)),
        ("rnn", RNNRegressor(16, **SETTINGS)),
    ]
).set_output(transform="pandas")
linear = Pipeline(
    [
        ("scale", StandardScaler()),
        ("window", SlidingWindow(LENGTH, layout="flat", pad_value=0)),
        ("ridge", RidgeCV(np.logspace(-2, 4, 7))),
    ]
).set_output(transform="pandas")

# %%
# The target is the change of both from now on. So the network needn't learn that the next hour
# is much like this one, and both targets count alike, however close they are to persistence.
errors, shown = {}, {}
for hours in HOURS_AHEAD:
    last = len(X) - hours  # the last hours of the year have no target
    observed = X.shift(-hours).iloc[:last]
    now, change = X.iloc[:last], observed - X.iloc[:last]
    # a row belongs to the test if the hour that it forecasts does
    first = X.index.searchsorted(pd.Timestamp(FIRST_TEST)) - hours
    X_train, change_train, X_test = now.iloc[:first], change.iloc[:first], now.iloc[first:]

    # the forecast is the mean over networks from several seeds
    changes = [
        rnn.set_params(rnn__random_state=seed).fit(X_train, change_train).predict(X_test)
        for seed in range(N_SEEDS)
    ]
    forecasts = {
        "persistence": X_test,
        "linear": X_test + linear.fit(X_train, change_train).predict(X_test),
        "RNN": X_test + np.mean(changes, axis=0),
    }
    for name, forecast in forecasts.items():
        errors[f"{hours} h ahead: {name}"] = root_mean_squared_error(
            observed.iloc[first:], forecast, multioutput="raw_values"
        )
    shown[hours] = forecast.set_axis(X.index[first + hours :]).loc[SHOWN]

# %%
# The table
table = pd.DataFrame(errors, index=["temperature (°C)", "humidity (%)"]).T
print(f"RMSE, {len(X.loc[FIRST_TEST:])} hours from {FIRST_TEST}")
print(table.round(2).to_string())
for hours in HOURS_AHEAD:
    lowest = table[table.index.str.startswith(f"{hours} h")].idxmin().str.split(": ").str[1]
    of_each = ", ".join(f"{column} {model}" for column, model in zip(X, lowest, strict=True))
    print(f"Lowest RMSE {hours} h ahead: {of_each}.")

# %%
# Five days of the test, in which an arctic front came through
OUTPUT.mkdir(exist_ok=True)
figure, axes = plt.subplots(2, 1, figsize=(9.5, 4.8), sharex=True, layout="constrained")
for ax, column, label in zip(axes, X, table, strict=True):
    ax.plot(X.loc[SHOWN, column], color="0.8", linewidth=5, label="observed")
    for hours, color in zip(HOURS_AHEAD, ["C0", "C3"], strict=True):
        ahead = f"RNN, {hours} hour{'s' * (hours > 1)} ahead"
        ax.plot(shown[hours][column], color=color, linewidth=1.2, label=ahead)
    ax.set_ylabel(label)
    ax.grid(axis="x", color="0.92")
axes[0].set_title(
    "Weather at JFK airport, forecast from the last 50 hours of temperature and humidity"
)
axes[0].legend(ncols=3, loc="lower left")
axes[1].xaxis.set_major_locator(DayLocator())
axes[1].xaxis.set_major_formatter(ConciseDateFormatter(DayLocator()))
axes[1].set_xlabel("day (UTC)")
figure.savefig(OUTPUT / "weather.png", dpi=100)
print(f"picture: {OUTPUT / 'weather.png'}")
# sphinx_gallery_thumbnail_path = '../examples/weather.png'
