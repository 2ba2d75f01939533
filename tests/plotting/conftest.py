"""Series in every form that forecasts have."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from skrnn import Forecaster


def _values(n=96, seed=0):
    noise = np.random.RandomState(seed).normal(size=n)
    return 50 + 10 * np.sin(2 * np.pi * np.arange(n) / 12) + noise


def _of_ids():
    index = pd.date_range("2010-01", periods=96, freq="MS", name="month")
    parts = {f"shop {k}": pd.Series(_values(seed=k), index) for k in range(3)}
    return pd.concat(parts, names=["shop"]).rename("sales")


def _polars():
    pl = pytest.importorskip("polars")
    return pl.DataFrame({"a": _values(), "b": _values(seed=1)})


FORMS = {
    "array": _values,
    "array with columns": lambda: np.column_stack([_values(), _values(seed=1)]),
    "months": lambda: pd.Series(
        _values(), pd.date_range("2010-01", periods=96, freq="MS", name="month"), name="sales"
    ),
    "periods": lambda: pd.Series(_values(), pd.period_range("2010-01", periods=96, freq="M")),
    "integers": lambda: pd.Series(_values(), pd.RangeIndex(1900, 1996, name="year")),
    "hours of a zone": lambda: pd.Series(
        _values(), pd.date_range("2024-03-30", periods=96, freq="h", tz="Europe/Berlin")
    ),
    "time differences": lambda: pd.Series(
        _values(), pd.timedelta_range("0h", periods=96, freq="30min")
    ),
    "trading days": lambda: pd.Series(
        _values(), pd.bdate_range("2020-01-01", periods=98).delete([20, 41])
    ),
    "columns": lambda: pd.DataFrame(
        {"a": _values(), "b": _values(seed=1)}, pd.date_range("2020", periods=96, freq="D")
    ),
    "ids": _of_ids,
    "polars": _polars,
}


@pytest.fixture
def series():
    """A series of months."""
    return FORMS["months"]()


@pytest.fixture
def panel():
    """Three series with an (id, time) index."""
    return FORMS["ids"]()


@pytest.fixture
def forecaster():
    """A forecaster that is fitted at once."""
    return Forecaster(Ridge(), window=12)


@pytest.fixture(params=FORMS)
def any_form(request):
    """A series in each form in turn."""
    return FORMS[request.param]()
