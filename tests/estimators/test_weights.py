"""Weights in and out of a fitted estimator."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError

from skrnn import RNNRegressor
from skrnn.cells import CELLS, ElmanCell
from tests.helpers import oracle_elman as reference
from tests.helpers.fits import small

pytestmark = pytest.mark.core

N, T, D, K, H = 12, 5, 2, 3, 4
BASE = {"input": (H, D), "recurrent": (H, H), "bias": (H,)}
LSTM = {"input": (4 * H, D), "recurrent": (4 * H, H), "bias": (4 * H,)}
GRU = {
    "gates.input": (2 * H, D),
    "gates.recurrent": (2 * H, H),
    "gates.bias": (2 * H,),
    "candidate.input": (H, D),
    "candidate.recurrent": (H, H),
    "candidate.bias": (H,),
}
SHAPES = {
    "elman": BASE,
    "jordan": {**BASE, "recurrent": (H, K)},
    "lstm": LSTM,
    "peephole_lstm": {**LSTM, "peephole": (3 * H,)},
    "gru": {**GRU, "candidate.recurrent_bias": (H,)},
    "gru_reset_before": GRU,
}
READOUT = {"readout.input": (K, H), "readout.bias": (K,)}


@pytest.fixture
def data(rng):
    return rng.normal(size=(N, T, D)), rng.normal(size=(N, K))


@pytest.mark.parametrize("cell", CELLS)
def test_names_and_shapes(data, cell):
    shapes = {k: v.shape for k, v in small(cell).fit(*data).get_weights().items()}
    assert shapes == {f"layer0.{k}": v for k, v in SHAPES[cell].items()} | READOUT


def test_names_of_layers_directions_and_initial_states(data):
    model = small("lstm", hidden_size=(H, 3), bidirectional=True, learn_initial_state=True)
    weights = model.fit(*data).get_weights()
    assert weights["layer1.backward.input"].shape == (12, 2 * H)
    assert weights["layer0.forward.initial_state"].shape == (2 * H,)
    assert weights["readout.input"].shape == (K, 6)
    assert len(weights) == 2 * 2 * 4 + 2


@pytest.mark.parametrize("cell", CELLS)
def test_weights_go_out_and_in(data, cell):
    X, _ = data
    one, other = small(cell).fit(*data), small(cell, random_state=1).fit(*data)
    assert not np.allclose(one.predict(X), other.predict(X))
    other.y_mean_, other.y_scale_ = one.y_mean_, one.y_scale_
    assert other.set_weights(one.get_weights()) is other
    assert_array_equal(one.predict(X), other.predict(X))
    # what came out is a copy, and what goes in is copied
    weights = one.get_weights()
    other.set_weights(weights)
    for value in weights.values():
        value += 1
    assert_array_equal(one.predict(X), other.predict(X))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layer0.bias": None}, r"missing: \['layer0.bias'\].*Expected .*layer0.bias \(4,\)"),
        ({"layer7.bias": np.zeros(4)}, r"unknown: \['layer7.bias'\]"),
        ({"layer0.bias": np.zeros(5)}, r"'layer0.bias'\] has shape \(5,\), not \(4,\)"),
        ({"layer0.bias": np.full(4, np.inf)}, r"'layer0.bias'\] contains NaN or infinity"),
        ({"layer0.input": np.zeros((D, H))}, r"has shape \(2, 4\), not \(4, 2\)"),
    ],
)
def test_wrong_weights_change_nothing(data, change, message):
    X, _ = data
    model = small().fit(*data)
    before = model.predict(X)
    weights = {k: v for k, v in ({**model.get_weights(), **change}).items() if v is not None}
    with pytest.raises(ValueError, match=message):
        model.set_weights(weights)
    assert_array_equal(model.predict(X), before)


def test_weights_are_a_mapping(data):
    with pytest.raises(TypeError, match="weights must be a mapping of names to arrays"):
        small().fit(*data).set_weights(None)


def test_cells_that_lose_weights_are_refused(data):
    """What isn't named, or named by a copy, would be lost on the way out and in."""

    class Unnamed(ElmanCell):
        def named_weights(self, weights):
            named = super().named_weights(weights)
            del named["bias"]
            return named

    class Copied(ElmanCell):
        def named_weights(self, weights):
            return {k: v.copy() for k, v in super().named_weights(weights).items()}

    for cell in (Unnamed, Copied):
        with pytest.raises(ValueError, match=f"{cell.__name__}.named_weights must return views"):
            small(cell).fit(*data)


@pytest.mark.parametrize("name", ["x", "state", "states", "dz", "forward", "_missing"])
@pytest.mark.parametrize("kind", ["buffers", "backward_buffers"])
def test_buffers_have_names_of_their_own(data, name, kind):
    value = {name: (1, H)} if kind == "buffers" else {"local": H, name: H}
    cell = type("Greedy", (ElmanCell,), {kind: lambda self: value})
    with pytest.raises(ValueError, match=f"Greedy asks for a buffer '{name}'"):
        small(cell).fit(*data)


def test_unfitted_has_no_weights():
    with pytest.raises(NotFittedError):
        small().get_weights()
    with pytest.raises(NotFittedError):
        small().set_weights({})


def test_training_resumes_from_the_weights_of_another_fit(data):
    X, y = data
    trained = small(max_iter=200, n_iter_no_change=200).fit(X, y)
    model = small(warm_start=True, max_iter=1).fit(X, y).set_weights(trained.get_weights())
    assert model.fit(X, y).loss_ <= trained.loss_ * (1 + 1e-9)


def test_weights_are_named_copies(rng):
    X, y = rng.normal(size=(20, 4, 2)), rng.normal(size=(20, 3))
    model = RNNRegressor(5, alpha=1.0, max_iter=2, random_state=0).fit(X, y)
    shapes = {name: w.shape for name, w in model.get_weights().items()}
    assert shapes == {
        "layer0.input": (5, 2),
        "layer0.recurrent": (5, 5),
        "layer0.bias": (5,),
        "readout.input": (3, 5),
        "readout.bias": (3,),
    }
    before = model.predict(X)
    for w in model.get_weights().values():
        w[...] = 0
    assert_array_equal(model.predict(X), before)
    expected = reference.predict(model.get_weights(), X, "tanh", per_step=False)
    assert_allclose(before, expected * model.y_scale_ + model.y_mean_)
