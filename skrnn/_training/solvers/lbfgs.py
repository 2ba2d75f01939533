"""Limited-memory BFGS, as SciPy implements it."""

from typing import Any

import numpy as np
from scipy.optimize import OptimizeResult, minimize

from ..objective import Objective
from .base import OnEpoch, Solver, length


class LBFGS(Solver):
    """Quasi-Newton steps with the curvature that the last ten gradients show.

    Liu and Nocedal, "On the limited memory BFGS method for large scale optimization",
    Mathematical Programming 45 (1989), in SciPy's implementation. One iteration counts as one
    epoch, however often its line search computes the loss.
    """

    full_batch = True
    exact_gradient = True
    batched_weights = False
    # on_epoch decides when to stop
    without_limit: Any = {"maxiter": 10**9, "maxfun": 10**9, "ftol": 0, "gtol": 0}

    def run(self, objective: Objective, theta: np.ndarray, on_epoch: OnEpoch) -> None:
        gradient = np.empty_like(theta[0])  # (P,)
        n_epochs = 0

        def function(x: np.ndarray) -> tuple[float, np.ndarray]:
            loss = objective.total_loss_grad(x.astype(theta.dtype), gradient)
            return loss, gradient.astype(float)

        def continues(result: OptimizeResult) -> bool:
            nonlocal n_epochs
            n_epochs += 1
            found = result.x.astype(theta.dtype)[np.newaxis]
            norm = length(gradient)
            return on_epoch(found, np.array([result.fun]), np.array([norm]))[0]

        def callback(intermediate_result: OptimizeResult) -> None:
            if not continues(intermediate_result):
                raise StopIteration  # SciPy's way to end

        result = minimize(
            function,
            theta[0].astype(float),
            jac=True,
            method="L-BFGS-B",
            callback=callback,
            options=self.without_limit,
        )
        if n_epochs == 0:  # nothing is to gain, or the loss isn't finite; the last trial may be so
            result.x = theta[0].astype(float)
            result.fun, _ = function(result.x)
            continues(result)
