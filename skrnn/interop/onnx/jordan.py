"""Jordan's network, which reads its own output: a Scan, as ONNX has no operator for it."""

from typing import TYPE_CHECKING

import numpy as np

from ..._engine.topology import Topology
from ...cells import JordanCell
from .cells import Weights, of_part
from .graph import Graph
from .initial import initial_states
from .steps import Steps

if TYPE_CHECKING:
    from onnx import GraphProto

_ACTIVATIONS = {"tanh": "Tanh", "relu": "Relu", "logistic": "Sigmoid", "identity": "Identity"}


def jordan_outputs(
    graph: Graph, topology: Topology, weights: Weights, x: str, steps: Steps
) -> tuple[str, str]:
    """The last layer's outputs (T, B, H) for x (T, B, D), and those before the first step (B, H).

    All layers of a step run together, and keep a context c (B, K) each.
    """
    layers = [direction for (direction,) in topology.layers()]
    own = [of_part(weights, f"{layer.name}.") for layer in layers]
    states = [
        initial_states(graph, w, [layer.cell.hidden_size, topology.n_outputs], steps)
        for layer, w in zip(layers, own, strict=True)
    ]
    scanned = graph.add_all(
        len(layers) + 1,
        "Scan",
        *(context for _, context in states),
        x,
        body=_step(topology, own, layers[0].cell.n_inputs, weights),
        num_scan_inputs=1,
    )
    return scanned[-1], states[-1][0]


def _step(
    topology: Topology, layers: list[dict[str, np.ndarray]], n_inputs: int, weights: Weights
) -> "GraphProto":
    """The graph of one step: from the contexts c and x to the new contexts and the last h."""
    step, K = Graph("step_"), topology.n_outputs
    contexts, h = [f"step_c_{i}" for i in range(len(layers))], "step_x"
    inputs = [step.value_info(c, "f4", ("n_samples", K)) for c in contexts]
    inputs.append(step.value_info(h, "f4", ("n_samples", n_inputs)))
    for w, c in zip(layers, contexts, strict=True):
        from_x, from_c = step.linear(h, w["input"], w["bias"]), step.linear(c, w["recurrent"])
        z = step.add("Add", from_x, from_c)
        h = step.add(_ACTIVATIONS[topology.activation], z)
    y = step.linear(h, weights["readout.input"], weights["readout.bias"])
    assert isinstance(topology.cell, JordanCell)
    decay = float(topology.cell.decay)
    new = [step.add("Add", step.add("Mul", c, decay), y) for c in contexts]
    outputs = [step.value_info(c, "f4", ("n_samples", K)) for c in new]
    outputs.append(step.value_info(h, "f4", ("n_samples", topology.hidden_sizes[-1])))
    return step.proto(inputs, outputs)
