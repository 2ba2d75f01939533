"""Recurrent cells, by name. A new cell is one file and one line here."""

from ._base import Cell
from .elman import ElmanCell

CELLS = {"elman": ElmanCell}

__all__ = ["CELLS", "Cell"]
