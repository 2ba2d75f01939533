"""What y was, and forecasts in the same form."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Container:
    """The form of y, without its values and labels."""

    library: str  # "numpy", "pandas" or "polars"
    dtype: np.dtype
    columns: Any = None  # of 2-D y: a list, or an index of pandas
    name: Any = None  # of a Series
    names: tuple[Hashable, ...] = ()  # of the levels of the index
    ids: "pd.Index | None" = None  # of the series, where a level of the index has them

    @property
    def several(self) -> bool:
        """Whether the series share their labels: y has several columns."""
        return self.columns is not None and len(self.columns) > 1

    def of_some(self, series: list[int]) -> "Container":
        """The form of some of the series."""
        if self.ids is not None:
            return replace(self, ids=self.ids.take(series))
        if not self.several:
            return self
        some = [self.columns[j] for j in series]
        return replace(
            self, columns=self.columns.take(series) if self.library == "pandas" else some
        )

    def of_columns(self, values: np.ndarray, labels: Any, columns: list | None) -> Any:
        """Values (n, K), or (n, K, J) with a name for each of J columns."""
        values = values.astype(self.dtype, copy=False)
        if not self.several and (columns is not None or self.columns is None):
            values = values[:, 0]  # (n,) or (n, J)
        if self.library == "numpy":
            return values
        own = self.columns if columns is None else columns
        if columns is not None and self.several:
            values = values.reshape(len(values), -1)  # (n, K*J)
        if self.library == "polars":
            return self._polars(values, columns)
        import pandas as pd

        labels = labels.rename(self.names[0])
        if values.ndim == 1:
            return pd.Series(values, labels, name=self.name)
        if columns is not None and self.several:
            keys = [id if isinstance(id, tuple) else (id,) for id in self.columns]
            own = pd.MultiIndex.from_tuples([(*key, column) for key in keys for column in columns])
        return pd.DataFrame(values, labels, columns=own)

    def of_ids(
        self, values: np.ndarray, of: np.ndarray, labels: Any, columns: list | None
    ) -> "pd.Series | pd.DataFrame":
        """Values (n,) or (n, J) of several series; ``of`` says which one has a row."""
        import pandas as pd

        assert self.ids is not None
        levels = [self.ids.take(of), labels]
        index = pd.MultiIndex.from_arrays(levels, names=self.names)
        return self.like(values, index, columns)

    def like(self, values: np.ndarray, index: "pd.Index", columns: list | None = None) -> Any:
        """A Series, or a frame of named columns, with this index."""
        import pandas as pd

        values = values.astype(self.dtype, copy=False)
        if columns is None:
            return pd.Series(values, index, name=self.name)
        return pd.DataFrame(values, index, columns=columns)

    def _polars(self, values: np.ndarray, columns: list | None) -> Any:
        import polars as pl

        if values.ndim == 1:
            return pl.Series(self.name, values)
        own = [str(column) for column in (self.columns if columns is None else columns)]
        if columns is not None and self.several:
            own = [f"{id}_{column}" for id in self.columns for column in columns]
        return pl.DataFrame(values, schema=own)


def container_of(y: Any, values: np.ndarray) -> Container:
    """The form of y, whose numbers these are; an index with ids is the reader's."""
    dtype = np.dtype(np.float32 if values.dtype == np.float32 else np.float64)
    frame = values.ndim == 2
    module = type(y).__module__.partition(".")[0]
    if hasattr(y, "iloc") and hasattr(y, "index"):
        columns, name = (y.columns, None) if frame else (None, y.name)
        return Container("pandas", dtype, columns, name, tuple(y.index.names))
    if module == "polars":
        return Container("polars", dtype, y.columns if frame else None, None if frame else y.name)
    return Container("numpy", dtype, list(range(values.shape[1])) if frame else None)
