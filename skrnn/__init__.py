"""Recurrent neural networks for scikit-learn."""

from . import cells, interop
from .classifier import RNNClassifier
from .padding import SequencePadder
from .plotting import LossCurveDisplay
from .regressor import RNNRegressor
from .scaling import SequenceScaler
from .steps import flatten_steps
from .windowing import SlidingWindow
from .windows import sliding_windows

__version__ = "0.1.0"

__all__ = [
    "LossCurveDisplay",
    "RNNClassifier",
    "RNNRegressor",
    "SequencePadder",
    "SequenceScaler",
    "SlidingWindow",
    "cells",
    "flatten_steps",
    "interop",
    "sliding_windows",
]
