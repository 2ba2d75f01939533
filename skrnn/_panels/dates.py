"""Clocks of dates that have a frequency: of elapsed time, and of the calendar."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .._validation.numbers import is_missing
from .clock import Clock
from .even_clocks import located
from .frequency import local_times

if TYPE_CHECKING:
    import datetime

    import pandas as pd


class Moments(Clock):
    """What clocks of dates have in common; ``zone`` is None for times without one."""

    zone: "datetime.tzinfo | None"
    unit: str

    def converted(self, index: Any, name: str) -> Any:
        import pandas as pd

        if not isinstance(index, pd.DatetimeIndex):
            raise self._other_kind(f"{index.inferred_type} such as {index[0]}", name)
        if (index.tz is None) != (self.zone is None):
            have = "no time zone" if index.tz is None else f"the time zone {index.tz}"
            own = "none" if self.zone is None else self.zone
            fix = f"tz_localize({str(self.zone)!r})" if self.zone else "tz_localize(None)"
            raise ValueError(
                f"The labels of {name} have {have}, but the fitted series has {own}: use {fix}."
            )
        return index if self.zone is None else index.tz_convert(self.zone)

    def _span(self, label: Any, name: str) -> tuple[Any, Any]:
        import pandas as pd

        try:
            low = high = label if isinstance(label, pd.Period) else pd.Timestamp(label)
            if isinstance(label, str) and low.tz is None:
                low = high = pd.Period(label)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name}={label!r} is no date: {error}") from error
        if isinstance(low, pd.Period):
            low, high = low.start_time, low.end_time
        return self._in_zone(low, name), self._in_zone(high, name)

    def _in_zone(self, moment: Any, name: str) -> Any:
        if is_missing(moment):
            raise ValueError(f"{name}={moment!r} is no date.")
        if moment.tz is None and self.zone is not None:
            return moment.tz_localize(self.zone, ambiguous=True, nonexistent="shift_forward")
        if moment.tz is not None and self.zone is None:
            raise ValueError(f"{name}={moment} has a time zone, but the labels of y have none.")
        return moment if self.zone is None else moment.tz_convert(self.zone)


@dataclass(frozen=True, eq=False)
class Ticks(Moments):
    """Dates with the same elapsed time between them: hours, minutes, seconds …"""

    first: "pd.Timestamp"
    freqstr: str
    zone: "datetime.tzinfo | None"
    unit: str

    @property
    def freq(self) -> str:
        return self.freqstr

    def labels(self, first: int, n: int) -> "pd.DatetimeIndex":
        import pandas as pd

        start = self.first + first * self._step
        return pd.date_range(start, periods=n, freq=self.freq, unit=self.unit)

    def phases(self, positions: np.ndarray, season: int) -> np.ndarray:
        """By the local time of day, where a season is a day and the clocks may change."""
        import pandas as pd

        if self.zone is None or season * self._step != pd.Timedelta(days=1) or not positions.size:
            return super().phases(positions, season)
        low, high = min(int(positions.min()), 0), max(int(positions.max()), 0)
        local = self.labels(low, high - low + 1).tz_localize(None)
        steps = np.asarray((local - local.normalize()) // self._step, np.int64)  # of the day
        return (steps[positions - low] - steps[-low]) % season

    def floor(self, label: Any) -> int:
        return int((label - self.first) // self._step)

    def _located(self, index: Any) -> tuple[np.ndarray, np.ndarray]:
        return located(index - self.first, self._step)

    def _from(self, index: Any) -> Clock:
        return Ticks(index[0], self.freq, self.zone, self.unit)

    @property
    def _step(self) -> "pd.Timedelta":
        import pandas as pd
        from pandas.tseries.frequencies import to_offset

        return pd.Timedelta(to_offset(self.freq))


@dataclass(frozen=True, eq=False)
class Calendar(Moments):
    """Dates by days, weeks, months and so on, in local time."""

    first: "pd.Timestamp"  # without a zone
    offset: "pd.offsets.BaseOffset"
    zone: "datetime.tzinfo | None"
    unit: str

    @property
    def freq(self) -> str:
        return self.offset.freqstr

    def labels(self, first: int, n: int) -> "pd.DatetimeIndex":
        import pandas as pd

        local = pd.date_range(self._at(first), periods=n, freq=self.offset, unit="us")
        return localized(local.as_unit(self.unit), self.zone, self.offset)

    def floor(self, label: Any) -> int:
        local = label.tz_localize(None)
        low, width = 0, 1
        while self._at(low) > local:
            low, width = low - width, 2 * width
        high, width = low + 1, 1
        while self._at(high) <= local:
            low, high, width = high, high + width, 2 * width
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._at(middle) <= local else (low, middle)
        return low

    def _from(self, index: Any) -> Clock:
        return Calendar(beginning(index), self.offset, self.zone, self.unit)

    def _at(self, position: int) -> Any:
        return self.first + position * self.offset if position else self.first


def beginning(index: Any) -> Any:
    """The first label in local time, of microseconds: those of nanoseconds end in 2262."""
    return local_times(index[:1]).as_unit("us")[0]


def localized(local: Any, zone: Any, offset: Any = None) -> Any:
    """Local times in their zone; those that the clocks skip move to the next that exists."""
    import pandas as pd

    if zone is None:
        return local
    labels = local.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    if labels.hasnans:
        first = np.ones(len(local), bool)
        return local.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    return labels if offset is None else pd.DatetimeIndex(labels, freq=offset)
