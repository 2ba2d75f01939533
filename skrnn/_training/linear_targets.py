"""What a linear part predicts for all sequences of a data set."""

import numpy as np

from .._engine.linear_part import LinearPart
from .._engine.masking import time_first
from .dataset import SequenceData
from .ridge import LinearFit

_BLOCK_NUMBERS = 2**20  # of a block's inputs: 8 MB in float64


def linear_outputs(data: SequenceData, part: LinearPart, fit: LinearFit) -> np.ndarray:
    """The outputs (1+F, N, S, K) of the linear part, and of those without each of the F folds.

    They are for all N sequences, whether they belong to the set or not.
    """
    weights = np.concatenate([fit.weights[np.newaxis], fit.fold_weights.swapaxes(0, 1)])
    biases = np.concatenate([fit.bias[np.newaxis], fit.fold_biases.T])
    n_fits, K, _ = weights.shape
    N, T, D = data.X.shape
    S = T if data.per_step else 1
    outputs = np.empty((n_fits, N, S, K), data.y.dtype)
    size = max(1, _BLOCK_NUMBERS // (T * D + S * part.n_columns))
    for start in range(0, N, size):
        rows = slice(start, start + size)
        valid = None if data.mask.complete else data.mask.valid(rows)
        x, missing = time_first(data.X[rows], valid)
        static = None if data.static is None else data.static[rows].T
        if data.input_scale is not None:
            x = data.input_scale.inputs(x, missing)
            static = None if static is None else data.input_scale.covariates(static)
        inputs = part.lags(x, missing, S).operand
        if static is not None:
            inputs = np.concatenate([inputs, np.broadcast_to(static, (S, *static.shape))], axis=1)
        product = weights[:, np.newaxis] @ inputs + biases[:, np.newaxis, :, np.newaxis]
        outputs[:, rows] = product.transpose(0, 3, 1, 2)  # from (1+F, S, K, B)
    return outputs
