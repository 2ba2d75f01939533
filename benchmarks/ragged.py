"""Sequences of different lengths: batches of similar length against batches drawn at random.

Run ``python benchmarks/ragged.py [--quick]``, some seven minutes, or four. It prints a Markdown
table. A random batch has about as many steps as the longest sequence of all. PyTorch, if it is
installed, packs its batches (``pack_padded_sequence``), drawn at random or by length; the better of
one and two threads counts. The time of PyTorch excludes cutting and padding, that of skrnn doesn't.
"""

import argparse
import contextlib
import importlib.util
import time
from unittest import mock

import numpy as np
from _tools import TORCH, machine

from skrnn import RNNRegressor
from skrnn._estimators import restarts
from skrnn._training.objective import Objective

N, D, BATCH, EPOCHS = 1000, 4, 32, 3
JOBS = [("Elman", 8), ("LSTM", 16), ("GRU", 32), ("LSTM", 64)]


class RandomBatches(Objective):
    """Batches in random order, as for sequences of equal length."""

    def _batches(self):
        rows = self.rng.permutation(self.data.rows)
        for start in range(0, len(rows), self._batch_size):
            yield rows[start : start + self._batch_size]


def make_data():
    """Sequences of 10 to 200 steps, and the sum of each."""
    rng = np.random.RandomState(0)
    lengths = rng.randint(10, 201, size=N)
    X = [rng.normal(size=(n, D)).astype("f4") for n in lengths]
    return X, np.array([x.sum() for x in X], "f4"), lengths


def skrnn_ways(cell, H, X, y):
    """Name to a function that trains for some epochs."""
    fixed = {"batch_size": BATCH, "max_iter": EPOCHS, "tol": 0, "random_state": 0}
    model = RNNRegressor(H, cell=cell.lower(), alpha=1.0, solver="adam", **fixed)

    def at_random():
        with mock.patch.object(restarts, "Objective", RandomBatches):
            model.fit(X, y)

    return {"skrnn, by length": lambda: model.fit(X, y), "skrnn, at random": at_random}


def torch_ways(cell, H, X, y, lengths):
    """The same in PyTorch."""
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

    torch.manual_seed(0)
    recurrent, readout = getattr(torch.nn, TORCH[cell])(D, H), torch.nn.Linear(H, 1)
    adam = torch.optim.Adam([*recurrent.parameters(), *readout.parameters()], fused=True)
    rng = np.random.RandomState(0)
    orders = {"at random": rng.permutation(N), "by length": np.argsort(lengths, kind="stable")}

    def prepared(order):
        batches = []
        for start in range(0, N, BATCH):
            rows = order[start : start + BATCH]
            x = pad_sequence([torch.from_numpy(X[i]) for i in rows])
            batches.append((x, torch.from_numpy(lengths[rows]), torch.from_numpy(y[rows])))
        return batches

    def train(batches, n_threads):
        torch.set_num_threads(n_threads)
        for _ in range(EPOCHS):
            for x, n_steps, target in batches:
                adam.zero_grad()
                packed = pack_padded_sequence(x, n_steps, enforce_sorted=False)
                _, state = recurrent(packed)
                h = state[0] if isinstance(state, tuple) else state
                torch.nn.functional.mse_loss(readout(h[-1])[:, 0], target).backward()
                adam.step()

    def way(batches, n_threads):
        return lambda: train(batches, n_threads)

    return {
        f"PyTorch, {name}": [way(batches, n_threads) for n_threads in (1, 2)]
        for name, batches in ((name, prepared(order)) for name, order in orders.items())
    }


def fastest(ways, n_rounds):
    """Seconds of an epoch by name: ways take turns, and the better variant counts."""
    times = dict.fromkeys(ways, np.inf)
    for round_ in range(n_rounds + 1):
        for name, variants in ways.items():
            for function in variants if isinstance(variants, list) else [variants]:
                start = time.perf_counter()
                function()
                seconds = (time.perf_counter() - start) / EPOCHS
                if round_:  # the first round warms up
                    times[name] = min(times[name], seconds)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two rounds")
    n_rounds = 2 if parser.parse_args().quick else 5
    X, y, lengths = make_data()
    print(machine())
    print(
        f"{N} sequences of 10 to 200 steps, batches of {BATCH}, float32; milliseconds of an epoch, "
        f"the fastest of {n_rounds} rounds; in brackets, times skrnn's by length.\n"
    )
    has_torch, header = importlib.util.find_spec("torch") is not None, False
    for cell, H in JOBS:
        ways = skrnn_ways(cell, H, X, y)
        with contextlib.suppress(ImportError):
            ways |= torch_ways(cell, H, X, y, lengths) if has_torch else {}
        times = fastest(ways, n_rounds)
        if not header:
            print("|", " | ".join(["job", *times]), "|")
            print("|---" * (1 + len(times)) + "|")
            header = True
        own, *others = times.values()
        cells = [f"{1e3 * t:.0f} ({t / own:.1f}×)" for t in others]
        print("|", " | ".join([f"{cell} H={H}", f"{1e3 * own:.0f}", *cells]), "|", flush=True)


if __name__ == "__main__":
    main()
