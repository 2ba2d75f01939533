"""The picture of a forecast: what was, what comes next, and how sure that is."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .._validation.counts import check_count
from .._validation.options import Auto
from .axes import add_legend, drawable, make_axes, set_time_axis
from .curves import Curve, Curves, curves_of, curves_of_panel, n_known, picked
from .style import colours, import_pyplot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

_MOST_SERIES = 9
_FEWEST_ROWS = 30  # of the history
_ROWS_PER_STEP = 4  # of the history, so that a fifth of the picture is the forecast
_MOST_OF_ALL = 2 / 3  # of the history: if so much of it is drawn, all is


class ForecastDisplay:
    """Plot of the forecasts of one or several series, after the last part of their history.

    Use `from_forecaster` or `from_predictions` to create one.

    Parameters
    ----------
    history : dict
        Labels and values of each series, as a pair of arrays (n,) by its id. The id of a single
        series is None.
    forecast : dict
        Labels and forecasts, in the same form.
    interval : dict or None, default=None
        Labels and intervals (n, 2), in the same form.
    truth : dict or None, default=None
        Labels and true values, in the same form.
    coverage : float or None, default=None
        Probability of the intervals, for the legend.
    name : str or None, default=None
        What the values are.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the first series.
    axes_ : list of matplotlib Axes
        Axes of each series.
    figure_ : matplotlib Figure
        Figure containing the curves.
    lines_ : list of matplotlib Line2D
        Of each series: the history, the truth if there is one, and the forecast. Truth and
        forecast begin at the last value of the history.
    bands_ : list of matplotlib PolyCollection
        The intervals of each series, if there are any.

    See Also
    --------
    BacktestDisplay : Forecasts of the past.

    Examples
    --------
    >>> from skrnn import ForecastDisplay, Forecaster
    >>> from skrnn.datasets import load_airline
    >>> y = load_airline(as_frame=True).series
    >>> forecaster = Forecaster().fit(y)
    >>> display = ForecastDisplay.from_forecaster(forecaster, 24)
    >>> len(display.lines_), len(display.bands_)
    (2, 1)
    """

    ax_: Axes
    axes_: list[Axes]
    bands_: list[PolyCollection]
    figure_: Figure | Any
    lines_: list[Line2D]

    def __init__(
        self,
        *,
        history: dict[Hashable, Curve],
        forecast: dict[Hashable, Curve],
        interval: dict[Hashable, Curve] | None = None,
        truth: dict[Hashable, Curve] | None = None,
        coverage: float | None = None,
        name: str | None = None,
    ):
        self.history = history
        self.forecast = forecast
        self.interval = interval
        self.truth = truth
        self.coverage = coverage
        self.name = name

    @classmethod
    def from_forecaster(
        cls,
        forecaster: Any,
        steps: Any,
        X: Any = None,
        *,
        y: Any = None,
        coverage: float | None = 0.9,
        n_history: int | Auto | None = "auto",
        series: Any = None,
        ax: Axes | Sequence[Axes] | np.ndarray | None = None,
        **kwargs: Any,
    ) -> Self:
        """Forecast the next values, and plot them.

        Parameters
        ----------
        forecaster : Forecaster or search
            Fitted forecaster, or a search over one.
        steps : int or label
            As in `Forecaster.predict`.
        X : array-like of shape (n_rows, n_covariates) or None, default=None
            As in `Forecaster.predict`.
        y : array-like, Series, DataFrame or None, default=None
            As in `Forecaster.predict`: another history to forecast after.
        coverage : float or None, default=0.9
            Probability that an interval holds its value. None: no intervals.
        n_history : int, "auto" or None, default="auto"
            Rows of the history to draw, the last ones. "auto": four times the forecast, but at
            least 30. None: all.
        series : id, list of ids or None, default=None
            The series to draw. None: all, but at most the first nine.
        ax : matplotlib Axes or sequence of these, default=None
            Axes to plot on, one for each series. None creates a figure.
        **kwargs : dict
            Passed to Matplotlib's `plot` for the forecasts.

        Returns
        -------
        display : ForecastDisplay
            The display, with its plot.

        Raises
        ------
        ValueError
            If there are too few residuals for intervals, if n_history is below 1, or as in
            `Forecaster.predict`.
        TypeError
            If n_history is no whole number, "auto" or None, or as in `Forecaster.predict`.
        """
        forecaster = getattr(forecaster, "best_estimator_", forecaster)
        forecast, interval = forecaster.predict(steps, X, y=y), None
        if coverage is not None:
            try:
                interval = forecaster.predict_interval(steps, X, coverage=coverage, y=y)
            except ValueError as error:
                raise ValueError(f"{error} Or use coverage=None, for no intervals.") from error
        if y is not None:
            history, name = curves_of(y), getattr(y, "name", None)
        else:
            panel = forecaster._fitted.context.panel
            history, name = curves_of_panel(panel), panel.container.name
        display = cls(**_curves_after(history, forecast, interval), coverage=coverage, name=name)
        return display.plot(ax, n_history=n_history, series=series, **kwargs)

    @classmethod
    def from_predictions(
        cls,
        y: Any,
        forecast: Any,
        *,
        interval: Any = None,
        truth: Any = None,
        coverage: float | None = None,
        n_history: int | Auto | None = "auto",
        series: Any = None,
        ax: Axes | Sequence[Axes] | np.ndarray | None = None,
        **kwargs: Any,
    ) -> Self:
        """Plot forecasts that were made, by whatever model.

        Parameters
        ----------
        y : array-like, Series or DataFrame
            The history, in a form that `Forecaster.fit` takes.
        forecast : array-like, Series or DataFrame
            The next values in the same form, as of `Forecaster.predict`. Those of an array follow
            the last value of y.
        interval : ndarray, DataFrame or None, default=None
            Lower and upper ends, in the form of `Forecaster.predict_interval`.
        truth : array-like, Series, DataFrame or None, default=None
            What the next values were, in the form of y.
        coverage : float or None, default=None
            Probability of the intervals, for the legend.
        n_history : int, "auto" or None, default="auto"
            Rows of the history to draw, the last ones. "auto": four times the forecast, but at
            least 30. None: all.
        series : id, list of ids or None, default=None
            The series to draw. None: all, but at most the first nine.
        ax : matplotlib Axes or sequence of these, default=None
            Axes to plot on, one for each series. None creates a figure.
        **kwargs : dict
            Passed to Matplotlib's `plot` for the forecasts.

        Returns
        -------
        display : ForecastDisplay
            The display, with its plot.

        Raises
        ------
        ValueError
            If y, forecast, interval and truth have different series, or if n_history is below 1.
        TypeError
            If n_history is no whole number, "auto" or None.
        """
        curves = _curves_after(curves_of(y), forecast, interval, truth)
        display = cls(**curves, coverage=coverage, name=getattr(y, "name", None))
        return display.plot(ax, n_history=n_history, series=series, **kwargs)

    def plot(
        self,
        ax: Axes | Sequence[Axes] | np.ndarray | None = None,
        *,
        n_history: int | Auto | None = "auto",
        series: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Plot the curves.

        Parameters
        ----------
        ax : matplotlib Axes or sequence of these, default=None
            Axes to plot on, one for each series. None creates a figure.
        n_history : int, "auto" or None, default="auto"
            Rows of the history to draw, the last ones. "auto": four times the forecast, but at
            least 30. None: all.
        series : id, list of ids or None, default=None
            The series to draw. None: all, but at most the first nine.
        **kwargs : dict
            Passed to Matplotlib's `plot` for the forecasts.

        Returns
        -------
        display : ForecastDisplay
            The object itself.

        Raises
        ------
        ValueError
            If n_history is below 1, or if series or ax don't fit what there is to draw.
        TypeError
            If n_history is no whole number, "auto" or None.
        """
        plt = import_pyplot(type(self).__name__)
        ids = picked(list(self.forecast), series, _MOST_SERIES)
        self.axes_ = make_axes(plt, ax, ids)
        self.ax_, self.figure_ = self.axes_[0], self.axes_[0].figure
        self.lines_ = []
        self.bands_ = []
        for own, id in zip(self.axes_, ids, strict=True):
            self._draw(own, id, n_history, colours(plt, 2), kwargs)
            if len(ids) > 1:
                own.set_title(str(id))
        if ax is None and len(ids) < len(self.forecast) and series is None:
            self.figure_.suptitle(f"{len(ids)} of {len(self.forecast)} series")
        add_legend(self.axes_, made=ax is None)
        return self

    def _draw(self, ax: Any, id: Hashable, n_history: Any, colors: list, kwargs: dict) -> None:
        known = self.history[id]
        n_rows = _n_rows(n_history, len(known.values), len(self.forecast[id].values))
        known = Curve(known.times[len(known.times) - n_rows :], known.values[-n_rows:])
        own, other = colors
        self.lines_ += ax.plot(drawable(known.times), known.values, color=own, label="observed")
        if self.truth is not None and id in self.truth:
            x, values = _joined(known, self.truth[id])
            self.lines_ += ax.plot(x, values, color=own, alpha=0.6, ls="--", label="truth")
        x, values = _joined(known, self.forecast[id])
        self.lines_ += ax.plot(x, values, **{"color": other, "label": "forecast", **kwargs})
        if self.interval is not None:
            x, values = _joined(known, self.interval[id])
            label = "interval" if self.coverage is None else f"{100 * self.coverage:g} % interval"
            band = {"color": self.lines_[-1].get_color(), "alpha": 0.25, "linewidth": 0}
            self.bands_.append(ax.fill_between(x, *values.T, label=label, **band))
        set_time_axis(ax, known.times)
        if self.name is not None:
            ax.set_ylabel(str(self.name))


def _curves_after(history: Curves, forecast: Any, interval: Any, truth: Any = None) -> dict:
    """All curves by name; those without an index begin after the last value of the history."""
    first, ids = n_known(history), list(history)
    curves = {
        "forecast": curves_of(forecast, first=first, ids=ids),
        "interval": None
        if interval is None
        else curves_of(interval, first=first, width=2, ids=ids),
        "truth": None if truth is None else curves_of(truth, first=first, ids=ids),
    }
    kind = drawable(history[ids[0]].times).dtype.kind
    for name, own in curves.items():
        for id, curve in () if own is None else own.items():
            if id not in history:
                raise ValueError(f"{name} has the series {id!r}, but y has {ids[:5]}.")
            if (kind == "M") != (drawable(curve.times).dtype.kind == "M"):
                raise ValueError(
                    f"{name} has labels such as {curve.times[0]}, but y has labels such as "
                    f"{history[id].times[0]}: pass both with an index, or both as arrays."
                )
    interval = curves["interval"]
    for id in curves["forecast"] or ():
        if interval is not None and id not in interval:
            raise ValueError(f"interval has no series {id!r}, but forecast has.")
    return {"history": history, **curves}


def _n_rows(n_history: Any, n_rows: int, n_steps: int) -> int:
    """Rows of the history to draw."""
    if n_history is None:
        return n_rows
    if n_history == "auto":
        wanted = max(_FEWEST_ROWS, _ROWS_PER_STEP * n_steps)
        return n_rows if wanted > _MOST_OF_ALL * n_rows else wanted
    fix = "pass a number of rows, 'auto' or None"
    return min(check_count(n_history, "n_history", fix=fix), n_rows)


def _joined(known: Curve, curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    """What Matplotlib draws of a curve that begins at the last value of the history."""
    x, values = drawable(curve.times), curve.values
    rows = np.flatnonzero(~np.isnan(known.values))
    if not len(rows):
        return x, values
    last = np.broadcast_to(known.values[rows[-1]], (1, *values.shape[1:]))
    return np.concatenate([drawable(known.times)[rows[-1:]], x]), np.concatenate([last, values])
