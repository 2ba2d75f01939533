"""Every cell in every topology: outputs against the equations, derivatives against differences."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skrnn._engine.batch import Batch
from skrnn._engine.network import Network
from skrnn._engine.parallel import SplitNetwork
from skrnn._engine.topology import Topology
from skrnn._training.dataset import time_first
from skrnn.cells import CELLS
from skrnn.cells._activations import ACTIVATIONS
from skrnn.cells.jordan import JordanCell
from tests.engine.test_network import make_sequences
from tests.helpers.networks import LeakyCell
from tests.helpers.oracle_cells import STEPS, outputs
from tests.helpers.oracle_elman import jacobian_of

pytestmark = pytest.mark.core

T, D, K, B = 5, 2, 2, 4
MASKS = ["none", "front", "end", "inside", "empty"]
PARTS = {name: cell() for name, cell in CELLS.items()} | {
    "jordan": JordanCell(decay=0.3),
    "toy": LeakyCell(),
}
# H of each layer, and whether there are two directions
STACKS = {"1": ((3,), False), "2": ((3, 2), False), "3": ((2, 3, 2), False)}
STACKS |= {"1 both ways": ((3,), True), "2 both ways": ((2, 3), True)}
TOPOLOGIES = [
    (cell, stack)
    for cell in PARTS
    for stack in STACKS
    if not (PARTS[cell].reads_output and STACKS[stack][1])
]
every_topology = pytest.mark.parametrize(("cell", "stack"), TOPOLOGIES)
every_output = pytest.mark.parametrize("per_step", [False, True], ids=["last", "per step"])


def make_network(cell, stack, *, per_step, dtype="f8", **options):
    sizes, bidirectional = STACKS[stack]
    return Network(
        Topology(
            PARTS[cell],
            D,
            sizes,
            K,
            per_step,
            np.dtype(dtype),
            bidirectional=bidirectional,
            **options,
        )
    )


def random_parameters(network, rng):
    theta = network.initial_parameters(rng)
    return theta + 0.3 * rng.normal(size=theta.size).astype(theta.dtype)


def make_batch(network, rng, mask, dropout=False):
    """Sequences (N, T, D) with NaN steps, and a batch of them with targets and weights."""
    X = make_sequences(rng, mask, n=B, n_steps=T)
    x, skip = time_first(X)
    per_step = network.topology.per_step
    y = rng.normal(size=(T if per_step else 1, K, B))
    absent = np.isnan(X[..., 0])  # (B, T)
    there = ~absent.T[:, None] if per_step else ~absent.all(axis=1)[None, None]
    weight = rng.uniform(0.5, 2, size=B) * np.broadcast_to(there, y.shape)
    drawn = network.draw_dropout(rng, B) if dropout else None
    return X, Batch(x, skip, y, weight, float(weight.sum()), dropout=drawn)


def difference(function, theta, direction, step=1e-6):
    """Central differences of a function of theta, along a direction."""
    return (function(theta + step * direction) - function(theta - step * direction)) / (2 * step)


def test_every_cell_has_a_reference():
    assert {type(cell).__name__ for cell in PARTS.values()} == set(STEPS)


@pytest.mark.parametrize("learn_initial_state", [False, True], ids=["from 0", "learned start"])
@every_output
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@every_topology
def test_outputs_equal_the_equations(rng, cell, stack, activation, per_step, learn_initial_state):
    network = make_network(
        cell,
        stack,
        per_step=per_step,
        activation=activation,
        learn_initial_state=learn_initial_state,
    )
    theta = random_parameters(network, rng)
    weights = network.named_weights(theta)
    for mask in MASKS:
        X, batch = make_batch(network, rng, mask)
        y = network.predict(theta, batch.x, batch.skip)
        for b in range(B):
            steps, end = outputs(network.topology, weights, X[b])
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
    network = make_network(cell, stack, per_step=per_step, **options)
    theta = random_parameters(network, rng)
    _, batch = make_batch(network, rng, mask)
    gradient, scratch = np.empty_like(theta), np.empty_like(theta)
    network.loss_grad(theta, batch, gradient)
    values, jacobian = jacobian_of(network, theta, batch, slice(None))
    assert_allclose(values.ravel(), network.predict(theta, batch.x, batch.skip).ravel())
    for direction in rng.normal(size=(3, theta.size)):
        expected = difference(lambda p: network.loss_grad(p, batch, scratch), theta, direction)
        assert_allclose(gradient @ direction, expected, rtol=1e-5, atol=1e-7)
        expected = difference(
            lambda p: network.predict(p, batch.x, batch.skip).ravel(), theta, direction
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
    network = make_network(
        cell,
        stack,
        per_step=False,
        activation=activation,
        bptt_steps=bptt_steps,
        learn_initial_state=True,
    )
    theta = random_parameters(network, rng)
    _, batch = make_batch(network, rng, mask)
    gradient = np.empty_like(theta)
    network.loss_grad(theta, batch, gradient)
    values, jacobian = jacobian_of(network, theta, batch, slice(None))
    error = ((values - batch.y[0]) * batch.weight[0]).ravel()
    assert_allclose(error @ jacobian / batch.total, gradient, rtol=1e-9, atol=1e-12)

    cut = T - bptt_steps
    start = None
    if cut:
        network.predict(theta, batch.x[:cut], None if batch.skip is None else batch.skip[:cut])
        start = network.final_state()
    skip = batch.skip if batch.skip is not None else np.zeros((T, B), bool)
    free = skip[:cut].all(axis=0)  # these start within the last steps: from the learned state

    def loss(p):
        state = start
        if cut:
            initial = network._initial_states(network.layout.views(p), None, 1)
            state = [
                [np.where(free, i, s) for i, s in zip(*own, strict=True)]
                for own in zip(initial, start, strict=True)
            ]
        y = network.predict(p, batch.x[cut:], skip[cut:], state)
        return np.sum(batch.weight * (y - batch.y) ** 2) / (2 * batch.total)

    direction = rng.normal(size=theta.size)
    expected = difference(loss, theta, direction)
    assert_allclose(gradient @ direction, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize(("cell", "stack"), [t for t in TOPOLOGIES if not STACKS[t[1]][1]])
def test_chunks_go_on_from_the_carried_state(rng, cell, stack, activation):
    """Outputs of two chunks are those of the whole; gradients stop between them."""
    network = make_network(
        cell, stack, per_step=True, activation=activation, learn_initial_state=True
    )
    theta = random_parameters(network, rng)
    _, batch = make_batch(network, rng, "inside")
    whole = network.predict(theta, batch.x, batch.skip)
    first, second = batch.chunks(3)
    assert_allclose(network.predict(theta, first.x, first.skip), whole[:3], rtol=1e-10)
    state = network.final_state()
    assert_allclose(network.predict(theta, second.x, second.skip, state), whole[3:], rtol=1e-10)
    gradient, scratch = np.empty_like(theta), np.empty_like(theta)
    network.loss_grad(theta, second, gradient, state)
    direction = rng.normal(size=theta.size)
    expected = difference(lambda p: network.loss_grad(p, second, scratch, state), theta, direction)
    assert_allclose(gradient @ direction, expected, rtol=1e-5, atol=1e-7)
    for name, value in network.named_weights(gradient).items():
        assert not (name.endswith("initial_state") and value.any())


@pytest.mark.parametrize("rates", [(0.5, 0), (0, 0.5), (0.4, 0.3)])
@every_output
@every_topology
def test_dropout_hides_the_same_units_at_all_steps(rng, cell, stack, per_step, rates):
    options = dict(zip(["dropout", "recurrent_dropout"], rates, strict=True))
    network = make_network(cell, stack, per_step=per_step, **options)
    theta = random_parameters(network, rng)
    X, batch = make_batch(network, rng, "inside", dropout=True)
    weights = network.named_weights(theta)
    expected = 0
    for b in range(B):
        masks = [
            None if all(m is None for m in kind) else [m[:, b] for m in kind]
            for kind in batch.dropout
        ]
        steps, end = outputs(network.topology, weights, X[b], *masks)
        error = (steps if per_step else end[None]) - batch.y[..., b]
        expected += np.sum(batch.weight[..., b] * error**2) / (2 * batch.total)
    gradient, scratch = np.empty_like(theta), np.empty_like(theta)
    assert_allclose(network.loss_grad(theta, batch, gradient), expected, rtol=1e-10)
    direction = rng.normal(size=theta.size)
    slope = difference(lambda p: network.loss_grad(p, batch, scratch), theta, direction)
    assert_allclose(gradient @ direction, slope, rtol=1e-5, atol=1e-7)
    # prediction drops nothing
    whole = network.predict(theta, batch.x, batch.skip)
    steps, end = outputs(network.topology, weights, X[0])
    assert_allclose(whole[..., 0], steps if per_step else end[None], rtol=1e-10, atol=1e-12)


def test_chunks_of_a_sequence_share_its_masks(rng):
    network = make_network("lstm", "2", per_step=True, dropout=0.5, recurrent_dropout=0.5)
    _, batch = make_batch(network, rng, "none", dropout=True)
    assert [chunk.dropout for chunk in batch.chunks(2)] == [batch.dropout] * 3


def test_dropout_keeps_the_mean_and_its_rates(rng):
    network = make_network("lstm", "2", per_step=False, dropout=0.25, recurrent_dropout=0.5)
    for masks, rate in zip(network.draw_dropout(rng, 20_000), (0.25, 0.5), strict=True):
        for mask in masks:
            assert set(np.unique(mask)) == {0, np.float64(1 / (1 - rate))}
            assert_allclose((mask == 0).mean(), rate, atol=0.01)
    assert make_network("lstm", "2", per_step=False).draw_dropout(rng, 3) is None


@every_output
@every_topology
def test_float32_is_float32_all_the_way(rng, cell, stack, per_step):
    double = make_network(cell, stack, per_step=per_step, learn_initial_state=True)
    single = make_network(cell, stack, per_step=per_step, learn_initial_state=True, dtype="f4")
    theta = random_parameters(double, rng)
    _, batch = make_batch(double, rng, "inside")
    small = batch._replace(**{k: getattr(batch, k).astype("f4") for k in ("x", "y", "weight")})
    expected, gradient = np.empty_like(theta), np.empty(theta.size, "f4")
    double.loss_grad(theta, batch, expected)
    single.loss_grad(theta.astype("f4"), small, gradient)
    assert_allclose(gradient, expected, rtol=1e-3, atol=1e-5)
    assert single.predict(theta.astype("f4"), small.x, small.skip).dtype == np.float32
    for own in single.final_state():
        assert {state.dtype for state in own} == {np.dtype("f4")}


@pytest.mark.parametrize("n_threads", [1, 2])
@every_output
@every_topology
def test_halves_of_a_batch_add_up(rng, cell, stack, per_step, n_threads, monkeypatch):
    options = {"learn_initial_state": True, "dropout": 0.3, "recurrent_dropout": 0.3}
    network = make_network(cell, stack, per_step=per_step, **options)
    theta = random_parameters(network, rng)
    _, batch = make_batch(network, rng, "inside", dropout=True)
    expected, gradient = np.empty_like(theta), np.empty_like(theta)
    loss = network.loss_grad(theta, batch, expected)
    monkeypatch.setattr("skrnn._engine.parallel._HUGE_STEP", 1)
    split = SplitNetwork(network.twin(), n_threads)
    assert_allclose(split.loss_grad(theta, batch, gradient), loss, rtol=1e-12)
    assert_allclose(gradient, expected, rtol=1e-9, atol=1e-13)
    for own, whole in zip(split.final_state(), network.final_state(), strict=True):
        for a, b in zip(own, whole, strict=True):
            assert_allclose(a, b, rtol=1e-12)
    split.close()


@pytest.mark.parametrize("n_steps", [1, 2, T])
@pytest.mark.parametrize("mask", ["none", "inside"])
@every_output
@every_topology
def test_blocks_and_a_second_thread_change_nothing(
    rng, cell, stack, per_step, mask, n_steps, monkeypatch
):
    """Blocks but for the order of sums, the thread not even that."""
    network = make_network(cell, stack, per_step=per_step, learn_initial_state=True)
    theta = random_parameters(network, rng)
    _, batch = make_batch(network, rng, mask)
    expected, one, two = np.empty((3, theta.size))
    loss = network.loss_grad(theta, batch, expected)
    monkeypatch.setattr("skrnn._engine.stack._BLOCK_NUMBERS", 1)
    monkeypatch.setattr("skrnn._engine.stack._BLOCK_COLUMNS", n_steps * B)
    monkeypatch.setattr("skrnn._engine.parallel._LARGE_STEP", 1)
    for gradient, n_threads in ((one, 1), (two, 2)):
        split = SplitNetwork(network.twin(), n_threads)
        for _ in range(2):  # the second time with used buffers
            assert split.loss_grad(theta, batch, gradient) == loss
        split.close()
    assert_allclose(one, expected, rtol=1e-9, atol=1e-13)
    assert_array_equal(one, two)


def test_what_fails_in_the_second_thread_is_raised(rng, monkeypatch):
    monkeypatch.setattr("skrnn._engine.parallel._LARGE_STEP", 1)
    network = make_network("elman", "1", per_step=False)
    _, batch = make_batch(network, rng, "none")
    monkeypatch.setattr(type(network.topology.cell), "products", lambda *_: 1 / 0)
    split = SplitNetwork(network, 2)
    theta = random_parameters(network, rng)
    with pytest.raises(ZeroDivisionError):
        split.loss_grad(theta, batch, np.empty_like(theta))
    split.close()


@pytest.mark.parametrize("cell", sorted(PARTS))
def test_initial_weights(rng, cell):
    """Orthogonal recurrence, Glorot inputs, zero biases but for the forget gate's 1."""
    H = 6
    network = Network(Topology(PARTS[cell], D, (H,), K, False, np.dtype("f8")))
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
    network = make_network(cell, stack, per_step=False, learn_initial_state=True)
    mask = network.penalized()
    for name, value in network.named_weights(mask).items():
        last = name.rpartition(".")[2]
        free = last in ("bias", "recurrent_bias", "initial_state") or "readout" in name
        assert last in ("input", "recurrent", "peephole") or free
        assert (value == (0 if free else 1)).all(), name


@pytest.mark.parametrize(
    "options", [{"bptt_steps": 3}, {"cell": "jordan"}], ids=["bptt_steps", "jordan"]
)
def test_what_both_ways_can_not_mean_is_refused(options):
    cell = options.pop("cell", "lstm")
    with pytest.raises(ValueError, match="bidirectional=True can't be combined with"):
        make_network(cell, "1 both ways", per_step=False, **options)


@pytest.mark.parametrize("decay", [-0.1, 1.5, "a", None])
def test_decay_is_a_fraction(decay):
    with pytest.raises(ValueError, match="decay must be from 0 to 1"):
        JordanCell(decay=decay)
