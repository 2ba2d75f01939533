"""Models of Keras, whichever its backend, can be taken over: their outputs are ours."""

import functools
import importlib.util
import os
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skrnn.interop import from_keras

if importlib.util.find_spec("torch"):  # else whichever backend Keras is configured for
    os.environ.setdefault("KERAS_BACKEND", "torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # backends' own, of the libraries that they import
    keras = pytest.importorskip("keras", reason="Keras is what these tests compare with")
from keras import layers

# of Keras on PyTorch, whose variables NumPy 2 turns into arrays by an outdated protocol
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

D, K, T = 3, 2, 7
LENGTHS = [T, 2, 5, 1, 6]
TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}

KINDS = {
    "tanh": functools.partial(layers.SimpleRNN, activation="tanh"),
    "relu": functools.partial(layers.SimpleRNN, activation="relu"),
    "sigmoid": functools.partial(layers.SimpleRNN, activation="sigmoid"),
    "linear": functools.partial(layers.SimpleRNN, activation="linear"),
    "lstm": layers.LSTM,
    "lstm_sigmoid": functools.partial(layers.LSTM, activation="sigmoid"),
    "gru": layers.GRU,
    "gru_relu": functools.partial(layers.GRU, activation="relu"),
    "gru_reset_before": functools.partial(layers.GRU, reset_after=False),
}
kinds = pytest.mark.parametrize("kind", KINDS)
directions = pytest.mark.parametrize("both", [False, True], ids=["forward", "both"])
per_steps = pytest.mark.parametrize("per_step", [False, True], ids=["last", "per_step"])


def make_layers(kind, sizes=(4, 5), both=False, per_step=False, **options):
    made = []
    for i, H in enumerate(sizes):
        last = i == len(sizes) - 1
        layer = KINDS[kind](H, return_sequences=per_step or not last, **options)
        made.append(layers.Bidirectional(layer) if both else layer)
    return made


def randomized(model):
    """The model with weights, biases as well, large enough for gates to matter."""
    rng = np.random.RandomState(1)
    model.set_weights([rng.uniform(-0.7, 0.7, size=w.shape) for w in model.get_weights()])
    return model


def make_model(*args, **options):
    chain = [keras.Input((None, D)), *make_layers(*args, **options), layers.Dense(K)]
    return randomized(keras.Sequential(chain))


def run(model, X):
    """Outputs of the model, with a mask where X is NaN."""
    mask = ~np.isnan(X[..., 0])
    y = keras.ops.convert_to_tensor(np.nan_to_num(X).astype(np.float32))
    mask = None if mask.all() else keras.ops.convert_to_tensor(mask)
    for layer in model.layers:
        y = layer(y) if isinstance(layer, layers.Dense) else layer(y, mask=mask)
    return keras.ops.convert_to_numpy(y)


def make_sequences(rng, where="none"):
    """X (N, T, D), of which most sequences lack steps."""
    X = rng.normal(size=(len(LENGTHS), T, D)).astype(np.float32)
    for i, n in enumerate(LENGTHS):
        if where == "front":
            X[i, : T - n] = np.nan
        elif where == "end":
            X[i, n:] = np.nan
        elif where == "inside":
            X[i, rng.permutation(T)[n:]] = np.nan
    return X


# --- outputs ---


@per_steps
@directions
@pytest.mark.parametrize("sizes", [(4,), (4, 5), (5, 3, 4)], ids=len)
@kinds
def test_outputs(kind, sizes, both, per_step, rng):
    model = make_model(kind, sizes, both, per_step)
    X = make_sequences(rng)
    expected = keras.ops.convert_to_numpy(model(X))
    assert np.abs(expected).max() > 0.1
    own = from_keras(model)
    predictions = own.predict(X)
    assert predictions.dtype == own.parameters_.dtype == np.float32
    assert predictions.shape == expected.shape
    assert_allclose(predictions, expected, **TOLERANCE)
    assert own.hidden_size == (sizes if len(sizes) > 1 else sizes[0])
    assert own.bidirectional is both


@pytest.mark.parametrize("where", ["front", "end", "inside"])
@per_steps
@directions
@pytest.mark.parametrize("kind", ["tanh", "lstm", "gru", "gru_reset_before"])
def test_masks_are_steps_that_are_nan(kind, both, per_step, where, rng):
    model = make_model(kind, both=both, per_step=per_step)
    X = make_sequences(rng, where)
    own, expected = from_keras(model).predict(X), run(model, X)
    there = ~np.isnan(X[..., 0]) if per_step else slice(None)
    assert_allclose(own[there], expected[there], **TOLERANCE)
    if per_step and not both:  # the output of the step before is repeated
        assert_allclose(own, expected, **TOLERANCE)


@pytest.mark.parametrize("kind", ["tanh", "lstm", "gru", "gru_reset_before"])
def test_every_weight_matters(kind, rng):
    """So that no comparison above passes with a weight that isn't used."""
    H = 4
    model = make_model(kind, (H, H), both=True)
    X = make_sequences(rng)
    before, weights = from_keras(model).predict(X), model.get_weights()
    for i, w in enumerate(weights):
        for gate in np.split(np.arange(w.shape[-1]), max(1, w.shape[-1] // H)):
            changed = [a.copy() for a in weights]
            changed[i][..., gate] *= -1
            model.set_weights(changed)
            after = from_keras(model).predict(X)
            assert np.abs(after - before).max() > 1e-5, (i, gate)


@pytest.mark.parametrize("kind", ["tanh", "lstm", "gru", "gru_reset_before"])
def test_step_by_step(kind, rng):
    model = make_model(kind, per_step=True)
    X = make_sequences(rng)
    expected, own, state = keras.ops.convert_to_numpy(model(X)), from_keras(model), None
    for t in range(T):
        y, state = own.step(X[:, t], state)
        assert_allclose(y, expected[:, t], **TOLERANCE)


@directions
@pytest.mark.parametrize("kind", ["tanh", "lstm", "gru", "gru_reset_before"])
def test_without_biases(kind, both, rng):
    made = make_layers(kind, both=both, use_bias=False)
    model = keras.Sequential([keras.Input((None, D)), *made, layers.Dense(K, use_bias=False)])
    own, X = from_keras(randomized(model)), make_sequences(rng)
    assert_allclose(own.predict(X), keras.ops.convert_to_numpy(model(X)), **TOLERANCE)
    assert not any(w.any() for name, w in own.get_weights().items() if name.endswith("bias"))


has_float64 = pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="JAX has no float64 unless it is told at its start"
)


@pytest.fixture
def _float64():
    before = keras.config.dtype_policy(), keras.config.floatx()
    keras.config.set_dtype_policy("float64")
    keras.config.set_floatx("float64")  # of inputs
    yield
    keras.config.set_dtype_policy(before[0])
    keras.config.set_floatx(before[1])


@has_float64
@pytest.mark.usefixtures("_float64")
@pytest.mark.parametrize("kind", ["tanh", "lstm", "gru", "gru_reset_before"])
def test_float64(kind, rng):
    model, X = make_model(kind, both=True), rng.normal(size=(4, T, D))
    own = from_keras(model)
    assert own.parameters_.dtype == np.float64
    # on PyTorch, Keras' product of float64 matrices (3.15) is as exact as float32
    tolerance = 1e-6 if keras.backend.backend() == "torch" else 1e-10
    expected = keras.ops.convert_to_numpy(model(X))
    assert_allclose(own.predict(X), expected, rtol=tolerance, atol=tolerance)


def test_what_does_nothing_in_inference(rng):
    gru = functools.partial(layers.GRU, dropout=0.3, recurrent_dropout=0.2)
    chain = [
        keras.Input((None, D)),
        layers.SpatialDropout1D(0.2),
        layers.GaussianNoise(0.1),
        gru(4, return_sequences=True),
        layers.Dropout(0.5),
        gru(5),
        layers.GaussianDropout(0.1),
        layers.Dense(K),
    ]
    model, X = randomized(keras.Sequential(chain)), make_sequences(rng)
    own = from_keras(model)
    assert_allclose(own.predict(X), keras.ops.convert_to_numpy(model(X)), **TOLERANCE)
    assert own.dropout == own.recurrent_dropout == 0


def test_time_distributed(rng):
    made = make_layers("lstm", per_step=True)
    chain = [keras.Input((None, D)), *made, layers.TimeDistributed(layers.Dense(K))]
    model, X = randomized(keras.Sequential(chain)), make_sequences(rng)
    expected = keras.ops.convert_to_numpy(model(X))
    assert_allclose(from_keras(model).predict(X), expected, **TOLERANCE)


def functional(build):
    start = keras.Input((None, D))
    return keras.Model(start, build(start))


def test_functional_chain(rng):
    def build(y):
        for layer in [*make_layers("gru", both=True), layers.Dropout(0.5), layers.Dense(1)]:
            y = layer(y)
        return y

    model, X = randomized(functional(build)), make_sequences(rng)
    predictions = from_keras(model).predict(X)
    assert predictions.shape == (len(X),)
    assert_allclose(predictions, keras.ops.convert_to_numpy(model(X))[:, 0], **TOLERANCE)


def test_training_goes_on_from_the_weights(rng):
    own, X = from_keras(make_model("gru_reset_before")), make_sequences(rng)
    y, before = own.predict(X), own.get_weights()
    # nothing is left to learn; a second epoch would be scaled up from rounding, as Adam's steps are
    own.set_params(warm_start=True, alpha=0, max_iter=1, random_state=0).fit(X, y)
    assert own.loss_ < 1e-10
    for name, w in own.get_weights().items():
        assert_allclose(w, before[name], atol=1e-3)


# --- what can't be converted ---


def refused(*chain, error=ValueError, match):
    model = keras.Sequential([keras.Input((None, D)), *chain])
    with pytest.raises(error, match=match):
        from_keras(model)


@keras.saving.register_keras_serializable()
class OwnLSTM(layers.LSTM):
    pass


class OwnModel(keras.Model):
    pass


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (layers.Masking(), r"Masking 'masking.*set the steps that it masks to NaN in X"),
        (layers.BatchNormalization(), "BatchNormalization 'batch.*Only SimpleRNN, LSTM, GRU"),
        (layers.Dense(4), "Dense 'dense.*Merge several linear layers into one, at the end"),
        (layers.Conv1D(4, 2), "Conv1D 'conv1d.*, which can't be converted at this position"),
        (OwnLSTM(4, return_sequences=True), "OwnLSTM 'own_lstm.*, which can't be converted"),
        (layers.RNN(layers.LSTMCell(4), return_sequences=True), "RNN 'rnn.*can't be converted"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_layers(layer, text):
    refused(layer, layers.LSTM(4), layers.Dense(1), match=text)


def test_embedding():
    chain = [keras.Input((None,)), layers.Embedding(9, 4), layers.LSTM(4), layers.Dense(1)]
    with pytest.raises(ValueError, match=r"Embedding 'embedding.*pass the embedding vectors as X"):
        from_keras(keras.Sequential(chain))


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (layers.LSTM(4, go_backwards=True), "go_backwards=True: only False.*reverse the steps"),
        (layers.GRU(4, recurrent_activation="tanh"), "recurrent_activation='tanh': only 'sigmoid'"),
        (layers.GRU(4, activation="elu"), "activation='elu': only 'linear' or 'relu' or"),
        (layers.SimpleRNN(4, activation=np.tanh), r"activation='numpy\S*tanh': only"),
        (layers.SimpleRNN(4, activation=layers.ReLU()), "activation='ReLU': only"),
        (layers.Bidirectional(layers.GRU(4), merge_mode="sum"), "merge_mode='sum': only 'concat'"),
        (layers.Bidirectional(OwnLSTM(4)), "OwnLSTM '.*, which can't be converted"),
    ],
)
def test_settings_of_layers(layer, text):
    refused(layer, layers.Dense(1), match=text)


def test_stateful():
    chain = [keras.Input(batch_shape=(2, 5, D)), layers.LSTM(4, stateful=True), layers.Dense(1)]
    with pytest.raises(ValueError, match=r"stateful=True: only False .* between calls of `step`"):
        from_keras(keras.Sequential(chain))


def test_directions_of_different_kinds():
    other = layers.GRU(4, go_backwards=True, activation="relu")
    both = layers.Bidirectional(layers.GRU(4), backward_layer=other)
    refused(both, layers.Dense(1), match=r"GRU '\S+' and GRU '\S+' differ: both directions")


@pytest.mark.parametrize(
    "other",
    [
        layers.LSTM(4, return_sequences=True),
        layers.GRU(4, return_sequences=True, activation="relu"),
        layers.GRU(4, return_sequences=True, reset_after=False),
        layers.Bidirectional(layers.GRU(4, return_sequences=True)),
    ],
)
def test_mixed_layers(other):
    text = r"model mixes kinds of layers, \w+ '\S+' and GRU '\S+': all recurrent layers need"
    refused(other, layers.GRU(4), layers.Dense(1), match=text)


def test_readouts():
    refused(layers.GRU(4), layers.Dense(1, activation="relu"), match="activation='relu': only")
    refused(layers.GRU(4), layers.Dense(3), layers.Dense(1), match="Dense 'dense.*Merge several")
    refused(layers.GRU(4), match="a Dense layer, above a recurrent one")
    refused(layers.Dense(1), match="a Dense layer, above a recurrent one")
    refused(layers.GRU(4, return_sequences=True), layers.GRU(4), match="must end with a Dense")
    chain = layers.GRU(4, return_sequences=True), layers.TimeDistributed(layers.ReLU())
    refused(*chain, match="must end with a Dense layer")


@has_float64
def test_bidirectional_in_another_dtype():
    both = layers.Bidirectional(layers.GRU(4, dtype="float64"))  # it would cast X to float32
    text = r"dtypes are bidirectional\S* float32, forward\S* float64, .*turn the whole model into"
    refused(both, layers.Dense(1, dtype="float64"), match=text)


def test_half_precision():
    half = functools.partial(layers.LSTM, 4, dtype="float16")
    refused(half(), layers.Dense(1), match="The dtypes are lstm.* float16, dense.* float32: turn")
    mixed = layers.LSTM(4, dtype="mixed_float16")
    refused(mixed, layers.Dense(1), match=r"are lstm\S* float16, dense\S* float32: turn")


def test_quantized_weights():
    model = make_model("lstm")
    model.layers[-1].quantize("int8")
    with pytest.raises(ValueError, match=r"lstm\S* float32, .*dense\S* int8.*turn the whole"):
        from_keras(model)


@pytest.mark.parametrize("model", [None, layers.LSTM(4), OwnModel()], ids=str)
def test_other_classes_of_models(model):
    name = type(model).__name__
    with pytest.raises(TypeError, match=rf"model is a \S*{name}: only keras\.Sequential"):
        from_keras(model)


def test_models_that_are_not_built():
    model = keras.Sequential([layers.LSTM(4), layers.Dense(1)])
    with pytest.raises(ValueError, match=r"isn't built: begin it with keras\.Input"):
        from_keras(model)


@pytest.mark.parametrize(
    "build",
    [
        lambda x: layers.Dense(1)(layers.Add()([layers.GRU(4)(x), layers.GRU(4)(x)])),
        lambda x: [layers.Dense(1)(layers.GRU(4)(x)), layers.Dense(2)(layers.GRU(4)(x))],
        lambda x: layers.Dense(1)(layers.GRU(4, return_state=True)(x)[1]),
        lambda x: layers.Dense(1)(layers.GRU(D)(x, initial_state=x[:, 0])),
    ],
    ids=["branches", "outputs", "state", "initial_state"],
)
def test_models_that_are_no_chain(build):
    with pytest.raises(ValueError, match="isn't a plain chain"):
        from_keras(functional(build))


def test_a_layer_that_is_used_twice():
    def build(x):
        gru = layers.GRU(D, return_sequences=True)
        return layers.Dense(1)(gru(gru(x)))

    with pytest.raises(ValueError, match="isn't a plain chain"):
        from_keras(functional(build))
