"""Adam."""

from typing import Any

import numpy as np

from .base import FirstOrderSolver
from .schedules import Schedule


class Adam(FirstOrderSolver):
    r"""Gradient steps, scaled by running means of the gradient and of its square.

    .. math::
        m &\leftarrow \beta_1 m + (1 - \beta_1) g, \quad
        v \leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        \theta &\leftarrow \theta - \eta \frac{m / (1 - \beta_1^t)}
        {\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.

    Parameters
    ----------
    schedule, clip_norm, clip_value
        See `FirstOrderSolver`.
    beta_1, beta_2, epsilon : float
        Constants of the formula.
    """

    options = ("beta_1", "beta_2", "epsilon")
    moment_names = "m", "v"
    squared_moments = ("v",)

    def __init__(
        self, schedule: Schedule, *, beta_1: float, beta_2: float, epsilon: float, **clipping: Any
    ):
        super().__init__(schedule, **clipping)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def state(self, e: int) -> dict[str, Any]:
        return super().state(e) | {"betas": (self.beta_1, self.beta_2)}

    def resume(self, state: Any, *, anew: bool) -> None:
        super().resume(state, anew=anew)
        t, betas = self.n_updates, (self.beta_1, self.beta_2)
        for moment, old, new in zip(self.moments.values(), state["betas"], betas, strict=True):
            if new != old:  # keep m / (1 - beta_1^t) and v / (1 - beta_2^t) what they were
                moment *= (1 - new**t) / (1 - old**t)

    def update(self, theta: np.ndarray, gradient: np.ndarray, rates: np.ndarray) -> None:
        self.n_updates += 1
        t, g, (m, v) = self.n_updates, gradient, self.moments.values()
        m *= self.beta_1
        m += (1 - self.beta_1) * g
        v *= self.beta_2
        np.multiply(g, g, out=g)
        g *= 1 - self.beta_2
        v += g
        # sqrt(v / c) + eps = (sqrt(v) + eps sqrt(c)) / sqrt(c) needs one division less per step
        root = (1 - self.beta_2**t) ** 0.5
        np.sqrt(v, out=g)
        g += self.epsilon * root
        np.divide(m, g, out=g)
        g *= rates * (root / (1 - self.beta_1**t))
        theta -= g
