"""Estimators from weights: known as arrays, or trained by another framework.

No framework is imported: classes are recognised by name, and weights are read from attributes.
"""

from .arrays import from_weights
from .keras import from_keras
from .onnx import register_with_skl2onnx, to_onnx
from .torch import from_torch

__all__ = ["from_keras", "from_torch", "from_weights", "register_with_skl2onnx", "to_onnx"]
