"""Fixtures of the whole suite."""

import os

import numpy as np
import pytest

# pictures are written to files, never shown
os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture(autouse=True)
def _warn_again(monkeypatch):
    """Each test sees the warnings that come once per line."""
    monkeypatch.setattr("skrnn._sklearn.user_warnings._warned", set())


@pytest.fixture
def rng():
    return np.random.RandomState(0)


@pytest.fixture
def data(rng):
    """Sequences, and a target that any solver learns: the last difference."""
    X = rng.normal(size=(60, 5, 1))
    return X, X[:, -1, 0] - X[:, -2, 0]


@pytest.fixture
def pyplot():
    """Matplotlib, with all figures closed afterwards."""
    pyplot = pytest.importorskip("matplotlib.pyplot")
    yield pyplot
    pyplot.close("all")
