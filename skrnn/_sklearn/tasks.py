"""The tasks of a fit, of which scikit-learn's callbacks hear."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sklearn.base import clone


@contextmanager
def single_task(estimator, X, y):
    """A fit without subtasks."""
    tasks = FitTasks(estimator, n_runs=0, data={"X": X, "y": y})
    yield
    tasks.end()


class FitTasks:
    """The tasks of one fit.

    Parameters
    ----------
    estimator : BaseRNN
        What the user called.
    n_runs : int
        Number of calls of the solver; if there are several, each is a subtask itself.
    max_iter : int
        Epochs of a call at most.
    reconstruct : callable
        ``reconstruct(run)`` returns the attributes that the estimator would have if the training
        run ended there.
    data : dict
        ``X``, ``y`` and ``metadata`` for the callbacks.
    """

    def __init__(
        self,
        estimator: Any,
        *,
        n_runs: int,
        max_iter: int = 0,
        reconstruct: Callable[[Any], dict] | None = None,
        data: dict,
    ):
        self._estimator, self._reconstruct, self._data = estimator, reconstruct or vars, data
        self._n_runs, self._max_iter = n_runs, max_iter
        self._root = self._run = self._epoch = None
        if hasattr(estimator, "_init_callback_context"):
            n_subtasks = max_iter if n_runs == 1 else n_runs
            self._root = estimator._init_callback_context(max_subtasks=n_subtasks)
            self._root.call_on_fit_task_begin(estimator=estimator, **data)

    def begin_run(self) -> None:
        """Begin a call of the solver."""
        if not hasattr(self._estimator, "_skl_callbacks"):
            return
        self._run = self._root
        if self._n_runs > 1:
            self._run = self._begin(self._root, "restarts", max_subtasks=self._max_iter)
        self._epoch = self._begin(self._run, "epoch")

    def __call__(self, runs: list) -> bool:
        """End an epoch of these training runs; return whether a callback asks to stop."""
        if self._epoch is None or not runs:
            return False
        best = min(runs, key=lambda run: run.best)
        stop = self._end(self._epoch, lambda: self._reconstruct(best))
        self._epoch = None
        if not stop and any(run.outcome is None for run in runs):
            self._epoch = self._begin(self._run, "epoch")
        return stop

    def end_run(self) -> None:
        """End the call of the solver."""
        if self._epoch is not None:  # an epoch that never came
            self._end(self._epoch)
            self._epoch = None
        if self._run is not None and self._run is not self._root:
            self._end(self._run)

    def end(self, run: Any = None) -> None:
        """End the fit."""
        if self._root is not None:
            self._end(self._root, run and (lambda: self._reconstruct(run)))

    def _begin(self, parent, name, **settings):
        task = parent.subcontext(task_name=name, **settings)
        return task.call_on_fit_task_begin(estimator=self._estimator, **self._data)

    def _end(self, task, attributes=None):
        return task.call_on_fit_task_end(
            estimator=self._estimator, reconstruction_attributes=attributes, **self._data
        )


class PartTasks:
    """The tasks of an estimator that fits others inside.

    Parameters
    ----------
    estimator : estimator
        What the user called.
    n_parts : int
        Number of parts.
    data : dict
        ``X`` and ``y`` for the callbacks.
    name : str, default="fit"
        Name of the whole.
    in_order : bool, default=True
        Whether one part follows the other.
    """

    def __init__(
        self,
        estimator: Any,
        *,
        n_parts: int,
        data: dict,
        name: str = "fit",
        in_order: bool = True,
    ):
        self._estimator, self._data, self._root = estimator, data, None
        if hasattr(estimator, "_init_callback_context"):
            self._root = estimator._init_callback_context(
                task_name=name, max_subtasks=n_parts, sequential_subtasks=in_order
            )
            self._root.call_on_fit_task_begin(estimator=estimator, **data)

    def part(self, name: str) -> "Part":
        """The next part."""
        task = None if self._root is None else self._root.subcontext(task_name=name)
        return Part(self._estimator, task, self._data)

    def parts(self, name: str, n: int) -> "list[Part]":
        """Parts in any order, which may go to other processes: they know no data."""
        if self._root is None:
            return [Part(None, None, {})] * n
        tasks = [self._root.subcontext(task_name=name, task_id=i) for i in range(n)]
        unfitted = clone(self._estimator)
        return [Part(unfitted, task, {}) for task in tasks]

    def end(self) -> None:
        """End the whole."""
        if self._root is not None:
            self._root.call_on_fit_task_end(estimator=self._estimator, **self._data)


class Part:
    """A part of a whole, while an estimator is fitted.

    Estimators with callbacks begin and end it themselves.
    """

    def __init__(self, estimator: Any, task: Any, data: dict):
        self._estimator, self._task, self._data = estimator, task, data

    @contextmanager
    def __call__(self, estimator: Any) -> Iterator[None]:
        if self._task is None:
            yield
        elif hasattr(estimator, "_init_callback_context"):
            with self._task.propagate_callback_context(estimator):
                yield
        else:
            self._task.call_on_fit_task_begin(estimator=self._estimator, **self._data)
            yield
            self._task.call_on_fit_task_end(estimator=self._estimator, **self._data)
