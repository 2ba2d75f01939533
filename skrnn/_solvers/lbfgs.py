"""Limited-memory BFGS, SciPy's."""

import numpy as np
from scipy.optimize import minimize

from ._base import Solver


class LBFGS(Solver):
    """Quasi-Newton steps along curvature that is estimated from the last ten gradients.

    Liu and Nocedal, "On the limited memory BFGS method for large scale optimization",
    Mathematical Programming 45 (1989), in SciPy's implementation. An iteration counts as one
    epoch, whatever its line search costs.
    """

    takes_stacks = False
    without_limit = {"maxiter": 10**9, "maxfun": 10**9, "ftol": 0, "gtol": 0}  # we decide

    def run(self, objective, theta, on_epoch):
        gradient = np.empty_like(theta[0])  # (P,)

        def function(x):
            loss = objective.total_loss_grad(x.astype(theta.dtype), gradient)
            return loss, gradient.astype(float)

        def callback(intermediate_result):
            found = intermediate_result.x.astype(theta.dtype)[np.newaxis]
            loss, norm = intermediate_result.fun, np.linalg.norm(gradient)
            if not on_epoch(found, np.array([loss]), np.array([norm]))[0]:
                raise StopIteration

        minimize(
            function,
            theta[0].astype(float),
            jac=True,
            method="L-BFGS-B",
            callback=callback,
            options=self.without_limit,
        )
