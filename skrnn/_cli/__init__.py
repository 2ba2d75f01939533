"""The command line: ``python -m skrnn``."""
