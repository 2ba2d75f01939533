"""Losses for classification, where each target is the number of its class, from 0."""

import numpy as np
from scipy.special import expit, softmax

from .losses import Loss


class CrossEntropy(Loss):
    r"""The negative logarithm of the probability of the true class, for K classes.

    .. math:: l = \log \sum_k e^{f_k} - f_y, \quad p_k = e^{f_k} / \sum_j e^{f_j}

    Bridle, "Probabilistic interpretation of feedforward classification network outputs",
    Neurocomputing 68 (1990). The penalty includes the readout, as the outputs of separable
    classes would grow without bound otherwise.
    """

    penalizes_readout = True
    constant_name = "the frequencies of the classes"

    def pointwise(self, output: np.ndarray, y: np.ndarray, out: np.ndarray) -> np.ndarray:
        steps, batch = np.arange(output.shape[-3])[:, np.newaxis], np.arange(output.shape[-1])
        true = (..., steps, y[:, 0].astype(np.intp), batch)  # of (S, K, B), one class each
        np.subtract(output, output.max(axis=-2, keepdims=True), out=out)
        value = -out[true][..., np.newaxis, :]
        np.exp(out, out=out)
        total = out.sum(axis=-2, keepdims=True)
        value += np.log(total)
        out /= total
        out[true] -= 1  # dl/df_k = p_k - [k = y]
        return value

    def scale_by_curvature(self, jacobian: np.ndarray, output: np.ndarray, y: np.ndarray) -> None:
        p = softmax(output, axis=-2)[..., np.newaxis]  # (S, K, B, 1)
        # R = diag(√p) (I - 1 p^T), as R^T R = diag(p) - p p^T
        jacobian -= (p * jacobian).sum(axis=1, keepdims=True)
        jacobian *= np.sqrt(p)

    def best_constant(self, y: np.ndarray, weight: np.ndarray, n_outputs: int) -> np.ndarray:
        """Logarithms (K,) of the frequencies of the classes among targets (1, 1, M)."""
        return np.log(_frequencies(y, weight, n_outputs))

    def log_probabilities(self, output: np.ndarray) -> np.ndarray:
        """Logarithms of the class probabilities, from outputs (..., K)."""
        log_p = output - output.max(axis=-1, keepdims=True)
        log_p -= np.log(np.exp(log_p).sum(axis=-1, keepdims=True))
        return np.maximum(log_p, np.finfo(output.dtype).min, out=log_p)

    def scores(self, output: np.ndarray) -> np.ndarray:
        """Logarithms of the class probabilities up to a constant, from outputs (..., K)."""
        return output

    def likeliest(self, output: np.ndarray) -> np.ndarray:
        """Number of the most likely class, from outputs (..., K)."""
        return output.argmax(axis=-1)


class BinaryCrossEntropy(Loss):
    r"""Cross-entropy of two classes; the one output f is the log-odds of class 1.

    .. math:: l = \log(1 + e^f) - y f, \quad p = 1 / (1 + e^{-f})
    """

    penalizes_readout = True
    constant_name = "the frequencies of the classes"

    def pointwise(self, output: np.ndarray, y: np.ndarray, out: np.ndarray) -> np.ndarray:
        value = np.logaddexp(0, output) - y * output
        np.subtract(expit(output), y, out=out)
        return value

    def curvature(self, output: np.ndarray, y: np.ndarray) -> np.ndarray:
        return expit(output) * expit(-output)

    def log_probabilities(self, output: np.ndarray) -> np.ndarray:
        """Logarithms of the two class probabilities (..., 2), from outputs (..., 1)."""
        return -np.logaddexp(0, np.concatenate([output, -output], axis=-1))

    def scores(self, output: np.ndarray) -> np.ndarray:
        """Logarithms of the two probabilities up to a constant (..., 2), from outputs (..., 1)."""
        return np.concatenate([np.zeros_like(output), output], axis=-1)

    def likeliest(self, output: np.ndarray) -> np.ndarray:
        """Number of the more likely class, from outputs (..., 1)."""
        return (output[..., 0] > 0).astype(int)

    def best_constant(self, y: np.ndarray, weight: np.ndarray, n_outputs: int) -> np.ndarray:
        """Log-odds (K,) of class 1 among targets (1, K, M)."""
        outputs = [slice(k, k + 1) for k in range(n_outputs)]
        of_classes = [np.log(_frequencies(y[:, k], weight[:, k], 2)) for k in outputs]
        return np.array([on - off for off, on in of_classes])


class MultilabelCrossEntropy(BinaryCrossEntropy):
    r"""Binary cross-entropy of K labels that are on or off each for itself, with K outputs.

    .. math:: l_k = \log(1 + e^{f_k}) - y_k f_k, \quad p_k = 1 / (1 + e^{-f_k})

    Tsoumakas and Katakis, "Multi-label classification: an overview", Int. J. Data Warehousing and
    Mining 3 (2007), call this binary relevance; here, the labels share one network.
    """

    constant_name = "the frequencies of the labels"

    def log_probabilities(self, output: np.ndarray) -> np.ndarray:
        """Logarithms of the probabilities (..., K) that labels are on, from outputs (..., K)."""
        return -np.logaddexp(0, -output)

    def likeliest(self, output: np.ndarray) -> np.ndarray:
        """1 where a label is more likely on than off, from outputs (..., K)."""
        return (output > 0).astype(int)


def _frequencies(y, weight, n_classes):
    """Frequencies (n_classes,) of classes, of which none is less than half of one target in all."""
    known = weight[0, 0] > 0
    counts = np.bincount(y[0, 0, known].astype(int), weight[0, 0, known], minlength=n_classes)
    frequencies = counts / counts.sum()
    return np.maximum(frequencies, 0.5 / max(1, known.sum()))
