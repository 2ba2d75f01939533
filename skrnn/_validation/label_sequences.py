"""Labels in sequences of their own, of a fixed length or of any."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.validation import column_or_1d

from .labels import (
    as_labels,
    concatenated,
    in_common_type,
    items_of,
    label_array,
    missing_labels,
    one_for_each,
)
from .sequences import Sequences


class LabelSequences(NamedTuple):
    """Checked sequences of labels."""

    labels: np.ndarray  # (M,), those of all sequences in turn
    lengths: np.ndarray  # (N,)
    ends: bool  # whether they may have any length
    ndim: int  # of an array: 1 for (n,), 2 for (n, S)
    in_objects: bool = False  # whether an object array held them

    def spread(self, values: np.ndarray, fill: Any) -> np.ndarray:
        """Values (M,), one for each label, in rows (N, S) that are filled up."""
        places = np.arange(max(self.lengths, default=0)) < self.lengths[:, np.newaxis]
        rows = np.full(places.shape, fill, values.dtype)
        rows[places] = values
        return rows


def check_label_sequences(estimator: Any, y: Any, sequences: Sequences) -> LabelSequences:
    """Check y: an array (n,) or (n, S), or a list or object array of sequences (S_i,).

    The container decides whether sequences have an end, not their lengths.
    """
    y = one_for_each(estimator, y, sequences)
    in_objects, parts = isinstance(y, np.ndarray), _parts_of(y)
    if parts is not None:
        known = [_without_padding(part, i) for i, part in enumerate(parts)]
        labels = in_common_type(concatenated(known))
        lengths = np.array([len(part) for part in known])
        return LabelSequences(labels, lengths, ends=True, ndim=1, in_objects=in_objects)
    y = label_array(y)
    if y.ndim > 2:
        raise ValueError(f"y has {y.ndim} dimensions: labels are (n,) or (n, n_steps), or a list.")
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    S = 1 if y.ndim == 1 else y.shape[1]
    missing = missing_labels(y.ravel())
    if missing.any():
        i, s = divmod(int(missing.argmax()), S)
        raise ValueError(
            f"Input y contains NaN: {missing.sum()} of {missing.size} labels are missing, first in "
            f"sample {i}, step {s}. Remove these samples. For sequences of different lengths, pass "
            "a list of arrays."
        )
    return LabelSequences(in_common_type(y.ravel()), np.full(len(y), S), False, y.ndim)


def _parts_of(y):
    """The sequences in a list or object array; None: y is an array of labels."""
    own = items_of(y)
    if own is None:
        return None
    strings = [isinstance(part, str | bytes) for part in own]
    if isinstance(y, list | tuple) and any(strings):
        raise ValueError(
            f"y[{strings.index(True)}] is a string, {own[strings.index(True)]!r}: pass "
            "[list(s) for s in y] for sequences of characters, [s.split() for s in y] for words, "
            "or np.array(y) for one label of each sequence."
        )
    ndims = [0 if text else _ndim(part) for text, part in zip(strings, own, strict=True)]
    if not any(ndims):
        return None
    odd = [i for i, ndim in enumerate(ndims) if ndim != 1]
    if odd:
        raise ValueError(
            f"y[{odd[0]}] has {ndims[odd[0]]} dimensions: in a list, each sequence of labels must "
            "be (n_steps_i,)."
        )
    return [as_labels(part) for part in own]


def _ndim(part):
    """1 or 2 for a list, which need not be one that NumPy makes an array of."""
    if isinstance(part, list | tuple):
        nested = (isinstance(own, list | tuple) or getattr(own, "ndim", 0) > 0 for own in part)
        return 2 if any(nested) else 1
    return np.ndim(part)


def _without_padding(part, i):
    """Labels without the NaN after the last one; ValueError if there is NaN before."""
    missing = missing_labels(part)
    length = len(part) - int((~missing[::-1]).argmax()) if not missing.all() else 0
    if missing[:length].any():
        raise ValueError(
            f"Input y contains NaN in sample {i}, step {missing.argmax()}, before the last label "
            f"of the sample in step {length - 1}. Remove the sample; NaN may only follow the last "
            "label."
        )
    return part[:length]
