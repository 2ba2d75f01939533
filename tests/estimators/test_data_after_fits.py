"""A fit lets go of its data when it ends: chunk by chunk, they needn't fit in memory together."""

import gc
import weakref

import numpy as np
import pytest

from skrnn import Forecaster, RNNClassifier, RNNRegressor, Seq2SeqClassifier, Seq2SeqRegressor
from tests.helpers.fits import unconverged

pytestmark = unconverged
FAST = {"hidden_size": 2, "max_iter": 2, "random_state": 0}
VALUES = np.random.RandomState(0).normal(size=(60, 5, 2))
SUMS = VALUES.sum(axis=(1, 2))
CASES = {
    "linear part": (RNNRegressor(**FAST), "fit", SUMS),
    "network": (RNNRegressor(alpha=1, solver="adam", n_init=2, **FAST), "fit", SUMS),
    "chunk": (RNNRegressor(alpha=1, solver="adam", **FAST), "partial_fit", SUMS),
    "early stopping": (RNNRegressor(early_stopping=True, solver="adam", **FAST), "fit", SUMS),
    "classifier": (RNNClassifier(**FAST), "fit", SUMS > 0),
    "encoder-decoder": (Seq2SeqRegressor(**FAST), "fit", VALUES),
    "labels": (Seq2SeqClassifier(**FAST), "fit", [list("ab"), list("abb")] * 30),
}


@pytest.fixture
def _no_collection():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_no_collection")
@pytest.mark.parametrize("case", CASES)
def test_data_go_without_a_garbage_collection(case):
    model, method, y = CASES[case]
    for _ in range(2):  # the second call of partial_fit resumes the first one
        X = VALUES.copy()
        seen = weakref.ref(X)
        getattr(model, method)(X, y)
        del X
        assert seen() is None


@pytest.mark.usefixtures("_no_collection")
@pytest.mark.filterwarnings("ignore:skill_=", "ignore:There are")
def test_series_leave_nothing_to_collect():
    Forecaster(RNNRegressor(alpha=1, **FAST), window=4).fit(SUMS)
    gc.collect()
    Forecaster(RNNRegressor(alpha=1, **FAST), window=4).fit(SUMS)
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    found = [own for own in gc.garbage if isinstance(own, np.ndarray) and own.size > 50]
    gc.set_debug(0)
    gc.garbage.clear()
    assert not found
