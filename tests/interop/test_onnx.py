"""Models of ONNX predict what the estimators predict that they were made of."""

import doctest
import re
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import RNNClassifier, RNNRegressor, Seq2SeqRegressor
from skrnn.cells import CELLS, GRUCell, JordanCell
from skrnn.interop import to_onnx
from tests.helpers.toy_cell import LeakyCell

for package in ("onnx", "onnxruntime"):
    pytest.importorskip(package, reason="the extra onnx isn't installed")
from tests.helpers.onnx_models import assert_same, run, shifted  # noqa: E402

N, T, D = 12, 6, 3
ACTIVATIONS = ["identity", "logistic", "relu", "tanh"]
per_steps = pytest.mark.parametrize("per_step", [False, True], ids=["last", "per_step"])


def sequences(rng, *, tokens=0):
    """Sequences (N, T, D) with gaps everywhere, one of them empty; or tokens (N, T)."""
    shape = (N, T) if tokens else (N, T, D)
    X = rng.randint(tokens, size=shape).astype(float) if tokens else rng.normal(size=shape)
    X[rng.uniform(size=(N, T)) < 0.2] = np.nan
    X[0], X[1, :3], X[2, 3:] = np.nan, np.nan, np.nan
    X[3:5] = np.nan_to_num(X[3:5])
    return X


def target(rng, kind, *, per_step):
    """A target of each sequence or step: values, counts or labels."""
    shape = (N, T) if per_step else (N,)
    if kind == "labels":
        return np.resize(np.array(["no", "yes", "perhaps"]), shape)
    y = rng.normal(size=(*shape, 2)) * 3 + 10
    return rng.poisson(3, size=(*shape, 2)) + 1.0 if kind == "counts" else y


def fitted(estimator, X, y, rng):
    return shifted(estimator.set_params(max_iter=1, random_state=0).fit(X, y), rng)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("cell", [*CELLS, JordanCell(decay=0.3)], ids=str)
@per_steps
def test_every_cell_and_activation(rng, cell, activation, per_step):
    X = sequences(rng)
    both = cell != "jordan" and not isinstance(cell, JordanCell)
    model = RNNRegressor((3, 2), cell=cell, activation=activation, bidirectional=both, alpha=1.0)
    fitted(model, X, target(rng, "values", per_step=per_step), rng)
    assert_same(to_onnx(model), model, X)


@pytest.mark.parametrize("seed", range(80))
def test_random_settings(seed):
    rng = np.random.RandomState(seed)

    def choose(*values):
        return values[rng.randint(len(values))]

    cell, per_step, kind = choose(*CELLS), choose(False, True), choose("values", "counts", "labels")
    jordan = cell == "jordan"
    parameters = {
        "hidden_size": choose(1, 4, (3, 2), (2, 3, 2)),
        "cell": JordanCell(decay=0.3) if jordan and choose(False, True) else cell,
        "activation": choose(*ACTIVATIONS),
        "bidirectional": not jordan and choose(False, True),
        "learn_initial_state": choose(False, True),
    }
    tokens, M = choose(0, 0, 7), choose(0, 0, 1, 2)
    X, covariates = sequences(rng, tokens=tokens), rng.normal(size=(N, M))
    if tokens:
        X, parameters["embedding_size"], parameters["n_tokens"] = X[..., np.newaxis], 2, tokens
    if choose(False, True):
        covariates[0] = np.nan  # of the empty sequence
        parameters["n_features_per_step"] = X.shape[2]
        X = np.concatenate([X.reshape(N, -1), covariates], axis=1)
    elif M:
        at_steps = np.where(np.isnan(X[..., :1]), np.nan, covariates[:, np.newaxis])
        X = np.concatenate([X, at_steps], axis=2)
    if M:  # one comes first, and others last
        n = X.shape[-1]
        X, parameters["static_features"] = np.roll(X, 1, axis=-1), [-m % n for m in range(M)]
    X = X.astype(choose(np.float32, np.float64))
    if kind == "labels":
        estimator = RNNClassifier(**parameters)
    else:
        parameters |= {"loss": choose("squared_error", "huber", "absolute_error")}
        if kind == "counts":
            parameters["loss"] = "poisson"
        elif not tokens and not jordan:
            parameters["linear_part"] = choose(False, True)
        parameters |= {"normalize_y": choose(False, True), "alpha": choose(1.0, "auto")}
        estimator = RNNRegressor(**parameters, ensemble=choose(False, True), n_init=2)
    model = fitted(estimator, X, target(rng, kind, per_step=per_step), rng)
    assert_same(to_onnx(model), model, X)


@pytest.mark.parametrize("linear_part", [False, True])
@per_steps
def test_the_default_regressor(rng, linear_part, per_step):
    X = sequences(rng)
    model = RNNRegressor(3, linear_part=linear_part)
    fitted(model, X, target(rng, "values", per_step=per_step), rng)
    assert ("linear.input" in model.get_weights()) == linear_part
    assert_same(to_onnx(model), model, X)


@pytest.mark.parametrize("ensemble", [False, True])
def test_a_linear_part_alone_runs_no_network(rng, ensemble):
    X = rng.normal(size=(50, T, D))
    model = RNNRegressor(3, cell="gru", ensemble=ensemble, n_init=2, random_state=0)
    model.fit(X, X[:, -1].sum(axis=1))
    assert model.selected_ == "linear"
    X[2, 3], X[3, :2], X[4] = np.nan, np.nan, np.nan
    assert_same(to_onnx(model), model, X)
    assert "GRU" not in {node.op_type for node in to_onnx(model).graph.node}
    shifted(model, rng)
    assert_same(to_onnx(model), model, X)
    assert "GRU" in {node.op_type for node in to_onnx(model).graph.node}


@pytest.mark.parametrize("quantile", [0.3, [0.2, 0.5, 0.9]])
@per_steps
def test_quantiles_are_sorted(rng, quantile, per_step):
    X = sequences(rng)
    y = target(rng, "values", per_step=per_step)[..., :1]
    model = RNNRegressor(3, loss="quantile", quantile=quantile, alpha=1.0)
    fitted(model, X, y, rng)
    y = run(to_onnx(model), X)["variable"]
    assert (np.diff(y) >= 0).all()
    assert_same(to_onnx(model), model, X)


@pytest.mark.parametrize(
    "labels",
    [["no", "yes"], ["a", "b", "c"], ["é", "", "日本"], [3, 5, 9], [False, True], [1.0, 2.0, 3.0]],
    ids=str,
)
@pytest.mark.parametrize("as_objects", [False, True])
@per_steps
def test_labels(rng, labels, as_objects, per_step):
    X, labels = sequences(rng), np.array(labels)
    if as_objects and labels.dtype.kind == "U":
        labels = labels.astype(object)
    y = np.resize(labels, (N, T) if per_step else N)
    model = fitted(RNNClassifier(3), X, y, rng)
    assert_same(to_onnx(model), model, X)
    assert set(run(to_onnx(model), X)["label"].ravel()) <= set(labels)


def test_several_labels_at_each_step(rng):
    X = sequences(rng)
    model = fitted(RNNClassifier(3), X, rng.randint(2, size=(N, T, 4)), rng)
    assert_same(to_onnx(model), model, X)
    found = run(to_onnx(model), X)
    assert_array_equal(found["label"], found["probabilities"] > 0.5)


@pytest.mark.parametrize("kind", ["steps", "rows of tokens"])
@per_steps
def test_any_number_of_samples_and_steps(rng, kind, per_step):
    X = sequences(rng, tokens=0 if kind == "steps" else 5)
    model = RNNRegressor(3, bidirectional=True, alpha=1.0)
    if kind != "steps":
        model.set_params(embedding_size=2)
    fitted(model, X, target(rng, "values", per_step=per_step), rng)
    onnx_model = to_onnx(model)
    for some in (X[:1], X[3:4, :1], X[4:, 2:4], np.concatenate([X, X[::-1]], axis=1)):
        assert_same(onnx_model, model, some)


def test_a_list_of_sequences_is_padded(rng):
    sequences = [rng.normal(size=(n, D)) for n in (4, 1, 7)]
    model = fitted(RNNRegressor(3, alpha=1.0), sequences, [1.0, 2.0, 3.0], rng)
    padded = np.full((3, 7, D), np.nan)
    for row, x in zip(padded, sequences, strict=True):
        row[: len(x)] = x
    y = run(to_onnx(model), padded)["variable"]
    np.testing.assert_allclose(y, model.predict(sequences), rtol=1e-5)


def test_what_is_no_token_fails(rng):
    X = sequences(rng, tokens=5)
    model = RNNClassifier(3, embedding_size=2, n_tokens=5)
    onnx_model = to_onnx(fitted(model, X, target(rng, "labels", per_step=False), rng))
    for bad in (-1, 5, 1.5):
        with pytest.raises(Exception, match="out of data bounds"):
            run(onnx_model, np.where(np.arange(T) == 2, bad, X))


def test_a_step_that_is_nan_in_part_gives_nan(rng):
    X = rng.normal(size=(N, T, D))
    model = fitted(RNNRegressor(3, alpha=1.0), X, X[:, -1, 0], rng)
    X[2, 3, 1] = np.nan
    assert_array_equal(np.isnan(run(to_onnx(model), X)["variable"]), np.arange(N) == 2)


class OwnGRU(GRUCell):
    """A cell that inherits may have other equations."""


@pytest.mark.parametrize("cell", [LeakyCell(), OwnGRU()], ids=str)
def test_cells_of_ones_own_are_refused(rng, cell):
    X = rng.normal(size=(N, T, D))
    model = fitted(RNNRegressor(3, cell=cell, alpha=1.0), X, X[:, -1, 0], rng)
    name = type(cell).__name__
    with pytest.raises(
        ValueError, match=rf"cell={name}\(.*{name}: fit with one of the cells .*'lstm'"
    ):
        to_onnx(model)


def test_what_is_no_fitted_estimator(rng):
    X = rng.normal(size=(N, T, D))
    with pytest.raises(NotFittedError):
        to_onnx(RNNRegressor())
    model = Seq2SeqRegressor(3, max_iter=1, random_state=0).fit(X, X[:, :2])
    with pytest.raises(TypeError, match="A Seq2SeqRegressor can't be converted to ONNX, as its"):
        to_onnx(model)
    for other in (
        make_pipeline(StandardScaler(), RNNRegressor()),
        GridSearchCV(RNNRegressor(), {}),
        RNNRegressor,
        None,
    ):
        with pytest.raises(TypeError, match=r"estimator is a .* Of a search, pass best_estimator_"):
            to_onnx(other)


def test_numbers_and_labels_that_onnx_does_not_hold(rng):
    X = rng.normal(size=(N, T, D))
    for y, name in [(1e60 * X[:, -1, 0], "y_mean_"), (1e-60 * X[:, -1, 0], "y_scale_")]:
        model = RNNRegressor(3, max_iter=1, alpha=1.0, random_state=0).fit(X, y)
        with pytest.raises(ValueError, match=f"{name} has values from .*: scale X and y before"):
            to_onnx(model)
    days = np.resize(np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[D]"), N)
    model = RNNClassifier(3, max_iter=1, random_state=0).fit(X, days)
    with pytest.raises(ValueError, match="can't be converted to ONNX: fit with labels that are"):
        to_onnx(model)


def test_without_the_extra(rng, monkeypatch):
    X = rng.normal(size=(N, T, D))
    model = fitted(RNNRegressor(3, alpha=1.0), X, X[:, -1, 0], rng)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"needs onnx: .*pip install 'skrnn\[onnx\]'"):
        to_onnx(model)


def test_the_example_runs():
    code = re.sub(r" +# doctest: \+SKIP", "", to_onnx.__doc__)
    example = doctest.DocTestParser().get_doctest(code, {}, "to_onnx", None, 0)
    assert doctest.DocTestRunner().run(example).failed == 0
