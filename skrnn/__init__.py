"""Recurrent neural networks for scikit-learn.

Estimators: `RNNRegressor`, `RNNClassifier`. Sequences from sequences: `Seq2SeqRegressor`,
`Seq2SeqClassifier`. The next values of series: `Forecaster`. Windows of a series: `SlidingWindow`
in a pipeline, `sliding_windows` outside one. Rows of lags, as forecasting libraries make them:
`RowsToSequences`. Sequences: `SequenceScaler`, `SequencePadder`, `SequencePatcher`,
`flatten_steps`, `next_steps`. Texts and tokens: `TokenEncoder`, `neg_perplexity`. Pictures:
`LossCurveDisplay`, `ForecastDisplay`, `BacktestDisplay`, `AttentionDisplay`. For reports
of bugs: `show_versions`. Submodules: `skrnn.cells`, `skrnn.datasets`, `skrnn.interop`.
"""

from . import cells, interop
from ._estimators.perplexity import neg_perplexity
from ._saving.version import __version__ as __version__
from ._saving.versions import show_versions
from ._transformers.flatten_steps import flatten_steps
from ._transformers.next_steps import next_steps
from ._transformers.padder import SequencePadder
from ._transformers.patcher import SequencePatcher
from ._transformers.rows_to_sequences import RowsToSequences
from ._transformers.scaler import SequenceScaler
from ._transformers.sliding_window import SlidingWindow
from ._transformers.sliding_windows import sliding_windows
from ._transformers.token_encoder import TokenEncoder
from .classifier import RNNClassifier
from .forecaster import Forecaster
from .plotting import AttentionDisplay, BacktestDisplay, ForecastDisplay, LossCurveDisplay
from .regressor import RNNRegressor
from .seq2seq import Seq2SeqClassifier, Seq2SeqRegressor

__all__ = [
    "AttentionDisplay",
    "BacktestDisplay",
    "ForecastDisplay",
    "Forecaster",
    "LossCurveDisplay",
    "RNNClassifier",
    "RNNRegressor",
    "RowsToSequences",
    "Seq2SeqClassifier",
    "Seq2SeqRegressor",
    "SequencePadder",
    "SequencePatcher",
    "SequenceScaler",
    "SlidingWindow",
    "TokenEncoder",
    "cells",
    "flatten_steps",
    "interop",
    "neg_perplexity",
    "next_steps",
    "show_versions",
    "sliding_windows",
]

# Files name classes by where users find them, and so do lists of the types that users trust.
# `inspect` finds the source of their methods, not that of the classes.
for _name in __all__:
    if isinstance(globals()[_name], type):
        globals()[_name].__module__ = __name__
