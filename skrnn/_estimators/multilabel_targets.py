"""Targets of classification with several labels at each step, which are on or off."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from .._engine.cross_entropy import MultilabelCrossEntropy
from .._validation.multilabel import check_labels_vary, check_multilabel
from .._validation.sample_weight import check_weights
from .._validation.sequences import Sequences
from .classification_targets import ClassificationOutputs
from .targets import Outputs, Targets, targets_with_loss


@dataclass(frozen=True)
class MultilabelOutputs(ClassificationOutputs):
    """The conversion of the network's outputs (..., K) to labels and probabilities (..., K).

    Attributes
    ----------
    loss : MultilabelCrossEntropy
    classes : ndarray of shape (K,)
        The numbers of the labels.
    """

    multilabel: ClassVar[bool] = True

    def labels(self, output: np.ndarray) -> np.ndarray:
        """1 where a label is likelier on than off, from outputs (..., K)."""
        return self.likeliest(output)


@dataclass
class MultilabelTargets(Targets):
    """The targets of K labels at each step; see `Targets`."""

    def scale(
        self, statistics: Any, before: Outputs | None, *, incremental: bool, feedback: bool
    ) -> MultilabelOutputs:
        """Labels aren't scaled."""
        return outputs_of_labels(self.n_outputs)

    def of_validation(
        self, estimator: Any, y: Any, sequences: Sequences, sample_weight: Any
    ) -> "MultilabelTargets":
        """Check the labels of a validation set."""
        return multilabel_targets(estimator, y, sequences, sample_weight, np.arange(self.n_outputs))

    def convert(self, outputs: Outputs) -> None:
        """Labels aren't scaled."""


def outputs_of_labels(n_labels: int) -> MultilabelOutputs:
    """The conversion for K labels."""
    return MultilabelOutputs(MultilabelCrossEntropy(), np.arange(n_labels))


def multilabel_targets(
    estimator: Any,
    y: Any,
    sequences: Sequences,
    sample_weight: ArrayLike | None,
    classes: np.ndarray | None,
) -> MultilabelTargets:
    """Check labels (N, T, K) of 0 and 1.

    ``classes`` are the numbers of all labels; None: those in y, which must change then.
    """
    if estimator.class_weight is not None:
        raise ValueError(
            f"class_weight={estimator.class_weight!r} is for one label at a time, but y has "
            "several labels at each step: set class_weight=None. The steps may have weights, by "
            "sample_weight."
        )
    y = check_multilabel(estimator, y, sequences, None if classes is None else len(classes))
    if classes is None:
        check_labels_vary(y, sequences)
    weight = check_weights(sample_weight, sequences, per_step=True)
    values = targets_with_loss(y, sequences, int(estimator.washout))  # (N, T, K)
    return MultilabelTargets(values, weight, True, n_outputs=y.shape[2], strata=None)
