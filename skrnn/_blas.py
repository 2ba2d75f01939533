"""BLAS, held to one thread while a network trains."""

import functools
import threading
from contextlib import contextmanager

from threadpoolctl import ThreadpoolController  # comes with scikit-learn


@functools.cache
def _pools():
    return ThreadpoolController().select(user_api="blas")


_lock = threading.Lock()


@contextmanager
def single_threaded_blas():
    """Hold BLAS to one thread, and give the number that it was allowed.

    Its threads are for matrices larger than a step's: they slow small steps down, and
    results could depend on their number. The limit is the process's. Where fits run in
    several threads, the one that finds it free sets and lifts it: if each did, the last to
    leave would put back the limit that it had found, and leave BLAS at one thread for good.
    """
    pools = _pools()
    n_threads = max((pool["num_threads"] for pool in pools.info()), default=1)
    if not _lock.acquire(blocking=False):
        yield 1
        return
    try:
        with pools.limit(limits=1):
            yield n_threads
    finally:
        _lock.release()
