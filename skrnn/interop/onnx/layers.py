"""The recurrent layers and the readout of one network."""

from typing import NamedTuple

import numpy as np

from ..._engine.topology import Direction, Topology
from ...cells import JordanCell
from .cells import Weights, of_part, operator_of
from .graph import Graph
from .initial import initial_states
from .jordan import jordan_outputs
from .steps import Steps


class Ran(NamedTuple):
    """What a direction of a layer puts out."""

    outputs: str  # (T, B, H), of the valid steps
    initial: str  # (B, H), before the first of them
    backward: bool


def network_outputs(graph: Graph, topology: Topology, weights: Weights, steps: Steps) -> str:
    """The outputs (B, S, K) of a network with these weights, by their public names."""
    x = graph.add("Transpose", _inputs(graph, topology, weights, steps), perm=[1, 0, 2])
    if isinstance(topology.cell, JordanCell):
        top = [Ran(*jordan_outputs(graph, topology, weights, x, steps), backward=False)]
    else:
        for layer in topology.layers():
            top = [_run(graph, topology.activation, own, weights, x, steps) for own in layer]
            x = _joined(graph, [ran.outputs for ran in top])
    read = []
    for ran in top:
        series = graph.add("Transpose", ran.outputs, perm=[1, 0, 2])  # (B, T, H)
        read.append(steps.outputs_at(graph, series, ran.initial, backward=ran.backward))
    h = _joined(graph, read)  # (B, S, H)
    return graph.linear(h, weights["readout.input"], weights["readout.bias"])


def _inputs(graph: Graph, topology: Topology, weights: Weights, steps: Steps) -> str:
    """What the first layer reads, (B, T, D)."""
    if not topology.embedding_size:
        return steps.x
    x = graph.add("Squeeze", steps.x, [2])
    tokens = graph.cast(x, np.int64)
    # whatever is no token becomes V, of which the lookup fails
    whole = graph.add("Equal", graph.cast(tokens, np.float32), x)
    known = graph.add("And", whole, graph.add("GreaterOrEqual", x, np.float32(0)))
    tokens = graph.add("Where", known, tokens, np.int64(topology.n_tokens))
    return graph.add("Gather", weights["embedding"], tokens, axis=0)


def _run(
    graph: Graph, activation: str, direction: Direction, weights: Weights, x: str, steps: Steps
) -> Ran:
    """Run a direction of a layer on x (T, B, D)."""
    own = of_part(weights, f"{direction.name}.")
    operator, H = operator_of(direction.cell, own, activation), direction.cell.hidden_size
    initial = initial_states(graph, own, [H] * operator.n_states, steps)
    states = [graph.add("Unsqueeze", state, [0]) for state in initial]
    inputs = [x, operator.W, operator.R, operator.B, steps.lengths, *states]
    if operator.P is not None:
        inputs.append(operator.P)
    which = "reverse" if direction.backward else "forward"
    Y = graph.add(operator.name, *inputs, direction=which, **operator.attributes)  # (T, 1, B, H)
    return Ran(graph.add("Squeeze", Y, [1]), initial[0], direction.backward)


def _joined(graph: Graph, parts: list[str]) -> str:
    return graph.add("Concat", *parts, axis=2) if len(parts) > 1 else parts[0]
