"""From an estimator's parameters to the topology of its network."""

import copy
import inspect
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils._param_validation import StrOptions

from .._engine.topology import Topology
from .._validation.counts import is_whole
from .._validation.input_layout import InputLayout
from .._validation.sequences import Sequences
from ..cells import CELLS, Cell
from .targets import Targets


class CellNames(StrOptions):
    """The names of cells; in errors, they stand with the other values of `cell`."""

    def __init__(self):
        super().__init__(set(CELLS))

    def __str__(self) -> str:
        return f"one of {sorted(CELLS)}, or a subclass of skrnn.cells.Cell or an instance of one"


def make_topology(
    estimator: Any,
    *,
    n_inputs: int,
    n_outputs: int,
    per_step: bool,
    dtype: Any,
    n_static: int = 0,
    linear_steps: int = 0,
    scales_inputs: bool = False,
    n_networks: int = 1,
    n_tokens: int = 0,
    kind: type[Topology] = Topology,
    **more: Any,
) -> Topology:
    """The topology with D inputs and K outputs that the parameters describe.

    With an embedding, inputs are ``n_tokens`` tokens. ``more`` are arguments that a topology of
    another ``kind`` has beside these.
    """
    bptt_steps = getattr(estimator, "bptt_steps", None)  # an encoder-decoder has none
    return kind(
        _make_cell(estimator.cell),
        n_inputs,
        hidden_sizes_of(estimator.hidden_size),
        n_outputs,
        per_step,
        np.dtype(dtype),
        n_static,
        activation=estimator.activation,
        bidirectional=bool(estimator.bidirectional),
        learn_initial_state=bool(estimator.learn_initial_state),
        dropout=float(estimator.dropout),
        recurrent_dropout=float(estimator.recurrent_dropout),
        bptt_steps=None if bptt_steps is None else int(bptt_steps),
        linear_steps=linear_steps,
        scales_inputs=scales_inputs,
        n_networks=n_networks,
        n_tokens=n_tokens,
        embedding_size=int(estimator.embedding_size) if n_tokens else 0,
        **more,
    )


def sizes_of(layout: InputLayout, sequences: Sequences, targets: Targets) -> dict[str, Any]:
    """The arguments of `make_topology` that checked data determine."""
    return {
        "n_inputs": sequences.X.shape[2],
        "n_outputs": targets.n_outputs,
        "per_step": targets.per_step,
        "dtype": sequences.X.dtype,
        "n_static": 0 if sequences.static is None else sequences.static.shape[1],
        "n_tokens": layout.n_tokens,
    }


def _make_cell(cell):
    if isinstance(cell, str):
        return CELLS[cell]()
    if not isinstance(cell, type):
        return copy.deepcopy(cell)
    if not issubclass(cell, Cell) or inspect.isabstract(cell):
        raise TypeError(f"cell must be {CellNames()}, got {cell!r}.")
    return cell()


def hidden_sizes_of(hidden_size: Any) -> tuple[int, ...]:
    """H of each layer; ValueError if the parameter is no number and none for each."""
    sizes = (hidden_size,) if isinstance(hidden_size, Integral) else hidden_size
    ordered = isinstance(sizes, list | tuple) or getattr(sizes, "ndim", 0) == 1
    if not (ordered and len(sizes) and all(is_whole(H) and int(H) > 0 for H in sizes)):
        raise ValueError(
            f"hidden_size must be a positive integer, or one for each layer, got {hidden_size!r}."
        )
    return tuple(int(H) for H in sizes)
