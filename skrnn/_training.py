"""Epochs: the loss curves, when to stop, what to say, and what to keep."""

import copy
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ._objective import Objective
from ._solvers import Solver


@dataclass
class Course:
    """The course of one net's training, and all that is needed to go on with it.

    Attributes
    ----------
    theta : ndarray of shape (P,)
        The parameters to keep.
    loss_curve, validation_loss_curve, gradient_norm_curve : list of float
        One value for each epoch.
    best : float
        The lowest loss, on the validation set if there is one.
    stale : int
        Epochs since it was clearly lowered.
    n_new : int
        Epochs of this fit, where the curves go on from those of an earlier one.
    outcome : {"converged", "max_iter", "diverged", "stopped", "interrupted"} or None
        How training ended; None until it has.
    resume : tuple or None
        The parameters, the solver's state and the generator's after the last epoch.
    """

    theta: np.ndarray
    loss_curve: list[float] = field(default_factory=list)
    validation_loss_curve: list[float] = field(default_factory=list)
    gradient_norm_curve: list[float] = field(default_factory=list)
    best: float = np.inf
    stale: int = 0
    n_new: int = 0
    outcome: str | None = None
    resume: tuple[np.ndarray, Any, np.random.RandomState] | None = None

    def continued(self) -> "Course":
        """A copy to go on with, patient again if it had converged."""
        course = copy.deepcopy(self)
        if course.outcome not in ("max_iter", "stopped"):
            course.stale = 0
        course.outcome, course.n_new = None, 0
        return course


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
        self._best_thetas = {id(course): course.theta.copy() for course in courses}
        self._floor = np.finfo(courses[0].theta.dtype).eps ** 1.5
        self._n_epochs = 0
        self._start = time.perf_counter()

    def __call__(self, theta: np.ndarray, losses: np.ndarray, norms: np.ndarray) -> np.ndarray:
        """Record an epoch of all that is running, and say what goes on."""
        self._n_epochs += 1
        running = self._running
        with np.errstate(all="ignore"):
            validation = self._objective.validation_losses(theta)
        for e, course in enumerate(running):
            judged = None if validation is None else float(validation[e])
            self._record(e, course, theta[e], float(losses[e]), judged, float(norms[e]))
        if self._verbose:
            self._print(running)
        stop = self._watch([course for course in running if course.n_new])
        for e, course in enumerate(running):
            if stop and course.outcome is None:
                course.outcome = "stopped"
            if course.outcome not in (None, "diverged"):
                rng = copy.deepcopy(self._objective.rng)
                course.resume = theta[e].copy(), self._solver.state(e), rng
                self._settle(course)
        going = np.array([course.outcome is None for course in running])
        self._running = [course for course in running if course.outcome is None]
        return going

    def _record(self, e, course, theta, loss, judged, norm):
        watched = loss if judged is None else judged
        if not (np.isfinite(loss) and np.isfinite(watched) and np.isfinite(theta).all()):
            course.outcome = "diverged"
            course.theta[...] = self._best_thetas[id(course)]
            return
        course.theta[...] = theta
        course.n_new += 1
        course.loss_curve.append(loss)
        course.gradient_norm_curve.append(norm)
        if judged is not None:
            course.validation_loss_curve.append(judged)
        improved = watched < course.best * (1 - self._rules.tol) and course.best > self._floor
        course.stale = 0 if improved else course.stale + 1
        if watched < course.best:
            course.best = watched
            self._best_thetas[id(course)][...] = theta
        if course.stale >= self._rules.n_iter_no_change:
            if self._solver.persist(e):
                course.stale = 0
            else:
                course.outcome = "converged"
        if course.outcome is None and self._n_epochs >= self._rules.max_iter:
            course.outcome = "max_iter"

    def _settle(self, course):
        """Keep the weights that were best, where a validation set says so."""
        if self._objective.validation is not None:
            course.theta[...] = self._best_thetas[id(course)]

    def _print(self, running):
        best = min(running, key=lambda course: course.best)
        if not best.n_new:
            return
        text = f"Iteration {len(best.loss_curve)}, loss = {best.loss_curve[-1]:.8f}"
        if best.validation_loss_curve:
            text += f", validation loss = {best.validation_loss_curve[-1]:.8f}"
        if len(running) > 1:
            text += f" (best of {len(running)})"
        pace = (time.perf_counter() - self._start) / self._n_epochs
        left = pace * (self._rules.max_iter - self._n_epochs)
        print(f"{text}, at most {_duration(left)} left")

    def finish(self) -> None:
        """The solver has come to its own end."""
        for course in self._running:
            course.outcome = "converged" if course.n_new else "diverged"
            self._settle(course)

    def interrupt(self) -> None:
        """Whatever is running ends with the best that it had, if it had come to an epoch."""
        for course in self._running:
            course.outcome = "interrupted"
            course.theta[...] = self._best_thetas[id(course)]


def train(
    objective: Objective, solver: Solver, courses: list[Course], rules: Rules, **settings
) -> None:
    """Run the solver on the courses' nets, side by side; ``settings`` are the Monitor's.

    An interrupt keeps the best weights so far, as scikit-learn's MLP does. Before the end
    of the first epoch there are none, and it is passed on.
    """
    monitor = Monitor(objective, solver, courses, rules, **settings)
    theta = np.array([course.resume[0] if course.resume else course.theta for course in courses])
    try:
        # whatever overflows ends up in the loss or the parameters, where Monitor looks
        with objective, np.errstate(all="ignore"):
            solver.run(objective, theta, monitor)
        monitor.finish()
    except KeyboardInterrupt:
        monitor.interrupt()
        if not any(course.n_new for course in courses):
            raise
        warnings.warn("Training interrupted by user.", stacklevel=2)


def _duration(seconds):
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes}min" if hours else f"{minutes}min {seconds}s"
