"""Which rows are in the order of time, as the index of a frame says."""

import datetime as dt
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

from skrnn import RNNRegressor, SequencePadder, SequenceScaler, SlidingWindow, sliding_windows
from tests.helpers.fits import small, unconverged

pytestmark = unconverged

N = 8
DATES = pd.date_range("2024-01-01", periods=N)
ZONES = [dt.timezone(dt.timedelta(hours=-i)) for i in range(N)]
TIMES = {
    "dates": DATES,
    "dates of a zone": DATES.tz_localize("Europe/Berlin"),
    "dates twice": DATES[:4].repeat(2),
    "date objects": pd.Index(list(DATES.date)),
    "arrow dates": pd.Index(pd.array(list(DATES.date), "date32[day][pyarrow]")),
    "text": pd.Index(DATES.strftime("%Y-%m-%d")),
    "months as text": pd.Index([f"2024-{i + 1:02}" for i in range(N)]),
    "text with times": pd.Index([date.isoformat() for date in DATES]),
    "text with mixed offsets": pd.Index([f"2024-01-01T12:00:00-0{i}:00" for i in range(N)]),
    "text as categories": pd.CategoricalIndex(DATES.strftime("%Y-%m-%d")),
    "mixed offsets": pd.Index([dt.datetime(2024, 1, 1, tzinfo=z) for z in ZONES], dtype=object),
    "periods": DATES.to_period("D"),
    "time differences": pd.timedelta_range("1D", periods=N),
    "intervals": pd.IntervalIndex.from_breaks(pd.date_range("2024-01-01", periods=N + 1)),
    "one id, dates": pd.MultiIndex.from_product([["a"], DATES]),
    "dates, one id": pd.MultiIndex.from_product([DATES, [7]]),
    "dates, names": pd.MultiIndex.from_arrays([DATES, list("abcdefgh")]),
    "years, months": pd.MultiIndex.from_product([[1, 2], [1, 2, 3, 4]], names=["year", "month"]),
    "dates, hours": pd.MultiIndex.from_product([DATES[:2], range(4)], names=["date", "Hour"]),
}
NUMBERS = {
    "range": pd.RangeIndex(N),
    "integers": pd.Index(np.arange(N) * 3),
    "nullable": pd.Index(range(N), dtype="Int64"),
    "seconds": pd.Index(np.arange(N) / 10),
    "one id, numbers": pd.MultiIndex.from_product([["a"], range(N)]),
}
SILENT = {
    "names": pd.Index(list("hbadcfeg")),
    "codes": pd.Index(["7-1", "2024", "20240105", "a"] * 2),
    "parts": pd.Index([0, 1, 2, 3, 0, 1, 2, 3]),  # of one series, each counted from 0
    "names, names": pd.MultiIndex.from_product([["b", "a"], list("zyxw")]),
}
SEVERAL = {
    "ids, dates": pd.MultiIndex.from_product([["a", "b"], DATES[:4]], names=["id", "date"]),
    "dates, ids": pd.MultiIndex.from_product([DATES[:4], ["a", "b"]], names=["date", "id"]),
    "numbers, dates": pd.MultiIndex.from_product([[10, 20], DATES[:4]], names=["id", None]),
    "dates, numbers": pd.MultiIndex.from_product([DATES[:4], [10, 20]], names=["date", "id"]),
    "numbers, numbers": pd.MultiIndex.from_product([[10, 20], range(4)], names=["id", "t"]),
    "ids, text": pd.MultiIndex.from_product(
        [["a", "b"], DATES[:4].strftime("%Y-%m-%d")], names=["id", "day"]
    ),
    "two ids, dates": pd.MultiIndex.from_product(
        [["a", "b"], [1, 2], DATES[:2]], names=["id", "x", "date"]
    ),
}
SHUFFLED = [3, 1, 6, 0, 7, 5, 2, 4]


def frame(index):
    return pd.DataFrame({"a": np.arange(float(N)) / N, "b": np.ones(N)}, index)


def fit(frames):
    return RNNRegressor(2, max_iter=1, random_state=0).fit(frames, np.arange(float(len(frames))))


READERS = {
    "SlidingWindow": lambda X: SlidingWindow(2).fit(X),
    "sliding_windows": lambda X: sliding_windows(X, 2),
    "sliding_windows of a Series": lambda X: sliding_windows(X["a"], 2),
    "SequencePadder": lambda X: SequencePadder().fit([X.iloc[:0], X]),
    "SequenceScaler": lambda X: SequenceScaler().fit([X, X]),
    "RNNRegressor": lambda X: fit([frame(None), X, X]),
}
reader = pytest.mark.parametrize("read", READERS.values(), ids=READERS)


def test_dates_of_numpy_as_objects():
    index = pd.Index(list(DATES[:N].to_numpy()), dtype=object)
    windows = SlidingWindow(3).fit(frame(index).iloc[:4]).transform(frame(index).iloc[4:])
    assert windows[0, 0, 0] == 2 / N
    with pytest.raises(ValueError, match="not in increasing order"):
        SlidingWindow(2).fit(frame(index[::-1]))


@reader
@pytest.mark.parametrize("index", {**TIMES, **NUMBERS, **SILENT}.values())
def test_rows_in_the_order_of_time(read, index):
    read(frame(index))


@reader
@pytest.mark.parametrize("index", TIMES.values(), ids=TIMES)
@pytest.mark.parametrize("order", [slice(None, None, -1), SHUFFLED], ids=["newest first", "mixed"])
def test_rows_in_another_order(read, index, order):
    with pytest.raises(ValueError, match=r"not in increasing order: .* comes before .*sort_index"):
        read(frame(index[order]))


@reader
@pytest.mark.parametrize("index", NUMBERS.values(), ids=NUMBERS)
@pytest.mark.parametrize("order", [slice(None, None, -1), SHUFFLED], ids=["newest first", "mixed"])
def test_numbers_in_another_order(read, index, order):
    """They may be anything, so there is a warning only."""
    with pytest.warns(UserWarning, match=r"neither increase nor .*reset_index\(drop=True\)") as log:
        read(frame(index[order]))
    assert len(log) == 1
    assert log[0].filename == __file__
    read(frame(index[order]).reset_index(drop=True))


@reader
@pytest.mark.parametrize("index", SILENT.values(), ids=SILENT)
def test_names_and_parts_say_nothing(read, index):
    read(frame(index[::-1]))


def test_what_train_test_split_leaves():
    X = frame(None)
    with pytest.warns(UserWarning, match="numbers in the index of X neither.*shuffle=False"):
        SlidingWindow(2).fit(train_test_split(X, random_state=0)[0])
    SlidingWindow(2).fit(train_test_split(X, shuffle=False)[0])
    X.index = DATES
    with pytest.raises(ValueError, match=r"DatetimeIndex of X is not in increasing.*shuffle=False"):
        SlidingWindow(2).fit(train_test_split(X, random_state=0)[0])


@reader
@pytest.mark.parametrize("index", SEVERAL.values(), ids=SEVERAL)
def test_several_series_in_one_index(read, index):
    with pytest.raises(
        ValueError, match=r"ids of [24] series in its level 'id'.*(groups=|groupby)"
    ):
        read(frame(index))
    ids = [name for name in index.names if name in ("id", "x")]
    for _, own in frame(index).groupby(level=ids if len(ids) > 1 else "id"):
        if len(own) > 2:
            read(own.reset_index(drop=True))


def test_items_are_named():
    good, bad = frame(DATES), frame(DATES[::-1])
    with pytest.raises(ValueError, match=r"The DatetimeIndex of X\[2\] is not"):
        fit([good, good, bad])
    model = fit([good, good])
    with pytest.raises(ValueError, match=r"The DatetimeIndex of X\[1\] is not"):
        model.predict([good, bad])


@pytest.mark.parametrize("context", ["auto", "continue", "pad"])
@pytest.mark.parametrize("kind", TIMES)
def test_each_series_of_a_table(kind, context):
    """With groups, dates begin again; within a series they must increase."""
    index = TIMES[kind]
    X = pd.concat([frame(index).assign(id=name) for name in "abc"])
    window = SlidingWindow(2, groups="id", context=context).fit(X)
    window.fit(X.iloc[np.arange(3 * N).reshape(3, N).T.ravel()])  # in turn
    wrong = np.arange(3 * N)
    wrong[N : 2 * N] = wrong[N : 2 * N][::-1]
    with pytest.raises(ValueError, match=r"of series 'b' is not in increasing order"):
        window.fit(X.iloc[wrong])
    with pytest.raises(ValueError, match=r"of series 'b' is not in increasing order"):
        window.transform(X.iloc[wrong])


def test_shuffled_numbers_of_many_series_warn_once():
    X = pd.concat([frame(None).assign(id=name) for name in range(5)], ignore_index=True)
    SlidingWindow(2, groups="id").fit(X.sample(frac=1, random_state=0).sort_index())
    with pytest.warns(UserWarning, match="index of series .* neither") as log:
        SlidingWindow(2, groups="id").fit(X.sample(frac=1, random_state=0))
    assert len(log) == 1


@reader
def test_labels_that_cannot_be_compared(read):
    labels = [pd.Timestamp("2024-01-01", tz="UTC"), *DATES[1:]]
    with pytest.raises(ValueError, match="in increasing order: its labels can't be compared"):
        read(frame(pd.Index(labels, dtype=object)))


def test_no_pandas_no_order():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SlidingWindow(2).fit(frame(DATES[::-1]).to_numpy())


def test_frames_of_targets_and_weights_are_in_order(rng):
    days = pd.date_range("2024-01-01", periods=6)
    X = [pd.DataFrame(rng.normal(size=(6 - i, 1)), days[i:], ["a"]) for i in range(3)]
    newest_first = [x[::-1] for x in X]
    with pytest.raises(ValueError, match=r"of y\[0\] is not in increasing order"):
        small().fit(X, newest_first)
    with pytest.raises(ValueError, match=r"of sample_weight\[0\] is not in increasing order"):
        small().fit(X, X, [np.abs(own["a"]) for own in newest_first])
    small().fit(X, X)
