"""Many sequences in chunks that a network reads at once, in one thread or two."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from .._engine.blocks import samples_per_block
from .._engine.masking import time_first
from .._validation.sequences import Sequences
from .blas_threads import same_bits, threads_of

CHUNK_SEQUENCES = 512  # more don't make NumPy's calls cheaper
LARGE = 100_000_000  # multiplications from which a second thread is worth its start


class Chunk(NamedTuple):
    """Some of the sequences, time first."""

    rows: Any  # which sequences
    span: slice  # which of their steps
    x: np.ndarray  # (T, D, B)
    missing: np.ndarray | None  # (T, B)
    static: np.ndarray | None  # (M, B)


class Chunks:
    """Sequences of similar length together, which don't depend on the number of threads.

    Parameters
    ----------
    sequences : Sequences
    numbers : int
        Numbers in the buffers of one sequence.
    margin : bool
        Whether a chunk keeps a step on either side of those that all its sequences miss.
    """

    def __init__(self, sequences: Sequences, numbers: int, *, margin: bool = False):
        self._sequences, self._margin = sequences, margin
        self.size = min(samples_per_block(numbers), CHUNK_SEQUENCES)
        mask = sequences.mask
        self._order = None if mask.complete else np.argsort(mask.lengths, kind="stable")
        self.starts = range(0, len(sequences.X), self.size)

    def read(self, starts: range) -> Iterator[Chunk]:
        """The chunks that begin at these positions of the order."""
        X, mask, static = self._sequences.X, self._sequences.mask, self._sequences.static
        T = X.shape[1]
        for start in starts:
            rows: Any = slice(start, start + self.size)
            if self._order is not None:  # windows of a series aren't copied
                rows = self._order[rows]
            span, valid = slice(0, T), None
            if not mask.complete:
                span = mask.span(rows)
                span = slice(max(0, span.start - self._margin), min(T, span.stop + self._margin))
                valid = mask.valid(rows, span)
            x, missing = time_first(X[rows, span], valid)
            yield Chunk(rows, span, x, missing, None if static is None else static[rows].T)

    def run(
        self,
        work: Callable[[Any, range, threading.Event], None],
        predictor: Any,
        n_weights: int,
        n_jobs: int | None,
    ) -> None:
        """Call ``work(predictor, starts, stop)``, of large tasks in two threads for half of them.

        ``stop`` is set by an interrupt, or a failure of the other half.
        """
        N, T, _ = self._sequences.X.shape
        starts, stop = self.starts, threading.Event()
        if len(starts) == 1 or N * T * n_weights < LARGE:
            with same_bits(min(N, self.size) * n_weights):
                work(predictor, starts, stop)
            return
        with threads_of(n_jobs) as n_threads:
            if n_threads == 1:
                work(predictor, starts, stop)
                return
            with ThreadPoolExecutor(1) as pool:
                other = pool.submit(work, predictor.twin(), starts[1::2], stop)
                try:
                    work(predictor, starts[::2], stop)
                    other.result()
                finally:
                    stop.set()
