"""A failed fit changes nothing."""

from contextlib import contextmanager


@contextmanager
def unchanged_on_error(estimator):
    """Whatever ends the block early leaves the estimator's attributes as they were."""
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        for name in vars(estimator).keys() - before.keys():
            delattr(estimator, name)
        vars(estimator).update(before)
        raise
