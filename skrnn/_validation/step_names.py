"""Names of the features of one time step."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .feature_names import names_of, other_names, others
from .input_layout import InputLayout
from .lag_names import lags_of

_NAMELESS = {float, int, list, tuple, np.ndarray}


def check_step_names(estimator: Any, x: Any) -> None:
    """Raise unless the names that come with one step are those of the fit, in their order.

    A step without names is in order, as is any after a fit without names.
    """
    if isinstance(x, Mapping):
        raise TypeError(
            "x is a mapping of names to values, which has no order: pass pandas.Series(x), or a "
            "list of the values in the order of the fit."
        )
    if isinstance(x, list | tuple) and not hasattr(x, "_fields"):
        for row in x:  # of many sequences
            if type(row) not in _NAMELESS:
                check_step_names(estimator, row)
        return
    names, fitted = _names_of_step(x), getattr(estimator, "feature_names_in_", None)
    if names is None or fitted is None:
        return
    allowed = [list(fitted)]
    if estimator._input_layout.ndim == 2:
        allowed = _of_steps(allowed[0], estimator._input_layout)
    if names not in allowed:
        raise other_names(names, allowed[-1])


def _names_of_step(x: Any) -> list[str] | None:
    """Columns of a table, the index of a pandas.Series, fields of a named tuple."""
    names = names_of(x)
    if names is None and hasattr(x, "iloc"):
        names = list(x.index)
    elif names is None and hasattr(x, "_fields"):
        names = list(x._fields)
        if any(name.startswith("_") for name in names):  # pandas has replaced some
            return None
    return names if names and all(isinstance(name, str) for name in names) else None


def _of_steps(names: list[str], layout: InputLayout) -> list[list[str]]:
    """What a step of a row with these names may be called: static columns, then dynamic ones.

    The lags that `SlidingWindow` adds to names may be left out.
    """
    columns = layout.static_columns
    static = [names[i] for i in columns]
    dynamic = np.asarray(names, dtype=object)[others(columns, len(names))]
    steps = dynamic.reshape(-1, layout.n_inputs).tolist()
    lags = lags_of(steps[-1])
    plain = [lag.variable if lag else name for lag, name in zip(lags, steps[-1], strict=True)]
    return [static + step for step in [*steps, plain]]
