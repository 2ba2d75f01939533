"""From X to what the layers read: steps, of which the valid ones come first."""

from typing import Any, NamedTuple

import numpy as np

from ..._engine.predictor import Predictor
from .graph import Graph


class Steps(NamedTuple):
    """Names of what a graph knows of the sequences.

    An output of the network belongs to each of S steps: all T, or the last.
    """

    batch: str  # (1,), B
    x: str  # (B, T, D), the valid steps, then zeros
    static: str | None  # (B, M), scaled
    n_valid: str  # (B, 1)
    lengths: str  # (B,) int32, 1 for sequences without valid steps
    read: str  # (B, S), how many valid steps the forward direction has read at each output
    unread: str  # (B, S), how many the backward direction hasn't read there

    def outputs_at(self, graph: Graph, series: str, initial: str, *, backward: bool) -> str:
        """Of a direction's outputs (B, T, H) of the valid steps, those (B, S, H) at all S steps.

        They are the ``initial`` state (B, H) where the direction hasn't read a step yet.
        """
        if backward:
            begins = graph.add("Equal", self.unread, self.n_valid)
            last = graph.add("Sub", graph.add("Gather", graph.add("Shape", series), [1]), [1])
            step = graph.add("Min", self.unread, last)
        else:
            begins = graph.add("Equal", self.read, [[0]])
            step = graph.add("Max", graph.add("Sub", self.read, [[1]]), [[0]])
        outputs = graph.at_steps(series, step)
        begins, initial = (graph.add("Unsqueeze", v, [i]) for v, i in [(begins, 2), (initial, 1)])
        return graph.add("Where", begins, initial, outputs)


def read_steps(graph: Graph, X: str, estimator: Any, predictor: Predictor) -> Steps:
    """Add the nodes from X (B, n_columns) or (B, T, D+M) to the steps."""
    topology, layout = predictor.topology, estimator._input_layout
    scale = predictor.input_scale(estimator.parameters_)
    D, columns, axis, static = topology.n_inputs, layout.static_columns, layout.ndim - 1, None
    if columns:
        static = _covariates(graph, graph.add("Gather", X, columns, axis=axis), layout.ndim)
        dynamic = np.setdiff1d(np.arange(estimator.n_features_in_), columns)
        X = graph.add("Gather", X, dynamic, axis=axis)
    x = X if layout.ndim == 3 else graph.add("Reshape", X, [0, -1, D])  # (B, T, D)
    unknown = graph.cast(graph.add("IsNaN", x), np.int64)
    n_unknown = graph.add("ReduceSum", unknown, [2], keepdims=0)  # (B, T)
    missing = graph.add("Equal", n_unknown, [[D]])
    if scale is not None:
        x = graph.add("Div", graph.add("Sub", x, scale.mean[:D]), scale.scale[:D])
        if static is not None:
            mean, deviation = scale.mean[D:], scale.scale[D:]
            static = graph.add("Div", graph.add("Sub", static, mean), deviation)
    x = graph.add("Where", graph.add("Unsqueeze", missing, [2]), np.float32(0), x)
    return _in_front(graph, x, missing, static, per_step=topology.per_step)


def _covariates(graph: Graph, static: str, ndim: int) -> str:
    """Static covariates (B, M), 0 where no step has them, from (B, M) or (B, T, M)."""
    unknown = graph.add("IsNaN", static)
    if ndim == 2:
        return graph.add("Where", unknown, np.float32(0), static)
    static = graph.add("Where", unknown, np.float32(-np.inf), static)
    largest, _ = graph.add_all(2, "TopK", static, [1], axis=1)  # all steps that have them agree
    static = graph.add("Squeeze", largest, [1])
    return graph.add("Where", graph.add("IsInf", static, detect_positive=0), np.float32(0), static)


def _in_front(graph: Graph, x: str, missing: str, static: str | None, *, per_step: bool) -> Steps:
    """Bring the valid steps of x (B, T, D) to the front."""
    shape = graph.add("Shape", x)
    batch, n_steps = graph.add("Gather", shape, [0]), graph.add("Gather", shape, [1])
    missing = graph.cast(missing, np.int64)
    valid = graph.add("Sub", [[1]], missing)
    read = graph.add("CumSum", valid, np.int64(1))  # (B, T)
    n_valid = graph.add("ReduceSum", valid, [1], keepdims=1)
    t = graph.add("Range", np.int64(0), graph.add("Squeeze", n_steps, [0]), np.int64(1))
    rank = graph.add("Add", graph.add("Mul", missing, n_steps), t)
    _, order = graph.add_all(2, "TopK", rank, n_steps, axis=1, largest=0)
    if per_step:
        unread = graph.add("Sub", read, valid)
    else:
        read, unread = n_valid, graph.add("Sub", n_valid, n_valid)
    lengths = graph.add("Squeeze", graph.add("Max", n_valid, [[1]]), [1])
    return Steps(
        batch=batch,
        x=graph.at_steps(x, order),
        static=static,
        n_valid=n_valid,
        lengths=graph.cast(lengths, np.int32),
        read=read,
        unread=unread,
    )
