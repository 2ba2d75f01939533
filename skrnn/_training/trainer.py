"""Training runs: loss curves, stopping rules, messages, and the parameters to keep."""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .baseline import Baseline
from .objective import Objective
from .solvers import Solver

# times as many epochs without improvement end a run that has learned nothing yet; not with solvers
# of the whole data, which use the curvature to get away from a plateau, and not with a penalty that
# follows the noise, as there may be noise alone
_PLATEAU = 20
_FIRST_EPOCHS = 15  # with a weaker penalty, where that follows the noise
_WORSE = 2  # times the lowest loss, above which the best weights are kept, not the last
_LONG = 0.5  # of the epochs up to the best one: so many more are waited for a better one
_FALLING = 0.03  # in n_iter_no_change epochs: while the loss falls by more, an end is too early
_HARDLY = 0.01  # in as many epochs: a noise that falls by less, and has far to go, gets nowhere


@dataclass(frozen=True)
class Checkpoint:
    """All that it takes to resume a training run as if it had never stopped.

    Attributes
    ----------
    theta : ndarray of shape (P,)
        The parameters after the last epoch, which may not be those that were kept.
    best_theta : ndarray of shape (P,)
        Those of the epoch with the lowest loss.
    solver : object
        The solver's state.
    rng : RandomState
        Draws the next batches.
    best : float
        The lowest loss, on the validation set if there is one.
    epochs_without_improvement : int
        Epochs since that loss fell clearly.
    losses : list of float
        The training loss of each epoch so far, if there is a validation set.
    part : int
        Which of the parts of the data was held out.
    has_learned : bool
        Whether the losses have been clearly below those of the best constant prediction.
    """

    theta: np.ndarray
    best_theta: np.ndarray
    solver: Any
    rng: np.random.RandomState
    best: float
    epochs_without_improvement: int
    losses: list[float]
    part: int = 0
    has_learned: bool = False


@dataclass
class TrainingRun:
    """The training of one network, from its initial weights or from a checkpoint.

    Attributes
    ----------
    theta : ndarray of shape (P,)
        The parameters after the last epoch that was finite.
    best_theta : ndarray of shape (P,)
        Those of the epoch with the lowest loss, on the validation set if there is one.
    best : float
        That loss.
    epochs_without_improvement : int
        Epochs since that loss fell clearly.
    earlier_losses : list of float
        The training losses of the run that this one resumes, if there is a validation set.
    loss_curve, validation_loss_curve, gradient_norm_curve : list of float
        One value for each epoch.
    alpha, lowest_noise : float
        Strength of the penalty and, where it follows the noise, the lowest variance of that.
    noise_curve : list of float
        The variance of the noise after each epoch, if the penalty follows it.
    outcome : {"converged", "max_iter", "diverged", "stopped", "interrupted"} or None
        How training ended; None until it has.
    kept : ndarray of shape (P,)
        Which of the parameters to keep.
    checkpoint : Checkpoint or None
        Where to resume, if the solver can.
    part : int
        Which of the parts of the data it holds out, if there are several.
    has_learned : bool
        Whether the losses have been clearly below those of the best constant prediction.
    """

    theta: np.ndarray
    best_theta: np.ndarray = field(init=False)
    best: float = np.inf
    epochs_without_improvement: int = 0
    earlier_losses: list[float] = field(default_factory=list)
    loss_curve: list[float] = field(default_factory=list)
    validation_loss_curve: list[float] = field(default_factory=list)
    gradient_norm_curve: list[float] = field(default_factory=list)
    alpha: float = 0.0
    noise_curve: list[float] = field(default_factory=list)
    lowest_noise: float = np.inf
    outcome: str | None = None
    checkpoint: Checkpoint | None = None
    part: int = 0
    has_learned: bool = False

    def __post_init__(self):
        self.best_theta = self.theta.copy()
        self.kept = self.theta

    @property
    def noise(self) -> float:
        """The variance of the noise; infinite where it isn't known."""
        return self.noise_curve[-1] if self.noise_curve else np.inf

    @property
    def worsened(self) -> bool:
        """Whether the loss ended far above its lowest value, and not far below its first."""
        if self.noise < np.inf:  # losses with different penalties can't be compared
            return self.noise > _WORSE * self.lowest_noise and not self.validation_loss_curve
        last, floor = self.loss_curve[-1], rounding_floor(self.theta.dtype)
        far_above = last > _WORSE * max(self.best, floor) and _WORSE * last > self.loss_curve[0]
        return far_above and not self.validation_loss_curve

    @property
    def kept_loss(self) -> float:
        """The loss of the parameters to keep, on the validation set if there is one."""
        return self.best if self.kept is self.best_theta else self.loss_curve[-1]

    def loss_before(self, n_epochs: int) -> float:
        """The training loss of an earlier epoch; infinite before the first one."""
        i = len(self.loss_curve) - 1 - n_epochs
        if i >= 0:
            return self.loss_curve[i]
        return self.earlier_losses[i] if -i <= len(self.earlier_losses) else np.inf

    def end(self, outcome: str) -> None:
        """End the run, and choose the parameters to keep."""
        self.outcome = outcome
        failed = outcome in ("diverged", "interrupted") or (self.loss_curve and self.worsened)
        self.kept = self.best_theta if failed or self.validation_loss_curve else self.theta


@dataclass(frozen=True)
class Rules:
    """When training ends.

    A loss on few validation samples is uneven, and Levenberg-Marquardt makes few, large steps. So
    with ``may_go_on``, training goes on for half as many epochs as it took to the best one. It
    also goes on while the training loss falls fast or, as there is no sign of overfitting, falls
    at all above the validation loss. It ends if the validation loss has doubled, and is the higher
    one.

    Parameters
    ----------
    max_iter : int
        Epochs at most.
    tol : float
        An epoch is an improvement if its loss is below ``(1 - tol)`` times the best one, and
        that isn't zero but for rounding.
    n_iter_no_change : int
        Epochs without improvement after which training has converged at the earliest. A run whose
        losses have never been clearly below those of the best constant may be on a plateau, and
        gets more of them.
    may_go_on : bool
        Whether training may go on for longer than that, with a validation set.
    needed : float
        The noise that a run must come down to, to be of use; infinite: any is. A run ends early if
        its noise is higher and falls by less than 1 % in `n_iter_no_change` epochs.
    baselines : callable
        ``baselines()`` returns the best constant prediction on the training set and, if there is
        one, on the validation set. Only long training asks for it.
    """

    max_iter: int
    tol: float
    n_iter_no_change: int
    may_go_on: bool
    needed: float
    baselines: Callable[[], tuple[Baseline, Baseline | None]]

    def are_out_of_reach(self, run: TrainingRun) -> bool:
        """Whether a run won't be of use."""
        noise, n = run.noise_curve, self.n_iter_no_change
        return len(noise) > n and noise[-1] > max(self.needed, (1 - _HARDLY) * noise[-1 - n])

    def met_by(self, run: TrainingRun, *, plateau: int) -> bool:
        """Whether a run has trained long enough without improvement.

        ``plateau`` times as many epochs are for a run that has learned nothing.
        """
        n, waited = self.n_iter_no_change, run.epochs_without_improvement
        patience = n if run.has_learned else plateau * n
        if waited < n or not (self.may_go_on and run.validation_loss_curve):
            return waited >= patience
        n_epochs = len(run.earlier_losses) + len(run.loss_curve)
        if waited < _LONG * (n_epochs - waited):
            return False
        loss, judged, before = run.loss_curve[-1], run.validation_loss_curve[-1], run.loss_before(n)
        if judged > max(loss, _WORSE * run.best) or before < rounding_floor(run.theta.dtype):
            return True
        if waited < patience:
            return False
        return loss >= before * (1 - (_FALLING if judged > loss else self.tol))


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
                run.checkpoint = Checkpoint(
                    run.theta,
                    run.best_theta,
                    state,
                    copy.deepcopy(self._objective.rng),
                    run.best,
                    0 if run.outcome == "converged" else run.epochs_without_improvement,
                    [*run.earlier_losses, *run.loss_curve] if run.validation_loss_curve else [],
                    run.part,
                    run.has_learned,
                )
        going = np.array([run.outcome is None for run in running])
        self._objective.keep(going)
        self._running = [run for run in running if run.outcome is None]
        return going

    def _record(self, e, run, theta, loss, judged, norm):
        watched = loss if judged is None else judged
        if not (np.isfinite(loss) and np.isfinite(watched) and np.isfinite(theta).all()):
            run.end("diverged")
            return
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
        improved = watched < run.best * (1 - self._rules.tol) and run.best > self._floor
        run.epochs_without_improvement = 0 if improved else run.epochs_without_improvement + 1
        if watched < run.best:
            run.best = watched
            run.best_theta[...] = theta
        limit = _FIRST_EPOCHS if self._solver.full_batch else self._rules.max_iter
        first = self._n_epochs == min(limit, self._rules.max_iter // 3)
        met = self._has_trained_long_enough(e, run, theta, loss)
        if (met or first) and self._objective.penalty.tighten(e):
            run.epochs_without_improvement, met = 0, False
            if judged is None:  # losses with different penalties can't be compared
                run.best = np.inf
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

    def _has_trained_long_enough(self, e, run, theta, loss):
        if run.epochs_without_improvement < self._rules.n_iter_no_change:
            return False
        run.has_learned = run.has_learned or self._has_learned(e, theta, loss, run.best)
        may_be_plateau = not (self._solver.full_batch or self._objective.penalty.follows_noise)
        return self._rules.met_by(run, plateau=_PLATEAU if may_be_plateau else 1)

    def _has_learned(self, e, theta, loss, best):
        """Whether the losses of an epoch are clearly below those of the best constant."""
        training, validation = self._rules.baselines()
        if validation is not None and best > validation.limit:
            return False
        if loss - self._objective.penalty.of(e, theta) > training.limit:
            return False
        # losses of batches are those of weights that have changed since
        return self._solver.full_batch or self._objective.training_loss(theta) <= training.limit

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


def rounding_floor(dtype: np.dtype) -> float:
    """The loss below which differences are rounding errors."""
    return float(np.finfo(dtype).eps) ** 1.5


def _duration(seconds):
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes}min" if hours else f"{minutes}min {seconds}s"
