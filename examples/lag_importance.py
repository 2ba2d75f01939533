"""Which features matter, and how long ago?
========================================

scikit-learn's permutation importance of a network.

``SlidingWindow(layout="flat")`` makes a table of a series, with a column for each feature at each
lag. `RNNRegressor` reads the rows of the table as sequences again. So `permutation_importance`
works as it is: it shuffles a column of the held-out rows and measures how far R² falls.

The first data set has a known answer. Its target is a, two steps ago, plus the square of b, five
steps ago, plus noise; c has no part in it. The second is the weather at New York's JFK airport. It
asks which hours tell by how much it gets warmer in the next hour.

Run it with ``python examples/lag_importance.py``; it draws ``examples/output/lag_importance.png``.
"""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import RNNRegressor, SlidingWindow
from skrnn.datasets import load_weather

OUTPUT = Path(globals().get("__file__", "")).parent / "output"


# %%
# Both data sets use this function. `n_features_per_step` says how many columns make a step.
def importances(series, target, length):
    """The fall of R² (mean, standard deviation) by column of the windows; prints the largest."""
    window = SlidingWindow(length, layout="flat").set_output(transform="pandas")
    windows = window.fit_transform(series).iloc[length - 1 :]  # the full ones
    W_train, W_test, y_train, y_test = train_test_split(
        windows, target.loc[windows.index], shuffle=False
    )

    rnn = RNNRegressor(n_features_per_step=series.shape[1], random_state=0)
    model = make_pipeline(StandardScaler(), rnn).fit(W_train, y_train)
    linear = LinearRegression().fit(W_train, y_train)
    print(f"R² on {len(W_test)} held-out rows:")
    print(f"  RNN {model.score(W_test, y_test):.3f}, linear {linear.score(W_test, y_test):.3f}")

    found = permutation_importance(model, W_test, y_test, n_repeats=10, random_state=0)
    table = pd.DataFrame(
        {"R² falls by": found.importances_mean, "±": found.importances_std}, index=windows.columns
    )
    print(table.sort_values("R² falls by", ascending=False).head(5).round(3).to_string())
    return table


# %%
# Data with a known answer: no model can reach more than R² = 8/9
rng = np.random.RandomState(0)
made_up = pd.DataFrame(rng.normal(size=(2000, 3)), columns=["a", "b", "c"])
target = made_up["a"].shift(2) + (made_up["b"].shift(5) ** 2 - 1) / np.sqrt(2)
target += rng.normal(scale=0.5, size=len(target))
print("a two steps ago, the square of b five steps ago")
panels = {"Known answer: a at lag 2, b² at lag 5": (made_up, importances(made_up, target, 10))}

# %%
# The weather. The next temperature is nearly the present one, so the target is the change.
#
# The lags of such a series are correlated, and share importance: if one of them is shuffled, the
# network finds much the same in the next. Shuffling also makes windows that never occur, with one
# hour unlike those around it, and the network wasn't trained for these. So a low value doesn't say
# that a lag has no information, and a high value doesn't say how much. A network from another seed
# distributes the importance in another way.
X, y = load_weather(return_X_y=True, as_frame=True)
print("\nweather: the change of temperature in the next hour")
change = y["next_temperature"] - X["temperature"]
panels["Weather: the next hour's change of temperature"] = X, importances(X, change, 24)

# %%
# A row for each feature, a column for each lag
OUTPUT.mkdir(exist_ok=True)
figure, axes = plt.subplots(1, 2, figsize=(11.5, 2.9), width_ratios=(1, 1.6), layout="constrained")
for ax, (title, (series, table)) in zip(axes, panels.items(), strict=True):
    n_features = series.shape[1]
    heat = table["R² falls by"].to_numpy().reshape(-1, n_features).T
    length = heat.shape[1]
    image = ax.imshow(heat, cmap="Blues", vmin=0, aspect="auto")
    ax.set_yticks(range(n_features), series.columns)
    lags = np.arange(0, length, 1 if length <= 10 else 3)
    ax.set_xticks(length - 1 - lags, lags)
    ax.set(title=title, xlabel="lag")
    # white lines between the cells
    ax.set_xticks(np.arange(length - 1) + 0.5, minor=True)
    ax.set_yticks(np.arange(n_features - 1) + 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=1.5)
    ax.tick_params(which="both", length=0)
    figure.colorbar(image, ax=ax, label="fall of R²")
axes[1].set_xlabel("lag (hours)")
figure.savefig(OUTPUT / "lag_importance.png", dpi=120)
print(f"picture: {OUTPUT / 'lag_importance.png'}")
