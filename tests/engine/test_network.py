"""The engine against central differences and a naive reference."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skrnn._engine.batch import Batch
from skrnn._engine.masking import time_first
from skrnn._engine.network import Network
from skrnn._engine.parallel import SplitNetwork
from skrnn._engine.topology import Topology
from skrnn._training.dataset import SequenceData
from skrnn._training.objective import Objective
from skrnn.cells import CELLS
from skrnn.cells._weight_gradients import _SMALL_PRODUCT
from tests.helpers import oracle_elman as reference

pytestmark = pytest.mark.core

ACTIVATIONS = sorted(reference.F)
MASKS = ["none", "front", "end", "inside", "empty"]
T, D, H, K, B = 7, 2, 4, 3, 5


def make_network(activation="tanh", *, per_step=False, bptt_steps=None, hidden_size=H, dtype="f8"):
    options = {"activation": activation, "bptt_steps": bptt_steps}
    return Network(
        Topology(CELLS["elman"](), D, (hidden_size,), K, per_step, np.dtype(dtype), **options)
    )


def make_sequences(rng, mask, n=B, n_steps=T):
    """Sequences (N, T, D) of which most, not all, have NaN steps."""
    X = rng.normal(size=(n, n_steps, D))
    for i in range(1, n):
        if mask == "front":
            X[i, :i] = np.nan
        elif mask == "end":
            X[i, n_steps - i :] = np.nan
        elif mask == "inside":
            X[i, rng.permutation(n_steps)[:i]] = np.nan
    if mask == "empty":
        X[1] = np.nan
    return X


def make_data(rng, X, per_step, *, weighted=False):
    y = rng.normal(size=(len(X), X.shape[1] if per_step else 1, K))
    absent = np.isnan(X[..., 0])
    y[absent if per_step else absent.all(axis=1)] = np.nan
    weight = rng.uniform(0.5, 2, size=(len(X), 1)) if weighted else None
    return SequenceData(X, y, weight, per_step=per_step)


def all_rows(data):
    return data.batch(np.arange(len(data.X)))


def reference_gradient(network, theta, data, activation):
    """The gradient of the weighted mean, sequence by sequence."""
    weights = network.named_weights(theta)
    total, summed = 0.0, dict.fromkeys(reference.NAMES, 0)
    for i, (x, y) in enumerate(zip(data.X, data.y, strict=True)):
        if not data.per_step:
            y = reference.last_only(y[0], len(x))
        weight = 1 if data.weight is None else data.weight[i, 0]
        loss, gradient = reference.sequence_gradient(weights, x, y, activation)
        total += weight * loss
        summed = {name: summed[name] + weight * g for name, g in gradient.items()}
    return total / data.total, {name: g / data.total for name, g in summed.items()}


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_forward_equals_reference(rng, activation, per_step, mask):
    network = make_network(activation, per_step=per_step)
    theta = network.initial_parameters(rng) + 0.1 * rng.normal(size=network.layout.size)
    data = make_data(rng, make_sequences(rng, mask), per_step)
    output = network.predict(theta, *time_first(data.X)).transpose(2, 0, 1)
    expected = reference.predict(network.named_weights(theta), data.X, activation, per_step)
    assert_allclose(output, expected.reshape(output.shape), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_equals_reference_and_central_differences(
    rng, activation, per_step, mask, weighted
):
    network = make_network(activation, per_step=per_step)
    theta = network.initial_parameters(rng) + 0.1 * rng.normal(size=network.layout.size)
    data = make_data(rng, make_sequences(rng, mask), per_step, weighted=weighted)
    batch = all_rows(data)
    gradient = np.empty_like(theta)
    loss = network.loss_grad(theta, batch, gradient)

    expected_loss, expected = reference_gradient(network, theta, data, activation)
    assert_allclose(loss, expected_loss, rtol=1e-12)
    for name, value in network.named_weights(gradient).items():
        assert_allclose(value, expected[name], rtol=1e-10, atol=1e-13, err_msg=name)

    direction, step, scratch = rng.normal(size=theta.size), 1e-5, np.empty_like(theta)
    difference = network.loss_grad(theta + step * direction, batch, scratch)
    difference -= network.loss_grad(theta - step * direction, batch, scratch)
    assert_allclose(gradient @ direction, difference / (2 * step), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_jacobian_equals_central_differences(rng, activation, per_step, mask):
    network = make_network(activation, per_step=per_step)
    theta = network.initial_parameters(rng) + 0.1 * rng.normal(size=network.layout.size)
    batch = all_rows(make_data(rng, make_sequences(rng, mask), per_step))
    n_outputs = len(batch.y) * K
    step, columns = 1e-5, []
    for direction in np.eye(theta.size):
        difference = network.predict(theta + step * direction, batch.x, batch.skip)
        difference -= network.predict(theta - step * direction, batch.x, batch.skip)
        columns.append(difference.ravel() / (2 * step))
    expected = np.array(columns).T.reshape(n_outputs, B, -1)
    for outputs in (slice(0, n_outputs), slice(1, 3), slice(n_outputs - 1, n_outputs + 5)):
        values, jacobian = reference.jacobian_of(network, theta, batch, outputs)
        whole = network.predict(theta, batch.x, batch.skip).reshape(n_outputs, B)
        assert_allclose(values, whole[outputs], rtol=1e-12, atol=1e-13)
        jacobian = jacobian.reshape(-1, B, theta.size)
        assert_allclose(jacobian, expected[outputs], rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("bptt_steps", [1, 3, T, T + 5])
def test_truncation_with_one_output_cuts_where_real_steps_say(rng, bptt_steps, activation, mask):
    """The gradient is that of the last real steps from a frozen state, Jacobian included."""
    network = make_network(activation, bptt_steps=bptt_steps)
    theta = network.initial_parameters(rng) + 0.1 * rng.normal(size=network.layout.size)
    data = make_data(rng, make_sequences(rng, mask), False)
    weights = network.named_weights(theta)
    expected = dict.fromkeys(reference.NAMES, 0)
    for x, y in zip(data.X, data.y, strict=True):
        x = x[~np.isnan(x[:, 0])]
        if len(x) == 0:
            continue
        first = max(0, len(x) - bptt_steps)
        targets = reference.last_only(y[0], len(x))
        _, g = reference.sequence_gradient(weights, x, targets, activation, first=first)
        expected = {name: expected[name] + g[name] / data.total for name in g}
    gradient = np.empty_like(theta)
    batch = all_rows(data)
    network.loss_grad(theta, batch, gradient)
    for name, value in network.named_weights(gradient).items():
        assert_allclose(value, expected[name], rtol=1e-10, atol=1e-13, err_msg=name)

    values, jacobian = reference.jacobian_of(network, theta, batch, slice(0, K))
    weight = 1 if batch.weight is None else batch.weight.reshape(K, -1)
    residual = (values - batch.y.reshape(K, -1)) * weight / batch.total
    assert_allclose(residual.ravel() @ jacobian, gradient, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("bptt_steps", [1, 3, T])
def test_chunks_carry_the_state_and_cut_the_gradient(rng, bptt_steps, mask):
    network = make_network(per_step=True, bptt_steps=bptt_steps)
    theta = network.initial_parameters(rng) + 0.1 * rng.normal(size=network.layout.size)
    data = make_data(rng, make_sequences(rng, mask), True)
    objective = Objective(
        network,
        data,
        alpha=0,
        batch_size=B,
        shuffle=False,
        rng=rng,
        n_threads=1,
    )
    gradient = np.empty_like(theta)
    weights = network.named_weights(theta)
    x = [s[~np.isnan(s[:, 0])] for s in data.X]
    y = [t[~np.isnan(s[:, 0])] for s, t in zip(data.X, data.y, strict=True)]
    h = [None] * B
    for start, (batch, state) in zip(
        itertools.count(0, bptt_steps), objective.epoch(), strict=False
    ):
        objective.loss_grad(theta[np.newaxis], batch, gradient[np.newaxis], state)
        part = slice(start, start + bptt_steps)
        expected = dict.fromkeys(reference.NAMES, 0)
        for i in range(B):
            _, g = reference.sequence_gradient(weights, x[i][part], y[i][part], "tanh", h=h[i])
            h[i] = reference.states(weights, x[i][part], "tanh", h[i])[-1]
            expected = {name: expected[name] + g[name] / (batch.total or 1) for name in g}
        for name, value in network.named_weights(gradient).items():
            assert_allclose(value, expected[name], rtol=1e-10, atol=1e-13, err_msg=name)
    assert start + bptt_steps >= max(len(s) for s in x)


@pytest.mark.parametrize("per_step", [False, True])
def test_normal_equations_in_blocks_equal_gradient_and_dense_product(rng, per_step, monkeypatch):
    network = make_network(per_step=per_step)
    theta = network.initial_parameters(rng)
    data = make_data(rng, make_sequences(rng, "inside"), per_step, weighted=True)
    settings = {"alpha": 0.3, "batch_size": B, "shuffle": False}
    objective = Objective(network, data, **settings, rng=rng, n_threads=1)
    batch = all_rows(data)
    expected = np.empty_like(theta)
    (expected_loss,) = objective.loss_grad(theta[np.newaxis], batch, expected[np.newaxis])
    _, jacobian = reference.jacobian_of(network, theta, batch, slice(None))
    dense = jacobian.T @ (batch.weight.reshape(-1, 1) * jacobian) / data.total
    dense += 0.3 * K / data.total * np.diag(network.penalized())
    for block in (1, 200, 2**20):
        monkeypatch.setattr("skrnn._training.objective._BLOCK_NUMBERS", block)
        model = SimpleNamespace(
            gradient=np.empty(theta.size), hessian=np.empty((theta.size, theta.size))
        )
        objective.normal_equations(theta[np.newaxis], [model])
        assert_allclose(model.loss, expected_loss, rtol=1e-12)
        assert_allclose(model.gradient, expected, rtol=1e-10, atol=1e-14)
        assert_allclose(model.hessian, dense, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize(("per_step", "bptt_steps"), [(False, None), (True, None), (False, 3)])
def test_large_batches_are_split_without_a_trace(rng, per_step, bptt_steps, n_threads, monkeypatch):
    network = make_network(per_step=per_step, bptt_steps=bptt_steps)
    theta = network.initial_parameters(rng)
    data = make_data(rng, make_sequences(rng, "inside"), per_step, weighted=True)
    batch = all_rows(data)
    expected, gradient = np.empty((2, theta.size))
    state = [[rng.normal(size=(H, B))]]
    expected_loss = network.loss_grad(theta, batch, expected, state)
    expected_state = network.final_state()
    monkeypatch.setattr("skrnn._engine.parallel._HUGE_STEP", 1)
    split = SplitNetwork(make_network(per_step=per_step, bptt_steps=bptt_steps), n_threads)
    loss = split.loss_grad(theta, batch, gradient, state)
    assert_allclose(loss, expected_loss, rtol=1e-12)
    assert_allclose(gradient, expected, rtol=1e-10, atol=1e-14)
    assert_allclose(split.final_state(), expected_state, rtol=1e-12)
    split.close()


def test_large_products_take_another_path_to_the_same_gradient(rng):
    hidden_size = 70
    network = make_network(hidden_size=hidden_size)
    assert hidden_size * (hidden_size + D + 1) > _SMALL_PRODUCT
    theta = network.initial_parameters(rng)
    data = make_data(rng, make_sequences(rng, "none"), False)
    gradient = np.empty_like(theta)
    network.loss_grad(theta, all_rows(data), gradient)
    _, expected = reference_gradient(network, theta, data, "tanh")
    for name, value in network.named_weights(gradient).items():
        assert_allclose(value, expected[name], rtol=1e-9, atol=1e-13, err_msg=name)


def test_tapes_are_used_again_and_few_are_kept(rng):
    network = make_network()
    theta = network.initial_parameters(rng)
    x = rng.normal(size=(T, D, B))
    for n_steps in range(1, T):
        network.predict(theta, x[:n_steps])
        assert len(network._passes) <= 4
    last = network._last
    network.predict(theta, x[: T - 1] + 1)
    assert network._last is last


def test_float32_stays_float32(rng):
    network = make_network(dtype="f4")
    theta = network.initial_parameters(rng)
    x = rng.normal(size=(T, D, B)).astype("f4")
    y = rng.normal(size=(1, K, B)).astype("f4")
    batch = Batch(x, None, y, None, float(y.size))
    gradient = np.empty_like(theta)
    network.loss_grad(theta, batch, gradient)
    double = make_network(dtype="f8")
    expected = np.empty(theta.size)
    double.loss_grad(theta.astype("f8"), batch, expected)
    assert theta.dtype == gradient.dtype == network.predict(theta, x).dtype == np.float32
    assert_allclose(gradient, expected, rtol=1e-4, atol=1e-6)


def test_initial_weights_are_orthogonal_and_glorot(rng):
    weights = make_network(hidden_size=50).named_weights(
        make_network(hidden_size=50).initial_parameters(rng)
    )
    W = weights["layer0.recurrent"]
    assert_allclose(W @ W.T, np.eye(50), atol=1e-12)
    limit = np.sqrt(6 / (50 + D))
    assert 0.9 * limit < np.abs(weights["layer0.input"]).max() <= limit
    assert not weights["layer0.bias"].any()
    assert not weights["readout.bias"].any()
