"""Whole epochs: whether they stay as fast as the first ones, and long sequences as fast as short.

Run ``python benchmarks/epochs.py [--quick] [--plain]``, some nine minutes. It prints Markdown.

Gradients of trained networks vanish on the way back through time, the sooner the larger the
learning rate and the longer the sequences. Just before they are 0 they are denormal numbers, for
which many processors take far longer. The first line says how much longer this one takes. As it
may be one to which they make no difference, the tables also have the share of denormal numbers
among the derivatives dL/dz, which doesn't depend on the machine. ``--plain`` leaves them there.

An epoch is one call of ``partial_fit``. All sides of a comparison take turns, epoch by epoch.
"""

import argparse
import time
from unittest.mock import patch

import numpy as np
from _tools import Job, machine
from threadpoolctl import threadpool_limits

from skrnn import RNNRegressor
from skrnn._engine import tape

JOBS = {  # of training_step.py: batches of an epoch, and epochs
    Job("Elman", H=5, T=60, D=1, B=100): (40, 100),
    Job("LSTM", H=16, T=60, D=1, B=32): (16, 100),
    Job("LSTM", H=64, T=100, D=8, B=64): (8, 30),
    Job("Elman", H=128, T=100, D=8, B=64): (16, 30),
    Job("LSTM", H=256, T=100, D=32, B=128): (2, 20),
}
RATES = [0.001, 0.01]
CELLS = ["elman", "jordan", "lstm", "peephole_lstm", "gru", "gru_reset_before"]
LENGTHS = [120, 480, 1920]
UNITS, BATCH = 16, 64
DTYPES = ["float32", "float64"]


class Side:
    """A model in training, the seconds of its epochs, and the share of denormal numbers."""

    def __init__(self, job, dtype, n_batches, rate):
        rng, n = np.random.RandomState(0), n_batches * job.B
        self.X = rng.normal(size=(n, job.T, job.D)).astype(dtype)
        self.y = rng.normal(size=n).astype(dtype)
        options = {"alpha": 1.0, "solver": "adam", "batch_size": job.B, "random_state": 0}
        self.model = RNNRegressor(job.H, cell=job.cell.lower(), learning_rate_init=rate, **options)
        self.seconds, self.denormal = [], 0.0

    def epoch(self):
        start = time.perf_counter()
        self.model.partial_fit(self.X, self.y)
        self.seconds.append(time.perf_counter() - start)

    def counted_epoch(self):
        """An epoch that isn't timed; the largest share of all batches counts."""
        run = tape.Tape.backward

        def counted(layer, *args, **kwargs):
            run(layer, *args, **kwargs)
            a, tiny = np.abs(layer.dz), np.finfo(layer.dz.dtype).tiny
            share = float(((a > 0) & (a < tiny)).mean())
            self.denormal = max(self.denormal, share)

        with patch.object(tape.Tape, "backward", counted):
            self.model.partial_fit(self.X, self.y)


def train(sides, n_epochs):
    """All sides in turns; every fourth epoch is counted, not timed."""
    for i in range(n_epochs):
        for side in sides if i % 2 else sides[::-1]:
            if i % 4 == 3:
                side.counted_epoch()
            else:
                side.epoch()


def stretches(side):
    """Seconds of the fastest epoch of each stretch of some five; the first one allocates."""
    seconds = side.seconds[1:]
    return np.array([min(own) for own in np.array_split(seconds, max(2, len(seconds) // 5))])


def cost_of_denormal_numbers():
    """How many times as long a product with them takes."""
    W, out, times = np.full((128, 128), 0.1, "f4"), np.empty((128, 64), "f4"), {}
    with threadpool_limits(1, "blas"):
        for _ in range(200):
            for value in (1.0, 1e-40):
                a = np.full_like(out, value)
                start = time.perf_counter()
                W.dot(a, out)
                times.setdefault(value, []).append(time.perf_counter() - start)
    return min(times[1e-40]) / min(times[1.0])


def print_rates(quick):
    """Print the first table."""
    print(
        f"\nEpochs with the learning rate {RATES[1]}, by those with {RATES[0]}; the fastest of each"
    )
    print("stretch of some five counts.\n")
    print("| job | dtype | epochs | first | last | slowest | all | denormal, of dL/dz |")
    print("|---" * 8 + "|")
    for job, (n_batches, n_epochs) in JOBS.items():
        for dtype in DTYPES[: 1 if quick else 2]:
            low, high = sides = [Side(job, dtype, n_batches, rate) for rate in RATES]
            train(sides, n_epochs)
            low, high = stretches(low), stretches(high)
            found = high[0] / low[0], high[-1] / low[-1], (high / low).max(), high.sum() / low.sum()
            cells = [str(job), dtype, str(n_epochs), *(f"{value:.2f}" for value in found)]
            cells += [f"{max(side.denormal for side in sides):.1%}"]
            print("|", " | ".join(cells), "|", flush=True)


def print_lengths(quick):
    """Print the second table."""
    n_epochs = 12 if quick else 24
    print(
        f"\nTime of a step in sequences of T steps, by that in {LENGTHS[0]}: in the first and the"
    )
    print(f"last of {n_epochs} epochs (H={UNITS}, D=1, B={BATCH}, 4 batches, rate {RATES[1]}).\n")
    columns = [f"{part}, T={T:,}" for part in ("first", "last") for T in LENGTHS[1:]]
    print("| cell | dtype |", " | ".join(columns), "| denormal, of dL/dz |")
    print("|---" * 7 + "|")
    for cell in CELLS:
        for dtype in DTYPES[: 1 if quick else 2]:
            jobs = [Job(cell, H=UNITS, T=T, D=1, B=BATCH) for T in LENGTHS]
            sides = [Side(job, dtype, 4, RATES[1]) for job in jobs]
            train(sides, n_epochs)
            first, *longer = (stretches(side) / side.X.shape[1] for side in sides)
            ratios = [f"{(own / first)[i]:.2f}" for i in (0, -1) for own in longer]
            share = max(side.denormal for side in sides)
            print("|", " | ".join([cell, dtype, *ratios, f"{share:.1%}"]), "|", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="float32, and fewer epochs")
    parser.add_argument("--plain", action="store_true", help="leave denormal derivatives")
    given = parser.parse_args()
    if given.plain:
        tape.round_off = lambda a, constant: None
    print(machine())
    print(f"A product with denormal numbers takes {cost_of_denormal_numbers():.1f} times as long.")
    print_rates(given.quick)
    print_lengths(given.quick)


if __name__ == "__main__":
    main()
