"""Epochs: the loss curves, when to stop, what to say, and what to keep."""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .objective import Objective
from .solvers import Solver

_ROSE = 2  # times the lowest loss, from which on the last weights may not be worth keeping


@dataclass(frozen=True)
class Checkpoint:
    """All that it takes to go on with a training as if it had never stopped.

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
    stale : int
        Epochs since it was clearly lowered.
    """

    theta: np.ndarray
    best_theta: np.ndarray
    solver: Any
    rng: np.random.RandomState
    best: float
    stale: int


@dataclass
class Course:
    """The course of one net's training.

    Attributes
    ----------
    theta : ndarray of shape (P,)
        The parameters after the last epoch that was finite.
    best_theta : ndarray of shape (P,)
        Those of the epoch with the lowest loss, on the validation set if there is one.
    best : float
        That loss.
    stale : int
        Epochs since it was clearly lowered.
    loss_curve, validation_loss_curve, gradient_norm_curve : list of float
        One value for each epoch.
    outcome : {"converged", "max_iter", "diverged", "stopped", "interrupted"} or None
        How training ended; None until it has.
    kept : ndarray of shape (P,)
        Which of the parameters to keep.
    checkpoint : Checkpoint or None
        Where to go on, if that is possible.
    """

    theta: np.ndarray
    best_theta: np.ndarray | None = None
    best: float = np.inf
    stale: int = 0
    loss_curve: list[float] = field(default_factory=list)
    validation_loss_curve: list[float] = field(default_factory=list)
    gradient_norm_curve: list[float] = field(default_factory=list)
    outcome: str | None = None
    checkpoint: Checkpoint | None = None

    def __post_init__(self):
        if self.best_theta is None:
            self.best_theta = self.theta.copy()
        self.kept = self.theta

    @property
    def rose(self) -> bool:
        """Whether the loss ended far above its lowest, and not far below where it began."""
        last = self.loss_curve[-1]
        far_up = last > _ROSE * self.best and _ROSE * last > self.loss_curve[0]
        return far_up and not self.validation_loss_curve

    @property
    def kept_loss(self) -> float:
        """The loss of the parameters to keep, on the validation set if there is one."""
        return self.best if self.kept is self.best_theta else self.loss_curve[-1]

    def end(self, outcome: str) -> None:
        """No epoch follows."""
        self.outcome = outcome
        strayed = outcome in ("diverged", "interrupted") or (self.loss_curve and self.rose)
        self.kept = self.best_theta if strayed or self.validation_loss_curve else self.theta


@dataclass(frozen=True)
class Rules:
    """When training ends.

    Parameters
    ----------
    max_iter : int
        Epochs at most.
    tol : float
        An epoch is an improvement if its loss is below ``(1 - tol)`` times the best one, and
        that isn't zero but for rounding.
    n_iter_no_change : int
        Epochs without improvement after which training has converged.
    """

    max_iter: int
    tol: float
    n_iter_no_change: int


class Monitor:
    """What happens after each epoch, whatever the solver.

    Parameters
    ----------
    objective : Objective
    solver : Solver
    courses : list of Course
        E of them, which are written to.
    rules : Rules
    verbose : bool
        Whether to print a line per epoch.
    watch : callable
        ``watch(courses)`` is called after each epoch with those that have any so far; True
        stops all.
    """

    def __init__(
        self,
        objective: Objective,
        solver: Solver,
        courses: list[Course],
        rules: Rules,
        *,
        verbose: bool,
        watch: Callable[[list[Course]], bool],
    ):
        self._objective, self._solver, self._rules = objective, solver, rules
        self._running = list(courses)
        self._verbose, self._watch = verbose, watch
        self._floor = np.finfo(courses[0].theta.dtype).eps ** 1.5
        self._n_epochs = 0
        self._start = time.perf_counter()

    def __call__(self, theta: np.ndarray, losses: np.ndarray, norms: np.ndarray) -> np.ndarray:
        """Record an epoch of all that is running, and say what goes on."""
        self._n_epochs += 1
        running = self._running
        validation = self._objective.validation_losses(theta)
        for e, course in enumerate(running):
            judged = None if validation is None else float(validation[e])
            self._record(e, course, theta[e], float(losses[e]), judged, float(norms[e]))
        if self._verbose:
            self._print(running)
        stop = self._watch([course for course in running if course.loss_curve])
        for e, course in enumerate(running):
            if stop and course.outcome is None:
                course.end("stopped")
            state = self._solver.state(e)
            if course.outcome not in (None, "diverged") and state is not None:
                course.checkpoint = Checkpoint(
                    course.theta,
                    course.best_theta,
                    state,
                    copy.deepcopy(self._objective.rng),
                    course.best,
                    0 if course.outcome == "converged" else course.stale,
                )
        going = np.array([course.outcome is None for course in running])
        self._running = [course for course in running if course.outcome is None]
        return going

    def _record(self, e, course, theta, loss, judged, norm):
        watched = loss if judged is None else judged
        if not (np.isfinite(loss) and np.isfinite(watched) and np.isfinite(theta).all()):
            course.end("diverged")
            return
        course.theta[...] = theta
        course.loss_curve.append(loss)
        course.gradient_norm_curve.append(norm)
        if judged is not None:
            course.validation_loss_curve.append(judged)
        improved = watched < course.best * (1 - self._rules.tol) and course.best > self._floor
        course.stale = 0 if improved else course.stale + 1
        if watched < course.best:
            course.best = watched
            course.best_theta[...] = theta
        if course.stale >= self._rules.n_iter_no_change:
            if self._solver.persist(e):
                course.stale = 0
            else:
                course.end("converged")
        if course.outcome is None and self._n_epochs >= self._rules.max_iter:
            course.end("max_iter")

    def _print(self, running):
        best = min(running, key=lambda course: course.best)
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
        """Whatever is running ends."""
        for course in self._running:
            course.end(outcome)


def train(
    objective: Objective, solver: Solver, courses: list[Course], rules: Rules, **settings
) -> None:
    """Run the solver on the courses' nets, side by side; ``settings`` are the Monitor's.

    An interrupt ends it, and what was learned is kept.
    """
    monitor = Monitor(objective, solver, courses, rules, **settings)
    theta = np.array([course.theta for course in courses])
    try:
        # whatever overflows ends up in the loss or the parameters, where Monitor looks
        with objective, np.errstate(all="ignore"):
            solver.run(objective, theta, monitor)
        monitor.finish("converged")
    except KeyboardInterrupt:
        monitor.finish("interrupted")


def _duration(seconds):
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes}min" if hours else f"{minutes}min {seconds}s"
