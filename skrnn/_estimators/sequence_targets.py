"""Targets of an encoder-decoder for regression: sequences of numbers."""

from typing import Any

import numpy as np

from .._validation.sequences import Sequences
from .._validation.target_sequences import check_sequence_weights, check_target_sequences
from .regression_targets import (
    RegressionTargets,
    for_each_quantile,
    lists_quantiles,
    make_loss,
    scaling_of,
)


class SequenceTargets(RegressionTargets):
    """Targets (N, S, K) of S steps that aren't those of X; see `RegressionTargets`."""

    def decoder_inputs(self) -> np.ndarray:
        """The targets one step late, and 0 at first and after the end, (N, S, J)."""
        J = 1 if self.loss.shares_target else self.n_outputs
        inputs = np.zeros_like(self.values[..., :J])
        inputs[:, 1:] = np.nan_to_num(self.values[:, :-1, :J])
        return inputs

    def of_validation(
        self, estimator: Any, y: Any, sequences: Sequences, sample_weight: Any
    ) -> "SequenceTargets":
        """Check the targets of a validation set."""
        return sequence_targets(estimator, y, sequences, sample_weight)


def sequence_targets(
    estimator: Any, y: Any, sequences: Sequences, sample_weight: Any
) -> SequenceTargets:
    """Check the targets and weights of sequences, and return them with their loss."""
    y, ndim = check_target_sequences(estimator, y, sequences)
    loss, is_list = make_loss(estimator), lists_quantiles(estimator)
    loss.check(y)
    if is_list:
        y, ndim = for_each_quantile(loss, y), min(ndim + 1, 3)
    values, normalize = y.copy(), bool(estimator.normalize_y)
    values[sequences.mask.lengths == 0] = np.nan
    return SequenceTargets(
        values,
        check_sequence_weights(sample_weight, sequences),
        per_step=False,
        n_outputs=values.shape[2],
        strata=None,
        loss=loss,
        y_ndim=ndim,
        lists_quantiles=is_list,
        normalize=normalize,
        scaling=scaling_of(loss, normalize),
    )
