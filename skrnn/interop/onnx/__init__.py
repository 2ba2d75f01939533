"""Fitted estimators as models of ONNX."""

from .export import to_onnx
from .skl2onnx import register_with_skl2onnx

__all__ = ["register_with_skl2onnx", "to_onnx"]
