"""Conventions of scikit-learn: fits that change all or nothing, states, warnings, callbacks."""

import functools
import sys
import threading
import warnings
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import Any, ClassVar, TypeVar, cast

from sklearn.base import _fit_context, clone
from sklearn.pipeline import Pipeline
from sklearn.utils._param_validation import validate_params as _validate_params
from sklearn.utils.metaestimators import available_if as _available_if

from ._saving.plain import PlainValues
from ._saving.state import restored_attributes, saved_state, version_of
from ._saving.version import __version__

try:
    from sklearn.callback import CallbackSupportMixin
    from sklearn.callback import with_callbacks as _with_callbacks
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Nothing, where scikit-learn has no callbacks yet."""

    def _with_callbacks(method: Any) -> Any:
        return method


# what `project.urls` in pyproject.toml calls the documentation
DOCUMENTATION = "https://skrnn.readthedocs.io/en/stable"


class EstimatorMixin(CallbackSupportMixin):
    """What estimators and transformers share: callbacks, links to docs, what files hold of them.

    Attributes
    ----------
    _private : dict of str to str
        Fitted attributes without a public name, and what files call them.
    _values : PlainValues
        The types of all fitted attributes that aren't plain.
    """

    _doc_link_module: ClassVar[str] = "skrnn"
    _doc_link_template: ClassVar[str] = (
        f"{DOCUMENTATION}/api/generated/skrnn.{{estimator_name}}.html"
    )
    _private: ClassVar[dict[str, str]] = {}
    _values: ClassVar[PlainValues] = PlainValues({})

    def __getstate__(self) -> dict[str, Any]:
        parent: Any = super()
        attributes = dict(parent.__getstate__())  # a fit that begins meanwhile adds to it
        return saved_state(attributes, self._private, self._values)

    def __setstate__(self, state: dict[str, Any]) -> None:
        name, parent = type(self).__name__, cast(Any, super())
        version = version_of(state)
        if version is not None:
            warn_user(
                f"This {name} was saved by skrnn {version}, and is loaded by skrnn {__version__}: "
                "it may not work, or predict otherwise. Load it by the version that saved it, or "
                "fit it again."
            )
        try:
            attributes = restored_attributes(state, self._private, self._values)
        except ValueError as error:
            raise ValueError(
                f"The saved {name} is damaged: {error}. Save the fitted estimator again, or fit "
                "it again."
            ) from error
        parent.__setstate__(attributes)


_EVERYTHING = "everything"  # that our warnings are about
_warned: set[Hashable] = set()  # cases and lines of which `warn_once` has warned
F = TypeVar("F", bound=Callable[..., Any])


def last_step(estimator: Any, X: Any) -> tuple[Any, Any, list[Any]]:
    """What pipelines and searches end in, X as it gets there, and the steps before."""
    before: list[Any] = []
    while True:
        if isinstance(estimator, Pipeline):
            before += [step for _, step in estimator.steps[:-1]]
            X = estimator[:-1].transform(X) if len(estimator) > 1 else X
            estimator = estimator[-1]
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        else:
            return estimator, X, before


def fit_context(*, prefer_skip_nested_validation: bool) -> Callable[[F], F]:
    """scikit-learn's decorator of `fit`, which keeps the types of the method."""
    return _fit_context(prefer_skip_nested_validation=prefer_skip_nested_validation)


def with_callbacks(method: F) -> F:
    """Decorator of methods other than `fit` that have tasks: callbacks end when they end."""
    return cast(F, _with_callbacks(method))


def available_if(check: Callable[[Any], bool]) -> Callable[[F], F]:
    """scikit-learn's decorator of conditional methods, which keeps the types of the method."""
    return _available_if(check)


def validate_params(constraints: dict[str, list]) -> Callable[[F], F]:
    """scikit-learn's decorator of functions, which keeps the types of the function."""
    return _validate_params(constraints, prefer_skip_nested_validation=True)


_installing = threading.RLock()  # held by who changes what a fit has left behind


@contextmanager
def fitted_copy(estimator):
    """A copy to fit. The estimator gets its attributes when the block ends without an error.

    Until then the estimator doesn't change, so that other threads can predict with it. It gets
    them all at once, as one dict in the place of another. Parameters that were set meanwhile stay.
    """
    new = copied(estimator)
    yield new
    with _installing:
        kept = {name: own for name, own in vars(estimator).items() if not name.endswith("_")}
        fitted = {name: own for name, own in vars(new).items() if "_" in (name[0], name[-1])}
        estimator.__dict__ = kept | fitted


def copied(estimator):
    """A copy of the estimator, with the same attributes."""
    copy = object.__new__(type(estimator))
    copy.__dict__ = vars(estimator).copy()  # five times as fast as dict()
    return copy


def of_one_fit(method: F) -> F:
    """Decorator of methods that read what a fit has left behind.

    ``self`` is what the estimator was when the method was called: a fit that ends meanwhile, in
    another thread, doesn't show.
    """

    @functools.wraps(method)
    def call(self, *args, **kwargs):
        return method(copied(self), *args, **kwargs)

    return cast(F, call)


def between_fits(method: F) -> F:
    """Decorator of methods that change what a fit has left behind: meanwhile, no fit ends."""

    @functools.wraps(method)
    def call(self, *args, **kwargs):
        with _installing:
            return method(self, *args, **kwargs)

    return cast(F, call)


# in threads, `warnings.catch_warnings` can mute others, and forever (before Python 3.14)
_muted: ContextVar[dict[str, set[str]]] = ContextVar("_muted")


@contextmanager
def muted(*subjects: str) -> Iterator[set[str]]:
    """Without our warnings ``about`` these subjects, or without any; yields what was left out."""
    left_out: set[str] = set()
    token = _muted.set(_muted.get({}) | dict.fromkeys(subjects or (_EVERYTHING,), left_out))
    try:
        yield left_out
    finally:
        _muted.reset(token)


def warn_user(
    message: str, category: type[Warning] = UserWarning, *, about: str = _EVERYTHING
) -> None:
    """Warn at the line of the user's code that led here, however many of our frames lie between."""
    for subject in (about, _EVERYTHING):
        if subject in _muted.get({}):
            _muted.get()[subject].add(about)
            return
    level, _ = _line_of_user()
    warnings.warn(message, category, stacklevel=level)


def warn_once(message: str, case: Hashable) -> None:
    """As `warn_user`, once for each case and line: not for each fold of each candidate."""
    level, line = _line_of_user()
    if (case, line) not in _warned:
        warnings.warn(message, stacklevel=level)  # raises where warnings are errors, each time
        _warned.add((case, line))


def _line_of_user() -> tuple[int, tuple[str, int] | None]:
    """The stack level and the place of the user's code, for the caller."""
    level = 2
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and _is_internal(frame):
        level, frame = level + 1, frame.f_back
    return level, None if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def _is_internal(frame):
    package = frame.f_globals.get("__name__", "").partition(".")[0]
    return package in ("skrnn", "sklearn", "joblib", "contextlib", "pickle", "copy", "skops")


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
