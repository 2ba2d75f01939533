"""BacktestDisplay: the picture of forecasts of the past."""

import sys

import numpy as np
import pytest
from sklearn.model_selection import TimeSeriesSplit

from skrnn import BacktestDisplay

CV = TimeSeriesSplit(3, test_size=12)


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_it_shows_truth_and_folds(forecaster, series, pyplot):
    folds = forecaster.backtest(series, cv=CV)
    display = BacktestDisplay.from_forecaster(forecaster, series, cv=CV)
    truth, *others = display.lines_
    np.testing.assert_array_equal(truth.get_ydata(), series[-36:])
    np.testing.assert_array_equal(truth.get_xdata(), series.index[-36:].to_numpy())
    for fold, (forecast, naive) in enumerate(zip(others[::2], others[1::2], strict=True)):
        own = folds[folds["fold"] == fold]
        np.testing.assert_array_equal(forecast.get_ydata(), own["forecast"])
        np.testing.assert_array_equal(naive.get_ydata(), own["seasonal_naive"])
        np.testing.assert_array_equal(forecast.get_xdata(), own["time"])
        assert naive.get_linewidth() < forecast.get_linewidth()
        assert (naive.get_linestyle(), forecast.get_linestyle()) == ("--", "-")
    assert labels(display.ax_) == ["observed", "forecast", "last season"]
    summary = folds.attrs["summary"]
    assert display.ax_.get_title() == f"skill {summary['skill']:.2f}, MASE {summary['MASE']:.2f}"
    assert display.ax_.get_ylabel() == "sales"


def test_the_better_naive_forecast_is_shown(forecaster, series, pyplot):
    folds = forecaster.backtest(series, cv=CV)
    folds["naive"] = folds["truth"] + 0.01
    display = BacktestDisplay.from_backtest(folds)
    assert labels(display.ax_)[-1] == "last value"
    np.testing.assert_array_equal(display.lines_[2].get_ydata(), folds["naive"][:12])


def test_every_form_is_drawn(forecaster, any_form, pyplot):
    folds = forecaster.backtest(any_form, cv=CV, refit=False)
    display = BacktestDisplay.from_backtest(folds)
    assert len(display.axes_) == folds["series"].nunique()
    for ax, (_, own) in zip(display.axes_, folds.groupby("series"), strict=True):
        np.testing.assert_array_equal(ax.lines[0].get_ydata(), own["truth"])
    display.figure_.canvas.draw()
    assert all(ax.get_xticklabels()[1].get_text() for ax in display.axes_)


def test_folds_of_one_step_are_one_line(forecaster, series, pyplot):
    cv = TimeSeriesSplit(8, test_size=1)
    display = BacktestDisplay.from_forecaster(forecaster, series, cv=cv, refit=False)
    assert [len(line.get_ydata()) for line in display.lines_] == [8, 8, 8]


@pytest.mark.parametrize("row", [-20, -24, -25])
def test_the_truth_is_broken_where_values_are_missing(row, forecaster, series, pyplot):
    """Inside a fold, and as the first and the last value of one."""
    series.iloc[row] = np.nan
    display = BacktestDisplay.from_forecaster(forecaster, series, cv=CV, refit=False)
    drawn = display.lines_[0].get_ydata()
    np.testing.assert_array_equal(drawn, series[-36:])


def test_the_truth_is_broken_where_a_fold_is_missing(forecaster, series, pyplot):
    series.iloc[-3] = np.nan
    cv = TimeSeriesSplit(8, test_size=1)
    display = BacktestDisplay.from_forecaster(forecaster, series, cv=cv, refit=False)
    np.testing.assert_array_equal(display.lines_[0].get_ydata(), series[-8:])


def test_folds_may_overlap_and_leave_a_gap(forecaster, series, pyplot):
    rows = np.arange(96)
    overlapping = [(rows[:n], rows[n : n + 12]) for n in (70, 75, 80)]
    for cv in (overlapping, TimeSeriesSplit(3, test_size=8, gap=3)):
        display = BacktestDisplay.from_forecaster(forecaster, series, cv=cv, refit=False)
        assert not np.isnan(display.lines_[0].get_ydata()).any()


def test_several_series_are_small_multiples_or_picked(forecaster, panel, pyplot):
    folds = forecaster.backtest(panel, cv=CV, refit=False)
    display = BacktestDisplay.from_backtest(folds)
    assert [ax.get_title() for ax in display.axes_] == ["shop 0", "shop 1", "shop 2"]
    assert display.figure_.get_suptitle().startswith("skill ")
    ax = pyplot.figure().subplots()
    one = BacktestDisplay.from_backtest(folds, series="shop 2", ax=ax, color="red")
    assert one.ax_ is ax
    assert one.figure_ is ax.figure
    np.testing.assert_array_equal(one.lines_[0].get_ydata(), panel["shop 2"][-36:])
    assert [line.get_color() for line in one.lines_[1::2]] == ["red"] * 3
    assert BacktestDisplay.from_backtest(folds, series=["shop 2"]).figure_.get_suptitle() == (
        f"1 of 3 series; all: {display.figure_.get_suptitle()}"
    )


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_colours_are_those_of_the_style(style, forecaster, series, pyplot):
    with pyplot.style.context(style):
        display = BacktestDisplay.from_forecaster(forecaster, series, cv=CV, refit=False)
        cycle = pyplot.rcParams["axes.prop_cycle"].by_key()["color"]
    grey = (0.5, 0.5, 0.5)
    assert [line.get_color() for line in display.lines_] == [cycle[0]] + [cycle[1], grey] * 3


def test_what_cannot_be_drawn_is_refused(forecaster, series, pyplot, monkeypatch):
    folds = forecaster.backtest(series, cv=CV, refit=False)
    with pytest.raises(ValueError, match=r"folds misses the columns \['truth', 'naive'\]"):
        BacktestDisplay.from_backtest(folds.drop(columns=["truth", "naive"]))
    with pytest.raises(ValueError, match="folds is empty"):
        BacktestDisplay.from_backtest(folds[:0])
    with pytest.raises(ValueError, match=r"pass the frame that Forecaster\.backtest returns"):
        BacktestDisplay.from_backtest(series)
    with pytest.raises(ValueError, match="series='x': there are the series"):
        BacktestDisplay.from_backtest(folds, series="x")
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r'pip install "skrnn\[plot\]"'):
        BacktestDisplay.from_backtest(folds)
