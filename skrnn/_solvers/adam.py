"""Adam."""

import numpy as np

from ._base import FirstOrderSolver


class Adam(FirstOrderSolver):
    r"""Steps scaled by running means of the gradient and of its square.

    .. math::
        m &\leftarrow \beta_1 m + (1 - \beta_1) g, \quad
        v \leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        \theta &\leftarrow \theta - \eta \frac{m / (1 - \beta_1^t)}
        {\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, with the
    paper's constants.

    Parameters
    ----------
    n_parameters : int
        P.
    dtype : numpy dtype
        That of the parameters.
    learning_rate_init : float
        The step size η.
    clip_norm : float or None
        See `FirstOrderSolver`.
    """

    beta_1, beta_2, epsilon = 0.9, 0.999, 1e-8

    def __init__(self, n_parameters: int, dtype, *, learning_rate_init: float, clip_norm):
        super().__init__(clip_norm)
        self.learning_rate = learning_rate_init
        self._m = np.zeros(n_parameters, dtype)  # (P,)
        self._v = np.zeros(n_parameters, dtype)  # (P,)
        self._t = 0

    def update(self, theta, gradient):
        self._t += 1
        m, v, g = self._m, self._v, gradient
        m *= self.beta_1
        m += (1 - self.beta_1) * g
        v *= self.beta_2
        np.multiply(g, g, out=g)
        g *= 1 - self.beta_2
        v += g
        # sqrt(v / c) + eps = (sqrt(v) + eps sqrt(c)) / sqrt(c): one division less per step
        root = np.sqrt(1 - self.beta_2**self._t)
        np.sqrt(v, out=g)
        g += self.epsilon * root
        np.divide(m, g, out=g)
        g *= self.learning_rate * root / (1 - self.beta_1**self._t)
        theta -= g
