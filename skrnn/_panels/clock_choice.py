"""Which clock counts the steps of a series."""

from typing import TYPE_CHECKING, Any

import numpy as np

from .._transformers.time_index import counts_elapsed_time
from .clock import Clock
from .dates import Calendar, Ticks, beginning
from .errors import UnevenLabelsError
from .even_clocks import Durations, Integers, Periods
from .frequency import find_frequency
from .labels import time_labels
from .names import parameter
from .trading_days import trading_days
from .written_dates import form_of_numbers, reading_of_numbers

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Clock", "make_clock"]


def make_clock(index: "pd.Index | None", name: str) -> Clock:
    """The clock of the labels of a series, which errors call ``name``; of rows without an index.

    Raises ValueError if the labels don't increase, or have no frequency.
    """
    if index is None:
        return Integers(of_array=True)
    import pandas as pd

    labels: Any = time_labels(index, name)
    if labels.inferred_type == "integer":
        if not isinstance(labels, pd.RangeIndex):  # which counts rows
            _check_no_dates(labels, name)
        return _of_integers(labels, name) if len(labels) else Integers()
    if isinstance(labels, pd.PeriodIndex):
        return Periods(labels[0], labels.freqstr)
    offset = find_frequency(labels, name)
    if isinstance(labels, pd.TimedeltaIndex):
        return _of_durations(labels, offset)
    if offset is None:
        return trading_days(labels)
    if counts_elapsed_time(offset):
        return Ticks(labels[0], offset.freqstr, labels.tz, labels.unit)
    clock = Calendar(beginning(labels), offset, labels.tz, labels.unit)
    clock.positions(labels, name)  # months from the 31st on, say, aren't counted by multiples
    return clock


def _of_durations(labels: Any, offset: Any) -> Clock:
    import pandas as pd

    if offset is None:  # of a single label
        return Durations(labels[0], pd.Timedelta(days=1), labels.unit)
    elapsed = counts_elapsed_time(offset)
    step = pd.Timedelta(offset) if elapsed else pd.Timedelta(days=offset.n)
    return Durations(labels[0], step, labels.unit)


def _check_no_dates(labels: "pd.Index", name: str) -> None:
    form = form_of_numbers(labels)
    if form is not None:
        y = parameter(name)
        raise ValueError(
            f"The numbers in the index of {name}, such as {labels[0]}, are dates in the form "
            f"{form}, which don't count steps: use {y}.index = "
            f"{reading_of_numbers(form, f'{y}.index')}, before an id is added to the index; if "
            f"they are numbers of rows, use {y}.reset_index(drop=True)."
        )


def _of_integers(labels: "pd.Index", name: str) -> Clock:
    values = np.asarray(labels, np.int64)
    gaps = np.diff(values)
    step = int(gaps.min(initial=np.iinfo(np.int64).max)) if len(gaps) else 1
    off = np.flatnonzero(gaps % step)
    if len(off) or 2 * np.sum(gaps == step) < len(gaps):
        at = int(off[0]) if len(off) else int(np.flatnonzero(gaps != step)[0])
        y = parameter(name)
        raise UnevenLabelsError(
            f"The numbers in the index of {name} are not evenly spaced: {values[at + 1]} comes "
            f"after {values[at]}, but the smallest step is {step}.",
            f"Use {y}.reset_index(drop=True) if the rows are successive steps.",
        )
    return Integers(int(values[0]), step)
