"""Windows of a series inside a pipeline: every row becomes the steps that lead up to it."""

from __future__ import annotations

from collections.abc import Hashable
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from .._engine.masking import valid_steps
from .._saving.plain import PlainValues
from .._sklearn.decorators import available_if, fit_context
from .._sklearn.fitted_copy import fitted_copy, of_one_fit
from .._sklearn.tasks import single_task
from .._sklearn.user_warnings import warn_once
from .._training.origin import Origin
from .._validation.annotated_array import annotated
from .._validation.feature_names import others, position_of, positions_of
from .._validation.options import OneOrMore
from .base import SequenceTransformer
from .series import RowsOfSeries, check_ids, check_order_of_series, constant_columns
from .sliding_windows import strided
from .table import read_table
from .time_index import INCOMPLETE, UNDECIDED, SeriesEnd, remember, why_undecided

if TYPE_CHECKING:
    import pandas as pd


def _is_flat(estimator: SlidingWindow) -> bool:
    return estimator.layout == "flat"


class SlidingWindow(SequenceTransformer):
    """Turn each row of a series into the window of rows that ends there.

    Row i becomes the steps ``i - delay - (length - 1) * dilation``, …,
    ``i - delay - dilation``, ``i - delay``, oldest first. The number of rows never changes,
    so `y` stays aligned and the transformer works in any :class:`~sklearn.pipeline.Pipeline`.

    Parameters
    ----------
    length : int, default=10
        Number of steps in a window.

    delay : int, default=0
        Number of rows from the last step of a window to row i. 0: the last step is row i.

    dilation : int, default=1
        Rows from one step of a window to the next.

    min_periods : int, default=1
        Minimum number of valid steps. A window with fewer becomes `pad_value` throughout. A
        step is valid if its row exists and at least one feature, other than static ones, is
        not NaN.

    layout : {"sequence", "flat"}, default="sequence"
        "sequence": an array of shape (n_samples, length, n_features), for recurrent networks.
        "flat": a 2-D array, time-major, for any other estimator.

    context : {"auto", "continue", "pad"}, default="auto"
        The steps before the first row given to `transform`. "continue": the last fitted rows.
        "pad": `pad_value`. "auto": the last fitted rows if the new rows follow them by the
        index of a pandas DataFrame, otherwise `pad_value`. If no index tells, it warns.

        Rows follow if their first label is exactly one interval after the last fitted label.
        The interval is the constant one of integers, or the frequency of dates. Irregular
        dates, such as trading days, follow within the longest interval that is usual in
        `fit`: a single outage isn't.

        Rows that are the fitted rows, or begin with them, are always padded. They are
        recognised by their dates or, without dates, by their first and last values.

    groups : str, int or tuple, default=None
        Name or position of the column that holds the series id of each row, or the name of a
        level of a pandas index that does. Windows never cross series, and don't contain this
        column. The other levels are the index of each series.

    static_features : str, int or list of these, default=None
        Names or positions of the columns with static covariates, which are constant in each
        series. A sequence has them at every step, where a recurrent network's parameter
        `static_features` selects them by the same names. A flat row has them once, at the end,
        under their own names.

    pad_value : float, default=nan
        Value of the steps without a row. Recurrent networks mask NaN steps.

    Attributes
    ----------
    context_ : dict
        The end of each fitted series, by series id. Without `groups`, the only id is None.

    n_features_in_ : int
        Number of columns seen during `fit`, the column of `groups` included.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns seen during `fit`, if all are strings.

    See Also
    --------
    sliding_windows : Windows and their targets, outside a pipeline.

    Notes
    -----
    Without `groups`, windows are read-only views of one padded copy of the series, unless
    `min_periods` replaces some of them. The array carries the names of a data frame's columns
    to the network, and the rows that each window was cut from, for `early_stopping`. Selecting
    samples keeps both. Any computation with the array drops them.

    Rows count as successive, whatever lies between their labels in the index, as for trading
    days, and networks skip steps that are NaN. Where time is a clock, both shift the phase of a
    season: put missing rows back by ``X.asfreq(...)``, and fill them by ``X.interpolate()``, before
    windows are cut. `Forecaster` does both. Training folds should have no gap, as those of
    :class:`~sklearn.model_selection.TimeSeriesSplit`. Dates in the index must not decrease within
    a series. If integers do, without beginning again, there is a warning.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import SlidingWindow
    >>> X = np.arange(4.0).reshape(-1, 1)
    >>> SlidingWindow(length=3).fit_transform(X)[:, :, 0]
    array([[nan, nan,  0.],
           [nan,  0.,  1.],
           [ 0.,  1.,  2.],
           [ 1.,  2.,  3.]])
    >>> window = SlidingWindow(length=3, layout="flat", context="continue").fit(X)
    >>> window.get_feature_names_out()
    array(['x0_lag2', 'x0_lag1', 'x0_lag0'], dtype=object)
    >>> window.transform([[4.0], [5.0]])
    array([[2., 3., 4.],
           [3., 4., 5.]])
    """

    _takes_sequences = False
    _private = {"_column_names": "column_names", "_ids_in_column": "ids_in_column"}
    _values = PlainValues({"series_end": SeriesEnd})

    context_: dict[Any, SeriesEnd]
    feature_names_in_: np.ndarray
    n_features_in_: int

    _parameter_constraints: dict = {
        "length": [Interval(Integral, 1, None, closed="left")],
        "delay": [Interval(Integral, 0, None, closed="left")],
        "dilation": [Interval(Integral, 1, None, closed="left")],
        "min_periods": [Interval(Integral, 0, None, closed="left")],
        "layout": [StrOptions({"sequence", "flat"})],
        "context": [StrOptions({"auto", "continue", "pad"})],
        "groups": [str, Integral, tuple, None],
        "static_features": [str, Integral, "array-like", None],
        "pad_value": [Interval(Real, None, None, closed="neither"), "nan"],
    }

    def __init__(
        self,
        length: int = 10,
        *,
        delay: int = 0,
        dilation: int = 1,
        min_periods: int = 1,
        layout: Literal["sequence", "flat"] = "sequence",
        context: Literal["auto", "continue", "pad"] = "auto",
        groups: str | int | tuple[Any, ...] | None = None,
        static_features: OneOrMore[str | int] | None = None,
        pad_value: float = np.nan,
    ):
        self.length = length
        self.delay = delay
        self.dilation = dilation
        self.min_periods = min_periods
        self.layout = layout
        self.context = context
        self.groups = groups
        self.static_features = static_features
        self.pad_value = pad_value

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Remember the last rows of each series.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            Rows of one series or, with `groups`, of several, oldest first.

        y : None
            Ignored.

        Returns
        -------
        self : SlidingWindow
            The fitted transformer.

        Raises
        ------
        ValueError
            If X isn't numeric or has too few rows, or if its rows aren't in the order of time, or
            are those of several series, as far as the index says.
        """
        if self.min_periods > self.length:
            raise ValueError(
                f"min_periods={self.min_periods} is larger than length={self.length}: no window "
                "has so many steps. Lower min_periods or raise length."
            )
        with single_task(self, X, y), fitted_copy(self) as new:
            values, series, index = new._validate(X, reset=True)
            new._constants(values, series)
            longest = max(len(values[rows]) for rows in series.values())
            if self._look_back >= longest:
                where = "" if self.groups is None else " in the longest series"
                raise ValueError(
                    f"A window of length={self.length}, delay={self.delay}, "
                    f"dilation={self.dilation} spans {self._look_back + 1} rows, but "
                    f"n_samples={longest}{where}: shorten it, or fit on more rows."
                )
            new.context_ = {
                name: remember(
                    values[rows], None if index is None else index[rows], self._look_back
                )
                for name, rows in series.items()
            }
        return self

    @of_one_fit
    def transform(self, X: ArrayLike) -> np.ndarray | Any:
        """Cut the windows.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            Rows, oldest first.

        Returns
        -------
        windows : ndarray of shape (n_samples, length, n_features) or \
                {array-like, DataFrame} of shape (n_samples, length * n_features)
            One window per row, as `layout` says.

        Raises
        ------
        ValueError
            As in `fit`; or if ids of series have another type than in `fit`, unless
            ``context="pad"``.
        """
        check_is_fitted(self)
        values, series, index = self._validate(X, reset=False)
        constants = self._constants(values, series)
        (n_rows, n_features), look_back = values.shape, self._look_back
        # the series one after the other, each preceded by its look-back
        shape = (len(series) * look_back + n_rows, n_features)
        padded = np.full(shape, self.pad_value, values.dtype)
        exists = np.zeros(len(padded), dtype=bool)
        # where the window of each row begins; None: at successive rows
        starts = None if self.groups is None else np.empty(n_rows, dtype=np.intp)
        undecided, start = False, 0
        for name, rows in series.items():
            part = values[rows]
            follows = self._follows(name, part, None if index is None else index[rows])
            undecided |= follows is None
            tail = self._tail(name) if follows else part[:0]
            first, stop = start + look_back, start + look_back + len(part)
            padded[first:stop] = part
            padded[first - len(tail) : first] = tail
            exists[first - len(tail) : stop] = True
            if starts is not None:
                starts[rows] = np.arange(start, start + len(part))
            start = stop
        if undecided:
            reason = why_undecided(index)
            warn_once(UNDECIDED.format(reason=reason, span=look_back + 1), reason)
        elif self.context == "auto" and self.groups is None and exists.sum() <= look_back:
            # of several series, some may be short
            warn_once(INCOMPLETE.format(n_rows=n_rows, span=look_back + 1), "incomplete")
        windows = self._cut(padded, exists, starts, n_rows)
        begin = range(n_rows) if starts is None else starts
        targets = range(look_back, look_back + 1)  # of each row, its own
        origin = Origin.of_windows(begin, int(self.length), int(self.dilation), targets)
        if self.layout == "flat":
            static, dynamic = self._columns()
            windows = windows[..., others(static, n_features)]
            flat = np.empty((n_rows, len(dynamic) * int(self.length) + len(static)), windows.dtype)
            flat[:, : flat.shape[1] - len(static)].reshape(windows.shape)[...] = windows
            flat[:, flat.shape[1] - len(static) :] = constants
            return annotated(flat, None, origin)
        names = [name for _, name in self._named()]
        return annotated(windows, names if hasattr(self, "feature_names_in_") else None, origin)

    def _constants(self, values: np.ndarray, series: RowsOfSeries) -> np.ndarray:
        """The static covariates (n_rows, M) of each row's series."""
        static, _ = self._columns()
        names = [self._named()[column][1] for column in static]
        return constant_columns(values, static, names, series)

    def _named(self) -> list[tuple[int, str]]:
        """Position in X and name of each feature of a window."""
        names = getattr(self, "feature_names_in_", [f"x{i}" for i in range(self.n_features_in_)])
        named = list(enumerate(names))
        if self._ids_in_column:
            known, n_columns = self._column_names, self.n_features_in_
            del named[position_of(self.groups, known, n_columns, parameter="groups")]
        return named

    def _columns(self) -> tuple[list[int], list[int]]:
        """The static features of a window, and the others."""
        positions = [position for position, _ in self._named()]
        if self.static_features is None:
            return [], list(range(len(positions)))
        names, n_columns = self._column_names, self.n_features_in_
        given = positions_of(self.static_features, names, n_columns, parameter="static_features")
        if not set(given) < set(positions):
            raise ValueError(
                f"static_features={self.static_features!r} must leave a column for the windows, "
                f"and not be that of groups={self.groups!r}: shorten static_features."
            )
        static = [positions.index(position) for position in given]
        return static, [i for i in range(len(positions)) if i not in static]

    def _cut(
        self, padded: np.ndarray, exists: np.ndarray, starts: np.ndarray | None, n_rows: int
    ) -> np.ndarray:
        pick = slice(n_rows) if starts is None else starts
        windows = strided(padded, int(self.length), int(self.dilation))[pick]  # (n, length, D)
        # a window without valid steps is NaN already: nothing to replace if pad_value is NaN
        if self.min_periods > 1 or (self.min_periods == 1 and not np.isnan(self.pad_value)):
            _, dynamic = self._columns()
            valid = exists & valid_steps(padded[:, dynamic])
            n_valid, n_exist = (
                strided(mask, int(self.length), int(self.dilation))[pick].sum(axis=1)
                for mask in (valid, exists)
            )
            blank = (n_valid < self.min_periods) & (n_exist > 0)
            if blank.any():
                windows = np.where(blank[:, None, None], padded.dtype.type(self.pad_value), windows)
        return windows

    @available_if(_is_flat)
    @of_one_fit
    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> np.ndarray:
        """Names of the columns, with ``layout="flat"`` only.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the columns of X. None: those seen during `fit`.

        Returns
        -------
        names : ndarray of str
            ``"{name}_lag{k}"``, k rows back, then the unchanged names of static features.
        """
        check_is_fitted(self)
        names = list(_check_feature_names_in(self, input_features))
        names = [names[position] for position, _ in self._named()]
        static, dynamic = self._columns()
        lags = range(self._look_back, self.delay - 1, -self.dilation)
        flat = [f"{names[i]}_lag{lag}" for lag in lags for i in dynamic]
        return np.array(flat + [names[i] for i in static], dtype=object)

    @property
    def _look_back(self) -> int:
        return int(self.delay) + (int(self.length) - 1) * int(self.dilation)

    def _follows(self, name: Hashable, values: np.ndarray, index: pd.Index | None) -> bool | None:
        """Whether rows follow the fitted rows of their series; None if it can't be told."""
        if self._look_back == 0 or self.context == "pad" or name not in self.context_:
            return False
        end = self.context_[name]
        if end.begins(values, index):
            return False
        return self.context == "continue" or end.is_followed_by(index)

    def _tail(self, name: Hashable) -> np.ndarray:
        """The fitted rows that windows of the next ones look back at."""
        end, look_back = self.context_[name], self._look_back
        if len(end.tail) < min(look_back, end.n_rows):  # set_params after fit
            raise ValueError(
                f"Windows of length={self.length} and dilation={self.dilation} look back at "
                f"{look_back} rows, but fit has kept the last {len(end.tail)}: call fit again "
                "after set_params."
            )
        return end.last(look_back)

    def _validate(
        self, X: ArrayLike, *, reset: bool
    ) -> tuple[np.ndarray, RowsOfSeries, pd.Index | None]:
        """The values, the rows of each series, and the index."""
        names, values, series, index = read_table(self, X, reset=reset)
        if not reset and self.context != "pad":
            continues = self.context == "continue"
            check_ids(self.groups, series, self.context_, continues=continues)
        if reset:
            self._column_names = names
            self._ids_in_column = values.shape[1] < self.n_features_in_
        check_order_of_series(index, series)
        return values, series, index
