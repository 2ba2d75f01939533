"""Outputs, states and gradients equal PyTorch's, and what it trained can be taken over."""

import itertools
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone

from skrnn import RNNClassifier, RNNRegressor
from skrnn._engine.cross_entropy import BinaryCrossEntropy, CrossEntropy
from skrnn._engine.masking import time_first
from skrnn._engine.network import Network
from skrnn.interop import from_torch
from tests.helpers.networks import data_set, jacobian_of

torch = pytest.importorskip("torch", reason="PyTorch is what these tests compare with")
from torch import nn  # noqa: E402
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence  # noqa: E402

from tests.helpers.torch_networks import (  # noqa: E402
    TOLERANCE,
    gradient_of,
    named_layers,
    named_linear,
    randomized,
    recurrent_layers,
    take_one,
)

D, H, K, T = 3, 4, 2, 7
LENGTHS = [T, 2, 5, 1, 6]

KINDS = ["tanh", "relu", "lstm", "gru"]
NETS = list(itertools.product(KINDS, [1, 2, 3], [False, True]))
nets = pytest.mark.parametrize(("kind", "n_layers", "both"), NETS)
per_steps = pytest.mark.parametrize("per_step", [False, True], ids=["last", "per_step"])


def make_modules(kind, n_layers=1, both=False, *, K=K, dtype=torch.float64, **options):
    """Recurrent layers and a readout."""
    recurrent = recurrent_layers(kind, D, H, n_layers, both, **options)
    readout = nn.Linear(H * (1 + both), K)
    randomized(nn.ModuleList([recurrent, readout]), dtype)
    return recurrent, readout


def make_sequences(rng, lengths=LENGTHS, dtype=np.float64):
    return [rng.normal(size=(n, D)).astype(dtype) for n in lengths]


def padded(sequences, fill=np.nan):
    out = np.full((len(sequences), max(map(len, sequences)), sequences[0].shape[1]), fill)
    for row, x in zip(out, sequences, strict=True):
        row[: len(x)] = x
    return out


def run(recurrent, readout, sequences, per_step):
    """PyTorch on packed sequences: outputs (N, T, K), or (N, K) of the last step, and states."""
    x = torch.tensor(padded(sequences, fill=0.0), dtype=readout.weight.dtype)
    lengths = [len(s) for s in sequences]
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    output, final = recurrent(packed)
    output, _ = pad_packed_sequence(output, batch_first=True)
    final = final if isinstance(final, tuple) else (final,)
    if per_step:
        return readout(output), final
    h_n = final[0]
    last = torch.cat([h_n[-2], h_n[-1]], dim=1) if recurrent.bidirectional else h_n[-1]
    return readout(last), final


def named_gradients(recurrent, readout):
    """PyTorch's gradients under our names."""
    layers = named_layers(recurrent, gradient_of, take_one)
    return layers | named_linear("readout", readout, gradient_of)


def loss_and_gradients(recurrent, readout, sequences, targets, per_step):
    """Half the mean squared error over what has a target, and its gradient."""
    y, _ = run(recurrent, readout, sequences, per_step)
    if per_step:
        pairs = zip(y, targets, strict=True)
        loss = sum(((own[: len(t)] - torch.tensor(t)) ** 2).sum() for own, t in pairs)
        loss = loss / (2 * sum(t.size for t in targets))
    else:
        loss = ((y - torch.tensor(targets)) ** 2).mean() / 2
    recurrent.zero_grad()
    readout.zero_grad()
    loss.backward()
    return loss.item(), named_gradients(recurrent, readout)


def make_targets(rng, sequences, per_step):
    if per_step:
        return [rng.normal(size=(len(x), K)) for x in sequences]
    return rng.normal(size=(len(sequences), K))


def own_batch(sequences, targets, per_step):
    y = padded(targets) if per_step else targets[:, None]
    data = data_set(padded(sequences), y, None, per_step=per_step)
    return data.batch(np.arange(len(sequences)))


# --- the engine ---


@per_steps
@nets
def test_outputs_and_final_states(kind, n_layers, both, per_step, rng):
    modules = make_modules(kind, n_layers, both)
    sequences = make_sequences(rng)
    expected, final = run(*modules, sequences, per_step)
    model = from_torch(*modules, per_step=per_step)
    network = Network(model._topology)
    X = padded(sequences)
    x, missing = time_first(X, ~np.isnan(X[..., 0]))
    done = network.forward(model.parameters_, x, missing=missing)
    y = done.outputs.transpose(2, 0, 1)
    if per_step:
        for own, theirs, n in zip(y, expected.detach().numpy(), LENGTHS, strict=True):
            assert_allclose(own[:n], theirs[:n], **TOLERANCE)
    else:
        assert_allclose(y[:, 0], expected.detach().numpy(), **TOLERANCE)
    # h_n, and c_n of LSTM: for each layer and direction (B, H), ours is (H, B)
    own = done.final_state().reshape(n_layers * (1 + both), len(final), H, -1)
    for k, theirs in enumerate(final):
        states = own[:, k].swapaxes(1, 2)
        assert_allclose(states, theirs.detach().numpy(), **TOLERANCE)


@per_steps
@nets
def test_gradients(kind, n_layers, both, per_step, rng):
    modules = make_modules(kind, n_layers, both)
    sequences = make_sequences(rng)
    targets = make_targets(rng, sequences, per_step)
    loss, expected = loss_and_gradients(*modules, sequences, targets, per_step)
    model = from_torch(*modules, per_step=per_step)
    network, gradient = Network(model._topology), np.empty_like(model.parameters_)
    batch = own_batch(sequences, targets, per_step)
    own_loss, _ = network.loss_grad(model.parameters_, batch, gradient)
    assert_allclose(own_loss, loss, **TOLERANCE)
    own = network.named_weights(gradient)
    assert set(own) == set(expected)
    for name in own:
        assert np.abs(expected[name]).max() > 1e-6  # else nothing is compared
        assert_allclose(own[name], expected[name], **TOLERANCE, err_msg=name)


@nets
def test_jacobian(kind, n_layers, both, rng):
    """The derivative of each output by each weight, which "lm" trains with."""
    recurrent, readout = make_modules(kind, n_layers, both)
    sequences = make_sequences(rng, [T, 3])
    model = from_torch(recurrent, readout)
    network = Network(model._topology)
    batch = own_batch(sequences, np.zeros((2, K)), False)
    _, jacobian = jacobian_of(network, model.parameters_, batch, slice(None))
    y, _ = run(recurrent, readout, sequences, False)
    for k, i in itertools.product(range(K), range(2)):
        recurrent.zero_grad()
        readout.zero_grad()
        y[i, k].backward(retain_graph=True)
        own = network.named_weights(jacobian.reshape(K, 2, -1)[k, i].copy())
        for name, expected in named_gradients(recurrent, readout).items():
            assert_allclose(own[name], expected, **TOLERANCE, err_msg=name)


@pytest.mark.parametrize("where", ["front", "end", "inside"])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_skipped_steps_are_not_there(kind, both, where, rng):
    """Wherever NaN steps are, outputs and gradients are those of the steps that are left."""
    modules = make_modules(kind, 2, both)
    sequences = make_sequences(rng)
    targets = make_targets(rng, sequences, True)
    X = np.full((len(LENGTHS), T, D), np.nan)
    y = np.full((len(LENGTHS), T, K), np.nan)
    steps = []
    for i, n in enumerate(LENGTHS):
        places = {"front": np.arange(T - n, T), "end": np.arange(n)}
        steps.append(places.get(where, np.sort(rng.permutation(T)[:n])))
        X[i, steps[i]], y[i, steps[i]] = sequences[i], targets[i]
    model = from_torch(*modules, per_step=True)
    expected, _ = run(*modules, sequences, True)
    for i, own in enumerate(model.predict(X)):
        theirs = expected[i, : LENGTHS[i]].detach().numpy()
        assert_allclose(own[steps[i]], theirs, **TOLERANCE)
    _, gradients = loss_and_gradients(*modules, sequences, targets, True)
    batch = data_set(X, y, None, per_step=True).batch(np.arange(len(X)))
    network, gradient = Network(model._topology), np.empty_like(model.parameters_)
    network.loss_grad(model.parameters_, batch, gradient)
    for name, own in network.named_weights(gradient).items():
        assert_allclose(own, gradients[name], **TOLERANCE, err_msg=name)


@pytest.mark.parametrize("kind", KINDS)
def test_descent_along_their_gradient(kind, rng):
    """Our predictions' loss falls along PyTorch's gradient, as fast as the gradient says."""
    modules = make_modules(kind, 2)
    sequences = make_sequences(rng)
    targets = make_targets(rng, sequences, False)
    loss, gradients = loss_and_gradients(*modules, sequences, targets, False)
    model = from_torch(*modules)
    weights, eps = model.get_weights(), 1e-6

    def loss_after(step):
        model.set_weights({name: w + step * gradients[name] for name, w in weights.items()})
        return ((model.predict(sequences) - targets) ** 2).mean() / 2

    assert loss_after(-eps) < loss_after(0) < loss_after(eps)
    assert_allclose(loss_after(0), loss, rtol=1e-12)
    slope = (loss_after(eps) - loss_after(-eps)) / (2 * eps)
    assert_allclose(slope, sum((g**2).sum() for g in gradients.values()), rtol=1e-6)


# --- the estimator ---


@per_steps
@nets
def test_predictions_on_ragged_sequences(kind, n_layers, both, per_step, rng):
    modules = make_modules(kind, n_layers, both)
    sequences = make_sequences(rng)
    predictions = from_torch(*modules, per_step=per_step).predict(sequences)
    for own, x in zip(predictions, sequences, strict=True):
        expected, _ = run(*modules, [x], per_step)
        assert_allclose(own, expected[0].detach().numpy(), **TOLERANCE)


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_output_of_a_bidirectional_net_is_another_one(kind, rng):
    """What from_torch's documentation warns of."""
    recurrent, readout = make_modules(kind, 1, True)
    x = make_sequences(rng, [T])
    own = from_torch(recurrent, readout).predict(x)[0]
    output, _ = recurrent(torch.tensor(np.stack(x)))
    assert np.abs(own - readout(output[:, -1]).detach().numpy()[0]).max() > 1e-3


@pytest.mark.parametrize("n_layers", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_step_by_step(kind, n_layers, rng):
    modules = make_modules(kind, n_layers)
    (x,) = make_sequences(rng, [T])
    expected = run(*modules, [x], True)[0][0].detach().numpy()
    for per_step in (False, True):
        model, state = from_torch(*modules, per_step=per_step), None
        for t in range(T):
            y, state = model.step(x[t], state)
            assert_allclose(y, expected[t], **TOLERANCE)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("both", [False, True])
def test_without_biases(kind, both, rng):
    recurrent, _ = make_modules(kind, 2, both, bias=False)
    readout = nn.Linear(H * (1 + both), K, bias=False).double()
    sequences = make_sequences(rng)
    expected, _ = run(recurrent, readout, sequences, False)
    model = from_torch(recurrent, readout)
    assert_allclose(model.predict(sequences), expected.detach().numpy(), **TOLERANCE)
    assert not any(w.any() for name, w in model.get_weights().items() if name.endswith("bias"))


@pytest.mark.parametrize("kind", KINDS)
def test_float32(kind, rng):
    modules = make_modules(kind, 2, dtype=torch.float32)
    sequences = make_sequences(rng, dtype=np.float32)
    model = from_torch(*modules)
    predictions = model.predict(sequences)
    assert predictions.dtype == model.parameters_.dtype == np.float32
    expected, _ = run(*modules, sequences, False)
    assert_allclose(predictions, expected.detach().numpy(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_weight_matters(kind, rng):
    """So that no comparison above passes with a weight that isn't used."""
    model = from_torch(*make_modules(kind, 2, True))
    X, weights = make_sequences(rng, [T]), model.get_weights()
    before = model.predict(X)
    for name, w in weights.items():
        for gate in np.split(np.arange(len(w)), 2 if name.startswith("readout") else len(w) // H):
            changed = w.copy()
            changed[gate] *= -1
            after = model.set_weights({**weights, name: changed}).predict(X)
            assert np.abs(after - before).max() > 1e-6, (name, gate)


@per_steps
@pytest.mark.parametrize("K", [1, 3])
def test_it_is_a_fitted_estimator(K, per_step, rng):
    model = from_torch(*make_modules("gru", 2, K=K), per_step=per_step)
    X = make_sequences(rng)
    y = model.predict(X)
    if per_step:
        assert [own.shape for own in y] == [(n, K) for n in LENGTHS]
    else:
        assert y.shape == ((len(X),) if K == 1 else (len(X), K))
    assert model.score(X, y) == 1
    assert (model.n_features_in_, model.n_outputs_, model.n_iter_) == (D, K, 0)
    copy = pickle.loads(pickle.dumps(model))
    for own, other in zip(copy.predict(X), y, strict=True):
        assert np.array_equal(own, other)
    with pytest.raises(ValueError, match="X has 4 features, but RNNRegressor is expecting 3"):
        model.predict(np.zeros((1, 2, 4)))
    assert not hasattr(clone(model), "parameters_")
    clone(model).set_params(max_iter=1).fit(X, y)


@per_steps
def test_training_goes_on_from_the_weights(per_step, rng):
    model = from_torch(*make_modules("lstm", K=1), per_step=per_step)
    X = make_sequences(rng)
    y = model.predict(X)
    before = model.get_weights()
    # nothing is left to learn; a second epoch would be scaled up from rounding, as Adam's steps are
    options = {"warm_start": True, "alpha": 0, "max_iter": 1, "random_state": 0}
    model.set_params(**options).fit(X, y)
    assert model.loss_ < 1e-20
    for name, w in model.get_weights().items():
        assert_allclose(w, before[name], atol=1e-6)


OPTIMIZERS = {
    "adam": (torch.optim.Adam, {}, {}),
    "rmsprop": (torch.optim.RMSprop, {}, {"alpha": 0.9}),
    "sgd": (torch.optim.SGD, {"nesterovs_momentum": False}, {"momentum": 0.9}),
    "sgd, Nesterov": (torch.optim.SGD, {}, {"momentum": 0.9, "nesterov": True}),
    "sgd, no momentum": (torch.optim.SGD, {"momentum": 0.0}, {}),
}
LOSSES = {
    "squared_error": lambda f, y: nn.functional.mse_loss(f, y) / 2,
    "absolute_error": nn.functional.l1_loss,
    "huber": lambda f, y: nn.functional.huber_loss(f, y, delta=0.4),
    "poisson": nn.functional.poisson_nll_loss,
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_ends_up_at_the_same_weights(optimizer, loss, rng):
    """Ten updates from the same start, by their optimizer and their loss."""
    recurrent, readout = make_modules("tanh", K=1)
    recurrent.bias_hh_l0.requires_grad_(False)  # where they have two biases, we have their sum
    kind, ours, theirs = OPTIMIZERS[optimizer]
    model = from_torch(recurrent, readout).set_params(
        solver=optimizer.split(",")[0], loss=loss, huber_delta=0.4, learning_rate_init=0.01,
        alpha=0, clip_norm=None, max_iter=10, warm_start=True, **ours,
    )  # fmt: skip
    X, y = rng.normal(size=(20, T, D)), rng.poisson(2, size=20).astype(float)
    model.fit(X, y)
    parameters = [*recurrent.parameters(), *readout.parameters()]
    steps = kind(parameters, lr=0.01, **theirs)
    for _ in range(10):
        steps.zero_grad()
        output = readout(recurrent(torch.from_numpy(X))[0][:, -1])[:, 0]
        LOSSES[loss](output, torch.from_numpy(y)).backward()
        steps.step()
    expected = from_torch(recurrent, readout).get_weights()
    for name, w in model.get_weights().items():
        assert_allclose(w, expected[name], rtol=1e-8, atol=1e-10, err_msg=name)


def test_parameters():
    lstm, _ = make_modules("lstm", 3, True, dropout=0.25)
    model = from_torch(lstm, nn.Linear(2 * H, 1).double())
    assert model.get_params() == {
        **RNNRegressor().get_params(),
        "hidden_size": (H, H, H),
        "cell": "lstm",
        "bidirectional": True,
        "dropout": 0.25,
        "normalize_y": False,
    }
    model = from_torch(*make_modules("relu"))
    assert (model.hidden_size, model.activation) == (H, "relu")


def test_the_module_is_left_alone(rng):
    recurrent, readout = make_modules("gru")
    model = from_torch(recurrent, readout)
    with torch.no_grad():
        recurrent.weight_hh_l0.zero_()
    assert model.get_weights()["layer0.candidate.recurrent"].all()
    before = readout.weight.detach().clone()
    model.parameters_[:] = 0
    assert torch.equal(readout.weight, before)


# --- classes ---


def cross_entropy(logits, y, class_weight, weight):
    """PyTorch's mean, over labels that aren't -100, by weights of classes and of samples."""
    if logits.shape[-1] == 1:
        loss = nn.functional.binary_cross_entropy_with_logits(
            logits[..., 0], y.double(), reduction="none"
        )
        weight = weight * class_weight[y.clamp(min=0)] * (y >= 0)
        return (loss * weight).sum() / weight.sum()
    flat = {"weight": class_weight, "ignore_index": -100, "reduction": "none"}
    loss = nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.reshape(-1), **flat)
    total = (weight * class_weight[y.clamp(min=0)] * (y >= 0)).sum()
    return (loss.reshape(y.shape) * weight).sum() / total


@per_steps
@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_cross_entropy_with_weights_and_masks(kind, both, n_classes, per_step, rng):
    n_outputs = 1 if n_classes == 2 else n_classes
    recurrent, readout = make_modules(kind, 2, both, K=n_outputs)
    sequences = make_sequences(rng)
    labels = rng.randint(n_classes, size=(len(sequences), T if per_step else 1))
    if per_step:
        for i, n in enumerate(LENGTHS):
            labels[i, n:] = -100
        labels[0, 2] = -100  # a step that is there, without a label
    class_weight = rng.uniform(0.5, 2, size=n_classes)
    weight = rng.uniform(0.5, 2, size=labels.shape)
    logits, _ = run(recurrent, readout, sequences, per_step)
    logits = logits if per_step else logits[:, None]
    theirs = cross_entropy(
        logits, torch.tensor(labels), torch.tensor(class_weight), torch.tensor(weight)
    )
    recurrent.zero_grad()
    readout.zero_grad()
    theirs.backward()
    expected = named_gradients(recurrent, readout)

    model = from_torch(recurrent, readout, per_step=per_step)
    network = Network(model._topology, BinaryCrossEntropy() if n_classes == 2 else CrossEntropy())
    y = np.where(labels < 0, np.nan, labels)[..., None]
    own_weight = weight * class_weight[np.maximum(labels, 0)]
    data = data_set(padded(sequences), y, own_weight, per_step=per_step)
    gradient = np.empty_like(model.parameters_)
    loss, _ = network.loss_grad(model.parameters_, data.batch(np.arange(len(labels))), gradient)
    assert_allclose(loss, theirs.item(), **TOLERANCE)
    for name, own in network.named_weights(gradient).items():
        assert_allclose(own, expected[name], **TOLERANCE, err_msg=name)


@per_steps
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_classifier_ends_up_at_the_same_weights(n_classes, per_step, rng):
    """Ten updates by their Adam on ragged sequences, with class_weight and sample_weight."""
    names = np.array(["a", "b", "c"])[:n_classes]
    sequences = make_sequences(rng, [T, 2, 5, 1, 6, 3, 4, T, 2])
    labels = [rng.randint(n_classes, size=len(x)) for x in sequences]
    class_weight, weight = dict(zip(names, [0.5, 2.0, 1.5], strict=False)), rng.uniform(1, 2, 9)
    labels[0][:3] = np.arange(3) % n_classes
    settings = {"solver": "adam", "alpha": 0, "clip_norm": None, "class_weight": class_weight}
    y = [names[own] for own in labels] if per_step else names[[own[0] for own in labels]]
    y = y if per_step else np.where(np.arange(9) < n_classes, names[np.arange(9) % n_classes], y)
    model = RNNClassifier(H, cell="elman", max_iter=10, random_state=0, **settings)
    model.fit(sequences, y, sample_weight=weight)

    recurrent, readout = make_modules("tanh", K=1 if n_classes == 2 else n_classes)
    recurrent.bias_hh_l0.requires_grad_(False)
    start = RNNClassifier(
        H, cell="elman", max_iter=1, random_state=0, learning_rate_init=1e-300, **settings
    )
    weights = start.fit(sequences, y).get_weights()
    with torch.no_grad():
        recurrent.bias_hh_l0.zero_()
        for parameter, name in [
            (recurrent.weight_ih_l0, "layer0.input"),
            (recurrent.weight_hh_l0, "layer0.recurrent"),
            (recurrent.bias_ih_l0, "layer0.bias"),
            (readout.weight, "readout.input"),
            (readout.bias, "readout.bias"),
        ]:
            parameter.copy_(torch.tensor(weights[name]))
    targets = np.full((9, T), -100)
    for row, own in zip(targets, y, strict=True):
        codes = np.searchsorted(names, own)
        row[: codes.size] = codes
    targets = torch.tensor(targets if per_step else targets[:, :1])
    adam = torch.optim.Adam([*recurrent.parameters(), *readout.parameters()], lr=0.01)
    for _ in range(10):
        adam.zero_grad()
        logits, _ = run(recurrent, readout, sequences, per_step)
        logits = logits if per_step else logits[:, None]
        by_class = torch.tensor([class_weight[name] for name in names], dtype=torch.float64)
        cross_entropy(logits, targets, by_class, torch.tensor(weight)[:, None]).backward()
        adam.step()
    expected = from_torch(recurrent, readout).get_weights()
    for name, w in model.get_weights().items():
        assert_allclose(w, expected[name], rtol=1e-8, atol=1e-10, err_msg=name)


# --- what can't be converted ---


class OwnLSTM(nn.LSTM):
    pass


@pytest.mark.parametrize(
    ("module", "text"),
    [
        (nn.RNNCell(D, H), r"recurrent is a torch\.nn\.modules\.rnn\.RNNCell: only torch\.nn\.RNN"),
        (nn.LSTMCell(D, H), r"rnn\.LSTMCell: only torch\.nn\.RNN, nn\.LSTM and nn\.GRU"),
        (nn.Sequential(nn.LSTM(D, H)), r"container\.Sequential: .* Pass the parts of a larger"),
        (OwnLSTM(D, H), r"test_parity_torch\.OwnLSTM: only"),
        (None, r"recurrent is a builtins\.NoneType"),
    ],
)
def test_other_classes_of_layers(module, text):
    with pytest.raises(TypeError, match=text):
        from_torch(module, nn.Linear(H, 1))


@pytest.mark.parametrize(
    "module", [nn.Identity(), nn.Sequential(nn.Linear(H, 1)), nn.LazyLinear(1)]
)
def test_other_classes_of_readouts(module):
    name = type(module).__name__
    with pytest.raises(TypeError, match=rf"readout is a .*\.{name}: only nn\.Linear"):
        from_torch(nn.GRU(D, H), module)


def test_projections():
    with pytest.raises(ValueError, match="recurrent has proj_size=2: only 0 can be converted"):
        from_torch(nn.LSTM(D, H, proj_size=2), nn.Linear(2, 1))


@pytest.mark.parametrize("both", [False, True])
def test_readouts_of_another_size(both):
    text = rf"in_features=9, but recurrent has {H * (1 + both)} outputs \(bidirectional={both}\)"
    with pytest.raises(ValueError, match=text):
        from_torch(nn.GRU(D, H, bidirectional=both), nn.Linear(9, 1))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision(dtype):
    modules = make_modules("lstm", dtype=getattr(torch, dtype))
    with pytest.raises(ValueError, match=f"dtypes are recurrent {dtype}, readout {dtype}: turn"):
        from_torch(*modules)


def test_mixed_dtypes():
    recurrent, readout = make_modules("lstm")
    with pytest.raises(ValueError, match=r"are recurrent float64, readout float32: turn the whole"):
        from_torch(recurrent, readout.float())
    recurrent.weight_hh_l0.data = recurrent.weight_hh_l0.data.float()
    with pytest.raises(ValueError, match="recurrent float64, recurrent float32, readout float64"):
        from_torch(recurrent, readout.double())


def test_weights_that_are_not_finite():
    recurrent, readout = make_modules("lstm")
    with torch.no_grad():
        recurrent.weight_hh_l0[0, 0] = float("nan")
    with pytest.raises(ValueError, match=r"weights\['layer0.recurrent'\] contains NaN"):
        from_torch(recurrent, readout)
