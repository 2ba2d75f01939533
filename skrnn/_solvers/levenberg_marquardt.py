"""Levenberg and Marquardt's damped least squares."""

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from ._base import Solver


class LevenbergMarquardt(Solver):
    r"""Solve :math:`(J^T W J + \mu I) \delta = -g` and step by δ if the loss falls.

    The damping µ goes down when the step did what the quadratic model promised and up,
    faster and faster, when it didn't. Marquardt, "An algorithm for least-squares
    estimation of nonlinear parameters", SIAM J. Appl. Math. 11 (1963); the schedule of µ
    is Nielsen's, in Madsen, Nielsen and Tingleff, "Methods for non-linear least squares
    problems", 2nd ed., 2004, algorithm 3.16.

    Every attempt costs one Jacobian and counts as one epoch, whether it is accepted or not.
    """

    max_parameters = 3000  # two P×P float64 matrices: 144 MB
    initial_damping = 1e-3  # of the largest diagonal element

    def run(self, objective, theta, on_epoch):
        P = theta.size
        hessian, trial_hessian = np.empty((2, P, P))
        gradient, trial_gradient = np.empty((2, P))
        loss = objective.normal_equations(theta, hessian, gradient)
        damping, growth = self.initial_damping * float(hessian.diagonal().max()), 2.0
        done = False
        while not done:
            step = _solve(hessian, damping, gradient)
            trial_loss = np.inf
            if step is not None:
                trial = (theta + step).astype(theta.dtype)
                trial_loss = objective.normal_equations(trial, trial_hessian, trial_gradient)
            if trial_loss < loss:
                promised = 0.5 * step @ (damping * step - gradient)
                gain = (loss - trial_loss) / float(promised)
                damping *= max(1 / 3, 1 - (2 * gain - 1) ** 3)
                growth = 2.0
                theta[...] = trial
                loss = trial_loss
                hessian, trial_hessian = trial_hessian, hessian
                gradient, trial_gradient = trial_gradient, gradient
            else:
                damping *= growth
                growth *= 2
            done = on_epoch(loss)


def _solve(hessian, damping, gradient):
    """The step, or None where the damped matrix isn't positive definite in floating point."""
    damped = hessian.copy()
    damped.flat[:: len(damped) + 1] += damping
    try:
        return -cho_solve(cho_factor(damped, lower=True, overwrite_a=True), gradient)
    except (LinAlgError, ValueError):
        return None
