"""Losses and gradients of embeddings and encoder-decoders equal PyTorch's."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skrnn._engine.batch import Batch
from skrnn._engine.cross_entropy import CrossEntropy
from skrnn._engine.dropout import Draws
from skrnn._engine.encoder_decoder import make_network as network_of
from skrnn._engine.encoder_decoder_topology import EncoderDecoderTopology
from skrnn._engine.losses import SquaredError
from skrnn.cells import CELLS
from tests.helpers.networks import data_set, make_network

torch = pytest.importorskip("torch", reason="PyTorch is what these tests compare with")
from torch.nn.functional import cross_entropy  # noqa: E402
from torch.nn.utils.rnn import pad_sequence  # noqa: E402

from tests.helpers.torch_networks import (  # noqa: E402
    TOLERANCE,
    EncoderDecoder,
    TokenNetwork,
    gradient_of,
    randomized,
    take_one,
    weight_of,
)

V, U, D, H, K = 6, 3, 3, 4, 2  # tokens, numbers of a vector, inputs, hidden units, outputs
LENGTHS, TARGET_LENGTHS = [7, 2, 5, 1, 6], [2, 5, 3, 4, 1]  # of sequences and their targets
T, S, B = max(LENGTHS), max(TARGET_LENGTHS), len(LENGTHS)

KINDS = {"tanh": "elman", "relu": "elman", "lstm": "lstm", "gru": "gru"}
every_kind = pytest.mark.parametrize("kind", KINDS)
stacks = pytest.mark.parametrize(
    ("n_layers", "both"), list(itertools.product([1, 2], [False, True]))
)
with_attention = pytest.mark.parametrize("attention", [False, True], ids=["plain", "attention"])


def activation_of(kind):
    return "relu" if kind == "relu" else "tanh"


def parameters_of(network, module):
    """Our parameters (P,) with PyTorch's weights."""
    theta = np.full(network.layout.size, np.nan)
    weights = module.named(weight_of)
    for name, view in network.named_weights(theta).items():
        view[...] = weights[name]
    return theta


def assert_same_derivatives(network, module, batch, loss):
    """Compare with PyTorch's loss, and its gradient by each weight."""
    loss.backward()
    expected = module.named(gradient_of, take_one)
    theta = parameters_of(network, module)
    gradient = np.empty_like(theta)
    own_loss, _ = network.loss_grad(theta, batch, gradient)
    assert_allclose(own_loss, loss.item(), **TOLERANCE)
    own = network.named_weights(gradient)
    assert set(own) == set(expected)
    for name in own:
        assert np.abs(expected[name]).max() > 1e-6, name  # else nothing is compared
        assert_allclose(own[name], expected[name], **TOLERANCE, err_msg=name)


# --- tokens ---


@stacks
@every_kind
def test_embedding_and_cross_entropy_at_each_step(kind, n_layers, both, rng):
    module = randomized(TokenNetwork(kind, V, U, H, V, n_layers, both))
    tokens = [torch.tensor(rng.randint(V, size=n)) for n in LENGTHS]
    labels = [torch.tensor(rng.randint(V, size=n)) for n in LENGTHS]
    scores = module(tokens)
    padded = pad_sequence(labels, batch_first=True, padding_value=-100)
    loss = cross_entropy(scores.reshape(-1, V), padded.reshape(-1), ignore_index=-100)

    network = make_network(
        KINDS[kind],
        (H,) * n_layers,
        loss=CrossEntropy(),
        D=1,
        K=V,
        per_step=True,
        activation=activation_of(kind),
        bidirectional=both,
        n_tokens=V,
        embedding_size=U,
    )
    X, y = (
        pad_sequence([own.double() for own in s], batch_first=True, padding_value=np.nan).numpy()[
            ..., np.newaxis
        ]
        for s in (tokens, labels)
    )
    batch = data_set(X, y, None, per_step=True).batch(np.arange(B))
    assert_same_derivatives(network, module, batch, loss)


# --- encoder and decoder ---


def make_pair(kind, n_layers, both, attention):
    """Our network and PyTorch's."""
    cell, loss = CELLS[KINDS[kind]](), SquaredError()
    topology = EncoderDecoderTopology(
        cell,
        D,
        (H,) * n_layers,
        K,
        False,
        np.dtype("f8"),
        activation=activation_of(kind),
        bidirectional=both,
        attention=attention,
        n_steps=S,
        n_fed_back=K,
        feedback=loss,
    )
    module = EncoderDecoder(kind, D, H, K, n_layers, both, attention)
    return network_of(topology, loss), randomized(module)


def make_ragged(rng):
    """A batch of ragged sequences with ragged targets, and the sequences for PyTorch."""
    sequences = [rng.normal(size=(n, D)) for n in LENGTHS]
    missing = np.arange(T)[:, np.newaxis] >= LENGTHS  # (T, B)
    x = np.zeros((T, D, B))
    for i, own in enumerate(sequences):
        x[: len(own), :, i] = own
    y = rng.normal(size=(S, K, B))
    weight = rng.uniform(0.5, 2, size=y.shape)
    weight *= (np.arange(S)[:, np.newaxis] < TARGET_LENGTHS)[:, np.newaxis]
    inputs = np.concatenate([np.zeros((1, K, B)), y[:-1]])
    batch = Batch(x, missing, y, weight, float(weight.sum()), inputs=inputs)
    return batch, [torch.tensor(own) for own in sequences]


def batch_first(a):
    """A tensor (N, S, K) of an array (S, K, B)."""
    return torch.tensor(a.transpose(2, 0, 1).copy())


def squared_error(outputs, batch):
    """PyTorch's half of the weighted mean."""
    squares = batch_first(batch.weight) * (outputs - batch_first(batch.y)) ** 2
    return squares.sum() / (2 * batch.total)


@with_attention
@stacks
@every_kind
def test_encoder_decoder(kind, n_layers, both, attention, rng):
    network, module = make_pair(kind, n_layers, both, attention)
    batch, sequences = make_ragged(rng)
    loss = squared_error(module(sequences, batch_first(batch.inputs)), batch)
    assert_same_derivatives(network, module, batch, loss)


@with_attention
@every_kind
def test_predictions_that_the_decoder_reads_have_no_gradient(kind, attention, rng):
    """Scheduled sampling in two passes."""
    network, module = make_pair(kind, 2, True, attention)
    batch, sequences = make_ragged(rng)
    forced = rng.uniform(size=(S, B)) < 0.5
    with torch.no_grad():
        first = module(sequences, batch_first(batch.inputs))
    inputs = batch_first(batch.inputs)
    read = ~torch.tensor(forced.T[:, 1:, np.newaxis])
    inputs[:, 1:] = torch.where(read, first[:, :-1], inputs[:, 1:])
    loss = squared_error(module(sequences, inputs), batch)
    drawn = batch._replace(dropout=Draws(None, None, forced))
    assert_same_derivatives(network, module, drawn, loss)


@with_attention
@stacks
@every_kind
def test_encoder_decoder_in_free_run(kind, n_layers, both, attention, rng):
    network, module = make_pair(kind, n_layers, both, attention)
    batch, sequences = make_ragged(rng)
    own = network.forward(parameters_of(network, module), batch.x, missing=batch.missing)
    expected = weight_of(module.run_free(sequences, S)).transpose(1, 2, 0)
    assert_allclose(own.outputs, expected, **TOLERANCE)
