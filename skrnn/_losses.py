"""Losses: functions of the network's output, with their derivative."""

import numpy as np


class SquaredError:
    r"""Half the weighted mean of squared errors.

    .. math:: L = \frac{1}{2W} \sum_i w_i (\hat y_i - y_i)^2
    """

    def value_and_gradient(
        self,
        output: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        total: float,
        out: np.ndarray,
    ) -> float:
        """Return L and write dL/d(output) into ``out``, which may be ``output``.

        All shapes are (S, K, B). ``weight`` is None (all ones) or broadcasts against
        ``output``; where it is 0, ``y`` may hold anything finite. ``total`` is W.
        """
        np.subtract(output, y, out=out)
        if weight is None:
            value = np.vdot(out, out)
        else:
            value = np.vdot(out * weight, out)
            out *= weight
        out /= total or 1
        return 0.5 * float(value) / (total or 1)
