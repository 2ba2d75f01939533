"""Decorators of scikit-learn that keep the types of what they decorate."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from sklearn.base import _fit_context
from sklearn.utils._param_validation import validate_params as _validate_params
from sklearn.utils.metaestimators import available_if as _available_if

try:
    from sklearn.callback import with_callbacks as _with_callbacks
except ImportError:  # before scikit-learn 1.9

    def _with_callbacks(method: Any) -> Any:
        return method


F = TypeVar("F", bound=Callable[..., Any])


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
