"""Training in pieces: warm starts, `partial_fit`, and what resumes from them."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skrnn import RNNRegressor, sliding_windows
from tests.helpers.data import labelled, running_sums
from tests.helpers.fits import badly_judged, quick, same, unconverged

pytestmark = pytest.mark.core

FIRST_ORDER = ["adam", "rmsprop", "sgd"]


@unconverged
@pytest.mark.parametrize("learning_rate", ["constant", "invscaling", "adaptive", "cosine"])
@pytest.mark.parametrize("solver", FIRST_ORDER)
def test_epochs_one_by_one_equal_one_fit(solver, learning_rate):
    """Optimizer's moments, order of batches, dropout and patience, through a pickle each time."""
    X, y = running_sums(per_step=True)
    model = RNNRegressor(
        4, alpha=1.0, solver=solver, learning_rate=learning_rate, batch_size=8, max_iter=8,
        dropout=0.2, n_iter_no_change=3, tol=0.05, random_state=0,
    )  # fmt: skip
    expected = clone(model).set_params(n_iter_no_change=10**6 if learning_rate != "adaptive" else 3)
    expected.fit(X, y)
    model.set_params(n_iter_no_change=expected.n_iter_no_change)
    for _ in range(expected.n_iter_):
        model = pickle.loads(pickle.dumps(model.partial_fit(X, y)))
    same(model, expected)
    assert_array_equal(model.predict(X), expected.predict(X))


@unconverged
@badly_judged
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["lm", *FIRST_ORDER])
def test_two_halves_equal_one_fit(solver, early_stopping):
    X, y = running_sums()
    model = RNNRegressor(
        4, alpha=1.0, solver=solver, batch_size=8, max_iter=14, early_stopping=early_stopping,
        n_iter_no_change=9, validation_fraction=0.2, random_state=0,
    )  # fmt: skip
    expected = clone(model).fit(X, y)
    model.set_params(warm_start=True, max_iter=5).fit(X, y)
    model = pickle.loads(pickle.dumps(model)).set_params(max_iter=9).fit(X, y)
    same(model, expected)


@unconverged
def test_lbfgs_resumes_from_the_weights():
    X, y = running_sums()
    model = RNNRegressor(
        4, alpha=1.0, solver="lbfgs", max_iter=5, warm_start=True, random_state=0
    ).fit(X, y)
    first = model.loss_
    assert model.fit(X, y).loss_ < first
    assert model.n_iter_ == 10


@unconverged
def test_training_resumes_from_weights_that_were_set():
    X, y = running_sums()
    model = RNNRegressor(4, alpha=1.0, solver="adam", max_iter=3, random_state=0).fit(X, y)
    model.set_weights({name: 0 * w for name, w in model.get_weights().items()})
    model.set_params(learning_rate_init=1e-9).partial_fit(X, y)
    assert max(np.abs(w).max() for w in model.get_weights().values()) < 1e-7


@unconverged
def test_online_learning_beats_persistence_and_follows_a_change():
    """Chunk after chunk of a series that it never sees again."""
    rng, x = np.random.RandomState(0), np.zeros(4002)
    for t in range(2, 4002):
        sign = 1 if t < 2000 else -1
        x[t] = sign * 1.2 * x[t - 1] - 0.7 * x[t - 2] + 0.3 * rng.normal()
    X, y = sliding_windows(x, length=5)
    model = RNNRegressor(6, learning_rate_init=0.02, alpha=0, batch_size=10, random_state=0)
    errors, persistence = [], []
    for start in range(0, len(X) - 100, 100):
        chunk = slice(start, start + 100)
        if start:
            errors.append(np.mean((model.predict(X[chunk]) - y[chunk]) ** 2))
            persistence.append(np.mean((X[chunk, -1, 0] - y[chunk]) ** 2))
        model.partial_fit(X[chunk], y[chunk])
    assert np.mean(errors[12:19]) < 0.6 * np.mean(persistence[12:19])
    assert np.mean(errors[-5:]) < 0.6 * np.mean(persistence[-5:])


@unconverged
def test_partial_fit_refuses_what_it_cannot_do():
    X, y = running_sums()
    for solver in ("lm", "lbfgs"):
        assert not hasattr(RNNRegressor(alpha=1.0, solver=solver), "partial_fit")
        with pytest.raises(AttributeError, match="no attribute 'partial_fit'") as error:
            RNNRegressor(alpha=1.0, solver=solver).partial_fit(X, y)
        assert f"solver='{solver}' needs all data at once" in str(error.value.__cause__)
    with pytest.raises(ValueError, match="does not support early_stopping"):
        RNNRegressor(alpha=1.0, early_stopping=True).partial_fit(X, y)
    model = RNNRegressor(2, alpha=1.0, random_state=0).partial_fit(X, y)
    same(RNNRegressor(2, alpha=1.0, n_init=3, random_state=0).partial_fit(X, y), model)
    assert model.solver_ == "adam"
    with pytest.raises(ValueError, match="expecting 2 features"):
        model.partial_fit(X[..., :1], y)
    with pytest.raises(ValueError, match="weights of shapes"):
        model.partial_fit(X, np.c_[y, y])


@unconverged
def test_other_data_are_judged_by_their_own_losses():
    """A warm start on harder data isn't compared with what was reached on easier ones."""
    X, y = running_sums()
    noisy = y + np.random.RandomState(1).normal(size=50)
    for early_stopping in (False, True):
        model = RNNRegressor(
            4, alpha=1.0, solver="adam", max_iter=60, warm_start=True, random_state=0,
            early_stopping=early_stopping, validation_fraction=0.3,
        )  # fmt: skip
        before, n_first = model.fit(X, y).parameters_, model.n_iter_
        model.fit(X, noisy)
        assert model.n_iter_ > n_first + 10
        assert (model.parameters_ != before).any()


@unconverged
def test_what_does_not_go_together_is_refused():
    X, y = running_sums(per_step=True)
    y = np.abs(y)
    model = RNNRegressor(3, alpha=1.0, solver="adam", random_state=0).partial_fit(X, y)
    before = dict(vars(model))
    with pytest.raises(ValueError, match="a fit with a target for every step, but y now has one"):
        model.partial_fit(X, y[:, -1])
    for change in ({"loss": "poisson"}, {"normalize_y": False}):
        with pytest.raises(ValueError, match=r"partial_fit resumes .* keep loss, normalize_y"):
            clone(model).partial_fit(X, y).set_params(**change).partial_fit(X, y)
    assert vars(model) == before
    model.set_params(loss="huber").partial_fit(X.astype("f4"), y)  # in the precision it began with
    assert model.parameters_.dtype == np.float64


@unconverged
def test_many_calls_leave_little_behind():
    X, y = running_sums()
    model = RNNRegressor(50, alpha=1.0, solver="adam", random_state=0).fit(X, y)
    n_bytes = model.parameters_.nbytes
    assert len(pickle.dumps(model)) < 3 * n_bytes + 40_000  # weights and two moments
    before = len(pickle.dumps(model.partial_fit(X, y)))
    for _ in range(20):
        model.partial_fit(X, y)
    assert len(pickle.dumps(model)) < before + n_bytes + 20 * 60  # if the best isn't the last


@unconverged
def test_cosine_begins_anew_with_each_fit():
    X, y = running_sums()
    options = {"solver": "sgd", "learning_rate": "cosine", "max_iter": 6, "warm_start": True}
    model = RNNRegressor(3, alpha=1.0, random_state=0, **options).fit(X, y)
    before = model.parameters_
    assert (model.set_params(max_iter=1).fit(X, y).parameters_ != before).all()


@unconverged
def test_what_had_converged_is_given_time_again():
    X, y = running_sums()
    model = RNNRegressor(3, alpha=1.0, solver="adam", tol=0.1, warm_start=True, random_state=0).fit(
        X, y
    )
    n_first = model.n_iter_
    assert model.fit(X, y).n_iter_ >= n_first + 10


@pytest.mark.parametrize("solver", ["adam", "lm"])
def test_warm_start_resumes(rng, solver):
    X, y = rng.normal(size=(40, 4, 1)), rng.normal(size=40)
    model = RNNRegressor(3, alpha=1.0, solver=solver, max_iter=5, warm_start=True, random_state=0)
    first = model.fit(X, y).loss_
    scale = model.y_scale_
    assert_array_equal(model.fit(X, 3 * y).y_scale_, scale)
    curve = model.fit(X, y).loss_curve_
    assert len(curve) == 15
    assert curve[-1] < first
    with pytest.raises(ValueError, match=r"warm_start=True resumes .* of shapes .*\(3, 5\)"):
        model.set_params(hidden_size=4).fit(X, y)
    # as many weights in other shapes
    same_size = RNNRegressor(1, alpha=1.0, max_iter=1, warm_start=True).fit(
        rng.normal(size=(9, 4, 10)), y[:9]
    )
    with pytest.raises(ValueError, match="warm_start=True"):
        same_size.set_params(hidden_size=2).fit(X[:9], np.c_[y, y][:9])
    with pytest.raises(ValueError, match="warm_start=True"):
        model.set_params(hidden_size=3).fit(X, np.c_[y, y])


N, T = 30, 6
SOLVERS = ["adam", "sgd", "rmsprop", "lbfgs", "lm"]
FIRST_ORDER = SOLVERS[:3]


@unconverged
@pytest.mark.parametrize("solver", FIRST_ORDER)
def test_partial_fit_equals_a_fit_in_pieces(rng, solver):
    X, y = labelled(rng)
    model = quick(solver=solver, batch_size=8, max_iter=6, n_iter_no_change=7)
    expected = clone(model).fit(X, y)
    model.partial_fit(X, y, classes=["c", "b", "a"])
    for _ in range(5):
        model.partial_fit(X, y)
    same(model, expected)
    assert_array_equal(model.classes_, expected.classes_)


@unconverged
def test_partial_fit_of_chunks_with_some_of_the_classes(rng):
    """One by one in batches of one, as `fit` does it without a penalty."""
    X, y = labelled(rng)
    options = {"solver": "adam", "alpha": 0, "batch_size": 1, "shuffle": False, "max_iter": 1}
    expected, model = quick(**options).fit(X, y), quick(**options)
    model.partial_fit(X[:1], y[:1], classes=["a", "b", "c"])
    assert model.predict_proba(X).shape == (N, 3)
    for x, label in zip(X[1:], y[1:], strict=True):
        model.partial_fit(x[np.newaxis], [label])
    assert_allclose(model.parameters_, expected.parameters_, rtol=1e-12, atol=1e-15)


@unconverged
def test_what_partial_fit_refuses(rng):
    X, y = labelled(rng)
    model = quick()
    with pytest.raises(ValueError, match="classes must be passed on the first call to partial_fit"):
        model.partial_fit(X, y)
    with pytest.raises(ValueError, match=r"labels \['c'\] that aren't among .* \['a', 'b'\]"):
        model.partial_fit(X, y, classes=["a", "b"])
    with pytest.raises(ValueError, match=r"classes=\['a'\] has one class only"):
        model.partial_fit(X, y, classes=["a"])
    assert vars(model) == vars(quick())
    model.partial_fit(X, y, classes=["a", "b", "c"])
    expected = model.predict_proba(X)
    with pytest.raises(ValueError, match="is not the same as on the last call to partial_fit"):
        model.partial_fit(X, y, classes=["a", "b", "c", "d"])
    with pytest.raises(ValueError, match=r"labels \['z'\] that aren't among"):
        model.partial_fit(X, np.where(y == "a", "z", y))
    with pytest.raises(ValueError, match=r"labels \[0, 1\] that aren't among"):
        model.partial_fit(X, np.arange(N) % 2)
    with pytest.raises(
        ValueError, match="a fit with one target for each sequence, but y now has a"
    ):
        model.partial_fit(X, np.tile(y[:, np.newaxis], T))
    with pytest.raises(ValueError, match="class_weight='balanced' is not supported"):
        model.set_params(class_weight="balanced").partial_fit(X, y)
    with pytest.raises(ValueError, match="does not support early_stopping"):
        model.set_params(class_weight=None, early_stopping=True).partial_fit(X, y)
    assert_array_equal(model.predict_proba(X), expected)
    for solver in ("lm", "lbfgs"):
        assert not hasattr(quick(solver=solver), "partial_fit")


@unconverged
@pytest.mark.parametrize("solver", ["lm", "adam"])
def test_warm_start_keeps_the_classes(rng, solver):
    X, y = labelled(rng)
    model = quick(solver=solver, warm_start=True).fit(X, y)
    expected = quick(solver=solver, max_iter=10).fit(X, y)
    same(model.fit(X, y), expected)
    some = y != "b"
    model.fit(X[some], y[some])
    assert_array_equal(model.classes_, ["a", "b", "c"])
    before = model.predict_proba(X)
    assert before.shape == (N, 3)
    with pytest.raises(ValueError, match=r"labels \['d'\] that aren't among the classes \['a', 'b"):
        model.fit(X, np.where(some, y, "d"))
    assert_array_equal(model.predict_proba(X), before)
