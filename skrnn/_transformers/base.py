"""Base class of the transformers."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin

from .._engine.masking import valid_steps
from .._saving.plain import PlainValues
from .._sklearn.estimator_mixin import EstimatorMixin
from .._validation.feature_names import labels_of, others, static_positions
from .._validation.input_layout import InputLayout

Container: TypeAlias = Literal["default", "pandas", "polars"]


class SequenceTransformer(EstimatorMixin, TransformerMixin, BaseEstimator):
    """Base of transformers that return sequences, which no table can hold."""

    _takes_sequences = True  # as X, rather than the rows of a table
    _input_layout: InputLayout
    _private: ClassVar[dict[str, str]] = {"_input_layout": "input_layout"}
    _values: ClassVar[PlainValues] = PlainValues({"input_layout": InputLayout})

    if TYPE_CHECKING:  # scikit-learn's has no types

        def fit_transform(self, X: ArrayLike, y: object = None) -> np.ndarray | Any: ...

    def set_output(self, *, transform: Container | None = None) -> Self:
        """Set the output container.

        A whole pipeline can be set in this way. Sequences stay arrays or lists. The container
        applies to 2-D output with names only, as from `SlidingWindow` with ``layout="flat"``.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            The container. None leaves the setting unchanged.

        Returns
        -------
        self : object
            The transformer.
        """
        # scikit-learn's own set_output needs get_feature_names_out, which sequences can't offer
        if transform is not None:
            self._sklearn_output_config = {"transform": transform}
        return self

    def _set_static_columns(self, values: np.ndarray, X: Any) -> None:
        """Remember the positions of `static_features` among the features of X."""
        if self.static_features is not None and values.ndim < 3:
            raise ValueError(
                f"static_features={self.static_features!r} names features of sequences, but X is "
                "2-D: all of its columns are values of steps. Pass (n_samples, n_steps, "
                "n_features), or treat static columns apart by a ColumnTransformer."
            )
        columns = static_positions(self.static_features, labels_of(X), values.shape[-1])
        self._input_layout = self._input_layout._replace(static_columns=columns)

    def _valid_steps(self, values: np.ndarray) -> np.ndarray:
        """Which steps (N, T) of unchecked sequences (N, T, D) are valid."""
        dynamic = others(self._input_layout.static_columns, values.shape[-1])
        return valid_steps(values[..., dynamic])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = self._takes_sequences
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
