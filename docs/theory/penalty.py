"""The error on new data by the strength of the penalty, and the strengths that "auto" finds."""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import root_mean_squared_error

from skrnn import RNNRegressor

rng = np.random.RandomState(0)
X = rng.normal(size=(1200, 6, 1))
signal = np.tanh(X[:, -1, 0] * X[:, -2, 0]) + X[:, -3, 0] / 2
train, test = slice(200), slice(200, None)
settings = {"linear_part": False, "n_init": 4, "random_state": 0}

fig, ax = plt.subplots(figsize=(8, 3.6), facecolor="white")
for k, deviation in enumerate([0.05, 0.3, 1.0]):
    y = signal + deviation * rng.normal(size=len(X))

    def error(model, y=y):
        predicted = model.fit(X[train], y[train]).predict(X[test])
        return root_mean_squared_error(signal[test], predicted)

    alphas = 10.0 ** np.arange(-3, 1.6, 0.5)
    errors = [error(RNNRegressor(alpha=alpha, **settings)) for alpha in alphas]
    ax.loglog(alphas, errors, color=f"C{k}", label=f"noise of deviation {deviation}")
    auto = RNNRegressor(alpha="auto", **settings)
    found = error(auto)
    ax.plot(auto.alpha_, found, "o", color=f"C{k}")
ax.plot([], [], "ko", label='alpha="auto"')
ax.set(xlabel="alpha", ylabel="error against the signal (RMSE)")
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
fig.tight_layout()
