"""Solvers, by name. A new solver is one file and one line here."""

from ._base import FirstOrderSolver, Solver
from ._schedules import SCHEDULES
from .adam import Adam
from .lbfgs import LBFGS
from .levenberg_marquardt import LevenbergMarquardt
from .rmsprop import RMSprop
from .sgd import SGD

SOLVERS = {"adam": Adam, "lbfgs": LBFGS, "lm": LevenbergMarquardt, "rmsprop": RMSprop, "sgd": SGD}

__all__ = ["SCHEDULES", "SOLVERS", "FirstOrderSolver", "LevenbergMarquardt", "Solver"]
