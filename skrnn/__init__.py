"""Recurrent neural networks for scikit-learn."""

from . import cells, interop
from .classifier import RNNClassifier
from .plotting import LossCurveDisplay
from .regressor import RNNRegressor
from .steps import flatten_steps
from .windowing import SlidingWindow
from .windows import sliding_windows

__version__ = "0.1.0"

__all__ = [
    "LossCurveDisplay",
    "RNNClassifier",
    "RNNRegressor",
    "SlidingWindow",
    "cells",
    "flatten_steps",
    "interop",
    "sliding_windows",
]
