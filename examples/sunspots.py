"""Sunspots
========

An RNN in a pipeline, tuned on time series splits, against simple baselines.

Next year's mean sunspot number from the years before. The last 150 years are forecast one
year ahead, in five blocks of 30. For each block, the hidden size and the length of the window
are chosen by a grid search on the years before the block, and so is the window of a linear
autoregression. The third model is persistence: next year as this year.

Run it with ``python examples/sunspots.py``; it draws ``examples/output/sunspots.png``.
"""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, root_mean_squared_error
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler

from skrnn import RNNRegressor, SlidingWindow, sliding_windows
from skrnn.datasets import load_sunspots

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
LENGTHS = [6, 9, 12, 20]
blocks = TimeSeriesSplit(5, test_size=30)
folds = TimeSeriesSplit(3, test_size=30)

# %%
# Row i of X is a year, y[i] the year after it
X, y = load_sunspots(return_X_y=True, as_frame=True)

# %%
# The pipeline and its search. The years in the index tell SlidingWindow that a test fold
# follows the training rows, so that its first windows reach back into them.
pipe = Pipeline(
    [("scale", MinMaxScaler()), ("window", SlidingWindow()), ("rnn", RNNRegressor(random_state=0))]
).set_output(transform="pandas")
search = GridSearchCV(
    pipe,
    {"rnn__hidden_size": [2, 4, 8], "window__length": LENGTHS},
    cv=folds,
    scoring="neg_root_mean_squared_error",
    n_jobs=2,
)


# %%
# The linear model sees the same windows of the same years, but only full ones: it can't skip
# missing steps
def linear_forecast(train, test, length):
    """Fit on the full windows of the training rows, forecast the test rows."""
    windows, following = sliding_windows(np.append(X["sunspots"], y.iloc[-1]), length)
    train, test = train[train >= length - 1] - length + 1, test - length + 1
    model = LinearRegression().fit(windows[train, :, 0], following[train])
    return model.predict(windows[test, :, 0])


def tuned_length(train):
    """The length with the lowest mean RMSE over the folds."""
    means = [
        np.mean(
            [
                root_mean_squared_error(y.iloc[b], linear_forecast(a, b, length))
                for a, b in folds.split(train)
            ]
        )
        for length in LENGTHS
    ]
    return LENGTHS[int(np.argmin(means))]


# %%
# Block by block
forecasts = {"persistence": [], "linear, tuned": [], "RNN, untouched": [], "RNN, tuned": []}
print("years      chosen by the search (RNN; linear)")
for train, test in blocks.split(X):
    X_train, y_train, X_test = X.iloc[train], y.iloc[train], X.iloc[test]
    length = tuned_length(train)
    search.fit(X_train, y_train)
    forecasts["persistence"].append(X_test["sunspots"])
    forecasts["linear, tuned"].append(linear_forecast(train, test, length))
    forecasts["RNN, untouched"].append(pipe.fit(X_train, y_train).predict(X_test))
    forecasts["RNN, tuned"].append(search.predict(X_test))
    best = search.best_params_
    print(
        f"{X_test.index[0] + 1}-{X_test.index[-1] + 1}  hidden_size={best['rnn__hidden_size']}, "
        f"length={best['window__length']}; length={length}"
    )
forecasts = {name: np.concatenate(parts) for name, parts in forecasts.items()}

# %%
# The table
observed = y.iloc[-150:]
table = pd.DataFrame(
    {
        name: {
            "RMSE": root_mean_squared_error(observed, forecast),
            "MAE": mean_absolute_error(observed, forecast),
        }
        for name, forecast in forecasts.items()
    }
).T
table["RMSE / persistence"] = table["RMSE"] / table.loc["persistence", "RMSE"]
print(table.round(2).to_string())

# %%
# The forecast, and the loss of the last block's network
OUTPUT.mkdir(exist_ok=True)
figure, (left, right) = plt.subplots(
    1, 2, figsize=(11, 3.6), width_ratios=(3.2, 1), layout="constrained"
)
years = observed.index + 1
left.plot(years, observed, color="0.7", linewidth=4, label="observed")
left.plot(years, forecasts["linear, tuned"], color="C1", linewidth=1, label="linear, tuned")
left.plot(years, forecasts["RNN, tuned"], color="C0", linewidth=1.5, label="RNN, tuned")
left.set(title="Sunspots, forecast one year ahead", ylabel="yearly mean", xlabel="year")
left.set_ylim(top=1.35 * observed.max())
left.legend(ncols=3, loc="upper center")
right.semilogy(search.best_estimator_["rnn"].loss_curve_)
right.set(title="Training loss", xlabel="epoch")
figure.savefig(OUTPUT / "sunspots.png", dpi=120)
print(f"picture: {OUTPUT / 'sunspots.png'}")
# sphinx_gallery_thumbnail_path = '../examples/sunspots.png'
