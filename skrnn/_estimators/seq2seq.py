"""What encoder-decoders for regression and classification share."""

from __future__ import annotations

from abc import abstractmethod
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from .._engine.encoder_decoder_topology import EncoderDecoderTopology
from .._engine.masking import time_first
from .._engine.predictor import Predictor
from .._engine.topology import Topology
from .._sklearn.fitted_copy import of_one_fit
from .._training.solvers import SOLVERS
from .._validation.sequences import Sequences, check_sequences
from .base import BaseRNN
from .network_parameters import make_topology, sizes_of
from .prediction import check_bounded

_WITHOUT = "bptt_steps", "washout"
_SOLVERS = {"auto", *(name for name, own in SOLVERS.items() if not own.uses_jacobian)}


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
            **self._labels_of(targets),
        )

    def _labels_of(self, targets: Any) -> dict[str, Any]:
        """The arguments of a topology whose decoder reads labels."""
        return {}

    @abstractmethod
    def _read_by_decoders(
        self, predictor: Predictor, sequences: Sequences
    ) -> tuple[list[np.ndarray], np.ndarray]:
        """What the decoder of each network reads in predictions, E times (S, J, N).

        And the number of steps (N,) that are written then.
        """

    @of_one_fit
    def attention_weights(self, X: ArrayLike) -> np.ndarray:
        """Where the decoder looks: the weight of each step of X at each step that is predicted.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `predict`. All weights are computed at once, so pass no more than a
            picture needs.

        Returns
        -------
        weights : ndarray of shape (n_samples, n_target_steps, n_steps)
            Those of the Notes, which add up to 1 over the last axis; 0 at missing steps. They are
            those of a prediction, where the decoder reads no target. Of an ensemble, the mean.
            Labels that end have steps as the longest of these predictions, its end included, and
            NaN after the end of each.

        Raises
        ------
        ValueError
            If X is malformed, the network has no attention, or its outputs grow beyond all bounds.

        See Also
        --------
        AttentionDisplay : Draw them.
        """
        check_is_fitted(self)
        if not self._topology.attention:
            raise ValueError(
                "attention=None has no weights to show: set attention='dot' and call fit again."
            )
        sequences = check_sequences(self, X, reset=False)
        given, predictor = given_of(sequences), Predictor(self._topology)
        networks = predictor.of_networks(self.parameters_)
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            read, n_written = self._read_by_decoders(predictor, sequences)
            found = [
                predictor.network.attention_weights(theta, inputs=inputs, **given)
                for theta, inputs in zip(networks, read, strict=True)
            ]
            weights = found[0] if len(found) == 1 else np.mean(found, axis=0)  # (N, S, T)
            check_bounded(weights, self._topology, "scale X, pass shorter sequences")
        weights = weights[:, : n_written.max()]
        weights[np.arange(weights.shape[1]) >= n_written[:, np.newaxis]] = np.nan
        return weights


def given_of(sequences: Sequences) -> dict[str, Any]:
    """The arguments of a network that reads all sequences at once."""
    mask, static = sequences.mask, sequences.static
    x, missing = time_first(sequences.X, None if mask.complete else mask.valid())
    return {"x": x, "missing": missing, "static": None if static is None else static.T}
