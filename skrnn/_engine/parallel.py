"""Large batches in two halves, each with its own thread."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .background import run_at_once
from .batch import Batch
from .network import Network

# Multiplications per step from which a second thread pays: of one gate of every layer, for the
# work beside the time loops; of one gate of the mean layer, for a half of the batch of its own.
# Two time loops at once wait for each other's Python, unless NumPy's calls are long
# (benchmarks/README.md). The rule depends on the work alone, never on the machine, and so do the
# bits of a fit.
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
        self._pool = None
        if n_threads > 1:
            # a thread starts with NumPy's default error handling, not with its parent's
            self._pool = ThreadPoolExecutor(1, initializer=np.seterr, initargs=("ignore",))

    def close(self) -> None:
        """End the second thread."""
        if self._pool is not None:
            self._pool.shutdown()

    def loss_grad(
        self, theta: np.ndarray, batch: Batch, out: np.ndarray, state: np.ndarray | None = None
    ) -> tuple[float | np.ndarray, np.ndarray]:
        """As `Network.loss_grad`; several networks are run by one thread."""
        whole, twin = self._parts
        if theta.size > theta.shape[-1]:
            return whole.loss_grad(theta, batch, out, state)
        B = batch.x.shape[-1]
        work = sum(whole.step_work) * B
        pays = work >= _LARGE_STEP or whole.is_wide(batch.y)
        submit = self._pool.submit if self._pool and pays else run_at_once
        if B == 1 or work < _HUGE_STEP * len(whole.step_work):
            return whole.loss_grad(theta, batch, out, state, submit)

        def half(network, part, gradient):
            own = None if state is None else state[:, part]
            return network.loss_grad(theta, batch.columns(part), gradient, own)

        other = submit(half, twin, slice(B // 2, B), self._gradient.reshape(out.shape))
        left = half(whole, slice(0, B // 2), out)
        right = other.result()
        out += self._gradient
        return left[0] + right[0], np.concatenate([left[1], right[1]], axis=1)
