"""A clock of days on which something happens: without some weekdays, and without holidays."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .clock import Clock
from .dates import Moments, localized
from .frequency import local_times, used_weekdays
from .labels import time_labels

if TYPE_CHECKING:
    import datetime

    import pandas as pd

_LONGEST = 10  # days between labels; exchanges close for at most nine in a row


@dataclass(frozen=True, eq=False)
class TradingDays(Moments):
    """Remembers its labels. Before and after them it knows weekdays, but no holidays."""

    days: "pd.DatetimeIndex"  # without a zone
    origin: int  # which of the days has position 0
    zone: "datetime.tzinfo | None"
    unit: str

    @property
    def freq(self) -> None:
        return None

    def labels(self, first: int, n: int) -> "pd.DatetimeIndex":
        first += self.origin
        before, after = max(-first, 0), max(first + n - len(self.days), 0)
        parts = [self._before(before), self.days, self._after(after)]
        days = parts[0].append(parts[1:])[first + before :][:n].as_unit(self.unit)
        return localized(days, self.zone)

    def floor(self, label: Any) -> int:
        import pandas as pd

        local, day = label.tz_localize(None), pd.Timedelta(days=1)
        if local < self.days[0]:
            first = local.normalize() + (self.days[0] - self.days[0].normalize())
            first += day * int(first <= local)  # later ones alone
            between = pd.date_range(first, self.days[0] - day, freq=self._weekdays())
            return -len(between) - 1 - self.origin
        known = int(self.days.searchsorted(local, side="right"))
        if known == len(self.days):
            known += len(pd.date_range(self.days[-1] + day, local, freq=self._weekdays()))
        return known - 1 - self.origin

    def extended(self, index: "pd.Index", name: str) -> "TradingDays":
        new = local_times(self.converted(time_labels(index, name), name))
        if new.isin(self.days).all():
            return self
        return self._of(self.days.union(new.as_unit(self.days.unit)), self.days[self.origin])

    def _from(self, index: Any) -> Clock:
        return trading_days(index)

    def _of(self, days: Any, first: Any) -> "TradingDays":
        """The clock of days, and of those that a long gap between them must have."""
        import pandas as pd

        clock = TradingDays(days, 0, self.zone, self.unit)
        gaps = np.diff(days.normalize().as_unit("s").asi8) // 86_400
        for at in np.flatnonzero(gaps > _LONGEST):
            between = pd.date_range(days[at], days[at + 1], freq=clock._weekdays())
            clock = TradingDays(clock.days.union(between), 0, self.zone, self.unit)
        return TradingDays(clock.days, int(clock.days.get_loc(first)), self.zone, self.unit)

    def _weekdays(self) -> "pd.offsets.BaseOffset":
        from pandas.tseries.offsets import CustomBusinessDay

        used = used_weekdays(self.days)
        return CustomBusinessDay(weekmask="".join(str(int(d in used)) for d in range(7)))

    def _before(self, n: int) -> "pd.DatetimeIndex":
        import pandas as pd

        day = pd.Timedelta(days=1)
        return pd.date_range(end=self.days[0] - day, periods=n, freq=self._weekdays())

    def _after(self, n: int) -> "pd.DatetimeIndex":
        import pandas as pd

        day = pd.Timedelta(days=1)
        return pd.date_range(self.days[-1] + day, periods=n, freq=self._weekdays())


def trading_days(index: Any) -> TradingDays:
    """The clock of increasing dates at one time of day."""
    local = local_times(index)
    return TradingDays(local, 0, index.tz, index.unit)._of(local, local[0])
