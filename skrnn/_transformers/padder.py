"""Sequences of different lengths in one array."""

from __future__ import annotations

from numbers import Integral
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from .._engine.masking import StepMask
from .._sklearn.decorators import fit_context
from .._sklearn.fitted_copy import fitted_copy, of_one_fit
from .._sklearn.tasks import single_task
from .._validation.annotated_array import annotated, is_of_tokens, origin_of
from .._validation.input_layout import check_layout
from .._validation.options import OneOrMore
from .._validation.ragged import lengths_of
from .base import SequenceTransformer


class SequencePadder(SequenceTransformer):
    """Put sequences of different lengths into one array, with NaN for missing steps.

    The networks take lists as they are and mask NaN steps, so they need no padding. Code that
    stacks, plots or stores arrays does.

    Parameters
    ----------
    length : int, default=None
        Number of steps of all sequences. None: that of the longest that `transform` is given.

    side : {"right", "left"}, default="right"
        Side of the missing steps.

    truncation : {"right", "left"}, default=None
        Side on which sequences longer than `length` are cut. None: they are an error.

    static_features : str, int or list of these, default=None
        Names or positions of the static covariates among the features. A step is missing if
        all other features are NaN.

    Attributes
    ----------
    n_features_in_ : int
        Features per step of sequences and 3-D input; columns of 2-D input.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X was a data frame, or a list of them, with string names.

    See Also
    --------
    SequenceScaler : Scale the features of sequences, without padding.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import SequencePadder
    >>> X = [np.ones((3, 1)), np.ones((1, 1))]
    >>> SequencePadder().fit_transform(X)[..., 0]
    array([[ 1.,  1.,  1.],
           [ 1., nan, nan]])
    >>> SequencePadder(length=2, side="left", truncation="left").fit_transform(X)[..., 0]
    array([[ 1.,  1.],
           [nan,  1.]])
    """

    feature_names_in_: np.ndarray
    n_features_in_: int

    _parameter_constraints: dict = {
        "length": [Interval(Integral, 1, None, closed="left"), None],
        "side": [StrOptions({"right", "left"})],
        "truncation": [StrOptions({"right", "left"}), None],
        "static_features": [str, Integral, "array-like", None],
    }

    def __init__(
        self,
        length: int | None = None,
        *,
        side: Literal["right", "left"] = "right",
        truncation: Literal["right", "left"] | None = None,
        static_features: OneOrMore[str | int] | None = None,
    ):
        self.length = length
        self.side = side
        self.truncation = truncation
        self.static_features = static_features

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Check the sequences, and remember how many features they have.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences: a list of ``(n_steps_i, n_features)`` arrays; ``(n_samples, n_steps,
            n_features)``; or ``(n_samples, n_steps)`` with one feature.

        y : None
            Ignored.

        Returns
        -------
        self : SequencePadder
            The fitted transformer.
        """
        with single_task(self, X, y), fitted_copy(self) as new:
            values, _ = check_layout(new, X, reset=True)
            new._set_static_columns(values, X)
        return self

    @of_one_fit
    def transform(self, X: ArrayLike) -> np.ndarray:
        """Pad the sequences, or cut them.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `fit`, of any number and lengths.

        Returns
        -------
        padded : ndarray of shape (n_samples, length, n_features)
            In float32 if all sequences are, otherwise in float64.

        Raises
        ------
        ValueError
            If a sequence is longer than `length`, and `truncation` doesn't say where to cut.
        """
        check_is_fitted(self)
        values, names = check_layout(self, X, reset=False, side=self.side)
        lengths, origin = lengths_of(X), origin_of(X)
        values = values if values.ndim > 2 else values[..., np.newaxis]  # (N, T, D)
        if lengths is None:
            mask = StepMask.of_valid(self._valid_steps(values))
            begin, end = mask.first, mask.stop
        else:
            T = values.shape[1]
            begin = np.array([T - n if self.side == "left" else 0 for n in lengths])
            end = begin + lengths
        n_steps = max(1, int((end - begin).max())) if self.length is None else int(self.length)
        padded = np.full((len(values), n_steps, values.shape[2]), np.nan, values.dtype)
        for i, (own, first, stop) in enumerate(zip(values, begin, end, strict=True)):
            n_lost = max(0, stop - first - n_steps)
            if n_lost and self.truncation is None:
                raise ValueError(
                    f"X[{i}] has {stop - first} steps, more than length={n_steps}: raise length, "
                    "or say by truncation='left' or 'right' which steps to drop."
                )
            own = own[first + n_lost : stop] if self.truncation == "left" else own[first:stop]
            own = own[:n_steps]
            padded[i, n_steps - len(own) if self.side == "left" else 0 :][: len(own)] = own
        return annotated(padded, names, origin, is_of_tokens(X))
