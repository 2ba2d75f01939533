"""Numbers, from what users pass: dates, text, complex numbers and masks don't slip through."""

import datetime
import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import check_array

from .column_kinds import kind_of, type_of
from .containers import check_container, columns_of

_TEMPORAL = datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64
_MISSING = "NoneType", "NAType", "NaTType"  # names of types, as pandas may not be installed
_POSITIONS = {1: ("position",), 2: ("row", "column"), 3: ("sample", "step", "feature")}


class _Fix(NamedTuple):
    """What to do with values that are no numbers."""

    text: str
    times: str


_FEATURES = _Fix(
    "Features must be numbers: encode texts and lists of tokens by TokenEncoder, and categories by "
    "sklearn.preprocessing.OneHotEncoder(sparse_output=False). Name a column with the ids of "
    "several series in SlidingWindow(groups=...).",
    "Make them the index of a pandas DataFrame (X.set_index), drop them, or turn them into "
    "numbers, such as the hours since the first one.",
)
_TARGETS = _Fix(
    "Targets must be numbers: RNNClassifier learns labels. Those of steps are (n, n_steps) or a "
    "list of (n_steps,) arrays. Several labels at each step are 1 or 0, as "
    "sklearn.preprocessing.MultiLabelBinarizer makes them.",
    "Targets must be numbers, such as the hours since the first one.",
)
_FIXES = {"X": _FEATURES, "x": _FEATURES, "series": _FEATURES, "y": _TARGETS}
_OTHERS = _Fix("Pass numbers.", "Pass numbers.")


def as_numbers(values: Any, name: str) -> np.ndarray:
    """Return real numbers as an array, with NaN for what is missing.

    Arrays of numbers are returned as they are. ``name`` is what errors call the values: "X[3]".
    Raises TypeError or ValueError for dates, time differences, text, complex numbers, masked
    integers, and containers that can't become one array.
    """
    if type(values) is np.ndarray and values.dtype.kind in "fiub":  # as at each call of step
        return values
    if isinstance(values, np.ndarray) and not isinstance(values, np.ma.MaskedArray):
        return _from_array(values, name)
    check_container(values, name)
    if isinstance(values, np.ma.MaskedArray):
        return _from_masked(values, name)
    if isinstance(values, list | tuple):
        return _from_list(values, name)
    if hasattr(values, "iloc") and _are_plain(values):
        a = np.asarray(values)
        return a.astype(float) if a.dtype == object else a  # of booleans beside numbers
    columns = columns_of(values)
    if columns is None:
        return _from_column(values, name)
    arrays = [_from_column(column, f"Column {label!r} of {name}") for label, column in columns]
    return np.column_stack(arrays) if arrays else np.empty(values.shape)


def check_numbers(values: Any, name: str, **options: Any) -> np.ndarray:
    """Values that `as_numbers` takes, after scikit-learn's check, in float32 or float64.

    ``options`` are those of ``check_array``, which refuses infinity and allows NaN by default.
    """
    defaults: dict = {"dtype": [np.float64, np.float32], "ensure_all_finite": "allow-nan"}
    a = as_numbers(values, name)
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # of sums; the check says what is wrong
            return check_array(a, input_name=name, **defaults | options)
    except ValueError as error:
        if a.ndim != 1 or not hasattr(values, "to_frame"):
            raise
        raise ValueError(f"{error} Of a Series, pass {name}.to_frame().") from error


def numbers_by_name(values: Any, name: str) -> dict[str, np.ndarray]:
    """Return a mapping's values `as_numbers`; raise TypeError if it is no mapping."""
    if not isinstance(values, Mapping):
        raise TypeError(f"{name} must be a mapping of names to arrays, got {values!r}.")
    return {key: as_numbers(own, f"{name}[{key!r}]") for key, own in values.items()}


def all_finite(a: np.ndarray) -> bool:
    """Whether no number is NaN or infinite, where NumPy doesn't warn of overflow.

    The sum of their squares tells it sooner than a look at each, which takes several calls.
    """
    numbers = a.ravel("K")
    return math.isfinite(numbers.dot(numbers)) or bool(np.isfinite(numbers).all())


def is_missing(value: Any) -> bool:
    """Whether a label or id is None, NaN, pandas.NA or pandas.NaT."""
    return type(value).__name__ in _MISSING or bool(value != value)


def _are_plain(frame):
    """Whether all columns of a frame have NumPy's types of numbers: slicing each takes time."""
    dtypes = set(frame.dtypes) if hasattr(frame, "columns") else {None}
    return all(isinstance(dtype, np.dtype) and dtype.kind in "fiub" for dtype in dtypes)


def _from_array(a, name):
    kind = a.dtype.kind
    if kind in "fiub":
        return a
    if kind in "mM":
        raise _of_dates(name)
    if kind == "c":
        raise _of_complex(name)
    if kind == "V":
        raise TypeError(
            f"{name} is a structured array with the fields {a.dtype.names}: pass a DataFrame, or "
            "numpy.lib.recfunctions.structured_to_unstructured(...)."
        )
    if a.ndim == 1 and len(a) and all(isinstance(own, list | tuple | np.ndarray) for own in a):
        return _from_list(a.tolist(), name)  # as the list of the same
    return _from_objects(a, name)


def _from_masked(a, name):
    data, mask = np.ma.getdata(a), np.ma.getmaskarray(a)
    if not mask.any():
        return _from_array(data, name)
    if data.dtype.kind != "f":
        raise ValueError(
            f"{name} is a masked array of {data.dtype}, which has no value for what is masked: use "
            "astype(float), so that it becomes NaN, or filled(...)."
        )
    return np.where(mask, data.dtype.type(np.nan), data)


def _from_list(values, name):
    if any(isinstance(own, np.ma.MaskedArray) for own in values):
        values = [as_numbers(own, f"{name}[{i}]") for i, own in enumerate(values)]
    try:
        a = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be an array, or a list that makes one: {error}") from error
    if a.dtype.kind in "US":  # NumPy turns numbers beside text into text
        a = np.asarray(values, dtype=object)
    return _from_array(a, name)


def _from_column(column, name):
    """The numbers of a Series, or of something else with ``__array__``."""
    dtype = type_of(column)
    if kind_of(column) in ("dates", "durations"):
        raise _of_dates(name)
    if getattr(dtype, "kind", "") in "fiub" and hasattr(dtype, "na_value"):
        dtype = getattr(dtype, "numpy_dtype", None) if dtype.kind == "f" else float
        return column.to_numpy(dtype=dtype, na_value=np.nan)
    a = np.asarray(column)
    return _from_objects(a, name) if a.dtype == object else _from_array(a, name)


def _from_objects(a, name):
    """The numbers (...) of an object array, or of text."""
    kinds = set(map(type, a.ravel().tolist()))
    for refused, error in ((_is_time, _of_dates), (_is_complex, _of_complex)):
        if any(map(refused, kinds)):
            index = next(i for i in np.ndindex(a.shape) if refused(type(a[i])))
            raise error(_where(name, index))
    if any(kind.__name__ in _MISSING for kind in kinds):
        missing = [type(value).__name__ in _MISSING for value in a.ravel().tolist()]
        a = np.where(np.reshape(missing, a.shape), np.nan, a)
    try:
        return a.astype(float)
    except (TypeError, ValueError, OverflowError):
        for index in np.ndindex(a.shape):
            _check_number(a[index], name, index)
        raise


def _check_number(value, name, index):
    """Raise an error that says where a value is, unless it is a number."""
    where = _where(name, index)
    if np.ndim(value) or (hasattr(value, "shape") and not isinstance(value, np.generic)):
        raise ValueError(
            f"{where}: setting an array element with a sequence, a {type(value).__name__}. Pass a "
            "list of (n_steps, n_features) arrays, or one array (n_samples, n_steps, n_features)."
        )
    try:
        float(value.item() if isinstance(value, np.generic) else value)
    except OverflowError as error:
        raise ValueError(f"{where}: the value is too large for a float: rescale it.") from error
    except (ValueError, TypeError) as error:
        raise type(error)(f"{where}: {error}. {_fix(name).text}") from error


def _where(name, index):
    """What to call one of the values."""
    words = _POSITIONS.get(len(index), ("index",) * len(index))
    parts = [f"{word} {i}" for word, i in zip(words, index, strict=True)]
    return ", ".join([name, *parts])


def _fix(name):
    """What to do, by the parameter in the name: "Column 'a' of X[3], position 0"."""
    parameter = re.split(r"[\[,]", name.rpartition(" of ")[2])[0]
    return _FIXES.get(parameter, _OTHERS)


def _is_time(kind):
    return issubclass(kind, _TEMPORAL) or kind.__name__ == "Period"


def _is_complex(kind):
    return issubclass(kind, complex | np.complexfloating)


def _of_dates(name):
    return ValueError(f"{name} holds dates or times, which have no unit. {_fix(name).times}")


def _of_complex(name):
    return ValueError(
        f"Complex data not supported: {name} has complex values. Pass real and imaginary parts as "
        "two features."
    )
