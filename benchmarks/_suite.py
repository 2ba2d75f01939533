"""Generated series of many kinds, to compare a regressor's defaults with a linear model.

Half of the kinds, with seeds of their own, are to choose defaults on, and half to report on. Most
kinds of one half have a relative in the other.
"""

from dataclasses import dataclass

import numpy as np
from _kinds import (
    ar1,
    ar2,
    changing_trend,
    cointegrated,
    coupled,
    driven,
    driven_ar1,
    exponential_ar,
    growing_week,
    henon,
    heteroscedastic,
    intermittent,
    laser,
    level_shifts,
    local_level,
    logistic_map,
    mackey_glass_17,
    noise,
    random_walk,
    random_walk_with_drift,
    regimes,
    season,
    sine,
    threshold_ar,
    trend_and_ar1,
    trend_and_season,
    trend_and_two_seasons,
    two_sines,
)

LENGTHS = 6, 12, 24, 60  # steps of a window
N_TRAIN = 100, 300, 1000
N_TEST = 200
SCALERS = "StandardScaler", "MinMaxScaler"

CLEAN = {
    "choose": [sine, logistic_map, laser],
    "report": [two_sines, henon, mackey_glass_17],
}
NOISY = {
    "choose": [
        ar1, threshold_ar, season, random_walk, noise, intermittent, coupled, trend_and_ar1,
        growing_week, local_level, changing_trend, regimes, driven_ar1, trend_and_two_seasons,
    ],
    "report": [
        ar2, exponential_ar, trend_and_season, random_walk_with_drift, heteroscedastic,
        level_shifts, cointegrated, driven,
    ],
}  # fmt: skip
N_OUTPUTS = {coupled: 3, cointegrated: 2}
FIRST_SEED = {"choose": 0, "report": 1000}


@dataclass(frozen=True)
class Case:
    """Rows of a series, the value that is wanted at each row, and how to cut them."""

    kind: str
    rows: np.ndarray  # (N, D), oldest first
    target: np.ndarray  # (N,) or (N, K)
    n_train: int
    length: int
    scaler: str
    seed: int = 0  # of the network


def one_ahead(series, n_outputs=1):
    """Rows, and the next value of the first columns for each of them."""
    table = series.reshape(len(series), -1)
    target = table[1:, :n_outputs]
    return table[:-1], target[:, 0] if n_outputs == 1 else target


def cases(kinds, half, n_seeds):
    """Each kind of a half at each number of rows and seed, in both scalers; lengths take turns."""
    found = []
    for i, kind in enumerate(kinds[half]):
        for j, n in enumerate(N_TRAIN):
            for seed in range(FIRST_SEED[half], FIRST_SEED[half] + n_seeds):
                series = kind(np.random.RandomState(seed), n + N_TEST + 1)
                rows, target = one_ahead(series, N_OUTPUTS.get(kind, 1))
                length = min(LENGTHS[(i + j + seed) % len(LENGTHS)], n // 4)
                options = kind.__name__, rows, target, n, length
                found += [Case(*options, scaler, seed) for scaler in SCALERS]
    return found
