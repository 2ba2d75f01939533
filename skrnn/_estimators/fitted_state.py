"""All that a fit leaves behind."""

import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._engine.predictor import Predictor
from .._engine.topology import Topology
from .._training.training_run import TrainingRun
from .._validation.input_layout import InputLayout
from .checkpoint import Saved
from .history import History
from .network_parameters import make_topology
from .targets import Outputs


@dataclass(frozen=True)
class Curves:
    """One value for each epoch, in all fits that resumed one another."""

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] | None = None
    gradient_norm: list[float] = field(default_factory=list)

    def continued(self, run: TrainingRun) -> "Curves":
        """These, and then those of a training run."""
        loss, validation = [*self.loss, *run.loss_curve], None
        if run.validation_loss_curve:
            validation = [*(self.validation_loss or ()), *run.validation_loss_curve]
            validation = [np.nan] * (len(loss) - len(validation)) + validation
        return Curves(loss, validation, [*self.gradient_norm, *run.gradient_norm_curve])


class PredictorOfThreads:
    """The predictor of a fitted estimator: each thread has buffers of its own."""

    def __init__(self, topology: Topology):
        self._topology, self._local = topology, threading.local()

    def own(self) -> Predictor:
        """The predictor of this thread."""
        try:
            return self._local.predictor
        except AttributeError:
            self._local.predictor = predictor = Predictor(self._topology)
            return predictor

    def __reduce__(self):
        return type(self), (self._topology,)


@dataclass(frozen=True)
class FittedState:
    """What `fit` and `skrnn.interop` hand to an estimator.

    Parameters
    ----------
    inputs : InputLayout
        How X is read.
    topology : Topology
        The network without weights.
    outputs : Outputs
        How y is made of the network's outputs.
    parameters : ndarray of shape (P,)
        The weights.
    curves : Curves
        Losses and norms of the epochs.
    solver : str or None
        The solver that was used; None: the weights come from elsewhere.
    saved : Saved or None
        Where training can resume.
    n_left_out : int
        Samples that early stopping left out, as they overlap with those that it held out.
    alpha : float or None
        Strength of the penalty.
    selected : str or None
        What was chosen, where there was a choice.
    errors : dict of str to float
        What the choice was made by.
    history : History or None
        What `partial_fit` has seen; None: the weights come from elsewhere.
    """

    inputs: InputLayout
    topology: Topology
    outputs: Outputs
    parameters: np.ndarray
    curves: Curves = field(default_factory=Curves)
    solver: str | None = None
    saved: Saved | None = None
    n_left_out: int = 0
    alpha: float | None = None
    selected: str | None = None
    errors: dict[str, float] = field(default_factory=dict)
    history: History | None = None

    def attributes(self) -> dict[str, Any]:
        """The attributes of an estimator with this state."""
        attributes = {
            "_input_layout": self.inputs,
            "_topology": self.topology,
            "_predictor": PredictorOfThreads(self.topology),
            "_outputs": self.outputs,
            "_saved": self.saved,
            "_history": self.history,
            "n_outputs_": self.topology.n_outputs,
            "parameters_": self.parameters,
            "loss_curve_": self.curves.loss,
            "validation_loss_curve_": self.curves.validation_loss,
            "gradient_norm_curve_": self.curves.gradient_norm,
            "n_iter_": len(self.curves.loss),
            "n_left_out_": self.n_left_out,
            **self.outputs.attributes(),
        }
        if self.topology.n_tokens:
            attributes["n_tokens_"] = self.topology.n_tokens
        if self.solver is not None:
            attributes |= {"solver_": self.solver, "loss_": self.curves.loss[-1]}
            attributes["alpha_"] = self.alpha
        if self.selected is not None:
            attributes |= {"selected_": self.selected, "selection_errors_": self.errors}
        return attributes

    def install(self, estimator: Any) -> None:
        """Make the estimator one that was fitted."""
        vars(estimator).update(self.attributes())


def curves_of(estimator: Any) -> Curves:
    """The curves of a fitted estimator."""
    return Curves(
        estimator.loss_curve_, estimator.validation_loss_curve_, estimator.gradient_norm_curve_
    )


def weight_shapes(estimator: Any, **sizes: Any) -> dict[str, tuple[int, ...]]:
    """The shapes of all weights by their public names, for the sizes of `make_topology`."""
    predictor = Predictor(make_topology(estimator, **sizes))
    named = predictor.named_weights(np.zeros(predictor.layout.size, predictor.topology.dtype))
    return {name: view.shape for name, view in named.items()}


def state_without_training(
    estimator: Any, outputs: Outputs, *, columns: tuple[int, ...] = (), **sizes: Any
) -> FittedState:
    """The state of an estimator of 3-D input with weights of 0.

    ``columns`` are those of the static covariates, and the sizes those of `make_topology`.
    """
    topology = make_topology(estimator, **sizes)
    parameters = np.zeros(Predictor(topology).layout.size, topology.dtype)
    V = topology.n_tokens
    inputs = InputLayout(3, topology.n_inputs, columns, V, any_length=V > 0 and not columns)
    return FittedState(inputs, topology, outputs, parameters)
