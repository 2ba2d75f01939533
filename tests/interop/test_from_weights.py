"""Estimators from weights that are known as arrays."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skrnn import RNNClassifier, RNNRegressor
from skrnn.cells import CELLS, JordanCell
from skrnn.interop import from_weights
from skrnn.interop._weights import Architecture, fitted_regressor
from tests.helpers.toy_cell import LeakyCell

pytestmark = pytest.mark.core

N, T, D, H = 12, 5, 3, 4
CHOICES = [*CELLS, JordanCell(decay=0.5), LeakyCell()]

# a step that texts compute by hand: rows of recurrent weights, then of the input, for [h, x] @ W
W = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
BY_HAND = {
    "layer0.recurrent": W[:2].T,
    "layer0.input": W[2:].T,
    "layer0.bias": [0.1, -0.1],
    "readout.input": [[1.0, 2.0]],
    "readout.bias": [0.1],
}


def small(cell="elman", hidden_size=H, **parameters):
    return RNNRegressor(hidden_size, alpha=1.0, cell=cell, max_iter=2, random_state=0, **parameters)


def test_the_published_step():
    model = from_weights(BY_HAND, RNNRegressor(2))
    y, h = model.step(2.0, [0.537, 0.462])  # the text goes on from rounded states
    assert_allclose(h, [0.85972772, 0.88365397], atol=5e-9)
    assert_allclose(y, 2.72703566, atol=5e-9)
    assert_allclose(h, np.tanh([0.537, 0.462, 2.0] @ W + [0.1, -0.1]), rtol=1e-12)
    _, h = model.step([1.0])
    assert_allclose(h, [0.537, 0.462], atol=5e-4)
    y, _ = model.step([2.0], h)
    assert_allclose(model.predict([[[1.0], [2.0]]]), [y], rtol=1e-12)
    assert (model.y_mean_, model.y_scale_, model.n_features_in_) == (0, 1, 1)
    assert_array_equal(model.get_weights()["layer0.input"], [[0.5], [0.6]])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("kind", ["one", "several", "per step"])
@pytest.mark.parametrize("cell", CHOICES, ids=str)
def test_weights_of_a_fit_make_the_same_network(rng, cell, kind, dtype):
    X = rng.normal(size=(N, T, D)).astype(dtype)
    X[..., 1] = X[:, :1, 1]
    y = {"one": X[:, -1, 0], "several": X[:, -1, :2], "per step": X[..., :2]}[kind]
    estimator = small(
        cell, learn_initial_state=True, static_features=[1], hidden_size=(H, 2), normalize_y=False
    )
    fitted = clone(estimator).fit(X, y)
    model = from_weights(fitted.get_weights(), estimator, per_step=kind == "per step")
    assert type(model) is RNNRegressor
    assert not hasattr(estimator, "parameters_")
    assert model.parameters_.dtype == dtype
    assert_array_equal(model.predict(X), fitted.predict(X))
    assert model.n_features_in_ == D
    assert model.score(X, y) == fitted.score(X, y)
    assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_both_directions_and_other_losses(rng, cell):
    X = rng.normal(size=(N, T, D))
    for parameters, y in [
        ({"bidirectional": True}, X[:, 0, 0]),
        ({"loss": "poisson"}, np.exp(X[:, 0, 0])),
        ({"loss": "quantile", "quantile": [0.2, 0.8]}, X[:, 0, 0]),
        ({"loss": "quantile", "quantile": 0.8}, X[:, 0, 0]),
    ]:
        estimator = small(cell, normalize_y=False, **parameters)
        fitted = clone(estimator).fit(X, y)
        model = from_weights(fitted.get_weights(), estimator)
        assert_array_equal(model.predict(X), fitted.predict(X))


@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("classes", [["no", "yes"], ["a", "b", "c"], [3, 5, 8, 9]])
def test_classifiers(rng, classes, per_step):
    X = rng.normal(size=(N, T, D))
    y = np.resize(classes, (N, T) if per_step else N)
    estimator = RNNClassifier(H, cell="lstm", max_iter=2, random_state=0)
    fitted = clone(estimator).fit(X, y)
    model = from_weights(fitted.get_weights(), estimator, classes=classes, per_step=per_step)
    assert type(model) is RNNClassifier
    assert_array_equal(model.classes_, fitted.classes_)
    assert_array_equal(model.predict(X), fitted.predict(X))
    assert_array_equal(model.predict_proba(X), fitted.predict_proba(X))
    assert_array_equal(model.step_proba(X[0, 0])[0], fitted.step_proba(X[0, 0])[0])


def test_training_goes_on_from_them(rng):
    X = rng.normal(size=(40, T, D))
    y = 100 + 20 * np.tanh(X.sum(axis=(1, 2)))
    trained = RNNRegressor(H, alpha=1e-4, max_iter=500, normalize_y=False, random_state=0)
    trained.fit(X, y)
    estimator = clone(trained).set_params(warm_start=True, max_iter=1)
    model = from_weights(trained.get_weights(), estimator)
    assert model.fit(X, y).loss_ <= trained.loss_ * (1 + 1e-9)
    assert model.n_iter_ == 1


def test_arrays_of_other_frameworks_take_the_same_way(rng):
    W_x, W_h, W_y = rng.normal(size=(H, D)), rng.normal(size=(H, H)), rng.normal(size=(2, H))
    b_x, b_h, b_y = rng.normal(size=H), rng.normal(size=H), rng.normal(size=2)
    arrays = [[W_x, W_h, b_x, b_h], [W_y, b_y]]
    architecture = Architecture("elman", "h", "tanh", False)
    model = fitted_regressor(architecture, arrays, per_step=True, dropout=0.5)
    assert (model.hidden_size, model.dropout, model.normalize_y) == (H, 0.5, False)
    X, h = rng.normal(size=(N, T, D)), np.zeros((N, H))
    for t in range(T):
        h = np.tanh(X[:, t] @ W_x.T + h @ W_h.T + b_x + b_h)
        assert_allclose(model.predict(X)[:, t], h @ W_y.T + b_y, rtol=1e-10)


@pytest.mark.parametrize(
    ("change", "parameters", "message"),
    [
        ({"layer0.input": [[0.5, 0.6]]}, {}, r"has shape \(1, 2\), not \(2, 1\)\. Pass the transp"),
        ({"readout.input": [[1], [2]]}, {}, r"has shape \(2, 1\), not \(1, 2\)\. Pass the transp"),
        ({}, {"hidden_size": 3}, r"has shape \(2, 1\), not \(3, 1\).* has hidden_size=3, cell="),
        ({}, {"hidden_size": (2, 2)}, r"missing: \['layer1.bias'.*has hidden_size=\(2, 2\)"),
        ({}, {"cell": "gru"}, r"unknown: \['layer0.bias'.*cell='gru', bidirectional=False"),
        ({}, {"bidirectional": True}, r"missing: \['layer0.backward.bias'.*bidirectional=True"),
        ({}, {"learn_initial_state": True}, r"missing: \['layer0.initial_state'\]"),
        ({}, {"static_features": [0]}, r"missing: \['layer0.static'\].*static_features=\[0\]"),
        ({}, {"static_features": "size"}, "static_features='size' is a name.*: give a position"),
        ({}, {"quantile": [0.1, 0.9], "loss": "quantile"}, "2 quantiles, but the weights have 1"),
        ({}, {"activation": "sin"}, "The 'activation' parameter of RNNRegressor"),
        ({"readout.bias": None}, {}, r"missing: \['readout.bias'\]"),
        ({"readout.bias": []}, {}, r"weights\['readout.bias'\] has shape \(0,\), not \(1,\)"),
        ({"readout.bias": 0.1}, {}, r"weights\['readout.bias'\] has shape \(\), not \(1,\)"),
        ({"layer0.bias": [0.1, np.nan]}, {}, r"weights\['layer0.bias'\] contains NaN or infinity"),
        ({"layer0.bias": [[0.1], [0, 1]]}, {}, r"weights\['layer0.bias'\] must be an array"),
    ],
)
def test_weights_that_do_not_fit(change, parameters, message):
    weights = {k: v for k, v in {**BY_HAND, **change}.items() if v is not None}
    with pytest.raises(ValueError, match=message):
        from_weights(weights, RNNRegressor(**{"hidden_size": 2, **parameters}))


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (None, "classes must be passed for an RNNClassifier"),
        (["a", "b", "c"], r"3 classes need a readout with 3 outputs, but weights have 1\. Of a"),
        (["b", "a"], r"classes=\['b', 'a'\] must be .* ascending order.* pass \['a', 'b'\]"),
        (["a", "b", "b"], "must be different labels in ascending order"),
        (["a"], "has one class only"),
        (2, "classes must be a list of labels, got 2"),
    ],
)
def test_classes_that_do_not_fit(classes, message):
    with pytest.raises(ValueError, match=message):
        from_weights(BY_HAND, RNNClassifier(2, cell="elman"), classes=classes)


def test_what_is_no_estimator():
    with pytest.raises(TypeError, match="weights must be a mapping of names to arrays"):
        from_weights([W], RNNRegressor(2))
    for estimator in (RNNRegressor, None, 2):
        with pytest.raises(TypeError, match="estimator must be an RNNRegressor or RNNClassifier"):
            from_weights(BY_HAND, estimator)
    with pytest.raises(TypeError, match="per_step must be True or False, got 'no'"):
        from_weights(BY_HAND, RNNRegressor(2), per_step="no")
    with pytest.raises(ValueError, match=r"classes=\[0, 1\] are for an RNNClassifier"):
        from_weights(BY_HAND, RNNRegressor(2), classes=[0, 1])


def test_an_unfitted_estimator_points_here():
    with pytest.raises(NotFittedError, match=r"skrnn.interop.from_weights\(weights, estimator\)"):
        RNNRegressor(2).set_weights(BY_HAND)


def test_the_readout_of_a_fit_is_that_of_the_scaled_target(rng):
    X = rng.normal(size=(N, T, D))
    model = small().fit(X, 100 + 5 * X[:, :1, 0])
    weights, y = model.get_weights(), model.predict(X)
    weights["readout.input"] *= model.y_scale_[:, None]
    weights["readout.bias"] = weights["readout.bias"] * model.y_scale_ + model.y_mean_
    assert_allclose(from_weights(weights, small()).predict(X), y[:, 0], rtol=1e-10)
    W, b = weights["readout.input"], weights["readout.bias"]
    weights["readout.input"] = W / model.y_scale_[:, None]  # as the Notes of set_weights say
    weights["readout.bias"] = (b - model.y_mean_) / model.y_scale_
    assert_allclose(model.set_weights(weights).predict(X), y, rtol=1e-10)
