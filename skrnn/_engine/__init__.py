"""A network and its derivatives (NumPy and SciPy only)."""
