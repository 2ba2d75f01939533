"""Levenberg and Marquardt's damped least squares."""

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from .base import Solver


class LevenbergMarquardt(Solver):
    r"""Solve :math:`(J^T W J + \mu I) \delta = -g` and step by δ if the loss falls.

    W is the curvature of the loss, 1 for squared errors: Schraudolph, "Fast curvature
    matrix-vector products for second-order gradient descent", Neural Computation 14 (2002).
    The damping µ goes down when the step did what the quadratic model promised and up,
    faster and faster, when it didn't. Marquardt, "An algorithm for least-squares
    estimation of nonlinear parameters", SIAM J. Appl. Math. 11 (1963); the schedule of µ
    is Nielsen's, in Madsen, Nielsen and Tingleff, "Methods for non-linear least squares
    problems", 2nd ed., 2004, algorithm 3.16.

    Every attempt costs one Jacobian and counts as one epoch, whether it is accepted or not.
    """

    max_parameters = 3000  # two P×P float64 matrices: 144 MB
    initial_damping = 1e-3  # of the largest diagonal element

    def __init__(self):
        self._resumed = None

    def run(self, objective, theta, on_epoch):
        theta = theta.copy()
        models = [_Model(theta.shape[1]) for _ in theta]
        trials = [_Model(theta.shape[1]) for _ in theta]
        objective.normal_equations(theta, models)
        self._damping = [
            self._resumed or (self.initial_damping * float(m.hessian.diagonal().max()), 2.0)
            for m in models
        ]
        while len(theta):
            steps = [m.step(damping) for m, (damping, _) in zip(models, self._damping, strict=True)]
            if any(step is not None for step in steps):
                tried = theta.copy()
                for own, step in zip(tried, steps, strict=True):
                    if step is not None:
                        own[...] = own + step
                objective.normal_equations(tried, trials)
            for e, step in enumerate(steps):
                damping, growth = self._damping[e]
                if step is None or not trials[e].loss < models[e].loss:
                    self._damping[e] = damping * growth, growth * 2
                    continue
                promised = 0.5 * float(step @ (damping * step - models[e].gradient))
                gain = (models[e].loss - trials[e].loss) / promised
                self._damping[e] = damping * max(1 / 3, 1 - (2 * gain - 1) ** 3), 2.0
                theta[e] = tried[e]
                models[e], trials[e] = trials[e], models[e]
            losses = np.array([m.loss for m in models])
            norms = np.array([np.linalg.norm(m.gradient) for m in models])
            going = on_epoch(theta, losses, norms)
            theta = theta[going]
            models, trials, self._damping = (
                [thing for thing, goes in zip(things, going, strict=True) if goes]
                for things in (models, trials, self._damping)
            )

    def state(self, e):
        return self._damping[e]

    def resume(self, state, *, anew):
        self._resumed = state


class _Model:
    """The quadratic model of the objective around a net's parameters."""

    def __init__(self, P):
        self.loss = np.inf
        self.gradient = np.empty(P)
        self.hessian = np.empty((P, P))

    def step(self, damping):
        """Down to the damped model's minimum, or None where it has none in floating point."""
        damped = self.hessian.copy()
        damped.flat[:: len(damped) + 1] += damping
        try:
            return -cho_solve(cho_factor(damped, lower=True, overwrite_a=True), self.gradient)
        except (LinAlgError, ValueError):
            return None
