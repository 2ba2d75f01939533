"""Training: what happens after each epoch, and when it ends."""

import time
from collections.abc import Callable

import numpy as np

from .objective import Objective
from .solvers import Solver
from .stopping import Rules
from .training_run import TrainingRun, rounding_floor

# times as many epochs without improvement end a run that has learned nothing yet; not with solvers
# of the whole data, which use the curvature to get away from a plateau, and not with a penalty that
# follows the noise, as there may be noise alone
_PLATEAU = 20
_FIRST_EPOCHS = 15  # with a weaker penalty, where that follows the noise


class Monitor:
    """The actions after each epoch, whatever the solver.

    Parameters
    ----------
    objective : Objective
    solver : Solver
    runs : list of TrainingRun
        E of them, which the monitor changes.
    rules : Rules
    verbose : bool
        Whether to print a line per epoch.
    watch : callable
        ``watch(runs)`` is called after each epoch with the runs that have a loss; True stops
        all of them.
    """

    def __init__(
        self,
        objective: Objective,
        solver: Solver,
        runs: list[TrainingRun],
        rules: Rules,
        *,
        verbose: bool,
        watch: Callable[[list[TrainingRun]], bool],
    ):
        self._objective, self._solver, self._rules = objective, solver, rules
        self._running = list(runs)
        self._verbose, self._watch = verbose, watch
        self._floor = rounding_floor(runs[0].theta.dtype)
        self._n_epochs = 0
        self._start = time.perf_counter()

    def __call__(self, theta: np.ndarray, losses: np.ndarray, norms: np.ndarray) -> np.ndarray:
        """Record an epoch of all runs in training; return which of them continue."""
        self._n_epochs += 1
        running = self._running
        self._objective.end_epoch()
        validation = self._objective.validation_losses(theta)
        for e, run in enumerate(running):
            judged = None if validation is None else float(validation[e])
            self._record(e, run, theta[e], float(losses[e]), judged, float(norms[e]))
        if self._verbose:
            self._print(running)
        stop = self._watch([run for run in running if run.loss_curve])
        for e, run in enumerate(running):
            if stop and run.outcome is None:
                run.end("stopped")
            state = self._solver.state(e)
            if run.outcome not in (None, "diverged") and state is not None:
                run.checkpoint = run.checkpoint_with(state, self._objective.rng)
        going = np.array([run.outcome is None for run in running])
        self._objective.keep(going)
        self._running = [run for run in running if run.outcome is None]
        return going

    def _record(self, e, run, theta, loss, judged, norm):
        watched = loss if judged is None else judged
        if not (np.isfinite(loss) and np.isfinite(watched) and np.isfinite(theta).all()):
            run.end("diverged")
            return
        self._append(e, run, theta, loss, judged, norm)
        self._keep_best(run, watched)
        met = self._has_trained_long_enough(e, run, loss)
        if self._tightens(e, run, met):
            met = False
        self._end(e, run, met)

    def _append(self, e, run, theta, loss, judged, norm):
        """Add the numbers of an epoch to those of the run."""
        run.theta[...] = theta
        run.alpha = float(self._objective.penalty.strength[e])
        if self._objective.penalty.follows_noise:
            run.noise_curve.append(float(self._objective.penalty.noise[e]))
            if not self._solver.full_batch:  # others don't diverge
                run.lowest_noise = min(run.lowest_noise, run.noise)
        run.loss_curve.append(loss)
        run.gradient_norm_curve.append(norm)
        if judged is not None:
            run.validation_loss_curve.append(judged)

    def _keep_best(self, run, watched):
        improved = watched < run.best * (1 - self._rules.tol) and run.best > self._floor
        run.epochs_without_improvement = 0 if improved else run.epochs_without_improvement + 1
        if watched < run.best:
            run.best = watched
            run.best_theta[...] = run.theta

    def _tightens(self, e, run, met):
        """Whether all of the penalty counts from now on, which it hasn't so far."""
        limit = _FIRST_EPOCHS if self._solver.full_batch else self._rules.max_iter
        first = self._n_epochs == min(limit, self._rules.max_iter // 3)
        if not ((met or first) and self._objective.penalty.tighten(e)):
            return False
        run.epochs_without_improvement = 0
        if not run.validation_loss_curve:  # losses with different penalties can't be compared
            run.best = np.inf
        return True

    def _end(self, e, run, met):
        """End a run that has trained long enough, or for `max_iter` epochs."""
        if met:
            if self._solver.persist(e):
                run.epochs_without_improvement = 0
            else:
                run.end("converged")
        # the loss of other solvers falls with their learning rate, at last
        if run.outcome is None and self._solver.full_batch and self._rules.are_out_of_reach(run):
            run.end("converged")
        if run.outcome is None and self._n_epochs >= self._rules.max_iter:
            run.end("max_iter")

    def _has_trained_long_enough(self, e, run, loss):
        if run.epochs_without_improvement < self._rules.n_iter_no_change:
            return False
        run.has_learned = run.has_learned or self._has_learned(e, run, loss)
        may_be_plateau = not (self._solver.full_batch or self._objective.penalty.follows_noise)
        return self._rules.met_by(run, plateau=_PLATEAU if may_be_plateau else 1)

    def _has_learned(self, e, run, loss):
        """Whether the losses of an epoch are clearly below those of the best constant."""
        training, validation = self._rules.baselines()
        if validation is not None and run.best > validation.limit:
            return False
        if loss - self._objective.penalty.of(e, run.theta) > training.limit:
            return False
        # losses of batches are those of weights that have changed since
        return self._solver.full_batch or self._objective.training_loss(run.theta) <= training.limit

    def _print(self, running):
        best = min(running, key=lambda run: run.best)
        if not best.loss_curve:
            return
        text = f"Iteration {len(best.loss_curve)}, loss = {best.loss_curve[-1]:.8f}"
        if best.validation_loss_curve:
            text += f", validation loss = {best.validation_loss_curve[-1]:.8f}"
        if len(running) > 1:
            text += f" (best of {len(running)})"
        pace = (time.perf_counter() - self._start) / self._n_epochs
        left = pace * (self._rules.max_iter - self._n_epochs)
        print(f"{text}, at most {_duration(left)} left")

    def finish(self, outcome: str) -> None:
        """End all runs that are still in training."""
        for run in self._running:
            run.end(outcome)


def train(
    objective: Objective, solver: Solver, runs: list[TrainingRun], rules: Rules, **settings
) -> None:
    """Train the runs as a batch; ``settings`` are the Monitor's.

    An interrupt ends training and keeps what was learned.
    """
    monitor = Monitor(objective, solver, runs, rules, **settings)
    try:
        # an overflow ends up in the loss or the parameters, which the monitor checks
        with objective, np.errstate(all="ignore"):
            objective.begin(len(runs), may_change=not solver.exact_gradient)
            solver.run(objective, np.array([run.theta for run in runs]), monitor)
        monitor.finish("converged")
    except KeyboardInterrupt:
        monitor.finish("interrupted")


def _duration(seconds):
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes}min" if hours else f"{minutes}min {seconds}s"
