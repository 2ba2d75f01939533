"""Forecasts of series."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, Literal, Self

from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from ._forecasting.evaluation import EvaluationMixin
from ._forecasting.fitted import Fitted
from ._forecasting.fitting import fit_forecaster
from ._forecasting.saved_types import PRIVATE, VALUES
from ._panels.calendar import PERIODS
from ._sklearn.decorators import fit_context
from ._sklearn.estimator_mixin import EstimatorMixin
from ._sklearn.fitted_copy import fitted_copy
from ._sklearn.tasks import PartTasks
from ._validation.options import Auto, CalendarPart, OneOrMore
from .regressor import RNNRegressor


class Forecaster(EvaluationMixin, EstimatorMixin, BaseEstimator):
    r"""Forecasts the next values of one or many series.

    ``fit(y)`` learns from the past of a series, and ``predict(24)`` continues it by 24 steps, with
    its dates. Whether the series has a season, whether it grows by factors, and how many past
    values to read is found from y. ``predict_interval`` says how sure the forecasts are, and
    `backtest` what they would have been worth in the past.

    The series is brought to a scale on which it changes little, and cut into windows. A network
    learns the value that follows a window, and forecasts feed on forecasts:

    .. math::
        g_t &= \log y_t - p_{t \bmod m}, \qquad w_t = (1 - B)^d g_t / s \\
        \hat w_{t+1} &= \bar w_t + f(w_{t-L+1} - \bar w_t, \dots, w_t - \bar w_t)

    with the pattern p of a season of m steps, the standard deviation s, the backshift operator B,
    the network f and the mean :math:`\bar w_t` of the window. Logarithm and season are used where
    the series shows that it needs them.

    Several series train one network, and each has its own logarithm, season and scale. Forecasts
    that `fit` makes of the last part of y say how wrong to expect them to be: ``skill_`` compares
    them with repeating the last values.

    Parameters
    ----------
    regressor : regressor or None, default=None
        What predicts the next value from a window. `RNNRegressor`, and any regressor of
        scikit-learn: that gets flat windows, oldest step first. None:
        ``RNNRegressor(random_state=0)``. Its parameters are set as ``regressor__alpha``, whether
        it is None or not. ``n_features_per_step`` and ``static_features`` are set by the
        forecaster.
    window : int or "auto", default="auto"
        Steps of a window. "auto": one season or, without one, 10, but at most a third of the
        shortest series.
    strategy : {"recursive", "direct"}, default="recursive"
        "recursive" predicts the next value, and reads it as the last one for the value after it.
        "direct" predicts `horizon` values at once; beyond these, it reads them in turn.
    horizon : int or None, default=None
        Number of values that "direct" predicts at once.
    season : int, "auto" or None, default="auto"
        Steps of a season. "auto" takes it from the frequency of the index: 12 for months, 4 for
        quarters, 52 for weeks, 7 for days, 5 for business days, 24 for hours, a day of minutes.
        It needs two seasons and 6 rows; otherwise, and without a frequency, there is none. A number
        needs two seasons: with fewer than 6 rows more, it is taken for granted. None and 1 mean no
        season.
    log : bool or "auto", default="auto"
        Whether to forecast logarithms, of which y must be positive. "auto" looks at blocks of one
        season, or of 4 rows without one: their spread grows with their level if the slope between
        the logarithms of both is above 0.5. The season then multiplies the level, instead of being
        added. Logarithms are forecast if there is no season, or if the spread follows the level
        closely (R² > 0.95), as forecasts of logarithms grow exponentially. With covariates, which
        may cause the spread, it must follow the level closely for either. Blocks of which more
        than a fifth is missing don't count, if there are 4 others. With fewer than 4 blocks, the
        highest value must be 4 times the lowest, or the last one twice the first.
    deseasonalize : bool, "auto" or "difference", default="auto"
        Whether to take the season away: for each of its steps, the median deviation from a centred
        moving average over the last 8 seasons. It is subtracted, unless `log` is "auto" and finds
        that it multiplies. "auto": if the autocorrelation of the differences
        at the season's lag is significant at 90 %, or if the season's strength [1]_ is above 0.64.
        A series that is too short takes the season of the others, if half of those that are long
        enough have one: the median of their factors. "difference" takes seasonal differences
        instead.
    difference : int, default=0
        How often to take differences.
    center : {"mean", "last"} or None, default="mean"
        What is subtracted from each window and its target: its mean, its last value, or nothing.
    drift : float or "auto", default="auto"
        Share of the drift in forecasts: of the line from the last level on, with the mean change of
        levels in `fit`, after the first window. "auto": 0.5 if there are fewer than 30 training
        windows, which a network learns little from, and if the changes of a series aren't undone
        by the next one (their autocorrelation is above -0.25). Otherwise 0, as with covariates, a
        calendar or seasonal differences.
    calendar : str, sequence of str or None, default=None
        Parts of the date to read as sine and cosine: "month", "quarter", "dayofyear" (or
        "day_of_year", as pandas has both), "day", "dayofweek" (or "day_of_week"), "hour", "minute".
        A second season is one of them: ``["month", "dayofweek"]`` for days with a yearly season,
        ``["hour", "dayofweek"]`` for hours with weekends. `fit` warns if forecasts of the last part
        of y are clearly worse than repeating the last week or year.
    static_features : str, int or list of these, default=None
        Names or positions of the columns of X that are constant in each series.
    multivariate : bool, default=False
        Whether one network reads and predicts all columns of y together. Otherwise, each column is
        a series of its own.
    calibration : float, default=0.4
        Fraction of the rows, the last ones, that a copy forecasts which was fitted on the rows
        before: three seasons, if another one is left, and as many rows as the season needs that
        `fit` has found. Residuals of these forecasts make intervals and ``skill_``. Logarithm and
        drift of the copy are those of `fit`, which is on all rows. 0 spares the copy and
        its forecasts, which begin after each later row or, where they read much, after 400 of them
        or more: with other regressors than networks, they take most of the time.

    Attributes
    ----------
    regressor_ : regressor
        What was fitted.
    season_ : int
        Steps of a season; 1 means none.
    log_ : bool or dict of bool
        Whether logarithms are forecast; of several series, by id.
    seasonal_ : ndarray of shape (`season_`,), None or dict of these
        The season that is taken away, beginning with the first step of y: what is subtracted (from
        logarithms, if ``log_``) and has mean 0, or factors with mean 1. Of several series, by id.
    window_ : int
        Steps of a window.
    freq_ : str, int or None
        Frequency of the index. The step of integers; None for trading days.
    end_ : label or dict of labels
        The label of the last value, after which forecasts begin; of series with an (id, time)
        index, by id.
    skill_ : float or None
        1 - MAE / MAE of the better of repeating the last value and the last season, for forecasts
        of the last part of y over one season or 10 steps. 0 or less means no skill. None if there
        are too few rows, or with ``calibration=0``.
    n_series_ : int
        Number of series.

    See Also
    --------
    RNNRegressor : The network.
    SlidingWindow : Windows in a pipeline of one's own.

    Notes
    -----
    **Gaps.** Missing labels and NaN are interpolated on the scale of g. Windows read them, but they
    are no targets. Missing steps that are left out, as `RNNRegressor` does, would shift the phase
    of a season. Missing values at the end are forecast over.

    **Bounds.** The change of g over the k steps to a forecast stays within the 5 and 95 % quantiles
    of all changes over k steps in y, widened to 0. With covariates or a calendar, it stays within
    the extremes, as rare causes may have large effects. Growth of logarithms is bounded by the
    changes of the values, too, or by those of their square roots where the spread follows the level
    closely: exponential growth seldom goes on. So forecasts can't run away, and a constant series
    stays constant.

    **Drift.** The mean of two forecasts with different errors is often better than either [2]_. On
    short yearly series, the line that goes on with the mean growth is hard to beat.

    **Covariates** are read at the step that is predicted. Numbers are standardized, and categories
    are one-hot: text, and the dtype "category". X of `predict` must have all steps that are
    forecast. "direct" reads those of the next `horizon` steps together; where fewer steps are asked
    for, it reads the last ones again.

    **Time.** Dates need a frequency, or are inferred to have one. Daily dates without one are
    trading days: rows are successive steps, and forecasts have the weekdays that y has. Holidays
    aren't known. Rows of an array are counted. An int as `steps` is always a number of steps, even
    where labels are integers.

    **Searches** such as `GridSearchCV` need ``cv=TimeSeriesSplit(...)``, as other splits fit on
    later rows, and ``scoring=None``: the score is minus the MASE. They split rows, which are the
    times of one series or of several columns. ``calibration=0`` spares them one of two fits, and
    many forecasts. A search has ``predict(steps)``; ``search.best_estimator_`` has `predict` with X
    as well and, unless ``calibration=0``, `predict_interval`.

    References
    ----------
    .. [1] Hyndman, R. J., & Athanasopoulos, G. (2021). Forecasting: principles and practice.
       OTexts. Section 4.3.
    .. [2] Bates, J. M., & Granger, C. W. J. (1969). The combination of forecasts. Operational
       Research Quarterly, 20(4), 451-468.

    Examples
    --------
    >>> from skrnn import Forecaster
    >>> from skrnn.datasets import load_airline
    >>> y = load_airline(as_frame=True).series
    >>> forecaster = Forecaster().fit(y[:-12])
    >>> forecaster.predict(3).index.strftime("%Y-%m").tolist()
    ['1960-01', '1960-02', '1960-03']
    >>> forecaster.season_, forecaster.skill_ > 0
    (12, True)
    >>> forecaster.score(y[-12:]) > -0.7  # the seasonal naive forecast: -1.5
    True
    """

    end_: Any
    freq_: str | int | None
    log_: Any
    n_series_: int
    regressor_: Any
    season_: int
    seasonal_: Any
    skill_: float | None
    window_: int

    _private, _values = PRIVATE, VALUES
    _parameter_constraints: dict = {
        "regressor": [HasMethods(["fit", "predict"]), None],
        "window": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "strategy": [StrOptions({"recursive", "direct"})],
        "horizon": [Interval(Integral, 1, None, closed="left"), None],
        "season": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left"), None],
        "log": ["boolean", StrOptions({"auto"})],
        "deseasonalize": ["boolean", StrOptions({"auto", "difference"})],
        "difference": [Interval(Integral, 0, None, closed="left")],
        "drift": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="both")],
        "center": [StrOptions({"mean", "last"}), None],
        "calendar": [StrOptions(set(PERIODS)), "array-like", None],
        "static_features": [str, Integral, "array-like", None],
        "multivariate": ["boolean"],
        "calibration": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(
        self,
        regressor: Any = None,
        *,
        window: int | Auto = "auto",
        strategy: Literal["recursive", "direct"] = "recursive",
        horizon: int | None = None,
        season: int | Auto | None = "auto",
        log: bool | Auto = "auto",
        deseasonalize: bool | Literal["auto", "difference"] = "auto",
        difference: int = 0,
        center: Literal["mean", "last"] | None = "mean",
        drift: float | Auto = "auto",
        calendar: OneOrMore[CalendarPart] | None = None,
        static_features: OneOrMore[str | int] | None = None,
        multivariate: bool = False,
        calibration: float = 0.4,
    ):
        self.regressor = regressor
        self.window = window
        self.strategy = strategy
        self.horizon = horizon
        self.season = season
        self.log = log
        self.deseasonalize = deseasonalize
        self.difference = difference
        self.center = center
        self.drift = drift
        self.calendar = calendar
        self.static_features = static_features
        self.multivariate = multivariate
        self.calibration = calibration

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, y: Any, X: Any = None) -> Self:
        """Fit the forecaster.

        Parameters
        ----------
        y : array-like, Series or DataFrame
            One series (n_rows,), a series in each column (n_rows, n_series), or a Series with an
            (id, time) index: ``frame.set_index(["shop", "date"])["sales"]``. Oldest row first.
        X : array-like of shape (n_rows, n_covariates) or None, default=None
            Covariates of the rows of y, with the same index. All columns of y share them.

        Returns
        -------
        self : Forecaster
            The fitted forecaster.

        Raises
        ------
        ValueError
            If y has no frequency, labels that don't increase, too few rows, text or infinity, or
            if X has missing values or other labels.
        TypeError
            If y or X isn't a container of numbers.
        """
        tasks = PartTasks(self, n_parts=1 + (self.calibration > 0), data={"X": X, "y": y})
        with fitted_copy(self) as new:
            new._install(fit_forecaster(new, new._own_regressor(), y, X, tasks))
        tasks.end()
        return self

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Get parameters.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include those of the regressor. Without one, they are the default's.

        Returns
        -------
        params : dict
            Names and values.
        """
        params = super().get_params(deep)
        if deep and self.regressor is None:
            own = self._own_regressor().get_params()
            params |= {f"regressor__{name}": value for name, value in own.items()}
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters, of the regressor by names such as ``regressor__alpha``.

        Parameters
        ----------
        **params : dict
            Names and values. Without a regressor, its parameters make one of the default.

        Returns
        -------
        self : Forecaster
            The forecaster.
        """
        nested = any(name.startswith("regressor__") for name in params)
        if nested and self.regressor is None and params.get("regressor") is None:
            params = {**params, "regressor": self._own_regressor()}
        return super().set_params(**params)

    def _own_regressor(self) -> Any:
        return RNNRegressor(random_state=0) if self.regressor is None else self.regressor

    def _install(self, fitted: Fitted) -> None:
        model, panel = fitted.model, fitted.context.panel
        learned = [model.series[id_] for id_ in panel.ids]
        patterns = [
            None if len(own.transformation.pattern) == 1 else own.transformation.pattern.copy()
            for own in learned
        ]
        self._fitted = fitted
        self.regressor_ = model.regressor
        self.season_ = model.settings.season
        self.log_ = _by_id(panel.ids, [own.transformation.log for own in learned])
        self.seasonal_ = _by_id(panel.ids, patterns)
        self.window_ = model.length
        self.freq_ = panel.series[0].clock.freq
        self.end_ = panel.ends()
        self.skill_ = None if fitted.calibration is None else fitted.calibration.skill
        self.n_series_ = len(panel.series)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.allow_nan = True
        return tags


def _by_id(ids: list[Any], values: list[Any]) -> Any:
    """The value of a single series, or a dict of those of several."""
    return values[0] if ids == [None] else dict(zip(ids, values, strict=True))
