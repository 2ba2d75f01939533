"""What a forecaster makes of a series before a network reads it."""

import matplotlib.pyplot as plt
import numpy as np

from skrnn import Forecaster
from skrnn.datasets import load_airline

y = load_airline(as_frame=True).series
known, later = y[:-24], y[-24:]
forecaster = Forecaster().fit(known)
forecast, interval = forecaster.predict(24), forecaster.predict_interval(24)
assert forecaster.log_  # so the pattern is subtracted from logarithms
level = np.log(known) - forecaster.seasonal_[np.arange(len(known)) % forecaster.season_]

fig, axes = plt.subplots(1, 3, figsize=(11, 3.4), facecolor="white", width_ratios=[3, 1.4, 3])
axes[0].plot(known.index, np.log(known), color="0.6", label="log y")
axes[0].plot(known.index, level, color="C0", label="level g = log y - p")
axes[0].set_title("Logarithm and level")
axes[1].plot(range(1, 13), forecaster.seasonal_, ".-", color="C1")
axes[1].set(title="Pattern p", xlabel="month")
axes[2].plot(known.index[-36:], known[-36:], color="0.6", label="y")
axes[2].plot(later.index, later, color="0.6", linestyle=":", label="what came")
axes[2].plot(forecast.index, forecast, color="C0", label="forecast")
low, high = interval["lower"], interval["upper"]
axes[2].fill_between(forecast.index, low, high, color="C0", alpha=0.2, label="90 %")
axes[2].set_title("Forecast")
for ax in axes:
    ax.spines[["top", "right"]].set_visible(False)
for ax in axes[[0, 2]]:
    ax.legend(frameon=False, fontsize=8, loc="upper left")
    ax.tick_params(axis="x", labelrotation=45)
fig.tight_layout()
