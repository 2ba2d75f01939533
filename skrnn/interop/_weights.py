"""An estimator from the weights of another framework."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from .._validation.options import Activation
from ..cells import CellName
from ..regressor import RNNRegressor
from .arrays import from_weights

# the gates of each cell in the order of their rows, by prefix of the weights' names
_GRU = {"gates.": "rz", "candidate.": "n"}
_GATES = {"elman": {"": "h"}, "lstm": {"": "oifg"}, "gru": _GRU, "gru_reset_before": _GRU}

Arrays = Sequence[Sequence[np.ndarray]]  # of each direction of each layer, then of the readout


class Architecture(NamedTuple):
    """What all recurrent layers of a network have in common."""

    cell: CellName
    gates: str  # in the framework's order
    activation: Activation
    bidirectional: bool


def fitted_regressor(
    architecture: Architecture, arrays: Arrays, *, per_step: bool, dropout: float = 0.0
) -> RNNRegressor:
    """An estimator with these weights, in the layout of `named_weights`."""
    cell, gates, activation, both = architecture
    sizes = tuple(W_h.shape[1] for _, W_h, *_ in arrays[: -1 : 1 + both])
    model = RNNRegressor(
        sizes if len(sizes) > 1 else sizes[0],
        cell=cell,
        activation=activation,
        bidirectional=both,
        dropout=dropout,
        normalize_y=False,  # the outputs are in the target's unit
    )
    return from_weights(named_weights(cell, gates, both, arrays), model, per_step=per_step)


def named_weights(
    cell: str,
    gates: str,
    bidirectional: bool,
    arrays: Arrays,
    merge: Callable[[np.ndarray, np.ndarray], np.ndarray] = np.add,
) -> dict[str, np.ndarray]:
    """Arrays under the names of `RNNRegressor.get_weights`.

    Each direction of each layer has W_x (G*H, D), W_h (G*H, H), b_x and b_h (G*H,), with its
    rows in the given order of gates. The readout has W (K, H) and b (K,). Any b may be missing.
    ``merge`` combines b_x and b_h where the cell has one bias. It adds weights; gradients of a
    sum are equal, and need another function.
    """
    W, b = [*arrays[-1], np.zeros_like(arrays[-1][0][:, 0])][:2]
    named = {"readout.input": W, "readout.bias": b}
    names = ["layer{}.forward.", "layer{}.backward."] if bidirectional else ["layer{}."]
    for i, own in enumerate(arrays[:-1]):
        layer, direction = divmod(i, len(names))
        zeros = np.zeros_like(own[0][:, 0])
        blocks = [np.split(a, len(gates)) for a in [*own, zeros, zeros][:4]]
        for prefix, ordered in _GATES[cell].items():
            name = names[direction].format(layer) + prefix
            W_x, W_h, b_x, b_h = (
                np.concatenate([a[gates.index(gate)] for gate in ordered]) for a in blocks
            )
            named |= {name + "input": W_x, name + "recurrent": W_h}
            if (cell, prefix) == ("gru", "candidate."):
                named |= {name + "bias": b_x, name + "recurrent_bias": b_h}
            else:
                named[name + "bias"] = merge(b_x, b_h)
    return named
