"""Threads: BLAS is limited to one while a fit or prediction uses its own."""

import functools
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import threadpoolctl  # comes with scikit-learn
from joblib import cpu_count

# multiplications of a product from which OpenBLAS, that of NumPy's wheels, uses threads
_THREADED_PRODUCT = 2**18


@functools.cache
def _libraries() -> tuple[Any, Any]:
    """The BLAS libraries whose limit is that of the process, and those with one per thread."""
    blas = threadpoolctl.ThreadpoolController().select(user_api="blas")
    paths: dict[bool, list[str]] = {False: [], True: []}
    for library in blas.info():
        paths[library.get("threading_layer") == "openmp"].append(library["filepath"])
    return blas.select(filepath=paths[False]), blas.select(filepath=paths[True])


class _OneThread:
    """The limit of the process to one thread, from the first of its users to the last.

    If each of several fits in threads lifted the limit that it had set, the others would go on
    without it.
    """

    def __init__(self) -> None:
        self._lock, self._n_users = threading.Lock(), 0
        self._limit: Any = None

    def begin(self) -> None:
        """Set the limit, unless others have."""
        with self._lock:
            if self._n_users == 0:
                self._limit = _libraries()[0].limit(limits=1)
            self._n_users += 1

    def end(self) -> None:
        """Lift the limit, unless others need it."""
        with self._lock:
            self._n_users -= 1
            if self._n_users == 0:
                self._limit.restore_original_limits()
            # only the thread that has set a limit may lift it, until it says that it is done
            openblas: Any = getattr(threadpoolctl, "OpenBLASController", None)
            if hasattr(openblas, "clear_controlling_thread"):  # since threadpoolctl 3.8
                openblas.clear_controlling_thread()


_one_thread = _OneThread()
_no_limit = nullcontext()


@contextmanager
def threads_of(n_jobs: int | None) -> Iterator[int]:
    """Limit BLAS to one thread, and return the number of ours. None: as many as BLAS may use.

    BLAS uses threads for large matrices. They slow small steps down, and results could depend on
    their number.
    """
    libraries = _libraries()
    n_threads = max((own["num_threads"] for some in libraries for own in some.info()), default=1)
    with libraries[1].limit(limits=1):
        _one_thread.begin()
        try:
            yield n_threads if n_jobs is None else _n_threads(n_jobs)
        finally:
            _one_thread.end()


def _n_threads(n_jobs: int) -> int:
    """The threads of this process that are asked for; joblib counts those of a whole cluster."""
    return n_jobs if n_jobs > 0 else max(1, cpu_count() + 1 + n_jobs)


def same_bits(n_multiplications: int) -> AbstractContextManager[Any]:
    """Limit BLAS to one thread if products of this size could use more.

    A prediction then has the same bits whether a fit holds the limit meanwhile or not.
    """
    return _no_limit if n_multiplications < _THREADED_PRODUCT else threads_of(1)
