"""Methods of an estimator while a fit of it ends in another thread, and fits beside fits."""

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from threadpoolctl import threadpool_info, threadpool_limits

from skrnn import RNNClassifier, RNNRegressor, SequencePadder, SequenceScaler, SlidingWindow
from skrnn.cells import ElmanCell
from tests.helpers.fits import unconverged

pytestmark = [pytest.mark.core, unconverged]


class Meanwhile:
    """A call that comes once, in the middle of another one."""

    def __init__(self):
        self.call = None

    def __call__(self):
        call, self.call = self.call, None
        if call is not None:
            call()


meanwhile = Meanwhile()


@pytest.fixture(autouse=True)
def _nothing_is_left():
    yield
    meanwhile.call = None


class SlowCell(ElmanCell):
    """A cell that gives other threads the time for a fit, wherever the network asks for it."""

    def parameter_shapes(self):
        meanwhile()
        return super().parameter_shapes()

    def prepare(self, weights):
        meanwhile()
        return super().prepare(weights)

    def project(self, *args):
        meanwhile()  # a step whose weights were prepared before
        super().project(*args)

    def __getstate__(self):
        meanwhile()
        return vars(self).copy()


def models(estimator, rng):
    """An estimator, and two calls that fit it on problems of other scales and sizes."""
    model = estimator(3, alpha=1.0, cell=SlowCell, solver="adam", max_iter=2, random_state=0)
    X, value = rng.normal(size=(20, 5, 2)), rng.normal(size=20)
    y = [value, 1000 + 50 * value[::-1]]
    if estimator is RNNClassifier:
        y = [np.where(value > 0, "a", "b"), np.digitize(value, [-0.5, 0.5])]
    return model, X, lambda: model.fit(X, y[0]), lambda: model.fit(X, y[1])


READERS = {
    "predict": lambda model, X: model.predict(X),
    "predict with a state": lambda model, X: model.predict(X, return_state=True)[1],
    "step": lambda model, X: model.step(X[:, 0])[0],
    "score": lambda model, X: model.score(X, model.predict(X[::-1])),
    "weights": lambda model, X: model.get_weights()["readout.input"],
    "pickle": lambda model, X: pickle.loads(pickle.dumps(model)).predict(X),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("estimator", [RNNRegressor, RNNClassifier])
def test_a_fit_in_between_does_not_show(rng, estimator, reader):
    """All of the old fit, down to the last bit: not its weights with the new scale or classes."""
    model, X, first, second = models(estimator, rng)
    first()
    if reader == "score":
        y = model.predict(X[::-1])
        read = lambda model, X: model.score(X, y)  # noqa: E731
    else:
        read = READERS[reader]
    expected = read(model, X)
    meanwhile.call = second
    found = read(model, X)
    assert meanwhile.call is None
    assert_array_equal(found, expected)
    if reader != "score":
        assert not np.array_equal(read(model, X), expected)


@pytest.mark.parametrize("reader", ["predict_proba", "predict_log_proba", "step_proba"])
def test_probabilities_are_of_one_fit(rng, reader):
    model, X, first, second = models(RNNClassifier, rng)
    first()
    read = (lambda: model.step_proba(X[:, 0])[0]) if "step" in reader else None
    read = read or (lambda: getattr(model, reader)(X))
    expected = read()
    meanwhile.call = second
    assert_array_equal(read(), expected)
    assert read().shape == (20, 3)


def test_a_fit_that_ends_before_weights_are_set_is_the_one_that_gets_them(rng):
    """Or, if it has other weights, keeps what it has."""
    model, X, first, _ = models(RNNRegressor, rng)
    first()
    weights = model.get_weights()
    thread = threading.Thread(target=model.set_params(hidden_size=4).fit, args=(X, X[:, 0, 0]))
    started = threading.Event()

    def fit():
        thread.start()
        started.set()
        thread.join(0.3)  # a fit takes less, but waits for the end of set_weights

    meanwhile.call = fit
    model.set_weights(weights)
    assert started.is_set()
    thread.join()
    assert model.predict(X).shape == (20,)
    assert model.get_weights()["readout.input"].shape == (1, 4)


def test_a_fit_resumes_the_fit_that_it_started_from(rng):
    model, X, first, second = models(RNNRegressor, rng)
    first()
    expected = pickle.loads(pickle.dumps(model)).partial_fit(X, X[:, 0, 0])
    meanwhile.call = second
    model.partial_fit(X, X[:, 0, 0])
    assert_array_equal(model.predict(X), expected.predict(X))
    assert model.n_iter_ == 3


def test_parameters_that_are_set_during_a_fit_stay(rng):
    model, _, first, _ = models(RNNRegressor, rng)
    meanwhile.call = lambda: model.set_params(alpha=3.5)
    first()
    assert meanwhile.call is None
    assert model.alpha == 3.5


class SlowArray:
    """An array that is read slowly."""

    def __init__(self, a):
        self._a, self.shape, self.ndim = a, a.shape, a.ndim

    def __len__(self):
        return len(self._a)

    def __array__(self, dtype=None, copy=None):
        meanwhile()
        return np.array(self._a, dtype=dtype)


def test_transformers_are_of_one_fit(rng):
    """The fit in between has other features, scales, columns and rows to look back to."""
    X, other = rng.normal(size=(12, 5, 2)), 100 + rng.normal(size=(9, 4, 3))
    for transformer in (SequenceScaler(), SequencePadder(length=8)):
        transformer.fit(X)
        expected = transformer.transform(X)
        meanwhile.call = lambda own=transformer: own.fit(other)
        assert_array_equal(transformer.transform(SlowArray(X)), expected)
        assert meanwhile.call is None
    rows = rng.normal(size=(12, 2))
    window = SlidingWindow(4, context="continue").fit(rows)
    expected = window.transform(rows[:6] + 1)
    meanwhile.call = lambda: window.fit(100 + rows[:, :1])
    assert_array_equal(window.transform(SlowArray(rows[:6] + 1)), expected)
    frame = pd.DataFrame(rows, columns=["a", "b"])
    assert not hasattr(window.fit(frame).fit(rows), "feature_names_in_")


def test_predictions_beside_fits_of_two_scales(rng):
    X, value = rng.normal(size=(20, 4, 1)), rng.normal(size=20)
    model = RNNRegressor(2, alpha=1.0, solver="adam", max_iter=1, random_state=0)
    targets = [value, 1e6 + 1e3 * value]
    known = [model.fit(X, y).predict(X).tolist() for y in targets]
    stop = threading.Event()

    def fits():
        i = 0
        while not stop.is_set():
            model.fit(X, targets[i % 2])
            i += 1

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(fits)
        try:
            found = [model.predict(X).tolist() for _ in range(300)]
        finally:
            stop.set()
        future.result()
    assert all(prediction in known for prediction in found)


def cell_that(call):
    """A cell that makes a call in training, once."""
    calls = [call]

    class CallingCell(ElmanCell):
        def prepare(self, weights):
            if calls:
                calls.pop()()
            return super().prepare(weights)

    return CallingCell


def n_threads_of_blas():
    return {lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"}


def test_a_fit_keeps_the_limit_of_blas_when_another_one_ends(rng):
    """Otherwise the bits of its results would depend on when that is."""
    X, y = rng.normal(size=(20, 3, 1)), rng.normal(size=20)
    before = n_threads_of_blas()
    begun, ended, seen = threading.Barrier(2, timeout=60), threading.Event(), []

    def second():
        """Begins while the first fit holds the limit, and goes on after its end."""
        begun.wait()
        assert ended.wait(60)
        seen.append(n_threads_of_blas())

    with ThreadPoolExecutor(2) as pool:
        options = {"solver": "adam", "max_iter": 2, "random_state": 0}
        first = pool.submit(RNNRegressor(2, cell=cell_that(begun.wait), **options).fit, X, y)
        other = pool.submit(RNNRegressor(2, cell=cell_that(second), **options).fit, X, y)
        first.result()
        ended.set()
        other.result()
    assert seen == [{1}]
    assert n_threads_of_blas() == before


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_predictions_do_not_depend_on_the_threads_of_blas(rng, dtype):
    X = rng.normal(size=(40, 5, 3)).astype(dtype)
    model = RNNRegressor(300, alpha=1.0, solver="adam", max_iter=1, random_state=0).fit(
        X, X[:, 0, 0]
    )
    found = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads):
            found.append((model.predict(X), model.step(X[:, 0])[0]))
    assert_array_equal(found[0][0], found[1][0])
    assert_array_equal(found[0][1], found[1][1])
