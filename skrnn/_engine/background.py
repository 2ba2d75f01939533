"""Work that a second thread may do, done at once where there is none."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol


class Task(Protocol):
    """What `Submit` returns, a `concurrent.futures.Future` for one."""

    def result(self) -> Any:
        """Wait for the end; raise what the work has raised."""


# (function, *arguments) -> Task, as ``submit`` of an executor
Submit = Callable[..., Task]


class _Done(NamedTuple):
    value: Any

    def result(self) -> Any:
        return self.value


def run_at_once(function: Callable, *arguments: Any) -> Task:
    """Like ``submit`` of an executor, but in this thread."""
    return _Done(function(*arguments))
