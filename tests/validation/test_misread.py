"""Warnings of X and y that are probably something else than what they are read as."""

import warnings

import numpy as np
import pandas as pd
import pytest

from skrnn import RNNClassifier, RNNRegressor, SlidingWindow, sliding_windows
from tests.helpers.fits import quick, small, unconverged

pytestmark = [pytest.mark.core, unconverged]

N = 12
SINGLE = "No sequence of X has more than one step"
LAST = r"\(n_samples, n_variables, n_steps\).*transpose\(0, 2, 1\)"


def accepts(model, X, y):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.filterwarnings("ignore", "Maximum iterations")
        model.fit(X, y)


def test_rows_of_one_step(rng):
    series = np.sin(np.arange(N + 1))
    padded = np.full((N, 3, 1), np.nan)
    padded[:, -1, 0] = series[:-1]
    for X in (series[:-1, None], series[:-1, None, None], padded, list(series[:-1, None, None])):
        with pytest.warns(UserWarning, match=f"{SINGLE}.*SlidingWindow.*np.newaxis"):
            small().fit(X, series[1:])
        with pytest.warns(UserWarning, match=SINGLE):
            quick().fit(X, series[1:] > 0)
    with pytest.warns(UserWarning, match=SINGLE):
        small(n_features_per_step=2).fit(rng.normal(size=(N, 2)), series[1:])
    with pytest.warns(UserWarning, match=SINGLE):
        small(solver="adam").partial_fit(series[:-1, None], series[1:])
    accepts(small(), rng.normal(size=(N, 2)), series[1:])


def test_one_row_of_a_series_and_one_of_what_follows():
    series = np.sin(np.arange(40.0))
    with pytest.warns(UserWarning, match=r"one sample to learn from.*reshape\(1, -1, 1\)"):
        small().fit(series[:-1].reshape(1, -1), series[1:].reshape(1, -1))
    with pytest.warns(UserWarning, match=r"one sample to learn from.*pass y.reshape\(1, -1, 1\)"):
        small().fit(series[:-1].reshape(1, -1, 1), series[1:].reshape(1, -1))
    accepts(small(), series[:-1].reshape(1, -1, 1), series[1:].reshape(1, -1, 1))
    accepts(small(), series[:30].reshape(1, -1, 1), series[30:].reshape(1, -1))
    accepts(small(), series[:30].reshape(1, -1), series[30:].reshape(1, -1))  # a horizon of 10


def test_a_target_in_two_axes_for_each_step(rng):
    X = rng.normal(size=(N, 5, 2))
    y = X.cumsum(axis=1)[..., 0]
    with pytest.warns(UserWarning, match=r"5 targets after the last step.*y\[\.\.\., np.newaxis\]"):
        small().fit(X, y)
    accepts(small(), X, y[..., np.newaxis])
    accepts(small(), X, y[:, :4])
    accepts(small(), *sliding_windows(rng.normal(size=40), 5, horizon=5))


def test_windows_know_their_steps(rng):
    X = SlidingWindow(3, context="pad").fit_transform(rng.normal(size=(N, 40)))
    accepts(small(), X, rng.normal(size=N))


def test_steps_on_the_last_axis(rng):
    steps = np.cumsum(rng.normal(size=(N, 50, 3)), axis=1) / 10  # (n_samples, n_steps, n_features)
    y = steps[:, -1, 0]
    accepts(small(), steps, y)
    for X in (steps.transpose(0, 2, 1), rng.normal(size=(N, 3, 50))):
        with pytest.warns(UserWarning, match=LAST):
            small().fit(X, y)
    for model, target in ((small(), y), (quick(), y > 0)):
        with pytest.warns(UserWarning, match=f"{SINGLE}.*{LAST}"):
            model.fit(steps.transpose(0, 2, 1)[:, :1], target)


def test_wide_sequences_with_missing_steps(rng):
    X = rng.normal(size=(N, 3, 50))
    X[:, 1] = np.nan  # no two valid steps are neighbours
    accepts(small(), X, np.arange(N))


def test_lists_with_steps_last_are_refused_with_the_fix(rng):
    X = [rng.normal(size=(3, 20 + i)) for i in range(N)]
    with pytest.raises(ValueError, match=r"If they are \(n_variables, n_steps\).*x.T"):
        small().fit(X, np.arange(N))
    accepts(small(), [x.T for x in X], rng.normal(size=N))


def test_many_features_of_few_steps(rng):
    y = rng.normal(size=N)
    words = np.eye(60)[rng.randint(60, size=(N, 5))]
    accepts(small(), words, y)
    slow = np.cumsum(rng.normal(size=(N, 5, 60)), axis=1) / 10  # features that last
    accepts(small(), slow, y)
    accepts(small(), rng.normal(size=(N, 10, 100)), y)  # embeddings of words
    accepts(small(), rng.normal(size=(N, 60)), y)  # rows of a table


def test_rows_of_a_series_in_a_frame(rng):
    names, days = ["open", "high", "low", "close"], pd.date_range("2024-01-01", periods=N)
    X, y = pd.DataFrame(rng.normal(size=(N, 4)), days, names), rng.normal(size=N)
    text = days.strftime("%Y-%m-%d")
    for index in (days, days.to_period("D"), [day.date() for day in days], text, days - days[0]):
        with pytest.warns(UserWarning, match=r"each row as one sequence.*'open'.*SlidingWindow"):
            small().fit(X.set_axis(index), y)
    accepts(small(), X.reset_index(drop=True), y)
    accepts(small(n_features_per_step=4, hidden_size=2), X.assign(**X.add_suffix("_2")), y)
    flat = SlidingWindow(2, layout="flat", context="pad").set_output(transform="pandas")
    accepts(small(n_features_per_step=4), flat.fit_transform(X), y)
    accepts(small(), X.set_axis(["t-3", "t-2", "t-1", "t-0"], axis=1), y)


def test_one_hot_labels(rng):
    X, code = rng.normal(size=(N, 4, 2)), np.eye(4)[np.arange(N) % 4]
    for y in (code, code.astype(int).tolist(), list(code), pd.DataFrame(code)):
        with pytest.warns(UserWarning, match=r"one-hot code of 4 classes.*argmax\(axis=1\)"):
            quick().fit(X, y)
    with pytest.raises(ValueError, match=r"y has 3 steps.*argmax\(axis=1\).*MultiOutputClass"):
        quick().fit(X, code[:, :3])
    code[0, :2] = 1
    accepts(quick(), X, code)


def test_an_event_in_each_sequence_is_not_one_hot(rng):
    X = rng.normal(size=(N, 30, 1))
    accepts(quick(), X, np.eye(30)[rng.randint(20, 30, size=N)])
    accepts(quick(), X[:1], np.eye(30)[[7]])


@pytest.mark.parametrize("estimator", [RNNRegressor, RNNClassifier])
def test_predict_warns_of_nothing(rng, estimator):
    X = rng.normal(size=(N, 5, 1))
    model = estimator(2, cell="elman", max_iter=2).fit(X, np.arange(N) % 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict(X[:, :1])
