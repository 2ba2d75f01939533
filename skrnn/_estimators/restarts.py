"""The training runs of one fit, of which the best is kept."""

import copy
import math
from functools import partial
from typing import Any

import numpy as np
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
from .convergence import fix_of_growth
from .solver_choice import make_solver

_N_RUNS = 3  # of sequences that occur several times
_PATIENCE = 2  # times as many epochs with several parts: losses of small sets go up and down
_AUTO_BATCH = 200  # sequences
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

    Attributes
    ----------
    estimator, network, incremental, penalty
        As above.
    sets : list of (SequenceData, SequenceData or None)
        What is trained on and what judges it, for each part.
    solver : type of Solver
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
        self.estimator, self.network, self.penalty = estimator, network, penalty
        self._total, self._needed = None if parts.pairs else total, needed
        self.sets: list[tuple[SequenceData, SequenceData | None]] = [(data, validation)]
        if parts.pairs:
            self.sets = [(data.with_(rows=a), data.with_(rows=b)) for a, b in parts.pairs]
        self._n_runs = _N_RUNS if parts.repeated else len(self.sets)
        self._baselines: dict[int, tuple[Baseline, Baseline | None]] = {}
        self._solver_name, self.solver = solver_name, SOLVERS[solver_name]
        self.incremental, self._solver_state = incremental, None
        self._ended: list[TrainingRun] = []
        self._max_iter = 1 if incremental else int(estimator.max_iter)
        size = estimator.batch_size
        self._batch_size = _AUTO_BATCH if size == "auto" else int(size)

    def start(self) -> tuple[list[TrainingRun], np.random.RandomState]:
        """A training run for each restart, and the generator of their batches."""
        rng, memory = check_random_state(self.estimator.random_state), self._memory()
        runs = [TrainingRun(self.network.initial_parameters(rng, memory))]
        # all restarts see the same batches, whether they are trained as a batch or not
        batches = batch_generator(rng)
        n_runs = 1 if self.incremental else max(int(self.estimator.n_init), self._n_runs)
        for i in range(1, n_runs):
            theta = self.network.initial_parameters(rng, memory)
            runs.append(TrainingRun(theta, part=i % len(self.sets)))
        return runs, batches

    def _memory(self):
        """How many steps gated units remember at first; None: what the cell's weights say."""
        return self.longest if self.estimator._remembers_sequences else None

    @property
    def longest(self) -> int:
        """Steps of the longest sequence that networks are trained on."""
        return max(data.longest for data, _ in self.sets)

    def resume(
        self, theta: np.ndarray, checkpoint: Checkpoint | None, *, same_data: bool
    ) -> tuple[list[TrainingRun], np.random.RandomState]:
        """The training run that an earlier fit has ended, and the generator of its batches."""
        if checkpoint is None:
            rng = check_random_state(self.estimator.random_state)
            return [TrainingRun(theta)], batch_generator(rng)
        run = TrainingRun.resumed(checkpoint, same_data=same_data)
        run.part, self._solver_state = min(run.part, len(self.sets) - 1), checkpoint.solver
        return [run], checkpoint.rng

    def batch_of_runs(self) -> int:
        """How many restarts are trained as a batch."""
        if not (self.network.topology.batched_weights and self.solver.batched_weights):
            return 1
        B = len(self.sets[0][0].rows)
        if not self.solver.full_batch:
            B = min(B, self._batch_size)
        return max(1, _BATCHED_WORK // (sum(self.network.step_work) * B))

    def tasks(self, original: Any, n_runs: int, n_networks: int, **settings: Any) -> FitTasks:
        """The tasks of the fit, for the callbacks of the estimator whose `fit` was called.

        ``n_networks`` are trained at most, each by ``n_runs`` restarts.
        """
        of_part = np.bincount(np.arange(n_runs) % len(self.sets))
        n_calls = sum(math.ceil(n / self.batch_of_runs()) for n in of_part)
        return FitTasks(original, n_runs=n_networks * n_calls, max_iter=self._max_iter, **settings)

    def train(
        self, runs: list[TrainingRun], rng: np.random.RandomState, tasks: FitTasks
    ) -> TrainingRun:
        """Train all restarts, and return the best training run."""
        estimator = self.estimator
        with threads_of(estimator.n_jobs) as n_threads:
            for group in self._groups(runs):
                part = group[0].part
                if estimator.verbose and len(self.sets) > 1:
                    print(f"Part {part + 1} of {len(self.sets)} is held out")
                rules = self._rules(part, self._max_iter)
                solver = make_solver(estimator, self._solver_name, incremental=self.incremental)
                if self._solver_state is not None:
                    solver.resume(self._solver_state, anew=not self.incremental)
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
        runs = self._ended if self.estimator.ensemble and not self.incremental else []
        return np.array([own.kept for own in runs or [run]])

    def train_once(self, theta: np.ndarray, rng: np.random.RandomState, max_iter: int) -> None:
        """Train one network from ``theta`` (P,), in place; an interrupt is raised."""
        estimator, run = self.estimator, TrainingRun(theta)
        rules = self._rules(0, min(max_iter, self._max_iter))
        solver = make_solver(estimator, self._solver_name, incremental=self.incremental)
        with threads_of(estimator.n_jobs) as n_threads:
            objective = self._objective(0, rng, n_threads)
            train(objective, solver, [run], rules, verbose=False, watch=lambda runs: False)
        if run.outcome == "interrupted":
            raise KeyboardInterrupt
        theta[...] = run.kept

    def _groups(self, runs):
        """The training runs that are trained as a batch; all of one hold out the same part."""
        size = self.batch_of_runs()
        for part in range(len(self.sets)):
            own = [run for run in runs if run.part == part]
            for start in range(0, len(own), size):
                yield own[start : start + size]

    def _rules(self, part, max_iter):
        estimator, patience = self.estimator, int(self.estimator.n_iter_no_change)
        if self._n_runs > 1:
            patience *= _PATIENCE
        baselines_of = partial(self.baselines_of, part)
        may_go_on = estimator.early_stopping
        return Rules(max_iter, estimator.tol, patience, may_go_on, self._needed, baselines_of)

    def baselines_of(self, part: int) -> tuple[Baseline, Baseline | None]:
        """The best constant on the training set, and on the validation set if there is one."""
        if part not in self._baselines:
            loss, n_outputs = self.network.loss, self.network.topology.n_outputs
            self._baselines[part] = baselines(loss, n_outputs, *self.sets[part])
        return self._baselines[part]

    def _objective(self, part, rng, n_threads):
        data, validation = self.sets[part]
        constant = self.baselines_of(part)[0].loss if self.penalty.follows_noise else None
        return Objective(
            self.network,
            data,
            alpha=self.penalty.alpha,
            with_readout=self.penalty.with_readout,
            constant_loss=constant,
            batch_size=self._batch_size,
            shuffle=self.estimator.shuffle,
            rng=copy.deepcopy(rng),
            n_threads=n_threads,
            validation=validation,
            total=self._total,
        )

    def _check_rate(self, solver):
        """Warn where training resumes after the end of a schedule, as in `partial_fit`."""
        if isinstance(solver, FirstOrderSolver) and not solver.schedule.rates.any():
            estimator = self.estimator
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
            fix = fix_of_growth(self, runs[0])
            raise ValueError(f"The loss wasn't finite in the first epoch. {fix}")
        if self.penalty.follows_noise and self.sets[0][1] is None:
            return min(tried, key=lambda run: run.noise)  # their penalties differ
        return min(tried, key=self._relative_loss)

    def _relative_loss(self, run):
        """The loss to compare: parts that are held out may differ in difficulty."""
        if len(self.sets) == 1:
            return run.kept_loss
        _, validation = self.baselines_of(run.part)
        assert validation is not None
        return run.kept_loss / (validation.loss or 1)


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
