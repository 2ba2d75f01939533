"""Networks that were trained in PyTorch or Keras, as estimators that need neither.

Nothing of theirs is imported: a module is known by its class and read by its attributes.
"""

from itertools import pairwise
from typing import Any

import numpy as np

from .regressor import RNNRegressor

# our gates in blocks of rows, under each prefix of the weights' names; see the cells
_GRU = {"gates.": "rz", "candidate.": "n"}
_BLOCKS = {"elman": {"": "h"}, "lstm": {"": "oifg"}, "gru": _GRU, "gru_reset_before": _GRU}
# their classes: our cell, and the same gates in their order
_TORCH = {"RNN": ("elman", "h"), "LSTM": ("lstm", "ifgo"), "GRU": ("gru", "rzn")}
_KERAS = {"SimpleRNN": ("elman", "h"), "LSTM": ("lstm", "ifgo"), "GRU": ("gru", "zrn")}
_KERAS_ACTIVATIONS = {"linear": "identity", "relu": "relu", "sigmoid": "logistic", "tanh": "tanh"}
_KERAS_IDLE = {"InputLayer", "Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise"}
_KERAS_MENDS = {
    "Masking": "Leave it out, and set the steps that it masks to NaN in X, which skips them. ",
    "Embedding": "Make the layers above it a model, and look its vectors up for X. ",
    "Dense": "Merge several linear layers into one, at the end. ",
}


def from_torch(recurrent: Any, readout: Any, *, per_step: bool = False) -> RNNRegressor:
    """Turn recurrent layers of PyTorch, and the linear layer above them, into an estimator.

    Parameters
    ----------
    recurrent : torch.nn.RNN, torch.nn.LSTM or torch.nn.GRU
        Layers of H units, in one direction or both, in float32 or float64. Whatever
        ``batch_first`` is, the estimator reads ``(n_samples, n_steps, n_features)``.
    readout : torch.nn.Linear
        From the H units of the last layer, 2H if bidirectional, to K outputs.
    per_step : bool, default=False
        Whether there is an output at every step, or one after the last.

    Returns
    -------
    model : RNNRegressor
        Fitted, but without ``loss_`` and ``solver_``. `fit` with ``warm_start=True`` goes on
        from the weights, with the default training parameters.

    Raises
    ------
    TypeError, ValueError
        If a module's class (a subclass is another one), settings, size or dtype have no
        counterpart in the estimator.

    Notes
    -----
    Weights become those of `RNNRegressor.get_weights`, gate by gate:

    - nn.RNN: cell "elman";
    - nn.LSTM, gates i, f, g, o: cell "lstm", gates o, i, f, g;
    - nn.GRU, gates r, z, n: cell "gru", r, z in ``gates``, n in ``candidate``.

    ``bias_ih`` and ``bias_hh`` are added up where the cell has one bias; the candidate of
    "gru" keeps both. Missing biases become 0, and `fit` would train them.

    With ``per_step=False``, a bidirectional readout sees where each direction ends:
    ``torch.cat([h_n[-2], h_n[-1]], dim=1)``. That isn't ``output[:, -1]``, where the backward
    direction has read no more than one step.

    The module's ``dropout`` acts in training only. The estimator's, which is set to it, drops
    the same units at all steps of a sequence, and of what the readout sees, too.

    Examples
    --------
    This isn't run with the other examples, as PyTorch isn't a dependency:

    >>> import torch  # doctest: +SKIP
    >>> lstm, linear = torch.nn.LSTM(3, 16, num_layers=2), torch.nn.Linear(16, 1)  # doctest: +SKIP
    >>> from_torch(lstm, linear).predict(torch.randn(5, 20, 3).numpy()).shape  # doctest: +SKIP
    (5,)
    """
    name = _class_name(recurrent, "torch.nn.modules")
    if name not in _TORCH:
        raise TypeError(
            f"recurrent is a {_full_name(recurrent)}: only torch.nn.RNN, nn.LSTM and nn.GRU can be "
            "converted. Pass the parts of a larger module, as in from_torch(net.lstm, net.linear)."
        )
    if _class_name(readout, "torch.nn.modules") != "Linear":
        raise TypeError(f"readout is a {_full_name(readout)}: only nn.Linear can be converted.")
    if recurrent.proj_size:
        raise ValueError(f"recurrent has proj_size={recurrent.proj_size}: only 0 can be converted.")
    both = recurrent.bidirectional
    size = recurrent.hidden_size * (2 if both else 1)
    if readout.in_features != size:
        raise ValueError(
            f"readout has in_features={readout.in_features}, but recurrent has {size} outputs "
            f"(bidirectional={both}): pass the Linear layer that reads them."
        )
    linear = [w for w in (readout.weight, readout.bias) if w is not None]
    groups = [("recurrent", own) for own in recurrent.all_weights] + [("readout", linear)]
    _check_dtypes((part, str(w.dtype).removeprefix("torch.")) for part, own in groups for w in own)
    arrays = [[w.detach().cpu().numpy() for w in own] for _, own in groups]
    # PyTorch drops nothing after the last layer
    dropout = float(recurrent.dropout) if recurrent.num_layers > 1 else 0.0
    activation = getattr(recurrent, "nonlinearity", "tanh")
    return _fitted(*_TORCH[name], activation, both, arrays, bool(per_step), dropout=dropout)


def from_keras(model: Any) -> RNNRegressor:
    """Turn a model of Keras 3, recurrent layers below a linear one, into an estimator.

    Parameters
    ----------
    model : keras.Sequential or keras.Model
        A chain of ``SimpleRNN``, ``LSTM`` or ``GRU`` layers, or of ``Bidirectional`` around
        them, of one kind and activation, then a linear ``Dense``, also in ``TimeDistributed``.

    Returns
    -------
    model : RNNRegressor
        Fitted, as by `from_torch`, with an output per step if the last recurrent layer has
        ``return_sequences=True``.

    Raises
    ------
    TypeError, ValueError
        If the model's class (a subclass is another one), a layer or a setting has no
        counterpart in the estimator, or the model isn't built.

    Notes
    -----
    Weights become those of `RNNRegressor.get_weights`, transposed, gate by gate:

    - SimpleRNN: cell "elman";
    - LSTM, gates i, f, c, o: cell "lstm", gates o, i, f, g;
    - GRU, gates z, r, h: cell "gru", or "gru_reset_before" with ``reset_after=False``, r, z in
      ``gates``, n in ``candidate``. Of two biases, those of z and r are added up.

    Missing biases become 0, and `fit` would train them. ``Dropout`` and the like are left out.
    NaN steps take the place of masks: outputs are the same at all other steps.

    Examples
    --------
    This isn't run with the other examples, as Keras isn't a dependency:

    >>> from keras import Input, Sequential, layers  # doctest: +SKIP
    >>> net = Sequential([Input((None, 3)), layers.GRU(16), layers.Dense(1)])  # doctest: +SKIP
    >>> from_keras(net).predict(np.zeros((5, 20, 3))).shape  # doctest: +SKIP
    (5,)
    """
    *layers, dense = _keras_chain(model)
    kinds = {_keras_kind(layer): _title(layer) for layer in layers}
    if len(kinds) > 1:
        raise ValueError(
            f"model mixes kinds of layers, {' and '.join(kinds.values())}: they need one cell, "
            "activation and number of directions."
        )
    parts = [*(part for layer in layers for part in _parts(layer)), dense]
    _check_dtypes((p.name, p.compute_dtype) for p in [*layers, *parts])
    _check_dtypes((p.name, w.dtype.name) for p in parts for w in p.get_weights())
    return _fitted(*next(iter(kinds)), list(map(_rows, parts)), parts[-2].return_sequences)


def _named_weights(cell, order, bidirectional, arrays, merge=np.add):
    """Arrays under our names.

    They are W_x (G*H, D), W_h (G*H, H), b_x and b_h (G*H,) of each direction, with the gates
    in the given order, and at last W (K, H) and b (K,). Any b may be missing. ``merge`` makes
    one bias of two: of gradients, which can be named as well, it isn't the sum.
    """
    W, b = [*arrays[-1], np.zeros_like(arrays[-1][0][:, 0])][:2]
    named = {"readout.input": W, "readout.bias": b}
    names = ["layer{}.forward.", "layer{}.backward."] if bidirectional else ["layer{}."]
    for i, own in enumerate(arrays[:-1]):
        layer, direction = divmod(i, len(names))
        none = np.zeros_like(own[0][:, 0])
        blocks = [np.split(a, len(order)) for a in [*own, none, none][:4]]
        for prefix, gates in _BLOCKS[cell].items():
            name = names[direction].format(layer) + prefix
            W_x, W_h, *b = (np.concatenate([a[order.index(g)] for g in gates]) for a in blocks)
            named |= {name + "input": W_x, name + "recurrent": W_h}
            if (cell, prefix) == ("gru", "candidate."):
                named |= {name + "bias": b[0], name + "recurrent_bias": b[1]}
            else:
                named[name + "bias"] = merge(*b)
    return named


def _fitted(cell, order, activation, bidirectional, arrays, per_step, **parameters):
    """An estimator with the arrays of `_named_weights`, whose outputs are in the target's unit."""
    sizes = tuple(own[1].shape[1] for own in arrays[: -1 : 1 + bidirectional])
    parameters |= {"cell": cell, "activation": activation, "bidirectional": bidirectional}
    model = RNNRegressor(sizes if len(sizes) > 1 else sizes[0], normalize_y=False, **parameters)
    W = arrays[-1][0]
    model._start(arrays[0][0].shape[1], len(W), per_step, W.dtype)
    return model.set_weights(_named_weights(cell, order, bidirectional, arrays))


def _full_name(thing):
    return f"{type(thing).__module__}.{type(thing).__qualname__}"


def _class_name(thing, package):
    """The name of the thing's class, or None if the package isn't where it is from."""
    return type(thing).__name__ if _full_name(thing).startswith(f"{package}.") else None


def _check_dtypes(dtypes):
    found = list(dict.fromkeys(dtypes))
    if {dtype for _, dtype in found} not in ({"float32"}, {"float64"}):
        raise ValueError(
            f"The dtypes are {', '.join(map(' '.join, found))}: turn the whole model into float32 "
            "or into float64, others can't be converted."
        )


def _title(layer):
    return f"{type(layer).__name__} {layer.name!r}"


def _refused(layer):
    return ValueError(
        f"model has {_title(layer)}, which can't be converted there. "
        f"{_KERAS_MENDS.get(type(layer).__name__, '')}Only SimpleRNN, LSTM, GRU, Bidirectional of "
        "these, Dropout and, at the end, one linear Dense layer can be."
    )


def _setting(layer, name, allowed, mend=""):
    """A layer's setting, of functions the name, if it is allowed."""
    value = getattr(layer, name, allowed[0])
    if callable(value):
        own, module = getattr(value, "__name__", type(value).__name__), str(value.__module__)
        value = own if module.startswith("keras.") else f"{module}.{own}"
    if value not in allowed:
        only = " or ".join(map(repr, allowed))
        raise ValueError(
            f"{_title(layer)} has {name}={value!r}: only {only} can be converted.{mend}"
        )
    return value


def _keras_chain(model):
    """The recurrent layers and the Dense one."""
    kind = _class_name(model, "keras")
    if kind not in ("Sequential", "Functional"):
        raise TypeError(
            f"model is a {_full_name(model)}: only keras.Sequential, and keras.Model that is a "
            "chain of layers, can be converted."
        )
    if not model.built:
        raise ValueError("model isn't built: begin it with keras.Input((None, n_features)).")
    if kind == "Functional" and not (
        len(model.inputs) == len(model.outputs) == 1
        and all(above.input is below.output for below, above in pairwise(model.layers))
        and model.outputs[0] is model.layers[-1].output
    ):
        raise ValueError("model isn't a plain chain, where a layer reads the one before it only.")
    layers = [layer for layer in model.layers if _class_name(layer, "keras") not in _KERAS_IDLE]
    for layer in layers[:-1]:
        if _class_name(layer, "keras") not in [*_KERAS, "Bidirectional"]:
            raise _refused(layer)
    dense = layers[-1] if layers else None
    dense = dense.layer if _class_name(dense, "keras") == "TimeDistributed" else dense
    if len(layers) < 2 or _class_name(dense, "keras") != "Dense":
        raise ValueError("model must end with a Dense layer, above a recurrent one.")
    _setting(dense, "activation", ["linear"])
    return [*layers[:-1], dense]


def _parts(layer):
    both = type(layer).__name__ == "Bidirectional"
    return [layer.forward_layer, layer.backward_layer] if both else [layer]


def _keras_kind(layer):
    """Cell, its gates' order there, activation, and whether there are two directions."""
    _setting(layer, "merge_mode", ["concat"])
    kinds, mend = {}, " Set it to that in a copy with the same weights, "
    for i, part in enumerate(_parts(layer)):
        if _class_name(part, "keras") not in _KERAS:
            raise _refused(part)
        _setting(part, "go_backwards", [i == 1], mend + "and reverse the steps of X.")
        _setting(part, "stateful", [False], mend + "and carry the state on with `step`.")
        _setting(part, "recurrent_activation", ["sigmoid"])
        activation = _KERAS_ACTIVATIONS[_setting(part, "activation", list(_KERAS_ACTIVATIONS))]
        cell, order = _KERAS[type(part).__name__]
        cell += "" if getattr(part, "reset_after", True) else "_reset_before"
        kinds[cell, order, activation, part.units] = _title(part)
    if len(kinds) > 1:
        raise ValueError(f"{' and '.join(kinds.values())} differ, but directions are of one kind.")
    return cell, order, activation, i == 1


def _rows(layer):
    """Weights with the gates in rows; of several biases each by itself."""
    weights = layer.get_weights()
    biases = list(np.atleast_2d(weights.pop())) if layer.use_bias else []
    return [W.T for W in weights] + biases
