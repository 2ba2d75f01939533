"""The Levenberg-Marquardt method: damped least squares."""

from itertools import compress
from typing import Any

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from ..objective import Objective
from .base import OnEpoch, Solver, length

_REGULAR = 1e-12  # of the largest curvature, as rounding may take the smallest ones away


class LevenbergMarquardt(Solver):
    r"""Solve :math:`(J^T W J + D + \mu I) \delta = -g` and step by δ if the loss falls.

    Marquardt, "An algorithm for least-squares estimation of nonlinear parameters", SIAM J. Appl.
    Math. 11 (1963). W is the curvature of the loss, and 1 for squared errors: Schraudolph, "Fast
    curvature matrix-vector products for second-order gradient descent", Neural Computation 14
    (2002). D is that of the penalty.

    The damping µ falls if the step lowers the loss as the quadratic model predicts. It rises, ever
    faster, if the step doesn't lower the loss: Madsen, Nielsen and Tingleff, "Methods for
    non-linear least squares problems", 2nd ed., 2004, algorithm 3.16.

    Each trial step needs one Jacobian and counts as one epoch, even if it is rejected.
    """

    full_batch = True
    uses_jacobian = True
    max_parameters = 3000  # two P×P float64 matrices take 144 MB
    initial_damping = 1e-3  # relative to the largest diagonal element

    def __init__(self) -> None:
        self._resumed: tuple[float, float] | None = None

    def run(self, objective: Objective, theta: np.ndarray, on_epoch: OnEpoch) -> None:
        theta = theta.copy()
        models = [_Model(theta.shape[1]) for _ in theta]
        trials = [_Model(theta.shape[1]) for _ in theta]
        objective.normal_equations(theta, models)
        self._damping = [
            self._resumed or (self.initial_damping * float(m.hessian.diagonal().max()), 2.0)
            for m in models
        ]
        while len(theta):
            for e, model in enumerate(models):
                if not objective.penalty.is_current(e):
                    objective.follow_noise(e, theta[e], model)
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
                gained = models[e].loss - trials[e].loss
                # from 1.5 up, the damping falls alike; the smallest numbers promise nothing
                gain = min(gained / promised, 2.0) if promised > 0 else 0.0
                self._damping[e] = damping * max(1 / 3, 1 - (2 * gain - 1) ** 3), 2.0
                theta[e] = tried[e]
                models[e], trials[e] = trials[e], models[e]
                objective.follow_noise(e, theta[e], models[e])
            losses = np.array([m.loss for m in models])
            norms = np.array([length(m.gradient) for m in models])
            going = on_epoch(theta, losses, norms)
            theta = theta[going]
            models = list(compress(models, going))
            trials = list(compress(trials, going))
            self._damping = list(compress(self._damping, going))

    def state(self, e: int) -> tuple[float, float]:
        return self._damping[e]

    def resume(self, state: Any, *, anew: bool) -> None:
        self._resumed = state if np.isfinite(state).all() else None  # no step left a minimum


class _Model:
    """The quadratic model of the objective around the parameters of one network."""

    def __init__(self, P: int):
        self.loss = np.inf
        self.gradient = np.empty(P)
        self.hessian = np.empty((P, P))

    def step(self, damping: float) -> np.ndarray | None:
        """Step to the minimum of the damped model; None if rounding leaves it without a minimum."""
        damped = self.hessian.copy()
        damped.flat[:: len(damped) + 1] += damping
        try:
            return -cho_solve(cho_factor(damped, lower=True, overwrite_a=True), self.gradient)
        except (LinAlgError, ValueError):
            return None

    def inverse_diagonal(self) -> np.ndarray | None:
        """The diagonal (P,) of the inverse Hessian; None if rounding leaves it singular."""
        regular = self.hessian.copy()
        regular.flat[:: len(regular) + 1] += _REGULAR * float(regular.diagonal().max())
        try:
            factor = cho_factor(regular, lower=True, overwrite_a=True)
            return cho_solve(factor, np.eye(len(regular))).diagonal()
        except (LinAlgError, ValueError):
            return None
