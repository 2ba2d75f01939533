"""Estimators that fit fast, what is left of a fit, and Ctrl-C."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import RNNClassifier, RNNRegressor, SlidingWindow
from skrnn._engine.network import Network

# fits of a few epochs need not converge
unconverged = pytest.mark.filterwarnings(
    "ignore:Maximum iterations:sklearn.exceptions.ConvergenceWarning"
)

# nor do small ones, on the few samples that are held out
badly_judged = pytest.mark.filterwarnings(
    "ignore:With early_stopping=True, the kept weights:UserWarning"
)

# targets that don't hang on X, which is meant here
nothing_to_learn = pytest.mark.filterwarnings(
    "ignore:The network has learned next to nothing:sklearn.exceptions.ConvergenceWarning"
)

# networks that are trained too briefly, on data that a linear model predicts
worse_than_linear = pytest.mark.filterwarnings(
    "ignore:A linear model does better:sklearn.exceptions.ConvergenceWarning"
)

# sequences of one step leave nothing to remember, which is meant here
single_steps = pytest.mark.filterwarnings("ignore:No sequence of X has more than one step")


def small(cell="elman", **parameters):
    """A small regressor, fitted in two epochs."""
    defaults = {"hidden_size": 4, "alpha": 1.0, "max_iter": 2, "random_state": 0}
    return RNNRegressor(cell=cell, **defaults | parameters)


def quick(**parameters):
    """A small classifier, fitted in five epochs of one training run."""
    options = {"hidden_size": 3, "cell": "elman", "alpha": 1.0, "max_iter": 5, "random_state": 0}
    return RNNClassifier(**options | parameters)


def flips_model(**parameters):
    """A classifier that learns `make_flips`."""
    options = {"hidden_size": 8, "cell": "elman", "alpha": 0.1, "random_state": 0}
    return RNNClassifier(**options | parameters)


def series_pipe(rng, **parameters):
    """A pipeline for a random walk, with its X and y."""
    series = np.cumsum(rng.normal(size=(120, 1)), axis=0)
    model = RNNRegressor(2, **{"alpha": 1.0, "max_iter": 5, "random_state": 0} | parameters)
    pipe = make_pipeline(StandardScaler(), SlidingWindow(5, context="continue"), model)
    return pipe, series[:-1], series[1:, 0]


def same(a, b):
    """All that is left of a fit is the same, bit for bit."""
    assert_array_equal(a.parameters_, b.parameters_)
    for name in ("loss_curve_", "validation_loss_curve_", "gradient_norm_curve_", "n_iter_"):
        assert getattr(a, name) == getattr(b, name), name


def rounding(estimator):
    """Relative tolerance over few epochs: for other shapes, BLAS may sum in another order."""
    return 1e-10 if estimator.parameters_.dtype == np.float64 else 1e-3


def close(a, b):
    """All that is left of a fit is the same to rounding."""
    rtol = rounding(a)
    assert_allclose(a.parameters_, b.parameters_, rtol=rtol, atol=rtol)
    for name in ("loss_curve_", "gradient_norm_curve_"):
        assert_allclose(getattr(a, name), getattr(b, name), rtol=rtol, atol=rtol, err_msg=name)
    assert a.n_iter_ == b.n_iter_


def interrupt(monkeypatch, after):
    """Ctrl-C during the given call of the gradient."""
    calls, original = [], Network.forward

    def run(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == after:
            raise KeyboardInterrupt
        return original(self, *args, **kwargs)

    monkeypatch.setattr(Network, "forward", run)
