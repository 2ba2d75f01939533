"""Recurrent cells, by name. A new one is a file of its own and one line here."""

from ._base import Cell
from ._weight_gradients import Elementwise, Outer, multiplier, multiply_steps
from .elman import ElmanCell
from .gru import GRUCell
from .gru_reset_before import GRUResetBeforeCell
from .jordan import JordanCell
from .lstm import LSTMCell
from .peephole_lstm import PeepholeLSTMCell

# a cell's name is that of its file
CELLS = {
    thing.__module__.rpartition(".")[2]: thing
    for thing in list(globals().values())
    if isinstance(thing, type) and issubclass(thing, Cell) and thing is not Cell
}

__all__ = [
    "CELLS",
    "Cell",
    "Elementwise",
    "Outer",
    "multiplier",
    "multiply_steps",
    *(cell.__name__ for cell in CELLS.values()),
]
