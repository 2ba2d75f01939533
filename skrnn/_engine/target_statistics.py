"""Mean and standard deviation of targets, of which more may come in."""

from dataclasses import dataclass

import numpy as np

_CONSTANT = 10 * np.finfo(float).eps  # a deviation below, relative to the values, is rounding


@dataclass(frozen=True)
class TargetStatistics:
    """Weighted statistics of targets with K columns; NaN has no weight.

    Attributes
    ----------
    total : ndarray of shape (K,)
        Sums of the weights.
    mean : ndarray of shape (K,)
        Means, 0 without targets.
    deviation : ndarray of shape (K,)
        Standard deviations, 0 of constant targets.
    """

    total: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def of(cls, y: np.ndarray, sample_weight: np.ndarray | None) -> "TargetStatistics":
        """The statistics of y (N, S, K), with weights (N, 1) or (N, S), or None."""
        weight, exponent = (~np.isnan(y)).astype(float), 0
        if sample_weight is not None:
            # times a power of two, which changes no bit of the results but keeps sums in range
            _, exponent = np.frexp(np.max(sample_weight, initial=0))
            weight *= np.ldexp(sample_weight.astype(float), -exponent)[:, :, np.newaxis]
        total = weight.sum(axis=(0, 1))
        divisor = np.maximum(total, np.finfo(float).tiny)
        # dividing by the largest value keeps sums of large values from overflowing
        size = np.max(np.abs(y), axis=(0, 1), initial=0, where=weight > 0)
        size[size == 0] = 1
        y = np.where(weight > 0, y, 0) / size
        mean = (weight * y).sum(axis=(0, 1)) / divisor
        deviation = np.sqrt((weight * (y - mean) ** 2).sum(axis=(0, 1)) / divisor)
        smallest = np.finfo(float).smallest_subnormal
        deviation = np.where(deviation < _CONSTANT, 0, np.maximum(deviation * size, smallest))
        return cls(np.ldexp(total, exponent), mean * size, deviation)

    def merged(self, other: "TargetStatistics") -> "TargetStatistics":
        r"""The statistics of both sets of targets.

        .. math::
            \mu &= \mu_1 + f_2 (\mu_2 - \mu_1), \quad f_i = n_i / (n_1 + n_2) \\
            \sigma^2 &= f_1 \sigma_1^2 + f_2 \sigma_2^2 + f_1 f_2 (\mu_2 - \mu_1)^2

        Chan, Golub and LeVeque, "Algorithms for computing the sample variance", The American
        Statistician 37 (1983).
        """
        total = self.total + other.total
        f_1, f_2 = (own.total / np.where(total > 0, total, 1) for own in (self, other))
        # halves, as the difference of two large numbers may overflow
        parts = self.deviation / 2, other.deviation / 2, other.mean / 2 - self.mean / 2
        mean = self.mean + 2 * (f_2 * parts[2])
        size = np.maximum.reduce(np.abs(parts))
        size[size == 0] = 1
        squares = [(part / size) ** 2 for part in parts]
        variance = f_1 * squares[0] + f_2 * squares[1] + f_1 * f_2 * squares[2]
        deviation = 2 * size * np.sqrt(variance)
        constant = deviation < _CONSTANT * np.maximum(np.abs(self.mean), np.abs(other.mean))
        return TargetStatistics(total, mean, np.where(constant, 0, deviation))
