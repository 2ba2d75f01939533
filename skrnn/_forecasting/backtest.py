"""Forecasts from the past of a series, fold by fold."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .._panels.names import series_name
from .._panels.panel import Panel, Series
from .fitted import Context, Fitted
from .metrics import last_season, seasonal_scale
from .model import Settings
from .transformation import interpolated

if TYPE_CHECKING:
    import pandas as pd


class _Rows(NamedTuple):
    """The rows of one series: which of all times they have, and their positions."""

    times: np.ndarray  # (n,)
    positions: np.ndarray  # (n,)


def run_backtest(
    fit: Callable[[Context], Fitted],
    settings: Callable[[Context], Settings],
    whole: Context,
    splits: Sequence[tuple[np.ndarray, np.ndarray]],
    refit: bool | int,
    multivariate: bool,
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
    rows = _rows(whole.panel, times)
    every = 1 if refit is True else int(refit)
    fitted, parts, scaled = None, [], []
    name = "y" if whole.panel.container.name is None else whole.panel.container.name
    for fold, (train, test) in enumerate(splits):
        context, kept = _between(whole, times[train.min()], times[train.max()])
        if multivariate and len(kept) < len(whole.panel):
            first = next(own.id for i, own in enumerate(whole.panel.series) if i not in kept)
            raise ValueError(
                f"multivariate=True reads all columns of y, but {series_name(first, 'y')} has no "
                f"value before fold {fold}: use fewer folds, or multivariate=False."
            )
        if fitted is None or (every and fold % every == 0):
            context, kept = _of_length(context, kept, settings(context).can_fit)
            fitted = fit(_without_later(context))
        elif not multivariate:
            context, kept = _of_length(context, kept, fitted.model.can_follow)
        asked = [np.isin(rows[i].times, test) for i in kept]
        series = context.panel.series
        n_steps = [
            int(rows[i].positions[own].max(initial=before.end + 1)) - before.end
            for i, own, before in zip(kept, asked, series, strict=True)
        ]
        forecasts = fitted.forecasts(context, n_steps)
        for i, own, before, forecast in zip(kept, asked, series, forecasts, strict=True):
            positions = rows[i].positions[own]
            truth = _at(whole.panel.series[i], positions)
            steps = positions - before.end
            inside = interpolated(before.values)
            season, last = fitted.model.settings.season, len(inside) - 1
            known = ~np.isnan(truth)
            columns = {
                "series": [name if before.id is None else before.id] * int(known.sum()),
                "fold": fold,
                "step": steps[known],
                "time": times[rows[i].times[own][known]],
                "truth": truth[known],
                "forecast": forecast[steps[known] - 1],
                "naive": inside[last],
                "seasonal_naive": inside[last_season(last + steps[known], last, season)],
            }
            if known.any():
                parts.append(pd.DataFrame(columns))
                missed = np.abs(forecast[steps[known] - 1] - truth[known]).mean()
                scaled.append(missed / seasonal_scale(before.values, season))
    if fitted is None or not parts:
        raise ValueError("cv has no fold with a value to forecast: use more rows or fewer folds.")
    frame = pd.concat(parts, ignore_index=True)
    scales = {
        own.id: seasonal_scale(own.values, fitted.model.settings.season)
        for own in whole.panel.series
    }
    frame.attrs["summary"] = _summary(frame, scales, float(np.mean(scaled)))
    return frame


def splits_of(cv: Any, n_times: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """The folds of a splitter; ValueError if it can't split, or mixes past and future."""
    try:
        splits = list(cv.split(np.arange(n_times)))
    except ValueError as error:
        raise ValueError(
            f"cv={cv!r} can't split the {n_times} rows of y: use more rows, or fewer or shorter "
            f"folds. ({error})"
        ) from error
    for fold, (train, test) in enumerate(splits):
        if test.min() <= train.max():
            raise ValueError(
                f"cv={cv!r} has rows to forecast before the last row to fit on, in fold {fold}: "
                "use TimeSeriesSplit."
            )
    return splits


def _rows(panel: Panel, times: Any) -> list[_Rows]:
    """The rows of each series, which have some of all times."""
    found = []
    for of, positions in zip(panel.rows, panel.positions, strict=True):
        own = np.arange(len(positions))
        if panel.index is not None and panel.by_id:
            own = times.get_indexer(panel.index.get_level_values(1)[of])
        found.append(_Rows(own, positions))
    return found


def _between(whole: Context, first: Any, last: Any) -> tuple[Context, list[int]]:
    """The series from one label to another, and which have values there."""
    try:
        panel = whole.panel.between(first, last)
    except ValueError as error:
        raise ValueError(
            "cv has a fold without values to fit on: use more rows or fewer folds."
        ) from error
    number = {id_: i for i, id_ in enumerate(whole.panel.ids)}
    kept = [number[id_] for id_ in panel.ids]
    if whole.tables is None:
        return Context(panel, None), kept
    pairs = zip(panel.series, kept, strict=True)
    firsts = [own.start - whole.panel.series[i].start for own, i in pairs]
    tables = [whole.tables[i].rows(slice(n, None)) for i, n in zip(kept, firsts, strict=True)]
    return Context(panel, tables), kept


def _of_length(
    context: Context, kept: list[int], is_enough: Callable[[int], bool]
) -> tuple[Context, list[int]]:
    """The series that have enough rows; all of them if none has, for the error about that."""
    of = [j for j, own in enumerate(context.panel.series) if is_enough(len(own.values))]
    if not of or len(of) == len(kept):
        return context, kept
    panel = replace(context.panel, series=[context.panel.series[j] for j in of])
    tables = None if context.tables is None else [context.tables[j] for j in of]
    return Context(panel, tables), [kept[j] for j in of]


def _without_later(context: Context) -> Context:
    """The same without covariates after the end."""
    if context.tables is None:
        return context
    pairs = zip(context.tables, context.panel.series, context.panel.origins, strict=True)
    tables = [table.rows(slice(0, last + 1 - own.start)) for table, own, last in pairs]
    return context._replace(tables=tables)


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
