"""Solvers, by name. A new one is a file of its own, and is listed here."""

from .adam import Adam
from .base import FirstOrderSolver, Solver
from .lbfgs import LBFGS
from .levenberg_marquardt import LevenbergMarquardt
from .rmsprop import RMSprop
from .schedules import SCHEDULES
from .sgd import SGD

SOLVERS: dict[str, type[Solver]] = {
    "adam": Adam,
    "lbfgs": LBFGS,
    "lm": LevenbergMarquardt,
    "rmsprop": RMSprop,
    "sgd": SGD,
}

__all__ = ["SCHEDULES", "SOLVERS", "FirstOrderSolver", "LevenbergMarquardt", "Solver"]
