"""The literal types of parameters allow what the parameters' checks allow."""

import inspect
import typing

import pytest
from sklearn.utils._param_validation import StrOptions

import skrnn
from skrnn._panels.calendar import PERIODS
from skrnn._validation.options import (
    CalendarPart,
)

CLASSES = [
    own
    for own in (getattr(skrnn, name) for name in skrnn.__all__)
    if inspect.isclass(own) and hasattr(own, "_parameter_constraints")
]
NOT_IN_CONSTRAINTS = {"calendar"}  # its strings are checked where they are read
PARAMETERS = [
    pytest.param(own, name, id=f"{own.__name__}-{name}")
    for own in CLASSES
    for name, allowed in own._parameter_constraints.items()
    if allowed != "no_validation" and name not in NOT_IN_CONSTRAINTS
]


def strings_of(hint):
    """The strings that a type allows: those of its literals, and `str` if it allows any."""
    if hint is str:
        return {str}
    if typing.get_origin(hint) is typing.Literal:
        return set(typing.get_args(hint))
    if typing.get_origin(hint) in (typing.Union, type(int | None)):
        return set().union(*map(strings_of, typing.get_args(hint)))
    return set()


def strings_of_constraint(constraint):
    if constraint is str:
        return {str}
    return constraint.options if isinstance(constraint, StrOptions) else set()


@pytest.mark.parametrize(("estimator", "name"), PARAMETERS)
def test_types_name_the_strings_that_constraints_allow(estimator, name):
    hint = typing.get_type_hints(estimator.__init__)[name]
    allowed = estimator._parameter_constraints[name]
    assert strings_of(hint) == set().union(*map(strings_of_constraint, allowed))


def test_parts_of_the_calendar():
    assert set(typing.get_args(CalendarPart)) == set(PERIODS)
