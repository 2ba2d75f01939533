"""Successive steps of a sequence, joined into one."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any, Self, overload

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from .._engine.masking import StepMask
from .._sklearn.decorators import fit_context
from .._sklearn.fitted_copy import fitted_copy, of_one_fit
from .._sklearn.tasks import single_task
from .._validation.annotated_array import annotated, origin_of
from .._validation.feature_names import others
from .._validation.input_layout import check_layout
from .._validation.options import OneOrMore
from .._validation.ragged import as_objects, lengths_of
from .._validation.steps import as_steps, check_steps
from .base import SequenceTransformer


class SequencePatcher(SequenceTransformer):
    """Join successive steps into patches, so that a network reads long sequences in fewer steps.

    A patch is one step that has the features of `length` steps. A sequence of 150 steps with one
    feature becomes one of 15 steps with ten features. Recurrent networks learn such sequences
    faster and better, as their gradient has a shorter way [1]_.

    The first patch begins at the first step. A patch is missing if all of its steps are.
    Otherwise, missing steps within it take the features of the last valid step before them, or of
    the first valid step of the sequence where there is none. So do the steps that the last patch
    has beyond the end.

    Labels and targets must be one for each sequence: those of every step would need patches, too.

    Parameters
    ----------
    length : int, default=10
        Number of steps of a patch.

    n_features_per_step : int, default=1
        Values per step in 2-D input.

    static_features : str, int or list of these, default=None
        Names or positions of the static covariates among the features. A patch has them once,
        after its other features.

    Attributes
    ----------
    n_features_in_ : int
        Features per step of sequences and 3-D input; columns of 2-D input.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X was a data frame, or a list of them, with string names.

    See Also
    --------
    SequenceScaler : Scale the features of sequences.
    SequencePadder : Put sequences of different lengths into one array.

    References
    ----------
    .. [1] Y. Nie, N. H. Nguyen, P. Sinthong and J. Kalagnanam, "A time series is worth 64 words:
       long-term forecasting with transformers", ICLR 2023.

    Examples
    --------
    >>> import numpy as np
    >>> from skrnn import SequencePatcher
    >>> X = np.arange(10.0).reshape(2, 5, 1)
    >>> SequencePatcher(length=2).fit_transform(X)[0]
    array([[0., 1.],
           [2., 3.],
           [4., 4.]])

    In front of a classifier:

    >>> from sklearn.pipeline import make_pipeline
    >>> from skrnn import RNNClassifier
    >>> pipe = make_pipeline(SequencePatcher(length=10), RNNClassifier())
    """

    feature_names_in_: np.ndarray
    n_features_in_: int

    _parameter_constraints: dict = {
        "length": [Interval(Integral, 1, None, closed="left")],
        "n_features_per_step": [Interval(Integral, 1, None, closed="left")],
        "static_features": [str, Integral, "array-like", None],
    }

    def __init__(
        self,
        length: int = 10,
        *,
        n_features_per_step: int = 1,
        static_features: OneOrMore[str | int] | None = None,
    ):
        self.length = length
        self.n_features_per_step = n_features_per_step
        self.static_features = static_features

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Check the sequences, and remember how many features they have.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences: ``(n_samples, n_steps, n_features)``; a list of ``(n_steps_i,
            n_features)`` arrays; or ``(n_samples, n_columns)``, each row one sequence with
            ``n_features_per_step`` values a step.

        y : None
            Ignored.

        Returns
        -------
        self : SequencePatcher
            The fitted transformer.

        Raises
        ------
        ValueError
            If X is malformed, or a step is NaN in some features only.
        """
        with single_task(self, X, y), fitted_copy(self) as new:
            new._steps(X, reset=True)
        return self

    @overload
    def transform(self, X: Sequence[Any]) -> Any: ...

    @overload
    def transform(self, X: ArrayLike) -> np.ndarray: ...

    @of_one_fit
    def transform(self, X: ArrayLike) -> np.ndarray | list[np.ndarray]:
        """Join the steps of sequences.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `fit`, of any number and lengths.

        Returns
        -------
        patches : ndarray or list of arrays
            Sequences ``(n_samples, ceil(n_steps / length), length * n_features)``, also of 2-D
            input. For a list, a list of arrays.
        """
        check_is_fitted(self)
        steps, mask, names = self._steps(X, reset=False)
        L, (N, T, D), lengths = int(self.length), steps.shape, lengths_of(X)
        static = list(self._input_layout.static_columns)
        dynamic = others(static, D)
        n_patches = -(-T // L)
        padded = _filled(steps, mask, n_patches * L).reshape(N, n_patches, L, D)
        parts = [padded[..., dynamic].reshape(N, n_patches, -1), padded[:, :, 0, static]]
        patches = np.concatenate(parts, axis=2) if static else parts[0]
        valid = np.zeros((N, n_patches * L), bool)
        valid[:, :T] = mask.valid()
        patches[~valid.reshape(N, n_patches, L).any(axis=2)] = np.nan
        if names is not None:
            own = np.array(names)
            names = [f"{name}_step{k}" for k in range(L) for name in own[dynamic]]
            names += own[static].tolist()
        if lengths is None:
            return annotated(patches, names, origin_of(X))
        ragged = [annotated(p[: -(-n // L)], names) for p, n in zip(patches, lengths, strict=True)]
        return as_objects(ragged) if isinstance(X, np.ndarray) else ragged

    def _steps(self, X: Any, *, reset: bool) -> tuple[np.ndarray, StepMask, list[str] | None]:
        """X as (N, T, D), its mask, and the names of the features of 3-D input."""
        values, names = check_layout(self, X, reset=reset)
        if reset:
            self._set_static_columns(values, X)
        steps = as_steps(values, int(self.n_features_per_step))
        dynamic = others(self._input_layout.static_columns, steps.shape[2])
        known = None if names is None or values.ndim < 3 else list(np.array(names)[dynamic])
        _, mask = check_steps(steps[..., dynamic], names=known)
        return steps, mask, names if values.ndim > 2 else None


def _filled(steps: np.ndarray, mask: StepMask, n_steps: int) -> np.ndarray:
    """A copy (N, n_steps, D), in which valid steps take the place of missing ones and of the end.

    It is the last one before, or the first of the sequence.
    """
    valid = np.zeros((len(steps), n_steps), bool)
    valid[:, : steps.shape[1]] = mask.valid()
    last = np.where(valid, np.arange(n_steps), 0)
    np.maximum.accumulate(last, axis=1, out=last)
    last = np.maximum(last, valid.argmax(axis=1)[:, np.newaxis])
    return np.take_along_axis(steps, last[..., np.newaxis], axis=1)
