"""A price series from CSV files
=============================

The next trading day's opening price from the last 60.

Run it with ``python examples/prices.py TRAIN.csv [TEST.csv]``. The files need the columns
Date and Open, in any order of rows. Without a second file the last 10 % of the days are
held out. It prints the errors on the held-out days in the price's own unit and draws
``examples/output/prices.png``.

Prices are close to a random walk: "tomorrow as today" is hard to beat, and the table says
whether it was.
"""

# %%
import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, mean_squared_error
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler

from skrnn import RNNRegressor, SlidingWindow, sliding_windows

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
LENGTH = 60
N_SEEDS = 10

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("train", help="CSV with the columns Date and Open")
parser.add_argument("test", nargs="?", help="CSV with the days after it (default: last 10 %%)")
arguments = parser.parse_args()


def read(path):
    """Opening prices by date, oldest first."""
    return pd.read_csv(path, index_col="Date", parse_dates=True)[["Open"]].sort_index()


# %%
# X is a day's price, y the next day's
train = read(arguments.train)
if arguments.test:
    test = read(arguments.test)
else:
    n_test = len(train) // 10
    train, test = train.iloc[:-n_test], train.iloc[-n_test:]
days = pd.concat([train, test])
first = len(train) - 1  # the last day of the first file predicts the first of the second
X_train, y_train = days.iloc[:first], days["Open"].iloc[1 : first + 1]
X_test, y_test = days.iloc[first:-1], days["Open"].iloc[first + 1 :]

# %%
# The pipeline. The dates tell SlidingWindow that X_test follows X_train, so that the first
# window of the test has its true 60 days.
pipe = Pipeline(
    [("scale", MinMaxScaler()), ("window", SlidingWindow(LENGTH)), ("rnn", RNNRegressor())]
).set_output(transform="pandas")

predictions = []
for seed in range(N_SEEDS):
    pipe.set_params(rnn__random_state=seed).fit(X_train, y_train)
    predictions.append(pipe.predict(X_test))

# %%
# Two baselines: tomorrow as today, and a linear model of the same 60 days
lags, following = sliding_windows(days["Open"], LENGTH)
n_known = first + 1 - LENGTH
linear = LinearRegression().fit(lags[:n_known, :, 0], following[:n_known])
rivals = {
    "persistence": X_test["Open"].to_numpy(),
    "linear model": linear.predict(lags[n_known:, :, 0]),
}


def errors(prediction):
    """MSE and MAE on the held-out days."""
    return mean_squared_error(y_test, prediction), mean_absolute_error(y_test, prediction)


rows = {name: errors(prediction) for name, prediction in rivals.items()}
rows[f"RNN, median of {N_SEEDS} seeds"] = np.median([errors(p) for p in predictions], axis=0)
table = pd.DataFrame(rows, index=["MSE", "MAE"]).T
print(f"{len(y_test)} days, {y_test.index[0]:%Y-%m-%d} to {y_test.index[-1]:%Y-%m-%d}")
print(table.round(2).to_string())
best = table["MSE"].idxmin()
print(f"Lowest MSE: {best}.")

# %%
# The forecast
OUTPUT.mkdir(exist_ok=True)
figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
recent = days["Open"].iloc[-len(y_test) - 30 :]
ax.plot(recent.index, recent, color="0.6", linewidth=4, label="opening price")
ax.plot(y_test.index, rivals["persistence"], color="C1", linestyle=":", label="persistence")
ax.plot(y_test.index, np.median(predictions, axis=0), color="C0", label="RNN")
ax.axvline(y_test.index[0], color="0.8", zorder=0)
ax.set(title="Next day's opening price", ylabel="price")
ax.legend()
figure.autofmt_xdate()
figure.savefig(OUTPUT / "prices.png", dpi=120)
print(f"picture: {OUTPUT / 'prices.png'}")
# sphinx_gallery_thumbnail_path = '../examples/tutorials/many_to_one.png'
