"""The picture of a backtest: what was forecast in the past, and what came."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .axes import add_legend, drawable, make_axes, set_time_axis
from .curves import picked
from .style import colours, import_pyplot, muted

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

_MOST_SERIES = 9
_NAIVE = {"naive": "last value", "seasonal_naive": "last season"}


class BacktestDisplay:
    """Plot of the forecasts of a backtest, fold by fold, with the true values.

    The dashed line is the better of the two naive forecasts: the last value, or the last season.
    The truth is broken where steps are missing.
    Use `from_backtest` or `from_forecaster` to create one.

    Parameters
    ----------
    folds : DataFrame
        Frame of `Forecaster.backtest`.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the first series.
    axes_ : list of matplotlib Axes
        Axes of each series.
    figure_ : matplotlib Figure
        Figure containing the curves.
    lines_ : list of matplotlib Line2D
        Of each series: the truth, then the forecast and the naive forecast of each fold. Folds of
        one step are one line.

    See Also
    --------
    ForecastDisplay : Forecasts of the next values.

    Examples
    --------
    >>> from sklearn.model_selection import TimeSeriesSplit
    >>> from skrnn import BacktestDisplay, Forecaster
    >>> from skrnn.datasets import load_airline
    >>> y = load_airline(as_frame=True).series
    >>> cv = TimeSeriesSplit(3, test_size=12)
    >>> display = BacktestDisplay.from_forecaster(Forecaster(), y, cv=cv, refit=False)
    >>> len(display.lines_)  # the truth, and two of each fold
    7
    """

    ax_: Axes
    axes_: list[Axes]
    figure_: Figure | Any
    lines_: list[Line2D]

    def __init__(self, *, folds: pd.DataFrame):
        self.folds = folds

    @classmethod
    def from_forecaster(
        cls,
        forecaster: Any,
        y: Any,
        X: Any = None,
        *,
        cv: Any = None,
        refit: bool | int = True,
        series: Any = None,
        ax: Axes | Sequence[Axes] | np.ndarray | None = None,
        **kwargs: Any,
    ) -> Self:
        """Make a backtest, and plot it.

        Parameters
        ----------
        forecaster : Forecaster or search
            Forecaster, which needn't be fitted, or a fitted search over one.
        y : array-like, Series or DataFrame
            As in `Forecaster.backtest`.
        X : array-like of shape (n_rows, n_covariates) or None, default=None
            As in `Forecaster.backtest`.
        cv : cross-validation splitter or None, default=None
            As in `Forecaster.backtest`.
        refit : bool or int, default=True
            As in `Forecaster.backtest`.
        series : id, list of ids or None, default=None
            The series to draw. None: all, but at most the first nine.
        ax : matplotlib Axes or sequence of these, default=None
            Axes to plot on, one for each series. None creates a figure.
        **kwargs : dict
            Passed to Matplotlib's `plot` for the forecasts.

        Returns
        -------
        display : BacktestDisplay
            The display, with its plot.
        """
        forecaster = getattr(forecaster, "best_estimator_", forecaster)
        folds = forecaster.backtest(y, X, cv=cv, refit=refit)
        return cls.from_backtest(folds, series=series, ax=ax, **kwargs)

    @classmethod
    def from_backtest(
        cls,
        folds: pd.DataFrame,
        *,
        series: Any = None,
        ax: Axes | Sequence[Axes] | np.ndarray | None = None,
        **kwargs: Any,
    ) -> Self:
        """Plot a backtest that was made.

        Parameters
        ----------
        folds : DataFrame
            Frame of `Forecaster.backtest`. The summary in its attributes becomes the title.
        series : id, list of ids or None, default=None
            The series to draw. None: all, but at most the first nine.
        ax : matplotlib Axes or sequence of these, default=None
            Axes to plot on, one for each series. None creates a figure.
        **kwargs : dict
            Passed to Matplotlib's `plot` for the forecasts.

        Returns
        -------
        display : BacktestDisplay
            The display, with its plot.

        Raises
        ------
        ValueError
            If the frame has other columns than that of `Forecaster.backtest`.
        """
        needed = ["series", "fold", "step", "time", "truth", "forecast", "naive", "seasonal_naive"]
        missing = [name for name in needed if name not in getattr(folds, "columns", ())]
        if missing or not len(folds):
            what = f"misses the columns {missing}" if missing else "is empty"
            raise ValueError(f"folds {what}: pass the frame that Forecaster.backtest returns.")
        return cls(folds=folds).plot(ax, series=series, **kwargs)

    def plot(
        self,
        ax: Axes | Sequence[Axes] | np.ndarray | None = None,
        *,
        series: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Plot the curves.

        Parameters
        ----------
        ax : matplotlib Axes or sequence of these, default=None
            Axes to plot on, one for each series. None creates a figure.
        series : id, list of ids or None, default=None
            The series to draw. None: all, but at most the first nine.
        **kwargs : dict
            Passed to Matplotlib's `plot` for the forecasts.

        Returns
        -------
        display : BacktestDisplay
            The object itself.
        """
        plt = import_pyplot(type(self).__name__)
        every = list(self.folds["series"].unique())
        ids = picked(every, series, _MOST_SERIES)
        self.axes_ = make_axes(plt, ax, ids)
        self.ax_, self.figure_ = self.axes_[0], self.axes_[0].figure
        self.lines_ = []
        naive = self._better_naive(ids)
        for own, id in zip(self.axes_, ids, strict=True):
            self._draw(own, id, naive, [*colours(plt, 2), muted(plt)], kwargs)
        title = self._summary()
        if len(every) == 1:
            self.ax_.set_title(title)
            self.ax_.set_ylabel(str(ids[0]))
        else:
            for own, id in zip(self.axes_, ids, strict=True):
                own.set_title(str(id))
            if ax is None:
                some = f"{len(ids)} of {len(every)} series; " if len(ids) < len(every) else ""
                self.figure_.suptitle(f"{some}all: {title}" if some and title else some + title)
        add_legend(self.axes_, made=ax is None)
        return self

    def _draw(self, ax: Any, id: Hashable, naive: str, colors: list, kwargs: dict) -> None:
        import pandas as pd

        rows = self.folds[self.folds["series"] == id].sort_values(["fold", "time"])
        truth = rows.drop_duplicates("time").sort_values("time")
        times = pd.Index(truth["time"])
        line, other, third = colors
        x, values = _broken(truth, rows)
        self.lines_ += ax.plot(x, values, color=line, label="observed")
        thin = {"color": third, "linewidth": 1, "ls": "--", "label": _NAIVE[naive]}
        own = {"color": other, "zorder": 2.1, "label": "forecast", **kwargs}
        parts = [part for _, part in rows.groupby("fold")]
        if all(len(part) == 1 for part in parts):
            parts = [rows]
        for i, part in enumerate(parts):
            x = drawable(pd.Index(part["time"]))
            self.lines_ += ax.plot(x, part["forecast"], **own)
            self.lines_ += ax.plot(x, part[naive], **thin)
            own["label"] = thin["label"] = None  # once in the legend
            if i:
                ax.axvline(x[0], color=line, alpha=0.3, linewidth=0.8, linestyle=":")
        set_time_axis(ax, times)

    def _better_naive(self, ids: list) -> str:
        """The naive forecast with the lower errors, where each series counts alike."""
        rows = self.folds[self.folds["series"].isin(ids)]
        misses = rows[list(_NAIVE)].sub(rows["truth"], axis=0).abs()
        by_series = misses.groupby(rows["series"].to_numpy()).mean()
        shares = by_series.div(by_series.sum(axis=1), axis=0).mean()
        return "seasonal_naive" if shares["seasonal_naive"] < shares["naive"] else "naive"

    def _summary(self) -> str:
        """Errors of all series, in words."""
        summary = self.folds.attrs.get("summary", {})
        parts = [f"{name} {summary[name]:.2f}" for name in ("skill", "MASE") if name in summary]
        return ", ".join(parts)


def _broken(truth: pd.DataFrame, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """What Matplotlib draws of the true values: times, and values with NaN where steps are missing.

    ``rows`` are those of all folds, in the order of folds and times.
    """
    import pandas as pd

    fold, step, time = (rows[name].to_numpy() for name in ("fold", "step", "time"))
    complete = np.isin(fold[:-1], _followed(rows))
    follows = np.where(np.diff(fold) == 0, np.diff(step) == 1, complete)
    joined = set(zip(time[:-1][follows], time[1:][follows], strict=True))
    times = truth["time"].to_numpy()
    after = 1 + np.flatnonzero([pair not in joined for pair in pairwise(times)])
    x = drawable(pd.Index(truth["time"]))
    return np.insert(x, after, x[after]), np.insert(truth["truth"].to_numpy(), after, np.nan)


def _followed(rows: pd.DataFrame) -> list[int]:
    """The folds without a missing step between their last value and the first of the next one.

    Steps are counted from the last value before a fold, so they begin later after a missing end.
    """
    steps = rows.groupby("fold")["step"].agg(["min", "max"])
    usual_first = int(steps["min"].mode()[0])
    usual_length = int((steps["max"] - steps["min"]).mode()[0])
    found, before, missing = [], None, 0
    for fold, first, last in steps.itertuples():
        if before is None or fold > before + 1:
            missing = first - usual_first
        elif not missing and first == usual_first:
            found.append(before)
        start = usual_first + missing
        before, missing = fold, start + usual_length - last
    return found
