"""Rows of lags that other tools have made, and in which order these stand."""

from typing import Any

import numpy as np

from .lag_names import Lag, lags_of

N_COMPARED = 400  # rows
_LEAST_ROWS = 10
_ALIKE = 0.8  # share of rows; elsewhere another series may begin
_CHANGES = 0.3  # share of rows in which a column changes: constant ones tell nothing
_PAIRS = 2  # of columns, so that it's no coincidence


def check_lags(names: list[str], n_features_per_step: int) -> None:
    """Raise ValueError if all columns are named as lags, and a step would hold several of them."""
    lags = lags_of(names)
    if not all(lags):
        return
    ages = [lag.age for lag in lags if lag is not None]
    D = n_features_per_step
    steps = [set(ages[i : i + D]) for i in range(0, len(ages), D)]
    if len(steps) != len(set(ages)) or any(len(step) > 1 for step in steps):
        raise ValueError(
            f"n_features_per_step={D}, but the columns of X are named as those of windows with "
            f"{len(ages) // len(set(ages))} features per step: {names[0]}, …, {names[-1]}. Set "
            "n_features_per_step to that, and have the features of a step side by side, or put "
            "RowsToSequences() before the network, which reads the names. Name static columns by "
            "static_features."
        )


def misreading(estimator: Any, names: list[str] | None, X: np.ndarray, columns: list[int]) -> str:
    """Say how rows of lags differ from what X (N, T, D) reads in them; "" if they don't.

    Names tell or, where there are none, values: those of lags move by one step from row to row.
    ``columns`` are those of the rows, (T*D,).
    """
    lags = lags_of(names or [])
    if names is not None and _are_many(lags):
        return _by_names(estimator, names, lags)
    name, order, apart = type(estimator).__name__, misplaced(X), columns_apart(X)
    if order:
        fix = 'first="newest"'
        if order != "newest first":
            fix = f'n_features_per_step={[1] * X.shape[2]}, first="oldest"'
        return (
            f"Rows of X look like lags, {order}: values move by a column from one row to the next. "
            f"{name} reads a row step after step, oldest step first: put RowsToSequences({fix}) "
            "before it, with static_features for columns that belong to no step."
        )
    if apart:
        return (
            f"Rows of X look like lags, but {name} would read other columns as steps, too: values "
            "move by a column from one row to the next. If these belong to no step, pass "
            f"static_features={[columns[j] for j in apart]}."
        )
    return ""


def misplaced(X: np.ndarray) -> str:
    """Say in which order X (N, T, D) has successive windows, if it isn't oldest step first.

    "newest first", "variable by variable", or "" if neither shows in the first rows.
    """
    rows, D = _first_rows(X)
    turned = rows[:, ::-1]  # what moves both ways, as each second value, tells nothing
    for k in {1, D}:
        least = max(1, min(_PAIRS, rows.shape[1] - k))
        if _moving(turned, k).sum() >= least and not _moving(rows, k).any():
            return "newest first"
    one_by_one = _moving(rows, 1).sum() >= _PAIRS and not _moving(turned, 1).any()
    return "variable by variable" if D > 1 and one_by_one and not _moving(rows, D).any() else ""


def columns_apart(X: np.ndarray) -> list[int]:
    """Return the first and last columns of rows (N, T*D) that are no lags of those between them.

    X (N, T, D) has the rows as steps, oldest first.
    """
    rows, D = _first_rows(X)
    moving = _moving(rows, D)  # (T*D - D,)
    run = np.flatnonzero(moving)
    if len(run) < _PAIRS:
        return []
    apart: list[int] = []
    last = run[-1] + 1
    if run[0] and not _moves_later(rows, run[0] - 1, D):
        apart += range(run[0])
    if last < len(moving) and not _moves_later(rows, last, D):
        apart += range(last + D, rows.shape[1])
    return [int(column) for column in apart]


def _first_rows(X):
    """The first rows (n, T*D) of X (N, T, D), or none if they are too few, and D."""
    n = min(len(X), N_COMPARED) if len(X) >= _LEAST_ROWS else 0
    return X[:n].reshape(n, X.shape[1] * X.shape[2]), X.shape[2]


def _moving(rows, k):
    """Which columns have, in nearly all rows, what was k columns to the right a row before."""
    now, right = rows[:, : rows.shape[1] - k], rows[:, k:]
    if not len(rows):
        return np.zeros(now.shape[1], bool)
    changes = ~_same(now[1:], now[:-1])
    moving = _same(now[1:], right[:-1]).mean(axis=0) >= _ALIKE
    return moving & (changes.mean(axis=0) >= _CHANGES)


def _moves_later(rows, column, k):
    """Whether a column has what was k columns to the right some rows before: a longer lag."""
    now, right = rows[:, column], rows[:, column + k]
    longest = len(rows) - _LEAST_ROWS
    return any(_same(now[s:], right[:-s]).mean() >= _ALIKE for s in range(2, longest + 1))


def _same(a, b):
    return (a == b) | (np.isnan(a) & np.isnan(b))


def _are_many(lags: list[Lag | None]) -> bool:
    """Whether a variable has several lags."""
    variables = [lag.variable for lag in lags if lag is not None]
    return len(set(variables)) < len(variables)


def _by_names(estimator, names, lags):
    """What the names of columns with lags say against their reading."""
    ages = [lag.age for lag in lags if lag is not None]
    named = [name for name, lag in zip(names, lags, strict=True) if lag is not None]
    rest = [name for name, lag in zip(names, lags, strict=True) if lag is None]
    fix = (
        f"{type(estimator).__name__} reads a row step after step, oldest step first: put "
        "RowsToSequences() before it, which reads the names."
    )
    if rest:
        return (
            f"X has columns that are named as lags, {named[0]}, …, {named[-1]}, and others, "
            f"{rest}, which would be read as steps, too. {fix} Or name them in static_features."
        )
    if ages != sorted(ages, reverse=True):
        return (
            f"The columns of X are named as lags that aren't in the order of time: {named[0]}, …, "
            f"{named[-1]}. {fix}"
        )
    return ""
