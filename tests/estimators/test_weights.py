"""Weights in and out of a fitted estimator, and the parameters that shape them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV

from skrnn import RNNRegressor
from skrnn.cells import CELLS, Cell, ElmanCell, JordanCell, LSTMCell
from tests.helpers.networks import LeakyCell

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


def make(cell="elman", **parameters):
    defaults = {"hidden_size": H, "max_iter": 2, "random_state": 0}
    return RNNRegressor(cell=cell, **defaults | parameters)


@pytest.mark.parametrize("cell", CELLS)
def test_names_and_shapes(data, cell):
    shapes = {k: v.shape for k, v in make(cell).fit(*data).get_weights().items()}
    assert shapes == {f"layer0.{k}": v for k, v in SHAPES[cell].items()} | READOUT


def test_names_of_layers_directions_and_initial_states(data):
    model = make("lstm", hidden_size=(H, 3), bidirectional=True, learn_initial_state=True)
    weights = model.fit(*data).get_weights()
    assert weights["layer1.backward.input"].shape == (12, 2 * H)
    assert weights["layer0.forward.initial_state"].shape == (2 * H,)
    assert weights["readout.input"].shape == (K, 6)
    assert len(weights) == 2 * 2 * 4 + 2


@pytest.mark.parametrize("cell", CELLS)
def test_weights_go_out_and_in(data, cell):
    X, _ = data
    one, other = make(cell).fit(*data), make(cell, random_state=1).fit(*data)
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
    model = make().fit(*data)
    before = model.predict(X)
    weights = {k: v for k, v in ({**model.get_weights(), **change}).items() if v is not None}
    with pytest.raises(ValueError, match=message):
        model.set_weights(weights)
    assert_array_equal(model.predict(X), before)


def test_weights_are_a_mapping(data):
    with pytest.raises(TypeError, match="weights must be a mapping of names to arrays"):
        make().fit(*data).set_weights(None)


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
            make(cell).fit(*data)


@pytest.mark.parametrize("name", ["x", "state", "states", "delta", "forward", "_skip"])
@pytest.mark.parametrize("kind", ["buffers", "backward_buffers"])
def test_buffers_have_names_of_their_own(data, name, kind):
    value = {name: (1, H)} if kind == "buffers" else {"local": H, name: H}
    cell = type("Greedy", (ElmanCell,), {kind: lambda self: value})
    with pytest.raises(ValueError, match=f"Greedy asks for a buffer '{name}'"):
        make(cell).fit(*data)


def test_unfitted_has_no_weights():
    with pytest.raises(NotFittedError):
        make().get_weights()
    with pytest.raises(NotFittedError):
        make().set_weights({})


def test_training_goes_on_from_weights_that_were_put_in(data):
    X, y = data
    trained = make(max_iter=200, n_iter_no_change=200).fit(X, y)
    model = make(warm_start=True, max_iter=1).fit(X, y).set_weights(trained.get_weights())
    assert model.fit(X, y).loss_ <= trained.loss_ * (1 + 1e-9)


# --- cells and topologies as parameters ---


@pytest.mark.parametrize("cell", [LSTMCell, LSTMCell(), "lstm"], ids=["class", "instance", "name"])
def test_cell_by_name_class_or_instance(data, cell):
    X, _ = data
    expected = make("lstm").fit(*data).predict(X)
    assert_array_equal(clone(make(cell)).fit(*data).predict(X), expected)


def test_options_of_a_cell(data):
    X, _ = data
    plain, kept = (make(JordanCell(decay)).fit(*data) for decay in (0, 0.9))
    assert_array_equal(make("jordan").fit(*data).predict(X), plain.predict(X))
    assert not np.allclose(plain.predict(X), kept.predict(X))
    assert "JordanCell(decay=0.9)" in repr(kept)


def test_options_in_a_grid(data):
    X, y = data
    grid = GridSearchCV(make(JordanCell()), {"cell__decay": [0.0, 0.5]}, cv=2).fit(X, y)
    expected = [
        GridSearchCV(make(JordanCell(decay)), {}, cv=2).fit(X, y).best_score_ for decay in (0, 0.5)
    ]
    assert_array_equal(grid.cv_results_["mean_test_score"], expected)
    assert repr(make(LSTMCell()).get_params()["cell"]) == "LSTMCell()"
    with pytest.raises(ValueError, match=r"Invalid parameter 'decai' for cell JordanCell\(decay"):
        make(JordanCell()).set_params(cell__decai=1)
    model = make(JordanCell(0.5))
    with pytest.raises(ValueError, match="decay must be from 0 to 1"):
        model.set_params(cell__decay=2)
    assert model.cell.decay == 0.5


def test_a_grid_over_cells(data):
    X, y = data
    cells = [*CELLS, JordanCell(decay=0.5), LeakyCell, LeakyCell(leak=0.2)]
    grid = GridSearchCV(make(), {"cell": cells}, cv=2).fit(X, y)
    assert len(grid.cv_results_["params"]) == len(cells)
    assert np.isfinite(grid.cv_results_["mean_test_score"]).all()


def test_the_fitted_cell_is_not_the_one_that_was_passed(data):
    X, _ = data
    cell = LeakyCell(leak=0.5)
    model = make(cell).fit(*data)
    before = model.predict(X)
    cell.leak = 0.9
    assert_array_equal(model.predict(X), before)


@pytest.mark.parametrize("cell", ["rnn", 3, None])
def test_unknown_cells(data, cell):
    with pytest.raises(ValueError, match="The 'cell' parameter of RNNRegressor must be"):
        make(cell).fit(*data)


@pytest.mark.parametrize("cell", [int, Cell], ids=str)
def test_classes_that_are_no_cells(data, cell):
    with pytest.raises(TypeError):
        make(cell).fit(*data)


@pytest.mark.parametrize(
    "hidden_size", [(), (3, 0), [2, -1], (2.5,), "32", np.array(3), (True,), {2, 3}]
)
def test_bad_hidden_sizes(data, hidden_size):
    with pytest.raises(ValueError, match="hidden_size"):
        make(hidden_size=hidden_size).fit(*data)


@pytest.mark.parametrize("hidden_size", [[3, 2], (3, 2), np.array([3, 2])], ids=str)
def test_layers_as_list_tuple_or_array(data, hidden_size):
    X, _ = data
    expected = make(hidden_size=(3, 2)).fit(*data).predict(X)
    assert_array_equal(make(hidden_size=hidden_size).fit(*data).predict(X), expected)


@pytest.mark.parametrize("option", ["dropout", "recurrent_dropout"])
def test_dropout_is_random_in_training_only(data, option):
    X, y = data
    plain = make(solver="adam", max_iter=5).fit(X, y)
    one, same, other = (
        make(solver="adam", max_iter=5, random_state=seed, **{option: 0.5}).fit(X, y)
        for seed in (0, 0, 1)
    )
    assert one.solver_ == make(**{option: 0.5}).fit(X, y).solver_ == "adam"
    assert_array_equal(one.predict(X), same.predict(X))
    assert_array_equal(one.predict(X), one.predict(X))
    assert not np.allclose(one.predict(X), plain.predict(X))
    assert not np.allclose(one.predict(X), other.predict(X))
    with pytest.raises(ValueError, match="solver='lm' needs the same loss at every look"):
        make(solver="lm", **{option: 0.5}).fit(X, y)
    with pytest.raises(ValueError, match=f"'{option}' parameter"):
        make(**{option: 1.0}).fit(X, y)


@pytest.mark.parametrize("rates", [(0.0, 0.5), (0.5, 0.3)])
def test_dropout_is_a_cure_for_learning_by_heart(rates):
    """30 noisy sequences, 32 units: without a penalty or dropout, noise is learned."""
    options = {"solver": "adam", "alpha": 0, "max_iter": 300, "n_iter_no_change": 300}
    dropout = dict(zip(["dropout", "recurrent_dropout"], rates, strict=True))

    def error(seed, **more):
        rng = np.random.RandomState(seed)
        X, X_test = rng.normal(size=(30, 6, 4)), rng.normal(size=(500, 6, 4))
        y = X[:, -1, 0] + rng.normal(size=30)
        model = make(hidden_size=32, **options, **more).fit(X, y)
        return np.mean((model.predict(X_test) - X_test[:, -1, 0]) ** 2)

    with_it = np.mean([error(seed, **dropout) for seed in range(3)])
    assert with_it < 0.8 * np.mean([error(seed) for seed in range(3)])


def test_no_threads_at_all(data):
    with pytest.raises(ValueError, match="'n_jobs' parameter"):
        make(n_jobs=0).fit(*data)


def test_what_fails_in_one_thread_ends_the_other(data, monkeypatch):
    X, _ = data
    model = make(n_jobs=2).fit(*data)
    seen = []

    def predict(network, theta, x, *_):
        seen.append(1)
        raise KeyboardInterrupt

    monkeypatch.setattr("skrnn._estimators.prediction._LARGE", 1)
    monkeypatch.setattr("skrnn._estimators.prediction._CHUNK_SEQUENCES", 1)
    monkeypatch.setattr("skrnn._engine.network.Network.predict", predict)
    with pytest.raises(KeyboardInterrupt):
        model.predict(np.tile(X, (50, 1, 1)))
    assert len(seen) <= 2


@pytest.mark.parametrize("n_jobs", [1, 2, -1])
@pytest.mark.parametrize("rule", ["_LARGE_STEP", "_HUGE_STEP"])
def test_threads_do_not_change_the_bits(rng, n_jobs, rule, monkeypatch):
    monkeypatch.setattr(f"skrnn._engine.parallel.{rule}", 1)
    X, y = rng.normal(size=(40, 8, 2)), rng.normal(size=40)
    options = {"solver": "adam", "hidden_size": (6, 5), "dropout": 0.2, "bidirectional": True}
    expected = make("gru", **options).fit(X, y)
    model = make("gru", n_jobs=n_jobs, **options).fit(X, y)
    assert_array_equal(model.parameters_, expected.parameters_)


@pytest.mark.parametrize("options", [{}, {"cell": "jordan"}, {"bidirectional": True}], ids=str)
@pytest.mark.parametrize("kind", ["last", "per step"])
def test_prediction_in_chunks_and_threads(rng, kind, options, monkeypatch):
    """Chunks and threads don't change what is predicted, ragged masks included."""
    options = {"cell": "lstm", **options}
    X = rng.normal(size=(50, 8, 2))
    X[7, 3:] = X[20] = np.nan
    y = rng.normal(size=50 if kind == "last" else (50, 8, 1))
    expected = make(**options).fit(X, y).predict(X)
    monkeypatch.setattr("skrnn._estimators.prediction._CHUNK_SEQUENCES", 7)
    monkeypatch.setattr(
        "skrnn._estimators.prediction._CHUNK_NUMBERS", 7 * 3 * 40
    )  # 3 steps at a time
    monkeypatch.setattr("skrnn._estimators.prediction._LARGE", 1)
    one, two = (make(n_jobs=n_jobs, **options).fit(X, y).predict(X) for n_jobs in (1, 2))
    assert_allclose(one, expected, rtol=1e-10, atol=1e-12)
    assert_array_equal(one, two)


def test_warm_start_needs_the_same_cell(data):
    X, y = data
    y = np.tile(y, 2)[:, :H]  # as many outputs as units: Jordan's weights then look like Elman's
    model = make("elman", warm_start=True).fit(X, y)
    before = model.predict(X)
    with pytest.raises(ValueError, match="keep the cell, the very class"):
        model.set_params(cell="jordan").fit(X, y)
    assert_array_equal(model.predict(X), before)


def test_a_learned_initial_state_tells_short_sequences_from_nothing(rng):
    """Sequences of one step whose target is a constant offset in the state."""
    X = rng.normal(size=(200, 1, 1))
    y = np.tanh(X[:, 0, 0] + 1.5)
    options = {"hidden_size": 1, "alpha": 0, "tol": 1e-6}
    model = make(learn_initial_state=True, max_iter=100, **options).fit(X, y)
    assert_allclose(model.predict(X), y, atol=1e-6)
    assert model.get_weights()["layer0.initial_state"].any()


@pytest.mark.parametrize("cell", [name for name, cell in CELLS.items() if not cell.reads_output])
def test_both_ways_see_what_one_way_can_not(rng, cell):
    """The target at each step is the next input: only the backward direction knows it."""
    X = rng.normal(size=(60, 8, 1))
    y = np.roll(X, -1, axis=1)
    y[:, -1] = 0
    options = {"solver": "adam", "alpha": 0, "max_iter": 150, "n_iter_no_change": 150}
    one, both = (
        make(cell, bidirectional=way, **options).fit(X[:40], y[:40]).score(X[40:], y[40:])
        for way in (False, True)
    )
    assert one < 0.2
    assert both > 0.8
