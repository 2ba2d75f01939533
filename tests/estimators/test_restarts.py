"""Restarts: trained as a batch or one after another, of which the best is kept."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.preprocessing import MinMaxScaler

from skrnn import RNNRegressor, sliding_windows
from skrnn.cells import CELLS
from skrnn.datasets import load_airline
from tests.helpers.data import labelled, running_sums
from tests.helpers.fits import badly_judged, close, quick, rounding, same, unconverged

pytestmark = [pytest.mark.core, unconverged, badly_judged]

RESTARTS = [
    {},
    {"solver": "lm", "loss": "huber"},
    {"solver": "lbfgs"},
    {"solver": "sgd", "learning_rate": "adaptive", "n_iter_no_change": 2, "tol": 0.05},
    {"solver": "rmsprop", "learning_rate": "invscaling", "batch_size": 1},
    {"solver": "adam", "batch_size": 3, "cell": "lstm", "learn_initial_state": True},
    {"solver": "adam", "batch_size": 16, "cell": "gru", "hidden_size": (3, 2)},
    {"solver": "adam", "batch_size": 20, "cell": "gru_reset_before", "bidirectional": True},
    {"solver": "adam", "cell": "jordan", "clip_value": 0.01},
    {"solver": "adam", "cell": "peephole_lstm"},
    {"solver": "adam", "hidden_size": 1, "batch_size": 2},
    {"solver": "adam", "dropout": 0.3, "recurrent_dropout": 0.3, "batch_size": 20},
    {"solver": "adam", "early_stopping": True, "validation_fraction": 0.3, "n_iter_no_change": 2},
    {"solver": "lm", "loss": "quantile", "quantile": [0.2, 0.8]},
]


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("parameters", RESTARTS, ids=lambda p: "-".join(map(str, p.values())))
def test_restarts_as_a_batch_equal_one_after_another(parameters, per_step, dtype, monkeypatch):
    """To rounding, over few epochs: whatever else is trained in the same calls."""
    X, y = running_sums(per_step, dtype=dtype)
    model = RNNRegressor(3, alpha=1.0, max_iter=6, random_state=0).set_params(**parameters)
    single = clone(model).fit(X, y)
    together = clone(model).set_params(n_init=5).fit(X, y)
    monkeypatch.setattr("skrnn._estimators.restarts._BATCHED_WORK", 0)
    apart = clone(model).set_params(n_init=5).fit(X, y)
    close(together, apart)
    judged = "validation_loss_curve_" if model.early_stopping else "loss_curve_"
    best = min if model.early_stopping else (lambda curve: curve[-1])
    # a restart of a batch is that which is trained alone, to rounding
    assert best(getattr(together, judged)) <= best(getattr(single, judged)) * (1 + rounding(single))


def test_restarts_are_judged_in_the_same_blocks(monkeypatch):
    """Of a validation set that is too large for one batch."""
    X, y = running_sums(per_step=True)
    model = RNNRegressor(
        3, alpha=1.0, n_init=4, early_stopping=True, validation_fraction=0.4, max_iter=6
    )
    monkeypatch.setattr("skrnn._engine.blocks.BLOCK_NUMBERS", 700)
    together = clone(model).set_params(random_state=0).fit(X, y)
    monkeypatch.setattr("skrnn._estimators.restarts._BATCHED_WORK", 0)
    close(together, clone(model).set_params(random_state=0).fit(X, y))


def test_restarts_with_truncation(monkeypatch):
    X, y = running_sums(per_step=True)
    model = RNNRegressor(
        3, alpha=1.0, n_init=3, bptt_steps=2, batch_size=20, max_iter=3, random_state=0
    )
    together = clone(model).fit(X, y)
    monkeypatch.setattr("skrnn._estimators.restarts._BATCHED_WORK", 0)
    close(together, clone(model).fit(X, y))


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_restarts(name, monkeypatch):
    X, y = running_sums()
    model = RNNRegressor(3, alpha=1.0, cell=name, n_init=3, max_iter=5, random_state=0)
    together = clone(model).fit(X, y)
    monkeypatch.setattr("skrnn._estimators.restarts._BATCHED_WORK", 0)
    close(together, clone(model).fit(X, y))


def test_restarts_find_better_minima():
    """On the airline's passengers, where the start decides, in the training loss."""
    series = load_airline().series
    X, y = sliding_windows(MinMaxScaler().fit_transform(np.reshape(series, (-1, 1)))[:, 0], 12)
    models = [RNNRegressor(4, alpha=0.01, random_state=seed) for seed in range(4)]
    losses = {n: [m.set_params(n_init=n).fit(X, y).loss_ for m in models] for n in (1, 8)}
    assert np.mean(losses[8]) < 0.9 * np.mean(losses[1])


T = 6
RESTARTS = [
    {},
    {"solver": "lbfgs"},
    {"solver": "adam", "batch_size": 7, "cell": "gru"},
    {"solver": "sgd", "learning_rate": "adaptive", "class_weight": "balanced"},
    {"solver": "rmsprop", "early_stopping": True, "validation_fraction": 0.3, "dropout": 0.2},
]


@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("parameters", RESTARTS, ids=lambda p: "-".join(map(str, p.values())))
def test_restarts_of_a_classifier_as_a_batch(
    rng, parameters, n_classes, dtype, per_step, monkeypatch
):
    X, y = labelled(rng, n_classes)
    if per_step:
        y = rng.permutation(np.tile(y, (T, 1)).T)
        X[3, 1], X[4, 2:] = np.nan, np.nan
    model = quick(n_init=4, max_iter=4, **parameters)
    together = clone(model).fit(X.astype(dtype), y)
    same(clone(model).fit(X.astype(dtype), y), together)
    other = clone(model).set_params(random_state=1).fit(X.astype(dtype), y)
    assert (other.parameters_ != together.parameters_).any()
    monkeypatch.setattr("skrnn._estimators.restarts._BATCHED_WORK", 0)
    apart = clone(model).fit(X.astype(dtype), y)
    rtol = rounding(apart)
    assert_allclose(apart.parameters_, together.parameters_, rtol=rtol, atol=rtol)
