"""One to many: a curve from a few numbers
=======================================

One row of numbers becomes a whole sequence: a caption from the features of an image, a load profile
from the data of a building, or here the swing of a spring from how it is let go. The network reads
the row, and the state says how far the curve has come.

The other task of this shape has a first value, or a first word, and goes on by itself: see
``sine_free.py`` and ``next_word.py``, which call `generate`.

Run it with ``python examples/tutorials/one_to_many.py``; it draws
``examples/tutorials/output/one_to_many.png``.
"""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from _shapes import draw_shape
from sklearn.linear_model import LinearRegression
from sklearn.metrics import root_mean_squared_error
from sklearn.preprocessing import StandardScaler

from skrnn import RNNRegressor, Seq2SeqRegressor

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
T, N_TRAIN, N_TEST = 30, 300, 100

# %%
# A row is what a spring starts with: how far it is pulled, how fast it swings, how soon it rests.
rng = np.random.RandomState(0)
rows = rng.uniform([0.5, 0.3, 0.02], [1.5, 0.6, 0.1], size=(N_TRAIN + N_TEST, 3))
pulled, frequency, friction = rows.T[:, :, np.newaxis]  # (n, 1) each
y = pulled * np.exp(-friction * np.arange(T)) * np.cos(frequency * np.arange(T))  # (n, T)
X = StandardScaler().fit(rows[:N_TRAIN]).transform(rows)  # (n, 3): networks want such a scale
train, test = slice(N_TRAIN), slice(N_TRAIN, None)

# %%
# Two ways
# --------
#
# Tutorials repeat the row at every step, or set the first state by it. Both are here. The first
# needs the number of steps. A network of the second kind writes on from its own outputs, and with
# y as a list of sequences, these may have any lengths.
#
# .. list-table::
#    :header-rows: 1
#
#    * - tutorials, in Keras
#      - skrnn
#    * - ``RepeatVector(T)``
#      - ``np.repeat(X[:, np.newaxis], T, axis=1)``, (n, T, 3)
#    * - ``SimpleRNN(8, return_sequences=True)``, ``TimeDistributed(Dense(1))``
#      - ``RNNRegressor(8)``; y of shape (n, T, 1) says that each step has a target
#    * - or: ``decoder(..., initial_state=Dense(32)(features))``
#      - ``Seq2SeqRegressor(32, static_features=[0, 1, 2])``
#    * - a loop that feeds each output back
#      - ``predict(X)``
repeated = np.repeat(X[:, np.newaxis], T, axis=1)  # (n, T, 3)
at_each_step = RNNRegressor(8, solver="lm", alpha=1e-3, tol=0.02, random_state=0)
at_each_step.fit(repeated[train], y[train, :, np.newaxis])

as_first_state = Seq2SeqRegressor(
    static_features=[0, 1, 2],
    alpha=0.01,
    batch_size=20,
    learning_rate="cosine",
    max_iter=100,
    random_state=0,
)
as_first_state.fit(X[train], y[train])

# %%
# Is it better? The baselines are the mean curve, and a linear model of each step. Tutorials of this
# shape show samples, not errors, so that there is no figure of others.
curves = {
    "mean curve": np.tile(y[train].mean(axis=0), (N_TEST, 1)),
    "linear model": LinearRegression().fit(X[train], y[train]).predict(X[test]),
    "Seq2SeqRegressor, as first state": as_first_state.predict(X[test]),
    "RNNRegressor, at each step": at_each_step.predict(repeated[test])[:, :, 0],
}
errors = {name: root_mean_squared_error(y[test], own) for name, own in curves.items()}
print(pd.DataFrame({"RMSE": errors}).to_string(float_format="{:.4f}".format))

# %%
# On the left, the shape of the second way: dashed inputs are the network's own outputs. On the
# right, two springs that it hasn't seen.
figure, (shape, result) = plt.subplots(
    1, 2, figsize=(9, 3), width_ratios=[1.25, 1], layout="constrained"
)
draw_shape(
    shape,
    ["row", r"$\hat y_1$", r"$\hat y_2$", r"$\hat y_3$"],
    [r"$\hat y_1$", r"$\hat y_2$", r"$\hat y_3$", r"$\hat y_4$"],
    own_inputs=[1, 2, 3],
)
shape.set_title("One input, many outputs")
frequencies = frequency[test, 0]
for i in np.argmin(frequencies), np.argmax(frequencies):
    result.plot(y[test][i], color="0.6", linewidth=5, alpha=0.6, label="spring")
    result.plot(curves["linear model"][i], color="C3", linestyle=":", label="linear model")
    network = curves["Seq2SeqRegressor, as first state"][i]
    result.plot(network, color="C0", marker=".", label="network")
result.set(title="The slowest and the fastest spring", xlabel="step", ylim=(-1.6, 2.3))
result.legend(
    *[drawn[:3] for drawn in result.get_legend_handles_labels()],
    loc="upper center",
    ncols=3,
    fontsize=8,
)
OUTPUT.mkdir(exist_ok=True)
figure.savefig(OUTPUT / "one_to_many.png", dpi=100)
print(f"picture: {OUTPUT / 'one_to_many.png'}")
