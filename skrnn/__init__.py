"""Recurrent neural networks for scikit-learn."""

from .regressor import RNNRegressor

__version__ = "0.1.0"

__all__ = ["RNNRegressor"]
