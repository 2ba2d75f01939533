"""Series to forecast, with the index of months."""

import numpy as np
import pandas as pd


def months(n, start="2010-01"):
    return pd.date_range(f"{start}-01", periods=n, freq="MS")


def seasonal(n=84, *, noise=0.3, seed=0, growth=0.0):
    """A season of 12 months around 20, with noise of an AR(1) process."""
    rng, steps = np.random.RandomState(seed), np.arange(n)
    values, own = np.empty(n), 0.0
    for t in steps:
        own = 0.5 * own + noise * rng.normal()
        values[t] = 20 + growth * t + 3 * np.sin(2 * np.pi * t / 12) + own
    return pd.Series(values, months(n), name="sales")


def walk(n=84, *, seed=0):
    """A random walk around 50."""
    return pd.Series(50 + np.random.RandomState(seed).normal(size=n).cumsum(), months(n))


def panel(n=72, ids=("a", "b", "c")):
    """Series of an (id, time) index, at different levels."""
    parts = {id: (j + 1) * seasonal(n, seed=j) for j, id in enumerate(ids)}
    return pd.concat(parts, names=["shop", "month"]).rename("sales")


def covariates(n, *, seed=9):
    """A number and a category for each month."""
    rng = np.random.RandomState(seed)
    columns = {"price": rng.normal(size=n), "kind": rng.choice(["x", "y", "z"], size=n)}
    return pd.DataFrame(columns, months(n))
