"""Pictures of fitted networks, drawn with Matplotlib (``pip install "skrnn[plot]"``)."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

_LOG_FROM = 20  # times that the loss falls from which a linear axis would show but its start


class LossCurveDisplay:
    """Loss of each pass over the data, in training and on the validation set.

    Use `from_estimator` to make one.

    Parameters
    ----------
    loss_curve : array-like of shape (n_iter,)
        Loss in training, with the penalty.
    validation_loss_curve : array-like of shape (n_iter,) or None, default=None
        Loss of the samples that early stopping held out.
    estimator_name : str or None, default=None
        What stands in the title.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the curves.
    figure_ : matplotlib Figure
        Figure containing the curves.
    lines_ : list of matplotlib Line2D
        The curve of training, and that of validation if there is one.
    best_ : matplotlib Line2D or None
        Where the validation loss was lowest: the weights that were kept.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import LossCurveDisplay, RNNRegressor, sliding_windows
    >>> X, y = sliding_windows(np.sin(np.arange(200)), length=20)
    >>> model = RNNRegressor(early_stopping=True, max_iter=30, random_state=0).fit(X, y)
    >>> LossCurveDisplay.from_estimator(model).ax_.get_xlabel()
    'Epoch'
    """

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
        estimator: Any,
        *,
        ax: Any = None,
        name: str | None = None,
        log_scale: bool | str = "auto",
        **kwargs: Any,
    ) -> "LossCurveDisplay":
        """Draw the loss curves of a fitted estimator.

        Parameters
        ----------
        estimator : RNNRegressor, Pipeline or search
            Fitted estimator; a pipeline with one as its last step; or a search over either.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.
        name : str or None, default=None
            Title; the estimator's class if None.
        log_scale : bool or "auto", default="auto"
            Whether the losses are on a logarithmic axis; "auto": if they fall far.
        **kwargs : dict
            Passed to Matplotlib's `plot` for both curves.

        Returns
        -------
        display : LossCurveDisplay
            The picture.
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
        self, ax: Any = None, *, log_scale: bool | str = "auto", **kwargs: Any
    ) -> "LossCurveDisplay":
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.
        log_scale : bool or "auto", default="auto"
            Whether the losses are on a logarithmic axis; "auto": if they fall far.
        **kwargs : dict
            Passed to Matplotlib's `plot` for both curves.

        Returns
        -------
        display : LossCurveDisplay
            The object itself.
        """
        try:
            import matplotlib.pyplot as plt
        except ImportError as error:
            raise ImportError(
                'LossCurveDisplay needs Matplotlib: pip install "skrnn[plot]".'
            ) from error
        if ax is None:
            _, ax = plt.subplots()
        curves = {"training": self.loss_curve}
        if self.validation_loss_curve is not None:
            curves["validation"] = self.validation_loss_curve
        self.ax_, self.figure_, self.lines_, self.best_ = ax, ax.figure, [], None
        for label, curve in curves.items():
            epochs = np.arange(1, len(curve) + 1)
            self.lines_ += ax.plot(epochs, curve, **{"label": label, **kwargs})
        if "validation" in curves:
            best = int(np.nanargmin(curves["validation"])) + 1
            self.best_ = ax.axvline(best, color="gray", linestyle=":", label="weights kept")
        values = np.concatenate([np.asarray(curve, float) for curve in curves.values()])
        if log_scale == "auto":
            lowest, highest = np.nanmin(values), np.nanmax(values)
            log_scale = bool(lowest > 0 and highest > _LOG_FROM * lowest)
        if log_scale:
            ax.set_yscale("log")
        ax.set(xlabel="Epoch", ylabel="Loss", title=self.estimator_name)
        ax.legend()
        return self
