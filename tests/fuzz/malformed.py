"""Arguments that are malformed: each has a description, and whether it can't be accepted."""

import datetime
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow
from scipy import sparse

from .draw import one_of


def plain(value):
    """A copy of X, y or weights as a float array, padded with NaN, to spoil it."""
    parts = [np.asarray(own, float) for own in value]
    longest = max((len(own) for own in parts if own.ndim), default=0)
    out = np.full((len(parts), longest, *parts[0].shape[1:]) if longest else len(parts), np.nan)
    for row, own in enumerate(parts):
        out[(row, slice(len(own))) if own.ndim else row] = own
    return out


def spoiled(array, item):
    """The array with one item replaced, as objects."""
    out = np.array(array, dtype=object)
    out.flat[out.size // 2] = item
    return out


def listed(array, item):
    """The same as nested lists."""
    return spoiled(array, item).tolist()


def as_rows(array):
    """The same with two axes."""
    return array.reshape(len(array), -1)


def masked(array):
    """A masked array with one masked value."""
    out = np.ma.MaskedArray(np.nan_to_num(array), mask=False)
    out[(0,) * out.ndim] = np.ma.masked
    return out


ANYWHERE = {  # of X, y and weights; the names of those that can be accepted end in "?"
    "text": lambda a: "text",
    "a number?": lambda a: 3.5,
    "a dict": lambda a: dict(enumerate(np.asarray(a).tolist())),
    "a set": lambda a: {1, 2, 3},
    "a generator": lambda a: (row for row in np.asarray(a)),
    "an object": lambda a: object(),
    "bytes": lambda a: b"abc",
    "an empty list": lambda a: [],
    "an empty array": lambda a: np.empty((0, *np.shape(a)[1:])),
    "one axis more twice": lambda a: np.asarray(a)[..., np.newaxis, np.newaxis],
    "inf": lambda a: spoiled(a, np.inf).astype(float),
    "inf of either sign": lambda a: np.where(
        np.arange(np.size(a)).reshape(np.shape(a)) % 2, np.inf, -np.inf
    ),
    "inf in objects": lambda a: spoiled(a, np.inf),
    "complex": lambda a: np.nan_to_num(a) + 1j,
    "complex in a list": lambda a: (np.nan_to_num(a) + 1j).tolist(),
    "dates": lambda a: np.full(np.shape(a), np.datetime64("2020-01-01")),
    "time differences": lambda a: np.full(np.shape(a), np.timedelta64(5, "s")),
    "Timestamps": lambda a: spoiled(a, pd.Timestamp("2020-01-01")),
    "a date in a list": lambda a: listed(a, datetime.date(2020, 1, 1)),
    "text in objects": lambda a: spoiled(a, "abc"),
    "text in a list": lambda a: listed(a, "abc"),
    "None in objects?": lambda a: spoiled(a, None),
    "None in a list?": lambda a: listed(a, None),
    "pd.NA in objects?": lambda a: spoiled(a, pd.NA),
    "pd.NA in a list?": lambda a: listed(a, pd.NA),
    "a dict in objects": lambda a: spoiled(a, {}),
    "a list in a list": lambda a: listed(a, [1.0, 2.0]),
    "Decimal?": lambda a: spoiled(a, Decimal("0.5")),
    "a huge integer": lambda a: spoiled(a, 10**400),
    "a huge integer in a list": lambda a: listed(a, 10**400),
    "masked?": masked,
    "one too few": lambda a: np.asarray(a)[:-1],
    "one too many": lambda a: np.concatenate([np.asarray(a), np.asarray(a)[:1]]),
    "sparse": lambda a: sparse.csr_matrix(np.nan_to_num(a).reshape(len(a), -1)),
}

OF_X = {
    "None": lambda a: None,
    "1-D": lambda a: a.reshape(-1),
    "NaN in some features?": lambda a: spoiled(a, np.nan).astype(float),
    "no features": lambda a: a[..., :0],
    "one feature more?": lambda a: np.concatenate([a, a[..., :1]], axis=-1),
    "a list of None?": lambda a: [None] * len(a),
    "None among sequences": lambda a: [*list(a)[:-1], None],
    "sparse sequences?": lambda a: [
        sparse.csr_matrix(np.nan_to_num(x).reshape(len(x), -1)) for x in a
    ],
    "numbers among sequences": lambda a: [*list(a)[:-1], 3.0],
    "text among sequences": lambda a: [*list(a)[:-1], "abc"],
    "other features among sequences": lambda a: [*list(a)[:-1], np.ones((2, 9))],
    "a Series of sequences?": lambda a: pd.Series(list(a)),
    "a frame of text": lambda a: pd.DataFrame({"a": ["x"] * len(a)}),
    "a nullable frame?": lambda a: pd.DataFrame(spoiled(as_rows(a), pd.NA)).convert_dtypes(),
    "a categorical frame?": lambda a: pd.DataFrame(as_rows(a)).astype("category"),
    "a frame of objects?": lambda a: pd.DataFrame(spoiled(as_rows(a), None)),
    "MultiIndex columns?": lambda a: pd.DataFrame(
        as_rows(a), columns=pd.MultiIndex.from_product([["a"], range(a[0].size)])
    ),
    "a frame of sequences": lambda a: pd.DataFrame({"a": list(as_rows(a))}),
    "a groupby object": lambda a: pd.DataFrame(as_rows(a)).groupby(0),
    "a pyarrow table?": lambda a: pyarrow.table({"a": as_rows(a)[:, 0]}),
    "a frame of dates": lambda a: pd.DataFrame({"a": pd.date_range("2020", periods=len(a))}),
}
OF_Y = {
    "None": lambda a: None,
    "NaN": lambda a: spoiled(a, np.nan).astype(float),
    "four axes": lambda a: np.ones((len(a), 1, 1, 1)),
    "one step more": lambda a: np.ones((len(a), 99, 1)),
    "lists of several lengths": lambda a: [[1.0] * (i + 1) for i in range(max(2, len(a)))],
    "None among sequences": lambda a: [*[np.ones((2, 1))] * (len(a) - 1), None],
}
OF_WEIGHTS = {
    "NaN": lambda a: spoiled(a, np.nan).astype(float),
    "negative": lambda a: spoiled(a, -1.0).astype(float),
    "all negative": lambda a: -np.ones(np.shape(a)),
    "lists of several lengths": lambda a: [[1.0] * (i + 50) for i in range(len(a))],
    "one step more": lambda a: np.ones((len(a), 99)),
}


def malformed(rng, argument, value, *, classify=False):
    """Draw a malformed value; return it and why no call can accept it, or "" if one may."""
    options = ANYWHERE | {"X": OF_X, "y": OF_Y, "sample_weight": OF_WEIGHTS}[argument]
    name = one_of(rng, sorted(options))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spoilt = options[name](value)
    fine = name.endswith("?") or (argument == "y" and classify)
    fine |= argument == "y" and name == "NaN" and np.ndim(value) > 2  # a missing target
    return spoilt, name, "" if fine else f"{argument} is {name}"
