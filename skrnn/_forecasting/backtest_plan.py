"""What a backtest is to forecast in each fold, and the truth."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .._panels.names import series_name
from .._panels.panel import Panel, Series
from .folds import Fold
from .splits import Split


class Rows(NamedTuple):
    """The rows of one series: which of all times they have, and their positions."""

    times: np.ndarray  # (n,)
    positions: np.ndarray  # (n,)


class HeldOut(NamedTuple):
    """What a fold is measured by, of each series with values before, by id."""

    before: dict[Any, Series]
    rows: dict[Any, Rows]  # to forecast
    truth: dict[Any, np.ndarray]  # (n,)


class Plan(NamedTuple):
    """The folds of a backtest, and what each is measured by."""

    times: Any  # all labels of y
    folds: list[Fold]
    tests: list[HeldOut]


def plan_of(panel: Panel, splits: Sequence[Split], *, multivariate: bool) -> Plan:
    """The folds of splits, which are rows of ``panel.times()``."""
    times = panel.times()
    rows = dict(zip(panel.ids, _rows(panel, times), strict=True))
    folds, tests = [], []
    for number, (train, test) in enumerate(splits):
        before = _between(panel, times[train.min()], times[train.max()])
        if multivariate and len(before) < len(panel):
            missing = next(id_ for id_ in panel.ids if id_ not in before.ids)
            raise ValueError(
                f"multivariate=True reads all columns of y, but {series_name(missing, 'y')} has no "
                f"value before fold {number}: use fewer folds, or multivariate=False."
            )
        tests.append(_test_of(panel, before, rows, test))
        spans = {own.id: (own.start, own.end) for own in before.series}
        folds.append(Fold(spans, _n_steps(tests[-1])))
    return Plan(times, folds, tests)


def _rows(panel: Panel, times: Any) -> list[Rows]:
    """The rows of each series, which have some of all times."""
    found = []
    for of, positions in zip(panel.rows, panel.positions, strict=True):
        own = np.arange(len(positions))
        if panel.index is not None and panel.by_id:
            own = times.get_indexer(panel.index.get_level_values(1)[of])
        found.append(Rows(own, positions))
    return found


def _between(panel: Panel, first: Any, last: Any) -> Panel:
    """The series from one label to another that have values there."""
    try:
        return panel.between(first, last)
    except ValueError as error:
        raise ValueError(
            "cv has a fold without values to fit on: use more rows or fewer folds."
        ) from error


def _test_of(whole: Panel, before: Panel, rows: dict[Any, Rows], test: np.ndarray) -> HeldOut:
    """The rows of a fold that are forecast, and their values."""
    after: dict[Any, Rows] = {}
    truth: dict[Any, np.ndarray] = {}
    values = dict(zip(whole.ids, whole.series, strict=True))
    for id_ in before.ids:
        asked = np.isin(rows[id_].times, test)
        after[id_] = Rows(rows[id_].times[asked], rows[id_].positions[asked])
        truth[id_] = _at(values[id_], after[id_].positions)
    return HeldOut(dict(zip(before.ids, before.series, strict=True)), after, truth)


def _n_steps(test: HeldOut) -> dict[Any, int]:
    """The steps to forecast of each series, at least one."""
    return {
        id_: int(test.rows[id_].positions.max(initial=own.end + 1)) - own.end
        for id_, own in test.before.items()
    }


def _at(series: Series, positions: np.ndarray) -> np.ndarray:
    """The values of a series at some positions, NaN outside."""
    at = positions - series.start
    inside = (at >= 0) & (at < len(series.values))
    return np.where(inside, series.values[np.clip(at, 0, len(series.values) - 1)], np.nan)
