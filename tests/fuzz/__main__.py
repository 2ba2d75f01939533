"""Run many random cases, or replay one: ``python -m tests.fuzz --cases 20000 --jobs 2``."""

import argparse
import os
import sys
import time
from collections import defaultdict
from multiprocessing import get_context

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # before NumPy is imported, in all workers

from .cases import run_case  # noqa: E402


def replay(seed):
    """Run one case and print all about it; return whether it has findings."""
    _, drawn, findings = run_case(seed)
    print(f"seed {seed}: {drawn}")
    for finding in findings:
        print(f"\n{finding.kind}: {finding.text}\n{finding.trace}")
    print(f"{len(findings)} findings")
    return bool(findings)


def run(seeds, n_jobs):
    """Run the cases of these seeds; print findings as they come, then a summary by kind."""
    by_key, start, done = defaultdict(list), time.monotonic(), 0
    with get_context("spawn").Pool(n_jobs) as pool:
        for seed, drawn, findings in pool.imap_unordered(run_case, seeds, chunksize=20):
            done += 1
            for finding in findings:
                if not by_key[finding.key]:
                    print(f"seed {seed}: {finding.kind}: {finding.text}\n    {drawn}")
                    print(f"    replay: python -m tests.fuzz --replay {seed}", flush=True)
                by_key[finding.key].append(seed)
            if done % 500 == 0:
                print(f"{done} of {len(seeds)} cases, {time.monotonic() - start:.0f} s", flush=True)
    print(f"\n{done} cases, {sum(map(len, by_key.values()))} findings of {len(by_key)} kinds")
    for key, found in sorted(by_key.items(), key=lambda item: -len(item[1])):
        print(f"{len(found):6} {key}  seeds {sorted(found)[:4]}")
    return bool(by_key)


def main():
    """Parse the arguments; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=2000, help="number of cases")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first case")
    parser.add_argument("--jobs", type=int, default=1, help="number of processes")
    parser.add_argument("--replay", type=int, metavar="SEED", help="run one case, with tracebacks")
    options = parser.parse_args()
    if options.replay is not None:
        return replay(options.replay)
    return run(range(options.seed, options.seed + options.cases), options.jobs)


if __name__ == "__main__":
    sys.exit(main())
