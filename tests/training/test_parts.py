"""Parts of the samples that are held out in turn."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skrnn._engine.masking import StepMask, valid_steps
from skrnn._training.origin import Origin
from skrnn._training.parts import parts_to_hold_out

pytestmark = pytest.mark.core


def parts_of(X, kinds=None, counts=None, origin=None):
    weight = np.ones(len(X)) if counts is None else counts.astype(float)
    mask, stop = StepMask.of_valid(valid_steps(X)), np.full(len(X), X.shape[1])
    parts = parts_to_hold_out(X, mask, None, kinds, weight, stop, origin)
    n_different = len(np.unique(X[weight > 0], axis=0))
    assert parts.repeated == (max(2 * n_different, 100) <= weight.sum())
    return parts.pairs


def test_each_class_has_its_share_in_each_part(rng):
    X, kinds = rng.normal(size=(80, 5, 2)), np.repeat([0.0, 1.0, 2.0, np.nan], [40, 32, 3, 5])
    parts = parts_of(X, kinds, ~np.isnan(kinds))
    assert len(parts) == 3
    for kept, held_out in parts:
        assert not set(kept) & set(held_out)
        assert_array_equal(np.sort([*kept, *held_out]), np.arange(75))
        # the class of three is too rare to hold any of it out
        assert_array_equal(np.bincount(kinds[held_out].astype(int), minlength=3), [10, 8, 0])
    assert len(np.unique(np.concatenate([held_out for _, held_out in parts]))) == 3 * 18


def test_what_sequences_contain_decides(rng):
    """Not their order, their number, their precision or the padding around them."""
    X, kinds = rng.normal(size=(30, 5, 2)).astype("f4"), np.arange(30.0) % 2
    expected = [{X[i].tobytes() for i in held_out} for _, held_out in parts_of(X, kinds)]
    order = np.concatenate([rng.randint(30, size=20), rng.permutation(30)])
    padded = np.full((50, 8, 2), np.nan)
    for i, row in enumerate(order):
        padded[i, i % 4 :][:5] = X[row]
    several = [held_out for _, held_out in parts_of(padded, kinds[order])]
    assert [{X[order[i]].tobytes() for i in held_out} for held_out in several] == expected


def test_too_few_are_not_held_out(rng):
    X = rng.normal(size=(19, 5, 2))
    assert parts_of(X) == []
    assert parts_of(np.concatenate([X, X[:10]])) == []
    several = rng.normal(size=(60, 5, 2))
    assert parts_of(np.concatenate([several, several])) == []
    assert parts_of(np.concatenate([several, several[1:]])) != []
    assert parts_of(np.concatenate([X, X[:1] + 1])) != []
    counts = np.arange(40) < 19
    assert parts_of(rng.normal(size=(40, 5, 2)), counts=counts) == []


def test_windows_are_held_out_with_those_beside_them():
    series, length = np.random.RandomState(0).normal(size=200).cumsum(), 6
    X = np.lib.stride_tricks.sliding_window_view(series, length)[:, :, np.newaxis]
    known = Origin.of_windows(range(len(X)), length, 1, range(length, length + 1))
    for origin in (known, None):  # as such, or recognised
        parts = parts_of(X, origin=origin)
        assert len(parts) == 3
        for kept, held_out in parts:
            assert_array_equal(np.diff(held_out), 1)
            assert np.abs(kept[:, np.newaxis] - held_out).min() >= length
            assert len(kept) > 130
