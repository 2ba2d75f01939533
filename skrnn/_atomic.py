"""A failed fit changes nothing."""

import copy
from contextlib import contextmanager


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
