"""What a second thread gains: it works beside the time loops, or on half of the batch.

Run ``python benchmarks/second_thread.py``, under a minute. It prints a Markdown table of the
gradient's time for growing networks, and is where ``_LARGE_STEP`` and ``_HUGE_STEP`` in
``skrnn/_engine/parallel.py`` come from.
"""

import time

import numpy as np
from _tools import Job, machine, skrnn_network
from threadpoolctl import threadpool_limits

import skrnn._engine.parallel

SIZES = {  # H, B
    "Elman": [(32, 32), (32, 64), (64, 64), (64, 128), (128, 64), (128, 128)],
    "LSTM": [(16, 64), (32, 32), (32, 64), (64, 64), (64, 128), (128, 64), (128, 128)],
    "GRU": [(16, 64), (32, 32), (32, 64), (64, 64), (64, 128), (128, 64)],
}
T, D = 100, 8
SECONDS = 2.0  # for a row
WAYS = {  # _LARGE_STEP, _HUGE_STEP, threads
    "one thread": (np.inf, np.inf, 1),
    "beside the loops": (0, np.inf, 2),
    "halves": (0, 0, 2),
}


def milliseconds(functions):
    """The median call of each; they take turns."""
    times = [[] for _ in functions]
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        for own, function in zip(times, functions, strict=True):
            start = time.perf_counter()
            function()
            own.append(time.perf_counter() - start)
    return [1e3 * np.median(own) for own in times]


def gradient(job, large, huge, n_threads):
    """A function that computes the job's gradient by these rules."""
    network, theta, batch = skrnn_network(job)
    split = skrnn._engine.parallel.SplitNetwork(network, n_threads)
    out = np.empty_like(theta)

    def run():
        skrnn._engine.parallel._LARGE_STEP, skrnn._engine.parallel._HUGE_STEP = large, huge
        split.loss_grad(theta, batch, out)

    return run


def main():
    print(machine(), "\n\nMilliseconds; in brackets, the gain.\n")
    print("|", " | ".join(["cell", "H", "B", "multiplications of a gate", *WAYS]), "|")
    print("|---" * 7 + "|")
    for cell, sizes in SIZES.items():
        for H, B in sizes:
            job = Job(cell, H, T, D, B)
            with threadpool_limits(1, "blas"):
                alone, *others = milliseconds([gradient(job, *way) for way in WAYS.values()])
            gains = [f"{t:.2f} ({alone / t:.2f})" for t in others]
            work = f"{H * (D + 1 + H) * B:,}"
            print(
                "|",
                " | ".join(map(str, [cell, H, B, work, f"{alone:.2f}", *gains])),
                "|",
                flush=True,
            )


if __name__ == "__main__":
    main()
