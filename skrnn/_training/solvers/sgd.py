"""Stochastic gradient descent."""

import numpy as np

from .base import FirstOrderSolver


class SGD(FirstOrderSolver):
    r"""Steps along the gradient, with momentum as in scikit-learn's MLP.

    .. math:: u \leftarrow \mu u - \eta g, \quad \theta \leftarrow \theta + u

    or, with Nesterov's, :math:`\theta \leftarrow \theta + \mu u - \eta g`: Sutskever, Martens,
    Dahl and Hinton, "On the importance of initialization and momentum in deep learning",
    ICML 2013.

    Parameters
    ----------
    schedule, clip_norm, clip_value
        See `FirstOrderSolver`.
    momentum : float
        µ.
    nesterovs_momentum : bool
        Whether the gradient is taken for that of the point that the momentum leads to.
    """

    options = ("momentum", "nesterovs_momentum")
    moment_names = ("velocity",)

    def __init__(self, schedule, *, momentum, nesterovs_momentum, **clipping):
        super().__init__(schedule, **clipping)
        self.momentum, self.nesterovs_momentum = momentum, nesterovs_momentum

    def update(self, theta, gradient, rates):
        velocity = self.moments["velocity"]
        np.multiply(gradient, rates, out=gradient)
        velocity *= self.momentum
        velocity -= gradient
        if self.nesterovs_momentum:
            theta += self.momentum * velocity
            theta -= gradient
        else:
            theta += velocity
