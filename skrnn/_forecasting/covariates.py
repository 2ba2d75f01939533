"""Covariates as numbers: scaled, or one-hot."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from .._sklearn.user_warnings import warn_user


class Table(NamedTuple):
    """Columns of covariates, each of numbers or of categories."""

    names: list[Any]
    columns: list[np.ndarray]  # each (n,), of floats or objects

    def __len__(self):
        return len(self.columns[0])

    def rows(self, rows: Any) -> "Table":
        """Some rows."""
        return Table(self.names, [column[rows] for column in self.columns])


@dataclass
class Encoding:
    """The encoding of some columns: numbers are standardized and categories one-hot."""

    columns: list[int]
    names: list[str] = field(default_factory=list)
    numeric: list[int] = field(default_factory=list)
    categorical: list[int] = field(default_factory=list)
    scaler: Any = None  # of the numbers
    encoder: Any = None  # of the categories

    def fit(self, table: Table) -> None:
        """Learn scales and categories."""
        is_number = {i: table.columns[i].dtype.kind == "f" for i in self.columns}
        self.numeric = [i for i in self.columns if is_number[i]]
        self.categorical = [i for i in self.columns if not is_number[i]]
        if self.numeric:
            self.scaler = StandardScaler().fit(self._numbers(table))
        if self.categorical:
            self.encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
            self.encoder.fit(self._categories(table))
        self.names = [str(table.names[i]) for i in self.numeric]
        for i, known in zip(self.categorical, self._known(), strict=True):
            self.names += [f"{table.names[i]}_{value}" for value in known]

    def encode(self, table: Table) -> np.ndarray:
        """The columns (n, D) of numbers."""
        parts = [np.empty((len(table), 0))]
        if self.numeric:
            for i in self.numeric:
                _check_number(table, i)
            parts.append(self.scaler.transform(self._numbers(table)))
        if self.categorical:
            parts.append(self.encoder.transform(self._categories(table)))
        return np.hstack(parts)

    def unknown(self, table: Table) -> list[tuple[Any, Any]]:
        """Names of columns with a category that the fit hasn't seen, and one of these each."""
        found = []
        for i, known in zip(self.categorical, self._known(), strict=True):
            odd = set(table.columns[i].tolist()) - set(known)
            found += [(table.names[i], value) for value in sorted(odd, key=str)[:1]]
        return found

    def _known(self):
        return self.encoder.categories_ if self.categorical else []

    def _numbers(self, table):
        return np.column_stack([table.columns[i] for i in self.numeric])

    def _categories(self, table):
        return np.column_stack([table.columns[i].astype(object) for i in self.categorical])


@dataclass
class CovariateEncoder:
    """Turns tables into numbers, as fitted on those of all series."""

    names: list[Any]
    of_dynamic: Encoding
    of_static: Encoding

    @classmethod
    def of_columns(cls, names: list[Any], static: Sequence[int]) -> "CovariateEncoder":
        """The encoder of columns, of which some are static, before it is fitted."""
        dynamic = [i for i in range(len(names)) if i not in static]
        return cls(names, Encoding(dynamic), Encoding(list(static)))

    def fit(self, tables: Sequence[Table], ids: Sequence[Any]) -> "CovariateEncoder":
        """Learn scales and categories; static columns must be constant in each series."""
        constants = []
        for table, id_ in zip(tables, ids, strict=True):
            for i in self.of_static.columns:
                _check_constant(table, i, id_)
            constants.append(table.rows(slice(0, 1)))
        self.of_dynamic.fit(_stacked(tables))
        self.of_static.fit(_stacked(constants))
        return self

    @property
    def dynamic_names(self) -> list[str]:
        """Names of the encoded columns that may change with time."""
        return self.of_dynamic.names

    @property
    def static_names(self) -> list[str]:
        """Names of the encoded columns that are constant in each series."""
        return self.of_static.names

    def dynamic(self, table: Table) -> np.ndarray:
        """The columns (n, D) that may change with time."""
        return self.of_dynamic.encode(table)

    def static(self, table: Table) -> np.ndarray | None:
        """The columns (M,) that are constant, of one series; None without any."""
        part = self.of_static
        return part.encode(table.rows(slice(0, 1)))[0] if part.columns else None

    def warn_of_unknown(self, tables: Sequence[Table]) -> None:
        """Warn once of categories that the fit hasn't seen."""
        found = [
            (name, value)
            for part in (self.of_dynamic, self.of_static)
            for table in tables
            for name, value in part.unknown(table)
        ]
        if found:
            name, value = found[0]
            warn_user(
                f"Column {name!r} of X has the category {value!r}, which fit didn't see: it counts "
                "as none of the known categories (zeros)."
            )


def unique_names(names: Sequence[str]) -> list[str]:
    """The names, with a number after those that occurred before."""
    found: list[str] = []
    for name in names:
        n, own = 1, name
        while own in found:
            n, own = n + 1, f"{name}_{n + 1}"
        found.append(own)
    return found


def _stacked(tables):
    columns = zip(*(table.columns for table in tables), strict=True)
    return Table(tables[0].names, [np.concatenate(column) for column in columns])


def _check_constant(table, i, id_):
    values = table.columns[i]
    if (values != values[0]).any():
        other = values[values != values[0]][0]
        raise ValueError(
            f"static_features has the column {table.names[i]!r} of X, but it isn't constant"
            f"{'' if id_ is None else f' in series {id_!r}'}: it is {values[0]!r} and {other!r}. "
            "Leave it out of static_features."
        )


def _check_number(table, i):
    if table.columns[i].dtype.kind != "f":
        raise ValueError(
            f"Column {table.names[i]!r} of X held numbers in fit, and holds text or categories now."
        )
