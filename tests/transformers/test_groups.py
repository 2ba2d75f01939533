"""The ids of series: in a level of the index, in columns named by tuples, of one type."""

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skrnn import RNNRegressor, SequencePadder, SequenceScaler, SlidingWindow, sliding_windows
from tests.helpers.fits import unconverged
from tests.helpers.oracle_windows import windows_by_hand

pytestmark = unconverged

DATES = pd.date_range("2024-01-01", periods=8)
INDEXES = {
    "series first": pd.MultiIndex.from_product([["u", "v", "w"], DATES], names=["id", "date"]),
    "dates first": pd.MultiIndex.from_product([DATES, ["u", "v", "w"]], names=["date", "id"]),
    "ids alone": pd.Index(list("uvw") * 8, name="id"),
}


def panel(rng, index):
    return pd.DataFrame(rng.normal(size=(24, 2)), index, columns=["a", "b"])


@pytest.mark.parametrize("layout", ["sequence", "flat"])
@pytest.mark.parametrize("kind", INDEXES)
def test_ids_in_a_level_of_the_index(rng, kind, layout):
    X = panel(rng, INDEXES[kind])
    window = SlidingWindow(3, groups="id", layout=layout)
    expected = windows_by_hand(X.to_numpy(), 3, ids=X.index.get_level_values("id"))
    assert_array_equal(window.fit_transform(X), expected.reshape(window.transform(X).shape))
    assert_array_equal(window.transform(X), SlidingWindow(3, groups="id", layout=layout)
                       .fit_transform(X.reset_index("id")))  # fmt: skip
    assert window.n_features_in_ == 2
    assert list(window.feature_names_in_) == ["a", "b"]
    if layout == "flat":
        assert list(window.get_feature_names_out())[:2] == ["a_lag2", "b_lag2"]


@pytest.mark.parametrize("kind", ["series first", "dates first"])
def test_dates_of_each_series_tell_whether_rows_follow(rng, kind):
    X = panel(rng, INDEXES[kind])
    dates = X.index.get_level_values("date")
    whole = windows_by_hand(X.to_numpy(), 3, ids=X.index.get_level_values("id"))
    pipe = make_pipeline(MinMaxScaler(), SlidingWindow(3, groups="id"))
    pipe.set_output(transform="pandas")
    for steps in (SlidingWindow(3, groups="id"), pipe):
        fitted = steps.fit(X[dates < DATES[5]])
        assert not np.isnan(fitted.transform(X[dates >= DATES[5]])).any()
    later = SlidingWindow(3, groups="id").fit(X[dates < DATES[5]])
    assert_array_equal(later.transform(X[dates >= DATES[5]]), whole[dates >= DATES[5]])


def test_a_column_comes_before_a_level_of_the_same_name(rng):
    X = panel(rng, INDEXES["series first"])
    X["id"] = np.repeat([1, 2], 12)
    X.index = pd.Index(np.arange(24) % 2, name="id")
    assert set(SlidingWindow(3, groups="id").fit(X).context_) == {1, 2}


def test_a_level_that_is_missing_in_transform(rng):
    X = panel(rng, INDEXES["series first"])
    window = SlidingWindow(3, groups="id").fit(X)
    with pytest.raises(ValueError, match="groups='id' is not a column; the columns are"):
        window.transform(X.reset_index(drop=True))


OF_FIT = {"integers": [1, 2], "text": ["1", "2"], "floats": [1.0, 2.0], "NumPy": np.int64([1, 2])}
SAME = {("integers", "floats"), ("integers", "NumPy"), ("floats", "NumPy")}


@pytest.mark.parametrize("context", ["auto", "continue", "pad"])
@pytest.mark.parametrize("before", OF_FIT)
@pytest.mark.parametrize("after", OF_FIT)
def test_ids_of_another_type(context, before, after):
    def table(ids, first):
        x = np.arange(first, first + 8.0)
        return pd.DataFrame({"id": np.repeat(ids, 4), "x": x}, [*range(first, first + 4)] * 2)

    window = SlidingWindow(3, groups="id", context=context).fit(table(OF_FIT[before], 0))
    new = table(OF_FIT[after], 4)
    if context == "pad" or "text" not in (before, after) or before == after:
        assert np.isnan(window.transform(new)).any() == (context == "pad")
        return
    with pytest.raises(ValueError, match=r"groups='id' has the id .* of type .*in fit.*convert"):
        window.transform(new)


def test_other_ids_may_be_new():
    X = pd.DataFrame({"id": ["1", "1", "v1"], "x": np.arange(3.0)})
    window = SlidingWindow(2, groups="id", context="continue").fit(X)
    new = pd.DataFrame({"id": ["v1.0", "3", 4, "1"], "x": np.arange(4.0)})
    assert_array_equal(window.transform(new)[:, 0, 0], [np.nan, np.nan, np.nan, 1])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_dates_as_ids_have_no_unit(unit):
    days = pd.DatetimeIndex(["2024-01-01", "2024-01-02"])
    X = pd.DataFrame({"day": days.repeat(4), "x": np.arange(8.0)})
    window = SlidingWindow(3, groups="day", context="continue").fit(X)
    assert list(window.context_) == [dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 2)]
    new = X.assign(day=days.as_unit(unit).repeat(4), x=X["x"] + 8)
    assert not np.isnan(window.transform(new)).any()
    with pytest.raises(ValueError, match="missing values"):
        window.transform(new.assign(day=new["day"].where(new["x"] > 9)))


# --- columns that are tuples, as those of yfinance ---

COLUMNS = pd.MultiIndex.from_tuples([("id", ""), ("Close", "A"), ("Close", "B"), ("Open", "A")])
QUOTES = pd.DataFrame(
    np.c_[np.repeat([1.0, 2], 6), np.arange(12.0), np.repeat([3, 4.0], 6), np.ones(12)],
    columns=COLUMNS,
)


def test_columns_named_by_tuples():
    X = QUOTES.to_numpy()
    window = SlidingWindow(3, groups=("id", ""), static_features=[("Close", "B")])
    assert_array_equal(window.fit_transform(QUOTES), windows_by_hand(X[:, 1:], 3, ids=X[:, 0]))
    one = window.set_params(static_features=("Close", "B"), layout="flat").fit_transform(QUOTES)
    assert_array_equal(one[:, -1], X[:, 2])
    for targets, columns in {("Close", "A"): [1], (("Close", "A"), ("Open", "A")): [1, 3]}.items():
        _, y = sliding_windows(QUOTES, 3, targets=targets)
        assert_array_equal(y.reshape(9, -1), X[3:, columns])
    _, y = sliding_windows(QUOTES, 3, targets=[("Close", "B"), 3])
    assert_array_equal(y, X[3:, 2:])


@pytest.mark.parametrize(
    ("call", "parameter"),
    [
        (lambda X: SlidingWindow(2, groups="Close").fit(X), "groups"),
        (lambda X: SlidingWindow(2, static_features="Close").fit(X), "static_features"),
        (lambda X: SlidingWindow(2, static_features=["Close"]).fit(X), "static_features"),
        (lambda X: SequencePadder(static_features="Close").fit([X]), "static_features"),
        (lambda X: SequenceScaler(static_features=["Close"]).fit([X]), "static_features"),
        (lambda X: RNNRegressor(static_features="Close").fit([X, X], [0, 1]), "static_features"),
        (lambda X: RNNRegressor(static_features="Close").fit(X, X["Open"]), "static_features"),
        (lambda X: sliding_windows(X, 2, targets="Close"), "targets"),
        (lambda X: sliding_windows(X, 2, targets=["Close"]), "targets"),
    ],
)
def test_a_part_of_a_tuple_is_no_name(call, parameter):
    match = rf"{parameter}='Close' is not a column.*tuples: select one, as \('Close', 'A'\), or"
    with pytest.raises(ValueError, match=match):
        call(QUOTES)


@pytest.mark.parametrize("name", [("Close", "B"), [("Close", "B")], 2])
def test_static_covariates_named_by_tuples(name):
    X = [own for _, own in QUOTES.groupby(("id", ""))]
    model = RNNRegressor(2, max_iter=1, random_state=0, static_features=name).fit(X, [0.0, 1.0])
    plain = RNNRegressor(2, max_iter=1, random_state=0, static_features=2)
    plain.fit([own.to_numpy() for own in X], [0.0, 1.0])
    assert_array_equal(model.parameters_, plain.parameters_)


def test_a_window_of_an_array_is_an_array():
    X, _ = sliding_windows(np.ones(9), 2)
    with pytest.raises(ValueError, match="'a' is a name, but the input has no named columns"):
        RNNRegressor(static_features="a").fit(X, np.ones(7))


def test_ids_of_polars(rng):
    X = pl.DataFrame({"id": ["u", "v"] * 6, "x": rng.normal(size=12)})
    out = SlidingWindow(3, groups="id").fit_transform(X)
    expected = windows_by_hand(X[["x"]].to_numpy(), 3, ids=X["id"].to_numpy())
    assert_array_equal(out, expected)
