"""What a fit needs to know of y, and what prediction needs of it later."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .._engine.losses import Loss
from .._validation.sequences import Sequences
from .._validation.targets import check_washout, wash_out, without_missing


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
    holds_out_parts : bool
        Whether ``alpha="auto"`` holds out a part of the samples in each training run.
    """

    holds_out_parts: ClassVar[bool] = False
    values: np.ndarray
    weight: np.ndarray | None
    per_step: bool
    n_outputs: int
    strata: np.ndarray | None

    @abstractmethod
    def scale(self, rows: Any, before: Outputs | None, *, incremental: bool) -> Outputs:
        """Bring ``values`` to the scale of the loss in place, by those of some ``rows``.

        ``before`` has the scale of the fit that this one resumes, if there is one;
        ``incremental`` says that later calls of `partial_fit` keep the scale.
        """


def targets_with_loss(y: np.ndarray, sequences: Sequences, washout: int) -> np.ndarray:
    """A copy (N, S, K) of checked targets, NaN where they don't enter the loss."""
    per_step = y.ndim == 3
    check_washout(washout, per_step)
    values = without_missing(y, sequences.mask)
    if washout:
        wash_out(values, sequences.mask, washout)
    return values
