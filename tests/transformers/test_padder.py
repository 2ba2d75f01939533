"""SequencePadder."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skrnn import (
    SequencePadder,
)
from tests.helpers.data import ragged_sequences

pytestmark = pytest.mark.core

D = 2


def test_padder_sides_lengths_and_truncation():
    X = [np.array([[1.0], [2.0], [3.0]]), np.array([[4.0]])]
    nan = np.nan

    def padded(**settings):
        return SequencePadder(**settings).fit_transform(X)[..., 0]

    assert_array_equal(padded(), [[1, 2, 3], [4, nan, nan]])
    assert_array_equal(padded(side="left"), [[1, 2, 3], [nan, nan, 4]])
    assert_array_equal(padded(length=4), [[1, 2, 3, nan], [4, nan, nan, nan]])
    assert_array_equal(padded(length=2, truncation="right"), [[1, 2], [4, nan]])
    assert_array_equal(padded(length=2, truncation="left"), [[2, 3], [4, nan]])
    assert_array_equal(padded(length=2, side="left", truncation="left"), [[2, 3], [nan, 4]])
    message = r"X\[0\] has 3 steps, more than length=2: raise length, or say by truncation"
    with pytest.raises(ValueError, match=message):
        padded(length=2)
    # a sequence without any step needs none
    empty = np.array([[[1.0], [2.0], [nan], [nan]], [[nan]] * 4])
    assert_array_equal(SequencePadder().fit_transform(empty)[..., 0], [[1, 2], [nan, nan]])
    assert_array_equal(SequencePadder(length=2).fit_transform(empty)[1, :, 0], [nan, nan])
    # arrays that are padded already are padded anew
    whole = SequencePadder(length=5).fit_transform(X)
    again = SequencePadder(side="left", length=4).fit_transform(whole)
    assert_array_equal(again[..., 0], [[nan, 1, 2, 3], [nan, nan, nan, 4]])


def test_padder_keeps_the_dtype_and_takes_other_numbers_of_steps(rng):
    X = [x.astype(np.float32) for x in ragged_sequences(rng)]
    padder = SequencePadder().fit(X)
    assert padder.transform(X).dtype == np.float32
    assert padder.transform([np.ones((20, D))]).shape == (1, 20, D)
    assert padder.n_features_in_ == D
    with pytest.raises(ValueError, match="3 features, but SequencePadder is expecting 2"):
        padder.transform([np.ones((4, 3))])


def test_nothing_but_missing_steps_leaves_one_step():
    X = np.full((2, 3, 1), np.nan)
    assert SequencePadder().fit_transform(X).shape == (2, 1, 1)
