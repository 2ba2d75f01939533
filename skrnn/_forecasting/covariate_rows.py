"""Which rows of X belong to which steps of which series."""

from typing import Any

import numpy as np

from .._panels.panel import Panel
from .covariates import Table
from .tables import check_names, covering, named_as_in_fit, read_table, split_by_id


def tables_of_history(X: Any, panel: Panel, names: list[Any] | None = None) -> list[Table]:
    """The covariates of y's own rows, for each series from its first value on."""
    table, index = _read(X, names)
    if index is None or panel.index is None:
        _check_length(table, panel.n_rows, "y")
    return _tables(
        table, index, panel, [own.start for own in panel.series], panel.origins, fill=True
    )


def tables_after(X: Any, panel: Panel, n_steps: list[int], names: list[Any] | None) -> list[Table]:
    """The covariates of the steps after y; other rows of X don't count."""
    table, index = _read(X, names)
    firsts = [last + 1 for last in panel.origins]
    lasts = [own.end + n for own, n in zip(panel.series, n_steps, strict=True)]
    if index is None or panel.index is None:
        _check_length(table, lasts[0] + 1 - firsts[0], "the next steps")
    return _tables(table, index, panel, firsts, lasts, fill=False)


def tables_with_history(
    X: Any, panel: Panel, n_steps: list[int], names: list[Any] | None
) -> list[Table]:
    """The covariates of y's own rows and of the steps after it."""
    table, index = _read(X, names)
    lasts = [own.end + n for own, n in zip(panel.series, n_steps, strict=True)]
    if index is None or panel.index is None:
        n_more = lasts[0] - panel.origins[0]
        _check_length(table, panel.n_rows + n_more, "y, and the next steps")
        n = panel.n_rows
        before = _tables(
            table.rows(slice(0, n)),
            None,
            panel,
            [s.start for s in panel.series],
            panel.origins,
            fill=True,
        )
        after = table.rows(slice(n, None))
        return [stacked(own, after) for own in before]
    firsts = [own.start for own in panel.series]
    return _tables(table, index, panel, firsts, lasts, fill=True)


def tables_of_later(
    X: Any, panel: Panel, before: Panel, known: list[Table] | None, names: list[Any] | None
) -> list[Table]:
    """The covariates of rows that were appended to a panel, whose own ones are ``known``.

    Where y misses labels and X does, too, the covariates of the row before are repeated.
    """
    table, index = _read(X, names)
    firsts = [last + 1 for last in before.origins]
    firsts += [own.start for own in panel.series[len(firsts) :]]  # new ones
    if index is None or panel.index is None:
        _check_length(table, panel.origins[0] + 1 - firsts[0], "y")
    return _tables(table, index, panel, firsts, panel.origins, fill=True, known=known)


def stacked(first: Table, second: Table) -> Table:
    """The rows of two tables with the same columns."""
    pairs = zip(first.columns, second.columns, strict=True)
    return Table(first.names, [np.concatenate(pair) for pair in pairs])


def _read(X, names):
    table, index = read_table(X, is_new=names is None)
    if names is not None:
        has_names = hasattr(X, "columns") or hasattr(X, "name")
        table = check_names(table, names) if has_names else named_as_in_fit(table, names)
    return table, index


def _tables(table, index, panel, firsts, lasts, *, fill, known=None):
    """One table for each series, from its own first to its last position."""
    parts = {own.id: (table, index) for own in panel.series}
    if panel.by_id:
        ended = [own.id for own, a, z in zip(panel.series, firsts, lasts, strict=True) if a > z]
        parts = split_by_id(table, index, panel.ids, ended)
    found, origins = [], panel.origins
    for i, own in enumerate(panel.series):
        rows, labels = parts[own.id]
        if labels is not None and panel.index is not None:
            positions = _positions(own, labels, firsts[i], lasts[i])
        elif fill and known is None:
            positions = panel.positions[i]
        else:
            positions = np.arange(firsts[i], lasts[i] + 1)
        needed = None
        if fill:  # y's own labels, and all after them
            later = np.arange(origins[i] + 1, lasts[i] + 1)
            needed = np.concatenate([panel.positions[i], later])
        if known is not None and i < len(known):  # the row before the first is known
            after = positions >= firsts[i]
            rows = stacked(known[i].rows(slice(-1, None)), rows.rows(after))
            positions = np.concatenate([[firsts[i] - 1], positions[after]])
        of = f" of series {own.id!r}" if panel.by_id else ""
        span = firsts[i], lasts[i], own.clock.labels
        found.append(covering(rows, positions, *span, needed, of))
    return found


def _positions(series, labels, first, last):
    if not len(labels):
        return np.zeros(0, np.int64)
    try:
        return series.clock.positions(labels, "X")
    except ValueError as error:
        if first > last:
            raise
        low, high = (series.clock.labels(p, 1)[0] for p in (first, last))
        raise ValueError(f"X needs the labels {low} to {high}, as y has them. {error}") from error


def _check_length(table, n_rows, what):
    if len(table) != n_rows:
        raise ValueError(
            f"X has {len(table)} rows, but {n_rows} are needed, those of {what}: as it has no "
            "index, its rows are successive steps."
        )
