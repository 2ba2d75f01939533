"""The methods of a forecaster that forecast."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from numbers import Real
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._panels.appending import appended
from .._panels.panel import Panel
from .._panels.reading import read_panel
from .._sklearn.decorators import with_callbacks
from .._sklearn.fitted_copy import fitted_copy, of_one_fit
from .._sklearn.tasks import PartTasks
from .context import Context
from .covariate_rows import tables_after, tables_of_later, tables_with_history
from .fitted import Fitted
from .fitting import check_rows, fit_on


class ForecastMixin:
    """Forecasts, their intervals, and new rows."""

    _fitted: Fitted
    calibration: float

    @abstractmethod
    def _install(self, fitted: Fitted) -> None:
        """Make the forecaster one that was fitted."""

    @abstractmethod
    def _own_regressor(self) -> Any:
        """The regressor to fit a clone of."""

    @of_one_fit
    def predict(self, steps: Any, X: Any = None, *, y: Any = None) -> Any:
        """Forecast the next values.

        Parameters
        ----------
        steps : int or label
            Number of steps after the last value, or the label of the last step, such as
            ``"2024-12"``.
        X : array-like of shape (n_rows, n_covariates) or None, default=None
            Covariates of these steps, if `fit` had some. With an index, rows of other labels
            don't count. Rows of an array are the next steps. Without y, those that are all constant
            in each series, by `static_features`, go on by themselves.
        y : array-like, Series, DataFrame or None, default=None
            Another history to forecast after, in a form that `fit` takes, by what `fit` has
            learned. X then has covariates of its rows as well. Series with ids that `fit` hasn't
            seen get a scale and a season of their own. None: what was fitted, and what `update`
            has appended.

        Returns
        -------
        forecast : ndarray, Series or DataFrame
            The form of y, with the next labels. A series that ends before others, in another
            column, is forecast from its own last value on.

        Raises
        ------
        ValueError
            If steps isn't after the end, or X or y are malformed, or don't go together.
        NotFittedError
            Before `fit`.
        """
        context, n_steps = self._context(steps, X, y)
        return context.panel.wrap(self._fitted.forecasts(context, n_steps))

    @of_one_fit
    def predict_interval(
        self, steps: Any, X: Any = None, *, coverage: float = 0.9, y: Any = None
    ) -> Any:
        """Forecast intervals that hold the next values with a given probability.

        Parameters
        ----------
        steps : int or label
            As in `predict`.
        X : array-like of shape (n_rows, n_covariates) or None, default=None
            As in `predict`.
        coverage : float, default=0.9
            Probability that an interval holds its value, for each step alone.
        y : array-like, Series, DataFrame or None, default=None
            As in `predict`.

        Returns
        -------
        intervals : ndarray or DataFrame
            Columns "lower" and "upper". An array has the shape (steps, 2) or, for several columns
            of y, (steps, n_series, 2).

        Raises
        ------
        ValueError
            If coverage isn't between 0 and 1, if there are too few residuals for so many steps or
            so high a coverage, or as in `predict`.

        Notes
        -----
        The interval at step k is the forecast ± the ``ceil((n + 1) * coverage)``-th smallest of
        the n absolute residuals k steps ahead, or that of an earlier step, if larger. Residuals are
        those of a copy that was fitted on the first part of y, from every later origin (split
        conformal prediction). They are taken where logarithms have been and seasons haven't, so
        that intervals of a logarithm stay positive.
        """
        _check_fraction(coverage, "coverage")
        return self._spread(steps, X, y, [-coverage, coverage], ["lower", "upper"])

    @of_one_fit
    def predict_quantiles(
        self,
        steps: Any,
        X: Any = None,
        *,
        quantiles: Sequence[float] = (0.1, 0.5, 0.9),
        y: Any = None,
    ) -> Any:
        """Forecast quantiles of the next values.

        Parameters
        ----------
        steps : int or label
            As in `predict`.
        X : array-like of shape (n_rows, n_covariates) or None, default=None
            As in `predict`.
        quantiles : sequence of float, default=(0.1, 0.5, 0.9)
            Probabilities that a value is below.
        y : array-like, Series, DataFrame or None, default=None
            As in `predict`.

        Returns
        -------
        quantiles : ndarray or DataFrame
            A column for each quantile, named by it. 0.05 and 0.95 are the ends of the interval
            with ``coverage=0.9``, and 0.5 is the forecast.

        Raises
        ------
        ValueError
            If a quantile isn't between 0 and 1, or as in `predict_interval`.
        """
        own: list[Any] = list(np.atleast_1d(np.asarray(quantiles, object)))
        if not own:
            raise ValueError("quantiles is empty: pass probabilities, such as [0.1, 0.5, 0.9].")
        for quantile in own:
            _check_fraction(quantile, "quantiles")
        return self._spread(steps, X, y, [round(2 * q - 1, 12) for q in own], own)

    @of_one_fit
    def predict_insample(self) -> Any:
        """Forecast each value of y from those before it, one step ahead.

        Returns
        -------
        forecast : ndarray, Series or DataFrame
            The form and the labels of y. The rows of the first window are NaN. The network was
            fitted on these values, so that later ones are further from their forecasts.

        Raises
        ------
        NotFittedError
            Before `fit`.
        """
        check_is_fitted(self)
        context = self._fitted.context
        return context.panel.wrap_inside(self._fitted.one_step_ahead(context))

    @with_callbacks
    def update(self, y: Any, X: Any = None, *, refit: bool = False) -> Self:
        """Append what follows.

        Parameters
        ----------
        y : array-like, Series or DataFrame
            Later values, in the form that `fit` had. Labels between the end and the first of them
            are gaps.
        X : array-like of shape (n_rows, n_covariates) or None, default=None
            Covariates of these rows, if `fit` had some.
        refit : bool, default=False
            Whether to fit anew on all values. Otherwise, forecasts begin after the new values, by
            what `fit` has learned.

        Returns
        -------
        self : Forecaster
            The forecaster.

        Raises
        ------
        ValueError
            If the labels of y aren't after the end, or as in `fit`.
        NotFittedError
            Before `fit`.
        """
        check_is_fitted(self)
        if refit:
            self._validate_params()  # type: ignore[attr-defined]
        tasks = PartTasks(self, n_parts=2 * refit, data={"X": X, "y": y}, name="update")
        with fitted_copy(self) as new:
            context = new._followed(y, X, new_ids=refit)
            if refit:
                new._install(fit_on(new, new._own_regressor(), context, tasks.part))
            else:
                new._fitted.check(context)
                new._install(new._fitted._replace(context=context))
        tasks.end()
        return self

    def _followed(self, y: Any, X: Any, *, new_ids: bool = False) -> Context:
        """The fitted series with those that follow them."""
        fitted = self._fitted
        before = fitted.context.panel
        panel = appended(before, read_panel(y, clocks=before.clocks, partial=True))
        if len(panel) > len(before) and not new_ids:
            raise ValueError(
                f"y has the ids {panel.ids[len(before) :][:5]}, which the fitted series don't "
                "have: use predict(y=…) to forecast them, or update(refit=True) to learn them."
            )
        self._check_covariates(X)
        tables, later = fitted.context.tables, None
        if X is not None:
            later = tables_of_later(X, panel, before, tables, fitted.names)
        return Context(panel, tables).with_later(later)

    def _context(self, steps: Any, X: Any, y: Any) -> tuple[Context, list[int]]:
        """The series to forecast after, and the number of steps of each from its own end."""
        check_is_fitted(self)
        fitted = self._fitted
        if X is None and y is None and fitted.needs_no_later_covariates:
            n_steps = fitted.context.panel.steps_until(steps)
            return fitted.context.with_last(n_steps), n_steps
        self._check_covariates(X)
        if y is None:
            context = fitted.context
            n_steps = context.panel.steps_until(steps)
            if X is None:
                return context, n_steps
            later = tables_after(X, context.panel, n_steps, fitted.names)
            return context.with_later(later), n_steps
        panel = self._panel_like_fitted(y)
        n_steps = panel.steps_until(steps)
        if X is None:
            return Context(panel, None), n_steps
        return Context(panel, tables_with_history(X, panel, n_steps, fitted.names)), n_steps

    def _check_covariates(self, X: Any) -> None:
        names = self._fitted.names
        if X is None and names is not None:
            raise ValueError(
                f"X is missing: fit had the covariates {names}, which forecasts read at each step. "
                "Pass their values at the next steps."
            )
        if X is not None and names is None:
            raise ValueError("X was passed, but fit had no X: fit with covariates, or leave X out.")

    def _panel_like_fitted(self, y: Any) -> Panel:
        """Another history, in a form that goes with that of `fit`."""
        own = self._fitted.context.panel
        panel = read_panel(y, clocks=own.clocks)
        if panel.by_id != own.by_id or (self._fitted.multivariate and panel.ids != own.ids):
            have, had = (
                f"the ids {some.ids[:5]}" if some.by_id or some.wide else "no ids"
                for some in (panel, own)
            )
            fix = "pass a history of the same form"
            if own.by_id and not panel.by_id:
                fix = "keep the id in the index, as in y[['id']] or pd.concat({'id': y})"
            raise ValueError(f"y has {have}, but fit had {had}: {fix}.")
        groups = Context(panel, None).groups(self._fitted.multivariate)
        check_rows(groups, self._fitted.model.settings, self._fitted.model.length)
        return panel

    def _spread(self, steps: Any, X: Any, y: Any, sides: list[float], columns: list) -> Any:
        """Forecasts less or plus half the intervals of a coverage, for each signed coverage."""
        context, n_steps = self._context(steps, X, y)
        calibration = self._fitted.calibration
        if calibration is None:
            raise ValueError(
                f"There are no residuals to make intervals of: calibration={self.calibration} must "
                "be above 0, and leave rows both to fit on and to forecast. Use more rows."
            )

        def spread(ids, scales, n):
            widths = {c: calibration.half_widths(ids, scales, n, c) for c in map(abs, sides) if c}
            zero = np.zeros((len(ids), n))
            return np.stack([np.sign(c) * widths.get(abs(c), zero) for c in sides], axis=-1)

        return context.panel.wrap(self._fitted.forecasts(context, n_steps, spread), columns)


def _check_fraction(value: Any, name: str) -> None:
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not 0 < float(value) < 1:
        raise ValueError(f"{name}={value!r} must be between 0 and 1, both excluded.")
