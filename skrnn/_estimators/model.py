"""A fitted model: a network, a linear part, or both, with all of their weights."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from .._engine.input_scale import InputScale
from .._engine.linear_part import LinearPart
from .._engine.predictor import Predictor
from .._engine.topology import Topology
from .._training.dataset import SequenceData
from .._training.linear_targets import linear_outputs
from .._training.training_run import TrainingRun
from .restarts import Restarts


class LinearWeights(NamedTuple):
    """The weights of a linear part, and the scale of what a network adds to it."""

    inputs: np.ndarray  # (K, L*D+M), of the last inputs and the static covariates
    bias: np.ndarray  # (K,)
    scale: np.ndarray  # (K,)

    def rescaled(self, factor: np.ndarray, shift: np.ndarray) -> "LinearWeights":
        """The weights whose outputs are multiplied by a factor (K,) and shifted (K,)."""
        inputs = self.inputs * factor[:, np.newaxis]
        return LinearWeights(inputs, self.bias * factor + shift, self.scale * factor)

    def left_of(self, data: SequenceData, part: LinearPart) -> np.ndarray:
        """What it leaves (N, S, K) of the targets, which a network beside it learns."""
        outputs = linear_outputs(data, part, self.inputs[np.newaxis], self.bias[np.newaxis])[0]
        return (data.y - outputs) / self.scale


@dataclass
class Model:
    """A fitted model, and what it is judged by.

    Attributes
    ----------
    name : {"linear", "linear+network", "network"}
    topology : Topology
    theta : ndarray of shape (P,)
        All weights.
    run : TrainingRun
        Of the network.
    restarts : Restarts or None
        How the network was trained; None: it wasn't.
    error : float
        Mean error, see `Loss.error`, on folds or on the validation set, or what training says of
        it.
    fold_errors : ndarray of shape (F,)
        Sums of errors on the folds; empty: there are none.
    """

    name: str
    topology: Topology
    theta: np.ndarray
    run: TrainingRun
    restarts: Restarts | None
    error: float = np.nan
    fold_errors: np.ndarray = field(default_factory=lambda: np.zeros(0))


def assembled(
    topology: Topology,
    networks: np.ndarray,
    input_scale: InputScale | None,
    linear: LinearWeights | None,
) -> tuple[Topology, np.ndarray]:
    """The topology and all weights (P,) of a `Predictor`, of those of its parts.

    ``networks`` (E, P) are those of the networks whose mean predicts.
    """
    topology = replace(topology, n_networks=len(networks))
    predictor = Predictor(topology)
    theta = np.empty(predictor.layout.size, topology.dtype)
    predictor.of_networks(theta)[...] = networks
    views = predictor.layout.views(theta)
    if input_scale is not None:
        n = topology.n_scaled
        views["inputs/mean"][...], views["inputs/scale"][...] = (a[-n:] for a in input_scale)
    if linear is not None:
        n_columns = views["linear"].shape[1]
        views["linear"][...] = linear.inputs[:, :n_columns]
        if topology.n_static:
            views["linear/static"][...] = linear.inputs[:, n_columns:]
        views["linear/bias"][...], views["readout/scale"][...] = linear.bias, linear.scale
    return topology, theta


def taken_apart(
    topology: Topology, theta: np.ndarray
) -> tuple[np.ndarray, InputScale | None, LinearWeights | None]:
    """The parts of the weights (P,) that `assembled` has put together."""
    predictor, linear = Predictor(topology), None
    views = predictor.layout.views(theta)
    if topology.linear_steps:
        inputs = [views["linear"], *([views["linear/static"]] if topology.n_static else [])]
        bias, scale = views["linear/bias"], views["readout/scale"]
        linear = LinearWeights(np.concatenate(inputs, axis=1), bias, scale)
    return predictor.of_networks(theta), predictor.input_scale(theta), linear
