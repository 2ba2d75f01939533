"""Minimizing an objective (NumPy and SciPy only)."""
