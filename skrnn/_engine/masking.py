"""Which steps of sequences are valid and which are missing: decided here and nowhere else.

**Unchecked X**: a step is missing if all of its dynamic features are NaN (`valid_steps`). A step
that is NaN in some of them only is valid.

**Checked X**: a step is missing if its dynamic features are NaN. The check of X uses
`valid_and_partial_steps`, refuses steps that are NaN in part, and makes one `StepMask`, which all
parts of a fit or a prediction use.

Static covariates don't say whether a step is valid.
"""

from typing import Any

import numpy as np


def valid_steps(X: np.ndarray) -> np.ndarray:
    """Which steps (N, T) are valid, of the dynamic features of unchecked sequences (N, T, D)."""
    return valid_and_partial_steps(X)[0]


def valid_and_partial_steps(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which steps (N, T) of (N, T, D) are valid, and which of these are NaN in some features."""
    missing = np.isnan(X)
    valid = ~missing.all(axis=-1)
    return valid, valid & missing.any(axis=-1)


class StepMask:
    """Which of the T steps of each of N sequences are valid.

    Most sequences have no gap: the first valid step and the one after the last describe them. Only
    sequences with gaps keep T flags, so that windows of a long series need little memory.

    Parameters
    ----------
    n_sequences, n_steps : int
        N and T. All steps are valid until `set_rows` says otherwise.

    Attributes
    ----------
    n_steps : int
        T.
    lengths : ndarray of shape (N,)
        Number of valid steps.
    first : ndarray of shape (N,)
        The first valid step; 0 if there is none.
    stop : ndarray of shape (N,)
        One after the last valid step; 0 if there is none.
    complete : bool
        Whether all steps of all sequences are valid.
    """

    def __init__(self, n_sequences: int, n_steps: int):
        N, T = n_sequences, n_steps
        self.n_steps, self.complete = T, True
        # without memory of their own until a step is missing
        stop, self.first, self._row_of_flags = np.broadcast_to([[T], [0], [-1]], (3, N))
        self.lengths = self.stop = stop
        self._flags: list[np.ndarray] = []  # (n, T) each, of sequences with gaps

    @classmethod
    def of_valid(cls, valid: np.ndarray) -> "StepMask":
        """The mask with these valid steps (N, T)."""
        mask = cls(*valid.shape)
        mask.set_rows(0, valid)
        return mask

    def set_rows(self, start: int, valid: np.ndarray) -> None:
        """Say which steps (n, T) are valid of the n sequences from row ``start`` on."""
        if valid.all():
            return
        if self.complete:
            self.complete = False
            self.lengths, self.stop = self.lengths.copy(), self.stop.copy()
            self.first, self._row_of_flags = self.first.copy(), self._row_of_flags.copy()
        rows, lengths, first = slice(start, start + len(valid)), valid.sum(1), valid.argmax(1)
        stop = np.where(lengths > 0, self.n_steps - valid[:, ::-1].argmax(axis=1), 0)
        self.lengths[rows], self.first[rows], self.stop[rows] = lengths, first, stop
        gaps = np.flatnonzero(lengths < stop - first)
        self._row_of_flags[start + gaps] = sum(map(len, self._flags)) + np.arange(len(gaps))
        self._flags.append(valid[gaps])

    def valid(self, rows: Any = slice(None), steps: slice = slice(None)) -> np.ndarray:
        """Which of some steps of some sequences are valid, (n, t)."""
        t, first, stop = np.arange(self.n_steps)[steps], self.first[rows], self.stop[rows]
        valid = (first[:, np.newaxis] <= t) & (t < stop[:, np.newaxis])
        row = self._row_of_flags[rows]
        if (row >= 0).any():
            if len(self._flags) > 1:
                self._flags = [np.concatenate(self._flags)]
            valid[row >= 0] = self._flags[0][row[row >= 0]][:, steps]
        return valid

    def span(self, rows: Any = slice(None)) -> slice:
        """The steps from the first to the last that is valid in any of some sequences.

        It holds one step at least.
        """
        known = self.lengths[rows] > 0
        first = int(self.first[rows].min(where=known, initial=self.n_steps - 1))
        return slice(first, max(first + 1, int(self.stop[rows].max(initial=0))))


def next_steps_of(X: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """At each valid step (N, T) the values (N, T, D) of the next valid one; NaN where none is."""
    found = np.full_like(X, np.nan)
    rows, steps = np.nonzero(valid)
    follows = rows[1:] == rows[:-1]
    now, then = (rows[:-1][follows], steps[:-1][follows]), (rows[1:][follows], steps[1:][follows])
    found[now] = X[then]
    return found


def moved_together(valid: np.ndarray, *, to_front: bool) -> np.ndarray:
    """The order (B, longest) of steps that brings the valid ones (B, T) of each sequence together.

    They come first, or last, and stay in order; ``longest`` counts those of the longest sequence.
    """
    order = np.argsort(valid != to_front, axis=1, kind="stable")
    longest = max(1, int(valid.sum(axis=1).max()))
    return order[:, :longest] if to_front else order[:, -longest:]


def time_first(X: np.ndarray, valid: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
    """From (B, T, D) to x (T, D, B), 0 at missing steps, and ``missing`` (T, B).

    ``valid`` is (B, T); ``missing`` is None if every step is valid.
    """
    x = X.transpose(1, 2, 0)
    if valid is None or valid.all():
        return x, None
    missing = ~valid.T
    return np.where(missing[:, np.newaxis], 0, x), missing
