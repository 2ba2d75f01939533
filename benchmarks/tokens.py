"""Tokens by an embedding against one-hot inputs: memory, time of an epoch, and generation.

Run ``python benchmarks/tokens.py``, under two minutes. A network learns the next of 12,800 tokens
at each step. It prints three Markdown tables: the peak memory of a process that fits, beyond that
of the smallest number of tokens; the time of an epoch; the time of a step of ``generate``, against
a loop over ``step_proba`` that draws as it does. In the second one, PyTorch, if it is installed,
has the same network with ``torch.nn.Embedding``; the better of one and two threads counts.
"""

import argparse
import contextlib
import importlib.util
import resource
import subprocess
import sys
import time
import warnings

import numpy as np
from _tools import TORCH, machine

from skrnn import RNNClassifier

N, T, H, U, BATCH, EPOCHS = 200, 64, 64, 16, 32, 2
CELL = "GRU"
GENERATED = [(100, 1), (100, 100), (1_000, 1), (1_000, 100)]  # tokens V, prefixes
STEPS = 200
MEMORY = {"embedding": [100, 1_000, 10_000], "one-hot": [100, 1_000]}
TIMED = [100, 1_000, 10_000]
ONE_HOT_UP_TO = 1_000


def tokens(V):
    """Sequences (N, T) of random tokens, each of which occurs."""
    X = np.random.RandomState(0).randint(V, size=(N, T))
    X.flat[: min(V, X.size)] = np.arange(min(V, X.size))
    return X.astype(np.float32)


def network(n_epochs):
    fixed = {"batch_size": BATCH, "max_iter": n_epochs, "tol": 0, "random_state": 0}
    return RNNClassifier(H, cell=CELL.lower(), alpha=1.0, solver="adam", **fixed)


def fit(way, V, X):
    """A function that trains for some epochs, from data that are ready."""
    model = network(EPOCHS)
    if way == "embedding":
        model.set_params(embedding_size=U, n_tokens=V)
        return lambda: model.fit(X)
    one_hot = np.zeros((N, T, V), np.float32)
    np.put_along_axis(one_hot, X[..., np.newaxis].astype(int), 1, axis=2)
    y, weight = np.roll(X, -1, axis=1).astype(int), np.ones((N, T))
    weight[:, -1] = 0  # the last step has no next one
    return lambda: model.fit(one_hot, y, weight)


def torch_ways(V, X):
    """The same in PyTorch, with one thread and with two."""
    import torch

    torch.manual_seed(0)
    embedding, recurrent = torch.nn.Embedding(V, U), getattr(torch.nn, TORCH[CELL])(U, H)
    readout = torch.nn.Linear(H, V)
    parameters = [*embedding.parameters(), *recurrent.parameters(), *readout.parameters()]
    adam = torch.optim.Adam(parameters, fused=True)
    ids = torch.from_numpy(X.astype(np.int64).T)

    def train(n_threads):
        torch.set_num_threads(n_threads)
        for _ in range(EPOCHS):
            for start in range(0, N, BATCH):
                x = ids[:, start : start + BATCH]
                adam.zero_grad()
                logits = readout(recurrent(embedding(x[:-1]))[0])
                torch.nn.functional.cross_entropy(
                    logits.reshape(-1, V), x[1:].reshape(-1)
                ).backward()
                adam.step()

    return [lambda n=n: train(n) for n in (1, 2)]


def generation_ways(V, n_prefixes):
    """Ways to generate tokens after prefixes."""
    model = network(1).set_params(embedding_size=U, n_tokens=V).fit(tokens(V))
    prefixes = tokens(V)[:n_prefixes, :5, np.newaxis]
    numbers = np.random.default_rng(0).random((STEPS, n_prefixes, 1))

    def loop():
        p, state = model.predict_proba(prefixes, return_state=True)
        p = p[:, -1]
        for u in numbers:
            below = np.cumsum(p.astype(np.float64), axis=1)
            drawn = (below <= u * below[:, -1:]).sum(axis=1, keepdims=True)
            p, state = model.step_proba(drawn, state)

    generate = {"generate": [lambda: model.generate(prefixes, STEPS, random_state=0)]}
    return generate | {"loop over step_proba": [loop]}


def fastest(ways, n_rounds):
    """Seconds by name: ways take turns, and the better variant counts."""
    times = dict.fromkeys(ways, np.inf)
    for round_ in range(n_rounds + 1):
        for name, variants in ways.items():
            for function in variants:
                start = time.perf_counter()
                function()
                if round_:  # the first round warms up
                    times[name] = min(times[name], time.perf_counter() - start)
    return times


def peak(way, V):
    """MiB that a process of its own had at most."""
    command = [sys.executable, __file__, "--peak", way, str(V)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def print_peak(way, V):
    fit(way, V, tokens(V))()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peak", nargs=2, metavar=("WAY", "V"), help="print one peak only")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # random tokens can't be learned
    if arguments.peak:
        print_peak(arguments.peak[0], int(arguments.peak[1]))
        return
    print(machine())
    print(
        f"{N * T:,} tokens in {N} sequences, {CELL} H={H}, vectors of {U}, batches of {BATCH}, "
        "float32."
    )
    print_memory()
    print_epochs(arguments.rounds)
    print_generation(2 * arguments.rounds)


def print_memory():
    print("\nPeak memory, MiB above that of the first row of its kind:\n")
    print("| tokens V | inputs | MiB | above |\n|---|---|---|---|")
    for way, sizes in MEMORY.items():
        first = None
        for V in sizes:
            found = peak(way, V)
            first = found if first is None else first
            print(f"| {V:,} | {way} | {found:.0f} | {found - first:.0f} |", flush=True)


def print_epochs(n_rounds):
    print(f"\nMilliseconds of an epoch, the fastest of {n_rounds} rounds:\n")
    has_torch = importlib.util.find_spec("torch") is not None
    print("| tokens V | embedding | one-hot | PyTorch |\n|---|---|---|---|")
    for V in TIMED:
        X = tokens(V)
        ways = {"embedding": [fit("embedding", V, X)]}
        if V <= ONE_HOT_UP_TO:
            ways["one-hot"] = [fit("one-hot", V, X)]
        with contextlib.suppress(ImportError):
            ways |= {"PyTorch": torch_ways(V, X)} if has_torch else {}
        times = fastest(ways, n_rounds)
        own = times["embedding"]
        cells = [
            f"{1e3 / EPOCHS * times[name]:.0f} ({times[name] / own:.1f}×)" if name in times else "–"
            for name in ("one-hot", "PyTorch")
        ]
        print("|", " | ".join([f"{V:,}", f"{1e3 / EPOCHS * own:.0f}", *cells]), "|", flush=True)


def print_generation(n_rounds):
    print(f"\nMicroseconds of a step of generation, the fastest of {n_rounds} rounds:\n")
    print("| tokens V | prefixes | loop over step_proba | generate |\n|---|---|---|---|")
    for V, n in GENERATED:
        own, loop = (1e6 / STEPS * s for s in fastest(generation_ways(V, n), n_rounds).values())
        print(f"| {V:,} | {n} | {loop:.0f} | {own:.0f} ({own / loop:.2f}×) |", flush=True)


if __name__ == "__main__":
    main()
