"""Kinds of series: each a function of a RandomState and n, with the series (n,) or (n, D)."""

import numpy as np
from _series import TRANSIENT, mackey_glass, narma10

# --- without noise ---


def sine(rng, n):
    return np.sin(2 * np.pi * (np.arange(n) / rng.uniform(6, 20) + rng.uniform()))


def two_sines(rng, n):
    return sine(rng, n) + 0.5 * sine(rng, n)


def logistic_map(rng, n):
    """Chaos: each value is a parabola of the last one, which no linear model can predict."""
    x = [rng.uniform(0.2, 0.8)]
    for _ in range(n + TRANSIENT - 1):
        x.append(3.8 * x[-1] * (1 - x[-1]))
    return np.array(x[TRANSIENT:])


def henon(rng, n):
    x = [*rng.uniform(-0.1, 0.1, size=2)]
    for _ in range(n + TRANSIENT - 2):
        x.append(1 - 1.4 * x[-1] ** 2 + 0.3 * x[-2])
    return np.array(x[TRANSIENT:])


def mackey_glass_17(rng, n):
    start = rng.randint(500)
    return mackey_glass(n + start)[start:]


def laser(rng, n):
    """Intensity of Lorenz's system, to which that of a laser in chaos is similar."""
    state, h, out = rng.uniform(5, 10, size=3), 0.01, []

    def slope(s):
        x, y, z = s
        return np.array([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])

    for i in range((n + 100) * 8):
        k1 = slope(state)
        k2 = slope(state + h / 2 * k1)
        k3 = slope(state + h / 2 * k2)
        k4 = slope(state + h * k3)
        state = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        if i % 8 == 0:
            out.append(state[0] ** 2)
    return np.array(out[100:])


# --- with noise ---


def recursion(rng, n, step, n_start=2):
    """Values x[t] = step(x up to t) + white noise, after a transient."""
    x = list(rng.normal(size=n_start))
    for _ in range(n + 100 - n_start):
        x.append(step(x) + rng.normal())
    return np.array(x[100:])


def ar1(rng, n):
    a = rng.uniform(0.4, 0.9)
    return recursion(rng, n, lambda x: a * x[-1])


def ar2(rng, n):
    return recursion(rng, n, lambda x: 1.2 * x[-1] - 0.5 * x[-2])


def threshold_ar(rng, n):
    return recursion(rng, n, lambda x: 0.9 * x[-1] + 1 if x[-1] < 0 else -0.8 * x[-1] - 1)


def exponential_ar(rng, n):
    return recursion(rng, n, lambda x: (0.3 + 1.6 * np.exp(-(x[-1] ** 2))) * x[-1] - 0.4 * x[-2])


def season(rng, n):
    return sine(rng, n) + 0.5 * sine(rng, n) + 0.3 * rng.normal(size=n)


def trend_and_season(rng, n):
    t = np.arange(n)
    return 0.01 * t + (1 + 0.001 * t) * np.sin(2 * np.pi * t / 12) + 0.3 * rng.normal(size=n)


def trend_and_two_seasons(rng, n):
    t, phase = np.arange(n), rng.uniform(0, 6)
    seasons = np.sin(2 * np.pi * t / 12 + phase) + 0.5 * np.sin(2 * np.pi * t / 4)
    return 0.015 * t + seasons + 0.3 * rng.normal(size=n)


def growing_week(rng, n):
    t, day = np.arange(n), rng.normal(size=7)
    return 0.02 * t + (1 + 0.003 * t) * day[t % 7] + 0.5 * rng.normal(size=n)


def trend_and_ar1(rng, n):
    x = np.zeros(n)
    for t in range(1, n):
        x[t] = 0.6 * x[t - 1] + rng.normal()
    return 0.02 * np.arange(n) + x


def changing_trend(rng, n):
    slope = np.where(rng.uniform(size=n) < 0.02, rng.normal(0, 0.05, n), 0).cumsum()
    return (slope - slope.mean()).cumsum() + 0.5 * rng.normal(size=n)


def local_level(rng, n):
    """A random walk under noise."""
    return rng.normal(0, 0.2, n).cumsum() + rng.normal(size=n)


def random_walk(rng, n):
    return rng.normal(size=n).cumsum()


def random_walk_with_drift(rng, n):
    return rng.normal(0.1, 1, size=n).cumsum()


def noise(rng, n):
    return rng.normal(size=n)


def heteroscedastic(rng, n):
    """A GARCH(1, 1) process with a weak autoregression."""
    x, variance = [0.0], 1.0
    for _ in range(n - 1):
        variance = 0.1 + 0.25 * x[-1] ** 2 + 0.65 * variance
        x.append(0.2 * x[-1] + np.sqrt(variance) * rng.normal())
    return np.array(x)


def intermittent(rng, n):
    """Demand: mostly nothing, sometimes an order, more often in season."""
    busy = 0.3 + 0.2 * np.sin(2 * np.pi * np.arange(n) / 12)
    return np.where(rng.uniform(size=n) < busy, rng.lognormal(1, 0.5, size=n), 0.0)


def level_shifts(rng, n):
    jumps = np.where(rng.uniform(size=n) < 0.01, rng.normal(0, 3, size=n), 0)
    return jumps.cumsum() + 0.5 * rng.normal(size=n)


def regimes(rng, n):
    """Three levels, between which a series switches."""
    state = np.zeros(n, int)
    for t in range(1, n):
        state[t] = state[t - 1] if rng.uniform() < 0.97 else rng.randint(3)
    return np.array([0, 2, 5])[state] + 0.5 * rng.normal(size=n)


# --- with several features ---


def coupled(rng, n):
    """Three linear sensors that read each other."""
    A = np.array([[0.5, 0.3, 0.0], [-0.2, 0.6, 0.2], [0.0, 0.3, 0.5]])
    x = np.zeros((n, 3))
    for t in range(1, n):
        x[t] = A @ x[t - 1] + rng.normal(size=3)
    return x


def cointegrated(rng, n):
    """Two prices around one random walk."""
    walk = rng.normal(size=n).cumsum()
    return np.column_stack([walk, 0.5 * walk]) + rng.normal(0, 0.5, size=(n, 2))


def driven_ar1(rng, n):
    u, y = np.zeros((2, n))
    for t in range(1, n):
        u[t] = 0.7 * u[t - 1] + rng.normal()
        y[t] = 0.5 * y[t - 1] + 0.6 * u[t - 1] - 0.3 * u[t - 2] + 0.5 * rng.normal()
    return np.column_stack([y, u])


def driven(rng, n):
    """NARMA10 with its input as the second feature, and noise in what is measured."""
    u, y = narma10(n, seed=rng.choice([0, 1, 3, 4, 5]))
    return np.column_stack([y + 0.02 * rng.normal(size=n), u])
