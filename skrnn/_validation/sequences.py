"""X, from what users pass to what the engine reads."""

from typing import Any, NamedTuple

import numpy as np

from .._engine.masking import StepMask
from .._training.origin import Origin
from .annotated_array import is_of_tokens, origin_of
from .feature_names import labels_of, others, static_positions
from .input_layout import InputLayout, check_layout
from .lagged_rows import check_lags
from .misread import warn_of_misreading
from .ragged import as_objects, lengths_of
from .static_covariates import check_static
from .steps import as_steps, check_steps
from .tokens import check_one_token, check_tokens, reads_tokens


class Sequences(NamedTuple):
    """Checked sequences."""

    X: np.ndarray  # (N, T, D) in float32 or float64, NaN at missing steps
    mask: StepMask  # which steps are valid
    static: np.ndarray | None  # (N, M), static covariates
    lengths: list[int] | None  # of the sequences in a list; None: it was one array
    container: type  # what held them
    unknown: np.ndarray | None = None  # (N,), which have NaN as static covariates throughout
    origin: Origin | None = None  # the rows that the samples were cut from, if they tell

    def astype(self, dtype: Any) -> "Sequences":
        """Return the sequences in another precision; raise ValueError if it can't hold them."""
        parts = [part for part in (self.X, self.static) if part is not None]
        with np.errstate(over="ignore"):
            cast = [part.astype(dtype, copy=False) for part in parts]
        if self.X.dtype != dtype and any(np.isinf(part).any() for part in cast):
            raise ValueError(
                f"X contains a value too large for {np.dtype(dtype)}, in which the network is "
                "trained: rescale X."
            )
        return self._replace(X=cast[0], static=cast[1] if len(cast) > 1 else None)

    def in_container(self, values: np.ndarray) -> Any:
        """Values (N, T, ...) of all steps in the container of X: for a list, a list."""
        if self.lengths is None:
            return values
        own = [row[:length] for row, length in zip(values, self.lengths, strict=True)]
        return own if self.container is not np.ndarray else as_objects(own)


def check_sequences(
    estimator: Any, X: Any, *, reset: bool, any_scale: bool = False, n_tokens: int = 0
) -> Sequences:
    """Check X: sequences to train on, if ``reset``, or sequences in the layout of these.

    ``any_scale`` says that large values are no reason for a warning. ``n_tokens`` are known from an
    earlier fit, which this one resumes.

    Sets or compares ``n_features_in_`` and ``feature_names_in_``, as scikit-learn's
    ``validate_data`` does. A 3-D array, windows of a series for example, isn't copied.
    """
    given, tokens = X, reads_tokens(estimator, reset=reset)
    whole, names = check_layout(estimator, X, reset=reset, tokens=tokens)
    if reset:
        estimator._input_layout = _layout_of(estimator, given, whole, names, tokens=tokens)
    layout: InputLayout = estimator._input_layout
    steps, columns = _dynamic_steps(whole, layout), layout.static_columns
    dynamic = None  # names
    if names is not None and whole.ndim > 2:
        dynamic = [name for i, name in enumerate(names) if i not in columns]
    largest, mask = check_steps(steps, names=dynamic)
    if tokens:
        V = check_tokens(estimator, steps, n_tokens if reset else layout.n_tokens, reset=reset)
        largest = 0.0
        if reset:
            free = not columns and (whole.ndim > 2 or is_of_tokens(given) or not mask.complete)
            estimator._input_layout = layout._replace(n_tokens=V, any_length=free)
            estimator.n_tokens_ = V
    elif reset:
        vars(estimator).pop("n_tokens_", None)
    static, unknown = None, None
    if columns:
        static = check_static(whole, mask, columns, names, steps.dtype)
        unknown = np.isnan(static).any(axis=1)
        static = np.nan_to_num(static)  # 0 before a sequence begins
        largest = max(largest, np.abs(static).max())
    if reset:
        warn_of_misreading(estimator, given, steps, mask, largest=0 if any_scale else largest)
    if layout.n_inputs == 0:  # one step for each sequence, without a value
        steps, mask = steps[:, :1, :0], StepMask.of_valid(mask.lengths[:, np.newaxis] > 0)
    lengths = lengths_of(given, of_tokens=tokens)
    return Sequences(steps, mask, static, lengths, type(given), unknown, origin_of(given))


def _layout_of(estimator, given, X, names, *, tokens):
    """How X, an array (N, n_columns) or (N, T, D), is read by the parameters."""
    own, alone = estimator.static_features, estimator._reads_static_alone
    columns = static_positions(own, labels_of(given), X.shape[-1], all_may_be=alone)
    n_dynamic = X.shape[-1] - len(columns)
    in_rows = n_dynamic and X.ndim < 3
    n_inputs = int(estimator.n_features_per_step) if in_rows else n_dynamic
    if tokens:
        check_one_token(estimator, n_inputs)
    if in_rows and names is not None:
        check_lags([names[i] for i in range(len(names)) if i not in columns], n_inputs)
    return InputLayout(min(X.ndim, 3), n_inputs, columns)


def _dynamic_steps(X, layout):
    """The values (N, T, D) at each step; without any, zeros (N, T, 1) say which steps there are."""
    if layout.n_inputs == 0:
        zeros = np.where(np.isnan(X).all(axis=-1, keepdims=True), np.nan, X.dtype.type(0))
        return as_steps(zeros, 1)
    if layout.static_columns:
        X = X[..., others(layout.static_columns, X.shape[-1])]
    return as_steps(X, layout.n_inputs)
