"""What transformers that return sequences share."""

from sklearn.base import BaseEstimator, TransformerMixin

from .._sklearn import CallbackSupportMixin


class SequenceTransformer(CallbackSupportMixin, TransformerMixin, BaseEstimator):
    """Base of transformers whose sequences no table can hold."""

    _takes_sequences = True  # rather than the rows of a table

    def set_output(self, *, transform: str | None = None):
        """Set the output container.

        Accepted so that a whole pipeline can be set. Sequences stay arrays or lists; only 2-D
        output with names, as that of `SlidingWindow` with ``layout="flat"``, honours it.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            The container. None changes nothing.

        Returns
        -------
        self : object
            The transformer.
        """
        # scikit-learn's own set_output needs get_feature_names_out, which sequences don't have
        if transform is not None:
            self._sklearn_output_config = {"transform": transform}
        return self

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = self._takes_sequences
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
