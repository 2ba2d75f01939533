"""Forecasts from the past of a series, fold by fold."""

from collections.abc import Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.utils.parallel import Parallel, delayed

from .._panels.names import series_name
from .._panels.panel import Panel, Series
from .._sklearn import PartTasks, warn_user
from .fitted import Context
from .folds import Fold, Forecasts, block_of, forecast_block
from .metrics import last_season, seasonal_scale
from .transformation import interpolated

if TYPE_CHECKING:
    import pandas as pd


class _Rows(NamedTuple):
    """The rows of one series: which of all times they have, and their positions."""

    times: np.ndarray  # (n,)
    positions: np.ndarray  # (n,)


class _Test(NamedTuple):
    """What a fold is measured by, of each series with values before, by id."""

    before: dict[Any, Series]
    rows: dict[Any, _Rows]  # to forecast
    truth: dict[Any, np.ndarray]  # (n,)


def run_backtest(
    parameters: Any,
    whole: Context,
    splits: Sequence[tuple[np.ndarray, np.ndarray]],
    refit: bool | int,
    n_jobs: int | None,
    tasks: PartTasks,
) -> "pd.DataFrame":
    """A tidy frame of forecasts, with a summary in its attributes.

    ``splits`` are rows of ``whole.panel.times()``. Folds leave out series that have too few rows
    before.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError('backtest needs pandas: pip install "skrnn[forecast]".') from error
    times = whole.panel.times()
    rows = dict(zip(whole.panel.ids, _rows(whole.panel, times), strict=True))
    folds, tests = [], []
    for number, (train, test) in enumerate(splits):
        before = _between(whole.panel, times[train.min()], times[train.max()])
        if parameters.multivariate and len(before) < len(whole.panel):
            missing = next(id_ for id_ in whole.panel.ids if id_ not in before.ids)
            raise ValueError(
                f"multivariate=True reads all columns of y, but {series_name(missing, 'y')} has no "
                f"value before fold {number}: use fewer folds, or multivariate=False."
            )
        tests.append(_test_of(whole.panel, before, rows, test))
        spans = {own.id: (own.start, own.end) for own in before.series}
        folds.append(Fold(spans, _n_steps(tests[-1])))
    size = int(refit) or len(splits)
    starts = range(0, len(splits), size)
    parts = tasks.parts("model", len(starts))
    found = Parallel(n_jobs=n_jobs)(
        delayed(forecast_block)(parameters, block_of(whole, folds[start : start + size], part))
        for start, part in zip(starts, parts, strict=True)
    )
    frames, scaled = [], []
    season, left_out = 1, []
    for start, (season, of_folds) in zip(starts, found, strict=True):
        for number, forecasts in enumerate(of_folds, start):
            new = _frames(whole.panel, times, number, season, forecasts, tests[number])
            truth = tests[number].truth
            left_out += [(id_, number) for id_ in truth.keys() - forecasts if _known(truth[id_])]
            frames += [frame for frame, _ in new]
            scaled += [mase for _, mase in new]
    if not frames:
        raise ValueError("cv has no fold with a value to forecast: use more rows or fewer folds.")
    if left_out:
        _warn_of_left_out(left_out, len(whole.panel))
    frame = pd.concat(frames, ignore_index=True)
    scales = {own.id: seasonal_scale(own.values, season) for own in whole.panel.series}
    frame.attrs["summary"] = _summary(frame, scales, float(np.mean(scaled)))
    return frame


def _known(truth: np.ndarray) -> bool:
    return not np.isnan(truth).all()


def _warn_of_left_out(left_out: list[tuple[Any, int]], n_series: int) -> None:
    """Warn of series that had too few rows before some folds."""
    ids = sorted({id_ for id_, _ in left_out}, key=str)
    n_folds = len({number for _, number in left_out})
    warn_user(
        f"{len(ids)} of {n_series} series have too few rows before {n_folds} of the folds, which "
        f"leave them out: {', '.join(map(repr, ids[:5]))}. The summary of another window or "
        "other folds may cover other rows: compare them on the same ones."
    )


def check_n_jobs(n_jobs: Any) -> None:
    """Raise TypeError or ValueError for what is no number of jobs."""
    advice = "pass a number of processes, -1 for one per processor, or None."
    if n_jobs is not None and (not isinstance(n_jobs, Integral) or isinstance(n_jobs, bool)):
        raise TypeError(f"n_jobs={n_jobs!r} is no whole number: {advice}")
    if n_jobs == 0:
        raise ValueError(f"n_jobs=0 leaves nobody to fit: {advice}")


def _rows(panel: Panel, times: Any) -> list[_Rows]:
    """The rows of each series, which have some of all times."""
    found = []
    for of, positions in zip(panel.rows, panel.positions, strict=True):
        own = np.arange(len(positions))
        if panel.index is not None and panel.by_id:
            own = times.get_indexer(panel.index.get_level_values(1)[of])
        found.append(_Rows(own, positions))
    return found


def _between(panel: Panel, first: Any, last: Any) -> Panel:
    """The series from one label to another that have values there."""
    try:
        return panel.between(first, last)
    except ValueError as error:
        raise ValueError(
            "cv has a fold without values to fit on: use more rows or fewer folds."
        ) from error


def _test_of(whole: Panel, before: Panel, rows: dict[Any, _Rows], test: np.ndarray) -> _Test:
    """The rows of a fold that are forecast, and their values."""
    after: dict[Any, _Rows] = {}
    truth: dict[Any, np.ndarray] = {}
    values = dict(zip(whole.ids, whole.series, strict=True))
    for id_ in before.ids:
        asked = np.isin(rows[id_].times, test)
        after[id_] = _Rows(rows[id_].times[asked], rows[id_].positions[asked])
        truth[id_] = _at(values[id_], after[id_].positions)
    return _Test(dict(zip(before.ids, before.series, strict=True)), after, truth)


def _n_steps(test: _Test) -> dict[Any, int]:
    """The steps to forecast of each series, at least one."""
    return {
        id_: int(test.rows[id_].positions.max(initial=own.end + 1)) - own.end
        for id_, own in test.before.items()
    }


def _frames(
    panel: Panel, times: Any, number: int, season: int, forecasts: Forecasts, test: _Test
) -> list[tuple["pd.DataFrame", float]]:
    """The rows of each series in a fold, with the error in units of its scale."""
    import pandas as pd

    name, found = "y" if panel.container.name is None else panel.container.name, []
    for id_, forecast in forecasts.items():
        before, known = test.before[id_], ~np.isnan(test.truth[id_])
        if not known.any():
            continue
        truth = test.truth[id_][known]
        steps = test.rows[id_].positions[known] - before.end
        inside = interpolated(before.values)
        last = len(inside) - 1
        columns = {
            "series": [name if id_ is None else id_] * len(truth),
            "fold": number,
            "step": steps,
            "time": times[test.rows[id_].times[known]],
            "truth": truth,
            "forecast": forecast[steps - 1],
            "naive": inside[last],
            "seasonal_naive": inside[last_season(last + steps, last, season)],
        }
        missed = np.abs(columns["forecast"] - truth).mean()
        found.append((pd.DataFrame(columns), missed / seasonal_scale(before.values, season)))
    return found


def _at(series: Series, positions: np.ndarray) -> np.ndarray:
    """The values of a series at some positions, NaN outside."""
    at = positions - series.start
    inside = (at >= 0) & (at < len(series.values))
    return np.where(inside, series.values[np.clip(at, 0, len(series.values) - 1)], np.nan)


def _summary(frame: "pd.DataFrame", scales: dict, mase: float) -> dict[str, float]:
    error = (frame["forecast"] - frame["truth"]).abs()
    unit = frame["series"].map(scales) if len(scales) > 1 else 1.0
    naive = [
        float(((frame[name] - frame["truth"]).abs() / unit).mean())
        for name in ("naive", "seasonal_naive")
    ]
    best = min(naive)
    return {
        "MAE": float(error.mean()),
        "RMSE": float(np.sqrt((error**2).mean())),
        "MASE": mase,
        "skill": 1 - float((error / unit).mean()) / best if best > 0 else 0.0,
    }
