"""Outputs of a fitted network, for many sequences."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from .._engine.beam_search import BeamSearch
from .._engine.masking import time_first
from .._engine.predictor import Predictor
from .._engine.topology import Topology
from .._validation.sequences import Sequences
from .blas_threads import same_bits, threads_of

# (outputs (B, S, K) of a chunk, its sequences, its steps) -> what is kept of them, (B, S, ...)
Reduce = Callable[[np.ndarray, Any, slice], np.ndarray]

_CHUNK_NUMBERS = 2**20  # of a chunk's tape: 8 MB in float64, half of that in float32
_CHUNK_SEQUENCES = 512  # more don't make NumPy's calls cheaper
_LARGE = 100_000_000  # multiplications from which a second thread is worth its start


def predict_in_chunks(
    predictor: Predictor | BeamSearch,
    theta: np.ndarray,
    sequences: Sequences,
    n_jobs: int | None,
    state: np.ndarray | None = None,
    reduce: Reduce | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return outputs (N, S, K) in the network's own scale, and the final states (N, R).

    With ``reduce``, only what it returns of them is kept: all outputs of many classes may be more
    than the memory holds. ``state`` (N, R) is the initial state; None starts the sequences. Chunks
    hold sequences of similar length. They don't depend on the number of threads, so that the bits
    don't either.
    """
    X, mask, static, topology = sequences.X, sequences.mask, sequences.static, predictor.topology
    N, T, _ = X.shape
    S, per_step = topology.output_steps(T), topology.per_step
    scale = "" if topology.n_tokens else "scale X, "
    fix = f"{scale}predict on sequences shorter than {T} steps"
    reduce = reduce or _all
    kept = reduce(np.zeros((1, 1, predictor.output_rows), topology.dtype), slice(1), slice(1))
    output = np.empty((N, S, *kept.shape[2:]), kept.dtype)
    final = np.empty((N, predictor.state_size), topology.dtype)
    # a chunk of sequences runs in chunks of steps, unless the network has to read all of them
    n_steps = T
    if topology.goes_on:
        fits = _CHUNK_NUMBERS // (min(N, _CHUNK_SEQUENCES) * predictor.forward_rows)
        n_steps = min(max(fits, 1), T)
    numbers = max(n_steps, 1 if per_step else S) * predictor.forward_rows  # of a sequence
    size = min(max(_CHUNK_NUMBERS // numbers, 1), _CHUNK_SEQUENCES)
    order = None if mask.complete else np.argsort(mask.lengths, kind="stable")
    starts = range(0, N, size)

    stop = threading.Event()  # set by an interrupt, or a failure of the other half

    def run(own, some):
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            for start in some:
                rows: Any = slice(start, start + size)
                rows = rows if order is None else order[rows]  # windows of a series aren't copied
                covariates = None if static is None else static[rows].T
                span, valid = slice(0, T), None
                if not mask.complete:
                    # of steps that all sequences miss, one on either side stands for all
                    span = mask.span(rows)
                    span = slice(max(0, span.start - per_step), min(T, span.stop + per_step))
                    valid = mask.valid(rows, span)
                x, missing = time_first(X[rows, span], valid)
                carried: Any = None if state is None else state[rows].T
                for t in range(0, len(x), n_steps):
                    if stop.is_set():
                        return
                    part = slice(t, t + n_steps)
                    own_missing = None if missing is None else missing[part]
                    options = {"missing": own_missing, "state": carried, "static": covariates}
                    done = own.forward(theta, x[part], **options)
                    block, carried = done.outputs.transpose(2, 0, 1), done.final_state()
                    check_bounded(block, topology, fix)
                    first = span.start + t
                    steps = slice(first, first + block.shape[1]) if per_step else slice(None)
                    output[rows, steps] = reduce(block, rows, steps)
                final[rows] = carried.T
                if per_step:
                    output[rows, : span.start] = output[rows, span.start : span.start + 1]
                    output[rows, span.stop :] = output[rows, span.stop - 1 : span.stop]

    if len(starts) == 1 or N * T * theta.size < _LARGE:
        with same_bits(min(N, size) * theta.size):
            run(predictor, starts)
    else:
        with threads_of(n_jobs) as n_threads:
            if n_threads == 1:
                run(predictor, starts)
            else:
                with ThreadPoolExecutor(1) as pool:
                    other = pool.submit(run, predictor.twin(), starts[1::2])
                    try:
                        run(predictor, starts[::2])
                        other.result()
                    finally:
                        stop.set()
    return output, final


def _all(outputs, rows, steps):
    return outputs


def check_bounded(values: np.ndarray, topology: Topology, fix: str) -> None:
    """Raise ValueError if outputs, or what is predicted from them, are NaN or infinity."""
    if not np.isfinite(values).all():
        raise ValueError(
            f"The recurrence with activation={topology.activation!r}, or what is predicted from "
            f"it, grows beyond all bounds: {fix}, or use a bounded activation ('tanh', "
            "'logistic')."
        )
