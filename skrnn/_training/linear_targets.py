"""What a linear part predicts for all sequences of a data set."""

import numpy as np

from .._engine.blocks import blocks
from .._engine.linear_part import LinearPart
from .._engine.masking import time_first
from .dataset import SequenceData


def linear_outputs(
    data: SequenceData, part: LinearPart, weights: np.ndarray, biases: np.ndarray
) -> np.ndarray:
    """The outputs (F, N, S, K) for F times the weights (F, K, L*D+M) and biases (F, K).

    They are for all N sequences, whether they belong to the set or not.
    """
    n_fits, K, _ = weights.shape
    N, T, D = data.X.shape
    S = T if data.per_step else 1
    outputs = np.empty((n_fits, N, S, K), data.y.dtype)
    for rows in blocks(N, T * D + S * part.n_columns):
        valid = None if data.mask.complete else data.mask.valid(rows)
        x, missing = time_first(data.X[rows], valid)
        static = None if data.static is None else data.static[rows].T
        if data.input_scale is not None:
            x, static = data.input_scale.both(x, missing, static)
        inputs = part.inputs(x, missing, static, S)
        product = weights[:, np.newaxis] @ inputs + biases[:, np.newaxis, :, np.newaxis]
        outputs[:, rows] = product.transpose(0, 3, 1, 2)  # from (F, S, K, B)
    return outputs
