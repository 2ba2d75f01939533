"""The interface of solvers, and the training loop of first-order solvers."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from ..._engine.denormals import is_negligible
from ..objective import Objective
from .schedules import Schedule

_DROP_EPOCHS = 8  # from one look for denormal weights to the next: an epoch may be short

# (theta (E, P), losses (E,), norms of the gradients (E,)) -> which networks continue, (E,) bool
OnEpoch = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


class Solver(ABC):
    """A method that minimizes an `Objective` for a batch of E networks.

    Attributes
    ----------
    full_batch : bool
        Whether each step sees all of the data. Such a solver needs a loss that isn't random, and
        can't update the weights after a chunk of steps or in `partial_fit`.
    exact_gradient : bool
        Whether the solver needs the exact gradient, which truncation cuts off.
    max_parameters : int or None
        The largest number of weights that it is made for; None: any.
    batched_weights : bool
        Whether E may be larger than 1.
    uses_jacobian : bool
        Whether the solver needs the derivatives of each output.
    options : tuple of str
        Names of further parameters of the estimator, which the constructor takes.
    """

    full_batch: ClassVar[bool] = False
    exact_gradient: ClassVar[bool] = False
    max_parameters: ClassVar[int | None] = None
    batched_weights: ClassVar[bool] = True
    uses_jacobian: ClassVar[bool] = False
    options: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def run(self, objective: Objective, theta: np.ndarray, on_epoch: OnEpoch) -> None:
        """Minimize the objective from ``theta`` (E, P), which may change in place.

        The solver calls ``on_epoch`` after each epoch, with all networks that are still in
        training. Networks for which it returns False leave training.
        """

    def persist(self, e: int) -> bool:
        """Whether to continue with a network that no longer improves."""
        return False

    def state(self, e: int) -> Any:
        """The state from which `resume` continues a network as if training had never stopped."""
        return None

    def resume(self, state: Any, *, anew: bool) -> None:  # noqa: B027
        """Resume one network from its state; ``anew`` starts another `max_iter` epochs."""

    @classmethod
    def rescaled(cls, state: Any, factors: np.ndarray) -> Any:
        """The state that goes with weights which have been multiplied by ``factors`` (P,)."""
        return state


class FirstOrderSolver(Solver):
    """A solver that updates the weights after each batch, along the gradient.

    Parameters
    ----------
    schedule : Schedule
        The learning rates.
    clip_norm : float or None
        Maximum norm: longer gradients are scaled down to it (Pascanu, Mikolov and
        Bengio, "On the difficulty of training recurrent neural networks", ICML 2013).
    clip_value : float or None
        Maximum absolute value: larger elements are cut to it, before ``clip_norm`` applies.

    Attributes
    ----------
    moments : dict of str to ndarray of shape (E, P)
        Running means of earlier gradients, one for each of ``moment_names``. They start at 0.
    squared_moments : tuple of str
        Those of them that are means of squares.
    n_updates : int
        Number of updates so far.
    """

    moment_names: tuple[str, ...] = ()
    squared_moments: tuple[str, ...] = ()

    def __init__(self, schedule: Schedule, *, clip_norm: float | None, clip_value: float | None):
        self.schedule = schedule
        self.clip_norm = clip_norm
        self.clip_value = clip_value
        self.moments: dict[str, np.ndarray] = {}
        self.n_updates = self.n_epochs = self.n_samples = 0

    @abstractmethod
    def update(self, theta: np.ndarray, gradient: np.ndarray, rates: np.ndarray) -> None:
        """Update ``theta`` (E, P) in place, with ``rates`` (E, 1); may overwrite ``gradient``."""

    def run(self, objective: Objective, theta: np.ndarray, on_epoch: OnEpoch) -> None:
        theta, schedule = theta.copy(), self.schedule
        gradient = np.empty_like(theta)  # (E, P)
        if not self.moments:
            self.begin(theta)
        while len(theta):
            rates = schedule.rates.astype(theta.dtype)[:, np.newaxis]
            losses, norms = np.zeros((2, len(theta)))
            total, n_batches = 0.0, 0
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
            if self.n_epochs % _DROP_EPOCHS == 0:
                self.drop_denormals(theta)
            going = on_epoch(theta, losses / total, norms / n_batches)
            if not going.all():
                theta, gradient = theta[going], gradient[going]
                self.moments = {name: m[going] for name, m in self.moments.items()}
                schedule.rates = schedule.rates[going]

    def begin(self, theta: np.ndarray) -> None:
        """Initialize moments and learning rates for networks (E, P)."""
        self.moments = {name: np.zeros_like(theta) for name in self.moment_names}
        self.schedule.rates = np.full(len(theta), self.schedule.initial)

    def drop_denormals(self, theta: np.ndarray) -> None:
        """Set to 0 what has decayed since no gradient reaches it: weights (E, P) and moments.

        A penalty shrinks the weights of dead units, until each product with them takes long.
        """
        theta[is_negligible(theta)] = 0
        dropped: Any = True
        for moment in self.moments.values():
            # a square only with its mean: alone, it would be missed below the fraction
            dropped &= is_negligible(moment)
            moment[dropped] = 0

    def clip(self, gradient: np.ndarray) -> list[float]:
        """Clip gradients (E, P) in place; return their norms before clipping."""
        norms = [length(own) for own in gradient]
        if self.clip_value is not None:
            np.clip(gradient, -self.clip_value, self.clip_value, out=gradient)
        if self.clip_norm is not None:
            lengths = norms if self.clip_value is None else [length(own) for own in gradient]
            for own, norm in zip(gradient, lengths, strict=True):
                if norm > self.clip_norm:
                    # a gradient of infinite norm has no direction: NaN marks the divergence
                    own *= self.clip_norm / norm if norm < np.inf else np.nan
        return norms

    def persist(self, e: int) -> bool:
        return self.schedule.lower(e)

    def state(self, e: int) -> dict[str, Any]:
        return {
            "rate": self.schedule.rates[e],
            "schedule": self.schedule.settings,
            "counts": (self.n_updates, self.n_epochs, self.n_samples),
            "moments": {name: m[e].copy() for name, m in self.moments.items()},
        }

    def resume(self, state: Any, *, anew: bool) -> None:
        self.n_updates, self.n_epochs, self.n_samples = state["counts"]
        if state["schedule"] == self.schedule.settings:
            self.schedule.rates = np.array([state["rate"]])
        else:  # another schedule starts with its first epoch
            self.n_epochs = self.n_samples = 0
        if anew:
            self.n_epochs = 0
            self.schedule.restart()
        self.moments = {name: m[np.newaxis].copy() for name, m in state["moments"].items()}

    @classmethod
    def rescaled(cls, state: Any, factors: np.ndarray) -> Any:
        # the targets have been multiplied, too: gradients of a squared error grow like the weights
        powers = {name: 2 if name in cls.squared_moments else 1 for name in state["moments"]}
        moments = {name: m * factors ** powers[name] for name, m in state["moments"].items()}
        return state | {"moments": moments}


def length(gradient: np.ndarray) -> float:
    """The norm of a gradient (P,), even where its squares overflow."""
    norm = math.sqrt(np.dot(gradient, gradient))
    if norm < np.inf:
        return norm
    largest = float(np.abs(gradient).max())
    return largest * float(np.linalg.norm(gradient / largest)) if largest < np.inf else largest
