"""Pipelines of scikit-learn's transformers and a network, by skl2onnx."""

from typing import Any

from ...classifier import RNNClassifier
from ...regressor import RNNRegressor
from .export import to_onnx
from .graph import require

_TYPES = ("Float", "Double", "Int64", "Int32", "String", "Boolean")  # of outputs, in skl2onnx


def register_with_skl2onnx() -> None:
    """Let skl2onnx convert pipelines whose last step is a network over the rows of a table.

    ``skl2onnx.to_onnx(pipe, X)`` then makes one model of the scaler and the network. Its outputs
    are those of `skrnn.interop.to_onnx`, if ``options={"zipmap": False}`` is passed for a
    classifier. Otherwise, skl2onnx turns the probabilities into dicts, which it can for one label
    per row only.

    Raises
    ------
    ImportError
        If the package skl2onnx isn't installed: ``pip install 'skrnn[onnx]'``.

    See Also
    --------
    to_onnx : For a network alone, and for 3-D input.

    Notes
    -----
    skl2onnx keeps converters in a table for as long as Python runs. A second call changes nothing.
    X must be float32, as in ``skl2onnx.to_onnx(pipe, X[:1].astype("float32"))``. The transformers
    are skl2onnx's: of missing steps, they need to leave NaN as it is, as StandardScaler does.

    Examples
    --------
    skl2onnx isn't a dependency, so this example isn't run with the others:

    >>> import numpy as np
    >>> import skl2onnx  # doctest: +SKIP
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skrnn import RNNRegressor, sliding_windows
    >>> from skrnn.interop import register_with_skl2onnx
    >>> X, y = sliding_windows(np.sin(np.arange(60)), length=20)
    >>> rows = X[:, :, 0].astype(np.float32)
    >>> pipe = make_pipeline(StandardScaler(), RNNRegressor(max_iter=10, random_state=0))
    >>> register_with_skl2onnx()  # doctest: +SKIP
    >>> model = skl2onnx.to_onnx(pipe.fit(rows, y), rows[:1])  # doctest: +SKIP
    >>> [output.name for output in model.graph.output]  # doctest: +SKIP
    ['variable']
    """
    skl2onnx = require("skl2onnx")
    of_classifiers = {"zipmap": [True, False, "columns"], "nocl": [True, False]}
    for kind, options in [(RNNRegressor, None), (RNNClassifier, of_classifiers)]:
        skl2onnx.update_registered_converter(
            kind, f"Skrnn{kind.__name__}", _set_types, _convert, options=options
        )


def _set_types(operator: Any) -> None:
    """Tell skl2onnx the types of the outputs."""
    from skl2onnx.common import data_types

    (given,) = operator.inputs
    if not isinstance(given.type, data_types.FloatTensorType):
        raise TypeError(
            f"{type(operator.raw_operator).__name__} reads float32 in ONNX, but its input is "
            f"{given.type}: pass X[:1].astype('float32') to skl2onnx.to_onnx."
        )
    kinds = {
        data_types.guess_proto_type(kind()): kind
        for kind in (getattr(data_types, f"{name}TensorType") for name in _TYPES)
    }
    outputs = to_onnx(operator.raw_operator).graph.output
    for variable, described in zip(operator.outputs, outputs, strict=True):
        tensor = described.type.tensor_type
        shape = [size.dim_value or None for size in tensor.shape.dim]
        variable.type = kinds[tensor.elem_type](shape)


def _convert(scope: Any, operator: Any, container: Any) -> None:
    """Add the network's graph to that of the pipeline."""
    from skl2onnx.helpers import add_onnx_graph

    add_onnx_graph(scope, operator, container, to_onnx(operator.raw_operator))
