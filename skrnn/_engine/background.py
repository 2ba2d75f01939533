"""Work that a second thread may do, done at once where there is none."""

from collections.abc import Callable
from typing import Any, Protocol


class Task(Protocol):
    """What `submit` returns, a `concurrent.futures.Future` for one."""

    def result(self) -> Any:
        """Wait for the end; raise what the work has raised."""


class _Done:
    def result(self):
        pass


_DONE = _Done()


def run_at_once(function: Callable, *arguments: Any) -> Task:
    """Like ``submit`` of an executor, but in this thread."""
    function(*arguments)
    return _DONE
