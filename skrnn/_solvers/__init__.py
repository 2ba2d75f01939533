"""Solvers, by name. A new solver is one file and one line here."""

from ._base import Solver
from .adam import Adam
from .levenberg_marquardt import LevenbergMarquardt

SOLVERS = {"adam": Adam, "lm": LevenbergMarquardt}

__all__ = ["SOLVERS", "LevenbergMarquardt", "Solver"]
