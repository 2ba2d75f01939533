"""SequenceScaler."""

import copy

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from skrnn import (
    SequencePadder,
    SequenceScaler,
)
from tests.helpers.data import ragged_sequences

pytestmark = pytest.mark.core


@pytest.mark.parametrize("scaler", [None, MinMaxScaler(), RobustScaler()])
def test_scaler_sees_valid_steps_only(rng, scaler):
    X = [5 + 3 * x for x in ragged_sequences(rng)]
    rows = np.concatenate(X)
    own = SequenceScaler(scaler).fit(X)
    expected = clone(scaler or StandardScaler()).fit(rows)
    for x, scaled in zip(X, own.transform(X), strict=True):
        assert_allclose(scaled, expected.transform(x), rtol=1e-12)
    back = own.inverse_transform(own.transform(X))
    assert_allclose(np.concatenate(back), expected.inverse_transform(expected.transform(rows)))
    padded = SequencePadder(length=12, side="left").fit_transform(X)
    scaled = SequenceScaler(scaler).fit_transform(padded)
    assert_array_equal(np.isnan(scaled[..., 0]), np.isnan(padded[..., 0]))
    real = ~np.isnan(scaled[..., 0])
    assert_allclose(scaled[real], expected.transform(rows), rtol=1e-9, atol=1e-12)
    assert scaler is None or not hasattr(scaler, "n_features_in_")


def test_scaler_of_flat_rows(rng):
    rows = 10 + rng.normal(size=(8, 6))
    scaled = SequenceScaler(n_features_per_step=2).fit_transform(rows)
    assert scaled.shape == rows.shape
    expected = StandardScaler().fit_transform(rows.reshape(-1, 2)).reshape(8, 6)
    assert_allclose(scaled, expected)


def test_scaler_refuses_what_has_no_steps():
    with pytest.raises(ValueError, match="All steps of X are NaN"):
        SequenceScaler().fit(np.full((3, 4, 1), np.nan))
    scaler = SequenceScaler().fit(np.arange(12.0).reshape(3, 4, 1))
    before = copy.deepcopy(scaler.scaler_.mean_)
    with pytest.raises(ValueError, match="infinity"):
        scaler.fit(np.full((3, 4, 1), np.inf))
    assert_array_equal(scaler.scaler_.mean_, before)
    assert np.isnan(scaler.transform(np.full((2, 4, 1), np.nan))).all()
