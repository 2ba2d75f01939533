"""What scikit-learn asks of a fit: all or nothing, and tasks for its callbacks."""

import copy
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:
        """Nothing, where scikit-learn has no callbacks yet."""


@contextmanager
def fitted_copy(estimator):
    """A copy to fit, whose attributes the estimator gets if the block comes to its end.

    Until then, the estimator is what it was, for whoever predicts with it at the same time, too.
    """
    new = copy.copy(estimator)
    before = set(vars(new))
    yield new
    vars(estimator).update(vars(new))
    for name in before - set(vars(new)):
        delattr(estimator, name)


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
        Runs of the solver, one after another; if there are several, each is a subtask itself.
    max_iter : int
        Epochs of a run at most.
    reconstruct : callable
        ``reconstruct(course)`` returns the attributes of the estimator as it would be if
        training ended there.
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
        self._estimator, self._reconstruct, self._data = estimator, reconstruct, data
        self._n_runs, self._max_iter = n_runs, max_iter
        self._root = self._run = self._epoch = None
        if hasattr(estimator, "_init_callback_context"):
            n_subtasks = max_iter if n_runs == 1 else n_runs
            self._root = estimator._init_callback_context(max_subtasks=n_subtasks)
            self._root.call_on_fit_task_begin(estimator=estimator, **data)

    def begin_run(self) -> None:
        """A run of the solver begins."""
        if not hasattr(self._estimator, "_skl_callbacks"):
            return
        self._run = self._root
        if self._n_runs > 1:
            self._run = self._begin(self._root, "restarts", max_subtasks=self._max_iter)
        self._epoch = self._begin(self._run, "epoch")

    def __call__(self, courses: list) -> bool:
        """An epoch of these nets is over; whether a callback asks to stop."""
        if self._epoch is None or not courses:
            return False
        best = min(courses, key=lambda course: course.best)
        stop = self._end(self._epoch, lambda: self._reconstruct(best))
        self._epoch = None
        if not stop and any(course.outcome is None for course in courses):
            self._epoch = self._begin(self._run, "epoch")
        return stop

    def end_run(self) -> None:
        """The run is over."""
        if self._epoch is not None:  # an epoch that never came
            self._end(self._epoch)
            self._epoch = None
        if self._run is not None and self._run is not self._root:
            self._end(self._run)

    def end(self, course: Any = None) -> None:
        """The fit is over."""
        if self._root is not None:
            self._end(self._root, course and (lambda: self._reconstruct(course)))

    def _begin(self, parent, name, **settings):
        task = parent.subcontext(task_name=name, **settings)
        return task.call_on_fit_task_begin(estimator=self._estimator, **self._data)

    def _end(self, task, attributes=None):
        return task.call_on_fit_task_end(
            estimator=self._estimator, reconstruction_attributes=attributes, **self._data
        )
