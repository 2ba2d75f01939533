"""Where RNNRegressor's defaults come from: untouched, and with changes, against Ridge.

Run ``python benchmarks/defaults.py [--half choose [--prices PRICES.csv]] [--quick] [--cells]
[--losses] [--tail]``: some ten minutes, two with ``--quick``, four with other losses, half an hour
with other cells or ``--tail``. It prints tables, for generated series and for real ones under
drift: the RMSE of forecasts beyond the training rows, by that of scikit-learn's plain ``Ridge()``
on the same windows, flat, behind the same scaler. Ridge leaves out the training rows whose window
isn't complete; the network gets all of them, as in a pipeline with `SlidingWindow`. How often the
error is above that of the training mean is counted, too. Times are those of the fits, by that of
``alpha=1``, as a median.

Choose defaults by ``--half choose``; report ``--half report``, whose kinds, seeds and real series
are others. Its real series are statsmodels' (extra ``bench``); ``--prices`` adds to the other half.
"""

import argparse
import time
import warnings

import numpy as np
from _real_jobs import real_jobs
from _suite import CLEAN, N_TRAIN, NOISY, SCALERS, cases
from _tools import machine
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.metrics import root_mean_squared_error
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skrnn import RNNRegressor, SlidingWindow

REFERENCE = "alpha=1"  # an earlier default, whose time is the unit
VARIANTS = {
    "defaults": {},
    REFERENCE: {"alpha": 1.0},
    "linear_part=False": {"linear_part": False},
    "linear_part=True": {"linear_part": True},
}
CELLS = {f"cell={name!r}": {"cell": name} for name in ("jordan", "gru", "lstm")}
LOSSES = {f"loss={name!r}": {"loss": name} for name in ("absolute_error", "huber", "quantile")}
QUICK = "defaults", REFERENCE
_SCALERS = {"StandardScaler": StandardScaler, "MinMaxScaler": MinMaxScaler}


def windows(case, layout):
    """Windows of the training rows and of the test rows, which continue them."""
    scaler = _SCALERS[case.scaler]().fit(case.rows[: case.n_train])
    rows = scaler.transform(case.rows)
    window = SlidingWindow(case.length, layout=layout, context="continue")
    train = window.fit_transform(rows[: case.n_train])
    return train, window.transform(rows[case.n_train :])


def rmse(case, predicted):
    """The error on the test rows; of several outputs, the geometric mean."""
    target = case.target[case.n_train :]
    errors = root_mean_squared_error(target, predicted, multioutput="raw_values")
    return np.exp(np.mean(np.log(errors)))


def rivals(case):
    """RMSE of Ridge on complete windows, and of the training mean."""
    train, test = windows(case, "flat")
    y, known = case.target[: case.n_train], ~np.isnan(train).any(axis=1)
    ridge = Ridge().fit(train[known], y[known]).predict(test)
    mean = np.broadcast_to(y.mean(axis=0), case.target[case.n_train :].shape)
    return rmse(case, ridge), rmse(case, mean)


def run(case, model):
    """RMSE, and the seconds of the fit."""
    train, test = windows(case, "sequence")
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(train, case.target[: case.n_train])
    seconds = time.perf_counter() - start
    return rmse(case, model.predict(test)), seconds


def compare(found, models):
    """Errors by Ridge's and by the mean's, and seconds: each (models, cases)."""
    by_ridge, by_mean, seconds = np.empty((3, len(models), len(found)))
    for c, case in enumerate(found):
        ridge, mean = rivals(case)
        for m, make in enumerate(models.values()):
            error, seconds[m, c] = run(case, make(case.seed))
            by_ridge[m, c], by_mean[m, c] = error / ridge, error / mean
    return by_ridge, by_mean, seconds


def geometric_mean(ratios):
    return np.exp(np.mean(np.log(ratios)))


def print_summary(names, by_ridge, by_mean, seconds, reference, parts):
    """One row for each part of the cases, a mask, and each variant."""
    print(
        "| cases | variant | RMSE by Ridge's, geometric mean | worst | over 1.1 | over 1.5 |",
        end="",
    )
    print(" over 1.1 times the mean's | time |")
    print("|---" * 8 + "|")
    unit = seconds[list(names).index(reference)]
    for part, chosen in parts.items():
        for m, name in enumerate(names):
            ratios = by_ridge[m, chosen]
            over = [(ratios > 1.1).sum(), (ratios > 1.5).sum(), (by_mean[m, chosen] > 1.1).sum()]
            cells = f"{geometric_mean(ratios):.3g} | {ratios.max():.3g} | " + "{} | {} | {}"
            time_ratio = np.median((seconds[m] / unit)[chosen])
            print(f"| {part}: {chosen.sum()} | {name} | {cells.format(*over)} | {time_ratio:.2g} |")


def print_kinds(names, found, by_ridge):
    """One row for each kind: geometric mean (worst) of each variant."""
    kinds = np.array([case.kind for case in found])
    print("\n| RMSE by Ridge's | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for kind in dict.fromkeys(kinds):
        ratios = by_ridge[:, kinds == kind]
        cells = [f"{geometric_mean(r):.3g} ({r.max():.3g})" for r in ratios]
        print(f"| {kind} | " + " | ".join(cells) + " |")


def parts_of(found):
    """Name to mask: all cases, and those that a user would ask for alone."""
    noise_free = {kind.__name__ for half in CLEAN.values() for kind in half}
    clean = np.array([case.kind in noise_free for case in found])
    parts = {"all": np.ones(len(found), bool)}
    if clean.any():
        parts |= {"with noise": ~clean, "without noise": clean}
        parts |= {f"n={n}": np.array([case.n_train == n for case in found]) for n in N_TRAIN}
    return parts | {s: np.array([case.scaler == s for case in found]) for s in SCALERS}


def report(title, found, models, reference):
    """Print both tables."""
    results = compare(found, models)
    print(f"\n### {title}\n")
    print_summary(models, *results, reference, parts_of(found))
    print_kinds(models, found, results[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--half", choices=["choose", "report"], default="report")
    parser.add_argument("--prices", help="CSV with the columns Date and Open")
    parser.add_argument("--quick", action="store_true", help="two variants, one seed")
    parser.add_argument(
        "--cells", action="store_true", help="the defaults of other cells, one seed"
    )
    parser.add_argument("--losses", action="store_true", help="defaults of other losses, one seed")
    parser.add_argument(
        "--tail",
        action="store_true",
        help="the defaults alone, on 30 seeds of the kinds with noise",
    )
    options = parser.parse_args()
    if options.prices and options.half == "report":
        parser.error("--prices goes with --half choose: these prices were looked at")
    variants = VARIANTS
    if options.tail:
        variants = {"defaults": {}}
    elif options.cells or options.losses:
        variants = {REFERENCE: VARIANTS[REFERENCE], **(CELLS if options.cells else LOSSES)}
    elif options.quick:
        variants = {name: VARIANTS[name] for name in QUICK}
    models = {
        name: lambda seed, own=own: RNNRegressor(random_state=seed, **own)
        for name, own in variants.items()
    }
    print(machine("statsmodels"))
    if options.tail:
        title = f"Generated series with noise, half to {options.half}, 30 seeds"
        report(title, cases(NOISY, options.half, 30), models, "defaults")
        return
    n_seeds = 1 if options.quick or options.cells or options.losses else 3
    generated = cases(NOISY, options.half, n_seeds) + cases(CLEAN, options.half, n_seeds)
    report(f"Generated series, half to {options.half}", generated, models, REFERENCE)
    real = real_jobs(options.half, options.prices)
    report(f"Real series, half to {options.half}", real, models, REFERENCE)


if __name__ == "__main__":
    main()
