"""What the index of a series says about the rows that follow it."""

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

_DATES = ("datetime64", "timedelta64", "period")
_MOST = 0.95  # of the intervals are usual
UNDECIDED = (
    "SlidingWindow can't tell whether these rows follow the fitted rows, because {reason}. The "
    "first windows are padded; that of row {span} and all later ones are complete. To continue "
    "from the fitted rows, pass a DataFrame whose index holds dates or equally spaced integers; "
    'after other transformers, use `pipe.set_output(transform="pandas")`. Or set '
    'context="continue", if the rows given to transform always follow the fitted rows. '
    'context="pad" pads without this warning, as for a call with enough rows for its last window.'
)
INCOMPLETE = (
    "No window is complete: a window spans {span} rows, but X has {n_rows}, which don't follow the "
    "fitted rows. Pass the rows before them as well, and take the last predictions. "
    'context="pad" pads without this warning.'
)


def why_undecided(index: "pd.Index | None") -> str:
    """Why an index doesn't tell whether its rows follow the fitted ones."""
    if index is None:
        return "X has no index"
    if index.inferred_type == "string":
        return "the index of X holds text (make it dates: X.index = pd.to_datetime(X.index))"
    return "the index of X doesn't tell"


class SeriesEnd(NamedTuple):
    """The part of a fitted series that tells whether other rows follow it."""

    head: np.ndarray  # (at most the look-back, D), the first rows
    tail: np.ndarray  # as many of the last rows
    n_rows: int
    ends: "pd.Index | None" = None  # the first and the last label; None without an index
    kind: str | None = None  # labels of different kinds can't be compared
    offset: "pd.offsets.BaseOffset | None" = None  # the frequency of dates that have one
    interval: Any = None  # between successive labels, if constant
    usual: Any = None  # the longest of the usual intervals between irregular dates
    longest: Any = None  # the longest of all

    def last(self, n_rows: int) -> np.ndarray:
        """At most that many of the last rows."""
        return self.tail[max(0, len(self.tail) - n_rows) :]

    def begins(self, values: np.ndarray, index: "pd.Index | None") -> bool:
        """Whether these rows are the fitted rows or begin with them, as far as can be told."""
        n, kept = self.n_rows, len(self.tail)
        if len(values) < n or (index is None) != (self.ends is None):
            return False
        if index is not None and self.ends is not None:
            if not self.ends.equals(index[[0, n - 1]]):
                return False
            if self.kind is not None and self.kind.startswith(_DATES):
                return True  # integers may count the rows of any series, dates belong to one
        # a transformer's fit_transform and transform may differ by rounding
        scale = np.nanmax(np.abs(self.tail), initial=0)
        return all(
            np.allclose(old, new, rtol=1e-5, atol=1e-6 * scale, equal_nan=True)
            for old, new in ((self.head, values[:kept]), (self.tail, values[n - kept : n]))
        )

    def is_followed_by(self, index: "pd.Index | None") -> bool | None:
        """Whether rows with this index follow directly; None if it can't be told."""
        if index is None or self.ends is None or self.kind is None or _kind(index) != self.kind:
            return None
        last, first = self.ends[1], index[0]
        if self.offset is not None:
            return bool(_next_label(last, self.offset) == _local(first, last, self.offset))
        interval = _positions(_in_zone_of(index[:1], last))[0] - _positions(self.ends[1:])[0]
        if self.kind == "integer" and first == self.ends[0]:
            return None  # any series may be counted from this number
        if self.interval is not None:
            return bool(interval == self.interval)
        if self.longest is not None:
            if first <= last or interval > self.longest:
                return False
            return True if interval <= self.usual else None  # None: a gap was once as long
        return False if self.kind == "integer" and first <= last else None


def remember(values: np.ndarray, index: "pd.Index | None", n_kept: int) -> SeriesEnd:
    """The end of a series: its last ``n_kept`` rows, and what its index says."""
    head, tail = values[:n_kept].copy(), values[max(0, len(values) - n_kept) :].copy()
    if index is None:
        return SeriesEnd(head, tail, len(values))
    import pandas as pd

    kind = _kind(index)
    end = SeriesEnd(head, tail, len(values), index[[0, -1]], kind)
    if kind is None:
        return end
    if isinstance(index, pd.DatetimeIndex | pd.TimedeltaIndex):
        offset = frequency_of(index)
        if offset is not None:
            return end._replace(offset=offset)
    if kind.startswith("period") and len(index) == 1:
        return end._replace(interval=1)
    intervals = np.diff(_positions(index))
    if not intervals.any():  # one label for all rows says nothing about the next
        return end
    if kind.startswith(("integer", "period")) and (intervals == intervals[0]).all():
        return end._replace(interval=intervals[0])
    if kind == "integer":
        return end
    return end._replace(usual=_usual(intervals), longest=intervals.max())


def frequency_of(index: Any) -> "pd.offsets.BaseOffset | None":
    """The frequency of dates or time differences: the given one, or that of all their labels."""
    if index.freq is not None:
        return index.freq
    # the constructor infers, because pandas.infer_freq warns from pandas 3.1 on
    return type(index)(index, freq="infer").freq


def _usual(intervals: np.ndarray) -> Any:
    """The longest interval that recurs, or that 5 % of all reach: not that of a single outage."""
    ordered = np.sort(intervals)
    most = ordered[math.ceil(_MOST * len(ordered)) - 1]
    values, counts = np.unique(ordered, return_counts=True)
    return max(values[counts > 1].max(initial=most), most)


def _kind(index: "pd.Index") -> str | None:
    kind = index.inferred_type
    if kind == "period":
        return str(index.dtype)
    if kind == "datetime64":
        return kind if getattr(index, "tz", None) is None else f"{kind}, tz-aware"
    return kind if kind in ("integer", "timedelta64") else None


def _positions(index: "pd.Index") -> np.ndarray:
    """Labels as numbers, whose differences are the intervals."""
    import pandas as pd

    if isinstance(index, pd.DatetimeIndex) and index.tz is not None:
        # in local time a weekend has the same length when the clocks change
        index = index.tz_localize(None)
    if index.dtype.kind in "mM":
        return index.to_numpy()
    return np.asarray(getattr(index, "asi8", index)).astype(np.int64)


def _in_zone_of(index: "pd.Index", label: Any) -> "pd.Index":
    import pandas as pd

    tz = getattr(label, "tz", None)
    return index.tz_convert(tz) if tz is not None and isinstance(index, pd.DatetimeIndex) else index


def counts_elapsed_time(offset: "pd.offsets.BaseOffset") -> bool:
    """Whether steps last as long when the clocks change: hours do, days don't."""
    from pandas.tseries.offsets import Day, Tick

    return isinstance(offset, Tick) and not isinstance(offset, Day)


def _local(label: Any, like: Any, offset: "pd.offsets.BaseOffset") -> Any:
    """A date in the local time of another, unless the offset counts elapsed hours."""
    if getattr(label, "tz", None) is None or counts_elapsed_time(offset):
        return label
    # up to pandas 2 a Day is 24 hours: adding it to a time with a zone goes wrong by an hour
    return label.tz_convert(like.tz).tz_localize(None)


def _next_label(label: Any, offset: "pd.offsets.BaseOffset") -> Any:
    return _local(label, label, offset) + offset
