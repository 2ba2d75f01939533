"""What errors on held-out folds let expect of those that follow."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skrnn._training.fold_errors import FoldErrors

pytestmark = pytest.mark.core
N_FOLDS = 5


def fold_errors(errors, weight=None):
    """Of errors (n, K) in successive folds."""
    weight = np.ones(len(errors)) if weight is None else weight
    folds = np.array_split(np.arange(len(errors)), N_FOLDS)
    parts = [(errors[f].T, weight[f]) for f in folds]
    sums = [(e**2 @ w, e @ w, *np.full((len(e), 2), [w.sum(), w @ w]).T) for e, w in parts]
    return FoldErrors(*np.stack(sums, axis=-1))


def test_errors_without_a_drift_are_what_they_are(rng):
    errors = rng.normal(size=(100, 3))
    errors[np.arange(100) % 2 == 1] = -errors[::2]  # each fold has a mean of 0
    found = fold_errors(errors)
    assert_allclose(found.expected, (errors**2).mean(axis=0))
    assert_allclose(found.error, (errors**2).mean())
    assert_allclose(found.mean_square, (errors**2).mean())


def test_a_drift_goes_on_by_its_length(rng):
    """A line through the means of the folds, by an independent fit."""
    noise = rng.normal(size=(100, 2))
    errors = noise + np.linspace([-2, 3], [2, -3], 100)
    square = (errors**2).mean(axis=0)
    means = errors.reshape(N_FOLDS, -1, 2).mean(axis=1)
    change = N_FOLDS * np.polyfit(np.arange(N_FOLDS), means, 1)[0]
    by_chance = N_FOLDS**2 * (square / 20) / 10  # of a mean of 20; the squares of -2 to 2 sum to 10
    assert_allclose(fold_errors(errors).expected, square + change**2 - 4 * by_chance)
    assert_allclose(fold_errors(-errors).expected, fold_errors(errors).expected)


def test_chance_is_no_drift(rng):
    errors = rng.normal(size=(100, 500))
    drifts = fold_errors(errors).expected > (errors**2).mean(axis=0) + 1e-12
    assert 0.02 < drifts.mean() < 0.08  # two standard deviations


def test_weights(rng):
    errors, weight = rng.normal(size=(60, 1)) + np.linspace(0, 3, 60)[:, np.newaxis], np.ones(60)
    expected = fold_errors(errors).expected
    assert_allclose(fold_errors(errors, 7 * weight).expected, expected)
    weight[24:36] = 0  # the fold in the middle says nothing of a drift
    found = fold_errors(errors, weight).expected
    assert np.isfinite(found)
    assert 0.5 * expected < found < 2 * expected
    weight[:48] = 0  # one fold is left
    assert_allclose(fold_errors(errors, weight).expected, (errors[48:] ** 2).mean())


def test_outputs_are_joined(rng):
    errors = rng.normal(size=(50, 3))
    joined = FoldErrors.joined([fold_errors(errors[:, :1]), fold_errors(errors[:, 1:])])
    assert_allclose(joined.expected, fold_errors(errors).expected)
    assert joined
    assert not FoldErrors(*np.zeros((4, 3, 0)))
