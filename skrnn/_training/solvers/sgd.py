"""Stochastic gradient descent."""

from typing import Any

import numpy as np

from .base import FirstOrderSolver
from .schedules import Schedule


class SGD(FirstOrderSolver):
    r"""Gradient steps with momentum, as in scikit-learn's MLP.

    .. math:: u \leftarrow \mu u - \eta g, \quad \theta \leftarrow \theta + u

    With Nesterov's momentum, :math:`\theta \leftarrow \theta + \mu u - \eta g` instead: Sutskever,
    Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep learning",
    ICML 2013.

    Parameters
    ----------
    schedule, clip_norm, clip_value
        See `FirstOrderSolver`.
    momentum : float
        µ, the fraction of the previous update that is added to the current one.
    nesterovs_momentum : bool
        Whether to use Nesterov's momentum.
    """

    options = ("momentum", "nesterovs_momentum")
    moment_names = ("velocity",)

    def __init__(
        self, schedule: Schedule, *, momentum: float, nesterovs_momentum: bool, **clipping: Any
    ):
        super().__init__(schedule, **clipping)
        self.momentum, self.nesterovs_momentum = momentum, nesterovs_momentum

    def update(self, theta: np.ndarray, gradient: np.ndarray, rates: np.ndarray) -> None:
        velocity = self.moments["velocity"]
        np.multiply(gradient, rates, out=gradient)
        velocity *= self.momentum
        velocity -= gradient
        if self.nesterovs_momentum:
            theta += self.momentum * velocity
            theta -= gradient
        else:
            theta += velocity
