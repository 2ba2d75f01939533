"""Warnings at the line of the user's code, which a context can mute."""

import sys
import warnings
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType

_EVERYTHING = "everything"  # that our warnings are about
_warned: set[Hashable] = set()  # cases and lines of which `warn_once` has warned
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
