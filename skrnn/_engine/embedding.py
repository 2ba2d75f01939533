"""The embedding: a vector for each token, which the first layer reads."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from scipy.sparse import csc_array

from ..cells._weight_gradients import WeightGradient
from .topology import Topology


class Lookup(NamedTuple):
    """The gradient of an embedding W (V, U), of which step t of sequence b reads a row.

    As a `WeightGradient`, it sums what comes back to each token: the product of dL/dx and the
    one-hot code of the tokens, which is sparse.
    """

    d_vectors: np.ndarray  # (T, U, B)
    tokens: np.ndarray  # (T, B) int

    def add_total(self, out: np.ndarray) -> None:
        """Add the gradient to ``out`` (V, U), or (E, V, U) of E networks."""
        self._add(out, out.shape[0] if out.ndim > 2 else 1)

    def add_per_sequence(self, out: np.ndarray) -> None:
        """Add each sequence's gradient to ``out`` (B, V, U)."""
        self._add(out, self.tokens.shape[1])

    def _add(self, out, n_parts):
        """Add to ``out`` the gradient of each of ``n_parts`` equal parts of the sequences."""
        (T, B), (V, U) = self.tokens.shape, out.shape[-2:]
        part = np.arange(B) // (B // n_parts)
        rows = (self.tokens + part * V).ravel()
        one_hot = csc_array(
            (np.ones(T * B, out.dtype), rows, np.arange(T * B + 1)), shape=(n_parts * V, T * B)
        )
        out += (one_hot @ self.d_vectors.swapaxes(1, 2).reshape(T * B, U)).reshape(out.shape)


class Embedding:
    r"""The lookup :math:`x_t = W_e[k_t]` of the vector of token k at each step.

    Bengio et al., "A neural probabilistic language model", JMLR 3 (2003). At a missing step, which
    does nothing, it looks up token 0.

    Parameters
    ----------
    topology : Topology
        With tokens.
    """

    def __init__(self, topology: Topology):
        self._shape = topology.n_tokens, topology.embedding_size  # (V, U)

    def parameter_shapes(self) -> dict[str, tuple[int, int]]:
        """Names and shapes of the weights."""
        return {"embedding": self._shape}

    def initial_weights(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        """Vectors of mean 0 and variance 1, as other inputs should have them."""
        return {"embedding": rng.normal(size=self._shape)}

    @staticmethod
    def named_weights(views: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Views of the weights under their public names."""
        return {"embedding": views["embedding"]}

    @staticmethod
    def forward(views: Mapping[str, np.ndarray], tokens: np.ndarray) -> np.ndarray:
        """The vectors (T, U, B) of tokens (T, B), or (T, U, E*B) of those of E networks."""
        W = views["embedding"]
        if W.ndim == 2:
            return W[tokens].swapaxes(1, 2)
        vectors = W[:, tokens].transpose(1, 3, 0, 2)  # (T, U, E, B)
        return vectors.reshape(*vectors.shape[:2], -1)

    @staticmethod
    def weight_gradients(
        d_vectors: np.ndarray, tokens: np.ndarray
    ) -> Iterator[tuple[str, WeightGradient]]:
        """Each weight's gradient, from the derivatives (T, U, B) by what was looked up."""
        yield "embedding", Lookup(d_vectors, tokens)


def as_indices(x: np.ndarray) -> np.ndarray:
    """The tokens (T, B) in inputs x (T, 1, B)."""
    return x[:, 0].astype(np.intp)
