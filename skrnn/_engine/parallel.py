"""Large batches in two halves, each in a thread of its own."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .background import run_at_once
from .batch import Batch
from .network import Network

# Multiplications per step from which a second thread pays: of one gate of every layer, for the
# work beside the time loops; of one gate of the mean layer, for a half of the batch of its own.
# Two loops side by side wait for each other's Python, unless NumPy's calls are long
# (benchmarks/README.md). The rule looks at the work alone, never at the machine: the bits of a
# fit don't depend on the number of cores.
_LARGE_STEP = 100_000
_HUGE_STEP = 550_000


class SplitNetwork:
    """``loss_grad`` of a network, with large batches shared by two threads.

    With one thread the same parts run in turn, and are summed in the same order.

    Parameters
    ----------
    network : Network
    n_threads : int
        A second thread helps if this is 2 or more. BLAS should then be held to one thread:
        two threads that each wait for two others are slower than one.
    """

    def __init__(self, network: Network, n_threads: int):
        self._parts = [network, network.twin()]
        self._gradient = np.empty(network.layout.size, network.topology.dtype)  # (P,)
        cells = [direction.cell for direction in network.directions]
        self._gates = [c.hidden_size * (c.n_inputs + 1 + c.recurrent_size) for c in cells]
        self._n_used = 1
        self._pool = None
        if n_threads > 1:
            # a thread starts with NumPy's default error handling, not with its parent's
            self._pool = ThreadPoolExecutor(1, initializer=np.seterr, initargs=("ignore",))

    def close(self) -> None:
        """End the second thread."""
        if self._pool is not None:
            self._pool.shutdown()

    def loss_grad(
        self, theta: np.ndarray, batch: Batch, out: np.ndarray, state=None
    ) -> float | np.ndarray:
        """As `Network.loss_grad`; several nets are run by one thread."""
        if theta.size > theta.shape[-1]:
            self._n_used = 1
            return self._parts[0].loss_grad(theta, batch, out, state)
        B = batch.x.shape[-1]
        work = sum(self._gates) * B
        submit = self._pool.submit if self._pool and work >= _LARGE_STEP else run_at_once
        self._n_used = 2 if B > 1 and work >= _HUGE_STEP * len(self._gates) else 1
        if self._n_used == 1:
            return self._parts[0].loss_grad(theta, batch, out, state, submit)
        left, right = slice(0, B // 2), slice(B // 2, B)
        states = [state and [[s[:, part] for s in own] for own in state] for part in (left, right)]
        losses = [0.0, 0.0]

        def half(i, part, gradient):
            losses[i] = self._parts[i].loss_grad(theta, batch.columns(part), gradient, states[i])

        other = submit(half, 1, right, self._gradient.reshape(out.shape))
        half(0, left, out)
        other.result()
        out += self._gradient
        return sum(losses)

    def final_state(self) -> list[list[np.ndarray]]:
        """As `Network.final_state`."""
        parts = [network.final_state() for network in self._parts[: self._n_used]]
        return [
            [np.concatenate(halves, axis=1) for halves in zip(*own, strict=True)]
            for own in zip(*parts, strict=True)
        ]
