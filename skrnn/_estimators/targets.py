"""What a fit needs to know of y, and what prediction needs of it later."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._engine.losses import Loss
from .._engine.target_statistics import TargetStatistics
from .._validation.sequences import Sequences
from .._validation.targets import check_washout, wash_out, without_missing
from .history import Seen


class Outputs(ABC):
    """How y is made of the network's outputs: a part of what a fit leaves behind.

    Attributes
    ----------
    loss : Loss
        What the network minimizes.
    scaling : dict or None
        Settings without which training can't resume; None: any will do.
    """

    loss: Loss
    scaling: dict[str, Any] | None

    @abstractmethod
    def attributes(self) -> dict[str, Any]:
        """Public attributes of the fitted estimator."""

    def rescaling(self, before: "Outputs") -> tuple[np.ndarray, np.ndarray] | None:
        """Factor and shift (K,) of the network's outputs that keep the predictions of ``before``.

        None: they need no change.
        """
        return None


@dataclass
class Targets(ABC):
    """The targets of a fit, and how they count.

    Attributes
    ----------
    values : ndarray of shape (N, S, J)
        What the loss compares the outputs with; NaN: no loss. S is T with a target per step,
        otherwise 1. J is K, or 1 where all K outputs have one target.
    weight : ndarray of shape (N, 1) or (N, S), or None
        Weights of sequences or of their steps; None: all ones.
    per_step : bool
        Whether each step has a target.
    n_outputs : int
        K.
    strata : ndarray of shape (N,) or None
        Kinds of sequences that `early_stopping` holds out alike, NaN: of none. None: one kind.
    """

    values: np.ndarray
    weight: np.ndarray | None
    per_step: bool
    n_outputs: int
    strata: np.ndarray | None

    def seen(self, rows: Any) -> Seen:
        """What some ``rows`` add to the history; the values aren't scaled yet."""
        weight = ~np.isnan(self.values[rows])
        if self.weight is not None:
            weight = weight * self.weight[rows][:, :, np.newaxis]
        return Seen(float(weight.sum(dtype=np.float64)), self.statistics(rows))

    def statistics(self, rows: Any) -> TargetStatistics | None:
        """Statistics of some ``rows`` that determine the scale; None: nothing does."""
        return None

    def decoder_inputs(self) -> np.ndarray | None:
        """What a decoder reads (N, S, J), in the scale of the loss; None: there is none."""
        return None

    @abstractmethod
    def scale(
        self,
        statistics: TargetStatistics | None,
        before: Outputs | None,
        *,
        incremental: bool,
        feedback: bool,
    ) -> Outputs:
        """Bring ``values`` to the scale of the loss in place.

        ``statistics`` are those of all targets so far; None: the scale doesn't follow them.
        ``before`` has the scale of the fit that this one resumes, if there is one. It stays
        unless this call is ``incremental``. With output ``feedback``, which reads outputs in the
        unit of the scale, it also stays once targets have told it.
        """

    @abstractmethod
    def of_validation(
        self, estimator: Any, y: Any, sequences: Sequences, sample_weight: Any
    ) -> "Targets":
        """Check the targets of a validation set, which counts as these do."""

    @abstractmethod
    def convert(self, outputs: Outputs) -> None:
        """Bring ``values`` to the scale of ``outputs`` in place."""


def targets_with_loss(y: np.ndarray, sequences: Sequences, washout: int) -> np.ndarray:
    """A copy (N, S, K) of checked targets, NaN where they don't enter the loss."""
    per_step = y.ndim == 3
    check_washout(washout, per_step)
    values = without_missing(y, sequences.mask)
    if washout:
        wash_out(values, sequences.mask, washout)
    return values
