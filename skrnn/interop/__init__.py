"""Conversion of networks from other frameworks to estimators that need no framework.

No framework is imported: classes are recognised by name, and weights are read from attributes.
"""

from .keras import from_keras
from .torch import from_torch

__all__ = ["from_keras", "from_torch"]
