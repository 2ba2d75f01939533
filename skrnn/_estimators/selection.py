"""The choice between a linear part, a network beside it, and a network alone."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from .._engine.linear_part import LinearPart
from .._engine.losses import Loss
from .._engine.network import Network
from .._engine.target_statistics import TargetStatistics
from .._engine.topology import Topology
from .._sklearn.user_warnings import warn_user
from .._training.dataset import SequenceData
from .._training.folds import N_FOLDS
from .._training.linear_model import fit_linear_model
from .._training.linear_targets import linear_outputs
from .._training.look_back import look_back_of
from .._training.solvers import SOLVERS
from .._training.training_run import TrainingRun
from .._validation.booleans import plain_boolean
from .blas_threads import threads_of
from .checkpoint import batch_generator
from .model import LinearWeights, Model, assembled
from .restarts import Restarts
from .solver_choice import penalty_of

# (restarts, assemble) -> the best training run; assemble(run) returns topology and all weights
Train = Callable[[Restarts, Callable[[TrainingRun], tuple[Topology, np.ndarray]]], TrainingRun]

CANDIDATES = {"linear+network": 0.9, "network": 0.85}  # and the margins of their errors
_FOLD_EPOCHS = 150
_MANY = 50  # targets per weight from which the noise in training says enough
_TOO_FEW = 2  # targets per weight up to which s² of other solvers than "lm" says nothing
_TOO_MANY_COLUMNS = 2000  # per step, from which a linear part isn't tried


def asks_for_linear_part(estimator: Any) -> bool | str:
    """The parameter, which some estimators don't have."""
    return plain_boolean(getattr(estimator, "linear_part", False))


def linear_part_of(estimator: Any, topology: Topology, loss: Loss) -> bool | None:
    """Whether the parameters ask for a linear part, or None to choose."""
    setting = asks_for_linear_part(estimator)
    if topology.n_tokens:
        if setting is True:
            raise ValueError(
                f"linear_part=True can't be combined with embedding_size="
                f"{topology.embedding_size}: tokens are no numbers, of which a linear map could be "
                "taken. Set linear_part='auto' or False."
            )
        return False
    if setting == "auto":
        few = topology.n_inputs + topology.n_static <= _TOO_MANY_COLUMNS
        return None if estimator.alpha == "auto" and loss.centers and few else False
    if setting and not loss.centers:
        raise ValueError(
            f"linear_part=True adds to predictions, but with loss={estimator.loss!r} the network "
            "predicts their logarithm: set linear_part='auto' or False."
        )
    return bool(setting)


class Selection:
    """The fit of a linear part, of a network on what it leaves, and of a network alone.

    The linear model is left only for one with clearly lower errors on held-out folds, which are
    contiguous. No network is trained without them where the noise that training leaves, s² of
    `Penalty`, says enough.

    Parameters
    ----------
    estimator : BaseRNN
        Whose parameters count.
    topology : Topology
        Of the network alone.
    loss : Loss
    data : SequenceData
        To train on.
    validation : SequenceData or None
        Takes the place of folds.
    solver_name : str
        Of all networks, on folds as well.
    train : callable
        ``train(restarts, assemble)`` returns the best training run.

    Attributes
    ----------
    errors : dict of str to float
        Mean errors on the folds, of each model that was compared: see `Loss.error`.
    n_targets : float
        The sum of the weights of the targets that they are for, per output.
    """

    def __init__(
        self,
        estimator: Any,
        topology: Topology,
        loss: Loss,
        data: SequenceData,
        validation: SequenceData | None,
        solver_name: str,
        train: Train,
    ):
        self._estimator, self._loss, self._train = estimator, loss, train
        self._solver_name = solver_name
        self._data, self._validation = data, validation
        self._alone = topology
        self._beside = replace(topology, linear_steps=look_back_of(data))
        self._network, part = Network(topology, loss), LinearPart(self._beside)
        with threads_of(1):  # so that products have the same bits everywhere
            self._linear = fit_linear_model(data, part, loss)
            if validation is not None:
                one = (own[:1] for own in self._linear.fit.with_folds())
                self._linear_validation = linear_outputs(validation, part, *one)[0]
        self._fit = self._linear.fit
        self.n_targets = float(np.mean(self._fit.total))
        self.errors = self._errors_to_tell("constant", self._fit.constant_errors)
        self.errors |= self._errors_to_tell("linear", self._fit.fold_errors)

    @property
    def is_finite(self) -> bool:
        """Whether the linear part and its errors are."""
        return self._linear.is_finite

    def fixed(self) -> Model:
        """The network beside the linear part, without a choice."""
        return self._with_network("linear+network")

    def chosen(self) -> Model:
        """The safest of the models that isn't clearly worse than another.

        An interrupt keeps the best one so far, which has been judged.
        """
        best = self._linear_model()
        rounding = np.full((self._data.y.shape[2], 1), np.finfo(self._alone.dtype).eps ** 0.625)
        if not best.error > float(self._loss.error(rounding).mean()):
            return best  # NaN: nothing tells them apart; else what is left is rounding
        self._say(f"The linear part is fitted; its {self._loss.error_name} is {best.error:.3g}")
        try:
            for name, margin in CANDIDATES.items():
                self._say(f"Training {name!r}: it is kept if its error is below {margin} of that")
                candidate = self._with_network(name, below=margin * best.error)
                if candidate.run.outcome in ("interrupted", "stopped"):
                    break
                if self._beats(candidate, best):
                    best = candidate
        except KeyboardInterrupt:
            warn_user("Training interrupted by user.")
        self._say(f"{best.name!r} is kept")
        return best

    def _say(self, text):
        if self._estimator.verbose:
            print(text)

    def _errors_to_tell(self, name, errors):
        return {name: float(errors.sum() / self._fit.total.sum())} if errors.size else {}

    # --- models ---

    def _linear_model(self):
        """The linear part, beside a network whose weights are all 0."""
        y, scale = self._targets(linear=True)
        run = TrainingRun(np.zeros(self._network.layout.size, self._alone.dtype))
        errors = self._fit.fold_errors.sum(axis=0)
        run.alpha = float(np.mean(self._fit.penalty))
        run.gradient_norm_curve.append(0.0)
        run.loss_curve.append(
            self._mean_error(self._data.with_(y=y * scale)) / self._loss.error_factor
        )
        error = errors.sum() / self._fit.total.sum() if errors.size else np.nan
        if self._validation is not None:
            judge = self._to_judge(scale, linear=True)
            error = self._mean_error(judge.with_(y=judge.y * scale))
            run.validation_loss_curve.append(error / self._loss.error_factor)
        run.best = (run.validation_loss_curve or run.loss_curve)[-1]
        run.end("converged")
        topology, weights = self._assembled(run.kept[np.newaxis], scale, linear=True)
        return Model("linear", topology, weights, run, None, error, errors)

    def _with_network(self, name, *, below=np.inf):
        """Train a network on all data; the folds come later.

        Training may end early if the error doesn't come ``below`` what is needed.
        """
        linear = name != "network"
        y, scale = self._targets(linear=linear)
        judge = self._to_judge(scale, linear=linear)
        data = self._data.with_(y=y, weight=self._linear.weight if linear else self._data.weight)
        needed = np.inf
        if self._validation is None and self._noise_tells(data) and not self._estimator.ensemble:
            needed = below / float(np.mean(scale**2))  # all networks of an ensemble may count
        restarts = self._restarts(data, scale, judge, needed)

        def assemble(run):
            return self._assembled(restarts.networks(run), scale, linear=linear)

        run = self._train(restarts, assemble)
        topology, weights = assemble(run)
        error = run.noise * float(np.mean(scale**2))
        if self._validation is not None:
            error = self._errors(run.kept, judge, scale)[1]
        elif not self._noise_tells(data) and run.noise < np.inf:
            error = self._errors(run.kept, self._data.with_(y=y), scale)[1]
            of_noise = self._errors(run.kept, data, np.ones_like(scale), self._loss_of(scale))[1]
            error *= 0.5 * self._loss.error_factor * run.noise / (of_noise or 1.0)
        return Model(name, topology, weights, run, restarts, error)

    def _noise_tells(self, data):
        """Whether the noise of these data is their error, but for the scale."""
        return self._loss.is_quadratic and data.weight is self._data.weight

    def _targets(self, *, linear, fold=None):
        """What a network is trained on, (N, S, K), and its scale (K,)."""
        y = self._data.y
        if not linear:
            return y, np.ones(y.shape[2], y.dtype)
        y = y - self._linear.outputs[0 if fold is None else 1 + fold]
        if self._alone.cell.output_feedback:  # it reads the network's output
            return y, np.ones(y.shape[2], y.dtype)
        known = self._linear.learned.with_(y=y)
        if fold is not None:
            known, _ = self._linear.folds.apart(known, fold)
        rows, weight = known.rows, known.weight
        of_rows = None if weight is None else weight[rows]
        deviation = TargetStatistics.of(known.y[rows], of_rows).deviation
        scale = np.where(deviation > 0, deviation, 1).astype(y.dtype)
        return y / scale, scale

    def _to_judge(self, scale, *, linear):
        """The validation set, if there is one, with what the network is to predict."""
        if self._validation is None or not linear:
            return self._validation
        return self._validation.with_(y=(self._validation.y - self._linear_validation) / scale)

    def _loss_of(self, scale):
        """The loss of a network whose targets have a scale (K,)."""
        return self._loss.in_units_of(scale) if (scale != 1).any() else self._loss

    def _restarts(self, data, scale, validation=None, needed=np.inf):
        network = Network(self._alone, self._loss_of(scale))
        return Restarts(
            self._estimator,
            network,
            data,
            validation,
            solver_name=self._solver_name,
            incremental=False,
            penalty=penalty_of(self._estimator),
            needed=needed,
        )

    def _assembled(self, networks, scale, *, linear):
        topology = self._beside if linear else self._alone
        weights = LinearWeights(self._fit.weights, self._fit.bias, scale) if linear else None
        return assembled(topology, networks, self._data.input_scale, weights)

    # --- judgement ---

    def _beats(self, candidate, best):
        """Whether a candidate is clearly better, by as few folds as that takes."""
        margin = CANDIDATES[candidate.name]
        if not candidate.error < margin * best.error:
            return False  # what training says is no worse than what folds say
        if self._validation is not None or not (self._has_folds() and best.fold_errors.size):
            return True
        errors, whole = [], margin * best.fold_errors.sum()
        for error in self._errors_of_folds(linear=candidate.name != "network"):
            errors.append(error)
            so_far = best.fold_errors[: len(errors)].sum()
            if not sum(errors) < whole or (len(errors) > 1 and sum(errors) > so_far):
                return False
        candidate.fold_errors = np.array(errors)
        candidate.error = candidate.fold_errors.sum() / self._fit.total.sum()
        self.errors |= self._errors_to_tell(candidate.name, candidate.fold_errors)
        return True

    def _has_folds(self):
        most = _MANY if SOLVERS[self._solver_name].uses_jacobian else _TOO_FEW
        few = _effective_number(self._data) <= most * self._network.layout.size
        return few and len(self._linear.folds) >= 2 * N_FOLDS

    def _errors_of_folds(self, *, linear) -> Iterator[float]:
        """Sum of the errors on each fold of a network that is trained without it."""
        rng = check_random_state(self._estimator.random_state)
        begin = self._network.initial_parameters(rng)
        batches = batch_generator(rng)
        for fold in range(N_FOLDS):
            y, scale = self._targets(linear=linear, fold=fold)
            data, held_out = self._linear.folds.apart(self._data.with_(y=y), fold)
            if linear:
                data = data.with_(weight=self._linear.weight)
            theta = begin.copy()
            self._restarts(data, scale).train_once(theta, batches, _FOLD_EPOCHS)
            yield self._errors(theta, held_out, scale)[0]

    def _mean_error(self, data):
        """The mean error of residuals, which are the targets of ``data``."""
        y, weight, total = data.targets()
        return float((weight * self._loss.error(y)).sum() / max(total, np.finfo(float).tiny))

    def _errors(self, theta, data, scale, loss=None):
        """Sum and mean of weighted errors of a network whose targets have a scale (K,)."""
        total, loss = 0.0, loss or self._loss
        for rows in data.blocks(self._network.forward_rows):
            batch = data.batch(rows)
            run = self._network.forward(theta, batch.x, missing=batch.missing, static=batch.static)
            errors = loss.error((batch.y - run.outputs) * scale[:, np.newaxis])
            total += float((errors if batch.weight is None else errors * batch.weight).sum())
        return total, total / data.total


def _effective_number(data):
    """Number of targets, as (Σw)² / Σw², which doesn't depend on the unit of the weights."""
    _, weight, total = data.targets()
    share = weight / weight.max()
    return min(total, float(share.sum() ** 2 / (share**2).sum()))
