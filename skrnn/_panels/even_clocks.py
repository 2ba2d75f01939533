"""Clocks whose steps are all alike: integers, periods and time differences."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .clock import Clock

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Integers(Clock):
    """Evenly spaced integers, or the rows of an array."""

    origin: int = 0
    step: int = 1
    of_array: bool = False  # pandas may not be installed
    calendar = False

    @property
    def freq(self) -> int:
        return self.step

    def labels(self, first: int, n: int) -> "pd.RangeIndex | np.ndarray":
        start = self.origin + first * self.step
        if self.of_array:
            return np.arange(start, start + n * self.step, self.step)
        import pandas as pd

        return pd.RangeIndex(start, start + n * self.step, self.step)

    def floor(self, label: Any) -> int:
        return (int(label) - self.origin) // self.step

    def _located(self, index: Any) -> tuple[np.ndarray, np.ndarray]:
        at, rest = np.divmod(np.asarray(index, np.int64) - self.origin, self.step)
        return at, rest == 0

    def converted(self, index: Any, name: str) -> Any:
        if index.inferred_type != "integer":
            raise self._other_kind(f"{index.inferred_type} such as {index[0]}", name)
        return index

    def moved(self, index: "pd.Index | None", name: str) -> Clock:
        if index is None:
            return Integers(of_array=True)
        return super().moved(index, name)

    def extended(self, index: "pd.Index", name: str) -> Clock:
        return Integers(self.origin, self.step) if self.of_array else self

    def _from(self, index: Any) -> Clock:
        return Integers(int(index[0]), self.step)

    def _span(self, label: Any, name: str) -> tuple[Any, Any]:
        if not isinstance(label, int | np.integer) or isinstance(label, bool):
            raise ValueError(f"{name}={label!r}: the labels of the series are integers.")
        return label, label


@dataclass(frozen=True, eq=False)
class Periods(Clock):
    """Periods of a frequency."""

    first: "pd.Period"
    freqstr: str

    @property
    def freq(self) -> str:
        return self.freqstr

    def labels(self, first: int, n: int) -> "pd.PeriodIndex":
        import pandas as pd

        return pd.period_range(self.first + first, periods=n, freq=self.freq)

    def floor(self, label: Any) -> int:
        return (label.ordinal - self.first.ordinal) // self.first.freq.n

    def _located(self, index: Any) -> tuple[np.ndarray, np.ndarray]:
        at, rest = np.divmod(index.asi8 - self.first.ordinal, self.first.freq.n)
        return at, rest == 0

    def converted(self, index: Any, name: str) -> Any:
        if index.inferred_type != "period":
            raise self._other_kind(f"{index.inferred_type} such as {index[0]}", name)
        if index.freqstr != self.freq:
            raise ValueError(
                f"The periods of {name} have the frequency {index.freqstr!r}, but those of the "
                f"fitted series have {self.freq!r}: use asfreq({self.freq!r})."
            )
        return index

    def _from(self, index: Any) -> Clock:
        return Periods(index[0], self.freq)

    def _span(self, label: Any, name: str) -> tuple[Any, Any]:
        import pandas as pd

        try:
            period = pd.Period(label) if isinstance(label, str) else label
            if not isinstance(period, pd.Period):
                period = pd.Period(pd.Timestamp(label), freq=self.freq)
            low, high = (period.asfreq(self.freq, how=how) for how in ("start", "end"))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name}={label!r} is no date or period: {error}") from error
        return low, high


@dataclass(frozen=True, eq=False)
class Durations(Clock):
    """Evenly spaced time differences."""

    first: "pd.Timedelta"
    step: "pd.Timedelta"
    unit: str
    calendar = False

    @property
    def freq(self) -> str:
        from pandas.tseries.frequencies import to_offset

        return to_offset(self.step).freqstr

    @property
    def season(self) -> int:
        return 1  # they begin anywhere in a day

    def labels(self, first: int, n: int) -> "pd.TimedeltaIndex":
        import pandas as pd

        start = self.first + first * self.step
        return pd.timedelta_range(start, periods=n, freq=self.step, unit=self.unit)

    def floor(self, label: Any) -> int:
        return int((label - self.first) // self.step)

    def _located(self, index: Any) -> tuple[np.ndarray, np.ndarray]:
        return located(index - self.first, self.step)

    def converted(self, index: Any, name: str) -> Any:
        if index.inferred_type != "timedelta64":
            raise self._other_kind(f"{index.inferred_type} such as {index[0]}", name)
        return index

    def _from(self, index: Any) -> Clock:
        return Durations(index[0], self.step, self.unit)

    def _span(self, label: Any, name: str) -> tuple[Any, Any]:
        import pandas as pd

        try:
            moment = pd.Timedelta(label)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name}={label!r} is no time difference: {error}") from error
        return moment, moment


def located(elapsed: "pd.TimedeltaIndex", step: "pd.Timedelta") -> tuple[np.ndarray, np.ndarray]:
    """How many whole steps have elapsed, and whether nothing more."""
    at, rest = divmod(elapsed, step)
    return np.asarray(at, np.int64), np.asarray(rest == step * 0)
