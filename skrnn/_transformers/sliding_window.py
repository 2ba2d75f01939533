"""Windows of a series inside a pipeline: every row becomes the steps that lead up to it."""

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.base import _fit_context
from sklearn.utils import check_array
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted, validate_data

from .._sklearn import fitted_copy, single_task
from .._validation.feature_names import others, position_of, positions_of, with_names
from .base import SequenceTransformer
from .series import as_numbers, as_table, rows_by_name, split_ids
from .sliding_windows import strided
from .time_index import UNDECIDED, check_order, index_of, remember

_warned = set()  # cases of the warning that this process has seen


def _is_flat(estimator):
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
        How many rows before row i its window ends. 0: with row i itself.

    dilation : int, default=1
        Rows between successive steps of a window.

    min_periods : int, default=1
        A window with fewer real steps becomes `pad_value` throughout. A step is real if its
        row exists and is not NaN in all its features.

    layout : {"sequence", "flat"}, default="sequence"
        "sequence": an array of shape (n_samples, length, n_features), for recurrent nets. "flat": a
        2-D array, time-major, for any other estimator.

    context : {"auto", "continue", "pad"}, default="auto"
        What stands before the first row given to `transform`, unless its rows are, or begin
        with, the fitted ones: dates tell, otherwise the first and last values are compared.
        "continue": the last fitted rows. "pad": `pad_value`. "auto": the fitted rows if the
        index of a pandas DataFrame says that the new rows follow them: the first new label
        is exactly one step after the last fitted one (integers with a constant step, dates
        with a frequency) or, with irregular dates such as trading days, later by no more
        than the largest step seen in `fit`. Where no index tells, it pads and warns.

    groups : str or int, default=None
        Name or position of the column that holds the id of the series to which a row
        belongs. Windows never cross series. The column itself is not part of the windows.

    static_features : str, int or list of these, default=None
        Names or positions of columns that are facts of the series: the same in all of its
        rows. In a sequence they stand at every step, where a recurrent net's
        `static_features` finds them by the same name; in a flat row they stand once, at the
        end, under their own names.

    pad_value : float, default=nan
        Value of the steps for which there is no row. Recurrent nets skip NaN steps.

    Attributes
    ----------
    context_ : dict
        What is remembered of each fitted series, by its id; None is the id if there are no
        `groups`.

    n_features_in_ : int
        Number of columns seen during `fit`, the column of `groups` included.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns seen during `fit`, if all are strings.

    See Also
    --------
    sliding_windows : Windows and their targets, for use outside a pipeline.

    Notes
    -----
    Without `groups`, windows are read-only views of one padded copy of the series, unless
    `min_periods` blanks some of them. The names of a data frame's columns travel with them, as
    long as nothing between the transformer and the net computes with the array.

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

    _parameter_constraints: dict = {
        "length": [Interval(Integral, 1, None, closed="left")],
        "delay": [Interval(Integral, 0, None, closed="left")],
        "dilation": [Interval(Integral, 1, None, closed="left")],
        "min_periods": [Interval(Integral, 0, None, closed="left")],
        "layout": [StrOptions({"sequence", "flat"})],
        "context": [StrOptions({"auto", "continue", "pad"})],
        "groups": [str, Integral, None],
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
        layout: str = "sequence",
        context: str = "auto",
        groups: str | int | None = None,
        static_features: str | int | list[str | int] | None = None,
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

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None) -> "SlidingWindow":
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
                    f"dilation={self.dilation} reaches over {self._look_back + 1} rows, but "
                    f"n_samples={longest}{where}: shorten it, or fit on more rows."
                )
            new.context_ = {
                name: remember(
                    values[rows], None if index is None else index[rows], self._look_back
                )
                for name, rows in series.items()
            }
        return self

    def transform(self, X):
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
        """
        check_is_fitted(self)
        values, series, index = self._validate(X, reset=False)
        constants = self._constants(values, series)
        (n_rows, n_features), look_back = values.shape, self._look_back
        # each series with its look-back before it, one after the other
        shape = (len(series) * look_back + n_rows, n_features)
        padded = np.full(shape, self.pad_value, values.dtype)
        exists = np.zeros(len(padded), dtype=bool)
        # where the window of each row begins, if not simply one after the other
        starts = None if self.groups is None else np.empty(n_rows, dtype=np.intp)
        undecided, start = False, 0
        for name, rows in series.items():
            part = values[rows]
            follows = self._follows(name, part, None if index is None else index[rows])
            undecided |= follows is None
            # set_params may have shortened the window since
            tail = self.context_[name].last(look_back) if follows else part[:0]
            first, stop = start + look_back, start + look_back + len(part)
            padded[first:stop] = part
            padded[first - len(tail) : first] = tail
            exists[first - len(tail) : stop] = True
            if starts is not None:
                starts[rows] = np.arange(start, start + len(part))
            start = stop
        if undecided:
            reason = "X has no index" if index is None else "the index of X doesn't say so"
            self._warn_once(reason)
        windows = self._cut(padded, exists, starts, n_rows)
        if self.layout == "flat":
            static, dynamic = self._columns()
            windows = windows[..., others(static, n_features)]
            flat = np.empty((n_rows, len(dynamic) * int(self.length) + len(static)), windows.dtype)
            flat[:, : flat.shape[1] - len(static)].reshape(windows.shape)[...] = windows
            flat[:, flat.shape[1] - len(static) :] = constants
            return flat
        names = [name for _, name in self._named()]
        return with_names(windows, names if hasattr(self, "feature_names_in_") else None)

    def _constants(self, values, series):
        """The static values (n_rows, M) of each row's series."""
        static, _ = self._columns()
        constants = np.empty((len(values), len(static)), values.dtype)
        for name, rows in series.items() if static else ():
            own = values[rows][:, static]
            low, high = np.fmin.reduce(own), np.fmax.reduce(own)
            if (low < high).any():
                m = int(np.flatnonzero(low < high)[0])
                where = "" if name is None else f" of series {name!r}"
                raise ValueError(
                    f"The static feature {self._named()[static[m]][1]!r} varies within the rows"
                    f"{where}, from {low[m]:.6g} to {high[m]:.6g}: static_features are constant "
                    "in a series. Leave it out of static_features, or name the series' ids by "
                    "groups=."
                )
            constants[rows] = high
        return constants

    def _named(self):
        """Position in X and name of each feature of a window."""
        names = getattr(self, "feature_names_in_", [f"x{i}" for i in range(self.n_features_in_)])
        named = list(enumerate(names))
        if self.groups is not None:
            del named[self._position_of_ids()]
        return named

    def _position_of_ids(self):
        names = getattr(self, "feature_names_in_", None)
        text = {"parameter": "groups", "kind": "array"}
        return position_of(self.groups, names, self.n_features_in_, **text)

    def _columns(self):
        """Which of the features of a window are static, and which aren't."""
        positions = [position for position, _ in self._named()]
        if self.static_features is None:
            return [], list(range(len(positions)))
        names, text = getattr(self, "feature_names_in_", None), {"parameter": "static_features"}
        given = positions_of(self.static_features, names, self.n_features_in_, kind="array", **text)
        if not set(given) < set(positions):
            raise ValueError(
                f"static_features={self.static_features!r} must leave a column for the windows, "
                f"and not be that of groups={self.groups!r}."
            )
        static = [positions.index(position) for position in given]
        return static, [i for i in range(len(positions)) if i not in static]

    def _cut(self, padded, exists, starts, n_rows):
        pick = slice(n_rows) if starts is None else starts
        windows = strided(padded, int(self.length), int(self.dilation))[pick]  # (n, length, D)
        # a window without real steps is NaN as it is: don't look for it if that is pad_value
        if self.min_periods > 1 or (self.min_periods == 1 and not np.isnan(self.pad_value)):
            real = exists & ~np.isnan(padded).all(axis=1)
            n_real, n_exist = (
                strided(mask, int(self.length), int(self.dilation))[pick].sum(axis=1)
                for mask in (real, exists)
            )
            blank = (n_real < self.min_periods) & (n_exist > 0)
            if blank.any():
                windows = np.where(blank[:, None, None], padded.dtype.type(self.pad_value), windows)
        return windows

    @available_if(_is_flat)
    def get_feature_names_out(self, input_features=None) -> np.ndarray:
        """Names of the columns, with ``layout="flat"`` only.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the columns of X. By default those seen during `fit`.

        Returns
        -------
        names : ndarray of str
            ``"{name}_lag{k}"``, k rows back, and the names of static features as they are.
        """
        check_is_fitted(self)
        names = list(_check_feature_names_in(self, input_features))
        names = [names[position] for position, _ in self._named()]
        static, dynamic = self._columns()
        lags = range(self._look_back, self.delay - 1, -self.dilation)
        flat = [f"{names[i]}_lag{lag}" for lag in lags for i in dynamic]
        return np.array(flat + [names[i] for i in static], dtype=object)

    @property
    def _look_back(self):
        return int(self.delay) + (int(self.length) - 1) * int(self.dilation)

    def _follows(self, name, values, index):
        """Whether rows come after the fitted ones of their series; None if nothing tells."""
        if self._look_back == 0 or self.context == "pad" or name not in self.context_:
            return False
        end = self.context_[name]
        if end.begins(values, index):
            return False
        return self.context == "continue" or end.is_followed_by(index)

    def _warn_once(self, reason):
        """A grid search asks for each fold of each candidate; one answer is enough."""
        case = reason, self.length, self.delay, self.dilation, self.n_features_in_
        if case not in _warned:
            _warned.add(case)
            # above this function and transform is scikit-learn's wrapper of transform
            warnings.warn(UNDECIDED.format(reason=reason), UserWarning, stacklevel=4)

    def _validate(self, X, *, reset):
        """The values, the rows of each series, and the index."""
        names = None
        if self.groups is None:
            values = as_numbers(validate_data, self, X, reset=reset)
        else:
            X = as_table(X)
            validate_data(self, X, reset=reset, skip_check_array=True)
            names, features = split_ids(X, self.groups)
            values = as_numbers(check_array, features, input_name="X", estimator=self)
        index = index_of(X)
        series = {None: slice(None)} if names is None else rows_by_name(names)
        for name, rows in series.items() if index is not None else ():
            check_order(index[rows], "X" if names is None else f"series {name!r}")
        return values, series, index
