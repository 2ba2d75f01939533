"""Rows of lags, as forecasting libraries make them, turned into sequences."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from .._engine.masking import valid_steps
from .._sklearn.decorators import fit_context
from .._sklearn.fitted_copy import fitted_copy, of_one_fit
from .._sklearn.tasks import single_task
from .._sklearn.user_warnings import warn_user
from .._validation.annotated_array import annotated, origin_of
from .._validation.counts import is_whole
from .._validation.feature_names import labels_of, positions_of
from .._validation.input_layout import check_layout
from .._validation.lag_names import lags_of
from .._validation.lagged_rows import N_COMPARED, columns_apart, misplaced
from .._validation.options import OneOrMore
from .base import SequenceTransformer
from .row_layout import columns_by_lag, columns_by_position


class RowsToSequences(SequenceTransformer):
    """Turn rows of lags into sequences, oldest step first.

    Forecasting libraries hand rows to a regressor whose columns are lags: the newest one first, or
    all lags of a variable before those of the next, and covariates among them. Recurrent networks
    read a row step after step, oldest step first. In front of one, this transformer puts the
    columns in that order.

    Names of columns tell, if X has some that are known as lags: ``lag_1`` and ``y_lag_1``
    (skforecast, feature-engine, sktime), ``lag1`` (mlforecast), ``lag_1__y`` (sktime),
    ``y_target_lag-1`` (darts), ``y_lag1`` (`SlidingWindow`), ``t-1``, ``y(t-1)``. A column ``y``
    beside ``y_lag_1`` is the lag 0. Lags need not be even, such as 1, 2, 7. Columns without a lag
    are static. Without such names, the parameters tell.

    Parameters
    ----------
    n_steps : int, default=None
        Number of steps. None: what the names say, or all columns that aren't static.

    n_features_per_step : int or list of int, default=1
        Features of a step, where no names tell. An int: the features of a step stand side by side.
        A list: the row has blocks one after the other, each with all steps of so many features.
        ``[1, 1]`` is variable by variable.

    first : {"newest", "oldest"}, default="newest"
        The step that a row, or each of its blocks, begins with, where no names tell.

    static_features : str, int or list of these, default=None
        Names or positions of the columns that belong to no step. A sequence has them at every
        step, after the other features. None: the columns without a lag in their names or, where no
        names tell, none.

    Attributes
    ----------
    columns_ : ndarray of shape (n_steps, n_features)
        The column of X that is this feature at this step.

    n_features_in_ : int
        Number of columns of X.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, if X was a data frame with string names.

    See Also
    --------
    SlidingWindow : Windows of the rows of a series, in a pipeline.

    Notes
    -----
    Features whose lags are shifted by a constant belong together: beside the lags 1, 2, 3 of a
    target, a covariate with the lags 0, 1, 2 is that of the step to come. The newest lags of both
    are the last step.

    A step is missing if all features but the static ones are NaN, as in the first rows of a series.
    It is then NaN throughout.

    Where the names are those of a data frame, the array carries the names of its features to the
    network, whose parameter `static_features` knows them.

    Examples
    --------
    >>> import pandas as pd
    >>> from skrnn import RowsToSequences
    >>> X = pd.DataFrame({"lag_1": [3.0], "lag_2": [2.0], "lag_3": [1.0], "promo": [0.0]})
    >>> RowsToSequences().fit_transform(X)
    array([[[1., 0.],
            [2., 0.],
            [3., 0.]]])

    An array has no names. Here are two steps of two variables, variable by variable:

    >>> rows = RowsToSequences(n_features_per_step=[1, 1], first="oldest")
    >>> rows.fit_transform([[1.0, 2.0, 10.0, 20.0]])
    array([[[ 1., 10.],
            [ 2., 20.]]])
    """

    _takes_sequences = False
    _private = {**SequenceTransformer._private, "_n_static": "n_static", "_names": "names"}

    columns_: np.ndarray
    feature_names_in_: np.ndarray
    n_features_in_: int

    _parameter_constraints: dict = {
        "n_steps": [Interval(Integral, 1, None, closed="left"), None],
        "n_features_per_step": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "first": [StrOptions({"newest", "oldest"})],
        "static_features": [str, Integral, "array-like", None],
    }

    def __init__(
        self,
        n_steps: int | None = None,
        *,
        n_features_per_step: OneOrMore[int] = 1,
        first: Literal["newest", "oldest"] = "newest",
        static_features: OneOrMore[str | int] | None = None,
    ):
        self.n_steps = n_steps
        self.n_features_per_step = n_features_per_step
        self.first = first
        self.static_features = static_features

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Find the step of each column.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_columns)
            Rows of lags.

        y : None
            Ignored.

        Returns
        -------
        self : RowsToSequences
            The fitted transformer.

        Raises
        ------
        ValueError
            If the columns aren't those that names or parameters tell of.

        Warns
        -----
        UserWarning
            If the values say that the steps are in another order than the parameters.
        """
        with single_task(self, X, y), fitted_copy(self) as new:
            values, names = new._rows(X, reset=True)
            new._find_columns(values, names, labels_of(X))
        return self

    @of_one_fit
    def transform(self, X: ArrayLike) -> np.ndarray:
        """Make sequences of rows.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_columns)
            Rows, with the columns of `fit`.

        Returns
        -------
        sequences : ndarray of shape (n_samples, n_steps, n_features)
            Oldest step first, with the static features last. In float32 if X is, otherwise in
            float64.
        """
        check_is_fitted(self)
        values, _ = self._rows(X, reset=False)
        sequences = values.take(self.columns_, axis=1)  # (N, T, D + M)
        n_dynamic = self.columns_.shape[1] - self._n_static
        if self._n_static:
            sequences[~valid_steps(sequences[..., :n_dynamic])] = np.nan
        return annotated(sequences, self._names, origin_of(X))

    def _rows(self, X: Any, *, reset: bool) -> tuple[np.ndarray, list[str] | None]:
        values, names = check_layout(self, X, reset=reset)
        if values.ndim != 2:
            raise ValueError(
                "X holds sequences already, in 3 dimensions or a list: pass them to the network "
                "as they are, without RowsToSequences."
            )
        return values, names

    def _find_columns(
        self, values: np.ndarray, names: list[str] | None, labels: Sequence | None
    ) -> None:
        """Set `columns_` and the names of what they hold."""
        n_columns, static = values.shape[1], []
        if self.static_features is not None:
            own = self.static_features
            static = positions_of(own, labels, n_columns, parameter="static_features")
        lags = [None] * n_columns if names is None else lags_of(names)
        lags = [None if column in static else lag for column, lag in enumerate(lags)]
        n_steps = None if self.n_steps is None else int(self.n_steps)
        if names is not None and any(lags):
            columns, features = columns_by_lag(names, lags, n_steps)
            static = [column for column, lag in enumerate(lags) if lag is None]
        else:
            blocks = self._blocks()
            columns = columns_by_position(n_columns, static, n_steps, blocks, self.first)
            features = [f"x{d}" for d in range(sum(blocks))]
            self._warn_of_values(values[:N_COMPARED].take(columns, axis=1), columns)
        repeated = np.tile(np.array(static, dtype=int), (len(columns), 1))
        self.columns_, self._n_static = np.hstack([columns, repeated]), len(static)
        self._names = None if names is None else features + [names[column] for column in static]

    def _blocks(self) -> list[int]:
        """The features per step of each block."""
        given: Any = self.n_features_per_step
        blocks = [given] if isinstance(given, Integral) else list(given)
        if not blocks or not all(is_whole(own) and int(own) > 0 for own in blocks):
            raise ValueError(
                f"n_features_per_step={given!r} must be an int, or a list of ints, each at least "
                "1: the features per step of each block of columns."
            )
        return [int(own) for own in blocks]

    def _warn_of_values(self, steps: np.ndarray, columns: np.ndarray) -> None:
        """Warn if the values of steps (N, T, D) say that the parameters are wrong."""
        order, apart = misplaced(steps), columns_apart(steps)
        found, fix = f"gives steps {order}", ""
        if order == "newest first":
            fix = f"first={'oldest' if self.first == 'newest' else 'newest'!r}"
        elif order:
            fix = f"n_features_per_step={[1] * steps.shape[2]}, or another list of blocks"
        elif apart:
            found = "has columns among the steps that are no lags of the others"
            fix = f"static_features={sorted(columns.ravel()[apart].tolist())}"
        if fix:
            warn_user(
                f"By the values of X, RowsToSequences {found}, with these parameters: values move "
                f"by a column from one row to the next. Pass {fix}."
            )
