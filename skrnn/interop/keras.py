"""Keras 3: models that are a chain of recurrent layers and a linear one."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .._validation.options import Activation
from ..cells import CellName
from ..regressor import RNNRegressor
from ._checks import check_dtypes, class_name, full_name
from ._weights import Architecture, fitted_regressor

if TYPE_CHECKING:
    from keras import Layer, Model

# by class: the cell, and the gates in Keras's order
_LAYERS: dict[str, tuple[CellName, str]] = {
    "SimpleRNN": ("elman", "h"),
    "LSTM": ("lstm", "ifgo"),
    "GRU": ("gru", "zrn"),
}
_ACTIVATIONS: dict[str, Activation] = {
    "linear": "identity",
    "relu": "relu",
    "sigmoid": "logistic",
    "tanh": "tanh",
}
# layers without effect on predictions
_TRAINING_ONLY = {"InputLayer", "Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise"}
_FIXES = {
    "Masking": "Remove it, and set the steps that it masks to NaN in X. ",
    "Embedding": "Convert a model of the layers above it, and pass the embedding vectors as X. ",
    "Dense": "Merge several linear layers into one, at the end. ",
}


def from_keras(model: "Model") -> RNNRegressor:
    """Convert a model of Keras 3, recurrent layers below a linear one, to an estimator.

    Parameters
    ----------
    model : keras.Sequential or keras.Model
        A chain of ``SimpleRNN``, ``LSTM`` or ``GRU`` layers, or of ``Bidirectional`` around
        them, and a linear ``Dense`` layer at the end, also in ``TimeDistributed``. All
        recurrent layers need the same class and activation.

    Returns
    -------
    model : RNNRegressor
        Fitted estimator, as from `from_torch`. It predicts at every step if the last recurrent
        layer has ``return_sequences=True``.

    Raises
    ------
    TypeError
        If the model is not of one of these classes. Subclasses are refused.
    ValueError
        If the model isn't built, or a layer or setting has no counterpart in the estimator.

    Notes
    -----
    The weights are transposed, and reordered gate by gate into those of
    `RNNRegressor.get_weights`:

    - SimpleRNN: cell "elman";
    - LSTM, gates i, f, c, o: cell "lstm", gates o, i, f, g;
    - GRU, gates z, r, h: cell "gru", or "gru_reset_before" with ``reset_after=False``, r, z in
      ``gates``, n in ``candidate``. Where there are two biases, those of z and r are added.

    Missing biases become 0, and `fit` trains them. ``Dropout`` and other layers that act in
    training only are left out. NaN steps replace masks, with equal outputs at all other steps.

    Examples
    --------
    Keras isn't a dependency, so this example isn't run with the others:

    >>> import numpy as np
    >>> from keras import Input, Sequential, layers  # doctest: +SKIP
    >>> model = Sequential([Input((None, 3)), layers.GRU(16), layers.Dense(1)])  # doctest: +SKIP
    >>> from_keras(model).predict(np.zeros((5, 20, 3))).shape  # doctest: +SKIP
    (5,)
    """
    *layers, dense = _chain(model)
    found = {_architecture(layer): _title(layer) for layer in layers}
    if len(found) > 1:
        raise ValueError(
            f"model mixes kinds of layers, {' and '.join(found.values())}: all recurrent layers "
            "need the same cell, activation and number of directions."
        )
    parts = [*(part for layer in layers for part in _directions(layer)), dense]
    check_dtypes((p.name, p.compute_dtype) for p in [*layers, *parts])
    check_dtypes((p.name, w.dtype.name) for p in parts for w in p.get_weights())
    (architecture,) = found
    arrays = [_rows(part) for part in parts]
    return fitted_regressor(architecture, arrays, per_step=parts[-2].return_sequences)


def _chain(model: "Model") -> list["Layer"]:
    """The recurrent layers, and the Dense layer at the end."""
    kind = class_name(model, "keras")
    if kind not in ("Sequential", "Functional"):
        raise TypeError(
            f"model is a {full_name(model)}: only keras.Sequential, and keras.Model that is a "
            "chain of layers, can be converted."
        )
    if not model.built:
        raise ValueError("model isn't built: begin it with keras.Input((None, n_features)).")
    if kind == "Functional" and not (
        len(model.inputs) == len(model.outputs) == 1
        and all(above.input is below.output for below, above in pairwise(model.layers))
        and model.outputs[0] is model.layers[-1].output
    ):
        raise ValueError(
            "model isn't a plain chain: each layer must read the output of the previous layer "
            "only. Build it from such layers, as keras.Sequential does."
        )
    layers = [layer for layer in model.layers if class_name(layer, "keras") not in _TRAINING_ONLY]
    for layer in layers[:-1]:
        if class_name(layer, "keras") not in [*_LAYERS, "Bidirectional"]:
            raise _refusal(layer)
    dense = layers[-1] if layers else None
    if dense is not None and class_name(dense, "keras") == "TimeDistributed":
        dense = dense.layer
    if len(layers) < 2 or class_name(dense, "keras") != "Dense":
        titles = ", ".join(map(_title, layers)) or "no layers"
        raise ValueError(
            f"model must end with a Dense layer, above a recurrent one, but it has {titles}."
        )
    _setting(dense, "activation", ["linear"])
    return [*layers[:-1], dense]


def _architecture(layer: "Layer") -> Architecture:
    _setting(layer, "merge_mode", ["concat"])
    parts, found = _directions(layer), {}
    fix = " Set it to that in a copy with the same weights, "
    for i, part in enumerate(parts):
        name = class_name(part, "keras")
        if name not in _LAYERS:
            raise _refusal(part)
        _setting(part, "go_backwards", [i == 1], fix + "and reverse the steps of X.")
        _setting(part, "stateful", [False], fix + "and pass the state between calls of `step`.")
        _setting(part, "recurrent_activation", ["sigmoid"])
        activation = _ACTIVATIONS[_setting(part, "activation", list(_ACTIVATIONS))]
        cell, gates = _LAYERS[name]
        if not getattr(part, "reset_after", True):
            cell = "gru_reset_before"
        both = len(parts) == 2
        found[Architecture(cell, gates, activation, both), part.units] = _title(part)
    if len(found) > 1:
        raise ValueError(
            f"{' and '.join(found.values())} differ: both directions of a layer need the same "
            "cell, activation and number of units."
        )
    ((architecture, _),) = found
    return architecture


def _directions(layer: "Layer") -> list["Layer"]:
    both = type(layer).__name__ == "Bidirectional"
    return [layer.forward_layer, layer.backward_layer] if both else [layer]


def _rows(layer: "Layer") -> list[np.ndarray]:
    """Weights with the gates in rows, as one array for each matrix and bias."""
    weights = layer.get_weights()
    biases = list(np.atleast_2d(weights.pop())) if layer.use_bias else []
    return [W.T for W in weights] + biases


def _setting(layer: "Layer", name: str, allowed: Sequence[Any], fix: str = "") -> Any:
    """The value of a layer's setting, for functions their name; raise unless it is allowed."""
    value = getattr(layer, name, allowed[0])
    if callable(value):
        own, module = getattr(value, "__name__", type(value).__name__), str(value.__module__)
        value = own if module.startswith("keras.") else f"{module}.{own}"
    if value not in allowed:
        only = " or ".join(map(repr, allowed))
        raise ValueError(
            f"{_title(layer)} has {name}={value!r}: only {only} can be converted.{fix}"
        )
    return value


def _title(layer: "Layer") -> str:
    return f"{type(layer).__name__} {layer.name!r}"


def _refusal(layer: "Layer") -> ValueError:
    return ValueError(
        f"model has {_title(layer)}, which can't be converted at this position. "
        f"{_FIXES.get(type(layer).__name__, '')}Only SimpleRNN, LSTM, GRU, Bidirectional around "
        "these, Dropout, and one linear Dense layer at the end can be converted."
    )
