"""Loaders of series, as X and y for forecasts one step ahead."""

import csv
from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import validate_params

if TYPE_CHECKING:
    import pandas as pd

    SeriesFrames: TypeAlias = tuple[pd.DataFrame, pd.Series]
    Frames: TypeAlias = tuple[pd.DataFrame, pd.DataFrame]
    Table: TypeAlias = np.ndarray | pd.DataFrame
    # data, target, series and frame
    Parts: TypeAlias = tuple[Table, Table | pd.Series, Table | pd.Series, pd.DataFrame | None]

Arrays: TypeAlias = tuple[np.ndarray, np.ndarray]

_MODULE = "skrnn.datasets"
_SWITCHES = {"return_X_y": ["boolean"], "as_frame": ["boolean"]}


@overload
def load_airline(*, return_X_y: Literal[False] = False, as_frame: bool = False) -> Bunch: ...


@overload
def load_airline(*, return_X_y: Literal[True], as_frame: Literal[False] = False) -> Arrays: ...


@overload
def load_airline(*, return_X_y: Literal[True], as_frame: Literal[True]) -> "SeriesFrames": ...


@overload
def load_airline(*, return_X_y: bool, as_frame: bool = False) -> Bunch | tuple[Any, Any]: ...


@validate_params(_SWITCHES, prefer_skip_nested_validation=True)
def load_airline(*, return_X_y: bool = False, as_frame: bool = False) -> Bunch | tuple[Any, Any]:
    """Load the monthly totals of international airline passengers, 1949 to 1960.

    X[i] holds the passengers of a month in thousands, and y[i] those of the next month. With
    a `SlidingWindow`, a model forecasts one month ahead. The series is Box and Jenkins's "G":
    a trend, and a yearly season that grows with it.

    ==============  =============================
    Observations    144, one a month
    Rows of X       143
    Values          whole numbers from 104 to 622
    Season          12
    ==============  =============================

    Parameters
    ----------
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a `Bunch`.
    as_frame : bool, default=False
        Return pandas objects whose index, "month", is a `DatetimeIndex` of month starts
        with its frequency set. Needs pandas.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With ``return_X_y=False``. Its attributes are:

        data : ndarray or DataFrame of shape (143, 1)
            X: months 1949-01 to 1960-11, oldest first.
        target : ndarray or Series of shape (143,)
            y: the month after each row of ``data``, 1949-02 to 1960-12. As a Series it
            has the index of ``data``: the month in which the forecast is made.
        series : ndarray or Series of shape (144,)
            All months.
        frame : DataFrame of shape (143, 2) or None
            The columns of ``data`` and ``target``, with ``as_frame=True``.
        feature_names : list of str
            ``["passengers"]``.
        target_names : list of str
            ``["next_passengers"]``.
        DESCR : str
            Description of the data, with their source and terms.
        filename : str
            Name of the data file in ``data_module``.
        data_module : str
            Package that contains the file.

    (data, target) : tuple
        With ``return_X_y=True``: the attributes of the same names.

    Examples
    --------
    >>> from skrnn.datasets import load_airline
    >>> X, y = load_airline(return_X_y=True)
    >>> X.shape, y.shape
    ((143, 1), (143,))
    >>> X[:3, 0], y[:3]
    (array([112., 118., 132.]), array([118., 132., 129.]))
    >>> load_airline().series[-1]
    np.float64(432.0)
    """
    return _load("airline", _month_index, return_X_y=return_X_y, as_frame=as_frame)


@overload
def load_sunspots(*, return_X_y: Literal[False] = False, as_frame: bool = False) -> Bunch: ...


@overload
def load_sunspots(*, return_X_y: Literal[True], as_frame: Literal[False] = False) -> Arrays: ...


@overload
def load_sunspots(*, return_X_y: Literal[True], as_frame: Literal[True]) -> "SeriesFrames": ...


@overload
def load_sunspots(*, return_X_y: bool, as_frame: bool = False) -> Bunch | tuple[Any, Any]: ...


@validate_params(_SWITCHES, prefer_skip_nested_validation=True)
def load_sunspots(*, return_X_y: bool = False, as_frame: bool = False) -> Bunch | tuple[Any, Any]:
    """Load the yearly mean sunspot numbers, 1700 to 2008.

    X[i] holds the sunspot number of a year, and y[i] that of the next year. With a
    `SlidingWindow`, a model forecasts one year ahead. The numbers are of version 1, before the
    recalibration of 2015.

    ==============  ===================================
    Observations    309, one a year
    Rows of X       308
    Values          real, 0 to 190.2
    Season          none fixed; cycles of some 11 years
    ==============  ===================================

    Parameters
    ----------
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a `Bunch`.
    as_frame : bool, default=False
        Return pandas objects whose index, "year", holds integers. Needs pandas.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With ``return_X_y=False``. Its attributes are:

        data : ndarray or DataFrame of shape (308, 1)
            X: years 1700 to 2007, oldest first.
        target : ndarray or Series of shape (308,)
            y: the year after each row of ``data``, 1701 to 2008. As a Series it has the
            index of ``data``: the year in which the forecast is made.
        series : ndarray or Series of shape (309,)
            All years.
        frame : DataFrame of shape (308, 2) or None
            The columns of ``data`` and ``target``, with ``as_frame=True``.
        feature_names : list of str
            ``["sunspots"]``.
        target_names : list of str
            ``["next_sunspots"]``.
        DESCR : str
            Description of the data, with their source and terms.
        filename : str
            Name of the data file in ``data_module``.
        data_module : str
            Package that contains the file.

    (data, target) : tuple
        With ``return_X_y=True``: the attributes of the same names.

    Examples
    --------
    >>> from skrnn.datasets import load_sunspots
    >>> X, y = load_sunspots(return_X_y=True)
    >>> X.shape, y.shape
    ((308, 1), (308,))
    >>> X[:3, 0], y[:3]
    (array([ 5., 11., 16.]), array([11., 16., 23.]))
    >>> load_sunspots().series[-1]
    np.float64(2.9)
    """
    return _load("sunspots", _year_index, return_X_y=return_X_y, as_frame=as_frame)


@overload
def load_weather(*, return_X_y: Literal[False] = False, as_frame: bool = False) -> Bunch: ...


@overload
def load_weather(*, return_X_y: Literal[True], as_frame: Literal[False] = False) -> Arrays: ...


@overload
def load_weather(*, return_X_y: Literal[True], as_frame: Literal[True]) -> "Frames": ...


@overload
def load_weather(*, return_X_y: bool, as_frame: bool = False) -> Bunch | tuple[Any, Any]: ...


@validate_params(_SWITCHES, prefer_skip_nested_validation=True)
def load_weather(*, return_X_y: bool = False, as_frame: bool = False) -> Bunch | tuple[Any, Any]:
    """Load the hourly temperature and relative humidity at New York's JFK airport in 2013.

    X[i] holds the temperature in °C and the relative humidity in % of an hour, and y[i] both
    of the next hour. With a `SlidingWindow`, a model forecasts one hour ahead. 25 of the hours
    are interpolated, and ``DESCR`` lists these.

    ==============  =====================================================
    Observations    8730, one an hour
    Rows of X       8729
    Values          temperature -11.1 to 36.7 °C, humidity 15.2 to 100 %
    Season          24; of the yearly season, one cycle
    ==============  =====================================================

    Parameters
    ----------
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a `Bunch`.
    as_frame : bool, default=False
        Return pandas objects whose index, "hour", is a `DatetimeIndex` of hours in UTC,
        without a time zone, with its frequency set. Needs pandas.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With ``return_X_y=False``. Its attributes are:

        data : ndarray or DataFrame of shape (8729, 2)
            X: hours 2013-01-01 06:00 to 2013-12-30 22:00, oldest first.
        target : ndarray or DataFrame of shape (8729, 2)
            y: the hour after each row of ``data``, 2013-01-01 07:00 to 2013-12-30 23:00. As
            a DataFrame it has the index of ``data``: the hour in which the forecast is made.
        series : ndarray or DataFrame of shape (8730, 2)
            All hours.
        frame : DataFrame of shape (8729, 4) or None
            The columns of ``data`` and ``target``, with ``as_frame=True``.
        feature_names : list of str
            ``["temperature", "humidity"]``.
        target_names : list of str
            ``["next_temperature", "next_humidity"]``.
        DESCR : str
            Description of the data, with their source and terms.
        filename : str
            Name of the data file in ``data_module``.
        data_module : str
            Package that contains the file.

    (data, target) : tuple
        With ``return_X_y=True``: the attributes of the same names.

    Examples
    --------
    >>> from skrnn.datasets import load_weather
    >>> X, y = load_weather(return_X_y=True)
    >>> X.shape, y.shape
    ((8729, 2), (8729, 2))
    >>> X[1:3]
    array([[ 3.9, 59.4],
           [ 4.4, 59.5]])
    >>> y[:2]
    array([[ 3.9, 59.4],
           [ 4.4, 59.5]])
    """
    return _load("weather", _hour_index, return_X_y=return_X_y, as_frame=as_frame)


def _load(
    stem: str,
    make_index: "Callable[[list[str], str], pd.Index]",
    *,
    return_X_y: bool,
    as_frame: bool,
) -> Bunch | tuple[Any, Any]:
    folder = files(_MODULE)
    text = folder.joinpath(f"{stem}.csv").read_text(encoding="utf-8")
    (index_name, *names), *rows = csv.reader(text.splitlines())
    next_names = [f"next_{name}" for name in names]
    values = np.array([row[1:] for row in rows], dtype=float)
    if as_frame:
        _check_pandas(f"load_{stem}")
        index = make_index([row[0] for row in rows], index_name)
        data, target, series, frame = _as_frames(values, names, next_names, index)
    else:
        data, target, series, frame = _as_arrays(values)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        series=series,
        frame=frame,
        feature_names=names,
        target_names=next_names,
        DESCR=folder.joinpath(f"{stem}.rst").read_text(encoding="utf-8"),
        filename=f"{stem}.csv",
        data_module=_MODULE,
    )


def _as_arrays(values: np.ndarray) -> "Parts":
    # copies: scaling data in place must not change target or series
    data, target = values[:-1].copy(), values[1:].copy()
    if values.shape[1] == 1:
        target, values = target[:, 0], values[:, 0]
    return data, target, values, None


def _as_frames(
    values: np.ndarray, names: list[str], next_names: list[str], index: "pd.Index"
) -> "Parts":
    import pandas as pd

    data = pd.DataFrame(values[:-1].copy(), index=index[:-1], columns=names)
    target = pd.DataFrame(values[1:].copy(), index=index[:-1], columns=next_names)
    series = pd.DataFrame(values, index=index, columns=names)
    frame = pd.concat([data, target], axis=1)
    if len(names) == 1:
        return data, target[next_names[0]], series[names[0]], frame
    return data, target, series, frame


def _month_index(labels: list[str], name: str) -> "pd.DatetimeIndex":
    import pandas as pd

    return pd.DatetimeIndex(pd.to_datetime(labels, format="%Y-%m"), freq="MS", name=name)


def _hour_index(labels: list[str], name: str) -> "pd.DatetimeIndex":
    import pandas as pd

    return pd.DatetimeIndex(pd.to_datetime(labels, format="%Y-%m-%dT%H"), freq="h", name=name)


def _year_index(labels: list[str], name: str) -> "pd.Index":
    import pandas as pd

    return pd.Index([int(label) for label in labels], name=name)


def _check_pandas(caller: str) -> None:
    try:
        import pandas  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"{caller}(as_frame=True) returns pandas objects, but pandas is not installed. "
            "Install it with 'pip install pandas', or use as_frame=False for NumPy arrays."
        ) from error
