"""What the calls of `partial_fit` have seen, of which epochs over the same data count once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .._engine.target_statistics import TargetStatistics


@dataclass(frozen=True)
class Seen:
    """Some of the targets.

    Attributes
    ----------
    total : float
        Sum of their weights.
    statistics : TargetStatistics or None
        Their mean and deviation; None: the scale doesn't follow them.
    """

    total: float
    statistics: TargetStatistics | None

    def matches(self, other: Seen) -> bool:
        """Whether both have as many columns, as far as they are known."""
        one, two = self.statistics, other.statistics
        return one is None or two is None or one.mean.shape == two.mean.shape

    def merged(self, other: Seen) -> Seen:
        """These targets and others."""
        statistics = None
        if self.statistics is not None and other.statistics is not None:
            statistics = self.statistics.merged(other.statistics)
        return Seen(self.total + other.total, statistics)


@dataclass(frozen=True)
class History:
    """All targets so far.

    Calls that come again in the same order, from the first one on, are another epoch. Until one
    of them differs, they add nothing. If one does before the last, they weren't an epoch, and are
    added then. Epochs over calls that follow a fit begin with the first of these.

    Attributes
    ----------
    seen : Seen
        All targets that count.
    calls : tuple of int
        Checksums of the calls of an epoch, in their order.
    of_fit : bool
        Whether the only call was a fit.
    n_repeated : int
        How many of the last calls equal the first ones so far.
    repeated : Seen or None
        Their targets; None: no call is repeated.
    """

    seen: Seen
    calls: tuple[int, ...]
    of_fit: bool = False
    n_repeated: int = 0
    repeated: Seen | None = None

    def after(self, call: int, new: Seen) -> History:
        """The history after one more call."""
        n, repeated = self.n_repeated, self.repeated
        if call == self.calls[n]:
            if n + 1 == len(self.calls):
                return replace(self, n_repeated=0, repeated=None)
            repeated = new if repeated is None else repeated.merged(new)
            return replace(self, n_repeated=n + 1, repeated=repeated)
        if repeated is None:
            calls = () if self.of_fit else self.calls
            return History(self.seen.merged(new), (*calls, call))
        added = History(self.seen.merged(repeated), self.calls + self.calls[:n])
        return added.after(call, new)
