"""RNNs and windows in stock scikit-learn machinery, on ndarray, pandas and polars."""

import pickle

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    TimeSeriesSplit,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skrnn import RNNRegressor, SlidingWindow
from skrnn.datasets import load_airline, load_sunspots
from tests.helpers.oracle_windows import windows_by_hand

pytestmark = pytest.mark.core

N = 90
CV = TimeSeriesSplit(3)
LENGTH = 6


@pytest.fixture
def series(rng):
    return np.sin(np.arange(N + 1) * 0.7) + 0.1 * rng.normal(size=N + 1)


@pytest.fixture
def y(series):
    return series[1:]


@pytest.fixture(params=["ndarray", "pandas", "pandas dates", "polars"])
def X(request, series):
    data = np.c_[series[:-1], series[:-1] ** 2]
    if request.param == "ndarray":
        return data
    if request.param == "polars":
        return pl.DataFrame(data, schema=["a", "b"])
    frame = pd.DataFrame(data, columns=["a", "b"])
    if request.param == "pandas dates":
        frame.index = pd.date_range("2020-01-31", periods=N, freq="D")
    return frame


def make_pipe(X, **window):
    """The stock pipeline, told what the container can't say about look-back."""
    pipe = Pipeline(
        [
            ("scale", MinMaxScaler()),
            ("window", SlidingWindow(LENGTH, **window)),
            ("rnn", RNNRegressor(3, alpha=1.0, max_iter=5, random_state=0)),
        ]
    )
    if isinstance(X, pd.DataFrame):
        return pipe.set_output(transform="pandas")
    return pipe.set_params(window__context="continue")


def test_folds_see_their_true_past(X, y):
    """The same predictions as windows cut by hand from the whole series."""
    pipe = make_pipe(X)
    data = np.asarray(X)
    for train, test in CV.split(data):
        pipe.fit(X[: len(train)], y[train])
        scaled = MinMaxScaler().fit(data[train]).transform(data)
        rnn = clone(pipe["rnn"]).fit(windows_by_hand(scaled, LENGTH)[train], y[train])
        expected = rnn.predict(windows_by_hand(scaled, LENGTH)[test])
        test_rows = X[test[0] : test[-1] + 1]
        assert_array_equal(pipe.predict(test_rows), expected)
        # and the fitted rows are known again, so they get no look-back
        on_train = rnn.predict(windows_by_hand(scaled, LENGTH)[train])
        assert_array_equal(pipe.predict(X[: len(train)]), on_train)


def test_search_over_hidden_size_and_window_length(X, y):
    grid = {"rnn__hidden_size": [1, 3], "window__length": [2, 6]}
    serial = GridSearchCV(make_pipe(X), grid, cv=CV, n_jobs=1, return_train_score=True).fit(X, y)
    parallel = GridSearchCV(make_pipe(X), grid, cv=CV, n_jobs=2, return_train_score=True).fit(X, y)
    for name in ("mean_test_score", "mean_train_score"):
        assert_array_equal(serial.cv_results_[name], parallel.cv_results_[name])
        assert np.isfinite(serial.cv_results_[name]).all()
    assert_array_equal(serial.predict(X), parallel.predict(X))
    # the series turns on itself in nine steps: two values tell less than six
    assert serial.best_params_["window__length"] == 6


def test_nothing_says_whether_rows_follow(series, y):
    """An ndarray without context= gets a warning that names the cures."""
    X = series[:-1].reshape(-1, 1)
    pipe = make_pipe(X).set_params(window__context="auto")
    with pytest.warns(UserWarning, match='context="continue"') as record:
        cross_val_score(pipe, X, y, cv=CV)
    assert "set_output" in str(record[0].message)
    assert len(record) == 1


def test_cross_validation_tools(X, y):
    pipe = make_pipe(X)
    scores = cross_val_score(pipe, X, y, cv=CV)
    results = cross_validate(pipe, X, y, cv=CV, return_train_score=True, return_estimator=True)
    assert_array_equal(results["test_score"], scores)
    for fitted, (train, test) in zip(results["estimator"], CV.split(y), strict=True):
        prediction = fitted.predict(X[test[0] : test[-1] + 1])
        assert prediction.shape == test.shape
        assert len(train) == fitted["window"].fit_transform(np.asarray(X)[train]).shape[0]


def test_cross_val_predict(X, y):
    """KFold tests on rows before the training rows too: nothing follows, nothing leaks."""
    pipe = make_pipe(X)
    if not isinstance(X, pd.DataFrame):
        pipe.set_params(window__context="pad")
    prediction = cross_val_predict(pipe, X, y, cv=3)
    assert prediction.shape == y.shape
    assert np.isfinite(prediction).all()


def test_halving_search(X, y):
    """Epochs are the resource: halving by samples would draw rows out of their order."""
    search = HalvingGridSearchCV(
        make_pipe(X),
        {"rnn__hidden_size": [1, 2, 3]},
        cv=CV,
        resource="rnn__max_iter",
        min_resources=2,
        max_resources=6,
    )
    assert np.isfinite(search.fit(X, y).best_score_)
    assert search.n_resources_ == [2, 6]


def test_transformed_target(X, y):
    """Training on standardized targets by scikit-learn or by ourselves is the same."""
    pipe = make_pipe(X)
    inside = clone(pipe).fit(X, y).predict(X)
    pipe.set_params(rnn__normalize_y=False)
    outside = TransformedTargetRegressor(pipe, transformer=StandardScaler()).fit(X, y).predict(X)
    assert_allclose(outside, inside, rtol=1e-6)


def test_clones_and_copies(X, y, tmp_path):
    pipe = make_pipe(X).fit(X, y)
    expected = pipe.predict(X)
    assert_array_equal(pickle.loads(pickle.dumps(pipe)).predict(X), expected)
    joblib.dump(pipe, tmp_path / "pipe.joblib")
    assert_array_equal(joblib.load(tmp_path / "pipe.joblib").predict(X), expected)
    assert_array_equal(clone(pipe).fit(X, y).predict(X), expected)
    assert "SlidingWindow(" in repr(pipe)
    assert "RNNRegressor" in pipe._repr_html_()


def test_global_output_setting(X, y):
    expected = make_pipe(X).fit(X, y).predict(X)
    with config_context(transform_output="pandas"):
        assert_array_equal(make_pipe(X).fit(X, y).predict(X), expected)


def test_flat_layout_is_the_same_to_the_network(X, y):
    sequence = make_pipe(X).fit(X, y)
    flat = make_pipe(X, layout="flat").set_params(rnn__n_features_per_step=2).fit(X, y)
    assert_array_equal(flat.predict(X), sequence.predict(X))


def test_memory_of_a_fit_is_bounded_by_the_batch(rng):
    """Windows share the series' memory from the transformer to the last batch."""
    import tracemalloc

    length, n = 200, 20_000
    X = rng.normal(size=(n, 1))
    pipe = Pipeline(
        [
            ("window", SlidingWindow(length)),
            ("rnn", RNNRegressor(2, alpha=1.0, solver="adam", batch_size=50, max_iter=1)),
        ]
    )
    tracemalloc.start()
    pipe.fit(X, X[:, 0])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    windows = n * length * X.itemsize
    assert peak < 0.25 * windows


@pytest.mark.parametrize(("load", "length"), [(load_airline, 12), (load_sunspots, 20)])
def test_defaults_beat_persistence(load, length):
    """Untouched defaults, on every fold's true past, median of three seeds."""
    X, y = load(return_X_y=True)
    errors, baseline = [], []
    train, test = np.split(np.arange(len(y)), [2 * len(y) // 3])
    for seed in range(3):
        pipe = Pipeline(
            [
                ("scale", MinMaxScaler()),
                ("window", SlidingWindow(length, context="continue")),
                ("rnn", RNNRegressor(alpha=1.0, random_state=seed)),
            ]
        )
        prediction = pipe.fit(X[train], y[train]).predict(X[test])
        errors.append(root_mean_squared_error(y[test], prediction))
        baseline.append(root_mean_squared_error(y[test], X[test, 0]))
    assert np.median(errors) < baseline[0]
