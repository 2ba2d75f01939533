"""Fits that change all or nothing, also as other threads see them."""

import functools
import threading
from contextlib import contextmanager
from typing import cast

from .decorators import F

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
