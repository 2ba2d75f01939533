"""Which samples share rows, and how windows without a known origin are recognised."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.testing import assert_array_equal

from skrnn._training.holdout import split_last
from skrnn._training.origin import Origin
from skrnn._training.recognition import recognise
from tests.helpers.oracle_overlap import overlapping

pytestmark = pytest.mark.core


@pytest.mark.parametrize("offsets", [
    (range(1),), (range(7),), (range(0, 22, 3),), (range(0, 10, 2), range(9, 12)),
    (range(0, 9, 4), range(11, 12)),
])  # fmt: skip
@pytest.mark.parametrize("first", [range(40), range(0, 80, 2), None])
def test_samples_that_share_rows(rng, offsets, first):
    first = rng.permutation(60)[:40] if first is None else first
    origin = Origin(first, offsets)
    rows = [{f + o for offset in offsets for o in offset} for f in first]
    for held_out in ([39], [0, 17], np.arange(20, 30), []):
        flags = np.isin(np.arange(40), held_out)
        assert_array_equal(origin.sharing(flags), overlapping(rows, held_out))
        order = rng.permutation(40)
        assert_array_equal(origin.take(order).sharing(flags[order]), origin.sharing(flags)[order])


def panel(rng, values, T, order="date", rows_missing=0.0, windows_missing=0.0):
    """Windows (N, T, D) of a panel (n_series, n_days, D), and the rows (N, T) they have."""
    n_series, n_days, _ = values.shape
    days = [np.flatnonzero(rng.uniform(size=n_days) >= rows_missing) for _ in range(n_series)]
    found = [
        (window[-1], k, window)
        for k, own in enumerate(days)
        for window in sliding_window_view(own, T)
        if rng.uniform() >= windows_missing
    ]
    found.sort(key=lambda one: one[:2] if order == "date" else one[1::-1])
    X = np.array([values[k, window] for _, k, window in found])
    return X, np.array([k * n_days + window for _, k, window in found])


def exact(X, rows, fraction=0.103):
    """Nothing shares a row with the validation set, and all else is used."""
    kept, held_out = split_last(X, fraction)
    shares = overlapping(rows, held_out)
    shares[held_out] = True
    assert_array_equal(kept, np.flatnonzero(~shares))
    assert shares.sum() > len(held_out)


@pytest.mark.parametrize("order", ["date", "series"])
@pytest.mark.parametrize("n_series", [1, 5, 100])
@pytest.mark.parametrize("missing", [(0, 0), (0.05, 0), (0, 0.05), (0.03, 0.03)])
def test_windows_of_panels(rng, order, n_series, missing):
    values = np.cumsum(rng.normal(size=(n_series, 70, 2)), axis=1)
    exact(*panel(rng, values, 8, order, *missing))


@pytest.mark.parametrize("kind", ["rarely", "rounded", "binary", "sine"])
def test_windows_of_series_with_few_values(rng, kind):
    n, T = 600, 25
    series = {
        "rarely": (rng.uniform(size=n) > 0.9) * rng.normal(size=n),
        "rounded": np.round(np.cumsum(rng.normal(size=n))),
        "binary": rng.randint(0, 2, size=n).astype(float),
        "sine": np.round(10 * np.sin(np.arange(n) / 7)),
    }[kind]
    rows = sliding_window_view(np.arange(n), T)
    exact(series[rows][..., None], rows)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_missing_steps_and_signs_of_zero_are_equal(rng, dtype):
    series = rng.normal(size=200).astype(dtype)
    series[rng.uniform(size=200) < 0.2] = np.nan
    series[::11] = 0
    rows = sliding_window_view(np.arange(200), 6)
    X = series[rows][..., None]
    X[::2][X[::2] == 0] = -0.0
    exact(X, rows)


INDEPENDENT = {
    "parity": lambda rng, N, T: rng.randint(0, 2, size=(N, T, 1)),
    "counts": lambda rng, N, T: rng.poisson(2, size=(N, T, 1)),
    "rare events": lambda rng, N, T: rng.uniform(size=(N, T, 1)) > 0.95,
    "tokens": lambda rng, N, T: np.eye(4)[rng.randint(0, 4, size=(N, T))],
    "skewed tokens": lambda rng, N, T: np.eye(3)[rng.choice(3, size=(N, T), p=[0.9, 0.07, 0.03])],
    "constant": lambda rng, N, T: np.repeat(rng.randint(0, 20, size=(N, 1, 1)), T, axis=1),
    "all alike": lambda rng, N, T: np.ones((N, T, 1)),
    "ramps": lambda rng, N, T: rng.randint(0, 9, size=(N, 1, 1)) + np.arange(T)[:, None],
    "walks": lambda rng, N, T: np.cumsum(rng.randint(-1, 2, size=(N, T, 1)), axis=1),
    "normal": lambda rng, N, T: rng.normal(size=(N, T, 1)),
}


@pytest.mark.parametrize("kind", INDEPENDENT)
def test_independent_samples_are_no_windows(kind):
    """Of 108 data sets not one is taken for windows."""
    for seed in range(12):
        rng = np.random.RandomState(seed)
        for N, T in [(20, 6), (20, 40), (100, 4), (100, 12), (100, 30), (100, 100), (400, 5),
                     (400, 10), (400, 20)]:  # fmt: skip
            assert recognise(INDEPENDENT[kind](rng, N, T).astype(float)) is None, (seed, N, T)
