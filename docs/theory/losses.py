"""Losses and the parabolas that touch them, and quantiles of noise that depends on the input."""

import matplotlib.pyplot as plt
import numpy as np

from skrnn import RNNRegressor

fig, axes = plt.subplots(1, 2, figsize=(9, 3.6), facecolor="white")
r, at, delta, q = np.linspace(-3, 3, 301), 2.0, 1.35, 0.9


def huber(r):
    inner = np.minimum(np.abs(r), delta)
    return inner * (np.abs(r) - inner / 2)


losses = {  # l, and its derivative and curvature at r = 2
    "squared": (lambda r: r**2 / 2, at, 1),
    "absolute": (np.abs, 1, 1 / at),
    "huber": (huber, delta, delta / at),
    "quantile 0.9": (lambda r: np.maximum(q * r, (q - 1) * r), q, 1 / (2 * at)),
}
for k, (name, (loss, slope, curvature)) in enumerate(losses.items()):
    axes[0].plot(r, loss(r), color=f"C{k}", label=name)
    if name != "squared":
        parabola = loss(at) + slope * (r - at) + curvature * (r - at) ** 2 / 2
        axes[0].plot(r, parabola, "--", color=f"C{k}", linewidth=1)
axes[0].set(title="Loss of a residual r, touched at r = 2", xlabel="r", ylim=(-0.1, 4))

rng = np.random.RandomState(0)
X = rng.uniform(-2, 2, size=(600, 3, 1))
last = X[:, -1, 0]
y = np.sin(2 * last) + (0.1 + 0.25 * (last + 2)) * rng.normal(size=600)
model = RNNRegressor(loss="quantile", quantile=[0.1, 0.5, 0.9], alpha=3, random_state=0).fit(X, y)
grid = np.zeros((200, 3, 1))
grid[:, -1, 0] = np.linspace(-2, 2, 200)
low, middle, high = model.predict(grid).T
axes[1].plot(last, y, ".", color="0.6", markersize=3)
axes[1].fill_between(grid[:, -1, 0], low, high, color="C0", alpha=0.25, label="0.1 to 0.9")
axes[1].plot(grid[:, -1, 0], middle, color="C0", label="0.5")
axes[1].set(title="Three quantiles", xlabel="last value of X", ylabel="y")
for ax in axes:
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False)
fig.tight_layout()
