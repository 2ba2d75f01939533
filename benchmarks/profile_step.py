"""Where the time of one training step of skrnn goes.

Run ``python benchmarks/profile_step.py [--cell GRU] [--H 32] ...``. It prints a Markdown table,
of the whole batch in one thread.

The parts of the step are timed where they are called. Inside the time loops, this would cost more
than what it measures. So the matrix products of a loop are recorded once and then repeated alone
on the same buffers; the rest of the loop is the difference.
"""

import argparse
import dataclasses
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
from _tools import Job, machine, skrnn_adam, skrnn_network
from threadpoolctl import threadpool_limits

from skrnn._engine.tape import Tape
from skrnn.cells._weight_gradients import Outer

DEFAULT = Job("LSTM", H=64, T=100, D=8, B=64)
SECONDS = 5.0
LOOPS = FORWARD, BACKWARD = "forward loop", "backward loop"
LOCAL, WEIGHTS, INPUTS = "local derivatives", "weight gradients", "gradient of upper inputs"
REST, UPDATE = "the rest", "Adam's update"


class Clock:
    """Seconds by part of the step, of which the inner part counts, and each part's products."""

    def __init__(self):
        self.seconds, self.products, self._stack = defaultdict(float), defaultdict(list), []

    def timed(self, part, function):
        def call(*args):
            self._stack.append(part)
            start = time.perf_counter()
            result = function(*args)
            seconds = time.perf_counter() - start
            self._stack.pop()
            self.seconds[part] += seconds
            if self._stack:
                self.seconds[self._stack[-1]] -= seconds
            return result

        return call

    def noted(self, product):
        def call(a, b, out=None):
            result = product(a, b, out=out)
            self.products[self._stack[-1]].append((product, a, b, result))
            return result

        return call

    def multiplier(self, W):
        """In the place of `skrnn.cells._weight_gradients.multiplier`."""
        dot = self.noted(np.dot)
        return SimpleNamespace(dot=lambda operand, out: dot(W, operand, out))


def replay(products):
    """Seconds that the products take by themselves."""
    start = time.perf_counter()
    for product, a, b, out in products:
        product(a, b, out=out)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, value in dataclasses.asdict(DEFAULT).items():
        kind = {"action": "store_true"} if value is False else {"type": type(value)}
        parser.add_argument(f"--{name}", default=value, **kind)
    job, clock = Job(**vars(parser.parse_args())), Clock()
    network, theta, batch = skrnn_network(job)
    gradient, adam = np.empty_like(theta), skrnn_adam(theta, 1e-3)
    timed = [(Tape, "forward", FORWARD), (Tape, "backward", BACKWARD)]
    timed += [(Tape, "input_gradient", INPUTS), (Outer, "add_total", WEIGHTS)]
    timed += [(type(network.topology.cell), "local_derivatives", LOCAL)]
    for owner, name, part in timed:
        setattr(owner, name, clock.timed(part, getattr(owner, name)))
    loss_grad, update = clock.timed(REST, network.loss_grad), clock.timed(UPDATE, adam)

    with threadpool_limits(1, "blas"):
        network.loss_grad(theta, batch, gradient)
        with ExitStack() as stack:
            stack.enter_context(patch.object(np, "matmul", clock.noted(np.matmul)))
            for name, module in list(sys.modules.items()):
                if name.startswith("skrnn.cells.") and hasattr(module, "multiplier"):
                    stack.enter_context(patch.object(module, "multiplier", clock.multiplier))
            loss_grad(theta, batch, gradient)
        square = np.ones((1024, 1024), theta.dtype)
        peak = min(replay([(np.dot, square, square, square.copy())]) for _ in range(20))
        rounds, replays, end = [], [], time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            clock.seconds.clear()
            loss_grad(theta, batch, gradient)
            update(theta, gradient)
            rounds.append(dict(clock.seconds))
            replays.append({loop: replay(clock.products[loop]) for loop in LOOPS})
    # the median step: the fastest parts of several steps don't add up to a step
    typical = {part: np.median([r[part] for r in rounds]) for part in rounds[0]}
    products = {loop: np.median([r[loop] for r in replays]) for loop in LOOPS}
    total = sum(typical.values())
    print(f"{machine()}\n\n{job}\n\n| part | ms | share | GFLOP/s |\n|---|---|---|---|")

    def row(name, seconds, part=None):
        flops = sum(2 * a.shape[-1] * out.size for _, a, _, out in clock.products[part])
        rate = f"{flops / seconds / 1e9:.1f}" if flops else ""
        print(f"| {name} | {1e3 * seconds:.3f} | {seconds / total:.0%} | {rate} |")

    for part in [FORWARD, LOCAL, BACKWARD, INPUTS, WEIGHTS, UPDATE]:
        if part in LOOPS:
            row(f"{part}: products", products[part], part)
            row(f"{part}: elementwise", typical[part] - products[part])
        elif part in typical:
            row(part, typical[part], part)
    row(REST, typical[REST])
    row("all", total)
    print(f"\nA product of 1,024 × 1,024 reaches {2 * 1024**3 / peak / 1e9:.0f} GFLOP/s.")


if __name__ == "__main__":
    main()
