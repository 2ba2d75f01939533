"""What the index of a series says about its order and about which row comes next."""

import sys
from typing import Any, NamedTuple

import numpy as np

_DATES = ("datetime64", "timedelta64", "period")
UNDECIDED = (
    "SlidingWindow can't tell whether these rows follow the fitted ones, because {reason}: the "
    "first windows are padded. To look back across the border, let a DataFrame whose index "
    'tells (dates, or integers with a constant step) arrive here, with `pipe.set_output(transform="'
    'pandas")` if steps come before, or set context="continue" if the rows given to transform '
    'always follow the fitted ones. context="pad" pads without this warning.'
)


class SeriesEnd(NamedTuple):
    """What is remembered of a fitted series, so that later rows can be told to follow it."""

    head: np.ndarray  # (at most the look-back, D), the first rows
    tail: np.ndarray  # as many of the last rows
    n_rows: int
    ends: Any = None  # the first and the last label, a pandas Index; None without an index
    kind: str | None = None  # labels of another kind can't be compared with the fitted ones
    offset: Any = None  # the frequency of dates, a pandas offset, where they have one
    step: Any = None  # the constant step between labels, where they have one
    largest: Any = None  # the largest step between irregular dates

    def last(self, n_rows: int) -> np.ndarray:
        """At most that many of the last rows."""
        return self.tail[max(0, len(self.tail) - n_rows) :]

    def begins(self, values: np.ndarray, index) -> bool:
        """Whether these, by all that is remembered, are the fitted rows, or begin with them."""
        n, kept = self.n_rows, len(self.tail)
        if len(values) < n or (index is None) != (self.ends is None):
            return False
        if index is not None:
            if not self.ends.equals(index[[0, n - 1]]):
                return False
            if self.kind is not None and self.kind.startswith(_DATES):
                return True  # numbers count rows of anything, dates are of one series
        # a transformer's fit_transform and transform may differ by rounding
        scale = np.nanmax(np.abs(self.tail), initial=0)
        return all(
            np.allclose(old, new, rtol=1e-5, atol=1e-6 * scale, equal_nan=True)
            for old, new in ((self.head, values[:kept]), (self.tail, values[n - kept : n]))
        )

    def is_followed_by(self, index) -> bool | None:
        """Whether a series with this index comes right after; None if nothing says so."""
        if index is None or self.kind is None or _kind(index) != self.kind:
            return None
        last, first = self.ends[1], index[0]
        if self.offset is not None:
            return _next_label(last, self.offset) == _clock(first, last, self.offset)
        step = _positions(_in_zone_of(index[:1], last))[0] - _positions(self.ends[1:])[0]
        if self.kind == "integer" and first == self.ends[0]:
            return None  # rows that are counted from the same number may be anything
        if self.step is not None:
            return bool(step == self.step)
        if self.largest is not None:
            return bool(first > last and step <= self.largest)
        return False if self.kind == "integer" and first <= last else None


def index_of(X):
    """The index of a pandas object, otherwise None."""
    # whoever hands over a pandas object has imported pandas; nobody else has to
    pd = sys.modules.get("pandas")
    if pd is None or not isinstance(X, (pd.DataFrame, pd.Series)):
        return None
    index = X.index
    if index.dtype.kind in "mM" and not hasattr(index, "freq"):
        # Arrow-backed dates know neither frequencies nor time zones
        return (pd.DatetimeIndex if index.dtype.kind == "M" else pd.TimedeltaIndex)(index)
    return index


def remember(values: np.ndarray, index, n_kept: int) -> SeriesEnd:
    """The end of a series: its last ``n_kept`` rows and what its index says."""
    head, tail = values[:n_kept].copy(), values[max(0, len(values) - n_kept) :].copy()
    if index is None:
        return SeriesEnd(head, tail, len(values))
    kind = _kind(index)
    end = SeriesEnd(head, tail, len(values), index[[0, -1]], kind)
    if kind is None:
        return end
    if kind.startswith(("datetime64", "timedelta64")):
        # the constructor infers, because pandas.infer_freq warns from pandas 3.1 on
        offset = index.freq if index.freq is not None else type(index)(index, freq="infer").freq
        if offset is not None:
            return end._replace(offset=offset)
    if kind.startswith("period") and len(index) == 1:
        return end._replace(step=1)
    steps = np.diff(_positions(index))
    if not steps.any():  # one label for all rows says nothing about the next
        return end
    if kind.startswith(("integer", "period")) and (steps == steps[0]).all():
        return end._replace(step=steps[0])
    return end if kind == "integer" else end._replace(largest=steps.max())


def check_order(index, name: str) -> None:
    """Dates must not decrease: a window would reach into the future."""
    kind = _kind(index)
    if kind is None or not kind.startswith(_DATES) or index.is_monotonic_increasing:
        return
    if index.hasnans:
        raise ValueError(f"The index of {name} has missing labels (NaT): drop or fill those rows.")
    raise ValueError(
        f"The {type(index).__name__} of {name} is not in increasing order, so rows before a row "
        "are not its past: use X.sort_index(), or groups= if X holds several series."
    )


def _kind(index):
    kind = index.inferred_type
    if kind == "period":
        return str(index.dtype)
    if kind == "datetime64":
        return kind if getattr(index, "tz", None) is None else f"{kind}, tz-aware"
    return kind if kind in ("integer", "timedelta64") else None


def _positions(index) -> np.ndarray:
    """Labels as numbers whose differences are steps."""
    if getattr(index, "tz", None) is not None:
        # by the clock on the wall a weekend has the same length when the clocks change
        index = index.tz_localize(None)
    if index.dtype.kind in "mM":
        return index.to_numpy()
    return np.asarray(getattr(index, "asi8", index)).astype(np.int64)


def _in_zone_of(index, label):
    return index if getattr(label, "tz", None) is None else index.tz_convert(label.tz)


def _counts_elapsed_time(offset):
    from pandas.tseries.offsets import Day, Tick

    return isinstance(offset, Tick) and not isinstance(offset, Day)


def _clock(label, like, offset):
    """A date by the clock on the wall, unless the offset counts hours that have passed."""
    if getattr(label, "tz", None) is None or _counts_elapsed_time(offset):
        return label
    # up to pandas 2 a Day is 24 hours: adding it to local time goes wrong by an hour
    return label.tz_convert(like.tz).tz_localize(None)


def _next_label(label, offset):
    return _clock(label, label, offset) + offset
