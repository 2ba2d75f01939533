"""Fixtures of the whole suite."""

import os

import numpy as np
import pytest

# pictures are written to files, never shown
os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture
def rng():
    return np.random.RandomState(0)
