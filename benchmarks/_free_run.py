"""Free runs: forecasts many steps ahead, in which each prediction is the next input.

The model forecasts one step ahead, and its inputs have the unit of its target.
"""

import numpy as np


def by_windows(model, windows, n_steps):
    """Predictions (S, n_steps): S windows (S, T, 1) slide on over what was predicted."""
    predicted = np.empty((len(windows), n_steps))
    for i in range(n_steps):
        predicted[:, i] = model.predict(windows)
        windows = np.concatenate([windows[:, 1:], predicted[:, i, np.newaxis, np.newaxis]], axis=1)
    return predicted


def by_state(model, windows, n_steps):
    """The same with a state that is carried on: `step` reads each value once."""
    state, predicted = None, np.empty((len(windows), n_steps))
    for x in np.swapaxes(windows, 0, 1):  # (S, 1)
        y, state = model.step(x, state)
    for i in range(n_steps):
        predicted[:, i] = y
        y, state = model.step(y[:, np.newaxis], state)
    return predicted
