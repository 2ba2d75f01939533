"""Encoder and decoder against central differences and against their equations."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skrnn._engine.batch import Batch
from skrnn._engine.dropout import Draws
from skrnn._engine.encoder_decoder import EncoderDecoder
from skrnn._engine.encoder_decoder_topology import EncoderDecoderTopology
from skrnn._engine.losses import PinballLoss, PoissonLoss, SquaredError
from tests.helpers.networks import (
    PARTS,
    assert_exact_gradient,
    loss_difference,
    loss_of,
    random_parameters,
)
from tests.helpers.oracle_encoder_decoder import predict

pytestmark = pytest.mark.core

T, S, D, K, M, B = 5, 4, 3, 2, 2, 4
CELLS = sorted(name for name, cell in PARTS.items() if not cell.output_feedback)
# name: dynamic inputs, static covariates, options
KINDS = {
    "plain": (D, 0, {}),
    "stacked": (D, 0, {"sizes": (3, 2)}),
    "attention": (D, 0, {"attention": True}),
    "static": (D, M, {"learn_initial_state": True, "attention": True}),
    "both ways": (D, 0, {"sizes": (3, 2), "bidirectional": True}),
    "both ways, attention": (D, 0, {"sizes": (2, 3), "bidirectional": True, "attention": True}),
    "one to many": (0, M, {"sizes": (3, 2), "learn_initial_state": True}),
}
every_cell = pytest.mark.parametrize("cell", CELLS)
every_kind = pytest.mark.parametrize("kind", KINDS)


def make(cell, kind, *, dtype="f8", loss=None, n_outputs=K, **more):
    n_inputs, n_static, options = KINDS[kind]
    options = {"sizes": (3,), "n_fed_back": n_outputs} | options | more
    sizes, loss = options.pop("sizes"), loss or SquaredError()
    sizes = PARTS[cell], n_inputs, sizes, n_outputs, False, np.dtype(dtype), n_static
    return EncoderDecoder(EncoderDecoderTopology(*sizes, n_steps=S, feedback=loss, **options), loss)


def ragged_batch(rng, network, *, positive=False):
    """Sequences with missing steps, targets of different lengths, and inputs of the decoder."""
    topology = network.topology
    x = rng.normal(size=(T, topology.n_inputs, B))
    missing = np.zeros((T, B), bool)
    missing[:2, 1], missing[3, 2] = True, True
    x[np.broadcast_to(missing[:, None], x.shape)] = 0
    y = rng.normal(size=(S, topology.n_outputs, B))
    y = np.abs(y) if positive else y
    weight = rng.uniform(0.5, 2, size=y.shape)
    weight[2:, :, 0], weight[1:, :, 3] = 0, 0
    static = rng.normal(size=(topology.n_static, B)) if topology.n_static else None
    inputs = np.concatenate([np.zeros((1, topology.n_fed_back, B)), y[:-1, : topology.n_fed_back]])
    missing = missing if topology.n_inputs else None
    arrays = x, missing, y, weight, float(weight.sum()), static, None, inputs
    return Batch(
        *(
            a.astype(topology.dtype) if a is not missing and isinstance(a, np.ndarray) else a
            for a in arrays
        )
    )


def sequences_of(batch):
    x = batch.x if batch.missing is None else np.where(batch.missing[:, None], np.nan, batch.x)
    return x.transpose(2, 0, 1)


def expected_outputs(network, theta, batch, *, forced):
    """The oracle's outputs (S, K, B)."""
    weights, outputs = network.named_weights(theta), []
    for i, x in enumerate(sequences_of(batch)):
        static = None if batch.static is None else batch.static[:, i]
        inputs = batch.inputs[..., i] if forced else None
        outputs.append(predict(network.topology, weights, x, static, n_steps=S, inputs=inputs))
    return np.stack(outputs, axis=2)


@every_kind
@every_cell
def test_gradients_equal_central_differences(rng, cell, kind):
    network = make(cell, kind)
    theta, batch = random_parameters(network, rng), ragged_batch(rng, network)
    assert_exact_gradient(network, theta, batch, rng)


@every_kind
@every_cell
def test_losses_equal_the_equations(rng, cell, kind):
    """In training, the decoder reads targets; otherwise, its own predictions."""
    network = make(cell, kind)
    theta, batch = random_parameters(network, rng), ragged_batch(rng, network)
    for forced in (True, False):
        r = expected_outputs(network, theta, batch, forced=forced) - batch.y
        expected = 0.5 * np.sum(batch.weight * r**2) / batch.total
        found = loss_of(network, theta, batch) if forced else network.losses(theta[None], batch)[0]
        assert_allclose(found, expected, rtol=1e-12)


@every_kind
@every_cell
def test_predictions_equal_the_equations(rng, cell, kind):
    network = make(cell, kind)
    theta, batch = random_parameters(network, rng), ragged_batch(rng, network)
    found = network.forward(theta, batch.x, missing=batch.missing, static=batch.static).outputs
    assert_allclose(found, expected_outputs(network, theta, batch, forced=False), rtol=1e-11)


@every_kind
def test_parts_of_a_batch_add_up(rng, kind):
    """Two threads share a batch."""
    network = make("gru", kind, teacher_forcing=0.5, dropout=0.3, recurrent_dropout=0.2)
    theta, batch = random_parameters(network, rng), ragged_batch(rng, network)
    batch = batch._replace(dropout=network.draw_dropout(rng, B))
    whole, parts = np.empty_like(theta), np.empty((2, theta.size))
    loss, _ = network.loss_grad(theta, batch, whole)
    losses = [
        network.twin().loss_grad(theta, batch.columns(slice(i, i + 2)), own)[0]
        for i, own in zip((0, 2), parts, strict=True)
    ]
    assert_allclose(sum(losses), loss, rtol=1e-12)
    assert_allclose(parts.sum(axis=0), whole, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("kind", ["stacked", "static", "one to many"])
def test_dropout_has_the_same_masks_in_both_passes_and_exact_gradients(rng, kind):
    network = make("lstm", kind, dropout=0.4, recurrent_dropout=0.4)
    theta, batch = random_parameters(network, rng), ragged_batch(rng, network)
    batch = batch._replace(dropout=network.draw_dropout(rng, B))
    gradient = np.empty_like(theta)
    network.loss_grad(theta, batch, gradient)
    draws = batch.dropout
    parts = [draws, draws._replace(decoder=None), draws._replace(encoder=None), None]
    losses = {loss_of(network, theta, batch._replace(dropout=own)) for own in parts}
    assert len(losses) == (4 if network.encoder else 2)  # each part has masks
    direction = rng.normal(size=theta.size)
    slope = loss_difference(network, batch, theta, direction, step=1e-5)
    assert abs(gradient @ direction - slope) < 1e-6 * np.linalg.norm(gradient)


def test_a_decoder_alone_learns_its_initial_state(rng):
    network = make("lstm", "one to many")
    names = network.named_weights(network.initial_parameters(np.random.RandomState(0)))
    assert {name for name in names if name.endswith("initial_state")} == {
        "decoder.layer0.initial_state",
        "decoder.layer1.initial_state",
    }
    assert not any(name.startswith("encoder") for name in names)


@every_kind
def test_predictions_of_a_first_pass_are_read_without_derivatives(rng, kind):
    network = make("elman", kind, teacher_forcing=0.5)
    theta, batch = random_parameters(network, rng), ragged_batch(rng, network)
    forced = rng.uniform(size=(S, B)) < 0.5
    gradient, expected = np.empty_like(theta), np.empty_like(theta)
    drawn = batch._replace(dropout=Draws(None, None, forced))
    loss, _ = network.loss_grad(theta, drawn, gradient)

    first = expected_outputs(network, theta, batch, forced=True)
    inputs = batch.inputs.copy()
    for s in range(1, S):
        for i in range(B):
            if not forced[s, i]:
                inputs[s, :, i] = first[s - 1, :, i]
    expected_loss, _ = network.loss_grad(theta, batch._replace(inputs=inputs), expected)
    assert_allclose(loss, expected_loss, rtol=1e-12)
    assert_allclose(gradient, expected, rtol=1e-9, atol=1e-13)


def test_draws_have_the_share_of_teacher_forcing(rng):
    assert make("gru", "plain").draw_dropout(rng, 1000) is None
    draws = make("gru", "plain", teacher_forcing=0.8).draw_dropout(rng, 20_000)
    assert abs(draws.forced.mean() - 0.8) < 0.01
    none = make("gru", "plain", teacher_forcing=0.0).draw_dropout(rng, 100)
    assert not none.forced.any()


def test_a_decoder_reads_predictions_in_the_unit_of_the_target(rng):
    """Of counts, exponentials of the outputs; of several quantiles, the one nearest the median."""
    for loss, n_outputs, read in [
        (PoissonLoss(), 1, np.exp),
        (PinballLoss([0.1, 0.6, 0.9]), 3, lambda f: np.sort(f, axis=1)[:, 1:2]),
    ]:
        network = make("elman", "plain", loss=loss, n_outputs=n_outputs, n_fed_back=1)
        theta, batch = random_parameters(network, rng), ragged_batch(rng, network, positive=True)
        y = network.forward(theta, batch.x, missing=batch.missing).outputs
        inputs = np.concatenate([np.zeros((1, 1, B)), read(y[:-1])])
        again = expected_outputs(network, theta, batch._replace(inputs=inputs), forced=True)
        assert_allclose(y, again, rtol=1e-11)


def test_attention_to_nothing_is_no_context(rng):
    """An empty sequence has no steps: the prediction is finite, and so are all others."""
    network = make("gru", "attention")
    theta, batch = random_parameters(network, rng), ragged_batch(rng, network)
    missing = batch.missing.copy()
    missing[:, 1] = True
    y = network.forward(theta, batch.x, missing=missing).outputs
    filled = batch._replace(missing=missing)
    assert_allclose(y, expected_outputs(network, theta, filled, forced=False), rtol=1e-11)


@every_kind
def test_single_precision_stays(rng, kind):
    network, double = make("lstm", kind, dtype="f4"), make("lstm", kind)
    theta, batch = random_parameters(double, rng), ragged_batch(rng, double)
    gradient, single = np.empty_like(theta), np.empty(theta.size, np.float32)
    double.loss_grad(theta, batch, gradient)
    own = ragged_batch(np.random.RandomState(1), network)
    own = own._replace(
        **{
            name: getattr(batch, name).astype(np.float32)
            for name in ("x", "y", "weight", "static", "inputs")
            if getattr(batch, name) is not None
        },
        total=batch.total,
    )
    network.loss_grad(theta.astype(np.float32), own, single)
    assert network.forward(theta.astype(np.float32), own.x, static=own.static).outputs.dtype == "f4"
    assert_allclose(single, gradient, atol=2e-5 * np.abs(gradient).max())


def test_the_penalty_leaves_out_biases_and_the_readout(rng):
    network = make("gru", "both ways, attention")
    for readout in (False, True):
        mask = network.penalized(readout=readout)
        for name, view in network.named_weights(mask).items():
            free = name.endswith("bias") or (name == "decoder.readout.input" and not readout)
            assert (view == (not free)).all(), name


@pytest.mark.parametrize(
    ("cell", "kind", "options", "text"),
    [
        ("jordan", "plain", {}, "a decoder reads anyway"),
        ("elman", "one to many", {"attention": True}, "set attention=None"),
        ("elman", "one to many", {"bidirectional": True}, "set bidirectional=False"),
    ],
)
def test_refusals(cell, kind, options, text):
    with pytest.raises(ValueError, match=text):
        make(cell, kind, **options)
