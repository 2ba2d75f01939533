"""Outputs of a fitted network, for many sequences."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .._engine.blocks import samples_per_block
from .._engine.predictor import Predictor
from .._engine.topology import Topology
from .._validation.numbers import all_finite
from .._validation.sequences import Sequences
from . import chunks
from .chunks import Chunks

# (outputs (B, S, K) of a chunk, its sequences, its steps) -> what is kept of them, (B, S, ...)
Reduce = Callable[[np.ndarray, Any, slice], np.ndarray]


def predict_in_chunks(
    predictor: Predictor,
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
    topology, (N, T, _) = predictor.topology, sequences.X.shape
    S, per_step = topology.output_steps(T), topology.per_step
    reduce = reduce or _all
    kept = reduce(np.zeros((1, 1, topology.n_outputs), topology.dtype), slice(1), slice(1))
    output = np.empty((N, S, *kept.shape[2:]), kept.dtype)
    final = np.empty((N, predictor.state_size), topology.dtype)
    # a chunk of sequences runs in chunks of steps, unless the network has to read all of them
    n_steps = T
    if topology.goes_on:
        numbers = min(N, chunks.CHUNK_SEQUENCES) * predictor.forward_rows
        n_steps = min(samples_per_block(numbers), T)
    # of steps that all sequences miss, one on either side stands for all
    parts = Chunks(sequences, predictor.numbers(n_steps), margin=per_step)

    def work(own, starts, stop):
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            for chunk in parts.read(starts):
                rows, span = chunk.rows, chunk.span
                carried: Any = None if state is None else state[rows].T
                for t in range(0, len(chunk.x), n_steps):
                    if stop.is_set():
                        return
                    part = slice(t, t + n_steps)
                    missing = None if chunk.missing is None else chunk.missing[part]
                    options = {"missing": missing, "state": carried, "static": chunk.static}
                    done = own.forward(theta, chunk.x[part], **options)
                    block, carried = done.outputs.transpose(2, 0, 1), done.final_state()
                    check_bounded(block, topology, shorter_than(topology, T))
                    first = span.start + t
                    steps = slice(first, first + block.shape[1]) if per_step else slice(None)
                    output[rows, steps] = reduce(block, rows, steps)
                final[rows] = carried.T
                if per_step:
                    output[rows, : span.start] = output[rows, span.start : span.start + 1]
                    output[rows, span.stop :] = output[rows, span.stop - 1 : span.stop]

    parts.run(work, predictor, theta.size, n_jobs)
    return output, final


def _all(outputs, rows, steps):
    return outputs


def shorter_than(topology: Topology, n_steps: int) -> str:
    """What keeps predictions of T steps bounded, for `check_bounded`."""
    scale = "" if topology.n_tokens else "scale X, "
    return f"{scale}predict on sequences shorter than {n_steps} steps"


def check_bounded(values: np.ndarray, topology: Topology, fix: str) -> None:
    """Raise ValueError if outputs, or what is predicted from them, are NaN or infinity."""
    if not all_finite(values):
        raise ValueError(
            f"The recurrence with activation={topology.activation!r}, or what is predicted from "
            f"it, grows beyond all bounds: {fix}, or use a bounded activation ('tanh', "
            "'logistic')."
        )
