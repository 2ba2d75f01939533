"""Encoder-decoders: from sequences to sequences of other lengths."""

from .regressor import Seq2SeqRegressor

__all__ = ["Seq2SeqRegressor"]
