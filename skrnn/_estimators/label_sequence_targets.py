"""Targets of an encoder-decoder for classification: sequences of labels."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._engine.cross_entropy import CrossEntropy
from .._validation.label_sequences import LabelSequences, check_label_sequences
from .._validation.labels import check_comparable, encode
from .._validation.ragged import as_objects
from .._validation.sequences import Sequences
from .._validation.target_sequences import check_sequence_weights
from .classification_targets import (
    ClassificationOutputs,
    ClassificationTargets,
    class_weights_of,
    weights_by_class,
)
from .targets import Outputs

_OF_VALIDATION = "that y has: add samples of these classes to X and y, or remove them"


@dataclass(frozen=True)
class LabelSequenceOutputs(ClassificationOutputs):
    """The conversion of label numbers to sequences of labels.

    Attributes
    ----------
    ends : bool
        Whether sequences have an end, whose number is that after the last label.
    y_ndim : int
        Of an array y: 1 or 2.
    in_objects : bool
        Whether sequences of any length come in an object array, rather than in a list.
    """

    ends: bool = False
    y_ndim: int = 1
    in_objects: bool = False

    def numbers(self, labels: np.ndarray) -> np.ndarray:
        """The number of each label (M,), -1 of those that aren't among the classes."""
        check_comparable(labels, self.classes)
        at = np.searchsorted(self.classes, labels).clip(max=len(self.classes) - 1)
        return np.where(self.classes[at] == labels, at, -1)

    def sequences(self, codes: np.ndarray) -> Any:
        """What `predict` returns, of the numbers of labels (N, S)."""
        if not self.ends:
            labels = self.classes[codes]
            return labels[:, 0] if self.y_ndim == 1 else labels
        found = [self.classes[own[own < len(self.classes)]] for own in codes]
        return as_objects(found) if self.in_objects else found


@dataclass
class LabelSequenceTargets(ClassificationTargets):
    """Numbers of labels (N, S, 1) whose S steps aren't those of X; see `ClassificationTargets`.

    Attributes
    ----------
    ends : bool
        Whether the end of a sequence is its last target.
    y_ndim : int
        Of an array y: 1 or 2.
    in_objects : bool
        Whether an object array held them.
    """

    ends: bool
    y_ndim: int
    in_objects: bool
    loss = CrossEntropy()  # of all classes, and the end

    def decoder_inputs(self) -> np.ndarray:
        """The labels one step late, and the number after the last label at first, (N, S, 1)."""
        inputs = np.zeros_like(self.values)
        inputs[:, 0] = len(self.classes)
        known = np.where(self.values < len(self.classes), self.values, 0)  # not NaN, nor the end
        inputs[:, 1:] = known[:, :-1]
        return inputs

    def scale(
        self, statistics: Any, before: Outputs | None, *, incremental: bool, feedback: bool
    ) -> LabelSequenceOutputs:
        """Label numbers aren't scaled."""
        return LabelSequenceOutputs(
            self.loss,
            self.classes,
            ends=self.ends,
            y_ndim=self.y_ndim,
            in_objects=self.in_objects,
        )

    def of_validation(
        self, estimator: Any, y: Any, sequences: Sequences, sample_weight: Any
    ) -> "LabelSequenceTargets":
        """Check the labels of a validation set: its classes have the weights of these."""
        found = check_label_sequences(estimator, y, sequences)
        check_kind(found, ends=self.ends, n_steps=self.values.shape[1])
        codes, _ = encode(found.labels, self.classes, _OF_VALIDATION)
        weight = check_sequence_weights(sample_weight, sequences)
        return _targets(found, codes, sequences, weight, self.classes, self.class_weights)


def label_sequence_targets(
    estimator: Any,
    y: Any,
    sequences: Sequences,
    sample_weight: Any,
    classes: np.ndarray | None,
    before: LabelSequenceOutputs | None,
    n_steps: int | None,
) -> LabelSequenceTargets:
    """Check the labels and weights of sequences, and return the labels as numbers.

    ``classes`` are all classes; None: those in y. A fit that resumes has the outputs ``before``,
    and so many steps.
    """
    found = check_label_sequences(estimator, y, sequences)
    if before is not None:
        check_kind(found, ends=before.ends, n_steps=n_steps)
    codes, classes = encode(found.labels, classes)
    weight = check_sequence_weights(sample_weight, sequences)
    labels = found.spread(codes, np.nan)
    of_class = class_weights_of(estimator.class_weight, classes, labels, weight)
    return _targets(found, codes, sequences, weight, classes, of_class)


def check_kind(found: LabelSequences, *, ends: bool, n_steps: int | None) -> None:
    """Raise ValueError if sequences have an end and are to have none, or have another length."""
    if found.ends != ends:
        kinds = "an array, of sequences of one length", "a list, of sequences of any length"
        raise ValueError(
            f"y is {kinds[found.ends]}, but fit had {kinds[ends]}: pass the same kind of y."
        )
    S = int(found.lengths[0])
    if not ends and n_steps is not None and n_steps != S:
        raise ValueError(f"y has {S} labels in each sequence, but fit had {n_steps}: pass as many.")


def _targets(found, codes, sequences, weight, classes, of_class):
    """The targets of label numbers (M,), with weights (N, 1) and those of the classes."""
    values, V = found.spread(codes, np.nan), len(classes)
    if found.ends:
        values = np.pad(values, ((0, 0), (0, 1)), constant_values=np.nan)
        values[np.arange(len(values)), found.lengths] = V
    values[sequences.mask.lengths == 0] = np.nan
    of_outputs = None if of_class is None else np.append(of_class, np.ones(int(found.ends)))
    return LabelSequenceTargets(
        values[..., np.newaxis],
        weights_by_class(of_outputs, values, weight),
        per_step=False,
        n_outputs=V + found.ends,
        strata=None,
        classes=classes,
        class_weights=of_class,
        ends=found.ends,
        y_ndim=found.ndim,
        in_objects=found.in_objects,
    )
