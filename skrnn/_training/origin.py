"""Which rows of a table samples were cut from, and which samples share rows."""

from typing import Any, NamedTuple

import numpy as np


class Origin(NamedTuple):
    """The rows that each sample reads: ``first + offset``, for each offset.

    Several series lie in one table, one after the other, so far apart that no sample reads rows of
    two. The rows of the targets count, where they are known.
    """

    first: range | np.ndarray  # (N,)
    offsets: tuple[range, ...]

    @classmethod
    def of_windows(
        cls, first: range | np.ndarray, length: int, dilation: int, targets: range
    ) -> "Origin":
        """That of windows, given their first rows, with the rows of the targets relative to it."""
        return cls(first, (range(0, (length - 1) * dilation + 1, dilation), targets))

    def take(self, rows: Any) -> "Origin":
        """The origin of some samples."""
        first = self.first
        if isinstance(first, range) and isinstance(rows, slice):
            return self._replace(first=first[rows])
        return self._replace(first=self._numbers()[rows])

    def sharing(self, samples: np.ndarray) -> np.ndarray:
        """Which samples (N,) share a row with some of them, given as flags (N,)."""
        first = self._numbers()
        first = first - first.min()
        span = 1 + max(offset[-1] for offset in self.offsets)
        begins = np.zeros(int(first.max()) + span, bool)
        begins[first[samples]] = True
        read = np.zeros(len(begins), bool)
        for offset in self.offsets:
            read |= _moved(begins, offset)
        sharing = np.zeros(len(begins), bool)
        for offset in self.offsets:
            sharing |= _moved(read[::-1], offset)[::-1]
        return sharing[first]

    def shortened(self, n_steps: int) -> "Origin":
        """The origin of the same windows, cut to their last steps."""
        return self._replace(offsets=(self.offsets[0][-n_steps:], *self.offsets[1:]))

    def order_of_time(self) -> np.ndarray | None:
        """The samples of each series, oldest first; None if they are in that order already."""
        first, span = self._numbers(), 1 + max(offset[-1] for offset in self.offsets)
        order = np.argsort(first, kind="stable")
        same_series = np.diff(first[order]) < span
        return order if (np.diff(order)[same_series] < 0).any() else None

    def _numbers(self) -> np.ndarray:
        if isinstance(self.first, range):  # as a range it costs no memory
            return np.arange(self.first.start, self.first.stop, self.first.step)
        return self.first


def _moved(flags: np.ndarray, offsets: range) -> np.ndarray:
    """Which rows lie one of the offsets after a flag."""
    moved = np.zeros(len(flags), bool)
    moved[offsets.start :] = flags[: len(flags) - offsets.start]
    n_done = 1
    while n_done < len(offsets):  # twice as many each time
        n_more = min(n_done, len(offsets) - n_done)
        shift = n_more * offsets.step
        moved[shift:] |= moved[:-shift]
        n_done += n_more
    return moved
