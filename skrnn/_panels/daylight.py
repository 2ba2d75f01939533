"""Local times without a zone, in which an hour is missing in spring, or twice in autumn."""

from typing import TYPE_CHECKING

import numpy as np

from .errors import LocalTimesError

if TYPE_CHECKING:
    import pandas as pd

# all that change their clocks by an hour do it at the local times of one of these
_ZONES = (
    "Europe/Berlin",
    "Europe/London",
    "Europe/Helsinki",
    "America/New_York",
    "Australia/Sydney",
    "Pacific/Auckland",
)


def check_repeated_hour(index: "pd.Index", name: str) -> None:
    """Raise LocalTimesError if labels go back by an hour or less where the clocks are put back."""
    import pandas as pd

    if not isinstance(index, pd.DatetimeIndex) or index.tz is not None or index.hasnans:
        return
    steps = index[1:] - index[:-1]
    rows = np.flatnonzero((steps <= pd.Timedelta(0)) & (steps >= pd.Timedelta("-1h"))) + 1
    for zone in _ZONES if len(rows) else ():
        first = index[rows[:1]]
        known = first.tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward")
        if known.hasnans:
            raise _naive(name, f"an hour occurs twice, at {first[0]}", zone)


def check_missing_hour(index: "pd.DatetimeIndex", grid: "pd.DatetimeIndex", name: str) -> None:
    """Raise LocalTimesError if exactly those labels are missing that a zone doesn't have."""
    if index.tz is not None:
        return
    missing = ~grid.isin(index)
    for zone in _ZONES:
        skipped = grid.tz_localize(zone, ambiguous=np.ones(len(grid), bool), nonexistent="NaT")
        skipped = skipped.isna()
        if not skipped.any() or not missing[skipped].all():
            continue
        around = np.convolve(skipped, [1, 0, 1], mode="same").astype(bool) & ~skipped
        if not missing[around].any():  # otherwise it is an outage
            label = grid[int(np.flatnonzero(skipped)[0])]
            raise _naive(name, f"there is no {label}", zone)


def _naive(name: str, what: str, zone: str) -> LocalTimesError:
    return LocalTimesError(
        f"The index of {name} holds local times without a time zone: {what}, when the clocks "
        f"change, as in the zone {zone!r}.",
        f'Name the zone of the labels, by tz_localize({zone!r}, ambiguous="infer").',
    )
