"""What clocks do: each label of a series has a position, and each position a label."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from .labels import time_labels
from .season import LongerSeason, longer_season_of, season_of

if TYPE_CHECKING:
    import pandas as pd


class Clock(ABC):
    """Counts the steps of a series from a first label, which has the position 0."""

    calendar = True  # whether labels are dates

    @property
    @abstractmethod
    def freq(self) -> str | int | None:
        """The frequency, as pandas spells it; the step of integers; None for trading days."""

    @property
    def season(self) -> int:
        """The steps of a cycle of the calendar, 1 if it has none."""
        return season_of(self.freq) if isinstance(self.freq, str) else 1

    @property
    def longer_season(self) -> LongerSeason | None:
        """A longer cycle of the calendar, if it has another one."""
        freq = self.freq
        return longer_season_of(freq) if self.calendar and isinstance(freq, str) else None

    def phases(self, positions: np.ndarray, season: int) -> np.ndarray:
        """Which step of a season each position is; position 0 is the first one."""
        return positions % season

    @abstractmethod
    def labels(self, first: int, n: int) -> Any:
        """The labels of ``n`` positions from ``first`` on."""

    @abstractmethod
    def floor(self, label: Any) -> int:
        """The position of the last label that isn't after this one of the same kind."""

    @abstractmethod
    def converted(self, index: Any, name: str) -> Any:
        """Labels as the clock's kind; ValueError if they are another's."""

    @abstractmethod
    def _from(self, index: Any) -> "Clock":
        """The clock of the same frequency that begins with these labels."""

    def positions(self, index: "pd.Index", name: str) -> np.ndarray:
        """The positions (n,) of increasing labels; ValueError if one is off the grid."""
        index = self.converted(time_labels(index, name), name)
        if not len(index):
            return np.zeros(0, np.int64)
        at, exact = self._located(index)
        if not exact.all():
            label = index[~exact][0]
            raise self._off_grid(label, self.floor(label), name)
        return at

    def _located(self, index: Any) -> tuple[np.ndarray, np.ndarray]:
        """The positions of increasing labels, and which of these are labels of the clock."""
        first = self.floor(index[0])
        grid = self.labels(first, self.floor(index[-1]) - first + 1)
        at = grid.get_indexer(index).astype(np.int64)
        return at + first, at >= 0

    def position(self, label: Any, name: str) -> int:
        """The position of one label; ``name`` is the parameter that it was passed as.

        Text means a span of time, as in ``series.loc[:"2024-12"]``: its last label counts.
        """
        low, high = self._span(label, name)
        at = self.floor(high)
        if self.labels(at, 1)[0] < low:
            raise self._off_grid(label, at, name)
        return at

    def moved(self, index: "pd.Index | None", name: str) -> "Clock":
        """A clock with the same frequency whose first label is that of another index."""
        if index is None:
            raise self._other_kind("row numbers, as it has no index", name)
        clock = self._from(self.converted(time_labels(index, name), name))
        clock.positions(index, name)
        return clock

    def extended(self, index: "pd.Index", name: str) -> "Clock":
        """The clock that knows these labels as well."""
        return self

    @abstractmethod
    def _span(self, label: Any, name: str) -> tuple[Any, Any]:
        """The first and the last moment that a label stands for, of the clock's kind."""

    def _off_grid(self, label: Any, before: int, name: str) -> ValueError:
        before, after = self.labels(before, 2)
        what = "trading day" if self.freq is None else f"label of the frequency {self.freq!r}"
        return ValueError(f"{name}: {label} is no {what}. It lies between {before} and {after}.")

    def _other_kind(self, given: str, name: str) -> ValueError:
        own = self.labels(0, 1)
        return ValueError(
            f"The labels of {name} are {given}, but those of the fitted series are like "
            f"{own[0]!r}: use labels of the same kind."
        )
