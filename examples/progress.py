"""Progress of long fits
=====================

scikit-learn's callbacks show how far a fit is, and monitor a score of each epoch.

``ProgressBar`` shows a bar for the search, one for each candidate and fold, and one for the epochs
of each network, in a terminal and in a notebook. ``ScoringMonitor`` computes a score after each
epoch. A callback of one's own ends training when it returns True. Callbacks need scikit-learn 1.9
or newer, and the bars need rich.

Run it with ``python examples/progress.py``; it draws ``examples/output/progress.png``.
"""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit

from skrnn import RNNRegressor, sliding_windows
from skrnn.datasets import load_sunspots

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
X, y = sliding_windows(load_sunspots().series / 100, length=12)  # large values are learned badly

# %%
# A bar for the search, and one for each of its fits; ``max_propagation_depth=None`` adds restarts
# and epochs.
grid = {"hidden_size": [4, 16], "alpha": [1.0, 10.0]}
network = RNNRegressor(solver="adam", learning_rate="cosine", max_iter=60, random_state=0)
search = GridSearchCV(network, grid, cv=TimeSeriesSplit(3))
search.set_callbacks(ProgressBar(max_propagation_depth=1)).fit(X[:-50], y[:-50])
print(f"best: {search.best_params_}")


# %%
# A callback of one's own: training ends where the error is low enough. The monitor keeps a score of
# each epoch, on the windows of training.
class GoodEnough:
    """End training when the mean absolute error is below a limit."""

    def __init__(self, limit):
        self.limit = limit

    def setup(self, estimator, context):
        """Begin a fit."""

    def on_fit_task_begin(self, estimator, context):
        """Begin a task."""

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
        """End an epoch: True ends training."""
        if context.task_name != "epoch":
            return False
        return mean_absolute_error(y, fitted_estimator.predict(X)) < self.limit

    def teardown(self, estimator, context):
        """End a fit."""


curves = {}
for limit in (0, 0.12):
    monitor = ScoringMonitor(scoring="neg_mean_absolute_error")
    own = network.set_params(**search.best_params_)
    own.set_callbacks(monitor, GoodEnough(limit)).fit(X[:-50], y[:-50])
    log = monitor.get_logs().data_as_pandas
    curves[limit] = -log.loc[log["task_name"] == "epoch", "neg_mean_absolute_error"].to_numpy()
    error = mean_absolute_error(y[-50:], own.predict(X[-50:]))
    print(f"limit {limit:4.2f}: {own.n_iter_} epochs, held-out error {error:.3f}")
print(f"persistence: held-out error {mean_absolute_error(y[-50:], X[-50:, -1, 0]):.3f}")

# %%
# The picture: the error of each epoch, with and without the limit
figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
ax.plot(curves[0], label="60 epochs")
ax.plot(curves[0.12], linewidth=3, label="until it is below 0.12")
ax.axhline(0.12, color="0.5", linestyle=":")
ax.set(
    xlabel="epoch",
    ylabel="mean absolute error, 100 spots",
    title="Training, monitored",
)
ax.legend()
OUTPUT.mkdir(exist_ok=True)
figure.savefig(OUTPUT / "progress.png", dpi=120)
