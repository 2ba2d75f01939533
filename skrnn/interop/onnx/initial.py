"""What the layers start from: learned, set by static covariates, or 0."""

from collections.abc import Sequence

import numpy as np

from .cells import Weights
from .graph import Graph
from .steps import Steps


def initial_states(graph: Graph, weights: Weights, sizes: Sequence[int], steps: Steps) -> list[str]:
    """The states (B, rows) of a direction with these weights; ``sizes`` are their rows."""
    learned = weights.get("initial_state", np.zeros(sum(sizes)))[np.newaxis]
    shape = graph.add("Concat", steps.batch, [sum(sizes)], axis=0)
    state = graph.add("Expand", learned, shape)  # (B, rows of all)
    if steps.static is not None:
        state = graph.add("Add", state, graph.linear(steps.static, weights["static"]))
    parts = [(stop - size, stop) for size, stop in zip(sizes, np.cumsum(sizes), strict=True)]
    return [graph.add("Slice", state, [start], [stop], [1]) for start, stop in parts]
