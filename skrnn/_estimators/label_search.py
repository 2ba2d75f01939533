"""Likely labels of many sequences."""

import numpy as np

from .._engine.beam_search import BeamSearch
from .._validation.sequences import Sequences
from .chunks import Chunks
from .prediction import check_bounded, shorter_than


def search_in_chunks(
    search: BeamSearch, theta: np.ndarray, sequences: Sequences, n_jobs: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """The numbers (N, n, S) of labels, and the logarithms of their probabilities, likewise.

    S are the steps of the longest sequence that was found, its end included. Of others, what
    follows the end has the number after the last label, and 0.
    """
    topology, (N, T, _) = search.topology, sequences.X.shape
    chunks = Chunks(sequences, search.numbers(T))
    found: list[tuple] = []  # of each chunk, in any order

    def work(own, starts, stop):
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            for chunk in chunks.read(starts):
                if stop.is_set():
                    return
                options = {"missing": chunk.missing, "static": chunk.static}
                outputs = own.forward(theta, chunk.x, **options).outputs  # (S, 2n, B)
                check_bounded(outputs, topology, shorter_than(topology, T))
                found.append((chunk.rows, *np.split(outputs.transpose(2, 1, 0), 2, axis=1)))

    chunks.run(work, search, theta.size, n_jobs)
    shape = N, found[0][1].shape[1], max(labels.shape[2] for _, labels, _ in found)
    codes, log_p = np.full(shape, topology.start), np.zeros(shape, topology.dtype)
    for rows, labels, own in found:
        codes[rows, :, : labels.shape[2]] = labels
        log_p[rows, :, : labels.shape[2]] = own
    return codes, log_p
