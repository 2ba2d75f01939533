"""The sine tutorial
=================

50 values in, the next one out, then one long sequence.

The first part is the exercise that most RNN tutorials start with, in windows. The second part reads
the same series as one sequence, with an output per step. It trains by truncated backpropagation
through time with chunks of one step, and is stateful: each chunk starts from the last state.

Run it with ``python examples/sine.py``; it draws ``examples/output/sine.png``.
"""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from skrnn import RNNRegressor, sliding_windows

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
OUTPUT.mkdir(exist_ok=True)


def rmse(y, prediction):
    """Root mean squared error."""
    return float(np.sqrt(np.mean((y - prediction) ** 2)))


# %%
# Windows: 100 to learn from, 50 to check
series = np.sin(np.arange(200))
X, y = sliding_windows(series, length=50)
X_train, y_train, X_test, y_test = X[:100], y[:100], X[100:], y[100:]

# the series has no noise, so a penalty has nothing to prevent
windows = RNNRegressor(hidden_size=8, alpha=1e-4, tol=0.02, random_state=0)
windows.fit(X_train, y_train)
prediction = windows.predict(X_test)
persistence = rmse(y_test, X_test[:, -1, 0])
print(f"persistence             RMSE {persistence:.6f}")
print(f"50 -> 1, {windows.n_iter_:3d} epochs     RMSE {rmse(y_test, prediction):.6f}")

# %%
# One sequence: the value at each step from all before it, one step of BPTT at a time
sequence, targets = series[:-1].reshape(1, -1, 1), series[1:].reshape(1, -1, 1)
online = RNNRegressor(
    hidden_size=8,
    solver="adam",
    bptt_steps=1,
    alpha=0,
    learning_rate_init=0.001,
    max_iter=300,
    n_iter_no_change=300,
    random_state=0,
)
online.fit(sequence[:, :150], targets[:, :150])
# predict reads the sequence from its start: the state is warm when the test steps come
online_prediction = online.predict(sequence)[0, 150:, 0]
online_target = targets[0, 150:, 0]
print(f"step by step, {online.n_iter_} epochs RMSE {rmse(online_target, online_prediction):.6f}")

# %%
# The picture
figure, axes = plt.subplots(1, 3, figsize=(13, 3.4), layout="constrained")
for ax, target, guess, title in [
    (axes[0], y_test, prediction, "50 values in, the next one out"),
    (axes[1], online_target, online_prediction, "One sequence, one step at a time"),
]:
    ax.plot(target, color="0.6", linewidth=4, label="series")
    ax.plot(guess, color="C0", label="prediction")
    ax.set(title=title, xlabel="test step", ylim=(-1.15, 1.5))
    ax.legend(loc="upper center", ncols=2)
axes[2].semilogy(windows.loss_curve_, label="windows, Levenberg-Marquardt")
axes[2].semilogy(online.loss_curve_, label="step by step, Adam")
axes[2].set(title="Loss", xlabel="epoch", ylim=(None, 10))
axes[2].legend()
figure.savefig(OUTPUT / "sine.png", dpi=120)
print(f"picture: {OUTPUT / 'sine.png'}")
