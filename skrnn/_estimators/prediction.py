"""Outputs of a fitted network, for many sequences."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from .._engine.masking import extents, time_first
from .._engine.network import Network
from .._engine.topology import Topology
from .threads import threads_of

_CHUNK_NUMBERS = 2**20  # of a chunk's tape: 8 MB in float64, half of that in float32
_CHUNK_SEQUENCES = 512  # more don't make NumPy's calls cheaper
_LARGE = 100_000_000  # multiplications from which a second thread is worth its start


def predict_in_chunks(
    topology: Topology, theta: np.ndarray, sequences: Any, n_jobs: int | None
) -> np.ndarray:
    """Outputs (N, S, K) of X (N, T, D) with facts (N, M), in the network's own scale.

    Chunks are of similar length, and no longer than that. They don't depend on the number of
    threads, so that the bits don't either.
    """
    X, static = sequences.X, sequences.static
    network = Network(topology)
    N, T, _ = X.shape
    S = T if topology.per_step else 1
    output = np.empty((N, S, topology.n_outputs), topology.dtype)
    # a chunk of sequences runs in chunks of steps, unless it has to be read from its end, too
    n_steps = T
    if not topology.bidirectional:
        n_steps = int(np.clip(_CHUNK_NUMBERS // (_CHUNK_SEQUENCES * network.forward_rows), 1, T))
    size = int(np.clip(_CHUNK_NUMBERS // (n_steps * network.forward_rows), 1, _CHUNK_SEQUENCES))
    lengths, begin, end = extents(X)
    ragged = (lengths != T).any()
    order = np.argsort(lengths, kind="stable") if ragged else None
    starts = range(0, N, size)

    stop = threading.Event()  # an interrupt, or a failure of the other half

    def run(own, some):
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            for start in some:
                rows = slice(start, start + size)
                rows = order[rows] if ragged else rows  # windows of a series aren't copied
                facts = None if static is None else static[rows].T
                # of the steps that all skip, one on either side is like all of them
                first = max(0, int(begin[rows].min()) - (S > 1))
                last = min(T, int(end[rows].max()) + (S > 1))
                x, skip = time_first(X[rows, first:last])
                state = None
                for t in range(0, last - first, n_steps):
                    if stop.is_set():
                        return
                    part = slice(t, t + n_steps)
                    own_skip = None if skip is None else skip[part]
                    block = own.predict(theta, x[part], own_skip, state, facts)
                    state = own.final_state()
                    steps = slice(first + t, first + t + len(block)) if S > 1 else slice(None)
                    output[rows, steps] = block.transpose(2, 0, 1)
                if S > 1:
                    output[rows, :first] = output[rows, first : first + 1]
                    output[rows, last:] = output[rows, last - 1 : last]

    if len(starts) == 1 or N * T * theta.size < _LARGE:
        run(network, starts)
    else:
        with threads_of(n_jobs) as n_threads:
            if n_threads == 1:
                run(network, starts)
            else:
                with ThreadPoolExecutor(1) as pool:
                    other = pool.submit(run, network.twin(), starts[1::2])
                    try:
                        run(network, starts[::2])
                        other.result()
                    finally:
                        stop.set()
    if not np.isfinite(output).all():
        raise ValueError(
            f"The recurrence with activation={topology.activation!r} grows beyond all bounds on "
            f"sequences of {T} steps. Scale X, predict on shorter sequences, or use a bounded "
            "activation ('tanh', 'logistic')."
        )
    return output
