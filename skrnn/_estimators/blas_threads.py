"""Threads: BLAS is limited to one while a fit or prediction uses its own."""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from joblib import effective_n_jobs
from threadpoolctl import ThreadpoolController  # comes with scikit-learn


@functools.cache
def _pools():
    return ThreadpoolController().select(user_api="blas")


_lock = threading.Lock()


@contextmanager
def threads_of(n_jobs: int | None) -> Iterator[int]:
    """Limit BLAS to one thread, and return the number of ours. None: as many as BLAS may use.

    BLAS uses threads for large matrices. They slow small steps down, and results could depend on
    their number. The limit holds for the whole process. Where fits run in several threads, only
    the first of them sets and lifts it. Otherwise the last one would restore the limit that it
    had found, and leave BLAS at one thread for good.
    """
    pools = _pools()
    n_threads = max((pool["num_threads"] for pool in pools.info()), default=1)
    if n_jobs is not None:
        n_threads = effective_n_jobs(n_jobs)
    if not _lock.acquire(blocking=False):
        yield 1 if n_jobs is None else n_threads
        return
    try:
        with pools.limit(limits=1):
            yield n_threads
    finally:
        _lock.release()
