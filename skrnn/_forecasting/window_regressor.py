"""A regressor of scikit-learn as what reads windows: how it is set up, fitted and called."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.multioutput import MultiOutputRegressor
from sklearn.utils import get_tags

from .._estimators.regression import SequenceRegressorMixin
from .._validation.annotated_array import annotated
from .recursion import Predict
from .windows import Windows, flat, with_covariates

# what surrounds the fit of an estimator: its callbacks
Inside = Callable[[Any], AbstractContextManager[Any]]


def fit_on_windows(
    regressor: Any, windows: Windows, names: list[str], inside: Inside = nullcontext
) -> Any:
    """A clone, fitted on flat windows.

    Networks are told how many values a step has, and which columns are static, wherever they are
    inside the regressor.
    """
    _, L, F = windows.X.shape
    regressor = clone(regressor)
    static = None
    if windows.static is not None:
        static = list(range(L * F, L * F + windows.static.shape[1]))
    known = {"n_features_per_step": F, "static_features": static}
    own = {
        name: known[name.rpartition("__")[2]]
        for name in regressor.get_params()
        if name.rpartition("__")[2] in known
    }
    regressor.set_params(**own)
    y = windows.y[:, 0] if windows.y.shape[1] == 1 else windows.y
    if y.ndim == 2 and not get_tags(regressor).target_tags.multi_output:
        regressor = MultiOutputRegressor(regressor)
    X = windows.flat()
    table = as_table(X, names)
    with inside(regressor):
        if not isinstance(regressor, SequenceRegressorMixin):
            return regressor.fit(table, y)
        regressor.fit(annotated(X, names, windows.origin), y)
    if hasattr(table, "columns"):  # as training_windows returns them
        regressor.feature_names_in_ = np.array(names, dtype=object)
    return regressor


def predictor_of(regressor: Any, names: list[str], n_series: int, horizon: int) -> Predict:
    """What predicts from windows, by a fitted regressor."""

    def predict(
        windows: np.ndarray, covariates: np.ndarray | None, static: np.ndarray | None
    ) -> np.ndarray:
        X = with_covariates(windows, covariates, horizon)
        if isinstance(regressor, SequenceRegressorMixin):
            y = regressor._predict_windows(X, static)
        else:
            y = np.asarray(regressor.predict(as_table(flat(X, static), names)))
        return y.reshape(len(windows), horizon, n_series)

    return predict


def as_table(X: np.ndarray, names: list[str]) -> Any:
    """A data frame, if pandas is installed; otherwise the array."""
    try:
        import pandas as pd
    except ImportError:
        return X
    return pd.DataFrame(X, columns=names, copy=False)
