"""How long a change of the state is felt, at the initial weights of each cell."""

import matplotlib.pyplot as plt
import numpy as np

from skrnn import RNNClassifier, RNNRegressor

N_STEPS, H, CHANGE = 100, 32, 1e-4
rng = np.random.RandomState(0)
X = rng.normal(size=(200, N_STEPS, 1))
y = np.arange(len(X)) % 2


def left_over(estimator):
    """Size of a small change of the state after 0 to N_STEPS steps, by that at first."""
    model = estimator.set_params(
        hidden_size=H, alpha=0, solver="adam", max_iter=1, learning_rate_init=1e-9, random_state=0
    )
    _, state = model.fit(X, y).predict(X, return_state=True)  # a typical state
    change = rng.normal(size=state.shape)
    change *= CHANGE / np.linalg.norm(change, axis=1, keepdims=True)
    other, sizes = state + change, [1.0]
    for t in range(N_STEPS):
        x = X[:, t : t + 1]
        _, state = model.predict(x, initial_state=state, return_state=True)
        _, other = model.predict(x, initial_state=other, return_state=True)
        sizes.append(np.median(np.linalg.norm(other - state, axis=1)) / CHANGE)
    return sizes


fig, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True, facecolor="white")
panels = {
    "Regressors": (RNNRegressor, ["elman", "jordan", "lstm", "gru"]),
    f"Classifiers of {N_STEPS} steps": (RNNClassifier, ["elman", "lstm", "gru"]),
}
colors = {"elman": "C3", "jordan": "C1", "lstm": "C0", "gru": "C2"}
for ax, (title, (estimator, cells)) in zip(axes, panels.items(), strict=True):
    for cell in cells:
        ax.semilogy(left_over(estimator(cell=cell)), color=colors[cell], label=cell)
    ax.set(title=title, xlabel="steps later", ylim=(1e-6, 10))
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, ncol=2, loc="upper right")
axes[0].set_ylabel("share of the change that is left")
fig.tight_layout()
