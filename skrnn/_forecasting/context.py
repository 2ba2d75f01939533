"""The series to forecast after, and how a model reads them together."""

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .._panels.panel import Panel
from .covariate_rows import stacked
from .covariates import Table


class Group(NamedTuple):
    """Series that one window reads together: one or, if multivariate, all."""

    ids: tuple[Hashable, ...]  # K of them
    values: np.ndarray  # (n, K), gaps NaN
    start: int  # position of the first row
    clock: Any
    table: Table | None = None  # covariates of these rows and of later ones

    @property
    def end(self) -> int:
        """Position of the last row."""
        return self.start + len(self.values) - 1

    def label(self, row: int) -> Any:
        """The label of a row."""
        return self.clock.labels(self.start + row, 1)[0]

    def first(self, n_rows: int) -> "Group":
        """Its first rows."""
        table = None if self.table is None else self.table.rows(slice(0, n_rows))
        return self._replace(values=self.values[:n_rows], table=table)


class Context(NamedTuple):
    """Series to forecast after, with covariates of their rows and of later ones."""

    panel: Panel
    tables: list[Table] | None  # each from the first row of its series on

    @property
    def names(self) -> list[Any] | None:
        """The names of covariates, None without them."""
        return None if self.tables is None else self.tables[0].names

    def with_later(self, later: list[Table] | None) -> "Context":
        """With covariates of later rows, that follow those of y."""
        if later is None or self.tables is None:
            return self
        n = len(self.tables)  # later ones may be of new series, too
        joined = [stacked(own, after) for own, after in zip(self.tables, later[:n], strict=True)]
        return self._replace(tables=joined + later[n:])

    def with_last(self, n_steps: Sequence[int]) -> "Context":
        """With the covariates of the last rows in the steps that follow each series."""
        tables = self.tables or []
        rows = zip(tables, self.panel.series, self.panel.origins, n_steps, strict=True)
        return self.with_later(
            [own.rows(np.full(max(0, s.end + n - last), -1)) for own, s, last, n in rows]
        )

    def groups(self, multivariate: bool) -> list[Group]:
        """One group for each series or, if multivariate, one of all."""
        series = self.panel.series
        if not multivariate:
            tables: list[Any] = [None] * len(series) if self.tables is None else list(self.tables)
            return [
                Group((own.id,), own.values[:, np.newaxis], own.start, own.clock, table)
                for own, table in zip(series, tables, strict=True)
            ]
        start, end = max(own.start for own in series), min(own.end for own in series)
        if start > end:
            raise ValueError(
                "multivariate=True needs rows in which all columns of y have values, but there "
                "are none: forecast the columns separately, by multivariate=False."
            )
        values = [own.values[start - own.start : end + 1 - own.start] for own in series]
        table = self.tables and self.tables[0].rows(slice(start - series[0].start, None))
        ids = tuple(own.id for own in series)
        return [Group(ids, np.column_stack(values), start, series[0].clock, table or None)]
