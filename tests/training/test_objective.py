"""What a solver minimizes: batches, chunks and blocks of the data."""

import itertools
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit, softmax

from skrnn._training.solvers.levenberg_marquardt import _Model
from tests.helpers import oracle_elman as reference
from tests.helpers.fits import unconverged
from tests.helpers.networks import (
    MASKS,
    all_rows,
    data_set,
    difference,
    jacobian_of,
    make_network,
    masked_sequences,
    random_parameters,
    sequence_data,
)
from tests.helpers.objectives import (
    classes_problem,
    make_objective,
    objective_of,
    value_and_gradient,
)

pytestmark = pytest.mark.core

T, K, B = 7, 3, 5  # steps, outputs and sequences


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("bptt_steps", [1, 3, T])
def test_chunks_carry_the_state_and_cut_the_gradient(rng, bptt_steps, mask):
    network = make_network(sizes=(4,), K=K, per_step=True, bptt_steps=bptt_steps)
    theta = random_parameters(network, rng, 0.1)
    data = sequence_data(rng, masked_sequences(rng, mask), per_step=True)
    objective = objective_of(network, data, rng=rng)
    gradient = np.empty_like(theta)
    weights = network.named_weights(theta)
    x = [s[~np.isnan(s[:, 0])] for s in data.X]
    y = [t[~np.isnan(s[:, 0])] for s, t in zip(data.X, data.y, strict=True)]
    h = [None] * B
    (chunks,), state = objective.epoch(), None
    for start, batch in zip(itertools.count(0, bptt_steps), chunks, strict=False):
        rows = theta[np.newaxis], batch, gradient[np.newaxis]
        _, state = objective.loss_grad(*rows, state)
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
    network = make_network(sizes=(4,), K=K, per_step=per_step)
    theta = network.initial_parameters(rng)
    data = sequence_data(rng, masked_sequences(rng, "inside"), per_step=per_step, weighted=True)
    objective = objective_of(network, data, alpha=0.3)
    batch = all_rows(data)
    expected = np.empty_like(theta)
    (expected_loss,), _ = objective.loss_grad(theta[np.newaxis], batch, expected[np.newaxis])
    _, jacobian = jacobian_of(network, theta, batch, slice(None))
    dense = jacobian.T @ (batch.weight.reshape(-1, 1) * jacobian) / data.total
    dense += 0.3 * K / data.total * np.diag(network.penalized())
    for block in (1, 200, 2**20):
        monkeypatch.setattr("skrnn._engine.blocks.BLOCK_NUMBERS", block)
        model = SimpleNamespace(
            gradient=np.empty(theta.size), hessian=np.empty((theta.size, theta.size))
        )
        objective.normal_equations(theta[np.newaxis], [model])
        assert_allclose(model.loss, expected_loss, rtol=1e-12)
        assert_allclose(model.gradient, expected, rtol=1e-10, atol=1e-14)
        assert_allclose(model.hessian, dense, rtol=1e-10, atol=1e-14)


PROBLEMS = pytest.mark.parametrize(
    ("n_classes", "per_step"), [(2, False), (2, True), (3, False), (3, True), (5, False)]
)


@unconverged
@pytest.mark.parametrize("block", [1, 3000, 2**20])
@PROBLEMS
def test_normal_equations_are_gauss_and_newtons(n_classes, per_step, block, monkeypatch):
    """J^T H J of the dense Jacobian of all outputs, whatever the blocks."""
    network, theta, data = classes_problem(n_classes, per_step)
    objective = objective_of(network, data, alpha=0.3)
    model, P, K = _Model(theta.size), theta.size, network.topology.n_outputs
    monkeypatch.setattr("skrnn._engine.blocks.BLOCK_NUMBERS", block)
    monkeypatch.setattr("skrnn._training.objective._SMALLEST_BLOCK", 4)
    objective.normal_equations(theta[np.newaxis], [model])

    decay = 0.3 / data.total * network.penalized()
    batch, gradient = data.batch(data.rows), np.empty(P)
    loss, _ = network.loss_grad(theta, batch, gradient)
    assert model.loss == pytest.approx(loss + 0.5 * decay @ theta**2, rel=1e-12)
    assert_allclose(model.gradient, gradient + decay * theta, rtol=1e-9, atol=1e-13)
    f, J = jacobian_of(network, theta, batch)
    B = len(data.rows)
    f, J = f.reshape(-1, K, B), J.reshape(-1, K, B, P)
    p = expit(f) if K == 1 else softmax(f, axis=1)
    H = np.einsum("skb,kl->sbkl", p, np.eye(K)) - np.einsum("skb,slb->sbkl", p, p)
    weight = batch.weight[:, 0, :, np.newaxis, np.newaxis] / data.total
    expected = np.einsum("skbp,sbkl,slbq->pq", J, weight * H, J, optimize=True)
    assert_allclose(model.hessian, expected + np.diag(decay), rtol=1e-8, atol=1e-12)


def batches_of(lengths, *, batch_size=5, shuffle=True, seed=0):
    X = np.full((len(lengths), max(lengths), 1), np.nan)
    for x, n in zip(X, lengths, strict=True):
        x[:n] = 1
    data = data_set(X, np.zeros((len(X), 1, 1)), None, per_step=False)
    network = make_network(sizes=(2,), D=1, K=1)
    settings = {"batch_size": batch_size, "shuffle": shuffle}
    objective = objective_of(network, data, **settings, rng=np.random.RandomState(seed))
    return [list(rows) for rows in objective._batches()], objective


def test_batches_are_of_similar_length_in_an_order_of_the_seed(rng):
    lengths = rng.randint(1, 50, size=43)
    batches, objective = batches_of(lengths)
    assert sorted(np.concatenate(batches)) == list(range(43))
    spans = sorted((min(lengths[rows]), max(lengths[rows])) for rows in batches)
    assert all(low >= high for (_, high), (low, _) in pairwise(spans))
    assert batches == batches_of(lengths)[0]
    others = [batches_of(lengths, seed=seed)[0] for seed in (1, 2)]
    assert batches != others[0] != others[1]
    # the order of the batches changes, not only who is in them
    assert len({tuple(int(max(lengths[rows])) for rows in b) for b in (batches, *others)}) == 3
    for (batch,) in objective.epoch():
        n_steps = len(batch.x)
        assert n_steps in lengths
        n_valid = n_steps if batch.missing is None else (~batch.missing).sum(axis=0)
        assert np.max(n_valid) == n_steps


def test_batches_of_equal_lengths_or_in_order_are_left_alone():
    batches, _ = batches_of([7] * 12)
    expected = np.random.RandomState(0).permutation(12)
    assert batches == [list(expected[:5]), list(expected[5:10]), list(expected[10:])]
    batches, _ = batches_of([3, 9, 1, 8, 2, 7], batch_size=4, shuffle=False)
    assert batches == [[0, 1, 2, 3], [4, 5]]


@pytest.mark.parametrize("alpha", [0, 0.5])
def test_penalty_is_in_the_gradient(rng, alpha):
    function = value_and_gradient(make_objective(rng, alpha=alpha))
    theta, direction = rng.normal(size=11), rng.normal(size=11)
    slope = difference(lambda p: function(p)[0], theta, direction, step=1e-5)
    assert_allclose(function(theta)[1] @ direction, slope, rtol=1e-7)


@pytest.mark.parametrize("per_step", [False, True])
def test_all_data_in_blocks_give_the_gradient_of_one_batch(rng, per_step, monkeypatch):
    objective = make_objective(rng, alpha=0.3, per_step=per_step)
    theta, gradient = objective.network.initial_parameters(rng), np.empty(11)
    loss, expected = value_and_gradient(objective)(theta)
    for block in (1, 700, 2**20):
        monkeypatch.setattr("skrnn._engine.blocks.BLOCK_NUMBERS", block)
        assert objective.total_loss_grad(theta, gradient) == pytest.approx(loss, rel=1e-12)
        assert_allclose(gradient, expected, rtol=1e-10, atol=1e-14)
