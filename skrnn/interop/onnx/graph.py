"""A graph of ONNX that is made node after node."""

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, ValueInfoProto

OPSET = 17  # all operators here mean the same in later ones
_IR_VERSION = 8  # of the files that came with this opset

Value = Any  # the name of a result, or numbers that become a constant


def require(package: str) -> Any:
    """Import a package of the extra; raise ImportError that names it."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise ImportError(
            f"ONNX needs {package}: install the extra, pip install 'skrnn[onnx]'."
        ) from error


class Graph:
    """Nodes and constants. Floats are float32 and integers int64.

    Parameters
    ----------
    prefix : str
        What names begin with: those of a graph inside another one must differ from that one's.
    """

    def __init__(self, prefix: str = ""):
        self._onnx, self._prefix = require("onnx"), prefix
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    # --- nodes ---

    def add(self, operator: str, *inputs: Value, **attributes: Any) -> str:
        """Add a node, and return the name of its first result.

        Inputs are names, or numbers that become constants.
        """
        return self.add_all(1, operator, *inputs, **attributes)[0]

    def add_all(
        self, n_outputs: int, operator: str, *inputs: Value, **attributes: Any
    ) -> list[str]:
        """Add a node with several results, and return their names."""
        name = f"{self._prefix}{operator}_{len(self._nodes)}"
        outputs = [name, *(f"{name}_{i}" for i in range(1, n_outputs))]
        names = [v if isinstance(v, str) else self.constant(_numbers(v)) for v in inputs]
        node = self._onnx.helper.make_node(operator, names, outputs, name=name, **attributes)
        self._nodes.append(node)
        return outputs

    def constant(self, values: np.ndarray) -> str:
        """Name of a constant with these values, whatever their type."""
        name = f"{self._prefix}constant_{len(self._constants)}"
        self._constants.append(self._onnx.numpy_helper.from_array(values, name))
        return name

    def cast(self, value: Value, dtype: Any) -> str:
        """The values in another type."""
        element = self._onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        return self.add("Cast", value, to=element)

    def named(self, value: Value, name: str) -> str:
        """The same values by another name, of an output for example."""
        node = self._onnx.helper.make_node("Identity", [value], [name], name=name)
        self._nodes.append(node)
        return name

    # --- what several parts need ---

    def at_steps(self, series: str, steps: str) -> str:
        """Of a series (B, T, ...) the values (B, *n, ...) at ``steps`` (B, *n)."""
        return self.add("GatherND", series, self.add("Unsqueeze", steps, [-1]), batch_dims=1)

    def linear(self, x: str, W: np.ndarray, b: np.ndarray | None = None) -> str:
        """``W x + b`` of x (..., D), with W (K, D)."""
        y = self.add("MatMul", x, W.T)
        return y if b is None else self.add("Add", y, b)

    # --- the whole ---

    def value_info(self, name: str, dtype: Any, shape: Sequence[int | str]) -> "ValueInfoProto":
        """The description of an input or output; names of sizes say that they may vary."""
        helper = self._onnx.helper
        element = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        return helper.make_tensor_value_info(name, element, shape)

    def proto(
        self, inputs: Sequence["ValueInfoProto"], outputs: Sequence["ValueInfoProto"]
    ) -> "GraphProto":
        """The graph in ONNX's format."""
        name = self._prefix.rstrip("_") or "skrnn"
        return self._onnx.helper.make_graph(self._nodes, name, inputs, outputs, self._constants)

    def model(
        self, inputs: Sequence["ValueInfoProto"], outputs: Sequence["ValueInfoProto"], **about: str
    ) -> "ModelProto":
        """The model, after a check of all of it."""
        helper = self._onnx.helper
        opsets = [helper.make_opsetid("", OPSET)]
        graph = self.proto(inputs, outputs)
        model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION, **about)
        self._onnx.checker.check_model(model, full_check=True)
        return model


def _numbers(values: Any) -> np.ndarray:
    a = np.asarray(values)
    return a.astype(np.float32 if a.dtype.kind == "f" else np.int64)
