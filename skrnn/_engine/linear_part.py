"""The linear part of a prediction: what the last inputs add to the network's outputs."""

from collections.abc import Mapping

import numpy as np

from .topology import Topology


class LinearPart:
    r"""A linear map of the inputs of the last L valid steps, and of the static covariates.

    .. math:: \hat y_t \mathrel{+}= \sum_{k=0}^{L-1} A_k x_{t-k} + A_s x_s + b

    It is the autoregressive component of LSTNet (Lai et al., "Modeling long- and short-term
    temporal patterns with deep neural networks", SIGIR 2018). Steps before the first valid one
    count as equal to it. All inputs of a sequence without valid steps count as 0.

    Parameters
    ----------
    topology : Topology

    Attributes
    ----------
    n_steps, n_columns : int
        L, and L*D: the inputs that it reads.
    state_size : int
        Rows of the state: the last inputs (L*D), whether the sequence has begun (1), and what the
        static covariates add (K), if there are any.
    """

    def __init__(self, topology: Topology):
        self._topology = topology
        self.n_steps = topology.linear_steps
        self.n_columns = self.n_steps * topology.n_inputs
        self.state_size = self.n_columns + 1 + (topology.n_outputs if topology.n_static else 0)

    @staticmethod
    def parameter_shapes(topology: Topology) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the weights."""
        K, M = topology.n_outputs, topology.n_static
        shapes: dict[str, tuple[int, ...]] = {
            "linear": (K, topology.linear_steps * topology.n_inputs),
            "linear/bias": (K,),
        }
        return shapes | ({"linear/static": (K, M)} if M else {})

    @staticmethod
    def named_weights(topology: Topology, views: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Views of the weights under their public names."""
        K, L, D = topology.n_outputs, topology.linear_steps, topology.n_inputs
        named = {"linear.input": views["linear"].reshape(K, L, D)}
        if topology.n_static:
            named["linear.static"] = views["linear/static"]
        return named | {"linear.bias": views["linear/bias"]}

    def initial_state(
        self, views: Mapping[str, np.ndarray], static: np.ndarray | None, n_sequences: int
    ) -> np.ndarray:
        """The state of sequences with ``static`` covariates (M, B) before their first step."""
        state = np.zeros((self.state_size, n_sequences), self._topology.dtype)
        if static is not None and self._topology.n_static:
            state[self.n_columns + 1 :] = views["linear/static"] @ static
        return state

    def forward(
        self,
        views: Mapping[str, np.ndarray],
        x: np.ndarray,
        missing: np.ndarray | None,
        state: np.ndarray,
        y: np.ndarray,
    ) -> np.ndarray:
        """Add to the outputs y (S, K, B) of the last S steps; return the final state (rows, B).

        ``x`` is (T, D, B), and 0 at ``missing`` steps (T, B).
        """
        F = self.n_columns
        operand, begun = self._lags(x, missing, len(y), state[:F], state[F] > 0)
        y += np.matmul(views["linear"], operand)
        y += views["linear/bias"][:, np.newaxis]
        if self._topology.n_static:
            y += state[F + 1 :]
        return np.concatenate([operand[-1], begun[np.newaxis], state[F + 1 :]])

    def inputs(
        self, x: np.ndarray, missing: np.ndarray | None, static: np.ndarray | None, n_outputs: int
    ) -> np.ndarray:
        """What the weights multiply (S, L*D+M, B), for sequences from their first step on."""
        operand, _ = self._lags(x, missing, n_outputs)
        if static is None:
            return operand
        covariates = np.broadcast_to(static, (n_outputs, *static.shape))
        return np.concatenate([operand, covariates], axis=1)

    def _lags(
        self,
        x: np.ndarray,
        missing: np.ndarray | None,
        n_outputs: int,
        history: np.ndarray | None = None,
        begun: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """The inputs (S, L*D, B) of the last L valid steps at each of the last S = ``n_outputs``.

        The oldest comes first. Also returns which sequences have begun by then, (B,). ``history``
        (L*D, B) and ``begun`` (B,) are those after the steps before; None: there are none.
        """
        T, D, B = x.shape
        L, S = self.n_steps, n_outputs
        if begun is None:
            begun = np.zeros(B, bool)
        if missing is None:
            begin = np.ones(B, bool)
        else:
            order = np.argsort(missing, axis=0, kind="stable")[:, np.newaxis]
            x = np.take_along_axis(x, order, axis=0)
            counts = np.cumsum(~missing, axis=0)
            begin = counts[-1] > 0
        series = np.zeros((L + T, D, B), x.dtype)  # the history, then the valid steps
        if history is not None:
            series[:L] = history.reshape(L, D, B)
        series[L:] = x
        new = begin & ~begun
        if new.any():
            series[:L, :, new] = series[L, :, new].T
        if missing is None and S == 1:
            operand = series[T:].reshape(1, L * D, B)
        elif missing is None:
            windows = np.lib.stride_tricks.sliding_window_view(series, L, axis=0)  # (T+1, D, B, L)
            operand = windows[T + 1 - S :].transpose(0, 3, 1, 2).reshape(S, L * D, B)
        else:
            n_valid = counts[T - S :]  # (S, B)
            index = n_valid[:, np.newaxis] + np.arange(L)[:, np.newaxis]  # (S, L, B)
            operand = series[index, :, np.arange(B)]  # (S, L, B, D)
            operand = operand.transpose(0, 1, 3, 2).reshape(S, L * D, B)
            operand[np.broadcast_to(((n_valid == 0) & ~begun)[:, np.newaxis], operand.shape)] = 0
        return operand, begun | begin
