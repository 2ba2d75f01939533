"""Cells, layers, directions, initial states and dropout as parameters."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skrnn.cells import CELLS, Cell, JordanCell, LSTMCell
from tests.helpers.fits import single_steps, small
from tests.helpers.toy_cell import LeakyCell

pytestmark = pytest.mark.core

N, T, D, K, H = 12, 5, 2, 3, 4


@pytest.fixture
def data(rng):
    return rng.normal(size=(N, T, D)), rng.normal(size=(N, K))


@pytest.mark.parametrize("cell", [LSTMCell, LSTMCell(), "lstm"], ids=["class", "instance", "name"])
def test_cell_by_name_class_or_instance(data, cell):
    X, _ = data
    expected = small("lstm").fit(*data).predict(X)
    assert_array_equal(clone(small(cell)).fit(*data).predict(X), expected)


def test_options_of_a_cell(data):
    X, _ = data
    plain, kept = (small(JordanCell(decay)).fit(*data) for decay in (0, 0.9))
    assert_array_equal(small("jordan").fit(*data).predict(X), plain.predict(X))
    assert not np.allclose(plain.predict(X), kept.predict(X))
    assert "JordanCell(decay=0.9)" in repr(kept)


def test_options_in_a_grid(data):
    X, y = data
    grid = GridSearchCV(small(JordanCell()), {"cell__decay": [0.0, 0.5]}, cv=2).fit(X, y)
    expected = [
        GridSearchCV(small(JordanCell(decay)), {}, cv=2).fit(X, y).best_score_ for decay in (0, 0.5)
    ]
    assert_array_equal(grid.cv_results_["mean_test_score"], expected)
    assert repr(small(LSTMCell()).get_params()["cell"]) == "LSTMCell()"
    with pytest.raises(ValueError, match=r"Invalid parameter 'decai' for cell JordanCell\(decay"):
        small(JordanCell()).set_params(cell__decai=1)
    model = small(JordanCell(0.5))
    with pytest.raises(ValueError, match="decay must be from 0 to 1"):
        model.set_params(cell__decay=2)
    assert model.cell.decay == 0.5


def test_a_grid_over_cells(data):
    X, y = data
    cells = [*CELLS, JordanCell(decay=0.5), LeakyCell, LeakyCell(leak=0.2)]
    grid = GridSearchCV(small(), {"cell": cells}, cv=2).fit(X, y)
    assert len(grid.cv_results_["params"]) == len(cells)
    assert np.isfinite(grid.cv_results_["mean_test_score"]).all()


def test_the_fitted_cell_is_not_the_one_that_was_passed(data):
    X, _ = data
    cell = LeakyCell(leak=0.5)
    model = small(cell).fit(*data)
    before = model.predict(X)
    cell.leak = 0.9
    assert_array_equal(model.predict(X), before)


ALLOWED = r"must be one of \['elman', .*'lstm', .*\], or a subclass of skrnn.cells.Cell"


@pytest.mark.parametrize("cell", ["rnn", "LSTM", 3, None])
def test_unknown_cells(data, cell):
    with pytest.raises(ValueError, match=f"The 'cell' parameter of RNNRegressor {ALLOWED}"):
        small(cell).fit(*data)


@pytest.mark.parametrize("cell", [int, Cell], ids=str)
def test_classes_that_are_no_cells(data, cell):
    with pytest.raises(TypeError, match=f"cell {ALLOWED}"):
        small(cell).fit(*data)


@pytest.mark.parametrize(
    "hidden_size", [(), (3, 0), [2, -1], (2.5,), "32", np.array(3), (True,), {2, 3}]
)
def test_bad_hidden_sizes(data, hidden_size):
    with pytest.raises(ValueError, match="hidden_size"):
        small(hidden_size=hidden_size).fit(*data)


@pytest.mark.parametrize("hidden_size", [[3, 2], (3, 2), np.array([3, 2])], ids=str)
def test_layers_as_list_tuple_or_array(data, hidden_size):
    X, _ = data
    expected = small(hidden_size=(3, 2)).fit(*data).predict(X)
    assert_array_equal(small(hidden_size=hidden_size).fit(*data).predict(X), expected)


@pytest.mark.parametrize("option", ["dropout", "recurrent_dropout"])
def test_dropout_is_random_in_training_only(data, option):
    X, y = data
    plain = small(solver="adam", max_iter=5).fit(X, y)
    one, same, other = (
        small(solver="adam", max_iter=5, random_state=seed, **{option: 0.5}).fit(X, y)
        for seed in (0, 0, 1)
    )
    assert one.solver_ == small(**{option: 0.5}).fit(X, y).solver_ == "adam"
    assert_array_equal(one.predict(X), same.predict(X))
    assert_array_equal(one.predict(X), one.predict(X))
    assert not np.allclose(one.predict(X), plain.predict(X))
    assert not np.allclose(one.predict(X), other.predict(X))
    with pytest.raises(ValueError, match="solver='lm' needs the same loss in every epoch"):
        small(solver="lm", **{option: 0.5}).fit(X, y)
    with pytest.raises(ValueError, match=f"'{option}' parameter"):
        small(**{option: 1.0}).fit(X, y)


@pytest.mark.parametrize("rates", [(0.0, 0.5), (0.5, 0.3)])
def test_dropout_prevents_overfitting(rates):
    """30 noisy sequences, 32 units: without a penalty or dropout, noise is learned."""
    options = {"solver": "adam", "alpha": 0, "max_iter": 300, "n_iter_no_change": 300}
    dropout = dict(zip(["dropout", "recurrent_dropout"], rates, strict=True))

    def error(seed, **more):
        rng = np.random.RandomState(seed)
        X, X_test = rng.normal(size=(30, 6, 4)), rng.normal(size=(500, 6, 4))
        y = X[:, -1, 0] + rng.normal(size=30)
        model = small(hidden_size=32, **options, **more).fit(X, y)
        return np.mean((model.predict(X_test) - X_test[:, -1, 0]) ** 2)

    with_it = np.mean([error(seed, **dropout) for seed in range(3)])
    assert with_it < 0.8 * np.mean([error(seed) for seed in range(3)])


def test_warm_start_needs_the_same_cell(data):
    X, y = data
    y = np.tile(y, 2)[:, :H]  # as many outputs as units: Jordan's weights then look like Elman's
    model = small("elman", warm_start=True).fit(X, y)
    before = model.predict(X)
    with pytest.raises(ValueError, match="keep the class of the cell"):
        model.set_params(cell="jordan").fit(X, y)
    assert_array_equal(model.predict(X), before)


@single_steps
def test_a_learned_initial_state_tells_short_sequences_from_nothing(rng):
    """Sequences of one step whose target is a constant offset in the state."""
    X = rng.normal(size=(200, 1, 1))
    y = np.tanh(X[:, 0, 0] + 1.5)
    options = {"hidden_size": 1, "alpha": 0, "tol": 1e-6}
    model = small(learn_initial_state=True, max_iter=100, **options).fit(X, y)
    assert_allclose(model.predict(X), y, atol=1e-6)
    assert model.get_weights()["layer0.initial_state"].any()


@pytest.mark.parametrize("cell", [name for name, cell in CELLS.items() if not cell.output_feedback])
def test_both_ways_see_what_one_way_can_not(rng, cell):
    """The target at each step is the next input: only the backward direction knows it."""
    X = rng.normal(size=(60, 8, 1))
    y = np.roll(X, -1, axis=1)
    y[:, -1] = 0
    options = {"solver": "adam", "alpha": 0, "max_iter": 150, "n_iter_no_change": 150}
    one, both = (
        small(cell, bidirectional=way, **options).fit(X[:40], y[:40]).score(X[40:], y[40:])
        for way in (False, True)
    )
    assert one < 0.2
    assert both > 0.8
