"""SequenceScaler."""

import copy

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)

from skrnn import (
    SequencePadder,
    SequenceScaler,
)
from tests.helpers.data import ragged_sequences

pytestmark = pytest.mark.core

drop_last = FunctionTransformer(lambda rows: rows[:, :-1])


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


@pytest.mark.parametrize("layout", ["sequences", "list", "rows"])
@pytest.mark.parametrize(
    "scaler",
    [PCA(1), PolynomialFeatures(2), OneHotEncoder(handle_unknown="ignore"), drop_last],
    ids=lambda scaler: type(scaler).__name__,
)
def test_what_changes_the_number_of_features_is_refused(rng, scaler, layout):
    X = rng.normal(size=(6, 5, 2))
    own = SequenceScaler(scaler, n_features_per_step=2)
    X = {"sequences": X, "list": list(X), "rows": X.reshape(6, 10)}[layout]
    with pytest.raises(ValueError, match="takes transformers that keep the number of features"):
        own.fit(X)
    assert not hasattr(own, "scaler_")


def test_containers_of_a_scaler_do_not_matter(rng):
    X = rng.normal(size=(6, 5, 2))
    X[0, :2] = np.nan
    expected = SequenceScaler().fit_transform(X)
    for container in ("pandas", "polars"):
        scaler = StandardScaler().set_output(transform=container)
        assert_array_equal(SequenceScaler(scaler).fit_transform(X), expected)
    same = [
        FunctionTransformer(scipy.sparse.csr_matrix),
        FunctionTransformer(scipy.sparse.csr_array),
        FunctionTransformer(lambda rows: rows.astype(object)),
    ]
    for scaler in same:
        scaled = SequenceScaler(scaler).fit_transform(X)
        assert type(scaled) is np.ndarray
        assert scaled.dtype == np.float64
        assert_array_equal(scaled, X)


@pytest.mark.parametrize("dtype", [bool, int, "int8", "float16"])
def test_missing_steps_stay_missing_whatever_a_scaler_returns(rng, dtype):
    X = rng.normal(size=(6, 5, 2))
    X[0, :2] = X[4] = np.nan
    scaled = SequenceScaler(FunctionTransformer(lambda rows: (rows > 0).astype(dtype)))
    assert_array_equal(scaled.fit_transform(X), np.where(np.isnan(X), np.nan, X > 0))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scaler", [None, MinMaxScaler(), RobustScaler(), MaxAbsScaler()])
def test_real_steps_never_become_missing_ones(rng, scaler, dtype):
    """Nor all alike: sums and squares of the largest numbers overflow within most scalers."""
    X = rng.normal(size=(6, 5, 2)).astype(dtype)
    X[..., 1] = np.sign(X[..., 1]) * (0.9 * np.finfo(dtype).max)
    frames = [pd.DataFrame(rows, columns=["open", "close"]) for rows in X]
    own, message = SequenceScaler(scaler), ""
    try:
        scaled = own.fit(frames).transform(frames)
    except ValueError as error:
        message = str(error)
    if message:
        assert "feature 'close'" in message
        assert "Multiply the feature by a constant first" in message
        assert not hasattr(own, "scaler_")
    else:
        assert np.isfinite(scaled).all()
        assert np.ptp(scaled, axis=(0, 1)).min() > 0


def test_values_that_are_lost_are_named(rng):
    X = np.abs(rng.normal(size=(4, 3, 2))) + 0.1
    logarithm = SequenceScaler(FunctionTransformer(np.log)).fit(X)
    X[2, 1, 0] = -0.5
    message = r"FunctionTransformer\.transform makes nan of -0\.5 in X, sample 2, step 1, feature 0"
    with pytest.raises(ValueError, match=message):
        logarithm.transform(X)
    scaler = SequenceScaler().fit(1e100 * np.abs(X))
    with pytest.raises(
        ValueError,
        match=r"inverse_transform makes inf of 1e\+250 in X, sample 0, step 0, feature 0",
    ):
        scaler.inverse_transform(np.full((1, 1, 2), 1e250))
    X[2, 1] = np.nan
    assert np.isnan(logarithm.transform(X)[2, 1]).all()
    partial = np.where(np.arange(2) == 1, np.nan, np.abs(X))  # as for an imputer
    assert_array_equal(logarithm.transform(partial), np.log(partial))
