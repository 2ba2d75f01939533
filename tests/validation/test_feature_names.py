"""Names of features that arrays carry."""

import pickle

import numpy as np
import pytest

from skrnn._validation.feature_names import NamedArray, with_names

pytestmark = pytest.mark.core


def named(network, theta):
    return network.named_weights(theta).items()


def test_names_go_with_rows_only():
    named = with_names(np.zeros((4, 3, 2)), ["a", "b"])
    for part in (named[:2], named[[0, 2]], named[np.array([True, False, True, True])]):
        assert part.feature_names == ["a", "b"]
    assert named[[1, 2], ...].feature_names == ["a", "b"]  # as scikit-learn indexes
    for part in (named[0], named[:, 0], named[..., [1, 0]], named + 1, named[named == 0]):
        assert getattr(part, "feature_names", None) is None
    copied = pickle.loads(pickle.dumps(named))
    assert isinstance(copied, NamedArray)
    assert copied.feature_names == ["a", "b"]
    assert with_names(named, None) is named
