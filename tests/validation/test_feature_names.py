"""Names of features that arrays carry."""

import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal

from skrnn import RNNRegressor, SequenceScaler, sliding_windows
from skrnn._validation.annotated_array import AnnotatedArray, annotated
from skrnn._validation.feature_names import names_of
from tests.helpers.data import as_objects
from tests.helpers.fits import unconverged

pytestmark = [pytest.mark.core, unconverged]


def named(network, theta):
    return network.named_weights(theta).items()


def test_names_go_with_rows_only():
    named = annotated(np.zeros((4, 3, 2)), ["a", "b"])
    for part in (named[:2], named[[0, 2]], named[np.array([True, False, True, True])]):
        assert part.feature_names == ["a", "b"]
    assert named[[1, 2], ...].feature_names == ["a", "b"]  # as scikit-learn indexes
    for part in (named[0], named[:, 0], named[..., [1, 0]], named + 1, named[named == 0]):
        assert getattr(part, "feature_names", None) is None
    copied = pickle.loads(pickle.dumps(named))
    assert isinstance(copied, AnnotatedArray)
    assert copied.feature_names == ["a", "b"]
    assert annotated(named, None) is named


def test_names_of_arrow_tables(rng):
    """Also in lists, where a table with its columns in another order is refused."""
    table = pa.table({"a": [0.1, 0.2, 0.4], "b": [0.3, 0.5, -0.7]})
    assert names_of(table) == names_of(table.to_batches()[0]) == ["a", "b"]
    assert names_of(table["a"]) is None
    model = RNNRegressor(2, max_iter=2, random_state=0).fit([table, table[:2]], [0.0, 1.0])
    assert_array_equal(model.feature_names_in_, ["a", "b"])
    with pytest.raises(ValueError, match=r"feature names should match .* got \['b', 'a'\]"):
        model.predict([table.select(["b", "a"])])


@pytest.mark.parametrize("names", [None, ["a"]])
def test_the_rows_of_samples_go_with_them(names):
    X, _ = sliding_windows(np.arange(20.0), 3, stride=2)
    X = annotated(np.array(X), names, X.origin)
    for key in (slice(2, 6), slice(None, None, -2), [4, 1], X[:, 0, 0] > 9, np.array([3])):
        part = X[key]
        assert_array_equal(np.asarray(part.origin.first), part[:, 0, 0])
        assert_array_equal(np.asarray(pickle.loads(pickle.dumps(part)).origin.first), part[:, 0, 0])
        assert part.feature_names == names
    for part in (X[0], X[:, 0], X + 1, X.copy(), np.concatenate([X, X]), X.astype(np.float32)):
        assert getattr(part, "origin", None) is None
    np.random.RandomState(0).shuffle(X)
    assert X.origin is None
    assert repr(X[:1]).startswith("array(")


def test_static_columns_of_frames_in_an_object_array(rng):
    frames = [pd.DataFrame({"a": rng.normal(size=3), "b": float(i)}) for i in range(4)]
    model = RNNRegressor(2, max_iter=1, random_state=0, static_features="b")
    expected = model.fit(frames, np.arange(4)).predict(frames)
    X = as_objects(frames)
    assert_array_equal(model.fit(X, np.arange(4)).predict(X), expected)
    assert SequenceScaler(static_features="b").fit_transform(X)[1].shape == (3, 2)


def test_what_is_computed_is_plain():
    X, _ = sliding_windows(np.arange(9.0), 3)
    assert round(X.mean(), 3) == 3.5
    assert {type(own) for own in (X.max(), X.sum(), np.median(X), X.std())} == {np.float64}
    assert {type(own) for own in (X + 1, X.mean(axis=1), np.exp(X), X > 2)} == {np.ndarray}
    assert (X == X).all()


def test_features_that_are_missing_in_part_are_named(rng):
    frames = [pd.DataFrame(rng.normal(size=(4, 3)), columns=["temp", "hum", "site"]) for _ in "ab"]
    frames[1].loc[2, "hum"] = np.nan
    with pytest.raises(ValueError, match=r"sample 1, step 2: in \['hum'\]"):
        RNNRegressor().fit(frames, [0.0, 1.0])
