"""skrnn.datasets: numbers and text, their alignment as X and y, and pandas only on request."""

import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.model_selection import TimeSeriesSplit
from sklearn.utils import Bunch

from skrnn.datasets import load_airline, load_alice, load_sunspots, load_weather

LOADERS = {
    load_airline: (["passengers"], "month", 144),
    load_sunspots: (["sunspots"], "year", 309),
    load_weather: (["temperature", "humidity"], "hour", 8730),
}
each_loader = pytest.mark.parametrize(
    ("load", "names", "index_name", "n"),
    [(load, *expected) for load, expected in LOADERS.items()],
    ids=[load.__name__ for load in LOADERS],
)


def test_airline_numbers():
    series = load_airline().series
    assert series.sum() == 40363
    assert (series[0], series[-1], series.min(), series.max()) == (112, 432, 104, 622)
    # Yearly totals tell a swapped or mistyped month where the sum of all can't.
    totals = [1520, 1676, 2042, 2364, 2700, 2867, 3408, 3939, 4421, 4572, 5140, 5714]
    assert_array_equal(series.reshape(12, 12).sum(axis=1), totals)


def test_sunspot_numbers():
    series = load_sunspots().series
    assert series.sum() == pytest.approx(15373.4)
    assert (series[0], series[-1], series.min(), series.max()) == (5.0, 2.9, 0.0, 190.2)
    assert series.argmax() == 1957 - 1700


def test_weather_numbers():
    series = load_weather().series
    assert_array_equal(series[0], [3.9, 59.4])
    assert_array_equal(series[-1], [-1.1, 42.7])
    assert_array_equal(series.min(axis=0), [-11.1, 15.2])
    assert_array_equal(series.max(axis=0), [36.7, 100])
    assert series.sum(axis=0) == pytest.approx([109018.2, 569117.2])


def test_no_temperature_of_the_weather_is_far_off_its_neighbours():
    hours = np.lib.stride_tricks.sliding_window_view(load_weather().series[:, 0], 5)
    assert np.abs(hours[:, 2] - np.median(hours, axis=1)).max() < 3.3


def test_weather_is_warmest_after_noon_in_new_york():
    pytest.importorskip("pandas")
    series = load_weather(as_frame=True).series
    by_hour = series.tz_localize("UTC").tz_convert("America/New_York").groupby(lambda t: t.hour)
    assert 12 <= by_hour["temperature"].mean().idxmax() <= 15
    assert 4 <= by_hour["humidity"].mean().idxmax() <= 6


@each_loader
def test_bunch(load, names, index_name, n):
    bunch = load()
    each = () if len(names) == 1 else (len(names),)
    assert isinstance(bunch, Bunch)
    assert bunch.data.shape == (n - 1, len(names))
    assert bunch.target.shape == (n - 1, *each)
    assert bunch.series.shape == (n, *each)
    for array in (bunch.data, bunch.target, bunch.series):
        assert type(array) is np.ndarray
        assert array.dtype == np.float64
    assert bunch.frame is None
    assert bunch.feature_names == names
    assert bunch.target_names == [f"next_{name}" for name in names]
    assert bunch.data_module == "skrnn.datasets"
    for heading in ("**Source**", "**Terms**"):
        assert heading in bunch.DESCR


@each_loader
def test_target_is_the_next_value(load, names, index_name, n):
    bunch = load()
    assert_array_equal(bunch.data, bunch.series[:-1].reshape(n - 1, -1))
    assert_array_equal(bunch.target, bunch.series[1:])
    assert_array_equal(bunch.data[1:], bunch.target[:-1].reshape(n - 2, -1))


@each_loader
def test_x_y_and_series_share_no_memory(load, names, index_name, n):
    bunch = load()
    target, series = bunch.target.copy(), bunch.series.copy()
    bunch.data[:] = 0
    assert_array_equal(bunch.target, target)
    assert_array_equal(bunch.series, series)
    assert_array_equal(load().data[0], series[:1].ravel())


@each_loader
@pytest.mark.parametrize("as_frame", [False, True])
def test_return_X_y_gives_the_same_data_and_target(load, names, index_name, n, as_frame):
    if as_frame:
        pytest.importorskip("pandas")
    bunch = load(as_frame=as_frame)
    X, y = load(return_X_y=True, as_frame=as_frame)
    assert type(X) is type(bunch.data)
    assert type(y) is type(bunch.target)
    assert_array_equal(X, bunch.data)
    assert_array_equal(y, bunch.target)


@each_loader
def test_frames(load, names, index_name, n):
    pd = pytest.importorskip("pandas")
    bunch, arrays = load(as_frame=True), load()
    next_names = [f"next_{name}" for name in names]
    assert list(bunch.data.columns) == names
    assert list(bunch.frame.columns) == names + next_names
    for field, columns in [("series", names), ("target", next_names)]:
        if len(names) == 1:
            assert isinstance(bunch[field], pd.Series)
            assert bunch[field].name == columns[0]
        else:
            assert list(bunch[field].columns) == columns
    assert bunch.series.index.name == index_name
    for frame in (bunch.data, bunch.target, bunch.frame):
        pd.testing.assert_index_equal(frame.index, bunch.series.index[:-1])
    for field in ("data", "target", "series"):
        assert_array_equal(bunch[field], arrays[field])
    assert_array_equal(bunch.frame, np.c_[arrays.data, arrays.target])


def test_airline_index_is_months_with_a_frequency():
    pd = pytest.importorskip("pandas")
    bunch = load_airline(as_frame=True)
    months = pd.date_range("1949-01", periods=144, freq="MS")
    assert_array_equal(bunch.series.index, months)
    for frame in (bunch.data, bunch.target, bunch.frame, bunch.series):
        assert frame.index.freqstr == "MS"
    assert bunch.series["1960-12-01"] == 432


def test_weather_index_is_hours_with_a_frequency():
    pd = pytest.importorskip("pandas")
    bunch = load_weather(as_frame=True)
    hours = pd.date_range("2013-01-01 06:00", "2013-12-30 23:00", freq="h")
    assert_array_equal(bunch.series.index, hours)
    for frame in (bunch.data, bunch.target, bunch.frame, bunch.series):
        assert frame.index.freqstr == "h"
    assert bunch.series.loc["2013-07-18 16:00", "temperature"] == 36.7


def test_sunspots_index_is_integer_years():
    pytest.importorskip("pandas")
    index = load_sunspots(as_frame=True).series.index
    assert np.issubdtype(index.dtype, np.integer)
    assert_array_equal(index, np.arange(1700, 2009))


@each_loader
def test_folds_in_time_follow_one_another(load, names, index_name, n):
    pytest.importorskip("pandas")
    X, _ = load(return_X_y=True, as_frame=True)
    for train, test in TimeSeriesSplit(3).split(X):
        last, first = X.index[train[-1]], X.index[test[0]]
        step = getattr(X.iloc[train].index, "freq", None) or 1
        assert last + step == first


@each_loader
def test_switches_are_validated(load, names, index_name, n):
    with pytest.raises(ValueError, match=r"'as_frame' parameter of load_.* must be"):
        load(as_frame="yes")


@each_loader
def test_without_pandas(load, names, index_name, n, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert load().data.shape == (n - 1, len(names))
    with pytest.raises(ImportError, match=rf"{load.__name__}\(as_frame.*pip install pandas"):
        load(as_frame=True)


def test_arrays_need_no_pandas():
    # scikit-learn 1.9 imports pandas itself where it is installed, so that looking for it in
    # sys.modules would say nothing about us: None there makes every import of it fail.
    code = (
        "import sys; sys.modules['pandas'] = None;"
        "from skrnn.datasets import load_airline, load_alice, load_sunspots, load_weather;"
        "load_airline(); load_alice(); load_sunspots(return_X_y=True); load_weather()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_alice_is_prose_in_paragraphs():
    bunch = load_alice()
    assert len(bunch.data) == 140
    text = "\n".join(bunch.data)
    assert (len(text), len(set(text)), text.count("Alice")) == (44930, 66, 106)
    assert bunch.data[0].startswith(
        "Alice was beginning to get very tired of sitting by her sister"
    )
    assert bunch.data[-1].endswith("taking not the smallest notice of her or of anything else.")
    assert text.isascii()
    assert all(paragraph == " ".join(paragraph.split()) for paragraph in bunch.data)
    assert "CHAPTER" not in text
    for heading in ("**Source**", "**Terms**"):
        assert heading in bunch.DESCR
    assert f":Number of characters: {len(text)} " in bunch.DESCR
    assert (bunch.filename, bunch.data_module) == ("alice.txt", "skrnn.datasets")
