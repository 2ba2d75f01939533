"""Values as nested tuples, to see whether a call has changed them in any bit."""

import types
from decimal import Decimal
from numbers import Number

import numpy as np
import pandas as pd
import polars as pl
from scipy import sparse

_PLAIN = (Number, str, bytes, type(None), Decimal, type, np.dtype, types.FunctionType)

_OWN = ("skrnn", "sklearn", "tests")  # estimators and cells: what they hold counts


def frozen(value):
    """Return a value that compares equal if, and only if, no bit of this one has changed."""
    name = type(value).__name__
    if isinstance(value, _PLAIN):
        return name, repr(value)
    if isinstance(value, np.ma.MaskedArray):
        return name, frozen(np.asarray(value)), frozen(np.ma.getmaskarray(value))
    if isinstance(value, np.ndarray):
        items = frozen(value.tolist()) if value.dtype == object else value.tobytes()
        return name, str(value.dtype), value.shape, items
    if isinstance(value, np.random.RandomState):
        return name  # its draws move on, in failed calls too
    if isinstance(value, pd.DataFrame):
        columns = [value.iloc[:, i] for i in range(value.shape[1])]
        return name, repr(list(value.columns)), tuple(frozen(own) for own in columns)
    if isinstance(value, pd.Series):
        return name, str(value.dtype), frozen(value.index), frozen(value.tolist())
    if isinstance(value, pd.Index):
        return name, str(value.dtype), repr(value.tolist())
    if isinstance(value, pl.DataFrame | pl.Series):
        return name, repr(
            value.to_dict(as_series=False) if name == "DataFrame" else value.to_list()
        )
    if isinstance(value, dict):
        return name, tuple((repr(key), frozen(own)) for key, own in value.items())
    if isinstance(value, list | tuple):
        return name, tuple(frozen(own) for own in value)
    if sparse.issparse(value):
        return name, value.toarray().tobytes()
    if type(value).__module__.partition(".")[0] in _OWN:
        # attributes have no order that counts
        return name, frozen(dict(sorted(vars(value).items()))) if hasattr(value, "__dict__") else ()
    return name
