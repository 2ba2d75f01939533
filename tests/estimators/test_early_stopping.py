"""Early stopping: who judges, and which weights are kept."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skrnn import RNNRegressor, SlidingWindow, sliding_windows
from skrnn._training import holdout
from skrnn.datasets import load_sunspots
from tests.helpers.data import labelled, running_sums
from tests.helpers.fits import nothing_to_learn, quick, unconverged

pytestmark = [pytest.mark.core, unconverged]


def split_last(X, *args, **kwargs):
    """Rows to train on and to validate on."""
    return holdout.split_last(X, *args, **kwargs)


@nothing_to_learn  # the last samples are below the mean of the first, and predicted worse
def test_last_samples_judge_and_the_best_weights_are_kept():
    X, y = running_sums(masked=False)
    y = y + np.random.RandomState(1).normal(size=50)
    options = {"solver": "adam", "alpha": 0, "learning_rate_init": 0.1, "random_state": 0}
    options |= {"early_stopping": True, "n_iter_no_change": 15, "validation_fraction": 0.25}
    model = RNNRegressor(20, **options).fit(X, y)
    curve = model.validation_loss_curve_
    assert len(curve) == model.n_iter_ < 500
    assert int(np.argmin(curve)) < model.n_iter_ - 10
    kept, held_out = slice(0, 37), slice(37, 50)  # 13 are a quarter, rounded up
    error = (model.predict(X[held_out]) - y[held_out]) / y[kept].std()
    assert np.mean(error**2) / 2 == pytest.approx(min(curve), rel=1e-9)
    assert model.y_mean_ == pytest.approx(y[kept].mean())
    assert model.y_scale_ == pytest.approx(y[kept].std())
    # what was held out was never trained on: that is the fit of the rest for as many epochs
    n_epochs = int(np.argmin(curve)) + 1
    options |= {"early_stopping": False, "max_iter": n_epochs, "n_iter_no_change": n_epochs}
    expected = RNNRegressor(20, **options).fit(X[kept], y[kept])
    assert_array_equal(model.parameters_, expected.parameters_)


def test_early_stopping_forecasts_better_where_a_network_overfits():
    """Noise, a network that is far too large, no penalty: on later data, beside persistence."""
    rng, x = np.random.RandomState(0), np.zeros(600)
    for t in range(2, 600):
        x[t] = 1.2 * x[t - 1] - 0.6 * x[t - 2] + rng.normal()
    X, y = sliding_windows(x / x.std(), length=8)
    errors = {}
    for early_stopping in (False, True):
        model = RNNRegressor(
            30, solver="adam", alpha=0, learning_rate_init=0.03, early_stopping=early_stopping,
            validation_fraction=0.25, max_iter=150, n_iter_no_change=150, random_state=0,
        )  # fmt: skip
        model.fit(X[:300], y[:300])
        errors[early_stopping] = np.mean((model.predict(X[300:]) - y[300:]) ** 2)
    assert errors[True] < 0.8 * errors[False]
    assert errors[True] < np.mean((X[300:, -1, 0] - y[300:]) ** 2)


def test_early_stopping_in_a_pipeline_never_sees_the_last_windows():
    """The weights don't depend on the held-out targets, but for when training ends."""
    X, y = load_sunspots(return_X_y=True)
    X = np.reshape(X, (len(X), -1))
    pipe = make_pipeline(
        MinMaxScaler(),
        SlidingWindow(12),
        RNNRegressor(4, solver="adam", early_stopping=True, max_iter=1, random_state=0),
    )
    first = clone(pipe).fit(X, y)[-1].parameters_
    n_held_out = int(np.ceil(0.1 * len(X)))
    changed = np.array(y, float)
    changed[-n_held_out - 11 :] = 1e3  # with the windows that reach over the boundary
    assert_array_equal(clone(pipe).fit(X, changed)[-1].parameters_, first)
    changed[-n_held_out - 12] = 1e3
    assert (clone(pipe).fit(X, changed)[-1].parameters_ != first).any()


def last_of_each(y, fraction):
    """Rows of the last samples of each class, found without NumPy's help."""
    rows = []
    for label in set(y):
        own = [i for i, other in enumerate(y) if other == label]
        rows += own[len(own) - int(np.ceil(fraction * len(own))) :]
    return np.array(sorted(rows))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("solver", ["adam", "lm"])
def test_the_last_of_each_class_judge(rng, solver, weighted):
    X, y = labelled(rng, n=120)
    y = np.sort(y)  # the last class would be all that is held out; and nothing is to be learned
    weight = rng.uniform(0.5, 2, size=120) if weighted else None
    held_out = last_of_each(y, 0.25)
    rest = np.setdiff1d(np.arange(120), held_out)
    assert_array_equal(
        split_last(X, 0.25, strata=np.unique(y, return_inverse=True)[1])[1], held_out
    )
    options = {"solver": solver, "alpha": 0, "learning_rate_init": 0.1, "max_iter": 60}
    options |= {"n_iter_no_change": 60, "class_weight": {"a": 2}}
    early = {"early_stopping": True, "validation_fraction": 0.25}
    model = quick(hidden_size=20, **options, **early).fit(X, y, weight)
    total = np.where(y == "a", 2, 1) * (1 if weight is None else weight)
    loss = log_loss(y[held_out], model.predict_proba(X[held_out]), sample_weight=total[held_out])
    curve = model.validation_loss_curve_
    assert loss == pytest.approx(min(curve), rel=1e-9)
    assert curve[-1] > 1.1 * loss
    # and what they are was never learned from
    options["max_iter"] = options["n_iter_no_change"] = int(np.argmin(curve)) + 1
    own = None if weight is None else weight[rest]
    expected = quick(hidden_size=20, **options).fit(X[rest], y[rest], own)
    assert_array_equal(model.parameters_, expected.parameters_)


def test_windows_that_overlap_those_of_the_validation_set_are_left_out():
    series = np.random.RandomState(0).normal(size=300)
    X, _ = sliding_windows(series, 8)
    steps = np.arange(300 - 8)[:, None] + np.arange(9)  # of the window and its target
    y = np.where(np.arange(len(X)) // 40 % 2, "odd", "even")  # so that there are two boundaries
    kept, held_out = split_last(X, 0.15, strata=(y == "odd").astype(float), origin=X.origin)
    assert_array_equal(held_out, last_of_each(y, 0.15))
    assert not set(steps[kept].ravel()) & set(steps[held_out].ravel())
    assert len(X) - len(kept) - len(held_out) == 8 * 3  # the second is followed by others, too
    model = quick(solver="adam", early_stopping=True, validation_fraction=0.15).fit(X, y)
    options = {"solver": "adam", "max_iter": int(np.argmin(model.validation_loss_curve_)) + 1}
    expected = quick(**options).fit(X[kept], y[kept])
    assert_array_equal(model.parameters_, expected.parameters_)


def test_a_class_too_rare_to_hold_out(rng):
    X, y = labelled(rng, 2)
    y[:], y[0] = "b", "a"
    with pytest.raises(ValueError, match=r"class 'a' has only one.*add samples of this class"):
        quick(early_stopping=True).fit(X, y)


def test_one_sample_cannot_be_split(rng):
    X = rng.normal(size=(1, 50, 1))
    with pytest.raises(ValueError, match=r"early_stopping=True .* X has only one: cut it"):
        RNNRegressor(solver="adam", early_stopping=True).fit(X, X)
