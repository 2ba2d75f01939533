"""Calls of the library under watch: what may escape from one, and what it must not change."""

import contextlib
import io
import re
import traceback
import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import (
    ConvergenceWarning,
    DataConversionWarning,
    NotFittedError,
    UndefinedMetricWarning,
)
from sklearn.utils._param_validation import InvalidParameterError

from .frozen import frozen

REFUSED = object()  # what a call returns that has raised an exception

ERRORS = {ValueError, TypeError, NotFittedError, InvalidParameterError}
WARNINGS = {UserWarning, ConvergenceWarning, DataConversionWarning, UndefinedMetricWarning}

# texts that scikit-learn's own checks ask for, and that name the fault, but no argument
STANDARD_TEXTS = re.compile(
    r"inconsistent numbers of samples|Found array with|Reshape your data|Expected 2D array"
    r"|Complex data not supported|should be a 1d array|Sparse data was passed|Unknown label type"
    r"|feature names should match|grows beyond all bounds|nothing to learn from"
)

OTHER_NAMES = {  # of arguments, in texts
    "X": {
        *("X", "Features", "Column", "Every column"),
        *("static_features", "n_features_per_step", "groups"),
    },
    "series": {"series", "Column", "Every column"},
    "y": {"y", "y_true"},
}


@dataclass
class Finding:
    """What is wrong in a case."""

    kind: str
    text: str
    trace: str = ""

    @property
    def key(self) -> str:
        """The same for findings that are likely to have the same cause."""
        return f"{self.kind}: {re.sub(r'-?[0-9][-+.e0-9]*', '#', self.text)[:110]}"


class Watch:
    """The calls of one case, and their findings.

    Parameters
    ----------
    names : set of str
        Arguments and parameters, one of which the text of each error must name.
    """

    def __init__(self, names):
        self.names, self.findings = set(names), []

    def find(self, kind, text, trace=""):
        """Add a finding."""
        self.findings.append(Finding(kind, text, trace))

    def call(self, what, function, *args, about=None, must_refuse=False, reasons=None, **kwargs):
        """Call a function, and return its value, or `REFUSED`.

        ``about`` is the name of the argument that is malformed, if one is: an error must name it.
        ``must_refuse`` says that there is no way to accept it; ``reasons`` is a pattern for the
        texts of errors that are fine if nothing is malformed.
        """
        before = frozen([args, kwargs])
        with warnings.catch_warnings(record=True) as caught, quiet():
            warnings.simplefilter("always")
            try:
                value = function(*args, **kwargs)
            except TimeoutError:  # the case took too long
                raise
            except Exception as error:
                self._check_error(what, error, about)
                if reasons and not reasons.search(str(error)):
                    text = f"{what}: {str(error)[:300]}"
                    self.find("well-formed arguments refused", text, traceback.format_exc())
                value = REFUSED
        for warning in caught:
            if warning.category not in WARNINGS:
                where = f"{warning.filename.rpartition('site-packages/')[2]}:{warning.lineno}"
                text = f"{what}: {warning.category.__name__}: {warning.message} ({where})"
                self.find("foreign warning", text)
        if frozen([args, kwargs]) != before:
            self.find("argument modified", what)
        if must_refuse and value is not REFUSED:
            self.find("malformed argument accepted", f"{what}: {must_refuse}")
        return value

    def unchanged(self, what, estimator, function, *args, **kwargs):
        """Call a function that may refuse, and then must leave the estimator as it was."""
        before = frozen(vars(estimator))
        value = self.call(what, function, *args, **kwargs)
        if value is REFUSED and frozen(vars(estimator)) != before:
            self.find("refused call changes the estimator", what)
        return value

    def _check_error(self, what, error, about):
        name, trace = type(error).__name__, traceback.format_exc()
        text = f"{what}: {name}: {str(error)[:300]}"
        if type(error) not in ERRORS:
            self.find("foreign exception", text, trace)
            return
        if isinstance(error, NotFittedError) or STANDARD_TEXTS.search(str(error)):
            return
        names = OTHER_NAMES.get(about, {about}) if about else self.names
        if not any(mentions(str(error), own) for own in names):
            self.find(f"text doesn't name {about or 'an argument'}", text, trace)


def mentions(text, name):
    """Whether a text has a name as a word."""
    return re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text) is not None


@contextlib.contextmanager
def quiet():
    """Nothing is printed."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def differs(a, b, tolerance=0.0):
    """How two arrays, or lists of arrays, differ; None if they don't."""
    if type(a) is not type(b) or len(a) != len(b):
        return f"{type(a).__name__} of {len(a)}, not {type(b).__name__} of {len(b)}"
    if isinstance(a, list) or a.dtype == object:
        return next(
            (text for x, y in zip(a, b, strict=True) if (text := differs(x, y, tolerance))), None
        )
    if a.shape != b.shape:
        return f"shape {a.shape}, not {b.shape}"
    if a.dtype.kind != "f":
        return None if np.array_equal(a, b) else "other values"
    if np.array_equal(a, b, equal_nan=True):
        return None
    if not np.array_equal(np.isnan(a), np.isnan(b)):
        return "NaN at other places"
    with np.errstate(all="ignore"):
        largest = np.nanmax(np.abs(a.astype(float) - b))
    return f"by {largest:.3g}, more than {tolerance:.3g}" if not largest <= tolerance else None


def expect(watch, name, actual, expected, tolerance=0.0):
    """Compare results that weren't refused."""
    if actual is REFUSED or expected is REFUSED:
        return
    text = differs(list(map(as_array, actual)), list(map(as_array, expected)), tolerance)
    if text is not None:
        watch.find(name, text)


def as_array(value):
    """A plain array with an axis."""
    return np.atleast_1d(np.asarray(value))
