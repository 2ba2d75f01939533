"""Losses: functions of the network's output, with their derivatives.

In the formulas, f is the network's output, y the target in the scale that the loss chooses,
r = y - f, and L the mean over all targets, weighted by w with the sum W.
"""

from abc import ABC, abstractmethod

import numpy as np

_SMALLEST_RESIDUAL = 1e-3  # of a target with variance 1, below which a corner is rounded


class Loss(ABC):
    """A mean over targets: ``L = 1/W sum_i w_i l(y_i, f_i)``.

    Attributes
    ----------
    penalizes_readout : bool
        Whether the penalty is on the readout's weights, too.
    """

    penalizes_readout = False

    def value_and_gradient(
        self,
        output: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        total: float,
        out: np.ndarray,
    ) -> float | np.ndarray:
        """Return L and write dL/d(output) into ``out``, which may be ``output``.

        Shapes are (S, K, B); ``output`` and ``out`` of E nets are (E, S, K, B), and L is (E,).
        ``y`` may have one row in the place of K, of targets that all K outputs serve.
        ``weight`` is None (all ones) or has the shape of ``y``; where it is 0, ``y`` may hold
        anything valid. ``total`` is W.
        """
        value = self.pointwise(output, y, out)
        if weight is not None:
            value *= weight
            out *= weight
        out /= total or 1
        return value.reshape(*value.shape[:-3], -1).sum(axis=-1).astype(float) / (total or 1)

    @abstractmethod
    def pointwise(self, output: np.ndarray, y: np.ndarray, out: np.ndarray) -> np.ndarray:
        """Each target's loss l(y, f); writes its derivative by f into ``out``."""

    def curvature(self, output: np.ndarray, y: np.ndarray) -> np.ndarray:
        """What a quadratic model of l takes for its second derivative: never negative."""
        raise NotImplementedError

    def scale_by_curvature(self, jacobian: np.ndarray, output: np.ndarray, y: np.ndarray) -> None:
        """Turn J (S, K, B, P) in place into R J, where ``R^T R`` is the curvature of l."""
        jacobian *= np.sqrt(self.curvature(output, y))[..., np.newaxis]

    def predicted(self, output: np.ndarray) -> np.ndarray:
        """What is predicted, in the target's scale, from outputs (..., K)."""
        return output

    def check(self, y: np.ndarray) -> None:  # noqa: B027
        """Raise ValueError on targets that the loss isn't made for; NaN is none."""

    def scale(
        self, y: np.ndarray, sample_weight: np.ndarray | None, normalize: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """What is subtracted from targets (N, S, K) and what divides them, (K,)."""
        return target_scale(y, sample_weight, normalize)


class SquaredError(Loss):
    r"""Half the squared error, :math:`l = r^2 / 2`."""

    def value_and_gradient(self, output, y, weight, total, out):
        # in fewer passes than the general way: this is every step of most fits
        np.subtract(output, y, out=out)
        weighted = out if weight is None else out * weight
        if out.ndim == 3:
            value = float(np.vdot(weighted, out))
        else:
            value = np.array([float(np.vdot(*own)) for own in zip(weighted, out, strict=True)])
        if weight is not None:
            out[...] = weighted
        out /= total or 1
        return 0.5 * value / (total or 1)

    def pointwise(self, output, y, out):
        np.subtract(output, y, out=out)
        return 0.5 * out * out

    def curvature(self, output, y):
        return np.ones_like(output)

    def scale_by_curvature(self, jacobian, output, y):
        pass  # by 1


class AbsoluteError(Loss):
    r"""The absolute error, :math:`l = |r|`.

    The curvature is that of the parabola that touches it from above, :math:`1 / |r|`: Hunter
    and Lange, "Quantile regression via an MM algorithm", J. Comput. Graph. Stat. 9 (2000).
    """

    def pointwise(self, output, y, out):
        np.subtract(output, y, out=out)
        value = np.abs(out)
        np.sign(out, out=out)
        return value

    def curvature(self, output, y):
        return 1 / np.maximum(np.abs(y - output), _SMALLEST_RESIDUAL)


class HuberLoss(Loss):
    r"""Squared for small errors, absolute for large ones.

    .. math:: l = r^2 / 2 \text{ where } |r| \le \delta, \quad
        \delta (|r| - \delta / 2) \text{ elsewhere}

    Huber, "Robust estimation of a location parameter", Ann. Math. Stat. 35 (1964). The
    curvature is that of his iteratively reweighted least squares.
    """

    def __init__(self, delta: float):
        self.delta = delta

    def pointwise(self, output, y, out):
        np.subtract(output, y, out=out)
        size = np.abs(out)
        np.clip(out, -self.delta, self.delta, out=out)
        inner = np.minimum(size, self.delta)
        return inner * (size - 0.5 * inner)

    def curvature(self, output, y):
        return self.delta / np.maximum(np.abs(y - output), self.delta)


class PinballLoss(Loss):
    r"""The loss that quantiles minimize, :math:`l = \max(q r, (q - 1) r)`.

    Koenker and Bassett, "Regression quantiles", Econometrica 46 (1978); the curvature is that
    of Hunter and Lange, as in `AbsoluteError`. Predictions of several quantiles are put in
    order, which can only lower the loss: Chernozhukov, Fernández-Val and Galichon, "Quantile
    and probability curves without crossing", Econometrica 78 (2010).

    Parameters
    ----------
    quantiles : sequence of float
        q of each of the K outputs.
    """

    def __init__(self, quantiles):
        self.quantiles = np.asarray(quantiles, float)

    def pointwise(self, output, y, out):
        q = self.quantiles.astype(output.dtype)[:, np.newaxis]  # (K, 1)
        r = y - output
        np.subtract(r < 0, q, out=out)
        return -out * r

    def curvature(self, output, y):
        return 0.5 / np.maximum(np.abs(y - output), _SMALLEST_RESIDUAL)

    def predicted(self, output):
        return np.sort(output, axis=-1)


class PoissonLoss(Loss):
    r"""Half the Poisson deviance of counts whose logarithm of the mean the network predicts.

    .. math:: l = y \log(y / e^f) - y + e^f

    McCullagh and Nelder, "Generalized linear models", 2nd ed., 1989.
    """

    def pointwise(self, output, y, out):
        mean = np.exp(output)
        log_y = np.log(y, where=y > 0, out=np.zeros_like(y))
        value = y * (log_y - output) - y + mean
        np.subtract(mean, y, out=out)
        return value

    def curvature(self, output, y):
        return np.exp(output)

    def predicted(self, output):
        return np.exp(output)

    def check(self, y):
        lowest = np.nanmin(y, initial=np.inf)
        if lowest < 0:
            raise ValueError(
                f"loss='poisson' is for counts and other targets that aren't negative, but y has "
                f"{lowest:.6g}. Use loss='squared_error', or shift y."
            )

    def scale(self, y, sample_weight, normalize):
        mean, _ = target_scale(y, sample_weight, normalize)
        if normalize and not (mean > 0).all():
            raise ValueError("loss='poisson' needs a target above 0, but all of y is 0.")
        return np.zeros_like(mean), np.where(mean > 0, mean, 1)


def target_scale(
    y: np.ndarray, sample_weight: np.ndarray | None, normalize: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (K,) of the targets (N, S, K); 0 and 1 if not to normalize.

    ``sample_weight`` (N, 1) or (N, S), or None.
    """
    K = y.shape[2]
    if not normalize:
        return np.zeros(K), np.ones(K)
    weight = (~np.isnan(y)).astype(float)
    if sample_weight is not None:
        weight *= sample_weight[:, :, np.newaxis]
    total = np.maximum(weight.sum(axis=(0, 1)), np.finfo(float).tiny)
    # sums of large values overflow before the values do
    size = np.max(np.abs(y), axis=(0, 1), initial=0, where=weight > 0)
    size[size == 0] = 1
    y = np.where(weight > 0, y, 0) / size
    mean = (weight * y).sum(axis=(0, 1)) / total
    scale = np.sqrt((weight * (y - mean) ** 2).sum(axis=(0, 1)) / total)
    constant = scale < 10 * np.finfo(float).eps
    return mean * size, np.where(constant, 1, scale * size)


LOSSES = {
    "squared_error": SquaredError,
    "absolute_error": AbsoluteError,
    "huber": HuberLoss,
    "quantile": PinballLoss,
    "poisson": PoissonLoss,
}
