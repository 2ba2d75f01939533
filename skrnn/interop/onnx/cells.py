"""The cells that ONNX has operators for: RNN, GRU and LSTM."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...cells import (
    Cell,
    ElmanCell,
    GRUCell,
    GRUResetBeforeCell,
    LSTMCell,
    PeepholeLSTMCell,
)

# by the estimator's name: ONNX's, and the numbers alpha and beta of alpha*z + beta
_ACTIVATIONS = {
    "tanh": ("Tanh", ()),
    "relu": ("Relu", ()),
    "logistic": ("Sigmoid", ()),
    "identity": ("Affine", (1.0, 0.0)),
}

Weights = Mapping[str, np.ndarray]


def of_part(weights: Weights, name: str) -> dict[str, np.ndarray]:
    """The weights whose names begin with that of a part, without it."""
    return {key[len(name) :]: w for key, w in weights.items() if key.startswith(name)}


class Operator(NamedTuple):
    """A recurrent operator of ONNX with its weights, whose first axis is that of directions."""

    name: str
    W: np.ndarray  # (1, G*H, D)
    R: np.ndarray  # (1, G*H, H)
    B: np.ndarray  # (1, 2*G*H), of inputs, then of the recurrence
    P: np.ndarray | None  # (1, 3*H), peepholes
    n_states: int
    attributes: dict[str, Any]


def operator_of(cell: Cell, weights: Weights, activation: str) -> Operator:
    """The operator of a cell, with the weights of a layer's direction by their public names."""
    return _OPERATORS[type(cell)](weights, activation)


def has_operator(kind: type[Cell]) -> bool:
    """Whether ONNX has an operator for a class of cells: those that inherit may differ."""
    return kind in _OPERATORS


def _rnn(w: Weights, activation: str) -> Operator:
    parts = w["input"], w["recurrent"], w["bias"], np.zeros_like(w["bias"])
    return _operator("RNN", parts, "h", "h", [activation])


def _gru(w: Weights, activation: str, *, reset_after: bool = True) -> Operator:
    candidate = {"recurrent_bias": np.zeros_like(w["candidate.bias"])} | of_part(w, "candidate.")
    gates = {"recurrent_bias": np.zeros_like(w["gates.bias"])} | of_part(w, "gates.")
    names = "input", "recurrent", "bias", "recurrent_bias"
    parts = [np.concatenate([gates[name], candidate[name]]) for name in names]
    found = _operator("GRU", parts, "rzn", "zrn", ["logistic", activation])
    return found._replace(attributes={**found.attributes, "linear_before_reset": int(reset_after)})


def _gru_reset_before(w: Weights, activation: str) -> Operator:
    return _gru(w, activation, reset_after=False)


def _lstm(w: Weights, activation: str) -> Operator:
    parts = w["input"], w["recurrent"], w["bias"], np.zeros_like(w["bias"])
    activations = ["logistic", activation, activation]
    return _operator("LSTM", parts, "oifg", "iofg", activations)._replace(n_states=2)


def _peephole_lstm(w: Weights, activation: str) -> Operator:
    return _lstm(w, activation)._replace(P=_reordered(w["peephole"], "oif", "iof")[np.newaxis])


_OPERATORS: dict[type[Cell], Callable[[Weights, str], Operator]] = {
    ElmanCell: _rnn,
    GRUCell: _gru,
    GRUResetBeforeCell: _gru_reset_before,
    LSTMCell: _lstm,
    PeepholeLSTMCell: _peephole_lstm,
}


def _operator(
    name: str, parts: Sequence[np.ndarray], gates: str, onnx_gates: str, activations: list[str]
) -> Operator:
    """An operator of W_x, W_h, b_x and b_h, whose blocks of rows are ordered as ``gates``."""
    W, R, b_x, b_h = (_reordered(a, gates, onnx_gates) for a in parts)
    numbers = [_ACTIVATIONS[own][1] for own in activations]
    attributes: dict[str, Any] = {
        "hidden_size": R.shape[1],
        "activations": [_ACTIVATIONS[own][0] for own in activations],
    }
    if any(numbers):  # of those functions alone that have some
        attributes["activation_alpha"] = [own[0] for own in numbers if own]
        attributes["activation_beta"] = [own[1] for own in numbers if own]
    B = np.concatenate([b_x, b_h])
    return Operator(name, W[np.newaxis], R[np.newaxis], B[np.newaxis], None, 1, attributes)


def _reordered(a: np.ndarray, gates: str, wanted: str) -> np.ndarray:
    """Blocks of rows in another order of gates."""
    blocks = np.split(a, len(gates))
    return np.concatenate([blocks[gates.index(gate)] for gate in wanted])
