"""The picture of the loss of each epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from .._validation.options import Auto
from .style import import_pyplot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

_LOG_FROM = 20  # ratio of the highest loss to the lowest from which the axis is logarithmic


class LossCurveDisplay:
    """Plot of the training loss and the validation loss of each epoch.

    Use `from_estimator` to create one.

    Parameters
    ----------
    loss_curve : array-like of shape (n_iter,)
        Training loss of each epoch, with the penalty.
    validation_loss_curve : array-like of shape (n_iter,) or None, default=None
        Validation loss of each epoch, with early stopping.
    estimator_name : str or None, default=None
        Title of the plot.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the curves.
    figure_ : matplotlib Figure
        Figure containing the curves.
    lines_ : list of matplotlib Line2D
        The training curve and, if there is one, the validation curve.
    best_ : matplotlib Line2D or None
        Line at the epoch with the lowest validation loss, whose weights were kept.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import LossCurveDisplay, RNNRegressor, sliding_windows
    >>> X, y = sliding_windows(np.sin(np.arange(200)), length=20)
    >>> model = RNNRegressor(early_stopping=True, max_iter=30, random_state=0).fit(X, y)
    >>> LossCurveDisplay.from_estimator(model).ax_.get_xlabel()
    'Epoch'
    """

    ax_: Axes
    best_: Line2D | None
    figure_: Figure | Any
    lines_: list[Line2D]

    def __init__(
        self,
        *,
        loss_curve: ArrayLike,
        validation_loss_curve: ArrayLike | None = None,
        estimator_name: str | None = None,
    ):
        self.loss_curve = loss_curve
        self.validation_loss_curve = validation_loss_curve
        self.estimator_name = estimator_name

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        *,
        ax: Axes | None = None,
        name: str | None = None,
        log_scale: bool | Auto = "auto",
        **kwargs: Any,
    ) -> Self:
        """Plot the loss curves of a fitted estimator.

        Parameters
        ----------
        estimator : RNNRegressor, Pipeline or search
            Fitted estimator, a pipeline that ends in one, or a search over either.
        ax : matplotlib Axes, default=None
            Axes to plot on. None creates a figure.
        name : str or None, default=None
            Title of the plot. None: the name of the estimator's class.
        log_scale : bool or "auto", default="auto"
            Whether the loss axis is logarithmic. "auto": if the highest loss is more than 20
            times the lowest, and all are positive.
        **kwargs : dict
            Passed to Matplotlib's `plot` for both curves.

        Returns
        -------
        display : LossCurveDisplay
            The display, with its plot.
        """
        fitted = getattr(estimator, "best_estimator_", estimator)
        fitted = fitted[-1] if hasattr(fitted, "steps") else fitted
        check_is_fitted(fitted)
        if not getattr(fitted, "loss_curve_", None):
            raise ValueError(
                f"{type(fitted).__name__} has no loss_curve_ to draw: pass a fitted network, "
                "or a pipeline or search that ends in one."
            )
        display = cls(
            loss_curve=fitted.loss_curve_,
            validation_loss_curve=fitted.validation_loss_curve_,
            estimator_name=name or type(fitted).__name__,
        )
        return display.plot(ax=ax, log_scale=log_scale, **kwargs)

    def plot(
        self, ax: Axes | None = None, *, log_scale: bool | Auto = "auto", **kwargs: Any
    ) -> Self:
        """Plot the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to plot on. None creates a figure.
        log_scale : bool or "auto", default="auto"
            Whether the loss axis is logarithmic. "auto": if the highest loss is more than 20
            times the lowest, and all are positive.
        **kwargs : dict
            Passed to Matplotlib's `plot` for both curves.

        Returns
        -------
        display : LossCurveDisplay
            The object itself.
        """
        plt = import_pyplot(type(self).__name__)
        if ax is None:
            _, ax = plt.subplots()
        curves = {"training": np.asarray(self.loss_curve, float)}
        if self.validation_loss_curve is not None:
            curves["validation"] = np.asarray(self.validation_loss_curve, float)
        self.ax_, self.figure_, self.best_ = ax, ax.figure, None
        self.lines_ = []
        for label, curve in curves.items():
            epochs = np.arange(1, len(curve) + 1)
            self.lines_ += ax.plot(epochs, curve, **{"label": label, **kwargs})
        if "validation" in curves:
            best = int(np.nanargmin(curves["validation"])) + 1
            self.best_ = ax.axvline(best, color="gray", linestyle=":", label="weights kept")
        values = np.concatenate(list(curves.values()))
        if log_scale == "auto":
            lowest, highest = np.nanmin(values), np.nanmax(values)
            log_scale = bool(lowest > 0 and highest > _LOG_FROM * lowest)
        if log_scale:
            ax.set_yscale("log")
        ax.set(xlabel="Epoch", ylabel="Loss", title=self.estimator_name)
        ax.legend()
        return self
