"""Folds of a backtest that share a fit: what a process needs to know of them, and does."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from .._panels.panel import Panel
from .._sklearn.tasks import Part
from .context import Context
from .covariates import Table
from .fitting import check_rows, fit_on
from .settings import settings_of

Forecasts = dict[Hashable, np.ndarray]  # (n_steps,) of each series, by id


class Fold(NamedTuple):
    """The rows to forecast after, by the id of each series, and how many steps."""

    spans: dict[Hashable, tuple[int, int]]  # the positions of the first and the last row
    n_steps: dict[Hashable, int]


class Found(NamedTuple):
    """The forecasts of a fold, and the season that their fit knew."""

    season: int
    forecasts: Forecasts


class Block(NamedTuple):
    """The fit on the rows of the first fold, and the folds that are forecast by it."""

    context: Context
    folds: list[Fold]
    part: Part


def block_of(whole: Context, folds: list[Fold], part: Part) -> Block:
    """The block with the rows that its folds read, and no others: it may go to another machine."""
    spans: dict[Hashable, tuple[int, int]] = {}
    for fold in folds:
        for id_, (first, last) in fold.spans.items():
            known = spans.get(id_, (first, last))
            spans[id_] = min(first, known[0]), max(last, known[1])
    context = _cut(whole, spans)
    series = [own._replace(values=_packed(own.values)) for own in context.panel.series]
    panel, tables = replace(context.panel, series=series), context.tables
    if tables is not None:
        n_steps = max(max(fold.n_steps.values()) for fold in folds)
        ends = [own.end + n_steps + 1 - own.start for own in series]
        tables = [table.rows(slice(0, end)) for table, end in zip(tables, ends, strict=True)]
        tables = [Table(table.names, list(map(_packed, table.columns))) for table in tables]
    return Block(Context(panel, tables), folds, part)


def forecast_block(parameters: Any, block: Block) -> list[Found]:
    """What is found in each fold."""
    fitted, found = None, []
    for fold in block.folds:
        context = _cut(block.context, fold.spans)
        if fitted is None:
            context = _of_length(context, settings_of(parameters, context).can_fit)
            fitted = fit_on(
                parameters,
                parameters._own_regressor(),
                _without_later(context),
                lambda name: block.part,
                is_backtest=True,
            )
        else:
            model = fitted.model
            if not parameters.multivariate:
                context = _of_length(context, model.can_follow)
            check_rows(context.groups(parameters.multivariate), model.settings, model.length)
        ids = context.panel.ids
        forecasts = fitted.forecasts(context, [fold.n_steps[id_] for id_ in ids])
        season = fitted.model.settings.season
        found.append(Found(season, dict(zip(ids, forecasts, strict=True))))
    return found


def _cut(context: Context, spans: dict[Hashable, tuple[int, int]]) -> Context:
    """Some rows of some series, without the labels of y, which no forecast needs."""
    kept = [j for j, own in enumerate(context.panel.series) if own.id in spans]
    series, firsts = [], []
    for own in (context.panel.series[j] for j in kept):
        start, end = spans[own.id]
        firsts.append(start - own.start)
        values = own.values[firsts[-1] : end + 1 - own.start]
        series.append(own._replace(values=values, start=start))
    panel = Panel(series, context.panel.container.of_some(kept), None, [], [])
    if context.tables is None:
        return Context(panel, None)
    pairs = zip(kept, firsts, strict=True)
    return Context(panel, [context.tables[j].rows(slice(first, None)) for j, first in pairs])


def _of_length(context: Context, is_enough: Callable[[int], bool]) -> Context:
    """The series that have enough rows; all of them if none has, for the error of `check_rows`."""
    of = [j for j, own in enumerate(context.panel.series) if is_enough(len(own.values))]
    if not of or len(of) == len(context.panel):
        return context
    panel = replace(context.panel, series=[context.panel.series[j] for j in of])
    tables = None if context.tables is None else [context.tables[j] for j in of]
    return Context(panel, tables)


def _without_later(context: Context) -> Context:
    """The same without covariates after the end."""
    if context.tables is None:
        return context
    pairs = zip(context.tables, context.panel.series, context.panel.origins, strict=True)
    tables = [table.rows(slice(0, last + 1 - own.start)) for table, own, last in pairs]
    return context._replace(tables=tables)


def _packed(column: np.ndarray) -> np.ndarray:
    """The column alone, as it is after a pickle: not as a view of a table, by which sums differ."""
    return np.ascontiguousarray(column)
