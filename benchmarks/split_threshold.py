"""From how much work per step two halves of a batch in two threads beat the whole in one.

Run ``python benchmarks/split_threshold.py``, under a minute. It prints a Markdown table of
the gradient's time for growing networks, and is where ``_LARGE_STEP`` in
``skrnn/_parallel.py`` comes from.
"""

import time

import numpy as np
from _tools import Job, machine, skrnn_network
from threadpoolctl import threadpool_limits

import skrnn._parallel

SIZES = {  # H, B
    "Elman": [(16, 64), (32, 64), (32, 128), (64, 64), (64, 128), (128, 64), (128, 128)],
    "LSTM": [(16, 32), (16, 64), (32, 32), (16, 128), (32, 64), (64, 32), (32, 128), (64, 64)],
    "GRU": [(16, 64), (32, 32), (32, 64), (64, 32), (32, 128), (64, 64)],
}
T, D = 100, 8
SECONDS = 2.0  # for a row


def microseconds(functions):
    """The fastest call of each; they take turns."""
    best = [np.inf] * len(functions)
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        for i, function in enumerate(functions):
            start = time.perf_counter()
            function()
            best[i] = min(best[i], time.perf_counter() - start)
    return [1e6 * seconds for seconds in best]


def gradient(job, threshold, n_threads):
    """A function that computes the job's gradient, cut into halves from a threshold on."""
    network, theta, batch = skrnn_network(job)
    split = skrnn._parallel.SplitNetwork(network, n_threads)
    out = np.empty_like(theta)

    def run():
        skrnn._parallel._LARGE_STEP = threshold
        split.loss_grad(theta, batch, out)

    return run


def main():
    print(machine(), "\n")
    header = ["cell", "H", "B", "weights × B", "whole, µs", "halves in turn"]
    print("|", " | ".join([*header, "halves side by side", "gain"]), "|")
    print("|---" * 8 + "|")
    for cell, sizes in SIZES.items():
        for H, B in sizes:
            job = Job(cell, H, T, D, B)
            P = skrnn_network(job)[1].size
            ways = [(np.inf, 1), (0, 1), (0, 2)]
            with threadpool_limits(1, "blas"):
                times = microseconds([gradient(job, *way) for way in ways])
            cells = [cell, H, B, f"{P * B:,}", *(f"{t:,.0f}" for t in times)]
            print("|", " | ".join(map(str, cells)), f"| {times[0] / times[2]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
