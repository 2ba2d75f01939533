"""Objectives of small networks, for tests of the solvers and of what they minimize."""

import numpy as np

from skrnn._engine.cross_entropy import BinaryCrossEntropy, CrossEntropy
from skrnn._training.objective import Objective
from tests.helpers.networks import data_set, make_network, random_parameters


def objective_of(network, data, *, alpha=0, batch_size=None, shuffle=False, rng=None):
    """The objective of one thread; by default, all data are one batch."""
    batch_size = len(data.X) if batch_size is None else batch_size
    settings = {"batch_size": batch_size, "shuffle": shuffle, "rng": rng, "n_threads": 1}
    return Objective(network, data, alpha=alpha, **settings)


def make_objective(rng, *, alpha, per_step=False, n=60, loss=None):
    """Of a network with 11 weights, on sequences of which one has missing steps."""
    X = rng.normal(size=(n, 6, 1))
    X[0, 3:] = np.nan
    y = np.tanh(X[:, -1:] - 0.5 * np.nan_to_num(X[:, -2:-1])) + 0.1 * rng.normal(size=(n, 1, 1))
    y[0] = 0
    if per_step:
        y = np.cumsum(np.nan_to_num(X), axis=1) / 3
        y[0, 3:] = np.nan
    y = np.abs(y)
    network = make_network(sizes=(2,), D=1, K=1, per_step=per_step, loss=loss)
    weight = rng.uniform(0.5, 2, size=(n, 1))
    data = data_set(X, y, weight, per_step=per_step)
    return objective_of(network, data, alpha=alpha, rng=rng)


def value_and_gradient(objective):
    """A function of the parameters (P,): the objective of all data, and its gradient."""
    batch = objective.data.batch(objective.data.rows)

    def function(theta):
        gradient = np.empty_like(theta)
        (loss,), _ = objective.loss_grad(theta[np.newaxis], batch, gradient[np.newaxis])
        return loss, gradient

    return function


def classes_problem(n_classes, per_step, n=30, n_steps=6):
    """A network, its parameters, and labelled data of which a third has no target."""
    rng = np.random.RandomState(0)
    loss = BinaryCrossEntropy() if n_classes == 2 else CrossEntropy()
    K = 1 if n_classes == 2 else n_classes
    network = make_network(K=K, per_step=per_step, loss=loss)
    X = rng.normal(size=(n, n_steps, 2))
    X[1, :2] = X[2, 4:] = X[3, 3] = np.nan
    S = n_steps if per_step else 1
    y = rng.randint(n_classes, size=(n, S, 1)).astype(float)
    y[rng.uniform(size=y.shape) < 1 / 3] = np.nan
    if per_step:
        y[np.isnan(X[..., 0])] = np.nan
    data = data_set(X, y, rng.uniform(0.5, 2, size=(n, S)), per_step=per_step)
    theta = random_parameters(network, rng, 0.5)
    return network, theta, data
