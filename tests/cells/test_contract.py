"""What a cell of one's own is told when it breaks the contract."""

import numpy as np
import pytest

from skrnn import RNNRegressor
from skrnn.cells import Cell, ElmanCell
from tests.helpers.toy_cell import LeakyCell

pytestmark = pytest.mark.core


def fit(cell):
    X = np.random.RandomState(0).normal(size=(10, 4, 2))
    return RNNRegressor(3, alpha=1.0, cell=cell, max_iter=1, random_state=0).fit(X, X[:, -1, 0])


def test_views_by_another_name_are_refused():
    class Wrong(ElmanCell):
        def forward_views(self, tape):
            return {"operand": tape.operand[:-1], "hidden": tape.state[1:]}

    with pytest.raises(
        ValueError, match=r"Wrong.forward has the argument 'h'.*'hidden', 'operand'"
    ):
        fit(Wrong)


@pytest.mark.parametrize("pass_", ["forward", "backward"])
def test_views_for_one_step_too_many_are_refused(pass_):
    class Wrong(LeakyCell):
        def forward_views(self, tape):
            views = super().forward_views(tape)
            return views | ({"new": tape.state} if pass_ == "forward" else {})

        def backward_views(self, tape):
            return {"dz": tape.local[1:]}

    text = "forward_views returns 'new'" if pass_ == "forward" else "backward_views returns 'dz'"
    with pytest.raises(ValueError, match=rf"Wrong.{text}.* one view per step"):
        fit(Wrong)


def test_more_views_than_arguments_are_fine():
    class Generous(ElmanCell):
        def forward_views(self, tape):
            return {**super().forward_views(tape), "unused": tape.state[:-1]}

    expected = fit(ElmanCell)
    assert (fit(Generous).parameters_ == expected.parameters_).all()


def test_the_order_of_views_does_not_matter():
    class Reversed(ElmanCell):
        def forward_views(self, tape):
            return dict(reversed(super().forward_views(tape).items()))

    assert (fit(Reversed).parameters_ == fit(ElmanCell).parameters_).all()


@pytest.mark.parametrize("name", ["operand", "states", "dz", "_order", "start"])
def test_buffers_with_a_name_of_the_tapes_are_refused(name):
    class Wrong(LeakyCell):
        def buffers(self):
            return {**super().buffers(), name: (0, 1)}

    with pytest.raises(ValueError, match=f"buffer '{name}'.*choose another"):
        fit(Wrong)


def test_every_weight_needs_initial_values_and_a_gradient():
    class Incomplete(LeakyCell):
        def parameter_shapes(self):
            return {**super().parameter_shapes(), "extra": (2, 2)}

        def named_weights(self, weights):
            return {**super().named_weights(weights), "extra": weights["extra"]}

    with pytest.raises(
        ValueError, match=r"Incomplete.initial_weights must .*'extra'.* got \['W'\]"
    ):
        fit(Incomplete)

    class WithoutGradient(Incomplete):
        def initial_weights(self, rng):
            return {**super().initial_weights(rng), "extra": np.ones((2, 2))}

    with pytest.raises(ValueError, match=r"weight_gradients must .* has none for \['extra'\]"):
        fit(WithoutGradient)


CALLS = ["prepare", "project", "forward", "prepare_backward", "local_derivatives", "backward"]
CALLS += ["weight_gradients"]


def test_methods_are_called_in_the_order_that_the_docstring_gives(monkeypatch):
    calls = []
    for name in CALLS:
        original = getattr(ElmanCell, name)

        def noted(self, *args, name=name, original=original):
            calls.append(name)
            return original(self, *args)

        # an argument list of its own would hide the views' names
        if name not in ("forward", "backward"):
            monkeypatch.setattr(ElmanCell, name, noted)
    forward, backward = ElmanCell.forward, ElmanCell.backward

    def noted_forward(self, prepared, operand, h):
        calls.append("forward")
        forward(self, prepared, operand, h)

    def noted_backward(self, prepared, d_states, d_recurrent, dz):
        calls.append("backward")
        backward(self, prepared, d_states, d_recurrent, dz)

    monkeypatch.setattr(ElmanCell, "forward", noted_forward)
    monkeypatch.setattr(ElmanCell, "backward", noted_backward)
    X = np.random.RandomState(0).normal(size=(10, 4, 2))
    RNNRegressor(3, alpha=1.0, solver="adam", max_iter=1).fit(X, X[:, -1, 0])
    # once for each new buffer, without steps, to see that no weight is left out
    assert calls.pop(calls.index("weight_gradients")) == "weight_gradients"
    assert calls == [
        "prepare",
        "project",
        *4 * ["forward"],
        "prepare_backward",
        "local_derivatives",
        *4 * ["backward"],
        "weight_gradients",
    ]
    table = Cell.__doc__.partition("called in this order")[2]
    positions = [table.index(f"`{name}`") for name in CALLS]
    assert positions == sorted(positions)
