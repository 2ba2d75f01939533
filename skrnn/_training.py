"""Epochs: the loss curve, when to stop, what to say, and what to keep."""

import warnings

import numpy as np

from ._objective import Objective
from ._solvers import Solver


class Monitor:
    """What happens after each epoch, whatever the solver.

    Parameters
    ----------
    theta : ndarray of shape (P,)
        The parameters that the solver changes in place.
    max_iter : int
        Epochs at most.
    tol : float
        An epoch is an improvement if its loss is below ``(1 - tol)`` times the best one, and
        that isn't zero but for rounding.
    n_iter_no_change : int
        Epochs without improvement after which training has converged.
    verbose : bool
        Whether to print a line per epoch.

    Attributes
    ----------
    loss_curve : list of float
        The loss of each epoch.
    outcome : {"converged", "max_iter", "diverged"} or None
        How training ended; None until it has.
    """

    def __init__(self, theta: np.ndarray, *, max_iter, tol, n_iter_no_change, verbose):
        self._theta = theta
        self._sound = theta.copy()  # (P,), after the last epoch that was finite
        self._max_iter = max_iter
        self._tol = tol
        self._patience = n_iter_no_change
        self._verbose = verbose
        self._best = np.inf
        self._floor = np.finfo(theta.dtype).eps ** 1.5
        self._stale = 0
        self.loss_curve = []
        self.outcome = None

    def __call__(self, loss: float) -> bool:
        """Record an epoch; True ends the training."""
        if not (np.isfinite(loss) and np.isfinite(self._theta).all()):
            self.restore()
            self.outcome = "diverged"
            return True
        self._sound[...] = self._theta
        self.loss_curve.append(loss)
        if self._verbose:
            print(f"Iteration {len(self.loss_curve)}, loss = {loss:.8f}")
        improved = loss < self._best * (1 - self._tol) and self._best > self._floor
        self._stale = 0 if improved else self._stale + 1
        self._best = min(self._best, loss)
        if self._stale >= self._patience:
            self.outcome = "converged"
        elif len(self.loss_curve) >= self._max_iter:
            self.outcome = "max_iter"
        return self.outcome is not None

    def restore(self) -> None:
        """Put back the parameters of the last epoch that was finite."""
        self._theta[...] = self._sound


def train(objective: Objective, solver: Solver, theta: np.ndarray, **settings) -> Monitor:
    """Run the solver on ``theta`` (P,), in place; ``settings`` are the Monitor's.

    An interrupt keeps what the last whole epoch had learned, as in scikit-learn's MLP;
    before the end of the first epoch there is nothing to keep, and it is passed on.
    """
    monitor = Monitor(theta, **settings)
    try:
        # whatever overflows ends up in the loss or the parameters, where Monitor looks
        with objective, np.errstate(all="ignore"):
            solver.run(objective, theta, monitor)
    except KeyboardInterrupt:
        if not monitor.loss_curve:
            raise
        monitor.restore()
        warnings.warn("Training interrupted by user.", stacklevel=2)
    return monitor
