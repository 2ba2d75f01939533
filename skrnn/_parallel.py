"""Large batches in two halves, each in a thread of its own."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ._batch import Batch
from ._network import Network

# Multiplications per step from which two halves in two threads beat one whole, and two
# halves in turn cost no more than it (benchmarks/README.md). The rule looks at the work
# alone, never at the machine: the bits of a fit don't depend on the number of cores.
_LARGE_STEP = 400_000


class SplitNetwork:
    """``loss_grad`` of a network, with large batches cut into two halves.

    The halves run side by side or in turn, and are summed in the same order.

    Parameters
    ----------
    network : Network
    n_threads : int
        The halves run side by side if this is 2 or more. BLAS should then be held to one
        thread: two threads that each wait for two others are slower than one.
    """

    def __init__(self, network: Network, n_threads: int):
        self._parts = [network, network.twin()]
        self._gradient = np.empty(network.layout.size, network.topology.dtype)  # (P,)
        self._n_used = 1
        self._pool = None
        if n_threads > 1:
            # a thread starts with NumPy's default error handling, not with its parent's
            self._pool = ThreadPoolExecutor(1, initializer=np.seterr, initargs=("ignore",))

    def close(self) -> None:
        """End the second thread."""
        if self._pool is not None:
            self._pool.shutdown()

    def loss_grad(self, theta: np.ndarray, batch: Batch, out: np.ndarray, state=None) -> float:
        """As `Network.loss_grad`."""
        B = batch.x.shape[-1]
        first, second = self._parts
        self._n_used = 2 if B > 1 and theta.size * B >= _LARGE_STEP else 1
        if self._n_used == 1:
            return first.loss_grad(theta, batch, out, state)
        left, right = slice(0, B // 2), slice(B // 2, B)
        states = [state and [[s[:, part] for s in own] for own in state] for part in (left, right)]
        other = theta, batch.columns(right), self._gradient, states[1]
        future = self._pool and self._pool.submit(second.loss_grad, *other)
        loss = first.loss_grad(theta, batch.columns(left), out, states[0])
        loss += future.result() if future else second.loss_grad(*other)
        out += self._gradient
        return loss

    def final_state(self) -> list[list[np.ndarray]]:
        """As `Network.final_state`."""
        parts = [network.final_state() for network in self._parts[: self._n_used]]
        return [
            [np.concatenate(halves, axis=1) for halves in zip(*own, strict=True)]
            for own in zip(*parts, strict=True)
        ]
