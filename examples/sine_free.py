"""The free-running sine
=====================

36 values are given, and the network goes on by itself.

The tutorials' second exercise. The network learns to predict each value of a sine from all before
it. Then it runs free: `generate` feeds each prediction back as the next input. Errors add up, so a
small error one step ahead says little of how long the wave lasts. Each setting is trained from ten
random starts; the table has the median of the error over the next 36 values, the largest of the
ten, and how far the phase is off after 200 values.

Run it with ``python examples/sine_free.py``; it draws ``examples/output/sine_free.png``.
"""

# %%
import time
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skrnn import RNNRegressor

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
N_GIVEN, N_NEXT, N_FAR, N_STARTS = 36, 36, 200, 10

given = np.sin(np.arange(N_GIVEN)).reshape(1, -1, 1)  # one sequence of one feature
times = np.arange(N_GIVEN, N_GIVEN + N_FAR + N_NEXT)
truth = np.sin(times)
SETTINGS = {
    "default": {},
    "LSTM 16, lbfgs": {"hidden_size": 16, "cell": "lstm", "solver": "lbfgs", "alpha": 1e-4},
    "Elman 8, lm": {"solver": "lm", "alpha": 1e-4},
}


def phase_error(wave):
    """By how much the last values are ahead of the sine, or behind, in radians."""
    t = times[-N_NEXT:]
    (sine, cosine), *_ = np.linalg.lstsq(np.c_[np.sin(t), np.cos(t)], wave[-N_NEXT:], rcond=None)
    return abs(np.arctan2(cosine, sine))


# %%
# Train and run free
warnings.simplefilter("ignore", ConvergenceWarning)  # 500 epochs are enough here
waves = {}
for name, parameters in SETTINGS.items():
    start = time.perf_counter()
    waves[name] = []
    for seed in range(N_STARTS):
        model = RNNRegressor(random_state=seed, **parameters)
        model.fit(given[:, :-1], given[:, 1:])  # a target for each step: the next value
        waves[name].append(model.generate(given, N_FAR + N_NEXT)[0, :, 0])
    errors = [np.sqrt(np.mean((wave - truth)[:N_NEXT] ** 2)) for wave in waves[name]]
    phase = np.median([phase_error(wave) for wave in waves[name]])
    print(
        f"{name:15s} RMSE {np.median(errors):.8f} (largest {max(errors):.8f}), phase off by "
        f"{phase:.6f} after {N_FAR} values, {time.perf_counter() - start:.1f} s"
    )
print(
    f"{'the last value':15s} RMSE {np.sqrt(np.mean((given[0, -1, 0] - truth[:N_NEXT]) ** 2)):.6f}"
)

# %%
# The picture: what was given, what follows, and how far off it is
figure, axes = plt.subplot_mosaic(
    [["near", "far"], ["errors", "errors"]],
    figsize=(11, 6),
    width_ratios=[2, 1],
    layout="constrained",
)
styles = {"marker": ["o", "x", "."], "markersize": [9, 6, 3], "fillstyle": ["none", "full", "full"]}
near, far = axes["near"], axes["far"]
near.axvspan(-1, N_GIVEN - 0.5, color="0.92", zorder=0)
near.plot(np.arange(N_GIVEN), given[0, :, 0], color="black", marker=".")
for place, text in ((N_GIVEN - 2) / 2, "given"), (N_GIVEN + N_NEXT / 2, "free run"):
    near.text(place, 1.25, text, ha="center")
for ax, part in (near, slice(0, N_NEXT)), (far, slice(-N_NEXT, None)):
    ax.plot(times[part], truth[part], color="0.6", linewidth=4, alpha=0.6, label="sine")
for i, (name, own) in enumerate(waves.items()):
    style = {"color": f"C{i}", **{key: values[i] for key, values in styles.items()}}
    for ax, part in (near, slice(0, N_NEXT)), (far, slice(-N_NEXT, None)):
        ax.plot(times[part], own[0][part], linestyle="", label=name, **style)
    misses = np.abs(np.array(own) - truth)  # (starts, steps)
    axes["errors"].semilogy(times, np.median(misses, axis=0), color=f"C{i}")
near.set(xlim=(-1, N_GIVEN + N_NEXT), ylim=(-1.2, 1.5), xlabel="step")
near.set_title("36 values are given, and 36 more follow")
far.set(ylim=near.get_ylim(), xlabel="step", title=f"{N_FAR} values later")
axes["errors"].set(xlabel="step", ylabel="absolute error", xlim=(N_GIVEN, times[-1]))
axes["errors"].set_title(f"How far off the free run is: median of {N_STARTS} starts")
figure.legend(*far.get_legend_handles_labels(), loc="outside lower center", ncols=4)
OUTPUT.mkdir(exist_ok=True)
figure.savefig(OUTPUT / "sine_free.png", dpi=120)
print(f"picture: {OUTPUT / 'sine_free.png'}")
