"""Early stopping doesn't end too early, and says so where it can't be trusted."""

import warnings
from functools import partial

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import log_loss, mean_squared_error

from skrnn import RNNClassifier, RNNRegressor, sliding_windows
from skrnn._training.stopping import Rules
from skrnn._training.training_run import TrainingRun
from tests.helpers.fits import unconverged
from tests.helpers.maps import logistic_map

pytestmark = [pytest.mark.core, unconverged]


def trend(rng, n):
    t = np.arange(n)
    return 0.01 * t + np.sin(t / 6) + 0.1 * rng.normal(size=n)


@pytest.mark.parametrize(
    ("kind", "solver", "n"),
    [(partial(logistic_map, rate=3.8), "lm", 100), (trend, "adam", 400)],
    ids=["lm", "adam"],
)
def test_it_ends_no_worse_than_training_on_all(kind, solver, n):
    """On what comes later: no noise but few samples, and a drift that leaves the range of X."""
    ratios = []
    for seed in range(3):
        series = kind(np.random.RandomState(seed), n + 200)
        X, y = sliding_windows((series - series[:n].mean()) / series[:n].std(), 12)
        errors = {}
        for early_stopping in (False, True):
            model = RNNRegressor(
                alpha=1.0, solver=solver, early_stopping=early_stopping, random_state=seed
            )
            model.fit(X[:n], y[:n])
            errors[early_stopping] = np.sqrt(np.mean((model.predict(X[n:]) - y[n:]) ** 2))
        ratios.append(errors[True] / errors[False])
    assert max(ratios) < 3  # was 650 and 3.5
    assert np.exp(np.mean(np.log(ratios))) < 1.3  # was 77 and 2.7


def rules_of(**changes):
    """A rule of 3 epochs."""
    baselines = partial(pytest.fail, "only the monitor asks for them")
    settings = {"max_iter": 100, "tol": 0.001, "may_go_on": True, "needed": np.inf}
    return Rules(n_iter_no_change=3, baselines=baselines, **settings | changes)


def judged(losses, validation, **changes):
    """Whether a run ends after each epoch."""
    rules, run, ends = rules_of(**changes), TrainingRun(np.zeros(1)), []
    for loss, own in zip(losses, validation, strict=True):
        run.loss_curve.append(loss)
        run.validation_loss_curve.append(own)
        run.epochs_without_improvement = 0 if own < run.best else run.epochs_without_improvement + 1
        run.best = min(run.best, own)
        ends.append(rules.met_by(run, plateau=1))
    return ends


@pytest.mark.parametrize(
    ("losses", "validation", "end"),
    [
        ([0.5] * 8, [0.9, 0.8, 0.7, 0.8, 0.8, 0.8, 0.8, 0.8], 5),
        ([0.9**i for i in range(9)], [0.9, 0.8, *[1.0] * 7], None),  # falls by a tenth each time
        ([0.9**i for i in range(9)], [0.9, 0.3, *[0.4] * 7], None),
        ([0.9**i for i in range(9)], [0.9, 0.3, *[1.0] * 7], 4),  # overfits: worse than twice
        ([0.995**i for i in range(9)], [2.0, 1.9, *[2.0] * 7], 4),  # hardly falls
        ([0.995**i for i in range(9)], [0.4, 0.3, *[0.7] * 7], None),  # no sign of overfitting
        ([0.5] * 18, [*np.linspace(2, 1, 10), *[1.1] * 8], 14),  # half as long again
    ],
    ids=["stalled", "falling", "lower", "overfitting", "slow", "slow but lower", "long"],
)
def test_when_a_run_ends(losses, validation, end):
    ends = judged(losses, validation)
    assert (ends.index(True) if True in ends else None) == end
    # the number of epochs alone counts where a part of the samples is held out in each run
    best = int(np.argmin(validation))
    assert judged(losses, validation, may_go_on=False).index(True) == best + 3


@pytest.mark.parametrize("may_go_on", [True, False])
def test_a_run_that_has_learned_nothing_gets_more_epochs_unless_it_overfits(may_go_on):
    rules = rules_of(may_go_on=may_go_on)
    for judged, learned, waited, met in (
        (0.7, False, 5, False),
        (0.7, False, 6, True),
        (0.7, True, 3, True),
        (1.5, False, 3, may_go_on),  # twice the lowest validation loss
    ):
        run = TrainingRun(np.zeros(1), loss_curve=[0.7] * 5, validation_loss_curve=[judged])
        run.best, run.has_learned, run.epochs_without_improvement = 0.69, learned, waited
        assert rules.met_by(run, plateau=2) == met


def test_without_a_validation_set_the_number_of_epochs_alone_counts():
    rules = rules_of()
    for waited, met in ((2, False), (3, True)):
        run = TrainingRun(np.zeros(1), epochs_without_improvement=waited, loss_curve=[1.0, 0.1])
        assert rules.met_by(run, plateau=1) == met


def warned(model, *args, **kwargs):
    """The texts of all warnings of what wasn't learned, of which there is one at most."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(*args, **kwargs)
    assert all(own.filename == __file__ for own in caught)
    texts = [str(own.message) for own in caught]
    return [text for text in texts if "the kept weights" in text or "next to nothing" in text]


def test_weights_that_are_worse_than_the_mean(rng):
    X, X_val = rng.normal(size=(2, 60, 5, 1))
    y, y_val = 1 + X[:, -1, 0], 1 - X_val[:, -1, 0]
    model = RNNRegressor(4, alpha=1.0, early_stopping=True, random_state=0)
    (text,) = warned(model, X, y, X_val=X_val, y_val=y_val)
    mean = DummyRegressor().fit(X, y).predict(X_val)
    constant = mean_squared_error(y_val, mean) / np.var(y) / 2
    assert min(model.validation_loss_curve_) > constant
    assert f"a loss of {min(model.validation_loss_curve_):.3g} on the validation set, " in text
    assert f"has {constant:.3g}: what was learned doesn't hold there. Transform X_val as" in text
    (text,) = warned(model, np.r_[X, X_val[:10]], np.r_[y, y_val[:10]])
    assert "the validation set (the last samples)" in text
    assert "by early_stopping=False. Otherwise, raise alpha" in text


def test_weights_that_are_worse_than_the_class_frequencies(rng):
    X, y = rng.normal(size=(60, 5, 1)), rng.choice([0, 1, 2], size=60, p=[0.6, 0.3, 0.1])
    X_val, y_val = rng.normal(size=(40, 5, 1)), rng.choice([0, 1, 2], size=40, p=[0.6, 0.3, 0.1])
    weight = rng.uniform(size=60)
    model = RNNClassifier(8, alpha=0, early_stopping=True, random_state=0)
    (text,) = warned(model, X, y, weight, X_val=X_val, y_val=y_val)
    prior = DummyClassifier(strategy="prior").fit(X, y, weight).predict_proba(X_val)
    assert f"training set has {log_loss(y_val, prior):.3g}: what was learned" in text


def test_a_held_out_part_that_is_unlike_the_rest(rng):
    series = np.sin(np.arange(300) / 3) + 0.1 * rng.normal(size=300)
    series[260:] += 6
    X, y = sliding_windows(series / 3, 8)
    model = RNNRegressor(alpha=1.0, early_stopping=True, random_state=0)
    (text,) = warned(model, X, y)
    assert "times that of" in text
    assert "If the series drifts, forecast its differences" in text
    kept = slice(0, len(X) - 30 - 8)
    error = (model.predict(X[kept]) - y[kept]) / model.y_scale_
    assert f"times that of {np.mean(error**2) / 2:.3g} on the training set" in text


def test_no_warning_where_something_was_learned(rng):
    X, y = sliding_windows(np.sin(np.arange(300) / 3) + 0.1 * rng.normal(size=300), 8)
    model = RNNRegressor(alpha=1.0, early_stopping=True, random_state=0)
    assert not warned(model, X, y)
    # and none of a few epochs, which is what was asked for
    noise = rng.normal(size=(50, 4, 1)), rng.normal(size=50)
    assert not warned(model.set_params(max_iter=10, alpha=0), *noise)


def test_a_training_loss_of_0_is_told_without_a_ratio():
    """Of one sample without a value, nothing is left to learn; the fit is done, and says so."""
    X, y = np.zeros((3, 2, 1)), np.arange(3.0)
    options = {"alpha": 1.0, "validation_fraction": 0.5, "max_iter": 2, "n_iter_no_change": 1}
    model = RNNRegressor(early_stopping=True, solver="adam", **options)
    with pytest.warns(UserWarning, match="far above that of 0 on the training set"):
        model.fit(X, y)


@pytest.mark.parametrize(
    ("noise", "needed", "end"),
    [
        ([0.5] * 5, 0.4, 3),
        ([0.5] * 5, 0.6, None),  # it is where it has to come
        ([0.5] * 5, np.inf, None),
        ([0.5 * 0.99**i for i in range(6)], 0.4, None),  # 3 % in 3 epochs
        ([0.5 * 0.999**i for i in range(6)], 0.4, 3),
        ([0.9, 0.8, 0.7, 0.6, 0.5, 0.5, 0.5, 0.5], 0.4, 7),
        ([0.9, 0.8, 0.7, 0.6, 0.5, 0.5, 0.5, 0.5], 0.55, None),
        ([0.5, 0.4, 0.4, 0.5, 0.5], 0.3, 3),  # a penalty that becomes stronger
    ],
)
def test_a_run_that_is_out_of_reach_ends(noise, needed, end):
    rules = rules_of(needed=needed)
    ends = [
        rules.are_out_of_reach(TrainingRun(np.zeros(1), noise_curve=noise[: n + 1]))
        for n in range(len(noise))
    ]
    assert (ends.index(True) if True in ends else None) == end
