"""Every cell in every topology: outputs against the equations, derivatives against differences."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skrnn.cells._activations import ACTIVATIONS
from skrnn.cells.jordan import JordanCell
from tests.helpers.networks import (
    MASKS,
    PARTS,
    STACKS,
    TOPOLOGIES,
    difference,
    every_output,
    every_topology,
    jacobian_of,
    loss_difference,
    make_batch,
    make_network,
    random_parameters,
    run,
    sequences_of,
    stacked_network,
)
from tests.helpers.oracle_cells import STEPS, outputs

pytestmark = pytest.mark.core

T, D, K, B = 5, 2, 2, 4


def test_every_cell_has_a_reference():
    assert {type(cell).__name__ for cell in PARTS.values()} == set(STEPS)


@pytest.mark.parametrize("learn_initial_state", [False, True], ids=["from 0", "learned start"])
@every_output
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@every_topology
def test_outputs_equal_the_equations(rng, cell, stack, activation, per_step, learn_initial_state):
    network = stacked_network(
        cell,
        stack,
        per_step=per_step,
        activation=activation,
        learn_initial_state=learn_initial_state,
    )
    theta = random_parameters(network, rng)
    weights = network.named_weights(theta)
    for mask in MASKS:
        batch = make_batch(network, rng, mask)
        y = run(network, theta, batch.x, batch.missing).outputs
        for b, x in enumerate(sequences_of(batch)):
            steps, end = outputs(network.topology, weights, x)
            expected = steps if per_step else end[None]
            assert_allclose(y[..., b], expected, rtol=1e-10, atol=1e-12, err_msg=mask)


@pytest.mark.parametrize("mask", MASKS)
@every_output
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@every_topology
def test_gradient_and_jacobian_equal_central_differences(
    rng, cell, stack, activation, per_step, mask
):
    options = {"activation": activation, "learn_initial_state": mask == "inside"}
    network = stacked_network(cell, stack, per_step=per_step, **options)
    theta = random_parameters(network, rng)
    batch = make_batch(network, rng, mask)
    gradient = np.empty_like(theta)
    network.loss_grad(theta, batch, gradient)
    values, jacobian = jacobian_of(network, theta, batch, slice(None))
    predicted = run(network, theta, batch.x, batch.missing).outputs
    assert_allclose(values.ravel(), predicted.ravel())
    for direction in rng.normal(size=(3, theta.size)):
        expected = loss_difference(network, batch, theta, direction)
        assert_allclose(gradient @ direction, expected, rtol=1e-5, atol=1e-7)
        expected = difference(
            lambda p: run(network, p, batch.x, batch.missing).outputs.ravel(), theta, direction
        )
        assert_allclose(jacobian @ direction, expected, rtol=1e-5, atol=1e-7)
    error = ((values - batch.y.reshape(values.shape)) * batch.weight.reshape(values.shape)).ravel()
    assert_allclose(error @ jacobian / batch.total, gradient, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("mask", ["none", "front"])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("bptt_steps", [1, 3, T])
@pytest.mark.parametrize(("cell", "stack"), [t for t in TOPOLOGIES if not STACKS[t[1]][1]])
def test_truncated_gradient_is_that_from_a_frozen_state(
    rng, cell, stack, bptt_steps, activation, mask
):
    """With one output: differences of the last steps alone, from the state before them."""
    network = stacked_network(
        cell,
        stack,
        per_step=False,
        activation=activation,
        bptt_steps=bptt_steps,
        learn_initial_state=True,
    )
    theta = random_parameters(network, rng)
    batch = make_batch(network, rng, mask)
    gradient = np.empty_like(theta)
    network.loss_grad(theta, batch, gradient)
    values, jacobian = jacobian_of(network, theta, batch, slice(None))
    error = ((values - batch.y[0]) * batch.weight[0]).ravel()
    assert_allclose(error @ jacobian / batch.total, gradient, rtol=1e-9, atol=1e-12)

    cut, start = T - bptt_steps, None
    missing = batch.missing if batch.missing is not None else np.zeros((T, B), bool)
    if cut:
        start = run(network, theta, batch.x[:cut], missing[:cut]).final_state()
    free = missing[:cut].all(axis=0)  # these start within the last steps: from the learned state

    def loss(p):
        state = start
        if cut:
            weights = network.named_weights(p)
            learned = [v for name, v in weights.items() if name.endswith("initial_state")]
            state = np.where(free, np.concatenate(learned)[:, None], start)
        y = run(network, p, batch.x[cut:], missing[cut:], state).outputs
        return np.sum(batch.weight * (y - batch.y) ** 2) / (2 * batch.total)

    direction = rng.normal(size=theta.size)
    expected = difference(loss, theta, direction)
    assert_allclose(gradient @ direction, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize(("cell", "stack"), [t for t in TOPOLOGIES if not STACKS[t[1]][1]])
def test_chunks_resume_from_the_carried_state(rng, cell, stack, activation):
    """Outputs of two chunks are those of the whole; gradients stop between them."""
    network = stacked_network(
        cell, stack, per_step=True, activation=activation, learn_initial_state=True
    )
    theta = random_parameters(network, rng)
    batch = make_batch(network, rng, "inside")
    whole = run(network, theta, batch.x, batch.missing).outputs.copy()
    first, second = batch.chunks(3)
    begin = run(network, theta, first.x, first.missing)
    assert_allclose(begin.outputs, whole[:3], rtol=1e-10)
    state = begin.final_state()
    rest = run(network, theta, second.x, second.missing, state)
    assert_allclose(rest.outputs, whole[3:], rtol=1e-10)
    gradient = np.empty_like(theta)
    network.loss_grad(theta, second, gradient, state)
    direction = rng.normal(size=theta.size)
    expected = loss_difference(network, second, theta, direction, state)
    assert_allclose(gradient @ direction, expected, rtol=1e-5, atol=1e-7)
    for name, value in network.named_weights(gradient).items():
        assert not (name.endswith("initial_state") and value.any())


@pytest.mark.parametrize("rates", [(0.5, 0), (0, 0.5), (0.4, 0.3)])
@every_output
@every_topology
def test_dropout_masks_the_same_units_at_all_steps(rng, cell, stack, per_step, rates):
    options = dict(zip(["dropout", "recurrent_dropout"], rates, strict=True))
    network = stacked_network(cell, stack, per_step=per_step, **options)
    theta = random_parameters(network, rng)
    batch = make_batch(network, rng, "inside", dropout=True)
    weights = network.named_weights(theta)
    expected, X = 0, sequences_of(batch)
    for b in range(B):
        masks = [
            None if all(m is None for m in kind) else [m[:, b] for m in kind]
            for kind in batch.dropout
        ]
        steps, end = outputs(network.topology, weights, X[b], *masks)
        error = (steps if per_step else end[None]) - batch.y[..., b]
        expected += np.sum(batch.weight[..., b] * error**2) / (2 * batch.total)
    gradient = np.empty_like(theta)
    loss, _ = network.loss_grad(theta, batch, gradient)
    assert_allclose(loss, expected, rtol=1e-10)
    direction = rng.normal(size=theta.size)
    slope = loss_difference(network, batch, theta, direction)
    assert_allclose(gradient @ direction, slope, rtol=1e-5, atol=1e-7)
    # prediction drops nothing
    whole = run(network, theta, batch.x, batch.missing).outputs.copy()
    steps, end = outputs(network.topology, weights, X[0])
    assert_allclose(whole[..., 0], steps if per_step else end[None], rtol=1e-10, atol=1e-12)


def test_chunks_of_a_sequence_share_its_masks(rng):
    network = stacked_network("lstm", "2", per_step=True, dropout=0.5, recurrent_dropout=0.5)
    batch = make_batch(network, rng, "none", dropout=True)
    assert [chunk.dropout for chunk in batch.chunks(2)] == [batch.dropout] * 3


def test_dropout_keeps_the_mean_and_its_rates(rng):
    network = stacked_network("lstm", "2", per_step=False, dropout=0.25, recurrent_dropout=0.5)
    for masks, rate in zip(network.draw_dropout(rng, 20_000), (0.25, 0.5), strict=True):
        for mask in masks:
            assert set(np.unique(mask)) == {0, np.float64(1 / (1 - rate))}
            assert_allclose((mask == 0).mean(), rate, atol=0.01)
    assert stacked_network("lstm", "2", per_step=False).draw_dropout(rng, 3) is None


@every_output
@every_topology
def test_float32_is_float32_all_the_way(rng, cell, stack, per_step):
    double = stacked_network(cell, stack, per_step=per_step, learn_initial_state=True)
    single = stacked_network(cell, stack, per_step=per_step, learn_initial_state=True, dtype="f4")
    theta = random_parameters(double, rng)
    batch = make_batch(double, rng, "inside")
    small = batch._replace(**{k: getattr(batch, k).astype("f4") for k in ("x", "y", "weight")})
    expected, gradient = np.empty_like(theta), np.empty(theta.size, "f4")
    double.loss_grad(theta, batch, expected)
    single.loss_grad(theta.astype("f4"), small, gradient)
    assert_allclose(gradient, expected, rtol=1e-3, atol=1e-5)
    done = run(single, theta.astype("f4"), small.x, small.missing)
    assert done.outputs.dtype == done.final_state().dtype == np.float32


@pytest.mark.parametrize("cell", sorted(PARTS))
def test_initial_weights(rng, cell):
    """Orthogonal recurrence, Glorot inputs, zero biases but for the forget gate's 1."""
    H = 6
    network = make_network(PARTS[cell], (H,))
    for name, value in network.named_weights(network.initial_parameters(rng)).items():
        if name.endswith("bias"):
            forget = "lstm" in cell and name == "layer0.bias"
            expected = np.repeat([0, 0, 1, 0], H) if forget else np.zeros(len(value))
            assert_allclose(value, expected)
        elif name.endswith("recurrent") and value.shape[1] == H:
            for gate in value.reshape(-1, H, H):
                assert_allclose(gate @ gate.T, np.eye(H), atol=1e-12)
        elif name.endswith("input"):
            fans = (K, H) if name.startswith("readout") else (H, D)
            assert 0.2 < np.abs(value).max() <= np.sqrt(6 / sum(fans))


@every_topology
def test_the_penalty_is_on_input_and_recurrent_weights(cell, stack):
    network = stacked_network(cell, stack, per_step=False, learn_initial_state=True)
    mask = network.penalized()
    for name, value in network.named_weights(mask).items():
        last = name.rpartition(".")[2]
        free = last in ("bias", "recurrent_bias", "initial_state") or "readout" in name
        assert last in ("input", "recurrent", "peephole") or free
        assert (value == (0 if free else 1)).all(), name


@pytest.mark.parametrize("decay", [-0.1, 1.5, "a", None])
def test_decay_is_a_fraction(decay):
    with pytest.raises(ValueError, match="decay must be from 0 to 1"):
        JordanCell(decay=decay)
