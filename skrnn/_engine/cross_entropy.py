"""Losses of classification, with the class of each target as one number from 0 on."""

import numpy as np
from scipy.special import expit, log_softmax, softmax

from .losses import Loss


class CrossEntropy(Loss):
    r"""The negative logarithm of the true class's probability, among K.

    .. math:: l = \log \sum_k e^{f_k} - f_y, \quad p_k = e^{f_k} / \sum_j e^{f_j}

    Bridle, "Probabilistic interpretation of feedforward classification network outputs",
    Neurocomputing 68 (1990). The penalty includes the readout: without it, outputs of classes
    that can be told apart would grow for ever.
    """

    penalizes_readout = True

    def pointwise(self, output, y, out):
        f = output - output.max(axis=-2, keepdims=True)
        chosen = np.arange(f.shape[-2])[:, np.newaxis] == y  # (S, K, B)
        value = -np.add.reduce(f, axis=-2, keepdims=True, where=chosen)
        np.exp(f, out=out)
        total = out.sum(axis=-2, keepdims=True)
        value += np.log(total)
        out /= total
        out -= chosen  # dl/df_k = p_k - [k = y]
        return value

    def scale_by_curvature(self, jacobian, output, y):
        p = softmax(output, axis=-2)[..., np.newaxis]  # (S, K, B, 1)
        # R = diag(√p) (I - 1 p^T), as R^T R = diag(p) - p p^T
        jacobian -= (p * jacobian).sum(axis=1, keepdims=True)
        jacobian *= np.sqrt(p)

    def log_probabilities(self, output: np.ndarray) -> np.ndarray:
        """Logarithms of the classes' probabilities, from outputs (..., K)."""
        return np.maximum(log_softmax(output, axis=-1), np.finfo(output.dtype).min)

    def likeliest(self, output: np.ndarray) -> np.ndarray:
        """The number of the likeliest class, from outputs (..., K)."""
        return output.argmax(axis=-1)


class BinaryCrossEntropy(Loss):
    r"""The same of two classes, from one output: the log-odds of class 1.

    .. math:: l = \log(1 + e^f) - y f, \quad p = 1 / (1 + e^{-f})
    """

    penalizes_readout = True

    def pointwise(self, output, y, out):
        value = np.logaddexp(0, output) - y * output
        np.subtract(expit(output), y, out=out)
        return value

    def curvature(self, output, y):
        return expit(output) * expit(-output)

    def log_probabilities(self, output: np.ndarray) -> np.ndarray:
        """Logarithms of both classes' probabilities (..., 2), from outputs (..., 1)."""
        return -np.logaddexp(0, np.concatenate([output, -output], axis=-1))

    def likeliest(self, output: np.ndarray) -> np.ndarray:
        """The number of the likelier class, from outputs (..., 1)."""
        return (output[..., 0] > 0).astype(int)
