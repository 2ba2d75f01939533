"""From the network's outputs to predictions: values, or labels and probabilities."""

from typing import TYPE_CHECKING

import numpy as np

from ..._engine.cross_entropy import CrossEntropy
from ..._engine.losses import PinballLoss, PoissonLoss
from ..._estimators.classification_targets import ClassificationOutputs
from ..._estimators.regression_targets import RegressionOutputs
from ..._estimators.targets import Outputs
from .graph import Graph

if TYPE_CHECKING:
    from onnx import ValueInfoProto

Sizes = tuple[int | str, ...]


def add_outputs(graph: Graph, y: str, outputs: Outputs, sizes: Sizes) -> "list[ValueInfoProto]":
    """Add the outputs of the graph, of outputs y (B, S, K); return their descriptions.

    ``sizes`` are those of the samples, and of the steps where each has an output.
    """
    if isinstance(outputs, ClassificationOutputs):
        return _classification(graph, y, outputs, sizes)
    assert isinstance(outputs, RegressionOutputs)
    return _regression(graph, y, outputs, sizes)


def _regression(
    graph: Graph, y: str, outputs: RegressionOutputs, sizes: Sizes
) -> "list[ValueInfoProto]":
    loss, K = outputs.loss, len(outputs.scale)
    if isinstance(loss, PoissonLoss):
        y = graph.add("Exp", y)
    elif isinstance(loss, PinballLoss) and loss.quantiles.size > 1:
        y, _ = graph.add_all(2, "TopK", y, [K], axis=-1, largest=0)  # sorted
    y = graph.add("Add", graph.add("Mul", y, outputs.scale), outputs.mean)
    if outputs.y_ndim < 3:
        y = graph.add("Squeeze", y, [1] if outputs.y_ndim == 2 else [1, 2])
    shape = (*sizes, K) if outputs.y_ndim > 1 else sizes
    return [graph.value_info(graph.named(y, "variable"), "f4", shape)]


def _classification(
    graph: Graph, y: str, outputs: ClassificationOutputs, sizes: Sizes
) -> "list[ValueInfoProto]":
    classes, n = outputs.classes, len(outputs.classes)
    if isinstance(outputs.loss, CrossEntropy):
        p, number = graph.add("Softmax", y, axis=-1), graph.add("ArgMax", y, axis=-1, keepdims=0)
    else:
        p = graph.add("Sigmoid", y)
        number = graph.cast(graph.add("Greater", y, np.float32(0)), np.int64)
        if not outputs.multilabel:
            p = graph.add("Concat", graph.add("Sigmoid", graph.add("Neg", y)), p, axis=-1)
            number = graph.add("Squeeze", number, [-1])
    if outputs.multilabel:
        label, dtype = number, np.dtype(np.int64)
    else:
        values = classes.astype(object) if classes.dtype.kind == "U" else classes
        label, dtype = graph.add("Gather", graph.constant(values), number, axis=0), values.dtype
    if len(sizes) == 1:
        label, p = (graph.add("Squeeze", value, [1]) for value in (label, p))
    of_label = (*sizes, n) if outputs.multilabel else sizes
    return [
        graph.value_info(graph.named(label, "label"), dtype, of_label),
        graph.value_info(graph.named(p, "probabilities"), "f4", (*sizes, n)),
    ]
