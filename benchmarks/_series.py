"""Series that the benchmarks forecast, and windows of them."""

import numpy as np
from sklearn.preprocessing import MinMaxScaler

from skrnn import sliding_windows

TRANSIENT = 500  # units of time, or steps, that a generated system gets to forget its start


def mackey_glass(n, delay=17, substeps=10):
    """Mackey and Glass's equation, one value per unit of time, after a transient.

    ``dx/dt = 0.2 x(t - delay) / (1 + x(t - delay)^10) - 0.1 x(t)`` by the classical method of
    Runge and Kutta with steps of 1/substeps, from x = 1.2 at all times up to 0. The delay is a
    whole number of steps, so the delayed values at the ends of a step are known; the one in
    its middle is that of the cubic through the four known ones around it, whose error is of
    the same order as that of the method.
    """
    lag, h = delay * substeps, 1 / substeps
    x = [1.2] * (lag + 2)  # one more than the lag, for the cubic

    def slope(now, then):
        return 0.2 * then / (1 + then**10) - 0.1 * now

    for _ in range((n + TRANSIENT) * substeps):
        before, start, end, after = x[-lag - 2 : -lag + 2]
        middle = (9 * (start + end) - before - after) / 16
        k1 = slope(x[-1], start)
        k2 = slope(x[-1] + h / 2 * k1, middle)
        k3 = slope(x[-1] + h / 2 * k2, middle)
        k4 = slope(x[-1] + h * k3, end)
        x.append(x[-1] + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4))
    return np.array(x[::-substeps][:n][::-1])


def narma10(n, seed=0):
    """Inputs u (n,) and outputs y (n,): a nonlinear moving average with feedback, of order 10.

    ``y(t+1) = 0.3 y(t) + 0.05 y(t) sum(y(t-i), i = 0..9) + 1.5 u(t-9) u(t) + 0.1`` with u
    uniform on [0, 0.5]: Atiya and Parlos, "New results on recurrent network training: unifying
    the algorithms and accelerating convergence", IEEE Transactions on Neural Networks 11
    (2000). ``y[t]`` follows from inputs before t. For some inputs it diverges: the fix is another
    seed.
    """
    u = np.random.RandomState(seed).uniform(0, 0.5, size=n + TRANSIENT)
    y = np.zeros_like(u)
    for t in range(9, len(u) - 1):
        feedback = 0.3 * y[t] + 0.05 * y[t] * y[t - 9 : t + 1].sum()
        y[t + 1] = feedback + 1.5 * u[t - 9] * u[t] + 0.1
    return u[TRANSIENT:], y[TRANSIENT:]


def split(series, length, n_test):
    """Windows, scaled by the training part, and targets in the unit of the series."""
    return split_driven(series, series, length, n_test)


def split_driven(inputs, outputs, length, n_test):
    """Windows of the inputs, scaled by the training part, and the outputs that come next."""
    X, _ = sliding_windows(inputs, length)
    y = outputs[length:]
    scaler = MinMaxScaler().fit(inputs[:-n_test].reshape(-1, 1))
    X = scaler.transform(X.reshape(-1, 1)).reshape(X.shape)
    return X[:-n_test], y[:-n_test], X[-n_test:], y[-n_test:]
