"""RowsToSequences."""

import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import RNNRegressor, RowsToSequences, SequenceScaler, SlidingWindow, sliding_windows

pytestmark = pytest.mark.core


def sequences(rng, n=7, T=4, D=3):
    """What all rows below are made of, (n, T, D)."""
    return rng.normal(size=(n, T, D))


def rows_of(X, blocks, *, newest_first):
    """Rows as libraries have them: a block of features after the other, column by column."""
    steps = X[:, ::-1] if newest_first else X
    columns, start = [], 0
    for size in blocks:
        for t in range(X.shape[1]):
            columns += [steps[:, t, d] for d in range(start, start + size)]
        start += size
    return np.column_stack(columns)


@pytest.mark.parametrize("first", ["newest", "oldest"])
@pytest.mark.parametrize("blocks", [3, [3], [1, 1, 1], [1, 2], [2, 1], np.array([2, 1])])
def test_parameters_tell_of_arrays(rng, blocks, first):
    X = sequences(rng)
    sizes = [blocks] if isinstance(blocks, int) else blocks
    rows = rows_of(X, sizes, newest_first=first == "newest")
    own = RowsToSequences(n_features_per_step=blocks, first=first)
    assert_array_equal(own.fit_transform(rows), X)
    assert_array_equal(own.set_params(n_steps=4).fit_transform(rows), X)
    single = own.fit_transform(rows.astype(np.float32))
    assert single.dtype == np.float32
    assert single.flags.c_contiguous
    assert own.columns_.shape == (4, 3)


@pytest.mark.parametrize("static", [[12, 13], [-2, -1], [0, 5], [5, 0]])
def test_static_columns_come_last_at_every_step(rng, static):
    X, facts = sequences(rng), rng.normal(size=(7, 2))
    rows = rows_of(X, [1, 1, 1], newest_first=True)
    places = [column % 14 for column in static]
    whole = np.empty((7, 14))
    whole[:, places] = facts
    whole[:, [c for c in range(14) if c not in places]] = rows
    own = RowsToSequences(n_features_per_step=[1, 1, 1], static_features=static)
    got = own.fit_transform(whole)
    assert_array_equal(got[..., :3], X)
    assert_array_equal(got[..., 3:], np.repeat(facts[:, np.newaxis], 4, axis=1))


@pytest.mark.parametrize(
    ("columns", "features"),
    [
        (["lag_1", "lag_2", "lag_3"], ["lag"]),  # skforecast
        (["lag3", "lag1", "lag2"], ["lag"]),  # mlforecast, in the order of the user
        (["lag_1", "lag_2", "lag_7"], ["lag"]),
        (["a_lag_1", "b_lag_1", "a_lag_2", "b_lag_2"], ["a", "b"]),  # feature-engine
        (["a", "b", "a_lag_1", "b_lag_1"], ["a", "b"]),
        (["b_lag_1", "a_lag_1", "b_lag_2", "a_lag_2"], ["b", "a"]),
        (["a_lag_1D", "a_lag_2D", "a_lag_14D"], ["a"]),
        (["a_lag_1", "a_lag_2", "b_lag_1", "b_lag_2"], ["a", "b"]),  # skforecast, multivariate
        (["a_target_lag-2", "b_target_lag-2", "a_target_lag-1", "b_target_lag-1"], None),  # darts
        (["y_target_lag-2", "y_target_lag-1", "x_pastcov_lag-2", "x_pastcov_lag-1"], None),
        (["y_target_lag-2", "y_target_lag-1", "x_futcov_lag-1", "x_futcov_lag0"], None),
        (["y_target_lag-2", "y_target_lag-1", "x_futcov_lag0", "x_futcov_lag1"], None),
        (["lag_1__a", "lag_1__b", "lag_2__a", "lag_2__b"], ["a", "b"]),  # sktime
        (["lag_0__y", "lag_1__y", "lag_2__y"], ["y"]),
        (["lag_1__lag_0__y", "lag_1__lag_1__y", "lag_1__lag_2__y"], ["y"]),
        (["open_lag2", "high_lag2", "open_lag1", "high_lag1"], ["open", "high"]),  # SlidingWindow
        (["t-2", "t-1", "t"], ["lag"]),
        (["var1(t-2)", "var1(t-1)", "var1(t)"], ["var1"]),
        (["Close_t-1", "Close_t-2"], ["Close"]),
        (["Sales_Lag_1", "Sales_Lag_2"], ["Sales"]),
    ],
)
def test_names_tell(columns, features):
    """The value of each column says how old it is, by the name: -2.5 is the lag 2 of feature 5."""
    features = features or list(dict.fromkeys(name.rpartition("_")[0] for name in columns))

    def age(name):
        digits = "".join(letter if letter.isdigit() else " " for letter in name).split()
        if "lag" not in name.lower():
            return int(digits[-1]) if "-" in name else 0
        number = sum(map(int, digits))
        return -number if "futcov_lag1" in name else number

    values = pd.DataFrame([[-age(name) for name in columns]], columns=columns, dtype=float)
    values = pd.concat([values] * 3, ignore_index=True)
    frame = values.assign(**{"promo": 9.0, "rolling_mean_lag1_window_size3": 8.0})
    got = RowsToSequences().fit_transform(frame)
    assert got.feature_names == [*features, "promo", "rolling_mean_lag1_window_size3"]
    D = len(features)
    assert got.shape == (3, len(columns) // D, D + 2)
    assert (np.diff(got[..., :D], axis=1) > 0).all()  # oldest first
    assert sorted(got[0, :, :D].ravel()) == sorted(values.iloc[0])
    if "futcov" not in str(columns):
        assert (got[..., :D] == got[..., :1]).all()  # a step has one lag
    assert_array_equal(got[0, :, D:], [[9, 8]] * got.shape[1])
    again = RowsToSequences().fit_transform(pl.DataFrame(frame.to_dict("list")))
    assert_array_equal(again, got)
    assert again.feature_names == got.feature_names


def test_covariates_of_the_step_to_come_go_with_the_lag_before():
    names = ["y_target_lag-2", "y_target_lag-1", "x_futcov_lag-1", "x_futcov_lag0"]
    frame = pd.DataFrame([[2.0, 1.0, 10.0, 0.0]], columns=names)
    assert_array_equal(RowsToSequences().fit_transform(frame)[0], [[2, 10], [1, 0]])


def test_windows_come_back_from_flat_rows(rng):
    table = pd.DataFrame(rng.normal(size=(9, 2)), columns=["a", "b"]).assign(size=3.0)
    options = {"length": 3, "static_features": "size", "context": "pad"}
    flat = SlidingWindow(**options, layout="flat").set_output(transform="pandas")
    got = RowsToSequences().fit_transform(flat.fit_transform(table))
    expected = np.array(SlidingWindow(**options).fit_transform(table))
    expected[np.isnan(expected[..., 0])] = np.nan
    assert_array_equal(got, expected)
    plain = SlidingWindow(**options, layout="flat").fit_transform(table)
    again = RowsToSequences(n_features_per_step=2, first="oldest", static_features=-1)
    assert_array_equal(again.fit_transform(plain), expected)
    assert again.transform(plain).origin is plain.origin  # the rows of windows


def test_names_that_tell_nothing(rng):
    """Days and hours aren't compared, nor is a second lag 0 taken."""
    units = pd.DataFrame(rng.normal(size=(3, 2)), columns=["a_lag_1D", "a_lag_30h"])
    assert_array_equal(RowsToSequences(first="oldest").fit(units).columns_, [[0], [1]])
    assert_array_equal(RowsToSequences(first="newest").fit(units).columns_, [[1], [0]])
    table = pd.DataFrame(rng.normal(size=(3, 3)), columns=["a", "a_lag_0", "a_lag_1"])
    assert_array_equal(RowsToSequences().fit(table).columns_, [[2, 0], [1, 0]])


def test_steps_without_features_are_missing(rng):
    series = pd.DataFrame({"y": np.arange(5.0)})
    rows = series.assign(y_lag_1=series["y"].shift(1), y_lag_2=series["y"].shift(2), size=7.0)
    got = RowsToSequences().fit_transform(rows)
    assert_array_equal(got[0], [[np.nan, np.nan], [np.nan, np.nan], [0, 7]])
    assert_array_equal(got[1], [[np.nan, np.nan], [0, 7], [1, 7]])
    assert_array_equal(rows["size"], [7] * 5)


def test_columns_that_are_no_step_are_refused_with_the_fix(rng):
    X = rng.normal(size=(4, 7))
    with pytest.raises(ValueError, match=r"7 columns besides the 0 .*static_features=\[5, 6\]"):
        RowsToSequences(5).fit(X)
    with pytest.raises(ValueError, match=r"2 features per step have 6: .*static_features=\[6\]"):
        RowsToSequences(n_features_per_step=2).fit(X)
    with pytest.raises(ValueError, match=r"4 steps with 2 features per step have 8.*too few"):
        RowsToSequences(4, n_features_per_step=2).fit(X)
    frame = pd.DataFrame(X, columns=["lag1", "lag2", "lag3", "x_lag1", "mean_lag1", "day", "z"])
    unlike = r"\['x_lag1', 'mean_lag1'\] have not those of the others, \[1, 2, 3\].*static_features"
    with pytest.raises(ValueError, match=unlike):
        RowsToSequences().fit(frame)
    own = RowsToSequences(static_features=["x_lag1", "mean_lag1"]).fit(frame)
    assert_array_equal(own.columns_, [[2, 3, 4, 5, 6], [1, 3, 4, 5, 6], [0, 3, 4, 5, 6]])
    with pytest.raises(ValueError, match=r"n_steps=4, but .* X has 3 steps, with the lags"):
        own.set_params(n_steps=4).fit(frame)
    uneven = pd.DataFrame(X[:, :4], columns=["a_lag1", "a_lag2", "b_lag1", "b_lag7"])
    with pytest.raises(ValueError, match=r"\['b_lag1', 'b_lag7'\] have not"):
        RowsToSequences().fit(uneven)
    twice = pd.DataFrame(X[:, :2], columns=["lag_1", "lag1"])
    with pytest.raises(ValueError, match=r"\['lag_1', 'lag1'\] of X have the same lag"):
        RowsToSequences().fit(twice)


def test_bad_input_is_refused(rng):
    X = rng.normal(size=(4, 6))
    for blocks in ([], [0], [1.5], ["a"], [[1]], [True], True):
        with pytest.raises(ValueError, match=r"n_features_per_step=.* must be an int, or a list"):
            RowsToSequences(n_features_per_step=blocks).fit(X)
    for parameters in ({"n_steps": 0}, {"n_features_per_step": 0}, {"first": "last"}):
        with pytest.raises(ValueError, match="parameter of RowsToSequences must be"):
            RowsToSequences(**parameters).fit(X)
    with pytest.raises(ValueError, match="'promo' is a name, but the input has no named columns"):
        RowsToSequences(static_features="promo").fit(X)
    for sequences in (X.reshape(4, 3, 2), list(X.reshape(4, 3, 2))):
        with pytest.raises(ValueError, match="X holds sequences already"):
            RowsToSequences().fit(sequences)
    own = RowsToSequences(3, n_features_per_step=2).fit(X)
    with pytest.raises(ValueError, match="expecting 6 features"):
        own.transform(X[:, :4])
    frame = pd.DataFrame(X[:, :2], columns=["lag1", "lag2"])
    with pytest.raises(ValueError, match="feature names should match"):
        RowsToSequences().fit(frame).transform(frame[["lag2", "lag1"]])


def test_values_warn_of_wrong_parameters(rng):
    """Rows of successive windows move by a step from one to the next."""
    table = rng.normal(size=(40, 2))
    windows = np.asarray(sliding_windows(table, 5)[0])
    newest = rows_of(windows, [2], newest_first=True)
    blocks = rows_of(windows, [1, 1], newest_first=False)
    facts = rng.normal(size=(len(newest), 2))
    with pytest.warns(UserWarning, match=r"gives steps newest first.*Pass first='newest'"):
        RowsToSequences(n_features_per_step=2, first="oldest").fit(newest)
    with pytest.warns(UserWarning, match=r"gives steps newest first.*Pass first='oldest'"):
        RowsToSequences(n_features_per_step=[1, 1]).fit(blocks)
    with pytest.warns(UserWarning, match=r"variable by variable.*n_features_per_step=\[1, 1\]"):
        RowsToSequences(n_features_per_step=2, first="oldest").fit(blocks)
    whole = np.hstack([facts, newest])
    among = r"among the steps that are no lags of the others.*Pass static_features="
    with pytest.warns(UserWarning, match=rf"{among}\[0, 1\]"):
        RowsToSequences(n_features_per_step=2).fit(whole)
    single = newest[:, ::2]
    with pytest.warns(UserWarning, match=rf"{among}\[5, 6\]"):
        RowsToSequences().fit(np.hstack([single, facts]))
    with pytest.warns(UserWarning, match=rf"{among}\[6\]"):
        RowsToSequences(static_features=5).fit(np.hstack([single, facts]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        RowsToSequences(n_features_per_step=2).fit(newest)
        RowsToSequences(n_features_per_step=[1, 1], first="oldest").fit(blocks)
        RowsToSequences(n_features_per_step=2, static_features=[0, 1]).fit(whole)
        RowsToSequences().fit(rng.normal(size=(40, 6)))


def test_settings_survive_copies(rng):
    X = sequences(rng)
    rows = rows_of(X, [1, 2], newest_first=True)
    own = RowsToSequences(n_features_per_step=[1, 2]).set_output(transform="pandas").fit(rows)
    assert isinstance(own.transform(rows), np.ndarray)
    assert_array_equal(pickle.loads(pickle.dumps(own)).transform(rows), X)
    assert clone(own).n_features_per_step == [1, 2]
    assert not hasattr(clone(own), "columns_")
    with pytest.raises(ValueError, match="static_features"):
        own.set_params(n_steps=3).fit(rows)
    assert_array_equal(own.transform(rows), X)  # as it was


def test_lags_in_a_pipeline(rng):
    """Names of static columns reach the network, and a search scales steps in between."""
    n = 150
    y, level = np.zeros(n), rng.normal(size=n)
    for t in range(1, n):
        y[t] = 0.8 * y[t - 1] + level[t] + 0.1 * rng.normal()
    lags = {f"lag_{k}": np.r_[[0.0] * k, y[:-k]] for k in (1, 2, 3)}
    X = pd.DataFrame(lags | {"size": level})
    model = RNNRegressor(2, static_features="size", alpha=1.0, random_state=0)
    pipe = make_pipeline(StandardScaler(), RowsToSequences(), model).set_output(transform="pandas")
    assert pipe.fit(X, y).score(X, y) > 0.8
    assert pipe[-1].get_weights()["layer0.static"].shape == (2, 1)
    assert_array_equal(pipe[-1].feature_names_in_, ["lag", "size"])
    scaled = make_pipeline(
        RowsToSequences(static_features=-1), SequenceScaler(), RNNRegressor(random_state=0)
    )
    search = GridSearchCV(scaled, {"rnnregressor__hidden_size": [1, 2]}, cv=TimeSeriesSplit(3))
    assert search.fit(X.to_numpy(), y).best_score_ > 0.8


def test_the_right_order_is_learned_better(rng):
    """Of noise that has been kept since the last mark, the network knows when that was."""
    n, T = 400, 8
    steps = rng.normal(size=(n, T, 2))
    y = np.zeros(n)
    for t in range(T):
        y = np.where(steps[:, t, 1] > 1, steps[:, t, 0], 0.9 * y)
    rows, train, test = rows_of(steps, [1, 1], newest_first=False), slice(300), slice(300, None)
    model = RNNRegressor(4, cell="gru", alpha=0.1, max_iter=60, random_state=0)
    pipe = make_pipeline(RowsToSequences(n_features_per_step=[1, 1], first="oldest"), model)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Maximum iterations")
        right = pipe.fit(rows[train], y[train]).score(rows[test], y[test])
        wrong = clone(model).set_params(n_features_per_step=2).fit(rows[train], y[train])
    assert right > wrong.score(rows[test], y[test]) + 0.2
