"""The free-running sine: 36 values are given, and the network goes on by itself.

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

OUTPUT = Path(__file__).parent / "output"
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


# %% Train and run free
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
        f"{name:15s} RMSE {np.median(errors):.6f} (largest {max(errors):.6f}), phase off by "
        f"{phase:.6f} after {N_FAR} values, {time.perf_counter() - start:.1f} s"
    )
print(
    f"{'the last value':15s} RMSE {np.sqrt(np.mean((given[0, -1, 0] - truth[:N_NEXT]) ** 2)):.6f}"
)

# %% The picture: the given part, what follows, and where the waves are much later
figure, (near, far) = plt.subplots(1, 2, figsize=(11, 3.2), layout="constrained")
near.axvspan(0, N_GIVEN - 1, alpha=0.12, label="given")
near.plot(np.arange(N_GIVEN), given[0, :, 0], color="0.6", linewidth=4)
for ax, part in (near, slice(0, N_NEXT)), (far, slice(-N_NEXT, None)):
    ax.plot(times[part], truth[part], color="0.6", linewidth=4, label="sine")
    for name, own in waves.items():
        ax.plot(times[part], own[0][part], linewidth=1.2, label=name)
    ax.set(xlabel="step", ylim=(-1.15, 1.6))
near.set_title("The next 36 values")
far.set_title(f"{N_FAR} values later")
near.legend(loc="upper center", ncols=5, fontsize="small", columnspacing=1)
OUTPUT.mkdir(exist_ok=True)
figure.savefig(OUTPUT / "sine_free.png", dpi=120)
print(f"picture: {OUTPUT / 'sine_free.png'}")
