"""The training runs of one fit, of which the best is kept."""

import copy
import math
from functools import partial
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from .._engine.network import Network
from .._sklearn.tasks import FitTasks
from .._sklearn.user_warnings import warn_user
from .._training.baseline import Baseline, baselines
from .._training.dataset import SequenceData
from .._training.objective import Objective
from .._training.parts import Parts
from .._training.penalty import PenaltyRule
from .._training.solvers import SOLVERS, FirstOrderSolver
from .._training.stopping import Rules
from .._training.trainer import train
from .._training.training_run import Checkpoint, TrainingRun
from .blas_threads import threads_of
from .checkpoint import batch_generator
from .judgement import NOTHING_LEARNED, does_not_hold, learned_nothing
from .linear_rival import clearly_better_rival
from .solver_choice import make_solver, schedule_of

_N_RUNS = 3  # of sequences that occur several times
_PATIENCE = 2  # times as many epochs with several parts: losses of small sets go up and down
_AUTO_BATCH = 200  # sequences
_LONG = 50  # steps
_LARGE_ALPHA = 1000  # the penalty outweighs the loss
_NEARLY_NONE = 1e-6  # of the variance of the target: an error of 0.1 % of its deviation
# Multiplications per step up to which restarts are trained as a batch: beyond, NumPy's calls take
# their time for the arithmetic, and what they work on no longer fits a core's cache
# (benchmarks/README.md)
_BATCHED_WORK = 120_000
_ALL = Parts([])


class Restarts:
    """The training of one network from several initial weights, or from where it has ended.

    Parameters
    ----------
    estimator : BaseRNN
        Whose parameters count.
    network : Network
    data : SequenceData
    validation : SequenceData or None
        The validation set.
    solver_name : str
        Of `choose_solver`, for all data of the fit.
    incremental : bool
        Whether to train for one epoch only.
    penalty : PenaltyRule
    parts : Parts
        Of ``data``, which the training runs hold out in turn; none: they use all of it.
    total : float or None
        Sum of the weights of all targets so far, in this call and in those that it resumes. None:
        of this call.
    needed : float
        See `Rules`.
    """

    def __init__(
        self,
        estimator: Any,
        network: Network,
        data: SequenceData,
        validation: SequenceData | None,
        *,
        solver_name: str,
        incremental: bool,
        penalty: PenaltyRule,
        parts: Parts = _ALL,
        total: float | None = None,
        needed: float = np.inf,
    ):
        _check_range(penalty.alpha, data, network.topology.dtype)
        self._estimator, self._network, self._penalty = estimator, network, penalty
        self._total, self._needed = None if parts.pairs else total, needed
        self._sets: list[tuple[SequenceData, SequenceData | None]] = [(data, validation)]
        if parts.pairs:
            self._sets = [(data.with_(rows=a), data.with_(rows=b)) for a, b in parts.pairs]
        self._n_runs = _N_RUNS if parts.repeated else len(self._sets)
        self._baselines: dict[int, tuple[Baseline, Baseline | None]] = {}
        self._solver_name, self._solver = solver_name, SOLVERS[solver_name]
        self._incremental, self._solver_state = incremental, None
        self._ended: list[TrainingRun] = []
        self._max_iter = 1 if incremental else int(estimator.max_iter)
        size = estimator.batch_size
        self._batch_size = _AUTO_BATCH if size == "auto" else int(size)

    def start(self) -> tuple[list[TrainingRun], np.random.RandomState]:
        """A training run for each restart, and the generator of their batches."""
        rng, memory = check_random_state(self._estimator.random_state), self._memory()
        runs = [TrainingRun(self._network.initial_parameters(rng, memory))]
        # all restarts see the same batches, whether they are trained as a batch or not
        batches = batch_generator(rng)
        n_runs = 1 if self._incremental else max(int(self._estimator.n_init), self._n_runs)
        for i in range(1, n_runs):
            theta = self._network.initial_parameters(rng, memory)
            runs.append(TrainingRun(theta, part=i % len(self._sets)))
        return runs, batches

    def _memory(self):
        """How many steps gated units remember at first; None: what the cell's weights say."""
        return self._longest() if self._estimator._remembers_sequences else None

    def _longest(self):
        return max(data.longest for data, _ in self._sets)

    def resume(
        self, theta: np.ndarray, checkpoint: Checkpoint | None, *, same_data: bool
    ) -> tuple[list[TrainingRun], np.random.RandomState]:
        """The training run that an earlier fit has ended, and the generator of its batches."""
        if checkpoint is None:
            rng = check_random_state(self._estimator.random_state)
            return [TrainingRun(theta)], batch_generator(rng)
        run = TrainingRun.resumed(checkpoint, same_data=same_data)
        run.part, self._solver_state = min(run.part, len(self._sets) - 1), checkpoint.solver
        return [run], checkpoint.rng

    def batch_of_runs(self) -> int:
        """How many restarts are trained as a batch."""
        if not (self._network.topology.batched_weights and self._solver.batched_weights):
            return 1
        B = len(self._sets[0][0].rows)
        if not self._solver.full_batch:
            B = min(B, self._batch_size)
        return max(1, _BATCHED_WORK // (sum(self._network.step_work) * B))

    def tasks(self, original: Any, n_runs: int, n_networks: int, **settings: Any) -> FitTasks:
        """The tasks of the fit, for the callbacks of the estimator whose `fit` was called.

        ``n_networks`` are trained at most, each by ``n_runs`` restarts.
        """
        of_part = np.bincount(np.arange(n_runs) % len(self._sets))
        n_calls = sum(math.ceil(n / self.batch_of_runs()) for n in of_part)
        return FitTasks(original, n_runs=n_networks * n_calls, max_iter=self._max_iter, **settings)

    def train(
        self, runs: list[TrainingRun], rng: np.random.RandomState, tasks: FitTasks
    ) -> TrainingRun:
        """Train all restarts, and return the best training run."""
        estimator = self._estimator
        with threads_of(estimator.n_jobs) as n_threads:
            for group in self._groups(runs):
                part = group[0].part
                if estimator.verbose and len(self._sets) > 1:
                    print(f"Part {part + 1} of {len(self._sets)} is held out")
                rules = self._rules(part, self._max_iter)
                solver = make_solver(estimator, self._solver_name, incremental=self._incremental)
                if self._solver_state is not None:
                    solver.resume(self._solver_state, anew=not self._incremental)
                    self._check_rate(solver)
                objective = self._objective(part, rng, n_threads)
                tasks.begin_run()
                train(objective, solver, group, rules, verbose=estimator.verbose, watch=tasks)
                tasks.end_run()
                if any(run.outcome in ("interrupted", "stopped") for run in group):
                    break
        self._ended = [run for run in runs if run.loss_curve and run.outcome != "diverged"]
        return self._best(runs)

    def networks(self, run: TrainingRun) -> np.ndarray:
        """The weights (E, P) of a training run or, of an ensemble, of all that have ended."""
        runs = self._ended if self._estimator.ensemble and not self._incremental else []
        return np.array([own.kept for own in runs or [run]])

    def train_once(self, theta: np.ndarray, rng: np.random.RandomState, max_iter: int) -> None:
        """Train one network from ``theta`` (P,), in place; an interrupt is raised."""
        estimator, run = self._estimator, TrainingRun(theta)
        rules = self._rules(0, min(max_iter, self._max_iter))
        solver = make_solver(estimator, self._solver_name, incremental=self._incremental)
        with threads_of(estimator.n_jobs) as n_threads:
            objective = self._objective(0, rng, n_threads)
            train(objective, solver, [run], rules, verbose=False, watch=lambda runs: False)
        if run.outcome == "interrupted":
            raise KeyboardInterrupt
        theta[...] = run.kept

    def _groups(self, runs):
        """The training runs that are trained as a batch; all of one hold out the same part."""
        size = self.batch_of_runs()
        for part in range(len(self._sets)):
            own = [run for run in runs if run.part == part]
            for start in range(0, len(own), size):
                yield own[start : start + size]

    def _rules(self, part, max_iter):
        estimator, patience = self._estimator, int(self._estimator.n_iter_no_change)
        if self._n_runs > 1:
            patience *= _PATIENCE
        baselines_of = partial(self._baselines_of, part)
        may_go_on = estimator.early_stopping
        return Rules(max_iter, estimator.tol, patience, may_go_on, self._needed, baselines_of)

    def _baselines_of(self, part):
        """The best constant on the training set, and on the validation set if there is one."""
        if part not in self._baselines:
            loss, n_outputs = self._network.loss, self._network.topology.n_outputs
            self._baselines[part] = baselines(loss, n_outputs, *self._sets[part])
        return self._baselines[part]

    def _objective(self, part, rng, n_threads):
        data, validation = self._sets[part]
        constant = self._baselines_of(part)[0].loss if self._penalty.follows_noise else None
        return Objective(
            self._network,
            data,
            alpha=self._penalty.alpha,
            with_readout=self._penalty.with_readout,
            constant_loss=constant,
            batch_size=self._batch_size,
            shuffle=self._estimator.shuffle,
            rng=copy.deepcopy(rng),
            n_threads=n_threads,
            validation=validation,
            total=self._total,
        )

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
        if self._penalty.follows_noise and self._sets[0][1] is None:
            return min(tried, key=lambda run: run.noise)  # their penalties differ
        return min(tried, key=self._relative_loss)

    def _relative_loss(self, run):
        """The loss to compare: parts that are held out may differ in difficulty."""
        if len(self._sets) == 1:
            return run.kept_loss
        _, validation = self._baselines_of(run.part)
        return run.kept_loss / (validation.loss or 1)

    def _fix(self, run):
        """What to do about a loss that grows."""
        estimator = self._estimator
        fix = "Scale X (StandardScaler or MinMaxScaler before this step)"
        if self._network.topology.n_tokens:
            fix = "Lower hidden_size"
        if self._penalty.alpha > _LARGE_ALPHA:
            fix += f", lower alpha={self._penalty.alpha}"
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

    def report(self, run: TrainingRun, *, is_alone: bool) -> None:
        """Warn of a training run that didn't converge, learned nothing or nothing that holds.

        ``is_alone`` says that all of the prediction is the network's.
        """
        estimator, n_epochs = self._estimator, len(run.loss_curve)
        message = doubt = nothing = None
        short = run.outcome == "max_iter" and estimator.max_iter <= estimator.n_iter_no_change
        if run.outcome == "diverged":
            message = (
                f"The loss was no longer finite after {n_epochs} epochs; the best weights before "
                f"that are kept. {self._fix(run)}"
            )
        elif run.outcome in ("converged", "max_iter") and run.worsened:
            message = (
                f"The loss rose from {run.best:.3g} to {run.loss_curve[-1]:.3g}; the best "
                f"weights are kept. {self._fix(run)}"
            )
        elif run.outcome in ("converged", "max_iter") and not short:
            if run.outcome == "max_iter" and not (self._is_free_of_noise(run) or self._is_over()):
                message = (
                    f"Maximum iterations ({estimator.max_iter}) reached and the optimization "
                    "hasn't converged yet. Raise max_iter or tol."
                )
            if is_alone:
                doubt, nothing = self._judge(run)
        if message:
            warn_user(f"{message} {nothing}" if nothing else message, ConvergenceWarning)
        elif nothing:
            warn_user(nothing, ConvergenceWarning, about=NOTHING_LEARNED)
        if doubt:
            warn_user(doubt)

    def _judge(self, run):
        """A message of what was learned and doesn't hold, or else of nothing that was learned."""
        network = self._network
        training, validation = zip(self._sets[run.part], self._baselines_of(run.part), strict=True)
        if self._estimator.early_stopping:
            doubt = does_not_hold(network, training, validation, run)
            if doubt:
                return doubt, None
        sets = {"training set": training}
        if validation[0] is not None and not self._estimator.early_stopping:
            sets["validation set"] = validation
        nothing = learned_nothing(network, sets, run)
        rival = None
        if validation[0] is not None:
            rival = clearly_better_rival(network, training[0], *validation, loss=run.kept_loss)
        if nothing:
            return None, f"{nothing} {rival or self._how_to_learn()}"
        return None, rival

    def _how_to_learn(self):
        """What to do about a network that hasn't learned anything."""
        estimator, fixes = self._estimator, ["scale X", "raise n_init"]
        if self._network.topology.n_tokens:
            fixes[0] = f"raise embedding_size={estimator.embedding_size}"
        if estimator.alpha != "auto" and estimator.alpha > 0:
            fixes.append(f"lower alpha={estimator.alpha}")
        if self._longest() >= _LONG:
            how = ", by SequencePatcher for example"
            if self._network.topology.n_tokens:
                how = ""  # a patch would have several tokens
            fixes.append(f"shorten the sequences of {self._longest()} steps{how}")
        return f"If X tells of y, {', '.join(fixes[:-1])} or {fixes[-1]}."

    def _is_over(self):
        """Whether a schedule has led training to its end."""
        own = schedule_of(self._estimator, incremental=self._incremental)
        return not self._solver.full_batch and own == "cosine"

    def _is_free_of_noise(self, run):
        """Whether the penalty follows a noise that has all but vanished, and still falls."""
        constant = self._baselines_of(run.part)[0].loss
        return self._penalty.follows_noise and run.noise < _NEARLY_NONE * 2 * constant


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
