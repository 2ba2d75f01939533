"""Decoders of labels, and the search for likely sequences of them."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import log_softmax

from skrnn._engine import wide_outputs
from skrnn._engine.batch import Batch
from skrnn._engine.beam_search import BeamSearch
from skrnn._engine.cross_entropy import CrossEntropy
from skrnn._engine.dropout import Draws
from skrnn._engine.encoder_decoder import EncoderDecoder
from skrnn._engine.encoder_decoder_topology import EncoderDecoderTopology
from skrnn._engine.predictor import Predictor
from tests.helpers.networks import PARTS, assert_exact_gradient, loss_of, random_parameters
from tests.helpers.oracle_encoder_decoder import predict

pytestmark = pytest.mark.core

T, S, V, M, B = 5, 4, 3, 2, 4  # steps that are read and written, labels
TOKENS, U = 6, 2  # that the encoder reads, and numbers of their vectors
CELLS = sorted(name for name, cell in PARTS.items() if not cell.output_feedback)
# name: whether the encoder reads tokens, static covariates, whether sequences end, options
KINDS = {
    "tokens": (True, 0, True, {}),
    "numbers, of one length": (False, 0, False, {"sizes": (3, 2)}),
    "attention": (True, 0, True, {"attention": True, "bidirectional": True}),
    "static": (True, M, True, {"learn_initial_state": True}),
}
every_cell = pytest.mark.parametrize("cell", CELLS)
every_kind = pytest.mark.parametrize("kind", KINDS)


def make(cell, kind, **more):
    tokens, n_static, ends, options = KINDS[kind]
    options = {"sizes": (3,)} | options | more
    if tokens:
        options |= {"n_tokens": TOKENS, "embedding_size": U}
    sizes = PARTS[cell], 1, options.pop("sizes"), V + ends, False, np.dtype("f8"), n_static
    labels = {"n_labels": V, "label_size": U, "n_steps": S, "feedback": CrossEntropy()}
    return EncoderDecoder(EncoderDecoderTopology(*sizes, **labels, **options))


def ragged_batch(rng, network):
    """Sequences with missing steps, and labels of sequences of different lengths."""
    topology = network.topology
    x = rng.randint(TOKENS, size=(T, 1, B)).astype(float)
    missing = np.zeros((T, B), bool)
    missing[:2, 1], missing[3, 2] = True, True
    x[missing[:, None]] = 0
    y = rng.randint(V, size=(S, 1, B)).astype(float)
    weight = rng.uniform(0.5, 2, size=y.shape)
    if topology.ends:
        y[1, 0, 0], y[3, 0, 2] = V, V
        weight[2:, 0, 0] = 0
    inputs = np.concatenate([np.full((1, 1, B), float(V)), np.minimum(y[:-1], V - 1)])
    static = rng.normal(size=(M, B)) if topology.n_static else None
    return Batch(x, missing, y, weight, float(weight.sum()), static, None, inputs)


def expected_outputs(network, theta, batch, *, inputs=None, n_steps=S):
    """The oracle's outputs (S, K, B) where the decoder reads ``inputs``, or its own labels."""
    weights, outputs = network.named_weights(theta), []
    x = np.where(batch.missing[:, None], np.nan, batch.x).transpose(2, 0, 1)
    for i in range(x.shape[0]):
        static = None if batch.static is None else batch.static[:, i]
        own = None if inputs is None else inputs[..., i]
        outputs.append(
            predict(network.topology, weights, x[i], static, n_steps=n_steps, inputs=own)
        )
    return np.stack(outputs, axis=2)


def mean_loss(outputs, batch):
    log_p = log_softmax(outputs, axis=1)
    own = np.take_along_axis(log_p, batch.y.astype(int), axis=1)
    return -np.sum(batch.weight * own) / batch.total


@every_kind
@every_cell
def test_gradients_equal_central_differences(rng, cell, kind):
    network = make(cell, kind)
    theta, batch = random_parameters(network, rng), ragged_batch(rng, network)
    assert_exact_gradient(network, theta, batch, rng)


@every_kind
@every_cell
def test_losses_equal_the_equations(rng, cell, kind):
    """The likelihood of a sequence is that of its labels, each given those before it."""
    network = make(cell, kind)
    theta, batch = random_parameters(network, rng), ragged_batch(rng, network)
    expected = mean_loss(expected_outputs(network, theta, batch, inputs=batch.inputs), batch)
    assert_allclose(loss_of(network, theta, batch), expected, rtol=1e-12)
    assert_allclose(network.losses(theta[np.newaxis], batch), [expected], rtol=1e-12)


@every_kind
def test_predictions_equal_the_equations(rng, kind):
    network = make("lstm", kind)
    theta, batch = random_parameters(network, rng), ragged_batch(rng, network)
    found = network.forward(theta, batch.x, missing=batch.missing, static=batch.static).outputs
    assert_allclose(found, expected_outputs(network, theta, batch), rtol=1e-11)


@every_kind
def test_blocks_of_outputs_equal_the_whole(rng, kind, monkeypatch):
    network = make("gru", kind)
    theta, batch = random_parameters(network, rng), ragged_batch(rng, network)
    whole, parts = np.empty_like(theta), np.empty_like(theta)
    loss, _ = network.loss_grad(theta, batch, whole)
    monkeypatch.setattr(wide_outputs, "BLOCK_NUMBERS", 8)
    assert network.decoder.is_wide(batch.y)
    assert_allclose(network.loss_grad(theta, batch, parts)[0], loss, rtol=1e-12)
    assert_allclose(parts, whole, rtol=1e-9, atol=1e-13)
    assert_allclose(network.losses(theta[np.newaxis], batch), [loss], rtol=1e-12)


@pytest.mark.parametrize("block_numbers", [wide_outputs.BLOCK_NUMBERS, 8])
@every_kind
def test_labels_of_a_first_pass_are_read(rng, kind, block_numbers, monkeypatch):
    monkeypatch.setattr(wide_outputs, "BLOCK_NUMBERS", block_numbers)
    network = make("elman", kind, teacher_forcing=0.5)
    theta, batch = random_parameters(network, rng), ragged_batch(rng, network)
    forced = rng.uniform(size=(S, B)) < 0.5
    gradient, expected = np.empty_like(theta), np.empty_like(theta)
    drawn = batch._replace(dropout=Draws(None, None, forced))
    sizes, original = [], EncoderDecoderTopology.fed_back

    def record(self, outputs):
        sizes.append(outputs.size)
        return original(self, outputs)

    monkeypatch.setattr(EncoderDecoderTopology, "fed_back", record)
    loss, _ = network.loss_grad(theta, drawn, gradient)
    assert max(sizes) <= block_numbers
    assert sum(sizes) == S * network.topology.n_outputs * B

    first = expected_outputs(network, theta, batch, inputs=batch.inputs)
    inputs = batch.inputs.copy()
    for s in range(1, S):
        for i in range(B):
            if not forced[s, i]:
                inputs[s, 0, i] = first[s - 1, :V, i].argmax()
    expected_loss, _ = network.loss_grad(theta, batch._replace(inputs=inputs), expected)
    assert_allclose(loss, expected_loss, rtol=1e-12)
    assert_allclose(gradient, expected, rtol=1e-9, atol=1e-13)


# --- the search ---


def all_sequences(network, theta, batch):
    """Each sequence of up to S - 1 labels, or of S labels without end: log p of each of B."""
    ends, found = network.topology.ends, {}
    lengths = range(S) if ends else [S]
    for length in lengths:
        for labels in product(range(V), repeat=length):
            inputs = np.array([V, *labels])[:S, np.newaxis, np.newaxis].repeat(B, axis=2)
            outputs = expected_outputs(network, theta, batch, inputs=inputs, n_steps=len(inputs))
            log_p = log_softmax(outputs, axis=1)
            written = [*labels, V] if ends else labels
            found[labels] = sum(log_p[s, label] for s, label in enumerate(written))
    return found


def labels_of(codes):
    return tuple(int(code) for code in codes if code < V)


@pytest.mark.parametrize("length_penalty", [0.0, 0.7, 1.0, 2000.0])
@pytest.mark.parametrize("kind", ["numbers, of one length", "attention", "static"])
def test_a_search_of_everything_finds_the_best_of_all(rng, kind, length_penalty):
    network = make("gru", kind)
    theta, batch = 2 * random_parameters(network, rng), ragged_batch(rng, network)
    p = all_sequences(network, theta, batch)
    ends = network.topology.ends
    n_best = 5
    search = BeamSearch(network.topology, len(p), length_penalty, n_best)
    found = search.forward(theta, batch.x, missing=batch.missing, static=batch.static).outputs
    assert found.shape == (S, 2 * n_best, B)
    for b in range(B):
        scores = {  # in logarithms, as 4 ** 2000 is too large
            own: length_penalty * np.log(len(own) + ends) - np.log(-log_p[b])
            for own, log_p in p.items()
        }
        best = sorted(scores, key=scores.get, reverse=True)[:n_best]
        assert [labels_of(codes) for codes in found[:, :n_best, b].T] == best
        assert_allclose(found[:, n_best:, b].sum(axis=0), [p[own][b] for own in best], rtol=1e-9)
    of_all = sum(np.exp(own) for own in p.values())
    assert (of_all < 1).all() if ends else np.allclose(of_all, 1)  # some go on beyond S


@pytest.mark.parametrize("kind", ["tokens", "attention"])
def test_a_greedy_search_takes_the_likeliest_label_and_stops(rng, kind):
    network = make("lstm", kind)
    theta, batch = 2 * random_parameters(network, rng), ragged_batch(rng, network)
    search = BeamSearch(network.topology, 1, 1.0)
    found = search.forward(theta, batch.x, missing=batch.missing).outputs
    ended = np.zeros(B, bool)
    inputs = np.concatenate([np.full((1, 1, B), V), np.minimum(found[:-1, :1], V - 1)])
    outputs = expected_outputs(network, theta, batch, inputs=inputs)
    for s in range(S):
        likeliest = outputs[s].argmax(axis=0) if s < S - 1 else np.full(B, V)
        assert_array_equal(found[s, 0], np.where(ended, V, likeliest))
        ended |= found[s, 0] == V
    assert ended.all()


def narrow(network, theta, batch, b, width, length_penalty):
    """A search of one sequence, written down hypothesis by hypothesis."""
    beam = [((), 0.0, False)]
    for s in range(S):
        candidates = []
        for labels, total, ended in beam:
            if ended:
                candidates.append((labels, total, True))
                continue
            inputs = np.array([V, *labels])[:, np.newaxis, np.newaxis].repeat(B, axis=2)
            outputs = expected_outputs(network, theta, batch, inputs=inputs, n_steps=len(inputs))
            log_p = log_softmax(outputs[-1, :, b])
            candidates.append((labels, total + log_p[V], True))
            if s < S - 1:  # otherwise, it must end
                candidates += [((*labels, k), total + log_p[k], False) for k in range(V)]

        def score(candidate):
            return candidate[1] / (len(candidate[0]) + candidate[2]) ** length_penalty

        beam = sorted(candidates, key=score, reverse=True)[:width]
    return beam


@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_narrow_search_keeps_the_best_hypotheses_of_each_step(rng, width):
    network = make("gru", "attention")
    theta, batch = 2 * random_parameters(network, rng), ragged_batch(rng, network)
    search = BeamSearch(network.topology, width, 0.8, width)
    found = search.forward(theta, batch.x, missing=batch.missing).outputs
    for b in range(B):
        expected = narrow(network, theta, batch, b, width, 0.8)
        assert [labels_of(codes) for codes in found[:, :width, b].T] == [own[0] for own in expected]
        assert_allclose(found[:, width:, b].sum(axis=0), [own[1] for own in expected], rtol=1e-9)


def test_several_networks_read_the_same_labels(rng):
    """They predict by the mean of their outputs."""
    network = make("gru", "tokens")
    batch = ragged_batch(rng, network)
    thetas = [2 * random_parameters(network, rng) for _ in range(3)]
    topology = make("gru", "tokens", n_networks=3).topology
    theta = np.concatenate(thetas)
    assert Predictor(topology).layout.size == theta.size
    found = BeamSearch(topology, 1, 1.0).forward(theta, batch.x, missing=batch.missing).outputs
    inputs = np.concatenate([np.full((1, 1, B), V), np.minimum(found[:-1, :1], V - 1)])
    means = np.mean(
        [expected_outputs(network, own, batch, inputs=inputs) for own in thetas], axis=0
    )
    first = means[0].argmax(axis=0)
    assert_array_equal(found[0, 0], first)
    going = first < V
    assert_array_equal(found[1, 0, going], means[1].argmax(axis=0)[going])
