"""What encoder-decoders for regression and classification share."""

from __future__ import annotations

from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions

from .._engine.encoder_decoder_topology import EncoderDecoderTopology
from .._engine.predictor import Predictor
from .._engine.topology import Topology
from .._training.solvers import SOLVERS
from .._validation.sequences import Sequences
from .base import BaseRNN
from .network_parameters import make_topology, sizes_of

_WITHOUT = "bptt_steps", "washout", "embedding_size", "n_tokens"  # of the steps of X
_SOLVERS = {"auto", *SOLVERS} - {"lm"}  # which needs derivatives of each output


class BaseSeq2Seq(BaseRNN):
    """A `BaseRNN` whose network is an encoder and a decoder."""

    _reads_static_alone = True
    _topology: EncoderDecoderTopology

    _parameter_constraints: dict = {
        **{k: v for k, v in BaseRNN._parameter_constraints.items() if k not in _WITHOUT},
        "attention": [StrOptions({"dot"}), None],
        "teacher_forcing": [Interval(Real, 0, 1, closed="both")],
        "solver": [StrOptions(_SOLVERS)],
        "alpha": [Interval(Real, 0, None, closed="left")],
    }

    def _make_topology(
        self, sequences: Sequences, targets: Any, before: Topology | None
    ) -> Topology:
        estimator: Any = self
        inputs, n_steps = targets.decoder_inputs(), targets.values.shape[1]
        assert inputs is not None
        if isinstance(before, EncoderDecoderTopology):
            n_steps = max(n_steps, before.n_steps)
        return make_topology(
            self,
            **sizes_of(self._input_layout, sequences, targets),
            kind=EncoderDecoderTopology,
            attention=estimator.attention is not None,
            teacher_forcing=float(estimator.teacher_forcing),
            n_steps=n_steps,
            n_fed_back=inputs.shape[2],
            feedback=targets.loss,
        )

    def _free_run(self, X: ArrayLike, n_steps: int = 0) -> tuple[np.ndarray, Sequences]:
        """The network's outputs (N, S, K), of so many steps at least, and checked sequences."""
        own, predictor = getattr(self, "_topology", None), None
        if own is not None and n_steps > own.n_steps:
            predictor = Predictor(replace(own, n_steps=n_steps))
        output, _, sequences = self._run(X, None, predictor=predictor)
        return output, sequences
