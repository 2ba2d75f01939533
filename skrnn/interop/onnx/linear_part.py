"""The linear part: what the last inputs add to the network's outputs."""

import numpy as np

from ..._engine.topology import Topology
from .cells import Weights
from .graph import Graph
from .steps import Steps


def linear_outputs(graph: Graph, topology: Topology, weights: Weights, steps: Steps) -> str:
    """What it adds, (B, S, K): a map of the inputs of the last L valid steps."""
    L, K = topology.linear_steps, topology.n_outputs
    first = graph.add("Slice", steps.x, [0], [1], [1])
    before = graph.add("Expand", first, [1, L, 1])  # steps before count as the first
    series = graph.add("Concat", before, steps.x, axis=1)  # (B, L+T, D)
    step = graph.add("Add", graph.add("Unsqueeze", steps.read, [2]), np.arange(L))  # (B, S, L)
    lags = graph.add("Reshape", graph.at_steps(series, step), [0, 0, L * topology.n_inputs])
    waits = graph.add("Unsqueeze", graph.add("Equal", steps.read, [[0]]), [2])
    lags = graph.add("Where", waits, np.float32(0), lags)
    y = graph.linear(lags, weights["linear.input"].reshape(K, -1), weights["linear.bias"])
    if steps.static is None:
        return y
    fixed = graph.linear(steps.static, weights["linear.static"])  # (B, K)
    return graph.add("Add", y, graph.add("Unsqueeze", fixed, [1]))
