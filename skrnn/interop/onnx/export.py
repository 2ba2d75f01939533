"""A fitted estimator as a model of ONNX."""

from typing import TYPE_CHECKING

import numpy as np

from ..._engine.predictor import Predictor
from ..._engine.topology import Topology
from ..._sklearn.fitted_copy import copied
from ...classifier import RNNClassifier
from ...regressor import RNNRegressor
from .cells import Weights, of_part
from .checks import check_class, check_fit
from .graph import Graph
from .layers import network_outputs
from .linear_part import linear_outputs
from .outputs import add_outputs
from .steps import Steps, read_steps

if TYPE_CHECKING:
    from onnx import ModelProto


def to_onnx(estimator: RNNRegressor | RNNClassifier) -> "ModelProto":
    """Convert a fitted estimator to a model of ONNX, which runs without Python.

    Parameters
    ----------
    estimator : RNNRegressor or RNNClassifier
        Fitted estimator.

    Returns
    -------
    model : onnx.ModelProto
        Model of operator set 17. ``model.SerializeToString()`` is what a file holds. Input and
        outputs have the names of scikit-learn's models in skl2onnx:

        - ``"X"``, float32 in the layout of `fit`: ``(n_samples, n_steps, n_features)`` with any
          number of samples and steps, or ``(n_samples, n_columns)``. A list of sequences is padded
          with NaN at the end;
        - ``"variable"`` of a regressor, float32 of the shape that ``predict`` returns;
        - ``"label"`` of a classifier, of the type of ``classes_``, as ``predict`` returns them;
        - ``"probabilities"`` of a classifier, float32, as ``predict_proba`` returns them.

    Raises
    ------
    ImportError
        If the package onnx isn't installed: ``pip install 'skrnn[onnx]'``.
    TypeError
        If estimator is of another class.
    NotFittedError
        If it isn't fitted.
    ValueError
        If it has a cell of one's own, labels that are neither strings nor numbers, or scales that
        float32 doesn't hold.

    See Also
    --------
    register_with_skl2onnx : For a pipeline of a scaler and a network over the rows of a table.

    Notes
    -----
    All that `fit` learned is part of the model: the scale of X, the linear part, the mean of an
    ensemble, the embedding of tokens, the scale of y. The layers are ONNX's `RNN`, `GRU` and
    `LSTM <https://onnx.ai/onnx/operators/onnx__LSTM.html>`_, and `Scan` of the cell "jordan".

    Steps may be missing anywhere, as in `predict`: a step whose features are all NaN. ONNX's
    operators read the first steps of each sequence only. So the model sorts the steps, valid ones
    first, and outputs at each step are those of the last valid one up to there.

    ONNX computes in float32, so that outputs differ by some 1e-6 of their size from those of an
    estimator in float64, and more if X is far from 0 in units of its changes: subtract a constant
    from years, for example. The exponential of ``loss="poisson"`` magnifies differences, and so do
    many steps with ``activation="relu"`` or ``"identity"`` whose states grow. A fit with X in
    float32 shows what `predict` makes of it.

    The model doesn't check X: a step that is NaN in part gives NaN, and values that are too large
    give NaN or infinity. Only what is no token makes it fail.

    Examples
    --------
    ONNX isn't a dependency, so this example isn't run with the others:

    >>> import numpy as np
    >>> import onnxruntime  # doctest: +SKIP
    >>> from skrnn import RNNRegressor, sliding_windows
    >>> from skrnn.interop import to_onnx
    >>> X, y = sliding_windows(np.sin(np.arange(60)), length=20)
    >>> model = RNNRegressor(max_iter=10, random_state=0).fit(X, y)
    >>> file = to_onnx(model).SerializeToString()  # doctest: +SKIP
    >>> session = onnxruntime.InferenceSession(file)  # doctest: +SKIP
    >>> (y,) = session.run(["variable"], {"X": X.astype(np.float32)})  # doctest: +SKIP
    >>> bool(np.allclose(y, model.predict(X), atol=1e-5))  # doctest: +SKIP
    True
    """
    check_class(estimator)
    estimator = copied(estimator)  # a fit that ends meanwhile, in another thread, doesn't show
    check_fit(estimator)
    graph, topology, weights = Graph(), estimator._topology, estimator.get_weights()
    steps = read_steps(graph, "X", estimator, Predictor(topology))
    y = _outputs(graph, topology, weights, steps)
    shape, n_steps = _shape(estimator)
    sizes = ("n_samples", n_steps) if topology.per_step else ("n_samples",)
    described = add_outputs(graph, y, estimator._outputs, sizes)
    X = graph.value_info("X", np.float32, shape)
    return graph.model([X], described, producer_name="skrnn")


def _outputs(graph: Graph, topology: Topology, weights: Weights, steps: Steps) -> str:
    """The outputs (B, S, K): the mean of those of the networks, and the linear part."""
    E = topology.n_networks
    networks = [of_part(weights, f"network{e}.") for e in range(E)] if E > 1 else [weights]
    if topology.linear_steps:
        linear = linear_outputs(graph, topology, weights, steps)
        # the weights of networks are 0 where a fit has chosen the linear part alone
        if not any(w["readout.input"].any() or w["readout.bias"].any() for w in networks):
            return linear
    outputs = [network_outputs(graph, topology, own, steps) for own in networks]
    y = graph.add("Mean", *outputs) if E > 1 else outputs[0]
    if topology.linear_steps:
        y = graph.add("Add", graph.add("Mul", y, weights["readout.scale"]), linear)
    return y


def _shape(
    estimator: RNNRegressor | RNNClassifier,
) -> tuple[tuple[int | str, ...], int | str]:
    """The shape of X, and how many steps it has; names stand for sizes that may vary."""
    layout, n_columns = estimator._input_layout, estimator.n_features_in_
    if layout.ndim == 3:
        return ("n_samples", "n_steps", n_columns), "n_steps"
    if layout.any_length:
        return ("n_samples", "n_steps"), "n_steps"
    n_steps = (n_columns - len(layout.static_columns)) // layout.n_inputs
    return ("n_samples", n_columns), n_steps
