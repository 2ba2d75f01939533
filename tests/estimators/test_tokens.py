"""Inputs that are tokens: `embedding_size` and `n_tokens` of both estimators."""

import copy
import pickle
import tracemalloc
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import check_estimator

from skrnn import (
    RNNClassifier,
    RNNRegressor,
    Seq2SeqClassifier,
    Seq2SeqRegressor,
    SequencePadder,
    TokenEncoder,
)
from skrnn.cells import CELLS
from skrnn.interop import from_weights
from tests.helpers.data import OUTPUTS, as_objects, outputs_of, target_for
from tests.helpers.fits import nothing_to_learn, unconverged

pytestmark = [pytest.mark.core, unconverged, nothing_to_learn]

N, T, V = 30, 6, 7
SETTINGS = {
    "lm": {"solver": "lm"},
    "adam": {"solver": "adam"},
    "lbfgs": {"solver": "lbfgs"},
    **{cell: {"cell": cell} for cell in CELLS if cell != "elman"},
    "both ways": {"hidden_size": (3, 2), "bidirectional": True},
    "stacked": {"hidden_size": (3, 2), "cell": "gru", "learn_initial_state": True},
    "truncated": {"bptt_steps": 2, "solver": "adam"},
    "dropout": {"dropout": 0.2, "recurrent_dropout": 0.2, "solver": "adam"},
    "restarts": {"n_init": 3, "ensemble": True, "solver": "adam"},
    "auto": {"alpha": "auto"},
}
BASE = {"hidden_size": 3, "cell": "elman", "alpha": 1.0, "max_iter": 4, "random_state": 0}
each_model = pytest.mark.parametrize("kind_of_model", [RNNRegressor, RNNClassifier])
each_setting = pytest.mark.parametrize(
    "model",
    [
        pytest.param(own(embedding_size=2, **BASE | settings), id=f"{own.__name__} {name}")
        for own in (RNNRegressor, RNNClassifier)
        for name, settings in SETTINGS.items()
    ],
)
every_kind = pytest.mark.parametrize("kind", OUTPUTS)


@pytest.fixture
def X(rng):
    X = rng.randint(V, size=(N, T))
    X[:V, 0] = np.arange(V)
    return X


# --- scikit-learn's checks ---

FRACTIONS = "feeds fractions, whatever the tags say"
FAILURES = {"check_sample_weight_equivalence_on_dense_data": FRACTIONS}
OF_CLASSIFIERS = {
    "check_classifiers_one_label_sample_weights": FRACTIONS,
    "check_class_weight_classifiers": FRACTIONS,
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")  # array API not enabled
@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (RNNRegressor(embedding_size=4), FAILURES),
        (RNNClassifier(8, embedding_size=4, max_iter=100), FAILURES | OF_CLASSIFIERS),
    ],
    ids=["regressor", "classifier"],
)
def test_check_estimator(model, expected):
    results = check_estimator(model, expected_failed_checks=expected, on_skip=None, on_fail=None)
    status = {own["check_name"]: own["status"] for own in results}
    assert not [name for name, own in status.items() if own == "failed"]
    assert {name for name, own in status.items() if own == "xfail"} == set(expected)


@each_model
def test_tags(kind_of_model):
    for size in (None, 3):
        tags = kind_of_model(embedding_size=size).__sklearn_tags__()
        assert tags.input_tags.categorical == tags.input_tags.positive_only == (size is not None)
        assert tags.target_tags.required == (size is None or kind_of_model is RNNRegressor)


# --- what X may be ---


@each_setting
@every_kind
def test_forms_of_the_same_tokens(model, rng, X, kind):
    y = target_for(model, rng, kind, N, T)
    expected = clone(model).fit(X, y)
    assert expected.n_tokens_ == V
    prediction = outputs_of(expected, X)
    assert np.isfinite(prediction).all()
    for own in (X.astype(float), X[..., np.newaxis], pd.DataFrame(X)):
        found = clone(model).fit(own, y)
        assert_array_equal(found.parameters_, expected.parameters_)
        assert_array_equal(outputs_of(found, own), prediction)
    listed = list(y) if kind == "per step" else y
    found = clone(model).fit(list(X), listed)
    assert_array_equal(found.parameters_, expected.parameters_)
    assert isinstance(found.predict(list(X)), list) == (kind == "per step")
    assert_array_equal(np.array(outputs_of(found, list(X))), prediction)


@each_setting
@every_kind
def test_ragged_equals_one_by_one(model, rng, X, kind):
    lengths = rng.randint(1, T + 1, size=N)
    lengths[:V] = T
    sequences = [x[:n] for x, n in zip(X, lengths, strict=True)]
    y = target_for(model, rng, kind, N, T)
    if kind == "per step":
        y = [own[:n] for own, n in zip(y, lengths, strict=True)]
    model = clone(model).fit(sequences, y)
    prediction = outputs_of(model, sequences)
    padded = np.full((N, T), np.nan)
    for row, x in zip(padded, sequences, strict=True):
        row[: len(x)] = x
    of_array, of_objects = outputs_of(model, padded), outputs_of(model, as_objects(sequences))
    for i, x in enumerate(sequences):
        alone = outputs_of(model, x[np.newaxis])[0]
        assert_allclose(prediction[i], alone, rtol=1e-10, atol=1e-12)
        own = of_array[i, : len(x)] if kind == "per step" else of_array[i]
        assert_array_equal(own, prediction[i])
        assert_array_equal(of_objects[i], prediction[i])
    for shape in ((4, 2), (4, 9)):  # any number of steps
        assert len(outputs_of(model, rng.randint(V, size=shape))) == 4


@each_model
def test_lists_of_lists_and_empty_sequences(kind_of_model, rng):
    model = kind_of_model(embedding_size=2, **BASE)
    X = [[1, 2, 0], [], [0, 1]]
    y = target_for(model, rng, "one", 3)
    model.fit(X, y)
    mixed = [np.array([1.0, 2, 0]), np.array([]), [0, 1]]
    assert_array_equal(outputs_of(model, mixed), outputs_of(model, X))
    alone = [outputs_of(model, [x])[0] for x in (mixed[0], mixed[2])]
    assert_allclose(outputs_of(model, X)[[0, 2]], alone, rtol=1e-12)
    table = [[1, 2], [0, 1]]  # of nested lists, as NumPy has it
    assert_array_equal(outputs_of(model, table), outputs_of(model, np.array(table)))


@each_model
def test_a_full_table_keeps_its_columns(kind_of_model, rng, X):
    model = kind_of_model(embedding_size=2, **BASE)
    model.fit(X, target_for(model, rng, "one", N, T))
    assert model.n_features_in_ == T
    with pytest.raises(ValueError, match=r"X has 5 features, .* expecting 6 .*list of 1-D arrays"):
        model.predict(X[:, 1:])
    expected = outputs_of(model, list(X[:, 1:]))
    assert_array_equal(outputs_of(model, X[:, 1:, np.newaxis]), expected)
    padded = np.hstack([X[:, 1:], np.full((N, 4), np.nan)])
    assert_array_equal(outputs_of(model, padded), expected)


@each_setting
@every_kind
def test_equals_a_network_of_one_hot_inputs(model, rng, X, kind):
    """Whose input weights are W_x W_e^T; with bit for bit the same formulas otherwise."""
    if model.alpha == "auto" or model.ensemble:
        model = clone(model).set_params(alpha=1.0, ensemble=False)
    model = clone(model).fit(X, target_for(model, rng, kind, N, T))
    weights = model.get_weights()
    embedding = weights.pop("embedding")
    assert embedding.shape == (V, 2)
    for name in weights:
        if name.startswith("layer0") and name.endswith("input"):
            weights[name] = weights[name] @ embedding.T
    per_step, classes = kind == "per step", getattr(model, "classes_", None)
    plain = clone(model).set_params(embedding_size=None)
    other = from_weights(weights, plain, classes=classes, per_step=per_step)
    expected = outputs_of(other, np.eye(V)[X])
    if not is_classifier(model):
        expected = expected * model.y_scale_ + model.y_mean_
    assert_allclose(np.reshape(outputs_of(model, X), -1), expected.ravel(), rtol=1e-12, atol=1e-12)
    again = from_weights(model.get_weights(), clone(model), classes=classes, per_step=per_step)
    assert again.n_tokens_ == V
    assert_allclose(outputs_of(again, X).ravel(), outputs_of(other, np.eye(V)[X]).ravel())


@each_model
@pytest.mark.parametrize("rows", [False, True])
def test_static_covariates_beside_tokens(kind_of_model, rng, X, rows):
    static = 1000 + 50 * rng.normal(size=(N, 1))
    model = kind_of_model(embedding_size=2, static_features=[0], **BASE)
    y = target_for(model, rng, "one", N, T)
    steps = np.broadcast_to(static[:, np.newaxis], (N, T, 1))
    with pytest.warns(UserWarning, match="X has values as large as 1.[01]"):  # the covariate's
        fitted = clone(model).fit(np.concatenate([steps, X[..., np.newaxis]], axis=2), y)
    assert fitted.n_tokens_ == V
    table = np.hstack([static, X])
    with pytest.warns(UserWarning, match="X has values as large as"):
        of_table = clone(model).fit(table, y)
    assert_array_equal(of_table.parameters_, fitted.parameters_)
    model.set_params(alpha="auto")
    if kind_of_model is RNNClassifier:
        return
    scaled = model.fit(table, y)  # inside, so that no warning is due
    weights = scaled.get_weights()
    assert_allclose(weights["static.mean"], static.mean(axis=0))
    assert_allclose(weights["static.scale"], static.std(axis=0))
    assert "inputs.mean" not in weights
    again = scaled.predict(table)
    names = {"static_features": [0]}
    sequences = np.concatenate([steps, X[..., np.newaxis]], axis=2)
    other = from_weights(weights, clone(scaled).set_params(**names))
    expected = other.predict(sequences) * scaled.y_scale_ + scaled.y_mean_
    assert_allclose(again, expected, rtol=1e-10)
    y_first, state = scaled.step([static[0, 0], X[0, 0]])
    whole, final = scaled.predict(table[:1], return_state=True)
    for token in X[0, 1:]:
        y_first, state = scaled.step([static[0, 0], token], state)
    assert_allclose(y_first, whole[0], rtol=1e-10)
    assert_allclose(state, final[0], rtol=1e-10)


# --- how it is trained and kept ---


@each_model
def test_restarts_as_a_batch_equal_each_alone(kind_of_model, rng, X, monkeypatch):
    model = kind_of_model(embedding_size=2, **BASE | {"solver": "adam", "n_init": 3})
    y = target_for(model, rng, "per step", N, T)
    expected = clone(model).fit(X, y)
    monkeypatch.setattr("skrnn._estimators.restarts._BATCHED_WORK", 0)
    assert_allclose(clone(model).fit(X, y).parameters_, expected.parameters_, rtol=1e-8)


@each_setting
def test_step_equals_predict(model, rng, X):
    model = clone(model).fit(X, target_for(model, rng, "per step", N, T))
    step = model.step_proba if is_classifier(model) else model.step
    if model.bidirectional:
        with pytest.raises(ValueError, match="bidirectional network doesn't support step"):
            step(int(X[0, 0]))
        return
    whole, final = outputs_of(model, X), model.predict(X, return_state=True)[1]
    one = many = None
    for t in range(T):
        p, one = step(int(X[0, t]), one)
        assert_allclose(p, whole[0, t], rtol=1e-10, atol=1e-13)
        p, many = step(X[:, t, np.newaxis], many)
        assert_allclose(p, whole[:, t], rtol=1e-10, atol=1e-13)
    assert_allclose(many, final, rtol=1e-10, atol=1e-13)
    assert_allclose(one, final[0], rtol=1e-10, atol=1e-13)
    again, same = step([np.nan], one)
    assert_array_equal(same, one)
    assert_allclose(again, whole[0, -1], rtol=1e-10)


@each_model
def test_fits_go_on(kind_of_model, rng, X):
    """The tokens of the first call are known in the next ones."""
    model = kind_of_model(embedding_size=2, **BASE | {"solver": "adam", "warm_start": True})
    y = target_for(model, rng, "one", N, T)
    fresh = clone(model).set_params(max_iter=8).fit(X, y)
    model.fit(X, y).fit(X, y)
    assert_allclose(model.parameters_, fresh.parameters_, rtol=1e-10)
    few = np.minimum(X, 2)
    assert model.fit(few, y).n_tokens_ == V
    options = {"classes": np.unique(y)} if is_classifier(model) else {}
    online = clone(model).partial_fit(X, y, **options)
    assert online.partial_fit(few, y).n_tokens_ == V
    with pytest.raises(
        ValueError, match=f"X has 7 at sample 0, step 0, .*n_tokens_={V}.*n_tokens=8"
    ):
        online.partial_fit(X + 7 * (X == X[0, 0]) - X * (X == X[0, 0]), y)
    assert clone(model).fit(few, y).n_tokens_ == 3
    assert clone(model).set_params(n_tokens=50).fit(few, y).n_tokens_ == 50
    assert not hasattr(
        model.set_params(embedding_size=None, warm_start=False).fit(X, y), "n_tokens_"
    )


@each_model
def test_copies_weights_and_precision(kind_of_model, rng, X):
    model = kind_of_model(embedding_size=2, **BASE)
    y = target_for(model, rng, "one", N, T)
    model.fit(X, y)
    expected = outputs_of(model, X)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert_array_equal(outputs_of(other, X), expected)
        assert other.n_tokens_ == V
    weights = model.get_weights()
    swapped = weights | {"embedding": weights["embedding"][::-1]}
    assert_allclose(
        outputs_of(model.set_params(hidden_size=9).set_weights(swapped), V - 1 - X), expected
    )
    with pytest.raises(
        ValueError, match=r"weights\['embedding'\] has shape \(6, 2\), not \(7, 2\)"
    ):
        model.set_weights(weights | {"embedding": weights["embedding"][1:]})
    single = kind_of_model(embedding_size=2, **BASE).fit(X.astype("f4"), y)
    assert outputs_of(single, X).dtype == single.parameters_.dtype == np.float32


@each_model
def test_tokens_have_no_scale(kind_of_model, rng):
    """Neither a warning of large values, which would be an error here, nor a scale inside."""
    X = rng.randint(1000, size=(N, T))
    model = kind_of_model(embedding_size=2, **BASE | {"alpha": "auto", "max_iter": 2})
    model.fit(X, target_for(model, rng, "one", N, T))
    assert set(model.get_weights()) & {"inputs.mean", "linear.bias"} == set()
    assert getattr(model, "selected_", "network") == "network"


def test_solver_counts_the_embedding(X, rng):
    y = rng.normal(size=N)
    small, large = (RNNRegressor(4, embedding_size=E, random_state=0).fit(X, y) for E in (2, 80))
    assert (small.solver_, large.solver_) == ("lm", "adam")
    assert small.parameters_.size <= 500 < large.parameters_.size


def test_an_embedding_learns_what_one_number_cannot_say(rng):
    """The target is a sum over tokens whose values have no order."""
    worth = rng.permutation(12) / 4
    X = rng.randint(12, size=(400, 8))
    y = worth[X].sum(axis=1)
    model = RNNRegressor(embedding_size=2, random_state=0).fit(X[:300], y[:300])
    plain = RNNRegressor(random_state=0).fit(X[:300], y[:300])
    assert model.score(X[300:], y[300:]) > 0.98 > plain.score(X[300:], y[300:]) + 0.3


def test_labels_of_many_classes_need_no_memory_for_all_outputs(rng):
    K, n = 400, 500
    X, y = rng.randint(K, size=(n, 40)), rng.randint(K, size=(n, 40))
    y.flat[:K] = np.arange(K)
    options = {"alpha": 1.0, "solver": "adam", "max_iter": 1, "batch_size": 50}
    model = RNNClassifier(4, embedding_size=2, random_state=0, **options).fit(X, y)
    outputs = n * 40 * K * 8
    for predict in (model.predict, lambda X: model.score(X, y)):
        tracemalloc.start()
        predict(X)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < outputs / 2
    assert_array_equal(model.predict(X[:9]), model.predict_proba(X[:9]).argmax(axis=2))


# --- what is refused ---


@each_model
@pytest.mark.parametrize(
    ("value", "text", "text_of_step"),
    [
        (
            -1,
            "Negative values in data: X has -1 at sample 4, step 2, but tokens are whole",
            "Negative values in data: x has -1, but tokens are whole",
        ),
        (
            1.5,
            "X has 1.5 at sample 4, step 2, but with embedding_size.*TokenEncoder",
            "x has 1.5, but with embedding_size.*TokenEncoder",
        ),
        (
            2**24,
            "X has 16777216 at sample 4, step 2, which is too large.*n_tokens=",
            f"x has 16777216, but the fit had n_tokens_={V}.*n_tokens=16777217",
        ),
        (np.inf, "contains infinity", "x has inf, but"),
    ],
)
def test_values_that_are_no_tokens(kind_of_model, rng, X, value, text, text_of_step):
    model = kind_of_model(embedding_size=2, **BASE)
    y = target_for(model, rng, "one", N, T)
    bad = X.astype(float)
    bad[4, 2] = value
    for form in (bad, bad[..., np.newaxis], list(bad)):
        with pytest.raises(ValueError, match=text):
            clone(model).fit(form, y)
    model.fit(X, y)
    expected = model.parameters_
    with pytest.raises(ValueError, match="sample 4, step 2"):
        model.predict(bad)
    with pytest.raises(ValueError, match=text_of_step):
        model.step([value])
    assert model.parameters_ is expected


@each_model
def test_tokens_that_the_fit_did_not_know(kind_of_model, rng, X):
    model = kind_of_model(embedding_size=2, **BASE)
    y = target_for(model, rng, "one", N, T)
    with pytest.raises(ValueError, match=r"but n_tokens=5: tokens are 0 to 4\. Set n_tokens="):
        clone(model).set_params(n_tokens=5).fit(X, y)
    model.fit(X, y)
    new = X.copy()
    new[1, 3] = 9
    text = f"X has 9 at sample 1, step 3, but the fit had n_tokens_={V}.*n_tokens=10.*TokenEncoder"
    with pytest.raises(ValueError, match=text):
        model.predict(new)
    with pytest.raises(ValueError, match="x has 9 at sequence 2"):
        model.step([[1], [2], [9]])
    with pytest.raises(ValueError, match="x has 9, but"):
        model.step(9)


@each_model
def test_several_values_a_step(kind_of_model, rng, X):
    model = kind_of_model(embedding_size=2, **BASE)
    y = target_for(model, rng, "one", N, T)
    text = (
        r"embedding_size=2 reads one token at each step, but a step of X has 7 .*argmax\(axis=2\)"
    )
    with pytest.raises(ValueError, match=text):
        clone(model).fit(np.eye(V)[X], y)
    with pytest.raises(ValueError, match="has 2 values"):
        clone(model).set_params(n_features_per_step=2).fit(X, y)
    model.fit(X[..., np.newaxis], y)
    with pytest.raises(ValueError, match="one token at each step"):
        model.predict(np.eye(V)[X])


@each_model
def test_parameters_that_do_not_fit_together(kind_of_model, rng, X):
    y = target_for(kind_of_model(), rng, "one", N, T)
    with pytest.raises(ValueError, match="n_tokens=7 needs embedding_size"):
        kind_of_model(n_tokens=7, **BASE).fit(X, y)
    if kind_of_model is RNNRegressor:
        with pytest.raises(ValueError, match="linear_part=True can't be combined with embedding"):
            RNNRegressor(embedding_size=2, linear_part=np.True_).fit(X, y)


@each_model
@pytest.mark.parametrize("X", [["a b", "c"], [["a", "b"], ["c"]], np.array([["a", "b"]] * 2)])
def test_text_needs_an_encoder(kind_of_model, X):
    with pytest.raises(ValueError, match="TokenEncoder"):
        kind_of_model(embedding_size=2).fit(X, [0, 1])


# --- tokens that are read as numbers ---

WORDS = ["a b c", "b", "c a", "d d a b"] * 3
OF_WORDS = {"max_iter": 2, "random_state": 0}


@pytest.mark.parametrize(
    "model",
    [own(4) for own in (RNNRegressor, RNNClassifier, Seq2SeqRegressor, Seq2SeqClassifier)],
    ids=lambda model: type(model).__name__,
)
def test_ids_of_tokens_that_are_read_as_magnitudes(model):
    ids, y = TokenEncoder().fit_transform(WORDS), np.arange(len(WORDS)) % 2
    model.set_params(**OF_WORDS)
    for X, target in [(ids, y), (ids[:8], y[:8]), (SequencePadder(length=5).fit_transform(ids), y)]:
        with pytest.warns(UserWarning, match="order means nothing: set embedding_size"):
            clone(model).fit(X, target)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        clone(model).set_params(embedding_size=2).fit(ids, y)
        model.fit(np.asarray(ids), y)  # whole numbers may be magnitudes


def test_many_ids_of_tokens_need_no_scaler():
    ids = TokenEncoder().fit_transform([[str(i) for i in range(200)]] * 8)
    with pytest.warns(UserWarning, match="set embedding_size") as caught:
        RNNClassifier(4, **OF_WORDS).fit(ids, np.arange(8) % 2)
    assert not any("SequenceScaler" in str(own.message) for own in caught)
