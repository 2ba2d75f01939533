"""What errors on held-out folds let expect of the samples that follow."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skrnn._training.fold_errors import error_to_expect

pytestmark = pytest.mark.core
N_FOLDS = 5


def expected(errors, weight=None):
    """Of errors (n, K) in successive folds, which have these weights (n,)."""
    weight = np.ones(len(errors)) if weight is None else weight
    folds = np.array_split(np.arange(len(errors)), N_FOLDS)
    squares, sums = (np.array([weight[f] @ e[f] for f in folds]).T for e in (errors**2, errors))
    weights, squared = (np.array([own[f].sum() for f in folds]) for own in (weight, weight**2))
    return error_to_expect(squares, sums, weights, squared)


def test_errors_without_a_drift_are_what_they_are(rng):
    errors = rng.normal(size=(100, 3))
    errors[1::2] = -errors[::2]  # each fold has a mean of 0
    assert_allclose(expected(errors), (errors**2).mean(axis=0))


def test_a_drift_goes_on(rng):
    """A line through the means of the folds, by an independent fit."""
    errors = rng.normal(size=(100, 2)) + np.linspace([-2, 3], [2, -3], 100)
    square = (errors**2).mean(axis=0)
    means = errors.reshape(N_FOLDS, -1, 2).mean(axis=1)
    change = N_FOLDS * np.polyfit(np.arange(N_FOLDS), means, 1)[0]
    by_chance = N_FOLDS**2 * (square / 20) / 10  # of a mean of 20; the squares of -2 to 2 sum to 10
    assert_allclose(expected(errors), square + (change**2 - 4 * by_chance) / 2)
    assert_allclose(expected(-errors), expected(errors))


def test_chance_is_no_drift(rng):
    errors = rng.normal(size=(100, 500))
    drifts = expected(errors) > (errors**2).mean(axis=0) + 1e-12
    assert 0.02 < drifts.mean() < 0.08  # two standard deviations


def test_weights(rng):
    errors, weight = rng.normal(size=(60, 1)) + np.linspace(0, 3, 60)[:, np.newaxis], np.ones(60)
    found = expected(errors)
    assert_allclose(expected(errors, 7 * weight), found)
    weight[24:36] = 0  # the fold in the middle says nothing of a drift
    assert 0.5 * found < expected(errors, weight) < 2 * found
    weight[:48] = 0  # one fold is left
    assert_allclose(expected(errors, weight), (errors[48:] ** 2).mean())
