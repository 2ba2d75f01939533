"""The best constant prediction: all that a network without use for its inputs can make."""

from dataclasses import dataclass

import numpy as np

from .._engine.losses import Loss
from .._engine.wide_outputs import column_blocks
from .dataset import SequenceData

_LIKELIHOOD_RATIO = 6.0  # twice its logarithm: 20 to 1
_SMALLEST_GAIN = 0.005  # fraction of the loss, however many targets there are
_LARGEST_GAIN = 0.05  # that few targets can ask for


@dataclass(frozen=True)
class Baseline:
    """The loss of a constant prediction on a data set, and whether another one is clearly lower.

    Parameters
    ----------
    loss : float
        Without a penalty.
    n_targets : float
        The sum of the targets' weights, per output: a weight of 2 equals two targets.
    """

    loss: float
    n_targets: float

    @property
    def limit(self) -> float:
        """The loss below which something was learned.

        For a squared error it is that of a likelihood ratio of 20, ``L0 exp(-6 / n)``.
        """
        gain = np.clip(_LIKELIHOOD_RATIO / self.n_targets, _SMALLEST_GAIN, _LARGEST_GAIN)
        return float(self.loss * (1 - gain))


def best_constant_of(loss: Loss, data: SequenceData) -> np.ndarray:
    """The outputs (K,) of the lowest loss for ``data``, which have a target for each output."""
    y, weight, _ = data.targets()
    return loss.best_constant(y, weight, y.shape[1])


def baselines(
    loss: Loss, n_outputs: int, data: SequenceData, validation: SequenceData | None
) -> tuple[Baseline, Baseline | None]:
    """The losses of the best constant for ``data``, there and on the validation set."""
    y, weight, total = data.targets()
    with np.errstate(all="ignore"):  # of targets beyond what a float's square can be
        constant = loss.best_constant(y, weight, n_outputs)
        own = _baseline(loss, constant, y, weight, total)
        other = None if validation is None else _baseline(loss, constant, *validation.targets())
    return own, other


def _baseline(loss, constant, y, weight, total):
    value, K = 0.0, len(constant)
    for part in column_blocks(K, y.shape[2]):
        own, w = y[..., part], weight[..., part]
        output = np.repeat(constant[np.newaxis, :, np.newaxis], own.shape[2], axis=2)  # (1, K, n)
        value += float(loss.value_and_gradient(output, own, w, total, out=output))
    return Baseline(value, total / y.shape[1])
