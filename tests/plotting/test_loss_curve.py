"""LossCurveDisplay: the picture of the loss curves."""

import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.preprocessing import MinMaxScaler

from skrnn import LossCurveDisplay, RNNRegressor
from tests.helpers.fits import series_pipe


@pytest.fixture
def fitted(data):
    model = RNNRegressor(
        3, alpha=1.0, solver="adam", early_stopping=True, max_iter=10, random_state=0
    )
    return model.fit(*data)


def test_display_draws_both_curves(fitted, pyplot):
    display = LossCurveDisplay.from_estimator(fitted)
    training, validation = display.lines_
    np.testing.assert_array_equal(training.get_xdata(), np.arange(1, 11))
    np.testing.assert_array_equal(training.get_ydata(), fitted.loss_curve_)
    np.testing.assert_array_equal(validation.get_ydata(), fitted.validation_loss_curve_)
    assert display.best_.get_xdata()[0] == np.argmin(fitted.validation_loss_curve_) + 1
    labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert labels == ["training", "validation", "weights kept"]
    assert display.figure_ is display.ax_.figure
    assert display.ax_.get_ylabel() == "Loss"


def test_display_of_pipelines_and_searches(rng, pyplot):
    pipe, X, y = series_pipe(rng)
    search = GridSearchCV(pipe, {"rnnregressor__hidden_size": [1, 2]}, cv=TimeSeriesSplit(2))
    for estimator in (pipe.fit(X, y), search.fit(X, y)):
        _, ax = pyplot.subplots()
        display = LossCurveDisplay.from_estimator(estimator, ax=ax, name="mine", color="red")
        assert display.ax_ is ax
        assert ax.get_title() == "mine"
        assert len(display.lines_) == 1
        assert display.lines_[0].get_color() == "red"
        assert display.best_ is None


def test_display_takes_a_logarithmic_axis_where_the_loss_falls_far(pyplot):
    for curve, options, scale in [
        ([1.0, 0.9], {}, "linear"),
        ([1.0, 0.001], {}, "log"),
        ([1.0, 0.001], {"log_scale": False}, "linear"),
        ([1.0, 0.0], {}, "linear"),
        ([1.0, 0.9], {"log_scale": True}, "log"),
    ]:
        display = LossCurveDisplay(loss_curve=curve).plot(**options)
        assert display.ax_.get_yscale() == scale


def test_display_refuses_what_has_no_curve(fitted, monkeypatch):
    with pytest.raises(ValueError, match="MinMaxScaler has no loss_curve_ to draw"):
        LossCurveDisplay.from_estimator(MinMaxScaler().fit([[0], [1]]))
    with pytest.raises(ValueError, match="not fitted"):
        LossCurveDisplay.from_estimator(clone(fitted))
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r'pip install "skrnn\[plot\]"'):
        LossCurveDisplay.from_estimator(fitted)
