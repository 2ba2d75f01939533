"""Which steps are valid: one definition for checked X, one for unchecked X, and what follows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skrnn import RNNClassifier, RNNRegressor, SequencePadder, SequenceScaler, flatten_steps
from skrnn._engine.masking import StepMask, moved_together, time_first, valid_steps
from tests.helpers.networks import MASKS, masked_sequences

pytestmark = pytest.mark.core


@pytest.mark.parametrize("mask", MASKS)
def test_a_mask_knows_its_valid_steps(rng, mask):
    X = masked_sequences(rng, mask, n=6, n_steps=7)
    valid = ~np.isnan(X).all(axis=2)
    blocks = StepMask(6, 7)
    for start in range(0, 6, 2):
        blocks.set_rows(start, valid[start : start + 2])
    for own in (blocks, StepMask.of_valid(valid)):
        assert_array_equal(own.valid(), valid)
        assert_array_equal(own.lengths, valid.sum(axis=1))
        assert own.complete == valid.all()
        rows = np.array([5, 0, 3])
        assert_array_equal(own.valid(rows), valid[rows])
        assert_array_equal(own.valid(slice(1, 4), slice(2, 6)), valid[1:4, 2:6])
        for i in np.flatnonzero(valid.any(axis=1)):
            assert valid[i, own.first[i]]
            assert valid[i, own.stop[i] - 1]
            assert valid[i].sum() == valid[i, own.first[i] : own.stop[i]].sum()
        span = own.span(rows)
        assert valid[rows][:, span].sum() == valid[rows].sum()
        assert valid[rows][:, span.start].any()
        assert valid[rows][:, span.stop - 1].any()


def test_a_mask_of_empty_sequences_spans_a_step():
    mask = StepMask.of_valid(np.zeros((3, 4), bool))
    span = mask.span()
    assert 0 <= span.start < span.stop <= 4
    assert not mask.valid().any()
    assert not mask.lengths.any()


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("to_front", [True, False])
def test_valid_steps_are_moved_together_in_order(rng, mask, to_front):
    X = masked_sequences(rng, mask, n=6, n_steps=7)[1:]  # some step is missing in each
    valid = valid_steps(X)
    order = moved_together(valid, to_front=to_front)
    assert order.shape == (5, max(1, valid.sum(axis=1).max()))
    for row, own, x in zip(order, valid, X, strict=True):
        n = own.sum()
        chosen = row[:n] if to_front else row[len(row) - n :]
        assert_array_equal(x[chosen], x[own])


def test_time_first_sets_missing_steps_to_0(rng):
    X = masked_sequences(rng, "inside")
    x, missing = time_first(X, valid_steps(X))
    assert x.shape == (7, 2, 5)
    assert_array_equal(missing, np.isnan(X[..., 0]).T)
    assert not x.swapaxes(1, 2)[missing].any()
    assert time_first(X, None)[1] is None


@pytest.mark.parametrize("kind", ["all features", "one feature", "beside a static covariate"])
def test_everyone_agrees_on_what_is_missing(rng, kind):
    """Padder, scaler, `flatten_steps` and the estimators, for array and list."""
    X = rng.normal(size=(6, 5, 3))
    X[..., 2] = X[:, :1, 2]
    static = [2] if kind == "beside a static covariate" else None
    missing = np.zeros((6, 5), bool)
    missing[2, 3:] = missing[4, :2] = True
    X[missing, :2] = np.nan
    if kind == "all features":
        X[missing] = np.nan
    elif kind == "one feature":
        X[missing, 1] = 0
        X[..., 2] = rng.normal(size=(6, 5))
        missing[...] = False  # the steps are valid, so that estimators refuse them
    options = {"static_features": static}
    padded = SequencePadder(**options).fit_transform(X)
    lengths = np.array([(~np.isnan(own).all(axis=1)).sum() for own in padded])
    assert_array_equal(lengths, (~missing).sum(axis=1))
    labels = np.arange(30).reshape(6, 5)
    assert_array_equal(flatten_steps(X, labels, **options)[0], labels[~missing])
    assert_array_equal(flatten_steps(list(X), labels, **options)[0], labels[~missing])
    if kind == "one feature":
        for estimator in (RNNRegressor(), RNNClassifier()):
            with pytest.raises(ValueError, match="NaN in some features only of sample 2, step 3"):
                estimator.fit(X, np.arange(6) % 2)
        return
    scaled = SequenceScaler(**options).fit_transform(X)
    assert_array_equal(np.isnan(scaled).all(axis=2), missing)
    valid = X[~missing]
    assert_allclose(scaled[~missing], (valid - valid.mean(axis=0)) / valid.std(axis=0))
    model = RNNRegressor(max_iter=2, random_state=0, **options).fit(X, np.arange(6.0))
    filled = X.copy()
    filled[missing, :2] = np.nan  # whatever stands in the static column at missing steps
    assert_allclose(model.predict(filled), model.predict(X))


@pytest.mark.parametrize("estimator", [RNNRegressor, RNNClassifier])
@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("with_missing", [False, True])
def test_a_fit_looks_for_missing_steps_once(rng, estimator, per_step, with_missing, monkeypatch):
    """However many epochs there are, and with early stopping."""
    X = rng.normal(size=(40, 6, 2))
    if with_missing:
        X[3, :2] = X[7, 4] = np.nan
    y = rng.randint(2, size=(40, 6) if per_step else 40)
    y = y[..., np.newaxis] if per_step and estimator is RNNRegressor else y
    seen, isnan = [], np.isnan

    def counting(a, *args, **kwargs):
        if isinstance(a, np.ndarray) and np.shares_memory(a, X):
            seen.append(a.size)
        return isnan(a, *args, **kwargs)

    model = estimator(solver="adam", max_iter=3, early_stopping=True, random_state=0)
    monkeypatch.setattr(np, "isnan", counting)
    model.fit(X, y)
    model.predict(X)
    looks = 2 if with_missing else 0  # fit and predict
    assert sum(seen) <= looks * X.size
