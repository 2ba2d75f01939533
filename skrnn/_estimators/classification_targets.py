"""Targets of classification: labels, their classes and the weights of these."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import column_or_1d

from .._engine.cross_entropy import BinaryCrossEntropy, CrossEntropy
from .._validation.labels import check_labels
from .._validation.multilabel import check_numbers_of_labels, number_of_labels
from .._validation.sample_weight import check_weights
from .._validation.sequences import Sequences
from .._validation.targets import require_y
from .next_token import learns_next_token, next_tokens
from .targets import Outputs, Targets, targets_with_loss

_WITHOUT_Y = " If X holds tokens, embedding_size= makes the next ones the labels."
CLASSIFICATION_CONSTRAINTS: dict = {"class_weight": [dict, StrOptions({"balanced"}), None]}


@dataclass(frozen=True)
class ClassificationOutputs(Outputs):
    """The conversion of the network's outputs to labels and probabilities.

    Attributes
    ----------
    loss : CrossEntropy or BinaryCrossEntropy
    classes : ndarray of shape (n_classes,)
        The labels.
    multilabel : bool
        Whether each step has several labels, which are on or off.
    scaling : None
        Labels have no scale.
    """

    loss: CrossEntropy | BinaryCrossEntropy
    classes: np.ndarray
    scaling: None = None
    multilabel: ClassVar[bool] = False

    def attributes(self) -> dict[str, Any]:
        """Public attributes of the fitted estimator."""
        return {"classes_": self.classes}

    def log_probabilities(self, output: np.ndarray) -> np.ndarray:
        """Logarithms of the probabilities (..., n_classes), from outputs (..., K)."""
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            return self.loss.log_probabilities(output)

    def probabilities(self, output: np.ndarray) -> np.ndarray:
        """Probabilities (..., n_classes), from outputs (..., K)."""
        with np.errstate(under="ignore"):
            return np.exp(self.log_probabilities(output))

    def likeliest(self, output: np.ndarray) -> np.ndarray:
        """The numbers (...) of the likeliest classes, from outputs (..., K)."""
        return self.loss.likeliest(output)

    def labels(self, output: np.ndarray) -> np.ndarray:
        """The likeliest labels (...), from outputs (..., K)."""
        return self.classes[self.likeliest(output)]


@dataclass
class ClassificationTargets(Targets):
    """The targets of a classification; see `Targets`.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        The labels.
    class_weights : ndarray of shape (n_classes,) or None
        By which ``weight`` was multiplied.
    """

    classes: np.ndarray
    class_weights: np.ndarray | None

    def scale(
        self, statistics: Any, before: Outputs | None, *, incremental: bool, feedback: bool
    ) -> ClassificationOutputs:
        """Class indices aren't scaled."""
        return outputs_of_classes(self.classes)

    def of_validation(
        self, estimator: Any, y: Any, sequences: Sequences, sample_weight: Any
    ) -> "ClassificationTargets":
        """Check the labels of a validation set: its classes have the weights of these."""
        known = "that y has: add samples of these classes to X and y, or remove them"
        codes, _ = _codes(estimator, y, sequences, self.classes, origin=known)
        return _targets(estimator, codes, sequences, sample_weight, self.classes, self)

    def convert(self, outputs: Outputs) -> None:
        """Class indices aren't scaled."""


def outputs_of_classes(classes: np.ndarray) -> ClassificationOutputs:
    """The conversion for these classes: two share one output."""
    loss = BinaryCrossEntropy() if len(classes) == 2 else CrossEntropy()
    return ClassificationOutputs(loss, classes)


def check_classes(estimator: Any, classes: Any, y: Any = None) -> np.ndarray:
    """Return the classes that this or the first call of `partial_fit` was given.

    Several labels of each step in y have numbers.
    """
    n_labels = number_of_labels(y)
    if n_labels is not None:
        return check_numbers_of_labels(classes, n_labels)
    known = getattr(estimator, "classes_", None)
    if classes is None:
        if known is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        return known
    classes = unique_labels(column_or_1d(classes))
    if known is not None and not np.array_equal(classes, known):
        raise ValueError(
            f"classes={classes.tolist()} is not the same as on the last call to partial_fit, "
            f"which was: {known.tolist()}."
        )
    if len(classes) < 2:
        raise ValueError(
            f"classes={classes.tolist()} has one class only: pass all classes, at least two."
        )
    return classes


def classification_targets(
    estimator: Any,
    y: ArrayLike,
    sequences: Sequences,
    sample_weight: ArrayLike | None,
    classes: np.ndarray | None,
) -> ClassificationTargets:
    """Check the labels, of sequences or steps, and return them as class indices.

    ``classes`` are all classes; None: those in y. Without y, they are the next tokens.
    """
    codes, classes = _codes(estimator, y, sequences, classes)
    return _targets(estimator, codes, sequences, sample_weight, classes, None)


def _codes(estimator, y, sequences, classes, **options):
    """The numbers of classes, (N,) or (N, T, 1), and the classes: without y, the next tokens."""
    if learns_next_token(estimator, y):
        return next_tokens(estimator, sequences, classes)
    require_y(estimator, y, _WITHOUT_Y)
    return check_labels(estimator, y, sequences, classes, **options)


def _targets(estimator, codes, sequences, sample_weight, classes, training):
    """The targets of class numbers; those of a validation set count as those of ``training``."""
    per_step = codes.ndim == 3
    weight = check_weights(sample_weight, sequences, per_step)
    values = targets_with_loss(codes, sequences, int(estimator.washout))  # (N, S, 1)
    if training is None:
        of_class = class_weights_of(estimator.class_weight, classes, values[..., 0], weight)
    else:
        of_class = training.class_weights
    return ClassificationTargets(
        values,
        weights_by_class(of_class, values[..., 0], weight),
        per_step,
        n_outputs=1 if len(classes) == 2 else len(classes),
        strata=None if per_step else values[:, 0, 0],
        classes=classes,
        class_weights=of_class,
    )


def weights_by_class(
    of_class: np.ndarray | None, codes: np.ndarray, weight: np.ndarray | None
) -> np.ndarray | None:
    """Weights (N, 1) or (N, S) of codes (N, S), times those of their classes."""
    if of_class is None:
        return weight
    index, known, weight = _counted(codes, weight)
    with np.errstate(over="ignore"):  # `finite_weights` checks their sum
        return weight * of_class[index] * known


def _counted(codes, weight):
    """Codes (N, S) as integers, which of them are known, and their weights (N, S)."""
    known = ~np.isnan(codes)
    index = np.where(known, codes, 0).astype(int)
    weight = np.ones_like(codes) if weight is None else np.broadcast_to(weight, codes.shape)
    return index, known, weight


def class_weights_of(
    class_weight: Any, classes: np.ndarray, codes: np.ndarray, weight: np.ndarray | None
) -> np.ndarray | None:
    """The weights (n_classes,) that ``class_weight`` asks for, or None.

    "balanced" counts the codes (N, S), NaN where there is none, by their weights.
    """
    if not isinstance(class_weight, str):
        return None if class_weight is None else _weights_of_classes(class_weight, classes)
    index, known, weight = _counted(codes, weight)  # "balanced"
    totals = np.bincount(index[known], weight[known], minlength=len(classes))
    n_present = max(1, np.count_nonzero(totals))  # none, if washout leaves no target
    return totals.sum() / (n_present * np.where(totals > 0, totals, np.inf))


def _weights_of_classes(class_weight, classes):
    """Of a dict, (n_classes,); classes that it doesn't name have weight 1."""
    known = classes.tolist()
    unknown = [label for label in class_weight if label not in known]
    if unknown:
        raise ValueError(
            f"class_weight has weights for {unknown}, but the classes are {known}: remove "
            "them, or fix their spelling and type."
        )
    weights = np.array([class_weight.get(label, 1) for label in known], float)
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        raise ValueError(
            f"class_weight={class_weight!r} must have finite weights that aren't "
            "negative, and not all 0."
        )
    return weights
