"""A longer cycle than the season, such as the week of hours: `fit` says where it is missed."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from skrnn import Forecaster
from skrnn._forecasting.calibration import _origins


def weekends(n_days=63, noise=0.5, freq="h"):
    t = pd.date_range("2023-10-02", periods=24 * n_days, freq="h")
    load = 50 + 10 * np.sin(2 * np.pi * t.hour / 24) - 8 * (t.day_of_week > 4)
    y = pd.Series(load + noise * np.random.RandomState(0).normal(size=len(t)), t)
    return y.resample(freq).mean()


def said(y, **parameters):
    """What `fit` says of a longer season, None if nothing."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Forecaster(**{"regressor": Ridge(), **parameters}).fit(y)
    found = [str(own.message) for own in caught if "repeating the last" in str(own.message)]
    return next((text for text in found if "times the error" in text), None)


@pytest.mark.parametrize(("freq", "steps"), [("h", 168), ("2h", 84)])
def test_the_week_of_hours(freq, steps):
    text = said(weekends(freq=freq))
    assert re.fullmatch(
        rf"On the last part of y, repeating the last week \({steps} steps\) has 0\.\d+ times the "
        rf"error of these forecasts, which know a season of {steps // 7}: pass "
        rf"calendar=\['hour', 'day_of_week'\], or season={steps}\.",
        text,
    )


@pytest.mark.parametrize(
    "parameters",
    [{"regressor": None, "calendar": ["hour", "day_of_week"]}, {"season": 168}, {"calibration": 0}],
)
def test_forecasts_that_know_the_week_or_are_not_measured(parameters):
    assert said(weekends(), **parameters) is None


@pytest.mark.parametrize("part", ["day_of_week", "dayofweek"])
def test_what_is_read_already_is_no_advice(part):
    text = said(weekends(), calendar=part)  # of which a linear map can't make a weekend
    assert text.endswith("which know a season of 24: pass season=168.")


def test_the_ratio_is_that_of_the_same_rows():
    assert "has 0 times the error" in said(weekends(noise=0))
    # of the rows that a copy forecasts after, only the later ones have a week before them
    assert "has 0 times the error" in said(weekends(15, noise=0), calibration=0.9)
    assert said(weekends(13, noise=0), calibration=0.9) is None  # less than a week of them


def test_the_year_of_days():
    days = pd.date_range("2021-01-04", periods=3 * 364)
    y = pd.Series(np.tile(np.random.RandomState(0).normal(size=364), 3), days)
    text = said(y)
    assert "the last year (364 steps) has 0 times" in text
    assert text.endswith("calendar=['month', 'day_of_week'], or season=364.")


@pytest.mark.parametrize("freq", ["h", "D"])
@pytest.mark.parametrize("make", [np.cumsum, np.asarray])
def test_noise_and_random_walks_have_none(make, freq):
    values = make(np.random.RandomState(1).normal(size=1000))
    assert said(pd.Series(values, pd.date_range("2020-01-01", periods=1000, freq=freq))) is None


def test_several_series():
    y = weekends()
    text = said(pd.DataFrame({"a": y, "b": 5 * y[::-1].to_numpy()}, y.index))
    assert "repeating the last week (168 steps)" in text


@pytest.mark.parametrize("n_rows", [175, 200, 260, 340])
def test_a_few_rows_beyond_one_week_are_no_evidence(n_rows):
    t = pd.date_range("2024-01-01", periods=n_rows, freq="h")
    for seed in range(8):
        noise = np.random.RandomState(seed).normal(size=n_rows)
        assert said(pd.Series(20 + 3 * np.sin(np.arange(n_rows) * np.pi / 12) + noise, t)) is None


def test_values_before_a_series_begins_are_repeated_by_none():
    t = pd.date_range("2024-01-01", periods=1000, freq="h")
    for seed in range(4):
        noise = np.random.RandomState(seed).normal(size=(1000, 2))
        y = pd.DataFrame(10 + 3 * np.sin(np.arange(1000) * np.pi / 12)[:, None] + noise, t)
        y.iloc[:700, 1] = np.nan
        assert said(y, multivariate=True) is None


@pytest.mark.parametrize(
    ("calendar", "advice"),
    [
        ("day_of_week", "pass calendar=['month', 'day_of_week'], or season=364."),
        ("month", "pass season=364."),
        ("dayofyear", "pass season=364."),
    ],
)
def test_parts_that_tell_the_year(calendar, advice):
    days = pd.date_range("2021-01-04", periods=3 * 364)
    y = pd.Series(np.tile(np.random.RandomState(0).normal(size=364), 3), days)
    assert said(y, calendar=calendar).endswith(advice)


def test_what_is_missing_in_the_week_before_is_not_repeated():
    y = weekends(noise=0)
    y["2023-11-17 12:00":"2023-11-18 12:00"] = np.nan  # into a weekend, so that it is filled wrong
    assert "has 0 times the error" in said(y)


def test_forecasts_count_where_the_week_before_is_known():
    t = pd.date_range("2024-01-01", periods=900, freq="h")
    y = pd.Series(3 * np.sin(np.arange(900) * np.pi / 12), t) + np.random.RandomState(0).normal(
        size=900
    )
    assert said(y) is None
    y.iloc[-24:] += 1000  # which no forecast sees coming
    y.iloc[-24 - 168 : -168] = np.nan
    assert said(y) is None


def test_fewer_rows_have_all_phases_of_a_season():
    """Each 24th row would be at one hour of days."""
    rows = _origins(np.ones((2378, 1), bool), 1, 100, 24)
    assert len(np.unique(rows)) == 100
    counts = np.bincount(rows % 24, minlength=24)
    assert counts.min() >= 4
    assert counts.max() <= 5
