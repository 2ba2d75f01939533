"""The methods of a forecaster that measure it, and show what its regressor sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import TimeSeriesSplit, check_cv
from sklearn.utils.validation import check_is_fitted

from .._panels.reading import read_panel
from .._sklearn.decorators import with_callbacks
from .._sklearn.fitted_copy import of_one_fit
from .._sklearn.tasks import PartTasks
from .._validation.counts import check_count
from .advice import warn_of_swapped
from .backtest import check_n_jobs, run_backtest
from .context import Context
from .covariate_rows import tables_of_history
from .forecasts import ForecastMixin
from .splits import splits_of
from .window_regressor import as_table

if TYPE_CHECKING:
    import pandas as pd


class EvaluationMixin(ForecastMixin):
    """Scores, backtests, and training windows."""

    @of_one_fit
    def score(self, y: Any, X: Any = None) -> float:
        """Minus the mean absolute scaled error (MASE) of forecasting y.

        Parameters
        ----------
        y : array-like, Series or DataFrame
            Values that follow those of `fit`, in the same form. Labels between the end and the
            first of them are forecast over. The fitted values themselves, whose score searches
            ask for by ``return_train_score=True``, are forecast one step ahead.
        X : array-like of shape (n_rows, n_covariates) or None, default=None
            Covariates from the end of the fitted values to that of y, if `fit` had some.

        Returns
        -------
        score : float
            Minus the mean absolute error, divided by that of the seasonal naive forecast inside
            the fitted values [1]_; with several series, the mean of theirs. -1 is what the
            seasonal naive forecast has one season ahead; 0 is perfect. For many steps without a
            season, an error above 1 is normal: its unit is the mean change over one step.

        Raises
        ------
        ValueError
            If the labels of y aren't after the end, or X is malformed.
        NotFittedError
            Before `fit`.

        References
        ----------
        .. [1] Hyndman, R. J., & Koehler, A. B. (2006). Another look at measures of forecast
           accuracy. International Journal of Forecasting, 22, 679-688.
        """
        check_is_fitted(self)
        fitted = self._fitted
        if self._is_fitted_on(y):
            values = [own.values for own in fitted.context.panel.series]
            return -fitted.mase(values, fitted.one_step_ahead(fitted.context))
        followed = self._followed(y, X)
        n_steps = [
            own.end - before.end
            for own, before in zip(followed.panel.series, fitted.context.panel.series, strict=True)
        ]
        context = Context(fitted.context.panel, followed.tables)
        n_ahead = [max(n, 1) for n in n_steps]
        forecasts = fitted.forecasts(context, n_ahead)
        truths = [
            np.append(own.values[len(own.values) - n :], np.nan if n == 0 else [])
            for own, n in zip(followed.panel.series, n_steps, strict=True)
        ]
        return -fitted.mase(truths, forecasts)

    def _is_fitted_on(self, y: Any) -> bool:
        """Whether these are the labels and values of the fit; rows of an array are later ones."""
        own = self._fitted.context.panel
        if own.index is None:
            return False
        given = read_panel(y, clocks=own.clocks, partial=True)
        return own.ids == given.ids and all(
            one.start == other.start and np.array_equal(one.values, other.values, equal_nan=True)
            for one, other in zip(own.series, given.series, strict=True)
        )

    @with_callbacks
    def backtest(
        self,
        y: Any,
        X: Any = None,
        *,
        cv: Any = None,
        refit: bool | int = True,
        n_jobs: int | None = None,
    ) -> pd.DataFrame:
        """Forecast parts of y from the rows before each, as if time had stopped there.

        The forecaster itself doesn't change, and needn't be fitted.

        Parameters
        ----------
        y : array-like, Series or DataFrame
            Series in a form that `fit` takes.
        X : array-like of shape (n_rows, n_covariates) or None, default=None
            Covariates of all rows.
        cv : cross-validation splitter or None, default=None
            Splits the times of y, which all series share, into rows to fit on and rows to
            forecast. ``TimeSeriesSplit(5, test_size=30)`` makes five forecasts of 30 steps. None:
            ``TimeSeriesSplit(5)``, whose folds are a sixth of y. A list of pairs of rows, as
            numbers or as masks, is taken, too.
        refit : bool or int, default=True
            Whether to fit anew in each fold, or in each k-th fold. Other folds forecast after the
            rows before them by what was learned last.
        n_jobs : int or None, default=None
            Number of fits that run at once, each with the folds that it forecasts, in processes
            or wherever :func:`joblib.parallel_config` says, such as on a cluster. None means one,
            unless `parallel_config` says otherwise; -1 means all processors. The forecasts of a
            network don't depend on it.

        Returns
        -------
        folds : DataFrame
            A row for each value that was forecast. A series with too few rows before a fold is left
            out there, with a warning. The columns are "series", "fold", "step", "time", "truth",
            "forecast", "naive" (the last value) and "seasonal_naive" (the last season).
            ``folds.attrs["summary"]`` is a dict with the mean absolute error "MAE", the "RMSE", the
            "MASE" as in `score`, and the "skill": 1 - MAE / MAE of the better of both naive
            forecasts. With several series, their errors count in units of each one's scale, by the
            season of all rows. By ``season="auto"``, the first folds may be too short for it: the
            MASE and the seasonal naive forecasts of each fold have the season that its fit found.

        Raises
        ------
        ValueError
            If cv has rows to forecast before the last row to fit on, or an empty part, if refit
            is a number below 1, if n_jobs is 0, or as in `fit`.
        TypeError
            If refit or n_jobs is no whole number, or as in `fit`.
        ImportError
            Without pandas.
        """
        parameters: Any = clone(self)
        parameters.set_params(calibration=0)._validate_params()
        if not isinstance(refit, bool | np.bool_):
            fix = "pass True, False or a number of folds, such as 2 to fit anew in each second one"
            check_count(refit, "refit", fix=fix)
        check_n_jobs(n_jobs)
        warn_of_swapped(y, X)
        panel = read_panel(y)
        tables = None if X is None else tables_of_history(X, panel)
        cv = check_cv(TimeSeriesSplit(5) if cv is None else cv)
        splits = splits_of(cv, len(panel.times()))
        n_fits = len(range(0, len(splits), int(refit))) if refit else 1
        data = {"X": X, "y": y}
        tasks = PartTasks(self, n_parts=n_fits, data=data, name="backtest", in_order=False)
        folds = run_backtest(parameters, Context(panel, tables), splits, refit, n_jobs, tasks)
        tasks.end()
        return folds

    @of_one_fit
    def training_windows(self, y: Any, X: Any = None) -> tuple[Any, np.ndarray]:
        """The windows that the regressor sees, and their targets.

        They show what the network reads, as to `sklearn.inspection.permutation_importance`
        together with ``regressor_``.

        Parameters
        ----------
        y : array-like, Series or DataFrame
            Series in the form that `fit` had.
        X : array-like of shape (n_rows, n_covariates) or None, default=None
            Covariates of these rows, if `fit` had some.

        Returns
        -------
        X : DataFrame or ndarray of shape (n_windows, n_columns)
            A window in each row, oldest step first: ``y_lag1, y_lag0``. Covariates of the step
            that is predicted are called ``promo_ahead1_lag0``. Static covariates come last. It is
            an array if pandas isn't installed.
        y : ndarray of shape (n_windows,) or (n_windows, n_outputs)
            The next value, or the next ones, on the same scale: of logarithms, less the season
            and the mean of the window, and so on.

        Raises
        ------
        NotFittedError
            Before `fit`.
        """
        check_is_fitted(self)
        fitted = self._fitted
        self._check_covariates(X)
        panel = self._panel_like_fitted(y)
        tables = None if X is None else tables_of_history(X, panel, fitted.names)
        groups = Context(panel, tables).groups(fitted.multivariate)
        histories = fitted.model.histories(groups)
        windows = fitted.model.windows(histories)
        target = windows.y[:, 0] if windows.y.shape[1] == 1 else windows.y
        return as_table(windows.flat(), fitted.model.names(histories[0])), target
