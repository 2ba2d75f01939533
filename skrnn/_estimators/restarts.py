"""The training runs of one fit, of which the best is kept."""

import copy
import math
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from .._engine.network import Network
from .._sklearn import FitTasks, warn_user
from .._training.constant import baselines
from .._training.dataset import SequenceData
from .._training.objective import Objective
from .._training.solvers import SOLVERS, FirstOrderSolver
from .._training.trainer import Checkpoint, Rules, TrainingRun, rounding_floor, train
from .blas_threads import threads_of
from .checkpoint import batch_generator
from .solver_choice import choose_solver, make_solver

_ALPHA = 0.1  # of alpha="auto": the validation set says when to stop, so a weak penalty serves
_ALPHA_WITHOUT_VALIDATION = 1.0
_N_RUNS = 3  # of alpha="auto", unless a single one has to do
_PATIENCE = 2  # times as many epochs: losses of small validation sets go up and down
_AUTO_BATCH = 200  # sequences
_LONG = 50  # steps
_LARGE_ALPHA = 1000  # the penalty outweighs the loss
# Multiplications per step up to which restarts are trained as a batch: beyond, NumPy's calls take
# their time for the arithmetic, and what they work on no longer fits a core's cache
# (benchmarks/README.md)
_BATCHED_WORK = 120_000


Part = tuple[SequenceData, SequenceData | None]


class Restarts:
    """The training of one network from several initial weights, or from where it has ended.

    Parameters
    ----------
    estimator : BaseRNN
        Whose parameters count.
    network : Network
    parts : list of (SequenceData, SequenceData or None)
        The training set and the validation set. If there are several, the training runs use
        them in turn.
    repeated : bool
        Whether sequences occur several times, so that a weak penalty serves.
    incremental : bool
        Whether to train for one epoch only.

    Attributes
    ----------
    solver_name : str
    """

    def __init__(
        self,
        estimator: Any,
        network: Network,
        parts: list[Part],
        *,
        repeated: bool,
        incremental: bool,
    ):
        data, validation = parts[0]
        for name, part in {"training": data, "validation": validation}.items():
            if part is not None and part.total == 0:
                raise ValueError(
                    f"There is nothing to learn from: in the {name} set, every target in y is "
                    "NaN, belongs to a missing step or an empty sequence of X, or has "
                    "sample_weight 0."
                )
        self._alpha = estimator.alpha
        if self._alpha == "auto":
            weak = repeated or validation is not None
            self._alpha = _ALPHA if weak else _ALPHA_WITHOUT_VALIDATION
        self._n_runs = _N_RUNS if repeated else len(parts)
        _check_range(self._alpha, data, network.topology.dtype)
        self._estimator, self._network, self._parts = estimator, network, parts
        self._baselines = [
            baselines(network.loss, network.topology.n_outputs, *part) for part in parts
        ]
        self.solver_name = choose_solver(estimator, network, incremental=incremental)
        self._solver = SOLVERS[self.solver_name]
        self._incremental, self._solver_state = incremental, None
        self._max_iter = 1 if incremental else int(estimator.max_iter)
        size = estimator.batch_size
        self._batch_size = _AUTO_BATCH if size == "auto" else int(size)

    def start(self) -> tuple[list[TrainingRun], np.random.RandomState]:
        """A training run for each restart, and the generator of their batches."""
        rng, n_parts = check_random_state(self._estimator.random_state), len(self._parts)
        memory = self._memory()
        runs = [TrainingRun(self._network.initial_parameters(rng, memory))]
        # all restarts see the same batches, whether they are trained as a batch or not
        batches = batch_generator(rng)
        n_runs = 1 if self._incremental else max(int(self._estimator.n_init), self._n_runs)
        for i in range(1, n_runs):
            theta = self._network.initial_parameters(rng, memory)
            runs.append(TrainingRun(theta, part=i % n_parts))
        return runs, batches

    def _memory(self):
        """How many steps gated units remember at first; None: what the cell's weights say."""
        if not self._estimator._remembers_sequences:
            return None
        return float(max(data.longest for data, _ in self._parts))

    def resume(
        self, theta: np.ndarray, checkpoint: Checkpoint | None, *, same_data: bool
    ) -> tuple[list[TrainingRun], np.random.RandomState]:
        """The training run that an earlier fit has ended, and the generator of its batches."""
        if checkpoint is None:
            rng = check_random_state(self._estimator.random_state)
            return [TrainingRun(theta)], batch_generator(rng)
        run, self._solver_state = TrainingRun(checkpoint.theta.copy()), checkpoint.solver
        if same_data:  # otherwise, its losses can't be compared
            run.best_theta = checkpoint.best_theta.copy()
            run.best = checkpoint.best
            run.epochs_without_improvement = checkpoint.epochs_without_improvement
            run.has_learned = checkpoint.has_learned
        run.part = min(checkpoint.part, len(self._parts) - 1)
        return [run], checkpoint.rng

    def batch_of_runs(self) -> int:
        """How many restarts are trained as a batch."""
        if not (self._network.topology.cell.batched_weights and self._solver.batched_weights):
            return 1
        B = len(self._parts[0][0].rows)
        if not self._solver.full_batch:
            B = min(B, self._batch_size)
        return max(1, _BATCHED_WORK // (sum(self._network.step_work) * B))

    def tasks(self, original: Any, n_runs: int, **settings: Any) -> FitTasks:
        """The tasks of the fit, for the callbacks of the estimator whose `fit` was called."""
        of_part = np.bincount(np.arange(n_runs) % len(self._parts))
        n_calls = sum(math.ceil(n / self.batch_of_runs()) for n in of_part)
        return FitTasks(original, n_runs=n_calls, max_iter=self._max_iter, **settings)

    def train(
        self, runs: list[TrainingRun], rng: np.random.RandomState, tasks: FitTasks
    ) -> TrainingRun:
        """Train all restarts, and return the best training run."""
        estimator = self._estimator
        patience = int(estimator.n_iter_no_change)
        if self._n_runs > 1:
            patience *= _PATIENCE
        limits = self._max_iter, estimator.tol, patience
        with threads_of(estimator.n_jobs) as n_threads:
            for group in self._groups(runs):
                part = group[0].part
                rules = Rules(*limits, self._baselines[part])
                solver = make_solver(estimator, self.solver_name)
                if self._solver_state is not None:
                    solver.resume(self._solver_state, anew=not self._incremental)
                    self._check_rate(solver)
                objective = self._objective(part, copy.deepcopy(rng), n_threads)
                tasks.begin_run()
                train(objective, solver, group, rules, verbose=estimator.verbose, watch=tasks)
                tasks.end_run()
                if any(run.outcome in ("interrupted", "stopped") for run in group):
                    break
        return self._best(runs)

    def _objective(self, part, rng=None, n_threads=1):
        data, validation = self._parts[part]
        return Objective(
            self._network,
            data,
            alpha=self._alpha,
            batch_size=self._batch_size,
            shuffle=self._estimator.shuffle,
            rng=rng,
            n_threads=n_threads,
            validation=validation,
        )

    def _groups(self, runs):
        """The training runs that are trained as a batch; all of one hold out the same part."""
        size = self.batch_of_runs()
        for part in range(len(self._parts)):
            own = [run for run in runs if run.part == part]
            for start in range(0, len(own), size):
                yield own[start : start + size]

    def _check_rate(self, solver):
        """Warn where training resumes after the end of a schedule, as in `partial_fit`."""
        if isinstance(solver, FirstOrderSolver) and not solver.schedule.rates.any():
            estimator = self._estimator
            warn_user(
                f"Training resumes with a learning rate of 0, to which learning_rate="
                f"{estimator.learning_rate!r} has fallen with max_iter={estimator.max_iter} and "
                f"power_t={estimator.power_t}. Set learning_rate='constant', or change one of "
                "these: that starts the schedule anew."
            )

    def _best(self, runs):
        tried = [run for run in runs if run.loss_curve]
        if any(run.outcome == "interrupted" for run in runs):
            if not tried:  # as in scikit-learn's MLP, there is nothing to keep
                raise KeyboardInterrupt
            warn_user("Training interrupted by user.")
        if not tried:
            raise ValueError(f"The loss wasn't finite in the first epoch. {self._fix(runs[0])}")
        return min(tried, key=self._relative_loss)

    def _relative_loss(self, run):
        """The loss to compare: parts that are held out may differ in difficulty."""
        _, validation = self._baselines[run.part]
        if len(self._parts) == 1 or not validation.loss:
            return run.kept_loss
        return run.kept_loss / validation.loss

    def _fix(self, run):
        """What to do about a loss that grows."""
        estimator = self._estimator
        fix = "Scale X (StandardScaler or MinMaxScaler before this step)"
        if self._alpha > _LARGE_ALPHA:
            fix += f", lower alpha={self._alpha}"
        if not self._solver.full_batch:
            fix += f", lower learning_rate_init={estimator.learning_rate_init}"
            if estimator.clip_norm is None and estimator.clip_value is None:
                fix += ", set clip_norm"
        if not getattr(estimator, "normalize_y", True):
            fix += ", set normalize_y=True or scale y"
        if estimator.activation not in ("tanh", "logistic"):
            fix += f", or use a bounded activation instead of {estimator.activation!r}"
        norms = run.gradient_norm_curve
        grew = f" The norm of the gradient was {norms[-1]:.3g} at last." if norms else ""
        return f"{fix}.{grew}"

    def report(self, run: TrainingRun) -> None:
        """Warn of a training run that didn't converge, or that has learned nothing."""
        estimator, n_epochs = self._estimator, len(run.loss_curve)
        message, ended = None, run.outcome in ("converged", "max_iter")
        if run.outcome == "diverged":
            message = (
                f"The loss was no longer finite after {n_epochs} epochs; the best weights before "
                f"that are kept. {self._fix(run)}"
            )
        elif ended and run.worsened:
            message = (
                f"The loss rose from {run.best:.3g} to {run.loss_curve[-1]:.3g}; the best "
                f"weights are kept. {self._fix(run)}"
            )
        elif (
            ended and estimator.max_iter > estimator.n_iter_no_change
        ):  # otherwise, it's meant to end early
            unfinished = (
                f"Maximum iterations ({estimator.max_iter}) reached and the optimization hasn't "
                "converged yet. Raise max_iter or tol."
            )
            messages = [unfinished if run.outcome == "max_iter" else None, self._not_learned(run)]
            message = " ".join(filter(None, messages))
        if message:
            warn_user(message, ConvergenceWarning)

    def _not_learned(self, run):
        """A message if the losses aren't clearly below those of the best constant prediction."""
        if run.has_learned:
            return None
        theta, what = run.kept[np.newaxis], self._network.loss.constant_name
        objective, (training, validation) = self._objective(run.part), self._baselines[run.part]
        with objective, np.errstate(all="ignore"):
            found = {"training set": (training, objective.training_loss(run.kept))}
            if validation is not None:
                losses = objective.validation_losses(theta)
                found["validation set"] = validation, float(losses[0])
        for where, (baseline, loss) in found.items():
            # of a constant target, nothing is to be learned
            if loss > baseline.limit and baseline.loss > rounding_floor(theta.dtype):
                return (
                    f"The network has learned next to nothing: on the {where}, its loss is "
                    f"{loss:.3g}, and that of {what} is {baseline.loss:.3g}. {self._how_to_learn()}"
                )
        return None

    def _how_to_learn(self):
        """What to do about a network that hasn't learned anything."""
        estimator, fixes = self._estimator, ["scale X", "raise n_init"]
        if estimator.alpha != "auto" and self._alpha > 0:
            fixes.append(f"lower alpha={estimator.alpha}")
        longest = max(data.longest for data, _ in self._parts)
        if longest >= _LONG:
            fixes.append(
                f"shorten the sequences of {longest} steps, by SequencePatcher for example"
            )
        return f"If X tells of y, {', '.join(fixes[:-1])} or {fixes[-1]}."


def _check_range(alpha, data, dtype):
    """Raise ValueError if the loss or the penalty would overflow or vanish."""
    limits, total = np.finfo(dtype), data.total
    if total < limits.tiny / limits.eps:
        raise ValueError(
            f"The weights of the samples add up to {total:.3g}, which is too little for {dtype}: "
            "multiply sample_weight by a constant."
        )
    if alpha * data.y.shape[2] > total * float(limits.max):
        raise ValueError(
            f"alpha={alpha} is too large for {dtype} and weights of the samples that add up to "
            f"{total:.3g}: lower alpha. From 100 up, the network learns little more than a "
            "constant."
        )
