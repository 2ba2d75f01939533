"""Series that a nonlinear map makes, and errors of forecasts beyond the training rows."""

import numpy as np
from sklearn.linear_model import Ridge

from skrnn import sliding_windows


def logistic_map(rng, n, rate=4):
    x = [rng.uniform(0.2, 0.8)]
    for _ in range(n + 99):
        x.append(rate * x[-1] * (1 - x[-1]))
    return np.array(x[100:])


def threshold_ar(rng, n):
    x = [0.0]
    for _ in range(n + 99):
        x.append((0.9 if x[-1] < 0 else -0.9) * x[-1] + rng.normal())
    return np.array(x[100:])


def halves(series, length, n_train):
    X, y = sliding_windows(series, length=length)
    return X[:n_train], y[:n_train], X[n_train:], y[n_train:]


def rmse(model, X, y):
    return np.sqrt(((model.predict(X) - y) ** 2).mean())


def ridge_rmse(X, y, X_test, y_test):
    flat = [a.reshape(len(a), -1) for a in (X, X_test)]
    return rmse(Ridge().fit(flat[0], y), flat[1], y_test)
