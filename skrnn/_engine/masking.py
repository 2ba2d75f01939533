"""Which steps of sequences are valid and which are missing: decided here and nowhere else.

Unchecked X: a step is missing if all of its dynamic features are NaN (`valid_steps`). A step that
is NaN in some of them only is valid, and the check of X refuses it.

Checked X: the same, but one feature tells, as a step is NaN in all dynamic features or in none
(`StepMask.of`). A fit looks once, and hands on the `StepMask`.

Static covariates don't say whether a step is valid.
"""

from typing import Any

import numpy as np

_BLOCK_NUMBERS = 2**20  # of X that are looked at together


def valid_steps(X: np.ndarray) -> np.ndarray:
    """Which steps (N, T) are valid, of the dynamic features of unchecked sequences (N, T, D)."""
    valid = np.zeros(X.shape[:-1], bool)
    for d in range(X.shape[-1]):
        valid |= ~np.isnan(X[..., d])
    return valid


class StepMask:
    """Which of the T steps of each of N sequences are valid.

    Most sequences are gapless: their first valid step and the one after the last tell all. Only
    the others keep a row of T flags, so that windows of a long series need little memory.

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
        self.lengths = self.stop = np.broadcast_to(T, N)
        self.first, self._row_of_flags = np.broadcast_to(0, N), np.broadcast_to(-1, N)
        self._flags = np.zeros((0, T), bool)  # of sequences with gaps

    @classmethod
    def of(cls, X: np.ndarray) -> "StepMask":
        """The mask of checked sequences (N, T, D)."""
        mask = cls(len(X), X.shape[1])
        size = max(1, _BLOCK_NUMBERS // X.shape[1])
        for start in range(0, len(X), size):
            mask.set_rows(start, ~np.isnan(X[start : start + size, :, 0]))
        return mask

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
        self._row_of_flags[start + gaps] = len(self._flags) + np.arange(len(gaps))
        self._flags = np.concatenate([self._flags, valid[gaps]])

    def valid(self, rows: Any = slice(None), steps: slice = slice(None)) -> np.ndarray:
        """Which of some steps of some sequences are valid, (n, t)."""
        t, first, stop = np.arange(self.n_steps)[steps], self.first[rows], self.stop[rows]
        valid = (first[:, np.newaxis] <= t) & (t < stop[:, np.newaxis])
        row = self._row_of_flags[rows]
        if (row >= 0).any():
            valid[row >= 0] = self._flags[row[row >= 0]][:, steps]
        return valid

    def span(self, rows: Any = slice(None)) -> slice:
        """The steps from the first to the last that is valid in any of some sequences.

        It holds one step at least.
        """
        known = self.lengths[rows] > 0
        first = int(self.first[rows].min(where=known, initial=self.n_steps - 1))
        return slice(first, max(first + 1, int(self.stop[rows].max(initial=0))))


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
