"""The state of a network: one packed array, and views of its parts."""

from collections.abc import Sequence

import numpy as np


class StateLayout:
    """Where the states of each direction of each layer lie in one packed array (R, B).

    As with parameters, only the packed array is handed over or stored. The time loop works on
    the views.

    Parameters
    ----------
    rows : sequence of sequence of int
        For each direction, from the inputs up, the rows of each of its states.

    Attributes
    ----------
    size : int
        R, the numbers in the state of one sequence.
    parts : list of slice
        The rows of each state.
    """

    def __init__(self, rows: Sequence[Sequence[int]]):
        self._slices: list[list[slice]] = []
        self.size = 0
        for own in rows:
            self._slices.append([])
            for n_rows in own:
                self._slices[-1].append(slice(self.size, self.size + n_rows))
                self.size += n_rows

        self.parts = [part for own in self._slices for part in own]

    def views(self, packed: np.ndarray) -> list[list[np.ndarray]]:
        """Each direction's states (rows, B), as views of ``packed`` (R, B)."""
        return [[packed[part] for part in own] for own in self._slices]

    def of_direction(self, i: int) -> slice:
        """The rows of the i-th direction."""
        return slice(self._slices[i][0].start, self._slices[i][-1].stop)
