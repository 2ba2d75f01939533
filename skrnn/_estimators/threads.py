"""BLAS, held to one thread where we use threads of our own."""

import functools
import threading
from contextlib import contextmanager

from joblib import effective_n_jobs
from threadpoolctl import ThreadpoolController  # comes with scikit-learn


@functools.cache
def _pools():
    return ThreadpoolController().select(user_api="blas")


_lock = threading.Lock()


@contextmanager
def threads_of(n_jobs: int | None):
    """Hold BLAS to one thread, and give the number of ours: None is what BLAS was allowed.

    Its threads are for matrices larger than a step's: they slow small steps down, and
    results could depend on their number. The limit is the process's. Where fits run in
    several threads, the one that finds it free sets and lifts it: if each did, the last to
    leave would put back the limit that it had found, and leave BLAS at one thread for good.
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
