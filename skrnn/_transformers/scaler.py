"""Scaling the features of sequences."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any, Self, overload

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.validation import check_is_fitted

from .._sklearn.decorators import fit_context
from .._sklearn.fitted_copy import fitted_copy, of_one_fit
from .._sklearn.tasks import single_task
from .._validation.annotated_array import annotated, origin_of
from .._validation.input_layout import check_layout
from .._validation.options import OneOrMore
from .._validation.ragged import as_objects, lengths_of
from .._validation.steps import as_steps
from .base import SequenceTransformer
from .scaled_rows import check_range, scale_rows


class SequenceScaler(SequenceTransformer):
    """Scale each feature of sequences over all of their steps, by any scaler.

    The scaler sees the valid steps of all sequences as the rows of one table. Missing steps stay
    NaN.

    Parameters
    ----------
    scaler : transformer, default=None
        A scaler of scikit-learn's, or any other transformer of rows that keeps the number of
        features. Its output may be an array, a sparse one or a data frame. None:
        :class:`~sklearn.preprocessing.StandardScaler`.

    n_features_per_step : int, default=1
        Values per step in 2-D input, where each row is one sequence, step after step.

    static_features : str, int or list of these, default=None
        Names or positions of the static covariates among the features of sequences. They are
        scaled like the others. A step is missing if all other features are NaN.

    Attributes
    ----------
    scaler_ : transformer
        The fitted scaler.

    n_features_in_ : int
        Features per step of sequences and 3-D input; columns of 2-D input.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X was a data frame, or a list of them, with string names.

    See Also
    --------
    SequencePadder : Put sequences of different lengths into one array.

    Notes
    -----
    Each step has the same weight, so long sequences count more than short ones. Scale a series
    before `SlidingWindow` cuts it, while its rows aren't repeated yet. In 2-D input, all columns
    are values of steps: scale static ones apart, by a
    :class:`~sklearn.compose.ColumnTransformer`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import MinMaxScaler
    >>> from skrnn import SequenceScaler
    >>> X = [np.array([[1.0], [3.0]]), np.array([[5.0]])]
    >>> scaled = SequenceScaler(MinMaxScaler()).fit_transform(X)
    >>> [own[:, 0].tolist() for own in scaled]
    [[0.0, 0.5], [1.0]]
    """

    feature_names_in_: np.ndarray
    n_features_in_: int
    scaler_: Any

    _parameter_constraints: dict = {
        "scaler": [HasMethods(["fit", "transform"]), None],
        "n_features_per_step": [Interval(Integral, 1, None, closed="left")],
        "static_features": [str, Integral, "array-like", None],
    }

    def __init__(
        self,
        scaler: Any = None,
        *,
        n_features_per_step: int = 1,
        static_features: OneOrMore[str | int] | None = None,
    ):
        self.scaler = scaler
        self.n_features_per_step = n_features_per_step
        self.static_features = static_features

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Fit the scaler on all valid steps.

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
        self : SequenceScaler
            The fitted transformer.

        Raises
        ------
        ValueError
            If X is malformed, has no valid step, or the scaler refuses it; if the scaler changes
            the number of features, or values are so large that it leaves nothing of them.
        """
        with single_task(self, X, y), fitted_copy(self) as new:
            steps, valid, names = new._steps(X, reset=True)
            if not valid.any():
                raise ValueError(
                    "All steps of X are NaN: the scaler needs at least one valid step."
                )
            if isinstance(self.scaler, type):
                name = self.scaler.__name__
                raise TypeError(f"scaler={name} is a class: pass an instance, as {name}().")
            new.scaler_ = StandardScaler() if self.scaler is None else clone(self.scaler)
            rows, where = steps[valid], np.argwhere(valid)
            with np.errstate(all="ignore"):
                new.scaler_.fit(rows)
            scale_rows(new.scaler_, "transform", rows[:1], names, where[:1])
            check_range(new.scaler_, rows, names, where)
        return self

    @overload
    def transform(self, X: Sequence[Any]) -> Any: ...

    @overload
    def transform(self, X: ArrayLike) -> np.ndarray: ...

    @of_one_fit
    def transform(self, X: ArrayLike) -> np.ndarray | list[np.ndarray]:
        """Scale sequences.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `fit`, of any number and lengths.

        Returns
        -------
        scaled : ndarray or list of arrays
            In the shape and the kind of container of X.

        Raises
        ------
        ValueError
            If X is malformed, or a finite value becomes NaN or infinity: its step would count as
            a missing one.
        """
        return self._apply(X, "transform")

    @overload
    def inverse_transform(self, X: Sequence[Any]) -> Any: ...

    @overload
    def inverse_transform(self, X: ArrayLike) -> np.ndarray: ...

    @of_one_fit
    def inverse_transform(self, X: ArrayLike) -> np.ndarray | list[np.ndarray]:
        """Undo the scaling.

        Parameters
        ----------
        X : array-like or list of arrays
            Scaled sequences, in a layout that `fit` could have seen.

        Returns
        -------
        original : ndarray or list of arrays
            In the shape of X.
        """
        return self._apply(X, "inverse_transform")

    def _steps(self, X: Any, *, reset: bool) -> tuple[np.ndarray, np.ndarray, list[str] | None]:
        """X as (N, T, D), which steps are valid, (N, T), and the features' names."""
        values, names = check_layout(self, X, reset=reset)
        if reset:
            self._set_static_columns(values, X)
        steps = as_steps(values, int(self.n_features_per_step))
        return steps, self._valid_steps(steps), names

    def _apply(self, X: Any, method: str) -> Any:
        check_is_fitted(self)
        steps, valid, names = self._steps(X, reset=False)
        lengths, out = lengths_of(X), None
        if valid.any():
            rows = scale_rows(self.scaler_, method, steps[valid], names, np.argwhere(valid))
            out = np.full(steps.shape, np.nan, rows.dtype)
            out[valid] = rows
        out = steps.copy() if out is None else out
        if self._input_layout.ndim == 2:
            return annotated(out.reshape(len(out), -1), None, origin_of(X))
        if lengths is None:
            return annotated(out, names, origin_of(X))
        scaled = [annotated(own[:n], names) for own, n in zip(out, lengths, strict=True)]
        return as_objects(scaled) if isinstance(X, np.ndarray) else scaled
