"""Warnings of rows of lags that aren't in the order that is read."""

import warnings

import numpy as np
import pandas as pd
import pytest

from skrnn import RNNClassifier, RNNRegressor, RowsToSequences, sliding_windows
from tests.helpers.fits import quick, small, unconverged

pytestmark = [pytest.mark.core, unconverged]

READS = "reads a row step after step, oldest step first: put RowsToSequences"


def accepts(model, X, y):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.filterwarnings("ignore", "Maximum iterations")
        model.fit(X, y)


def frame(rng, *names):
    return pd.DataFrame(rng.normal(size=(12, len(names))), columns=names)


@pytest.mark.parametrize(
    "names",
    [
        ["lag_1", "lag_2", "lag_3"],
        ["lag3", "lag1", "lag2"],
        ["y", "y_lag_1", "y_lag_2"],
        ["lag_0__y", "lag_1__y", "lag_2__y"],
        ["y_lag0", "y_lag1", "y_lag2"],
        ["t-0", "t-1", "t-2"],
    ],
)
def test_names_in_another_order(rng, names):
    X, y = frame(rng, *names), rng.normal(size=12)
    text = f"named as lags that aren't in the order of time: {names[0]}, …, {names[-1]}"
    with pytest.warns(UserWarning, match=f"{text}. RNNRegressor {READS}"):
        small().fit(X, y)
    with pytest.warns(UserWarning, match=f"{text}. RNNClassifier {READS}"):
        quick().fit(X, y > 0)
    sorted_names = sorted(names, key=lambda name: (name != "y", name), reverse=True)
    accepts(small(), X[sorted_names], y)


def test_names_of_two_variables(rng):
    names = ["a_lag_1", "b_lag_1", "a_lag_2", "b_lag_2"]
    X, y = frame(rng, *names), rng.normal(size=12)
    with pytest.warns(UserWarning, match="in the order of time"):
        small(n_features_per_step=2).fit(X, y)
    accepts(small(n_features_per_step=2), X[names[2:] + names[:2]], y)
    with pytest.raises(ValueError, match=r"n_features_per_step=2, but .* RowsToSequences\(\)"):
        small(n_features_per_step=2).fit(X[names[::2] + names[1::2]], y)


def test_covariates_among_lags(rng):
    X, y = frame(rng, "promo", "lag2", "lag1", "day"), rng.normal(size=12)
    text = r"lag2, …, lag1, and others, \['promo', 'day'\], which would be read as steps"
    with pytest.warns(UserWarning, match=f"{text}, too. RNNRegressor {READS}.*static_features"):
        small().fit(X, y)
    accepts(small(static_features=["promo", "day"]), X, y)
    accepts(small(), frame(rng, "promo", "day", "jet_lag_1"), y)  # one lag is none


def windows(rng, n=60, T=6, D=1):
    """Windows of a series (n, T, D), and the next values."""
    X, y = sliding_windows(rng.normal(size=(n, D)), T)
    return np.array(X), y.reshape(len(y), -1)[:, 0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_tell_of_arrays(rng, dtype):
    """Skforecast and others pass arrays without names, but windows move by a step per row."""
    X, y = windows(rng)
    rows = X[..., 0].astype(dtype)
    newest = rows[:, ::-1]
    text = r"look like lags, newest first.*put RowsToSequences\(first=\"newest\"\)"
    for bad in (newest, np.c_[newest, rng.normal(size=(len(y), 3))], pd.DataFrame(newest)):
        with pytest.warns(UserWarning, match=text):
            small().fit(bad, y)
    with pytest.warns(UserWarning, match=text):
        RNNClassifier(2, cell="elman", alpha=1.0, max_iter=2).fit(newest, y > 0)
    with pytest.warns(UserWarning, match=text):  # another series begins
        small().fit(np.vstack([newest[:40], newest[20:]]), np.r_[y[:40], y[20:]])
    accepts(small(), rows, y)
    accepts(small(), rows[:, ::2], y)
    accepts(small(), newest[:5], y[:5])
    accepts(small(), newest[rng.permutation(len(y))], y)  # which nobody can know


def test_values_tell_of_covariates(rng):
    """Aeon and others pass them behind the lags, as arrays without names."""
    X, y = windows(rng)
    rows, facts = X[..., 0], rng.normal(size=(len(y), 2))
    text = r"read other columns as steps, too.*pass static_features="
    with pytest.warns(UserWarning, match=rf"{text}\[6, 7\]"):
        small().fit(np.c_[rows, facts], y)
    with pytest.warns(UserWarning, match=rf"{text}\[0, 7\]"):
        small().fit(np.c_[facts[:, 0], rows, facts[:, 1]], y)
    with pytest.warns(UserWarning, match=rf"{text}\[1\]"):
        small(static_features=[0]).fit(np.c_[facts, rows], y)
    accepts(small(static_features=[0, 1]), np.c_[facts, rows], y)
    two, _ = windows(rng, D=2)
    by_step = np.c_[facts, two.reshape(len(y), -1)]
    with pytest.warns(UserWarning, match=rf"{text}\[0, 1\]"):
        small(n_features_per_step=2).fit(by_step, y)
    series = rng.normal(size=80)
    for lags in ([20, 3, 2, 1], [30, 20, 3, 2, 1], [5, 4, 3, 1], [9, 8, 7, 2, 1]):
        uneven = np.column_stack([series[40 - lag : 80 - lag] for lag in lags])
        accepts(small(), uneven, series[40:])


def test_values_tell_where_steps_are_missing(rng):
    series = np.where(rng.uniform(size=80) < 0.3, np.nan, rng.normal(size=80))
    newest = np.lib.stride_tricks.sliding_window_view(series, 6)[:, ::-1]
    with pytest.warns(UserWarning, match="newest first"):
        small().fit(newest, rng.normal(size=len(newest)))


def test_values_tell_of_two_variables(rng):
    X, y = windows(rng, D=2)
    by_variable = np.hstack([X[..., 0], X[..., 1]])
    text = r"variable by variable.*RowsToSequences\(n_features_per_step=\[1, 1\], first=\"oldest\""
    with pytest.warns(UserWarning, match=text):
        small(n_features_per_step=2).fit(by_variable, y)
    for newest in (X[:, ::-1].reshape(len(y), -1), np.hstack([X[:, ::-1, 0], X[:, ::-1, 1]])):
        with pytest.warns(UserWarning, match="newest first"):
            small(n_features_per_step=2).fit(newest, y)
    accepts(small(n_features_per_step=2), X.reshape(len(y), -1), y)
    accepts(small(), X[:, ::-1], y)  # 3-D: whoever turns sequences around means it


def test_values_that_tell_nothing(rng):
    n = 60
    y, noise = rng.normal(size=n), rng.normal(size=(n, 6))
    accepts(small(), noise, y)
    accepts(small(), np.ones((n, 6)), y)
    both = (np.arange(6.0) + np.arange(n)[:, np.newaxis]) % 2  # they move both ways
    for D in (1, 2):
        accepts(small(n_features_per_step=D), both, y)
    yesterday = np.c_[noise, np.r_[0.0, noise[:-1, -1]]]  # of one column
    accepts(small(), yesterday, y)
    accepts(small(), yesterday[:, ::-1], y)
    newest, _ = windows(rng, n=n + 6)
    accepts(small(), np.vstack([newest[:35, ::-1, 0], noise[35:]]), y)  # more or less
    for seed in range(100):  # rare events are alike by chance
        events = np.random.RandomState(seed).uniform(size=(n, 6)) < 0.12
        RowsToSequences(first="oldest").fit(events)
    ahead = np.c_[noise[:-1, 0], noise[1:, 0]]  # a covariate that is the next value
    flat = np.asarray(sliding_windows(ahead, 4)[0]).reshape(-1, 8)
    accepts(small(n_features_per_step=2), flat, y[: len(flat)])


def test_a_second_fit_and_predictions_warn_of_nothing(rng):
    X, y = windows(rng)
    model = RNNRegressor(2, alpha=1.0, max_iter=2, random_state=0)
    with pytest.warns(UserWarning, match="newest first"):
        model.fit(X[:, ::-1, 0], y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict(X[:, ::-1, 0])
