"""From an estimator's parameters and checked data to a trained network."""

import copy
import math
import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from .._engine.network import Network
from .._sklearn import FitTasks
from .._training.dataset import SequenceData
from .._training.objective import Objective
from .._training.solvers import SCHEDULES, SOLVERS, FirstOrderSolver, LevenbergMarquardt, Solver
from .._training.trainer import Checkpoint, Course, Rules, train
from .threads import threads_of

# up to here a Jacobian costs little more than a gradient
_AUTO_LM_PARAMETERS = 500
_AUTO_LM_OUTPUTS = 10
_AUTO_BATCH = 200  # sequences
# Multiplications per step up to which restarts are trained as a batch: beyond, NumPy's calls take
# their time for the arithmetic, and what they work on no longer fits a core's cache
# (benchmarks/README.md)
_BATCHED_WORK = 120_000


def choose_solver(estimator: Any, network: Network, *, incremental: bool) -> str:
    """The name of the solver, after "auto"; raises where it can't do what is asked."""
    P, topology, name = network.layout.size, network.topology, estimator.solver
    drops = topology.dropout > 0 or topology.recurrent_dropout > 0
    if name == "auto" and incremental:
        return "adam"
    if name == "auto":
        small = P <= _AUTO_LM_PARAMETERS and topology.n_outputs <= _AUTO_LM_OUTPUTS
        small = small and not topology.per_step
        return "lm" if small and not drops else "adam"
    if name in ("lm", "lbfgs") and drops:
        raise ValueError(
            f"solver={name!r} needs the same loss at every look, which dropout={topology.dropout} "
            f"and recurrent_dropout={topology.recurrent_dropout} change at random. Use "
            "solver='adam', or no dropout: alpha holds small networks back as well."
        )
    if name in ("lm", "lbfgs") and topology.bptt_steps is not None and topology.per_step:
        raise ValueError(
            f"solver={name!r} makes one step per epoch, so with a target for every step there "
            f"is no update after each chunk of bptt_steps={topology.bptt_steps}. Use "
            "bptt_steps=None, or solver='adam'."
        )
    if name == "lbfgs" and topology.bptt_steps is not None:
        raise ValueError(
            f"solver='lbfgs' searches along the exact gradient, which bptt_steps="
            f"{topology.bptt_steps} cuts off. Use bptt_steps=None, or solver='adam'."
        )
    if name == "lm" and P > LevenbergMarquardt.max_parameters:
        raise ValueError(
            f"solver='lm' works with matrices of n_weights × n_weights numbers: {P} weights "
            f"are more than the {LevenbergMarquardt.max_parameters} it is made for. "
            f"Lower hidden_size={estimator.hidden_size}, or use solver='adam'."
        )
    return name


def make_solver(estimator: Any, name: str) -> Solver:
    """A solver with the estimator's parameters."""
    solver = SOLVERS[name]
    if not issubclass(solver, FirstOrderSolver):
        return solver()
    schedule = SCHEDULES[estimator.learning_rate](
        estimator.learning_rate_init, power_t=estimator.power_t, max_iter=estimator.max_iter
    )
    return solver(
        schedule,
        clip_norm=estimator.clip_norm,
        clip_value=estimator.clip_value,
        **{option: getattr(estimator, option) for option in solver.options},
    )


class Training:
    """The training of one network, or of several of which the best is kept.

    Parameters
    ----------
    estimator : BaseRNN
        Whose parameters count.
    network : Network
    data : SequenceData
    validation : SequenceData or None
        What early stopping looks at.
    incremental : bool
        Whether to make one pass only.
    """

    def __init__(
        self,
        estimator: Any,
        network: Network,
        data: SequenceData,
        validation: SequenceData | None,
        *,
        incremental: bool,
    ):
        for name, part in {"training": data, "validation": validation}.items():
            if part is not None and part.total == 0:
                raise ValueError(
                    f"There is nothing to learn from: every target of the {name} set is NaN, "
                    "belongs to a sequence or step that is all NaN, or has sample_weight 0."
                )
        self._estimator, self._network = estimator, network
        self._data, self._validation = data, validation
        self.solver_name = choose_solver(estimator, network, incremental=incremental)
        self._incremental, self._solver_state = incremental, None
        self._max_iter = 1 if incremental else int(estimator.max_iter)
        size = estimator.batch_size
        self._batch_size = _AUTO_BATCH if size == "auto" else int(size)

    def start(self) -> tuple[list[Course], np.random.RandomState]:
        """As many courses as there are to be restarts, and the generator of their batches."""
        rng = check_random_state(self._estimator.random_state)
        courses = [Course(self._network.initial_parameters(rng))]
        # each restart sees the same batches: side by side or not, it ends up the same
        batches = np.random.RandomState(rng.randint(np.iinfo(np.int32).max))
        n_more = 0 if self._incremental else int(self._estimator.n_init) - 1
        courses += [Course(self._network.initial_parameters(rng)) for _ in range(n_more)]
        return courses, batches

    def go_on(self, theta: np.ndarray, checkpoint: Checkpoint | None, *, same_data: bool):
        """The course from where an earlier fit has ended, and the generator of its batches."""
        if checkpoint is None:
            rng = check_random_state(self._estimator.random_state)
            return [Course(theta)], np.random.RandomState(rng.randint(np.iinfo(np.int32).max))
        course, self._solver_state = Course(checkpoint.theta.copy()), checkpoint.solver
        if same_data:  # otherwise, its losses say nothing here
            course.best_theta = checkpoint.best_theta.copy()
            course.best, course.stale = checkpoint.best, checkpoint.stale
        return [course], checkpoint.rng

    def group_size(self) -> int:
        """How many nets are trained side by side."""
        solver, cell = SOLVERS[self.solver_name], self._network.topology.cell
        if not (cell.batched_weights and solver.batched_weights):
            return 1
        B = len(self._data.rows)
        if issubclass(solver, FirstOrderSolver):
            B = min(B, self._batch_size)
        return max(1, _BATCHED_WORK // (sum(self._network.step_work) * B))

    def tasks(self, n_courses: int, **settings) -> FitTasks:
        """What callbacks are told."""
        n_runs = math.ceil(n_courses / self.group_size())
        return FitTasks(self._estimator, n_runs=n_runs, max_iter=self._max_iter, **settings)

    def run(self, courses: list[Course], rng: np.random.RandomState, tasks: FitTasks) -> Course:
        """Train all, and return the best."""
        estimator, size = self._estimator, self.group_size()
        rules = Rules(self._max_iter, estimator.tol, int(estimator.n_iter_no_change))
        with threads_of(estimator.n_jobs) as n_threads:
            for start in range(0, len(courses), size):
                group = courses[start : start + size]
                solver = make_solver(estimator, self.solver_name)
                if self._solver_state is not None:
                    solver.resume(self._solver_state, anew=not self._incremental)
                objective = Objective(
                    self._network,
                    self._data,
                    alpha=estimator.alpha,
                    batch_size=self._batch_size,
                    shuffle=estimator.shuffle,
                    rng=copy.deepcopy(rng),
                    n_threads=n_threads,
                    validation=self._validation,
                )
                tasks.begin_run()
                train(objective, solver, group, rules, verbose=estimator.verbose, watch=tasks)
                tasks.end_run()
                if any(course.outcome in ("interrupted", "stopped") for course in group):
                    break
        return self._best(courses)

    def _best(self, courses):
        tried = [course for course in courses if course.loss_curve]
        if any(course.outcome == "interrupted" for course in courses):
            if not tried:  # as in scikit-learn's MLP, there is nothing to keep
                raise KeyboardInterrupt
            warnings.warn("Training interrupted by user.", stacklevel=6)  # the caller of fit
        if not tried:
            raise ValueError(f"The loss wasn't finite in the first epoch. {self._mend(courses[0])}")
        return min(tried, key=lambda course: course.kept_loss)

    def _mend(self, course):
        rate = ""
        if issubclass(SOLVERS[self.solver_name], FirstOrderSolver):
            rate = f", lower learning_rate_init={self._estimator.learning_rate_init}"
            if self._estimator.clip_norm is None and self._estimator.clip_value is None:
                rate += ", set clip_norm"
        if not getattr(self._estimator, "normalize_y", True):
            rate += ", set normalize_y=True or scale y"
        norms = course.gradient_norm_curve
        grew = f" The gradient's norm had come to {norms[-1]:.3g}." if norms else ""
        bounded = ""
        if self._estimator.activation not in ("tanh", "logistic"):
            bounded = f", or use a bounded activation instead of {self._estimator.activation!r}"
        return f"Scale X (StandardScaler or MinMaxScaler before this step){rate}{bounded}.{grew}"

    def report(self, course: Course, stacklevel: int) -> None:
        """Warn of a training that didn't converge."""
        estimator, n_epochs = self._estimator, len(course.loss_curve)
        message = None
        if course.outcome == "diverged":
            message = (
                f"The loss stopped being finite after {n_epochs} epochs; the best weights until "
                f"then are kept. {self._mend(course)}"
            )
        elif course.outcome in ("converged", "max_iter") and course.rose:
            message = (
                f"The loss rose from {course.best:.3g} to {course.loss_curve[-1]:.3g}; the best "
                f"weights are kept. {self._mend(course)}"
            )
        elif course.outcome == "max_iter" and estimator.max_iter > estimator.n_iter_no_change:
            message = (
                f"Maximum iterations ({estimator.max_iter}) reached and the optimization hasn't "
                "converged yet. Raise max_iter or tol."
            )
        if message:
            warnings.warn(message, ConvergenceWarning, stacklevel=stacklevel)
