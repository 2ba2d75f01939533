"""What a solver is, and the loop that first-order solvers share."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from ..objective import Objective
from .schedules import Schedule

# (theta (E, P), losses (E,), norms of the gradients (E,)) -> which nets go on, (E,) bool
OnEpoch = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


class Solver(ABC):
    """A way to minimize an `Objective`, for E nets side by side.

    Attributes
    ----------
    batched_weights : bool
        Whether E may be more than 1.
    """

    batched_weights = True

    @abstractmethod
    def run(self, objective: Objective, theta: np.ndarray, on_epoch: OnEpoch) -> None:
        """Improve ``theta`` (E, P), or a copy of it.

        ``on_epoch`` is called after each pass over the data with all that is still running;
        nets that it doesn't name are left alone from then on.
        """

    def persist(self, e: int) -> bool:
        """Whether to go on with a running net although it no longer improves."""
        return False

    def state(self, e: int) -> Any:
        """What `resume` needs to go on with a running net as if it had never stopped."""
        return None

    def resume(self, state: Any, *, anew: bool) -> None:  # noqa: B027
        """Go on from a net's state, with E = 1; ``anew``: to the end of another `max_iter`."""


class FirstOrderSolver(Solver):
    """A step after each batch, along the gradient.

    Parameters
    ----------
    schedule : Schedule
        The learning rates.
    clip_norm : float or None
        Gradients longer than this are scaled to this length (Pascanu, Mikolov and
        Bengio, "On the difficulty of training recurrent neural networks", ICML 2013).
    clip_value : float or None
        Before that, larger elements of the gradient are cut to this size.

    Attributes
    ----------
    options : tuple of str
        Names of further parameters.
    moments : dict of str to ndarray of shape (E, P)
        What the solver remembers of earlier gradients, by ``moment_names``; zeros at first.
    n_updates : int
        Steps so far.
    """

    options = ()
    moment_names = ()

    def __init__(self, schedule: Schedule, *, clip_norm: float | None, clip_value: float | None):
        self.schedule = schedule
        self.clip_norm = clip_norm
        self.clip_value = clip_value
        self.moments = {}
        self.n_updates = self.n_epochs = self.n_samples = 0

    @abstractmethod
    def update(self, theta: np.ndarray, gradient: np.ndarray, rates: np.ndarray) -> None:
        """Step ``theta`` (E, P) in place, by ``rates`` (E, 1); may overwrite ``gradient``."""

    def run(self, objective, theta, on_epoch):
        theta, schedule = theta.copy(), self.schedule
        gradient = np.empty_like(theta)  # (E, P)
        if not self.moments:
            self.begin(theta)
        while len(theta):
            rates = schedule.rates.astype(theta.dtype)[:, np.newaxis]
            losses, norms = np.zeros((2, len(theta)))
            total = n_batches = 0
            for chunks in objective.epoch():
                state = None
                for batch in chunks:
                    batch_losses, state = objective.loss_grad(theta, batch, gradient, state)
                    if batch.total == 0:
                        continue
                    losses += batch_losses * batch.total
                    total += batch.total
                    norms += self.clip(gradient)
                    n_batches += 1
                    self.update(theta, gradient, rates)
            self.n_epochs += 1
            self.n_samples += len(objective.data.rows)
            schedule.end_epoch(self.n_epochs, self.n_samples)
            going = on_epoch(theta, losses / total, norms / n_batches)
            if not going.all():
                theta, gradient = theta[going], gradient[going]
                self.moments = {name: m[going] for name, m in self.moments.items()}
                schedule.rates = schedule.rates[going]

    def begin(self, theta: np.ndarray) -> None:
        """Remember nothing yet of nets (E, P)."""
        self.moments = {name: np.zeros_like(theta) for name in self.moment_names}
        self.schedule.rates = np.full(len(theta), self.schedule.initial)

    def clip(self, gradient: np.ndarray) -> list[float]:
        """Shorten gradients (E, P) in place, and return the norms that they had."""
        norms = [_length(own) for own in gradient]
        if self.clip_value is not None:
            np.clip(gradient, -self.clip_value, self.clip_value, out=gradient)
        if self.clip_norm is not None:
            lengths = norms if self.clip_value is None else [_length(own) for own in gradient]
            for own, length in zip(gradient, lengths, strict=True):
                if length > self.clip_norm:
                    # what has no length has no direction either: a divergence, not a step of 0
                    own *= self.clip_norm / length if length < np.inf else np.nan
        return norms

    def persist(self, e):
        return self.schedule.lower(e)

    def state(self, e):
        return {
            "rate": self.schedule.rates[e],
            "counts": (self.n_updates, self.n_epochs, self.n_samples),
            "moments": {name: m[e].copy() for name, m in self.moments.items()},
        }

    def resume(self, state, *, anew):
        self.schedule.rates = np.array([state["rate"]])
        self.n_updates, self.n_epochs, self.n_samples = state["counts"]
        if anew:
            self.n_epochs = 0
            self.schedule.restart()
        self.moments = {name: m[np.newaxis].copy() for name, m in state["moments"].items()}


def _length(gradient):
    length = math.sqrt(np.dot(gradient, gradient))
    if length < np.inf:
        return length
    return float(np.linalg.norm(gradient.astype(float)))  # squares overflow first in float32
