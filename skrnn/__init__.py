"""Recurrent neural networks for scikit-learn."""

from . import cells, interop
from .plotting import LossCurveDisplay
from .regressor import RNNRegressor
from .windowing import SlidingWindow
from .windows import sliding_windows

__version__ = "0.1.0"

__all__ = [
    "LossCurveDisplay",
    "RNNRegressor",
    "SlidingWindow",
    "cells",
    "interop",
    "sliding_windows",
]
