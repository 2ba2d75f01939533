"""Base class of the transformers."""

from typing import Any, Self

from sklearn.base import BaseEstimator, TransformerMixin

from .._sklearn import CallbackSupportMixin


class SequenceTransformer(CallbackSupportMixin, TransformerMixin, BaseEstimator):
    """Base of transformers that return sequences, which no table can hold."""

    _takes_sequences = True  # as X, rather than the rows of a table

    def set_output(self, *, transform: str | None = None) -> Self:
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

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = self._takes_sequences
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
