"""Recurrent cells: the equations of a layer, by name or as classes.

`Cell` is the contract for cells of your own.
"""

from typing import Literal, TypeAlias

from ._base import Cell
from ._batched_weights import multiplier, multiply_steps
from ._weight_gradients import Elementwise, Outer
from .elman import ElmanCell
from .gru import GRUCell
from .gru_reset_before import GRUResetBeforeCell
from .jordan import JordanCell
from .lstm import LSTMCell
from .peephole_lstm import PeepholeLSTMCell

# a new cell is a file of its own, with the cell's name
CellName: TypeAlias = Literal["elman", "gru", "gru_reset_before", "jordan", "lstm", "peephole_lstm"]
CELLS: dict[str, type[Cell]] = {
    "elman": ElmanCell,
    "gru": GRUCell,
    "gru_reset_before": GRUResetBeforeCell,
    "jordan": JordanCell,
    "lstm": LSTMCell,
    "peephole_lstm": PeepholeLSTMCell,
}

__all__ = [
    "CELLS",
    "Cell",
    "Elementwise",
    "ElmanCell",
    "GRUCell",
    "GRUResetBeforeCell",
    "JordanCell",
    "LSTMCell",
    "Outer",
    "PeepholeLSTMCell",
    "multiplier",
    "multiply_steps",
]

for _cell in CELLS.values():  # files name classes by where users find them
    _cell.__module__ = __name__
