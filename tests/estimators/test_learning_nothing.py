"""Defaults of the classifier on what is hard to learn, and what says that nothing was learned."""

import re
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import cross_val_score

from skrnn import RNNClassifier, RNNRegressor, SlidingWindow
from tests.helpers.fits import nothing_to_learn, unconverged

pytestmark = [pytest.mark.core, unconverged]


def ramps(rng, n=140):
    """A plateau, a ramp up or a ramp down in noise, 64 steps: cylinder, bell, funnel."""
    t, y = np.arange(64), rng.randint(3, size=n)
    start, stop = rng.uniform(8, 16, size=(n, 1)), rng.uniform(40, 56, size=(n, 1))
    ramp = (t - start) / (stop - start)
    shape = np.choose(y[:, np.newaxis], [np.ones_like(ramp), ramp, 1 - ramp])
    X = 6 * shape * ((t >= start) & (t <= stop)) + rng.normal(size=ramp.shape)
    X = (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True)
    return X[..., np.newaxis], y


def test_shapes_in_long_sequences():
    """Of 40 sequences, better than the frequencies of the classes, a third each, by far."""
    X, y = ramps(np.random.RandomState(0))
    model = RNNClassifier(random_state=0).fit(X[:40], y[:40])
    assert model.score(X[40:], y[40:]) > 0.9
    assert model.validation_loss_curve_ is not None


@pytest.mark.parametrize("n_bits", [4, 6])
def test_parity(n_bits):
    """Of strings that occur several times each: the loss stands still for long at first."""
    bits = np.random.RandomState(0).randint(2, size=(300, n_bits, 1)).astype(float)
    y = bits.sum(axis=(1, 2)) % 2
    model = RNNClassifier(random_state=0).fit(bits[:200], y[:200])
    assert model.validation_loss_curve_ is None
    assert model.score(bits[200:], y[200:]) > 0.95


@nothing_to_learn
def test_random_labels_are_not_learned_by_heart(rng):
    """The log loss on other samples is near that of the class frequencies."""
    X, y = rng.normal(size=(400, 20, 2)), rng.randint(3, size=400)
    losses = {}
    for alpha in ("auto", 1.0):
        model = RNNClassifier(alpha=alpha, random_state=0).fit(X[:100], y[:100])
        losses[alpha] = log_loss(y[100:], model.predict_proba(X[100:])) / np.log(3)
    assert 3 * (losses["auto"] - 1) < losses[1.0] - 1


@pytest.mark.parametrize("alpha", ["auto", 100.0])
def test_a_classifier_that_learned_nothing_says_so(rng, alpha):
    X, y = rng.normal(size=(100, 8, 2)), rng.randint(3, size=100)
    where = "(training|validation) set" if alpha == "auto" else "training set"
    figures = r"its loss is \d\.\d+, and that of the frequencies of the classes is \d\.\d+"
    with pytest.warns(ConvergenceWarning, match=f"next to nothing: on the {where}, {figures}"):
        RNNClassifier(8, alpha=alpha, random_state=0).fit(X, y)


def test_only_sequences_of_numbers_are_shortened_by_patches(rng):
    """Patches of tokens have several tokens a step, which no embedding reads."""
    tokens, y = rng.randint(4, size=(60, 50)), rng.randint(2, size=60)
    model = RNNClassifier(4, alpha=1e4, max_iter=30, random_state=0)
    with pytest.warns(ConvergenceWarning, match="of 50 steps, by SequencePatcher for example"):
        model.fit(tokens - 1.5, y)
    with pytest.warns(ConvergenceWarning, match=r"or shorten the sequences of 50 steps\.$"):
        model.set_params(embedding_size=2).fit(tokens, y)


@pytest.mark.parametrize("solver", ["lm", "adam", "lbfgs"])
def test_a_regressor_that_learned_nothing_says_so(rng, solver):
    X = rng.normal(size=(100, 8, 2))
    model = RNNRegressor(3, solver=solver, alpha=1e5, random_state=0)
    message = r"loss is 0\.\d+, and that of the best constant prediction is 0\.5\..*alpha=100000"
    with pytest.warns(ConvergenceWarning, match=message):
        model.fit(X, rng.normal(size=100))
    y = X[:, -1, 0] + 2 * rng.normal(size=100)  # with noise, but something
    model.set_params(alpha=1.0).fit(X, y)
    model.fit(X, np.full(100, 3.0))  # of a constant, there is nothing to learn


def test_equal_weights_and_equal_copies_hold_out_the_same(rng):
    """A weight of 2 equals a sequence that occurs twice, also where parts are held out."""
    X, y = rng.normal(size=(40, 4, 1)), np.arange(40) % 2
    X[:, -1, 0] += 2 * y
    weight = rng.randint(3, size=40)
    model = RNNClassifier(4, max_iter=20, random_state=0)
    weighted = clone(model).fit(X, y, sample_weight=weight)
    order = rng.permutation(np.repeat(np.arange(40), weight))
    repeated = clone(model).fit(X[order], y[order])
    assert weighted.n_iter_ == repeated.n_iter_
    assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), rtol=1e-6)
    curves = weighted.validation_loss_curve_, repeated.validation_loss_curve_
    assert_allclose(*curves, rtol=1e-6)


def test_a_fit_that_holds_out_a_part_resumes(rng, monkeypatch):
    """As if it had never stopped, with the same part."""
    X, y = rng.normal(size=(60, 4, 1)), np.arange(60) % 2
    X[:, -1, 0] += 2 * y
    parts = set()
    for seed in range(6):
        model = RNNClassifier(4, solver="adam", random_state=seed, warm_start=True)
        # weights that don't change have one loss on one part
        model.set_params(max_iter=2, learning_rate_init=1e-12, shuffle=False).fit(X, y).fit(X, y)
        assert model.n_iter_ == 4
        assert_allclose(model.validation_loss_curve_, model.validation_loss_curve_[0], rtol=1e-9)
        parts.add(model._saved.checkpoint.part)
    assert len(parts) > 1
    monkeypatch.setattr("skrnn._training.parts._N_PARTS", 1)
    model = RNNClassifier(4, solver="adam", max_iter=3, random_state=0, warm_start=True).fit(X, y)
    model.set_params(max_iter=4).fit(X, y)
    whole = clone(model).set_params(max_iter=7).fit(X, y)
    assert_array_equal(model.validation_loss_curve_, whole.validation_loss_curve_)
    assert_array_equal(model.parameters_, whole.parameters_)


def test_windows_of_a_series_are_held_out_as_successive_ones(rng):
    """Whether a noisy wave rises next: windows that share rows are never on both sides."""
    series = np.sin(np.arange(300) / 5)[:, np.newaxis] + 0.1 * rng.normal(size=(300, 1))
    X = SlidingWindow(8).fit_transform(series)[8:-1]
    y = np.diff(np.sin(np.arange(300) / 5))[8:] > 0
    model = RNNClassifier(6, random_state=0).fit(X[:200], y[:200])
    assert model.score(X[210:], y[210:]) > 0.85


def test_gated_units_remember_as_long_as_sequences_are(rng):
    X, y = rng.normal(size=(12, 50, 1)), np.arange(12) % 2
    untrained = {"max_iter": 1, "learning_rate_init": 1e-12, "random_state": 0}
    for cell, name, rows in (
        ("gru", "gates.bias", slice(32, None)),
        ("lstm", "bias", slice(64, 96)),
    ):
        model = RNNClassifier(cell=cell, **untrained).fit(X, y)
        bias = model.get_weights()[f"layer0.{name}"][rows]
        kept = 1 + np.exp(bias)  # steps
        assert 2 <= kept.min() < 5
        assert 20 < kept.max() <= 50
        short = RNNClassifier(cell=cell, **untrained).fit(X[:, :2], y)
        assert_allclose(short.get_weights()[f"layer0.{name}"][rows], 0, atol=1e-9)


@nothing_to_learn  # y doesn't hang on X
def test_what_auto_is(rng):
    X, y = rng.normal(size=(60, 4, 1)), np.arange(60) % 2
    model = RNNClassifier(4, max_iter=2, random_state=0)
    own = {"X_val": X[40:], "y_val": y[40:]}
    repeated = np.tile(np.arange(20), 6)
    for fitted, alpha, judged in (
        (clone(model).fit(X, y), 0.1, True),  # by parts
        (clone(model).fit(X[repeated], y[repeated]), 0.1, False),
        (clone(model).fit(X[:19], y[:19]), 1, False),
        (clone(model).partial_fit(X, y, classes=[0, 1]), 1, False),
        (clone(model).set_params(early_stopping=True).fit(X, y), 0.1, True),
        (clone(model).set_params(early_stopping=True).fit(X[:40], y[:40], **own), 0.1, True),
        (clone(model).set_params(alpha=3).fit(X, y), 3, False),
    ):
        assert fitted.alpha_ == alpha
        assert (fitted.validation_loss_curve_ is not None) == judged
        assert fitted.get_weights().keys() == model.fit(X, y).get_weights().keys()
        assert "inputs.mean" not in fitted.get_weights()


def linear_rule(n_early, rng):
    """Labels by a sum of two values among noise, at early steps or at the last ones."""
    X = rng.normal(size=(450, 12, 4))
    steps = (0, 3) if n_early else (-1, -2)
    values = X[:, steps[0], 0] + X[:, steps[1], 1] + 0.5 * rng.normal(size=450)
    return X, np.where(values > 0, "high", "low")


@pytest.mark.parametrize("settings", [{}, {"early_stopping": True, "alpha": 1}])
def test_a_classifier_says_where_a_linear_model_is_clearly_better(rng, settings):
    X, y = linear_rule(True, rng)
    model = RNNClassifier(random_state=0, **settings)
    with pytest.warns(ConvergenceWarning, match="A linear model does better: on held-out") as said:
        model.fit(X, y)
    rival, own = map(float, re.findall(r"(?:steps|network) is (\d\.\d+)", str(said[0].message)))
    assert_allclose(own, min(model.validation_loss_curve_), rtol=0.01)
    scores = cross_val_score(LogisticRegression(), X.reshape(450, -1), y, scoring="neg_log_loss")
    assert_allclose(rival, -scores.mean(), rtol=0.4)
    assert rival < 0.7 * own


def test_a_linear_rule_with_much_noise(rng):
    """The linear model's log loss isn't far below the network's, which is that of a constant."""
    X = rng.normal(size=(400, 20, 3))
    y = (2 * X[:, 2, 1] + rng.logistic(size=400) > 0).astype(int)
    with pytest.warns(ConvergenceWarning, match="A linear model does better") as said:
        RNNClassifier(random_state=0).fit(X, y)
    rival, own = map(float, re.findall(r"(?:steps|network) is (\d\.\d+)", str(said[0].message)))
    assert 0.7 * own < rival < own < 1.05 * np.log(2)


def test_a_classifier_that_is_as_good_as_a_linear_model_says_nothing(rng):
    X, y = linear_rule(False, rng)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        RNNClassifier(random_state=0).fit(X, y)


def test_weights_count_for_the_linear_model_as_repetitions_do(rng):
    X, y = linear_rule(True, rng)
    weight = rng.randint(1, 3, size=len(X))
    model, said = RNNClassifier(max_iter=3, n_iter_no_change=2, random_state=0), []
    rows = np.repeat(np.arange(len(X)), weight)
    for data, weights in ((X, y), weight), ((X[rows], y[rows]), None):
        with pytest.warns(ConvergenceWarning, match="A linear model does better") as caught:
            model.fit(*data, sample_weight=weights)
        said.append(re.search(r"all steps is (\S+),", str(caught[0].message))[1])
    assert said[0] == said[1]


def test_a_small_lead_on_few_samples_is_no_evidence_for_a_linear_model():
    """It may have gained far more than the network, on 30 samples that are held out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("error", ".*linear model does better")
        for seed in range(6):
            rng = np.random.RandomState(seed)
            X = rng.normal(size=(90, 20, 3))
            y = (2 * X[:, 2, 1] + rng.logistic(size=90) > 0).astype(int)
            RNNClassifier(8, max_iter=30, random_state=0).fit(X, y)


def test_few_samples_are_no_evidence_for_a_linear_model():
    """Of 20 samples, five are held out: a linear model may predict them well by luck."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", ".*linear model does better")
        for seed in range(6):
            X = np.random.RandomState(seed).uniform(0, 3, size=(20, 3))
            RNNClassifier(8, solver="sgd", max_iter=60, random_state=0).fit(X, X[:, 0].astype(int))
