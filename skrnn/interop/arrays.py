"""Weights that are known as arrays: from a text, a file or a program of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone

from .._estimators.classification_targets import check_classes, outputs_of_classes
from .._estimators.fitted_state import state_without_training, weight_shapes
from .._estimators.multilabel_targets import outputs_of_labels
from .._estimators.regression_targets import unscaled_outputs
from .._estimators.targets import Outputs
from .._validation.feature_names import static_positions
from .._validation.numbers import numbers_by_name
from ..classifier import RNNClassifier
from ..regressor import RNNRegressor

Estimator = TypeVar("Estimator", bound=RNNRegressor | RNNClassifier)


def from_weights(
    weights: Mapping[str, ArrayLike],
    estimator: Estimator,
    *,
    classes: ArrayLike | None = None,
    per_step: bool = False,
    multilabel: bool = False,
) -> Estimator:
    r"""Make a fitted estimator of weights, without training.

    Parameters
    ----------
    weights : mapping of str to array-like
        Arrays by the names that `RNNRegressor.get_weights` documents. Their shapes say how many
        features (tokens, with `embedding_size`) and outputs there are. If all are float32, the
        estimator computes in float32.
    estimator : RNNRegressor or RNNClassifier
        The parameters that the weights are made for: `hidden_size`, `cell`, `activation`,
        `bidirectional`, `learn_initial_state`, `embedding_size`, `static_features` as positions,
        `loss`. It isn't changed.
    classes : array-like of shape (n_classes,) or None, default=None
        The labels of an RNNClassifier in ascending order, which is that of the rows of the
        readout. Two classes have a readout with one row: the log-odds of the second.
    per_step : bool, default=False
        Whether the estimator predicts at every step, or once per sequence after the last step.
    multilabel : bool, default=False
        Whether each row of an RNNClassifier's readout is the log-odds of a label that is on or off,
        whatever the others are. It needs ``per_step=True``, and no classes.

    Returns
    -------
    model : RNNRegressor or RNNClassifier
        Fitted estimator of 3-D input, without ``loss_`` and ``solver_``. With ``warm_start=True``,
        `fit` resumes from these weights.

    Raises
    ------
    TypeError
        If weights isn't a mapping, estimator is of another class, or per_step or multilabel isn't a
        bool.
    ValueError
        If names or shapes differ from those of the estimator's network, values aren't finite, the
        classes don't match the readout, or multilabel can't be combined with other arguments.

    Notes
    -----
    A matrix has one row for each unit that it leads to, and multiplies a column from the left:

    .. math:: h_t = f(W_x x_t + W_h h_{t-1} + b), \quad \hat y_t = W_y h_t + b_y

    Texts in which rows are samples write :math:`x_t W`. Their matrices are transposed. A matrix
    for :math:`[h_{t-1}, x_t] W` holds :math:`W_h^T` in its first H rows and :math:`W_x^T` below.
    A square matrix fits both ways, so that no error tells of a missing transposition.

    The outputs are in the unit of y: ``y_mean_`` is 0 and ``y_scale_`` is 1. After a `fit` with
    ``normalize_y=True`` they aren't, and `get_weights` returns the readout of the scaled target.

    Examples
    --------
    Two steps that many texts compute by hand, with one matrix for ``[h, x] @ W``:

    >>> import numpy as np
    >>> from skrnn import RNNRegressor
    >>> from skrnn.interop import from_weights
    >>> W = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
    >>> weights = {
    ...     "layer0.recurrent": W[:2].T,
    ...     "layer0.input": W[2:].T,
    ...     "layer0.bias": [0.1, -0.1],
    ...     "readout.input": [[1.0, 2.0]],
    ...     "readout.bias": [0.1],
    ... }
    >>> model = from_weights(weights, RNNRegressor(hidden_size=2))
    >>> y, h = model.step([1.0])
    >>> print(h.round(3), y.round(3))
    [0.537 0.462] 1.561
    >>> y, h = model.step([2.0], [0.537, 0.462])  # from a rounded state
    >>> print(h.round(8), y.round(8))
    [0.85972772 0.88365397] 2.72703566
    >>> model.predict([[[1.0], [2.0]]]).round(3)
    array([2.727])
    """
    arrays = numbers_by_name(weights, "weights")
    if not isinstance(estimator, RNNRegressor | RNNClassifier):
        raise TypeError(
            f"estimator must be an RNNRegressor or RNNClassifier, got {estimator!r}: pass one with "
            "the parameters of the network, such as RNNRegressor(hidden_size=2)."
        )
    for name, flag in {"per_step": per_step, "multilabel": multilabel}.items():
        if not isinstance(flag, bool | np.bool_):
            raise TypeError(f"{name} must be True or False, got {flag!r}.")
    model = clone(estimator)
    model._validate_params()
    n_networks = len({name.partition(".")[0] for name in arrays if name.startswith("network")})
    bias = arrays.get(f"{'network0.' * (n_networks > 1)}readout.bias", np.zeros(1))
    static = model.static_features
    M, K = 0 if static is None else np.size(static), max(1, len(np.atleast_1d(bias)))
    single = bool(arrays) and all(a.dtype == np.float32 for a in arrays.values())
    linear = arrays.get("linear.input", np.zeros((K, 0, 1)))
    sizes = {
        "n_outputs": K,
        "per_step": bool(per_step),
        "n_static": M,
        "linear_steps": linear.shape[1] if linear.ndim == 3 else 1,
        "scales_inputs": "inputs.mean" in arrays or "static.mean" in arrays,
        "n_networks": max(1, n_networks),
        "n_tokens": 0 if model.embedding_size is None else _n_tokens(model, arrays, n_networks),
        "dtype": np.float32 if single else np.float64,
    }
    D = 1 if sizes["n_tokens"] else _n_inputs(model, arrays, sizes)
    if multilabel:
        outputs = _of_labels(model, classes, K, bool(per_step))
    else:
        outputs = _outputs(model, classes, K, bool(per_step))
    columns = static_positions(static, None, D + M)
    state = state_without_training(model, outputs, columns=columns, n_inputs=D, **sizes)
    state.install(model)
    model.n_features_in_ = D + M
    try:
        return model.set_weights(arrays)
    except ValueError as error:
        names = ["hidden_size", "cell", "bidirectional", "learn_initial_state", "embedding_size"]
        names.append("static_features")
        given = ", ".join(f"{name}={getattr(model, name)!r}" for name in names)
        raise ValueError(f"{error} The estimator has {given}.") from error


def _n_tokens(
    model: RNNRegressor | RNNClassifier, arrays: Mapping[str, np.ndarray], n_networks: int
) -> int:
    """V, the rows of the embedding; `n_tokens`, or 1, if there is none."""
    embedding = arrays.get(f"{'network0.' * (n_networks > 1)}embedding")
    if embedding is None or embedding.ndim != 2:
        return int(model.n_tokens or 1)
    if model.n_tokens is not None and len(embedding) != model.n_tokens:
        raise ValueError(
            f"weights['embedding'] has {len(embedding)} rows, but n_tokens={model.n_tokens}: pass "
            "one row for each token, or set n_tokens=None."
        )
    return max(1, len(embedding))


def _n_inputs(
    model: RNNRegressor | RNNClassifier, arrays: Mapping[str, np.ndarray], sizes: dict[str, Any]
) -> int:
    """D, by the first array whose shape grows with it; 1 if there is none."""
    one, two = (weight_shapes(model, n_inputs=D, **sizes) for D in (1, 2))
    for name in [name for name in one if name in arrays]:
        shape, small, large = arrays[name].shape, one[name], two[name]
        if small == large or len(shape) != len(small):
            continue
        axis = int(np.flatnonzero(np.subtract(large, small))[0])
        fixed, given, turned = (np.delete(own, axis) for own in (small, shape, shape[::-1]))
        if (given != fixed).any() and (turned == fixed).all():
            shape = shape[::-1]  # of a transposed matrix, so that the error says so
        return max(1, 1 + (shape[axis] - small[axis]) // (large[axis] - small[axis]))
    return 1


def _of_labels(
    model: RNNRegressor | RNNClassifier, classes: ArrayLike | None, n_outputs: int, per_step: bool
) -> Outputs:
    """How several labels at each step are made of the network's outputs."""
    if isinstance(model, RNNRegressor) or not per_step or classes is not None:
        raise ValueError(
            f"multilabel=True is for an RNNClassifier with per_step=True and classes=None, got "
            f"{model!r}, per_step={per_step} and classes={classes!r}."
        )
    return outputs_of_labels(n_outputs)


def _outputs(
    model: RNNRegressor | RNNClassifier, classes: ArrayLike | None, n_outputs: int, per_step: bool
) -> Outputs:
    """How y is made of the network's outputs."""
    if isinstance(model, RNNRegressor):
        if classes is not None:
            raise ValueError(f"classes={classes!r} are for an RNNClassifier, got an RNNRegressor.")
        return unscaled_outputs(model, n_outputs, per_step)
    if classes is None:
        raise ValueError("classes must be passed for an RNNClassifier: its labels in order.")
    if np.ndim(classes) != 1:
        raise ValueError(f"classes must be a list of labels, got {classes!r}.")
    given, labels = np.asarray(classes), check_classes(model, classes)
    if not np.array_equal(given, labels):
        raise ValueError(
            f"classes={given.tolist()} must be different labels in ascending order, as in "
            f"classes_: pass {labels.tolist()}, with the rows of the readout in the same order."
        )
    expected = 1 if len(labels) == 2 else len(labels)
    if n_outputs != expected:
        raise ValueError(
            f"{len(labels)} classes need a readout with {expected} outputs, but weights have "
            f"{n_outputs}. Of a softmax over two classes, pass the difference of the rows: "
            "W[1:] - W[:1] and b[1:] - b[:1]."
        )
    return outputs_of_classes(labels)
