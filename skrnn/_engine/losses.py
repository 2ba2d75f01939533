"""Losses: functions of the network's output, with their derivatives.

In the formulas, f is the network's output and y is the target in the scale of the loss. The
residual r is y - f. L is the mean over all targets, weighted by w with the sum W.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from .target_statistics import TargetStatistics

_SMALLEST_RESIDUAL = 1e-3  # |r| in a curvature is at least this, for y of variance 1
_NEWTON_STEPS = 30  # for the best constant


class Loss(ABC):
    """A loss that is a mean over targets: ``L = 1/W sum_i w_i l(y_i, f_i)``.

    Attributes
    ----------
    penalizes_readout : bool
        Whether the penalty includes the weights of the readout.
    positive_only : bool
        Whether targets must not be negative.
    centers : bool
        Whether `scale` subtracts the mean of the targets.
    constant_name : str
        What `best_constant` is called in warnings.
    error_name : str
        What `error` is called in warnings.
    error_factor : float
        How many times the loss it is.
    is_quadratic : bool
        Whether l is a square, which its quadratic model equals.
    """

    penalizes_readout: ClassVar[bool] = False
    positive_only: ClassVar[bool] = False
    centers: ClassVar[bool] = True
    constant_name: ClassVar[str] = "the best constant prediction"
    error_name: ClassVar[str] = "loss"
    error_factor: ClassVar[float] = 1.0
    is_quadratic: ClassVar[bool] = False

    @property
    def shares_target(self) -> bool:
        """Whether all K outputs predict one target."""
        return False

    def value_and_gradient(
        self,
        output: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        total: float,
        out: np.ndarray,
    ) -> float | np.ndarray:
        """Return L and write dL/d(output) into ``out``, which may be ``output``.

        Arrays have the shape (S, K, B). For E networks, ``output`` and ``out`` have the shape
        (E, S, K, B), and L has the shape (E,). ``y`` may have one row instead of K if all K
        outputs share its targets. ``weight`` has the shape of ``y`` or is None, for weights of 1.
        Where ``weight`` is 0, ``y`` may have any value that the loss accepts. ``total`` is W.
        """
        value = self.pointwise(output, y, out)
        if weight is not None:
            value *= weight
            out *= weight
        out /= total or 1
        return value.reshape(*value.shape[:-3], -1).sum(axis=-1).astype(float) / (total or 1)

    @abstractmethod
    def pointwise(self, output: np.ndarray, y: np.ndarray, out: np.ndarray) -> np.ndarray:
        """Return the loss l(y, f) of each target, and write dl/df into ``out``."""

    def error(self, residual: np.ndarray) -> np.ndarray:
        """What models are compared by, given residuals y - f (..., K, B).

        It is `error_factor` times the loss. Losses that don't center y have no such error.
        """
        y = np.asarray(residual, float)
        return self.error_factor * self.pointwise(np.zeros_like(y), y, np.empty_like(y))

    def smoothed(self, width: float) -> "Loss":
        """A loss to fit weights by that is quadratic for residuals up to a width."""
        return self

    def symmetric(self) -> "Loss":
        """A loss for which the sign of a residual doesn't count, to begin with."""
        return self

    def of_output(self, k: int) -> "Loss":
        """The loss of one of the outputs."""
        return self

    def in_units_of(self, scale: np.ndarray) -> "Loss":
        """The same loss, but for factors, for targets that are divided by a scale (K,)."""
        return self

    def curvature(self, output: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Second derivative of the quadratic model of l, which is never negative."""
        raise NotImplementedError

    def scale_by_curvature(self, jacobian: np.ndarray, output: np.ndarray, y: np.ndarray) -> None:
        """Turn J (S, K, B, P) in place into R J, where ``R^T R`` is the curvature of l."""
        jacobian *= np.sqrt(self.curvature(output, y))[..., np.newaxis]

    def best_constant(self, y: np.ndarray, weight: np.ndarray, n_outputs: int) -> np.ndarray:
        """The outputs (K,) of the lowest loss among those that are the same for all targets.

        Targets and weights are (1, J, M). Newton's method finds them, with the loss's curvature.
        """
        f = np.zeros((1, y.shape[1], 1))
        total = np.maximum(weight.sum(axis=2, keepdims=True), np.finfo(float).tiny)
        for _ in range(_NEWTON_STEPS):
            output = np.broadcast_to(f, y.shape).copy()
            curvature = (weight * self.curvature(output, y)).sum(axis=2, keepdims=True) / total
            self.pointwise(output, y, out=output)
            step = (weight * output).sum(axis=2, keepdims=True) / total
            step /= np.maximum(curvature, np.finfo(float).tiny)
            f = f - step
            if np.abs(step).max() < _SMALLEST_RESIDUAL:
                break
        return f[0, :, 0]

    def predicted(self, output: np.ndarray) -> np.ndarray:
        """Return predictions on the scale of the target, given outputs (..., K)."""
        return output

    def fed_back(self, output: np.ndarray) -> np.ndarray:
        """What a decoder reads of its outputs (..., K): a prediction of each target, (..., J)."""
        return self.predicted(output)

    def check(self, y: np.ndarray) -> None:  # noqa: B027
        """Raise ValueError if the loss can't use a target; NaN marks a missing target."""

    def has_scale(self, statistics: TargetStatistics) -> np.ndarray:
        """Which columns (K,) of the targets tell their scale."""
        return statistics.deviation > 0

    def check_scale(self, has_scale: np.ndarray) -> None:  # noqa: B027
        """Raise ValueError if the loss can't use targets that don't tell their scale."""

    def scale(self, statistics: TargetStatistics) -> tuple[np.ndarray, np.ndarray]:
        """Offset and scale (K,): y is scaled as ``(y - offset) / scale``.

        The scale is 1 where the targets don't tell it.
        """
        return statistics.mean, np.where(statistics.deviation > 0, statistics.deviation, 1)

    def rescaling(
        self, mean: np.ndarray, scale: np.ndarray, new_mean: np.ndarray, new_scale: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Factor and shift (K,) of outputs that keep their predictions with another scale."""
        return scale / new_scale, (mean - new_mean) / new_scale


class SquaredError(Loss):
    r"""Half the squared error, :math:`l = r^2 / 2`."""

    error_name = "mean squared error"
    error_factor = 2.0
    is_quadratic = True

    def value_and_gradient(
        self,
        output: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        total: float,
        out: np.ndarray,
    ) -> float | np.ndarray:
        # with fewer array operations than the general code, as most fits use this loss
        np.subtract(output, y, out=out)
        weighted = out if weight is None else out * weight
        if out.ndim == 3:
            value: float | np.ndarray = float(np.vdot(weighted, out))
        else:
            value = np.array([float(np.vdot(*own)) for own in zip(weighted, out, strict=True)])
        if weight is not None:
            out[...] = weighted
        out /= total or 1
        return 0.5 * value / (total or 1)

    def pointwise(self, output: np.ndarray, y: np.ndarray, out: np.ndarray) -> np.ndarray:
        np.subtract(output, y, out=out)
        return 0.5 * out * out

    def curvature(self, output: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.ones_like(output)

    def scale_by_curvature(self, jacobian: np.ndarray, output: np.ndarray, y: np.ndarray) -> None:
        pass  # the curvature is 1


class AbsoluteError(Loss):
    r"""The absolute error, :math:`l = |r|`.

    The curvature is :math:`1 / |r|`, that of the parabola that touches l from above: Hunter
    and Lange, "Quantile regression via an MM algorithm", J. Comput. Graph. Stat. 9 (2000).
    """

    def pointwise(self, output: np.ndarray, y: np.ndarray, out: np.ndarray) -> np.ndarray:
        np.subtract(output, y, out=out)
        value = np.abs(out)
        np.sign(out, out=out)
        return value

    def curvature(self, output: np.ndarray, y: np.ndarray) -> np.ndarray:
        return 1 / np.maximum(np.abs(y - output), _SMALLEST_RESIDUAL)

    def smoothed(self, width: float) -> Loss:
        return HuberLoss(max(width, _SMALLEST_RESIDUAL))

    def best_constant(self, y: np.ndarray, weight: np.ndarray, n_outputs: int) -> np.ndarray:
        return _quantiles(y, weight, np.full(n_outputs, 0.5))


class HuberLoss(Loss):
    r"""A loss that is squared for small errors and absolute for large ones.

    .. math:: l = r^2 / 2 \text{ where } |r| \le \delta, \quad
        \delta (|r| - \delta / 2) \text{ elsewhere}

    Huber, "Robust estimation of a location parameter", Ann. Math. Stat. 35 (1964). The
    curvature is the weight of iteratively reweighted least squares.
    """

    def __init__(self, delta: float | np.ndarray):
        self.delta = delta  # or (K, 1)

    def in_units_of(self, scale: np.ndarray) -> Loss:
        return HuberLoss(self.delta / np.asarray(scale)[:, np.newaxis])

    def pointwise(self, output: np.ndarray, y: np.ndarray, out: np.ndarray) -> np.ndarray:
        np.subtract(output, y, out=out)
        size = np.abs(out)
        np.clip(out, -self.delta, self.delta, out=out)
        inner = np.minimum(size, self.delta)
        return inner * (size - 0.5 * inner)

    def curvature(self, output: np.ndarray, y: np.ndarray) -> np.ndarray:
        return self.delta / np.maximum(np.abs(y - output), self.delta)


class PinballLoss(Loss):
    r"""The loss whose minimum is a quantile, :math:`l = \max(q r, (q - 1) r)`.

    Koenker and Bassett, "Regression quantiles", Econometrica 46 (1978). The curvature is that
    of Hunter and Lange, as in `AbsoluteError`. Predictions of several quantiles are sorted,
    which never raises the loss: Chernozhukov, Fernández-Val and Galichon, "Quantile and
    probability curves without crossing", Econometrica 78 (2010).

    Parameters
    ----------
    quantiles : sequence of float
        Quantiles q of one target, in ascending order, one for each of the K outputs. A single
        one is that of every output, and each output has a target of its own.
    """

    def __init__(self, quantiles: ArrayLike):
        self.quantiles = np.asarray(quantiles, float)

    @property
    def shares_target(self) -> bool:
        return self.quantiles.size > 1

    def of_output(self, k: int) -> Loss:
        return PinballLoss(self.quantiles[k : k + 1]) if self.shares_target else self

    def symmetric(self) -> Loss:
        return AbsoluteError()

    def smoothed(self, width: float) -> Loss:
        return _SmoothPinballLoss(self.quantiles, max(width, _SMALLEST_RESIDUAL))

    def pointwise(self, output: np.ndarray, y: np.ndarray, out: np.ndarray) -> np.ndarray:
        q = self.quantiles.astype(output.dtype)[:, np.newaxis]  # (K, 1), or (1, 1)
        r = y - output
        np.subtract(r < 0, q, out=out)
        return -out * r

    def curvature(self, output: np.ndarray, y: np.ndarray) -> np.ndarray:
        return 0.5 / np.maximum(np.abs(y - output), _SMALLEST_RESIDUAL)

    def best_constant(self, y: np.ndarray, weight: np.ndarray, n_outputs: int) -> np.ndarray:
        return _quantiles(y, weight, np.broadcast_to(self.quantiles, n_outputs))

    def predicted(self, output: np.ndarray) -> np.ndarray:
        # outputs of different targets have no order
        return np.sort(output, axis=-1) if self.shares_target else output

    def fed_back(self, output: np.ndarray) -> np.ndarray:
        if not self.shares_target:
            return output
        middle = np.abs(self.quantiles - 0.5).argmin()
        return self.predicted(output)[..., middle : middle + 1]


class _SmoothPinballLoss(PinballLoss):
    r"""The pinball loss with Huber's loss :math:`h` in the place of the absolute error.

    .. math:: l = h(r) / (2 \delta) + (q - 1/2) r
    """

    def __init__(self, quantiles: ArrayLike, delta: float):
        super().__init__(quantiles)
        self._huber = HuberLoss(delta)

    def pointwise(self, output: np.ndarray, y: np.ndarray, out: np.ndarray) -> np.ndarray:
        r, slope = y - output, self.quantiles.astype(output.dtype)[:, np.newaxis] - 0.5
        value = self._huber.pointwise(output, y, out) / (2 * self._huber.delta) + slope * r
        out /= 2 * self._huber.delta
        out -= slope
        return value

    def curvature(self, output: np.ndarray, y: np.ndarray) -> np.ndarray:
        return self._huber.curvature(output, y) / (2 * self._huber.delta)


class PoissonLoss(Loss):
    r"""Half the Poisson deviance of counts: the output f is the logarithm of their mean.

    .. math:: l = y \log(y / e^f) - y + e^f

    McCullagh and Nelder, "Generalized linear models", 2nd ed., 1989.
    """

    positive_only = True
    centers = False

    def pointwise(self, output: np.ndarray, y: np.ndarray, out: np.ndarray) -> np.ndarray:
        mean = np.exp(output)
        log_y = np.log(y, where=y > 0, out=np.zeros_like(y))
        value = y * (log_y - output) - y + mean
        np.subtract(mean, y, out=out)
        return value

    def curvature(self, output: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.exp(output)

    def best_constant(self, y: np.ndarray, weight: np.ndarray, n_outputs: int) -> np.ndarray:
        tiny = np.finfo(float).tiny
        mean = (weight * y).sum(axis=(0, 2)) / np.maximum(weight.sum(axis=(0, 2)), tiny)
        return np.log(np.maximum(mean, tiny))

    def predicted(self, output: np.ndarray) -> np.ndarray:
        return np.exp(output)

    def check(self, y: np.ndarray) -> None:
        lowest = np.nanmin(y, initial=np.inf)
        if lowest < 0:
            raise ValueError(
                "loss='poisson' is for counts and other targets that aren't negative, but y has "
                f"{lowest:.6g}. Use loss='squared_error', or add a constant to y."
            )

    def has_scale(self, statistics: TargetStatistics) -> np.ndarray:
        return statistics.mean > 0

    def check_scale(self, has_scale: np.ndarray) -> None:
        if not has_scale.all():
            raise ValueError("loss='poisson' needs a target above 0, but all of y is 0.")

    def scale(self, statistics: TargetStatistics) -> tuple[np.ndarray, np.ndarray]:
        mean = statistics.mean
        return np.zeros_like(mean), np.where(mean > 0, mean, 1)

    def rescaling(
        self, mean: np.ndarray, scale: np.ndarray, new_mean: np.ndarray, new_scale: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        return np.ones_like(scale), np.log(scale) - np.log(new_scale)


def _quantiles(y, weight, q):
    """The q-quantiles (K,) of targets (1, J, M) by their weights, for q (K,)."""
    found = np.empty(len(q))
    for k, own in enumerate(q):
        j = min(k, y.shape[1] - 1)  # one target may have several quantiles
        order = np.argsort(y[0, j])
        counts = np.cumsum(weight[0, j][order])
        found[k] = y[0, j][order[np.searchsorted(counts, own * counts[-1])]]
    return found


LOSSES: dict[str, type[Loss]] = {
    "squared_error": SquaredError,
    "absolute_error": AbsoluteError,
    "huber": HuberLoss,
    "quantile": PinballLoss,
    "poisson": PoissonLoss,
}
