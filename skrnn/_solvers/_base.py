"""What a solver is, and the loop that first-order solvers share."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np

from .._objective import Objective


class Solver(ABC):
    """A way to minimize an `Objective`."""

    @abstractmethod
    def run(
        self, objective: Objective, theta: np.ndarray, on_epoch: Callable[[float], bool]
    ) -> None:
        """Improve ``theta`` (P,) in place.

        ``on_epoch(loss)`` is called after each pass over the data, when ``theta`` is
        what the caller may keep; the run ends when it returns True.
        """


class FirstOrderSolver(Solver):
    """A step after each batch, along the gradient.

    Parameters
    ----------
    clip_norm : float or None
        Gradients longer than this are scaled to this length (Pascanu, Mikolov and
        Bengio, "On the difficulty of training recurrent neural networks", ICML 2013).
    """

    def __init__(self, clip_norm: float | None):
        self.clip_norm = clip_norm

    @abstractmethod
    def update(self, theta: np.ndarray, gradient: np.ndarray) -> None:
        """Step ``theta`` (P,) in place; ``gradient`` may be overwritten."""

    def run(self, objective, theta, on_epoch):
        gradient = np.empty_like(theta)  # (P,)
        done = False
        while not done:
            loss = total = 0.0
            for batch, state in objective.epoch():
                batch_loss = objective.loss_grad(theta, batch, gradient, state)
                if batch.total == 0:
                    continue
                loss += batch_loss * batch.total
                total += batch.total
                if self.clip_norm is not None:
                    norm = np.sqrt(np.dot(gradient, gradient))
                    if norm > self.clip_norm:
                        gradient *= self.clip_norm / norm
                self.update(theta, gradient)
            done = on_epoch(loss / total)
