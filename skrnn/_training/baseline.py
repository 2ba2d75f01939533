"""The loss of the best constant prediction: the mean, the median, the class frequencies."""

import numpy as np
from scipy.optimize import minimize

from .._engine.losses import Loss
from .dataset import SequenceData


def constant_losses(
    loss: Loss, n_outputs: int, training: SequenceData, *others: SequenceData
) -> list[float]:
    """The losses L of K constant outputs, those with the lowest loss on a training set.

    They are for the training set and for the other sets, in this order.
    """
    sets = [data.targets() for data in (training, *others)]

    def value_and_gradient(outputs, y, weight, total):
        spread = np.repeat(outputs[np.newaxis, :, np.newaxis], y.shape[-1], axis=2)  # (1, K, n)
        gradient = np.empty_like(spread)
        value = loss.value_and_gradient(spread, y, weight, total, out=gradient)
        return float(value), gradient.sum(axis=(0, 2))

    with np.errstate(all="ignore"):
        found = minimize(value_and_gradient, np.zeros(n_outputs), sets[0], "L-BFGS-B", jac=True)
        return [value_and_gradient(found.x, *own)[0] for own in sets]
