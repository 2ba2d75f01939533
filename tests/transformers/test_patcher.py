"""SequencePatcher."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from skrnn import RNNClassifier, SequencePadder, SequencePatcher
from tests.helpers.data import ragged_sequences

pytestmark = pytest.mark.core


def patches_of(x, length):
    """Patches of one sequence (T, D), step by step."""
    out = []
    for start in range(0, len(x), length):
        steps = [x[min(t, len(x) - 1)] for t in range(start, start + length)]
        out.append(np.concatenate(steps))
    return np.array(out)


@pytest.mark.parametrize("length", [1, 2, 3, 5, 50])
def test_a_patch_has_the_features_of_its_steps(rng, length):
    X = rng.normal(size=(4, 7, 2))
    got = SequencePatcher(length).fit_transform(X)
    assert got.shape == (4, -(-7 // length), 2 * length)
    assert_array_equal(got, [patches_of(x, length) for x in X])
    rows = SequencePatcher(length, n_features_per_step=2).fit_transform(X.reshape(4, 14))
    assert_array_equal(rows, got)
    single = SequencePatcher(length).fit_transform(X.astype(np.float32))
    assert single.dtype == np.float32


@pytest.mark.parametrize("container", [list, tuple, np.ndarray])
def test_sequences_of_different_lengths_stay_a_list(rng, container):
    X = given = ragged_sequences(rng)
    if container is np.ndarray:
        given = np.empty(len(X), object)
        given[:] = X
    got = SequencePatcher(3).fit(given).transform(given)
    assert isinstance(got, np.ndarray if container is np.ndarray else list)
    assert len(got) == len(X)
    for x, own in zip(X, got, strict=True):
        assert_array_equal(own, patches_of(x, 3))
    # of one array, patches that are all padding are missing
    padded = SequencePatcher(3).fit_transform(SequencePadder().fit_transform(X))
    again = SequencePadder(length=padded.shape[1]).fit_transform(got)
    assert_array_equal(padded, again)


def test_missing_steps_take_the_last_valid_ones():
    nan = np.nan
    x = np.array([nan, nan, nan, 1, nan, 2, nan, nan, nan, nan, 3])[np.newaxis, :, np.newaxis]
    got = SequencePatcher(2).fit_transform(x)[0]
    assert_array_equal(got, [[nan, nan], [1, 1], [1, 2], [nan, nan], [nan, nan], [3, 3]])
    assert_array_equal(x[0, :3, 0], [nan] * 3)  # as it was
    nothing = SequencePatcher(2).fit_transform(np.full((2, 3, 1), nan))
    assert_array_equal(nothing, np.full((2, 2, 2), nan))


def test_static_covariates_come_once(rng):
    frames = [
        pd.DataFrame({"store": float(i), "open": rng.normal(size=5), "close": 1.0})
        for i in range(3)
    ]
    patcher = SequencePatcher(2, static_features="store").fit(frames)
    got = patcher.transform(frames)
    assert got[0].feature_names == [
        "open_step0",
        "close_step0",
        "open_step1",
        "close_step1",
        "store",
    ]
    for i, (frame, own) in enumerate(zip(frames, got, strict=True)):
        assert_array_equal(own[:, -1], [i] * 3)
        assert_array_equal(own[:, [0, 2]], patches_of(frame[["open"]].to_numpy(), 2))
    assert_array_equal(patcher.feature_names_in_, ["store", "open", "close"])
    model = RNNClassifier(2, static_features="store", max_iter=1).fit(got, [0, 1, 0])
    assert "layer0.static" in model.get_weights()


def test_what_is_no_step_is_refused(rng):
    X = rng.normal(size=(3, 5, 2))
    patcher = SequencePatcher(2).fit(X)
    X[1, 2, 0] = np.nan
    with pytest.raises(ValueError, match="NaN in some features only of sample 1, step 2"):
        patcher.transform(X)
    with pytest.raises(ValueError, match=r"n_features_per_step=2 doesn't divide the 5 columns"):
        SequencePatcher(n_features_per_step=2).fit(X[..., 1])
    with pytest.raises(ValueError, match=r"length.*must be an int in the range"):
        SequencePatcher(0).fit(X)
    assert not hasattr(SequencePatcher(2), "n_features_in_")


def test_settings_survive_copies(rng):
    X = rng.normal(size=(3, 5, 2))
    patcher = SequencePatcher(2).set_output(transform="pandas").fit(X)
    expected = patcher.transform(X)
    assert isinstance(expected, np.ndarray)
    assert_array_equal(pickle.loads(pickle.dumps(patcher)).transform(X), expected)
    assert clone(patcher).length == 2


def test_patches_of_long_sequences_are_learned(rng):
    """Bumps of 150 steps with and without a dip after them, as in GunPoint: 97 % at least."""
    n, t = 250, np.arange(150)
    y, stop = rng.randint(2, size=n), rng.uniform(95, 115, size=(n, 1))
    bumps = 1 / (1 + np.exp((40 - t) / 3)) - 1 / (1 + np.exp((stop - t) / 3))
    bumps -= 0.15 * y[:, np.newaxis] * np.exp(-0.5 * ((t - stop - 12) / 5) ** 2)
    X = bumps + 0.02 * rng.normal(size=bumps.shape)
    X = (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True)
    model = make_pipeline(SequencePatcher(10), RNNClassifier(random_state=0))
    assert model.fit(X[:50], y[:50]).score(X[50:], y[50:]) >= 0.97
