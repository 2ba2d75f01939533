"""Learning-rate schedules, by name."""

from abc import ABC
from typing import ClassVar

import numpy as np


class Schedule(ABC):  # noqa: B024
    """Learning rates of E networks in each epoch. This base class keeps them constant.

    Parameters
    ----------
    initial : float
        Learning rate of the first epoch.
    power_t : float
        Exponent of "invscaling".
    max_iter : int
        Number of epochs of "cosine".
    """

    name: ClassVar[str] = "constant"

    def __init__(self, initial: float, *, power_t: float, max_iter: int):
        self.initial, self.power_t, self.max_iter = initial, power_t, max_iter
        self.rates = np.array([initial], float)  # (E,)

    @property
    def settings(self) -> tuple:
        """What the rates depend on: those of other settings don't count when training resumes."""
        return self.name, self.initial

    def end_epoch(self, n_epochs: int, n_samples: int) -> None:  # noqa: B027
        """Set the rates after ``n_epochs`` epochs and ``n_samples`` samples in total."""

    def restart(self) -> None:  # noqa: B027
        """Start another training run of ``max_iter`` epochs."""

    def lower(self, e: int) -> bool:
        """Lower the rate of a network without improvement; return whether that is possible."""
        return False


class Constant(Schedule):
    """Constant learning rates."""


class InverseScaling(Schedule):
    """The rate ``initial / (n_samples + 1)^power_t``, as in scikit-learn's MLP."""

    name = "invscaling"

    @property
    def settings(self) -> tuple:
        return *super().settings, self.power_t

    def end_epoch(self, n_epochs: int, n_samples: int) -> None:
        self.rates[:] = self.initial * (n_samples + 1.0) ** -self.power_t


class Adaptive(Schedule):
    """A fifth of the rate for networks that no longer improve, as in scikit-learn's MLP."""

    name, smallest = "adaptive", 1e-6

    def lower(self, e: int) -> bool:
        if self.rates[e] <= self.smallest:
            return False
        self.rates[e] /= 5
        return True


class Cosine(Schedule):
    """Half a cosine from the initial rate to 0 after ``max_iter`` epochs, which all take place.

    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
    """

    name = "cosine"

    @property
    def settings(self) -> tuple:
        return *super().settings, self.max_iter

    def lower(self, e: int) -> bool:
        return True  # it falls by itself, and the low rates at the end are the point

    def end_epoch(self, n_epochs: int, n_samples: int) -> None:
        part = min(n_epochs / self.max_iter, 1.0)
        self.rates[:] = self.initial * (1 + np.cos(np.pi * part)) / 2

    def restart(self) -> None:
        self.rates[:] = self.initial


SCHEDULES: dict[str, type[Schedule]] = {
    own.name: own for own in (Constant, InverseScaling, Adaptive, Cosine)
}
