"""Training on a file that needn't fit in memory: `partial_fit` over chunks of a memory map.

Run ``python benchmarks/larger_than_memory.py [--gigabytes 2]``, about a minute for 2 GB, on
Linux. It writes a .npy file of sequences to a temporary directory, trains on it in a process of
its own and prints a Markdown table.

Memory is RssAnon of /proc/self/status, sampled all the time: it is what the process has allocated
itself. The pages of the file that were read are resident, too, but the system takes them back
whenever it needs them. The table has the peak with these pages as well.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from _tools import machine
from sklearn.metrics import root_mean_squared_error

from skrnn import RNNRegressor

T = 50  # steps of a sequence, before the one to be predicted
CHUNK = 20_000  # sequences: 4 MB
N_TEST = 20_000  # the last ones of the file
SAMPLED_EVERY = 0.005  # seconds


def write_sequences(path, n):
    """Write n noisy sines (n, T + 1, 1) in float32, each with a period and a phase of its own."""
    rng = np.random.default_rng(0)
    shape = n, T + 1, 1
    file = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    t = np.arange(T + 1, dtype=np.float32)
    for start in range(0, n, CHUNK):
        rows = min(CHUNK, n - start), 1
        angle = 2 * np.pi * (t / rng.uniform(8, 25, rows) + rng.uniform(size=rows))
        noise = 0.1 * rng.standard_normal((rows[0], T + 1), np.float32)
        file[start : start + CHUNK, :, 0] = np.sin(angle) + noise
    file.flush()


def parts(sequences):
    """Inputs and targets: the last value is to be predicted from those before."""
    return sequences[:, :-1], sequences[:, -1, 0]


def train(path):
    """Train for one epoch on all but the last sequences: the loop that this benchmark is about."""
    model = RNNRegressor(solver="adam", alpha=0.01, random_state=0)
    sequences = np.load(path, mmap_mode="r")
    n_train = len(sequences) - N_TEST
    for start in range(0, n_train, CHUNK):
        model.partial_fit(*parts(sequences[start : min(start + CHUNK, n_train)]))
    return model


class Peak(threading.Thread):
    """The highest RssAnon, in MB, while the thread runs."""

    def __init__(self):
        super().__init__(daemon=True)
        self.first = self.highest = allocated()
        self._over = threading.Event()

    def run(self):
        while not self._over.wait(SAMPLED_EVERY):
            self.highest = max(self.highest, allocated())

    def end(self):
        self._over.set()
        self.join()
        return self.highest - self.first


def allocated():
    """MB that the process has allocated itself."""
    return status("RssAnon")


def resident():
    """The peak of what was resident, the file's pages included, in MB.

    Unlike ru_maxrss, it doesn't start from that of the process that started this one.
    """
    return status("VmHWM")


def status(name):
    """A line of /proc/self/status, in MB."""
    text = Path("/proc/self/status").read_text()
    return int(re.search(rf"{name}:\s*(\d+) kB", text)[1]) / 1024


def run(path):
    """In a fresh process: train, and say what it took."""
    before, peak = resident(), Peak()
    peak.start()
    start = time.perf_counter()
    model = train(path)
    seconds = time.perf_counter() - start
    found = {"allocated": peak.end(), "resident": resident() - before, "seconds": seconds}
    test = np.load(path, mmap_mode="r")[-N_TEST:]
    X, y = parts(test)
    found["error"] = root_mean_squared_error(y, model.predict(X))
    found["persistence"] = root_mean_squared_error(y, X[:, -1, 0])
    return found


def print_table(n, file_size, found):
    pace = (n - N_TEST) / found["seconds"]
    rows = {
        "file": f"{file_size / 1024**2:,.0f} MB, {n:,} sequences of {T} steps",
        "allocated": f"{found['allocated']:,.1f} MB",
        "resident, the pages of the file included": f"{found['resident']:,.1f} MB",
        "a chunk": f"{CHUNK * (T + 1) * 4 / 1024**2:,.1f} MB",
        "one epoch": f"{found['seconds']:.1f} s, {pace:,.0f} sequences/s",
        "test RMSE": f"{found['error']:.4f}",
        "test RMSE of persistence": f"{found['persistence']:.4f}",
        "standard deviation of the noise, which nothing predicts": "0.1",
    }
    print("Peaks of memory are above that before training.\n\n| | |\n|---|---|")
    for what, value in rows.items():
        print(f"| {what} | {value} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=2, help="size of the file")
    parser.add_argument("--in-process", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.in_process:
        print(json.dumps(run(args.in_process)))
        return
    print(f"{machine()}\n")
    n = max(int(args.gigabytes * 1024**3 / (4 * (T + 1))), N_TEST + CHUNK)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "sequences.npy"
        write_sequences(path, n)
        command = [sys.executable, __file__, "--in-process", str(path)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        print_table(n, path.stat().st_size, json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    main()
