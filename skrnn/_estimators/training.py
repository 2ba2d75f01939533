"""The training stage of a fit: from checked data to a model."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from .._engine.encoder_decoder import make_network
from .._engine.input_scale import InputScale
from .._engine.linear_part import LinearPart
from .._engine.topology import Topology
from .._sklearn.tasks import FitTasks
from .._training.dataset import SequenceData
from .._training.input_statistics import input_scale_of
from .._training.linear_model import has_all_targets
from .._training.look_back import weigh_incomplete
from .._training.parts import Parts
from .._training.penalty import PenaltyRule
from .._training.training_run import TrainingRun
from .checkpoint import load, rescaled
from .judgement import no_better_than_a_constant
from .model import Model, assembled, taken_apart
from .restarts import Restarts
from .selection import (
    CANDIDATES,
    Selection,
    asks_for_linear_part,
    linear_part_of,
)
from .solver_choice import choose_solver, penalty_of
from .targets import Outputs

_UNKNOWN_ALPHA = 1.0  # of weights that come from elsewhere


def scales_inputs(estimator: Any, *, incremental: bool) -> bool:
    """Whether a fit that doesn't resume another one scales its inputs."""
    is_auto = estimator.alpha == "auto" and not estimator._holds_out_parts
    return (is_auto or asks_for_linear_part(estimator) is True) and not incremental


def resumes_training(estimator: Any) -> bool:
    """Whether a fit resumes the one before; without a network in use, there is no training."""
    return estimator.warm_start and getattr(estimator, "selected_", None) != "linear"


class Training:
    """Trains the network of an estimator, with or without a linear part beside it.

    Parameters
    ----------
    estimator : BaseRNN
        Whose parameters count.
    topology : Topology
        Of the network alone.
    outputs : Outputs
    data : SequenceData
        To train on.
    validation : SequenceData or None
    parts : Parts
        Of ``data``, to hold out in turn.
    total : float or None
        See `Restarts`.
    incremental : bool
        Whether to train for one epoch only.
    begin : callable
        ``begin(restarts, n_runs, n_networks)`` returns the `FitTasks`.

    Attributes
    ----------
    tasks : FitTasks or None
    solver_name : str
    errors : dict of str to float
        Mean errors that the choice was made by, see `Loss.error`.
    doubt : str or None
        A warning that nothing was learned.
    assemble : callable
        ``assemble(run)`` returns the topology and all weights of the model with a training run.
    """

    tasks: FitTasks | None = None
    doubt: str | None = None
    assemble: Callable[[TrainingRun], tuple[Topology, np.ndarray]]

    def __init__(
        self,
        estimator: Any,
        topology: Topology,
        outputs: Outputs,
        data: SequenceData,
        validation: SequenceData | None,
        *,
        parts: Parts,
        total: float | None,
        incremental: bool,
        begin: Callable[[Restarts, int, int], FitTasks],
    ):
        self._estimator, self._topology, self._loss = estimator, topology, outputs.loss
        self._data, self._validation, self._parts = data, validation, parts
        self._incremental, self._begin, self._total = incremental, begin, total
        self._n_networks = 1
        for name, part in {"training": data, "validation": validation}.items():
            if part is not None and part.total == 0:
                raise ValueError(
                    f"There is nothing to learn from: in the {name} set, every target in y is "
                    "NaN, belongs to a missing step or an empty sequence of X, or has "
                    "sample_weight 0."
                )
        network = make_network(topology, outputs.loss)
        self.solver_name = choose_solver(estimator, network, data, incremental=incremental)
        self.errors: dict[str, float] = {}

    def start(self) -> Model:
        """Train from initial weights."""
        estimator, topology, data = self._estimator, self._topology, self._data
        validation = self._validation
        choice: bool | None = False
        if not self._incremental:
            choice = linear_part_of(estimator, topology, self._loss)
        # tokens have no scale, so that static covariates alone are scaled
        any_numbers = not topology.n_tokens or topology.n_static > 0
        if any_numbers and scales_inputs(estimator, incremental=self._incremental):
            topology, scale = replace(topology, scales_inputs=True), input_scale_of(data)
            if topology.n_tokens:
                scale = InputScale(scale.mean[1:], scale.scale[1:]).beside_tokens()
            data = data.with_(input_scale=scale)
            validation = None if validation is None else validation.with_(input_scale=scale)
        if choice is False or not has_all_targets(data):
            return self._alone(topology, data, validation)
        self._n_networks = 1 if choice else len(CANDIDATES)
        parts = data, validation, self.solver_name, self._train
        selection = Selection(estimator, topology, self._loss, *parts)
        if not selection.is_finite:  # targets whose squares overflow
            return self._alone(topology, data, validation)
        model = selection.fixed() if choice else selection.chosen()
        self.errors = selection.errors
        name, n_targets = "linear" if choice else model.name, selection.n_targets
        of_error = n_targets, self._loss.error_name
        doubt = no_better_than_a_constant(name, self.errors, *of_error)
        if choice:  # folds tell of the linear part alone, and training of the network beside it
            both = self.errors | {model.name: model.error}
            is_worse = no_better_than_a_constant(model.name, both, *of_error) is not None
            doubt = doubt if is_worse and np.isfinite(model.error) else None
        self.doubt = doubt
        return model

    def _alone(self, topology, data, validation):
        restarts = self._restarts(topology, data, validation, self._penalty())

        def assemble(run):
            return assembled(topology, restarts.networks(run), data.input_scale, None)

        run = self._train(restarts, assemble)
        topology, theta = assemble(run)
        return Model("network", topology, theta, run, restarts)

    def resume(self, rescaling: tuple[np.ndarray, np.ndarray] | None, *, same_data: bool) -> Model:
        """Train from where an earlier fit has ended, with its linear part and scale of inputs.

        ``rescaling`` is the factor and the shift (K,) of outputs in a new scale of y, if it is
        another one. ``same_data`` says whether the earlier fit had these data.
        """
        estimator, dtype, before = self._estimator, self._topology.dtype, self._estimator._topology
        changes = {name: getattr(before, name) for name in ("linear_steps", "scales_inputs")}
        topology = replace(self._topology, **changes)
        networks, scale, linear = taken_apart(topology, estimator.parameters_.astype(dtype))
        theta = networks[0]
        name = getattr(estimator, "selected_", "network")
        if name == "linear":  # its network is silent: begin one that says nothing yet
            name, theta = "linear+network", self._silent_network()
        data, validation = self._data.with_(input_scale=scale), self._validation
        if validation is not None:
            validation = validation.with_(input_scale=scale)
        if linear is not None:
            part = LinearPart(topology)
            linear = linear if rescaling is None else linear.rescaled(*rescaling)
            left = linear.left_of(data, part)
            data = data.with_(y=left, weight=weigh_incomplete(data, part, left))
            if validation is not None:
                validation = validation.with_(y=linear.left_of(validation, part))
        penalty = self._penalty()
        if penalty.follows_noise:
            penalty = PenaltyRule(getattr(estimator, "alpha_", _UNKNOWN_ALPHA), with_readout=True)
        loss = self._loss if linear is None else self._loss.in_units_of(linear.scale)
        restarts = self._restarts(topology, data, validation, penalty, loss)
        checkpoint = load(estimator, theta, self.solver_name, dtype)
        if rescaling is not None and linear is None:
            network = make_network(topology, self._loss)
            theta = network.rescaled(theta, *rescaling)
            if checkpoint is not None:
                checkpoint = rescaled(checkpoint, self.solver_name, network, *rescaling)
        same_data = same_data and rescaling is None
        runs, rng = restarts.resume(theta, checkpoint, same_data=same_data)

        def assemble(run):
            return assembled(topology, run.kept[np.newaxis], scale, linear)

        run = self._run(restarts, assemble, runs, rng)
        self.errors = getattr(estimator, "selection_errors_", {})
        topology, theta = assemble(run)
        return Model(name, topology, theta, run, restarts)

    def _penalty(self):
        is_judged = self._validation is not None or bool(self._parts.pairs) or self._parts.repeated
        return penalty_of(self._estimator, incremental=self._incremental, is_judged=is_judged)

    def _silent_network(self):
        """Initial weights (P,) of a network whose output is 0."""
        network = make_network(self._topology, self._loss)
        rng = check_random_state(self._estimator.random_state)
        theta = network.initial_parameters(rng)
        for name, view in network.named_weights(theta).items():
            if name.startswith("readout"):
                view[...] = 0
        return theta

    def _restarts(self, topology, data, validation, penalty, loss=None):
        return Restarts(
            self._estimator,
            make_network(topology, loss or self._loss),
            data,
            validation,
            parts=self._parts,
            solver_name=self.solver_name,
            incremental=self._incremental,
            penalty=penalty,
            total=self._total,
        )

    def _train(self, restarts, assemble):
        """Train from initial weights; return the best training run."""
        return self._run(restarts, assemble, *restarts.start())

    def _run(self, restarts, assemble, runs, rng):
        self.assemble = assemble
        if self.tasks is None:
            self.tasks = self._begin(restarts, len(runs), self._n_networks)
        return restarts.train(runs, rng, self.tasks)
