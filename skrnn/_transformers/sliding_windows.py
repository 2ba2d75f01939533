"""Windows of a series and their targets, outside a pipeline."""

from __future__ import annotations

from numbers import Integral

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval

from .._sklearn.decorators import validate_params
from .._training.origin import Origin
from .._validation.annotated_array import annotated
from .._validation.numbers import check_numbers
from .._validation.options import OneOrMore
from .._validation.order import check_order, index_of
from .frames import as_frame
from .table import target_columns

_SEVERAL = (
    "cut the windows of each series by itself, as in [sliding_windows(own, length) for _, own in "
    "frame.groupby(...)], and concatenate these"
)


def strided(a: np.ndarray, length: int, dilation: int) -> np.ndarray:
    """All windows of (n, …), as a view (n - (length - 1) * dilation, length, …)."""
    windows = sliding_window_view(a, (length - 1) * dilation + 1, axis=0)[..., ::dilation]
    return np.moveaxis(windows, -1, 1)


@validate_params(
    {
        "length": [Interval(Integral, 1, None, closed="left")],
        "horizon": [Interval(Integral, 1, None, closed="left")],
        "stride": [Interval(Integral, 1, None, closed="left")],
        "dilation": [Interval(Integral, 1, None, closed="left")],
        "targets": [str, Integral, "array-like", None],
    }
)
def sliding_windows(
    series: ArrayLike,
    length: int,
    horizon: int = 1,
    *,
    stride: int = 1,
    dilation: int = 1,
    targets: OneOrMore[str | int] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a series into windows and the values that follow each.

    Parameters
    ----------
    series : {array-like, Series, DataFrame} of shape (n_rows,) or (n_rows, n_features)
        One series, oldest row first. Cut the windows of several series one by one, and
        concatenate them.

    length : int
        Number of steps in a window.

    horizon : int, default=1
        Number of rows after the last step of a window that are its targets.

    stride : int, default=1
        Rows from the first step of one window to the first step of the next.

    dilation : int, default=1
        Rows from one step of a window to the next. It does not apply to the targets.

    targets : str, int or list of these, default=None
        Names or positions of the columns to predict. None: all columns.

    Returns
    -------
    X : ndarray of shape (n_windows, length, n_features)
        The windows, as a read-only view of `series` where its type allows. The array carries the
        rows that each window and its targets were cut from, for `early_stopping`. Selecting
        samples keeps them. Any computation with the array drops them.

    y : ndarray of shape (n_windows,) or (n_windows, horizon * n_targets)
        The targets of each window, row after row, as the outputs of one prediction.

    Raises
    ------
    ValueError
        If the series isn't numeric, has too few rows, or if its index says that the rows are not
        in the order of time, or those of several series.

    See Also
    --------
    SlidingWindow : Windows inside a pipeline, one for each row.

    Examples
    --------
    >>> from skrnn import sliding_windows
    >>> X, y = sliding_windows([0, 1, 2, 3, 4, 5], length=3, horizon=2)
    >>> X[:, :, 0]
    array([[0., 1., 2.],
           [1., 2., 3.]])
    >>> y
    array([[3., 4.],
           [4., 5.]])
    """
    length, horizon, stride, dilation = map(int, (length, horizon, stride, dilation))
    series = as_frame(series, "series", _SEVERAL)
    index = index_of(series)
    if index is not None:
        check_order([("series", index)], _SEVERAL)
    values = check_numbers(series, "series", ensure_2d=False, ensure_min_samples=0)
    if values.ndim == 0:
        raise ValueError(f"series is {values}: pass a list, an array or a data frame.")
    if values.ndim == 1:
        values = values.reshape(-1, 1)
    reach = (length - 1) * dilation + 1
    n_windows = (len(values) - reach - horizon) // stride + 1
    if n_windows < 1:
        raise ValueError(
            f"length={length}, dilation={dilation} and horizon={horizon} need {reach + horizon} "
            f"rows, but series has {len(values)}: shorten the window or the horizon."
        )
    columns = target_columns(series, values.shape[1], targets)
    X = strided(values, length, dilation)[::stride][:n_windows]
    y = strided(values[reach:, columns], horizon, 1)[::stride][:n_windows].copy()
    y = y.reshape(n_windows, -1)
    first = range(0, n_windows * stride, stride)
    origin = Origin.of_windows(first, length, dilation, range(reach, reach + horizon))
    X = annotated(X, None, origin)
    return X, y[:, 0] if y.shape[1] == 1 else y
