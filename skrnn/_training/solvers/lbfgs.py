"""Limited-memory BFGS, SciPy's."""

import numpy as np
from scipy.optimize import minimize

from .base import Solver


class LBFGS(Solver):
    """Quasi-Newton steps along curvature that is estimated from the last ten gradients.

    Liu and Nocedal, "On the limited memory BFGS method for large scale optimization",
    Mathematical Programming 45 (1989), in SciPy's implementation. An iteration counts as one
    epoch, whatever its line search costs.
    """

    batched_weights = False
    without_limit = {"maxiter": 10**9, "maxfun": 10**9, "ftol": 0, "gtol": 0}  # we decide

    def run(self, objective, theta, on_epoch):
        gradient, epochs = np.empty_like(theta[0]), []  # (P,)

        def function(x):
            loss = objective.total_loss_grad(x.astype(theta.dtype), gradient)
            return loss, gradient.astype(float)

        def callback(intermediate_result):
            found = intermediate_result.x.astype(theta.dtype)[np.newaxis]
            epochs.append(intermediate_result.fun)
            norm = np.linalg.norm(gradient.astype(float))
            if not on_epoch(found, np.array(epochs[-1:]), np.array([norm]))[0]:
                raise StopIteration

        result = minimize(
            function,
            theta[0].astype(float),
            jac=True,
            method="L-BFGS-B",
            callback=callback,
            options=self.without_limit,
        )
        if not epochs:  # there was nothing to gain, or nothing finite
            callback(result)
