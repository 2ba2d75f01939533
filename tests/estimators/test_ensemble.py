"""The mean of all restarts."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import logit
from sklearn.base import clone

from skrnn import RNNClassifier, RNNRegressor, sliding_windows
from skrnn.interop import from_weights
from tests.helpers.data import labelled
from tests.helpers.fits import unconverged

pytestmark = unconverged


def noisy_windows(seed=0, n=220):
    rng, x = np.random.RandomState(seed), [0.0]
    for _ in range(n):
        x.append(0.7 * x[-1] + rng.normal())
    return sliding_windows(np.array(x), length=12)


def of_network(weights, e):
    prefix = f"network{e}."
    return {k.removeprefix(prefix): w for k, w in weights.items() if k.startswith(prefix)}


def test_predictions_are_the_mean_of_those_of_the_networks():
    X, y = noisy_windows()
    model = RNNRegressor(4, cell="gru", alpha=1.0, n_init=3, ensemble=True, max_iter=10)
    model.set_params(random_state=0).fit(X, y)
    weights = model.get_weights()
    single = RNNRegressor(4, cell="gru")
    each = [from_weights(of_network(weights, e), single).predict(X) for e in range(3)]
    assert np.std(each, axis=0).max() > 0.01
    assert_allclose(model.predict(X), model.y_mean_ + model.y_scale_ * np.mean(each, axis=0))


@pytest.mark.parametrize("linear_part", [False, True])
def test_steps_weights_and_pickles(linear_part):
    X, y = noisy_windows()
    parameters = {"n_init": 3, "ensemble": True, "linear_part": linear_part}
    model = RNNRegressor(3, **parameters, max_iter=6, random_state=0).fit(X, y)
    expected, final = model.predict(X[:2], return_state=True)
    state = None
    for x in X[:2].swapaxes(0, 1):
        prediction, state = model.step(x, state)
    assert_allclose(prediction, expected)
    assert_allclose(state, final)
    assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X[:2]), expected)
    copy = from_weights(model.get_weights(), RNNRegressor(3))
    found = model.y_mean_ + model.y_scale_ * copy.predict(X[:2])
    assert_allclose(found, expected)


def test_the_log_odds_of_a_classifier(rng):
    X, y = labelled(rng, n_classes=2)
    model = RNNClassifier(3, alpha=1.0, n_init=3, ensemble=True, max_iter=5, random_state=0)
    weights = model.fit(X, y).get_weights()
    single, classes = RNNClassifier(3), model.classes_
    each = [
        logit(from_weights(of_network(weights, e), single, classes=classes).predict_proba(X)[:, 1])
        for e in range(3)
    ]
    assert_allclose(logit(model.predict_proba(X)[:, 1]), np.mean(each, axis=0), rtol=1e-6)


def test_the_mean_errs_less_than_the_restart_with_the_lowest_loss():
    errors = []
    for seed in range(3):
        X, y = noisy_windows(seed, n=320)
        model = RNNRegressor(alpha=0.1, n_init=5, random_state=0, max_iter=60)
        both = [
            clone(model).set_params(ensemble=own).fit(X[:100], y[:100]) for own in (False, True)
        ]
        errors.append([np.mean((own.predict(X[112:]) - y[112:]) ** 2) for own in both])
    best, mean = np.array(errors).T
    assert (mean < 0.95 * best).all()


def test_of_one_network(rng):
    X, y = noisy_windows()
    model = RNNRegressor(3, alpha=1.0, max_iter=5, random_state=0)
    alone = clone(model).set_params(ensemble=True).fit(X, y)
    assert_array_equal(alone.parameters_, model.fit(X, y).parameters_)


def test_training_cannot_resume():
    X, y = noisy_windows()
    model = RNNRegressor(3, alpha=1.0, n_init=2, ensemble=True, max_iter=5, random_state=0)
    expected = model.fit(X, y).predict(X)
    with pytest.raises(ValueError, match="partial_fit resumes the training of one network"):
        model.partial_fit(X, y)
    with pytest.raises(ValueError, match=r"but this is an ensemble of 2: .* ensemble=False"):
        model.set_params(warm_start=True).fit(X, y)
    assert_array_equal(model.predict(X), expected)
