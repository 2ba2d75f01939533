"""From how much work per step two halves of a batch in two threads beat the whole in one.

Run ``python benchmarks/split_threshold.py``, about 20 seconds. It prints a Markdown table of
the gradient's time for growing Elman networks, and is where ``_LARGE_STEP`` in
``skrnn/_parallel.py`` comes from.
"""

import time

import numpy as np
from threadpoolctl import threadpool_limits

import skrnn._parallel
from skrnn._network import Batch, Network
from skrnn.cells import CELLS

SIZES = [(16, 64), (32, 64), (32, 128), (64, 64), (64, 128), (128, 64), (128, 128)]  # H, B
T, D = 100, 8


def microseconds(function, n_rounds=15, n_calls=10):
    """The fastest round's mean."""
    best = np.inf
    for _ in range(n_rounds):
        start = time.perf_counter()
        for _ in range(n_calls):
            function()
        best = min(best, (time.perf_counter() - start) / n_calls)
    return 1e6 * best


def main():
    rng = np.random.RandomState(0)
    print("| H | B | weights × B | whole, µs | halves in turn | halves side by side | gain |")
    print("|---" * 7 + "|")
    for H, B in SIZES:
        network = Network(CELLS["elman"](H), D, 1, per_step=False, dtype="float32")
        theta = network.initial_parameters(rng)
        gradient = np.empty_like(theta)
        x, y = rng.normal(size=(T, D, B)), rng.normal(size=(1, 1, B))
        batch = Batch(x.astype("f4"), None, y.astype("f4"), None, float(B))
        times = []
        for threshold, n_threads in [(np.inf, 1), (0, 1), (0, 2)]:
            skrnn._parallel._LARGE_STEP = threshold
            split = skrnn._parallel.SplitNetwork(network, n_threads)
            with threadpool_limits(1, "blas"):
                times.append(microseconds(lambda s=split: s.loss_grad(theta, batch, gradient)))  # noqa: B023
            split.close()
        whole, _, side_by_side = times
        cells = [H, B, f"{theta.size * B:,}", *(f"{t:,.0f}" for t in times)]
        print("|", " | ".join(map(str, cells)), f"| {whole / side_by_side:.2f} |")


if __name__ == "__main__":
    main()
