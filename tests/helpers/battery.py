"""Both estimators in all settings that the battery of checks on 3-D input goes through."""

import pytest

from skrnn import RNNClassifier, RNNRegressor
from skrnn.cells import CELLS
from tests.helpers.toy_cell import LeakyCell

N, T, D = 30, 6, 2  # sequences, steps and features

SETTINGS = {
    "lm": {"hidden_size": 3, "max_iter": 5},
    "adam": {"hidden_size": 3, "solver": "adam", "max_iter": 5},
    "truncated": {"hidden_size": 3, "solver": "adam", "bptt_steps": 2, "max_iter": 5},
    **{cell: {"hidden_size": 2, "cell": cell} for cell in CELLS if cell != "elman"},
    "both ways": {"hidden_size": (3, 2), "bidirectional": True},
    "stacked": {"hidden_size": (3, 2), "cell": "gru", "learn_initial_state": True},
    "toy": {"hidden_size": 2, "cell": LeakyCell()},
    "auto": {"hidden_size": 3, "alpha": "auto"},
}


def each(estimator):
    """The estimator in all settings, as pytest's parameters."""
    defaults = {"cell": "elman", "alpha": 1.0, "max_iter": 4, "random_state": 0}
    name = estimator.__name__.removeprefix("RNN").lower()
    own = {"linear part": {"hidden_size": 3, "alpha": "auto", "linear_part": True}}
    if estimator is RNNClassifier:
        own = {}
    return [
        pytest.param(estimator(**defaults | settings), id=f"{name} {setting}")
        for setting, settings in (SETTINGS | own).items()
    ]


REGRESSORS, CLASSIFIERS = each(RNNRegressor), each(RNNClassifier)
