"""Regressors that keep what they are given, and series that count."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.pipeline import make_pipeline

from skrnn import RowsToSequences

N, AHEAD = 40, 3
SEEN = []  # X of each fit and prediction; libraries clone their regressors


class CountingReader(RegressorMixin, BaseEstimator):
    """A regressor that predicts the number after that of the last step."""

    def fit(self, X, y):
        SEEN.append(np.asarray(X))
        self.n_outputs_ = 1 if np.ndim(y) < 2 else np.shape(y)[1]
        self.n_features_in_ = np.shape(X)[-1]
        return self

    def predict(self, X):
        SEEN.append(np.asarray(X))
        after = np.asarray(X)[:, -1, 0] + 1
        return after if self.n_outputs_ == 1 else after[:, np.newaxis] + np.arange(self.n_outputs_)


def reader(**parameters):
    """`RowsToSequences` and a regressor that counts on."""
    return make_pipeline(RowsToSequences(**parameters), CountingReader())


def counting(n=N + AHEAD):
    """A frame of days, whose columns count from 0, 1000 and 2000."""
    days = pd.date_range("2024-01-01", periods=n, freq="D")
    columns = {"y": np.arange(n), "x": 1000 + np.arange(n), "z": 2000 + np.arange(n)}
    return pd.DataFrame(columns, days, dtype=float)


def check_steps(T, *starts, ahead=0, static=()):
    """Steps of all that was seen count from step to step; static columns don't change.

    A feature begins where it does in `counting`, and is ``ahead`` of the first one.
    """
    assert len(SEEN) >= 2
    for X in SEEN:
        X = X[np.isfinite(X).all(axis=(1, 2))]
        D = len(starts)
        assert X.shape[1:] == (T, D + len(static))
        assert (np.diff(X[..., :D], axis=1) == 1).all()
        for d, start in enumerate(starts):
            assert (X[..., d] - start == X[..., 0] - starts[0] + (ahead if d else 0)).all()
        for m, start in enumerate(static, D):  # of the day that is forecast
            assert (X[..., m] - start == X[:, -1:, 0] - starts[0] + 1).all()
