"""next_steps: inputs and targets of the next step, against plain loops."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skrnn import RNNRegressor, next_steps
from tests.helpers.data import as_objects

pytestmark = pytest.mark.core


def by_loops(x):
    """The same of one sequence (n_steps, D)."""
    inputs, y = x.copy(), np.full_like(x, np.nan)
    steps = [t for t in range(len(x)) if not np.isnan(x[t]).all()]
    for now, then in itertools.pairwise(steps):
        y[now] = x[then]
    if steps:
        inputs[steps[-1]] = np.nan
    return inputs, y


@pytest.fixture
def X(rng):
    X = rng.normal(size=(6, 7, 2))
    X[1, :2] = X[2, 5:] = X[3, [1, 4, 6]] = X[4] = X[5, 1:] = np.nan
    return X


def test_arrays(X):
    inputs, y = next_steps(X)
    assert inputs.shape == y.shape == X.shape
    for x, own, target in zip(X, inputs, y, strict=True):
        for found, expected in zip((own, target), by_loops(x), strict=True):
            assert_array_equal(found, expected)
    flat, y = next_steps(X[..., 0])
    assert_array_equal(flat, next_steps(X[..., :1])[0][..., 0])
    assert_array_equal(y, next_steps(X[..., :1])[1])


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("objects", [False, True])
def test_lists(X, flat, objects):
    parts = [x[: 7 - i, :1] for i, x in enumerate(X)]
    given = [x[:, 0] if flat else x for x in parts]
    inputs, y = next_steps(as_objects(given) if objects else given)
    assert isinstance(inputs, np.ndarray if objects else list)
    assert type(y) is type(inputs)
    for x, own, target in zip(parts, inputs, y, strict=True):
        expected, expected_y = by_loops(x)
        assert_array_equal(own, expected[:, 0] if flat else expected)
        assert_array_equal(target, expected_y)


def test_types(X):
    whole = np.arange(12).reshape(3, 4)
    inputs, y = next_steps(whole)
    assert inputs.dtype == y.dtype == np.float64
    assert_array_equal(inputs[:, :-1], whole[:, :-1])
    assert_array_equal(whole[:, -1], [3, 7, 11])  # what was passed doesn't change
    assert next_steps(X.astype("f4"))[1].dtype == np.float32
    assert_array_equal(next_steps(whole.tolist())[1], y)


def test_a_regressor_learns_from_them():
    waves = np.sin(np.arange(60) / 3 + np.arange(6)[:, np.newaxis])[..., np.newaxis]
    X, y = next_steps(waves)
    model = RNNRegressor(random_state=0).fit(X, y)
    assert model.score(X, y) > 0.999


@pytest.mark.parametrize(
    ("X", "text"),
    [
        ([1.0, 2.0], "X has 1 dimensions"),
        (np.zeros((2, 2, 2, 2)), "X has 4 dimensions"),
        ([["a", "b"]], "could not convert"),
        (np.array([[1, np.inf]]), "infinity"),
    ],
)
def test_what_is_refused(X, text):
    with pytest.raises(ValueError, match=text):
        next_steps(X)
