"""Encoder-decoders: from sequences to sequences of other lengths."""

from .classifier import Seq2SeqClassifier
from .regressor import Seq2SeqRegressor

__all__ = ["Seq2SeqClassifier", "Seq2SeqRegressor"]
