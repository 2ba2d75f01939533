"""Labels of sequences or of their steps, and the numbers of their classes."""

from typing import Any

import numpy as np
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, check_consistent_length, column_or_1d

from .._sklearn.user_warnings import warn_user
from .numbers import is_missing
from .ragged import first_steps
from .sequences import Sequences
from .targets import require_y

_TRAINED = "with which training began. Name all classes there, or start again"


def check_labels(
    estimator: Any,
    y: Any,
    sequences: Sequences,
    classes: np.ndarray | None,
    origin: str = _TRAINED,
) -> tuple[np.ndarray, np.ndarray]:
    """Return each label's class number, (N,) or (N, T, 1), and the classes.

    Missing steps have NaN. ``classes`` are all that y may have; None: those that it has. An error
    about others says what the ``origin`` of the classes is.
    """
    labels, labelled = find_labels(estimator, y, sequences)
    if labelled is None:
        return encode(labels, classes, origin)
    _warn_of_one_hot(labels, labelled)
    codes = np.full((*labelled.shape, 1), np.nan)
    codes[labelled, 0], classes = encode(labels, classes, origin)
    return codes, classes


def find_labels(
    estimator: Any, y: Any, sequences: Sequences
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return labels (n,) of sequences, and None; or labels of steps, and which steps (N, T)."""
    X, y = sequences.X, one_for_each(estimator, y, sequences)
    parts = _labels_of_steps(y)
    if parts is not None:
        labels, labelled = _joined(parts, sequences)
        return _known(labels, labelled), labelled
    y = label_array(y)
    if y.ndim > 2:
        raise ValueError(
            f"y has {y.ndim} dimensions: labels are (n,) or (n, n_steps). Several labels of each "
            "step, (n, n_steps, n_labels), need a fit that had such."
        )
    if y.ndim < 2 or (y.shape[1] == 1 and (X.shape[1] > 1 or estimator._input_layout.ndim == 2)):
        return _known(column_or_1d(y, warn=True), None), None
    if y.shape[1] != X.shape[1]:
        raise ValueError(
            f"y has {y.shape[1]} steps, but X has {X.shape[1]}: with a label for every step, both "
            "need the same number. Labels of missing steps, NaN in X, don't count. If y is "
            "one-hot, pass y.argmax(axis=1); if it has several labels of each sequence, use "
            "sklearn.multioutput.MultiOutputClassifier."
        )
    valid = sequences.mask.valid()
    return _known(y[valid], valid), valid


def one_for_each(estimator: Any, y: Any, sequences: Sequences) -> Any:
    """Return y, which has an item for each sequence, as an array if it has no length."""
    require_y(estimator, y)
    if not hasattr(y, "__len__") and hasattr(y, "__array__"):
        y = np.asarray(y)
    check_consistent_length(sequences.X, y)
    return y


def label_array(y: Any) -> np.ndarray:
    """Return an array of labels, after scikit-learn's check of all but its values."""
    options = {"ensure_2d": False, "allow_nd": True, "ensure_all_finite": False}
    return check_array(as_labels(y), dtype=None, input_name="y", **options)


def check_comparable(labels: np.ndarray, classes: np.ndarray) -> None:
    """Raise ValueError if labels are of a type that can't be compared with the classes."""
    if len(labels) and _kind_of(labels) != _kind_of(classes):
        raise ValueError(
            f"y has labels of type {labels.dtype}, which can't be compared with the classes "
            f"{classes.tolist()}: pass labels of the type that fit had."
        )


def _kind_of(labels):
    """The kind of their type: numbers, also bools, are one, and so is text of any length."""
    kind = labels.dtype.kind
    return "number" if kind in "biuf" else "text" if kind in "US" else kind


def _joined(parts, sequences):
    """Return the labels (n,) of all valid steps in one array, and which steps they are, (N, T)."""
    valid = sequences.mask.valid()  # (N, T)
    labelled, labels = np.zeros_like(valid), []
    begin = first_steps(parts, sequences.mask, sequences.lengths, "y")
    for i, (part, first) in enumerate(zip(parts, begin, strict=True)):
        steps = slice(first, first + len(part))
        labelled[i, steps] = valid[i, steps]
        labels.append(part[valid[i, steps]])
    return concatenated(labels), labelled


def concatenated(parts: list[np.ndarray]) -> np.ndarray:
    """All labels (n,) of several arrays."""
    parts = [own for own in parts if len(own)]  # NumPy takes an empty list for floats
    if len({own.dtype.kind in "US" for own in parts}) > 1:  # numbers would become text
        parts = [own.astype(object) for own in parts]
    return np.concatenate(parts or [np.empty(0)])


def _warn_of_one_hot(labels, labelled):
    """Warn if labels of steps look like classes of sequences, one-hot in as many columns."""
    if labels.dtype.kind not in "fiub" or labelled.shape[1] < 2 or not labelled.all():
        return
    rows = labels.reshape(labelled.shape)  # (N, T)
    one_each = np.isin(rows, [0, 1]).all() and (rows.sum(axis=1) == 1).all()
    if one_each and rows.any(axis=0).all():  # as many classes as steps; an event leaves gaps
        n = labelled.shape[1]
        warn_user(
            f"y has {n} columns, of which one is 1 and all others are 0 in each row. It is read as "
            f"a label for each of the {n} steps. If it is the one-hot code of {n} classes, pass "
            "y.argmax(axis=1)."
        )


def as_labels(y: Any) -> np.ndarray:
    """Return y as an array, without turning numbers into strings; None where it is masked."""
    if isinstance(y, np.ma.MaskedArray):
        masked, y = np.ma.getmaskarray(y), y.data
        y = np.where(masked, None, y.astype(object)) if masked.any() else y
    labels = np.asarray(y)
    if labels.dtype.kind in "US" and not hasattr(y, "dtype"):
        return np.asarray(y, dtype=object)
    return labels


def items_of(y: Any) -> list | None:
    """The items of a list or of an object array (N,), as which series of lists count, or None."""
    if isinstance(y, list | tuple):
        return list(y)
    y = np.asarray(y)
    return list(y) if y.dtype == object and y.ndim == 1 else None


def _labels_of_steps(y):
    """Return the labels of each sequence if y is a list of them, and None for a table."""
    items, listed = items_of(y), isinstance(y, list | tuple)
    if items is None or not any(np.ndim(own) for own in items):
        return None
    if listed and all(isinstance(own, list | tuple) for own in y) and len(set(map(len, y))) == 1:
        return None
    parts = [as_labels(own) for own in items]
    for i, part in enumerate(parts):
        if part.ndim != 1:
            raise ValueError(
                f"y[{i}] has {part.ndim} dimensions: in a list for sequences with a label for "
                "every step, each must be (n_steps,). Several labels of each step, (n_steps, "
                "n_labels), need a fit that had such."
            )
    return parts


def missing_labels(labels: np.ndarray) -> np.ndarray:
    """Which of the labels (n,) are NaN or the like."""
    if labels.dtype.kind == "f":
        return np.isnan(labels)
    if labels.dtype.kind in "mMO":
        return np.array([is_missing(label) for label in labels.tolist()], bool)
    return np.zeros(len(labels), bool)


def _known(labels, labelled):
    """Check that no label is missing; return the labels in a common type."""
    missing = missing_labels(labels)
    if missing.any():
        where = f"sample {missing.argmax()}"
        if labelled is not None:
            i, t = np.argwhere(labelled)[missing.argmax()]
            where = f"sample {i}, step {t}"
        raise ValueError(
            f"Input y contains NaN: {missing.sum()} of {len(labels)} labels are missing, first at "
            f"{where}. Remove these samples. With a label for every step, give these steps any "
            "label and a sample_weight of 0."
        )
    return in_common_type(labels)


def in_common_type(labels: np.ndarray) -> np.ndarray:
    """Labels that aren't missing: in an object array as numbers or text, if all of them are."""
    labels = _plain(labels)
    if labels.dtype.kind == "f":
        with np.errstate(invalid="ignore"):  # of sums of infinities
            assert_all_finite(labels, input_name="y")
    return labels


def _plain(labels):
    if labels.dtype != object or not len(labels):
        return labels
    several = next((own for own in labels if isinstance(own, list | tuple | set | frozenset)), None)
    if several is not None:
        raise ValueError(
            f"y has {several!r} where one label is expected. RNNClassifier takes several labels at "
            "each step as (n_samples, n_steps, n_labels) of 1 and 0: "
            "sklearn.preprocessing.MultiLabelBinarizer makes them of such sets."
        )
    strings = {isinstance(label, str) for label in labels}
    if len(strings) > 1:
        kinds = sorted({type(label).__name__ for label in labels})
        raise TypeError(
            f"y has labels of several types, {', '.join(kinds)}: make them strings throughout, "
            "or numbers."
        )
    plain = np.array(labels.tolist())
    return plain if plain.dtype.kind in "biufU" and plain.ndim == 1 else labels


def encode(
    labels: np.ndarray, classes: np.ndarray | None, origin: str = _TRAINED
) -> tuple[np.ndarray, np.ndarray]:
    """Return the class number of each label, (n,) in float64, and the classes; see above."""
    if len(labels):
        check_classification_targets(labels)
    encoder = LabelEncoder()
    if classes is None:
        codes, classes = encoder.fit_transform(labels), encoder.classes_
        if len(classes) < 2:
            raise ValueError(
                f"y has one class only, {classes.tolist()}: a classifier needs labels of two "
                "classes or more."
            )
        return codes.astype(float), classes
    known = set(classes.tolist())
    unseen = [label for label in np.unique(labels).tolist() if label not in known]
    if unseen:
        raise ValueError(
            f"y has labels {unseen} that aren't among the classes {classes.tolist()} {origin}."
        )
    encoder.classes_ = classes
    return encoder.transform(labels).astype(float), classes
