"""ForecastDisplay: the picture of the next values."""

import sys
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit

from skrnn import ForecastDisplay

# how good they are doesn't matter here
pytestmark = pytest.mark.filterwarnings("ignore:skill_=:UserWarning")


def numbers(display):
    """What each line shows."""
    return [np.asarray(line.get_ydata(), float) for line in display.lines_]


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_it_shows_history_forecast_and_interval(forecaster, series, pyplot):
    display = ForecastDisplay.from_forecaster(forecaster.fit(series), 6, coverage=0.8)
    history, forecast = numbers(display)
    np.testing.assert_array_equal(history, series[-30:])
    np.testing.assert_array_equal(forecast[1:], forecaster.predict(6))
    assert forecast[0] == series.iloc[-1]  # the line goes on where the series ends
    days = display.lines_[1].get_xdata()
    np.testing.assert_array_equal(days[1:], forecaster.predict(6).index.to_numpy())
    assert days[0] == series.index[-1].to_numpy()
    ends = display.bands_[0].get_paths()[0].vertices[:, 1]
    interval = forecaster.predict_interval(6, coverage=0.8)
    assert set(interval.to_numpy().ravel()) <= set(ends)
    assert labels(display.ax_) == ["observed", "forecast", "80 % interval"]
    assert display.ax_.get_ylabel() == "sales"
    assert display.figure_ is display.ax_.figure


def test_every_form_shows_the_same_by_hand(forecaster, any_form, pyplot):
    y, n = any_form, 6
    forecaster.fit(y)
    one = ForecastDisplay.from_forecaster(forecaster, n, coverage=0.5)
    other = ForecastDisplay.from_predictions(
        y, forecaster.predict(n), interval=forecaster.predict_interval(n, coverage=0.5)
    )
    assert len(one.lines_) == 2 * forecaster.n_series_
    assert len(one.bands_) == len(one.axes_) == forecaster.n_series_
    for mine, yours in zip(one.lines_, other.lines_, strict=True):
        np.testing.assert_array_equal(mine.get_xdata(), yours.get_xdata())
        np.testing.assert_array_equal(mine.get_ydata(), yours.get_ydata())
    for mine, yours in zip(one.bands_, other.bands_, strict=True):
        np.testing.assert_array_equal(mine.get_paths()[0].vertices, yours.get_paths()[0].vertices)
    wanted = np.asarray(forecaster.predict(n))
    wanted = wanted.reshape(-1, n) if isinstance(y, pd.Series) else wanted.reshape(n, -1).T
    np.testing.assert_array_equal([own[1:] for own in numbers(one)[1::2]], wanted)


def test_ticks_of_time_can_be_read(forecaster, any_form, pyplot):
    """Their texts don't overlap, and none is empty or a number of days since 1970."""
    display = ForecastDisplay.from_forecaster(forecaster.fit(any_form), 6, coverage=None)
    display.figure_.canvas.draw()
    for ax in display.axes_:
        low, high = ax.get_xlim()
        ticks = [t for t in ax.xaxis.get_major_ticks() if low <= t.get_loc() <= high]
        texts = [tick.label1 for tick in ticks]
        boxes = [text.get_window_extent() for text in texts]
        assert len(boxes) >= 3
        assert all(a.x1 < b.x0 for a, b in pairwise(boxes))
        assert all(text.get_text() for text in texts)


def test_ticks_are_in_the_time_zone_of_the_series(forecaster, pyplot):
    """A day of 23 hours begins and ends at midnight of the zone."""
    index = pd.date_range("2024-03-29", periods=96, freq="h", tz="Europe/Berlin")
    y = pd.Series(np.sin(np.arange(96)), index)
    display = ForecastDisplay.from_forecaster(forecaster.fit(y), 24, coverage=None)
    display.figure_.canvas.draw()
    texts = [text.get_text() for text in display.ax_.get_xticklabels()]
    days = pd.DatetimeIndex(
        [pd.Timestamp(t, unit="D", tz="UTC").round("min") for t in display.ax_.get_xticks()]
    ).tz_convert("Europe/Berlin")
    assert "Apr" in texts
    assert (days == days.normalize()).any()
    assert days[texts.index("Apr")] == pd.Timestamp("2024-04-01", tz="Europe/Berlin")


@pytest.mark.parametrize(("n_history", "rows"), [("auto", 80), (5, 5), (None, 1000), (2000, 1000)])
def test_the_forecast_can_be_seen_after_a_long_history(n_history, rows, pyplot):
    y = np.sin(np.arange(1000.0))
    display = ForecastDisplay.from_predictions(y, np.zeros(20), n_history=n_history)
    history, forecast = display.lines_
    np.testing.assert_array_equal(history.get_xdata(), np.arange(1000 - rows, 1000))
    np.testing.assert_array_equal(forecast.get_xdata(), np.arange(999, 1020))


def test_one_step_is_visible(pyplot):
    display = ForecastDisplay.from_predictions([1.0, 2.0, 3.0], [4.0], interval=[[3.0, 5.0]])
    np.testing.assert_array_equal(numbers(display)[1], [3, 4])
    assert labels(display.ax_)[-1] == "interval"


def test_gaps_are_gaps_and_missing_ends_are_forecast_over(forecaster, series, pyplot):
    series.iloc[[90, 95]] = np.nan
    display = ForecastDisplay.from_forecaster(forecaster.fit(series), 3, coverage=None)
    history, forecast = display.lines_
    assert np.isnan(history.get_ydata()[-5])
    assert forecast.get_xdata()[0] == series.index[94].to_numpy()
    values = forecaster.predict(3).to_numpy()
    by_hand = ForecastDisplay.from_predictions(series.to_numpy(), values)
    np.testing.assert_array_equal(by_hand.lines_[1].get_xdata(), [94, 95, 96, 97])


def test_labels_of_another_kind_are_refused(series, pyplot):
    for y, forecast in [(series, [1.0, 2.0]), (series.to_numpy(), series[-2:])]:
        with pytest.raises(ValueError, match=r"forecast has labels such as .* both with an index"):
            ForecastDisplay.from_predictions(y, forecast)


def test_truth_is_shown_beside_the_forecast(forecaster, series, pyplot):
    forecaster.fit(series[:-6])
    truth = series[-6:]
    display = ForecastDisplay.from_predictions(
        series[:-6], forecaster.predict(6), truth=truth, color="red", linewidth=3
    )
    _, shown, forecast = display.lines_
    np.testing.assert_array_equal(shown.get_ydata()[1:], truth)
    assert forecast.get_color() == "red"
    assert shown.get_color() != "red"
    assert forecast.get_linewidth() == 3
    assert labels(display.ax_) == ["observed", "truth", "forecast"]


def test_another_history_and_searches(forecaster, series, pyplot):
    search = GridSearchCV(forecaster, {"window": [6, 12]}, cv=TimeSeriesSplit(2, test_size=6))
    search.fit(series[:-12])
    display = ForecastDisplay.from_forecaster(search, 4, y=series[:-6], coverage=None)
    history, forecast = numbers(display)
    np.testing.assert_array_equal(history, series[-36:-6])
    np.testing.assert_array_equal(forecast[1:], search.best_estimator_.predict(4, y=series[:-6]))


def test_several_series_are_small_multiples_or_picked(forecaster, panel, pyplot):
    forecaster.fit(panel)
    display = ForecastDisplay.from_forecaster(forecaster, 6)
    assert [ax.get_title() for ax in display.axes_] == ["shop 0", "shop 1", "shop 2"]
    assert len(display.figure_.axes) == 3
    assert display.figure_.legends[0].get_texts()[0].get_text() == "observed"
    one = ForecastDisplay.from_forecaster(forecaster, 6, series="shop 1")
    np.testing.assert_array_equal(numbers(one)[1][1:], forecaster.predict(6)["shop 1"])
    _, axes = pyplot.subplots(1, 2)
    two = ForecastDisplay.from_forecaster(forecaster, 6, series=["shop 2", "shop 0"], ax=axes)
    assert two.axes_ == list(axes)
    np.testing.assert_array_equal(numbers(two)[3][1:], forecaster.predict(6)["shop 0"])


def test_of_many_series_the_first_nine_are_shown(rng, pyplot):
    y = pd.DataFrame(rng.normal(size=(40, 12)))
    forecast = pd.DataFrame(rng.normal(size=(3, 12)), range(40, 43))
    display = ForecastDisplay.from_predictions(y, forecast)
    assert len(display.axes_) == 9
    assert display.figure_.get_suptitle() == "9 of 12 series"
    assert len(ForecastDisplay.from_predictions(y, forecast, series=range(10)).axes_) == 10


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_colours_are_those_of_the_style(style, pyplot):
    with pyplot.style.context(style):
        display = ForecastDisplay.from_predictions(np.arange(9.0), [1.0, 2.0], interval=np.eye(2))
        cycle = pyplot.rcParams["axes.prop_cycle"].by_key()["color"]
    assert [line.get_color() for line in display.lines_] == cycle[:2]
    from matplotlib.colors import to_rgba

    assert tuple(display.bands_[0].get_facecolor()[0]) == to_rgba(cycle[1], 0.25)


def test_what_cannot_be_drawn_is_refused(forecaster, panel, series, pyplot, monkeypatch):
    forecaster.fit(series)
    with pytest.raises(ValueError, match=r"coverage=0.99.*use coverage=None"):
        ForecastDisplay.from_forecaster(forecaster, 30, coverage=0.99)
    refused = [(0, ValueError), (2.5, TypeError), ("all", TypeError), (True, TypeError)]
    for n_history, error in refused:
        with pytest.raises(error, match=f"n_history={n_history!r} must be"):
            ForecastDisplay.from_forecaster(forecaster, 3, n_history=n_history)
    forecaster.fit(panel)
    with pytest.raises(ValueError, match=r"series='shop 9': there are the series \['shop 0'"):
        ForecastDisplay.from_forecaster(forecaster, 3, series="shop 9")
    with pytest.raises(ValueError, match="ax has 1 Axes, but there are 3 series"):
        ForecastDisplay.from_forecaster(forecaster, 3, ax=pyplot.gca())
    with pytest.raises(ValueError, match=r"forecast has the series 'shop 2', but y has"):
        ForecastDisplay.from_predictions(panel[["shop 0", "shop 1"]], forecaster.predict(3))
    with pytest.raises(ValueError, match=r"interval has no series 'shop 0'"):
        ForecastDisplay.from_predictions(
            panel, forecaster.predict(3), interval=forecaster.predict_interval(3)[3:]
        )
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r'ForecastDisplay needs .*pip install "skrnn\[plot\]"'):
        ForecastDisplay.from_forecaster(forecaster, 3)
