"""RMSprop."""

from typing import Any

import numpy as np

from .base import FirstOrderSolver
from .schedules import Schedule


class RMSprop(FirstOrderSolver):
    r"""Gradient steps, scaled by a running mean of the squared gradient.

    .. math:: v \leftarrow \rho v + (1 - \rho) g^2, \quad
        \theta \leftarrow \theta - \eta g / (\sqrt{v} + \epsilon)

    with ρ = 0.9: Tieleman and Hinton, "Lecture 6.5: RMSprop", Neural networks for machine
    learning, Coursera, 2012.

    Parameters
    ----------
    schedule, clip_norm, clip_value
        See `FirstOrderSolver`.
    epsilon : float
        Constant of the formula.
    """

    options = ("epsilon",)
    moment_names = ("v",)
    squared_moments = ("v",)
    decay = 0.9

    def __init__(self, schedule: Schedule, *, epsilon: float, **clipping: Any):
        super().__init__(schedule, **clipping)
        self.epsilon = epsilon

    def update(self, theta: np.ndarray, gradient: np.ndarray, rates: np.ndarray) -> None:
        v = self.moments["v"]
        v *= self.decay
        v += (1 - self.decay) * gradient * gradient
        gradient *= rates
        gradient /= np.sqrt(v) + self.epsilon
        theta -= gradient
