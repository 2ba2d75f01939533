"""What a backtest found, as a table with a summary."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .._panels.panel import Panel
from .._sklearn.user_warnings import warn_user
from .backtest_plan import HeldOut, Plan
from .folds import Found
from .metrics import last_season, seasonal_scale
from .transformation import interpolated

if TYPE_CHECKING:
    import pandas as pd


def frame_of(panel: Panel, plan: Plan, found: Sequence[Found], season: int) -> "pd.DataFrame":
    """A tidy frame of the forecasts in each fold, with a summary in its attributes.

    ``season`` is that of all rows. A fold's naive forecasts and its MASE have the season that was
    known before the fold.
    """
    import pandas as pd

    frames, errors, left_out = [], [], []
    for number, (own, test) in enumerate(zip(found, plan.tests, strict=True)):
        for frame, error in _frames(panel, plan.times, number, own, test):
            frames.append(frame)
            errors.append(error)
        absent = test.truth.keys() - own.forecasts
        left_out += [(id_, number) for id_ in absent if _known(test.truth[id_])]
    if not frames:
        raise ValueError("cv has no fold with a value to forecast: use more rows or fewer folds.")
    if left_out:
        _warn_of_left_out(left_out, len(panel))
    whole = pd.concat(frames, ignore_index=True)
    scales = {own.id: seasonal_scale(own.values, season) for own in panel.series}
    whole.attrs["summary"] = _summary(whole, scales, float(np.mean(errors)))
    return whole


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


def _frames(
    panel: Panel, times: Any, number: int, found: Found, test: HeldOut
) -> list[tuple["pd.DataFrame", float]]:
    """The rows of each series in a fold, with the error in units of its scale."""
    import pandas as pd

    name, parts = "y" if panel.container.name is None else panel.container.name, []
    for id_, forecast in found.forecasts.items():
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
            "seasonal_naive": inside[last_season(last + steps, last, found.season)],
        }
        missed = np.abs(columns["forecast"] - truth).mean()
        parts.append((pd.DataFrame(columns), missed / seasonal_scale(before.values, found.season)))
    return parts


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
