"""How often prediction intervals hold the truth, on series whose process is known.

Run ``python benchmarks/intervals.py [--replicates 1000] [--jobs 2]``. It prints a Markdown table of
``Forecaster().predict_interval(12, coverage=0.9)``.

Given its history, the next values of each process are normal, with a known mean and standard
deviation k steps ahead. So the coverage of an interval is its probability under this distribution,
without the chance of drawing a future. "True" is the interval of that distribution.
"""

import argparse
import warnings

import numpy as np
from _tools import machine
from joblib import Parallel, delayed
from scipy.signal import lfilter
from scipy.stats import norm
from threadpoolctl import threadpool_limits

LENGTHS = 120, 400
STEPS, COVERAGE = 12, 0.9
PHI = 1.2, -0.5  # cycles of some 11 steps that die away
TRANSIENT = 200  # steps, after which the start is forgotten
SEASON, AMPLITUDE = 12, 2.0


def ar2(rng, n):
    """``y(t) = 1.2 y(t-1) - 0.5 y(t-2) + noise``."""
    polynomial = [1, -PHI[0], -PHI[1]]
    y = lfilter([1], polynomial, rng.normal(size=n + TRANSIENT))[TRANSIENT:]
    weights = lfilter([1], polynomial, np.eye(1, STEPS)[0])  # of the noise since the history
    mean = [y[-2], y[-1]]
    for _ in range(STEPS):
        mean.append(PHI[0] * mean[-1] + PHI[1] * mean[-2])
    return y, np.array(mean[2:]), np.sqrt(np.cumsum(weights**2))


def random_walk(rng, n):
    y = rng.normal(size=n).cumsum()
    return y, np.full(STEPS, y[-1]), np.sqrt(np.arange(1, STEPS + 1))


def season_and_noise(rng, n):
    """A pattern of twelve values, again and again, and noise of half its standard deviation."""
    pattern = np.resize(AMPLITUDE * rng.normal(size=SEASON), n + STEPS)
    return pattern[:n] + rng.normal(size=n), pattern[n:], np.ones(STEPS)


# Name: a function that draws a history (n,), mean (k,) and standard deviation (k,) of what follows,
# and the Forecaster's parameters: arrays have no frequency to tell the season.
PROCESSES = {
    "AR(2)": (ar2, {}),
    "random walk": (random_walk, {}),
    "season and noise": (season_and_noise, {"season": SEASON}),
}


def replicate(name, n, seed):
    """Coverage, width and true width of one series' intervals, (3, k)."""
    from skrnn import Forecaster

    draw, parameters = PROCESSES[name]
    y, mean, deviation = draw(np.random.RandomState(seed), n)
    np.random.seed(seed)  # what `random_state=None` draws from
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")  # no skill: a random walk has none
        fitted = Forecaster(**parameters).fit(y)
        interval = np.asarray(fitted.predict_interval(STEPS, coverage=COVERAGE), float)
    lower, upper = interval.T  # (k,), (k,)
    held = norm.cdf(upper, mean, deviation) - norm.cdf(lower, mean, deviation)
    return held, upper - lower, 2 * norm.ppf((1 + COVERAGE) / 2) * deviation


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    print(machine())
    print(f"\n### {STEPS} steps, intervals of {COVERAGE:.0%}, {options.replicates} replicates\n")
    print("| series | n | coverage, mean | lowest of the steps | at step | width by the true one |")
    print("|---" * 6 + "|", flush=True)
    for name in PROCESSES:
        for n in LENGTHS:
            runs = (delayed(replicate)(name, n, seed) for seed in range(options.replicates))
            held, width, true = np.mean(Parallel(options.jobs)(runs), axis=0)  # (k,) each
            cells = [f"{held.mean():.1%}", f"{held.min():.1%}", f"{held.argmin() + 1}"]
            print(
                "|",
                " | ".join([name, str(n), *cells, f"{width.sum() / true.sum():.2f}"]),
                "|",
                flush=True,
            )


if __name__ == "__main__":
    main()
