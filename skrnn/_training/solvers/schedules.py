"""Learning-rate schedules, by name."""

from abc import ABC

import numpy as np


class Schedule(ABC):  # noqa: B024
    """Learning rates of E nets, from epoch to epoch; this one leaves them as they are.

    Parameters
    ----------
    initial : float
        The rate of the first epoch.
    power_t : float
        Exponent of "invscaling".
    max_iter : int
        Epochs of "cosine".
    """

    def __init__(self, initial: float, *, power_t: float, max_iter: int):
        self.initial, self.power_t, self.max_iter = initial, power_t, max_iter
        self.rates = np.array([initial], float)  # (E,)

    def end_epoch(self, n_epochs: int, n_samples: int) -> None:  # noqa: B027
        """Set the rates, after so many epochs that have seen so many samples in all."""

    def restart(self) -> None:  # noqa: B027
        """Begin another run of ``max_iter`` epochs."""

    def lower(self, e: int) -> bool:
        """Lower the rate of a net that no longer improves; False: it won't help."""
        return False


class Constant(Schedule):
    """Always the same."""


class InverseScaling(Schedule):
    """``initial / (n_samples + 1)^power_t``, as in scikit-learn's MLP."""

    def end_epoch(self, n_epochs, n_samples):
        self.rates[:] = self.initial * (n_samples + 1.0) ** -self.power_t


class Adaptive(Schedule):
    """A fifth of what it was wherever a net no longer improves, as in scikit-learn's MLP."""

    smallest = 1e-6

    def lower(self, e):
        if self.rates[e] <= self.smallest:
            return False
        self.rates[e] /= 5
        return True


class Cosine(Schedule):
    """Half a cosine from the initial rate to 0 after ``max_iter`` epochs.

    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
    """

    def end_epoch(self, n_epochs, n_samples):
        part = min(n_epochs / self.max_iter, 1.0)
        self.rates[:] = self.initial * (1 + np.cos(np.pi * part)) / 2

    def restart(self):
        self.rates[:] = self.initial


SCHEDULES = {
    "constant": Constant,
    "invscaling": InverseScaling,
    "adaptive": Adaptive,
    "cosine": Cosine,
}
