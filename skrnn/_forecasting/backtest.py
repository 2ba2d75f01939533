"""Forecasts from the past of a series, fold by fold."""

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sklearn.utils.parallel import Parallel, delayed

from .._sklearn.tasks import PartTasks
from .._validation.counts import check_count
from .backtest_frame import frame_of
from .backtest_plan import plan_of
from .context import Context
from .folds import Fold, Found, block_of, forecast_block
from .settings import settings_of
from .splits import Split

if TYPE_CHECKING:
    import pandas as pd


def run_backtest(
    parameters: Any,
    whole: Context,
    splits: Sequence[Split],
    refit: bool | int,
    n_jobs: int | None,
    tasks: PartTasks,
) -> "pd.DataFrame":
    """A tidy frame of forecasts, with a summary in its attributes.

    ``splits`` are rows of ``whole.panel.times()``. Folds leave out series that have too few rows
    before.
    """
    try:
        importlib.import_module("pandas")  # before the fits, which take time
    except ImportError as error:
        raise ImportError('backtest needs pandas: pip install "skrnn[forecast]".') from error
    plan = plan_of(whole.panel, splits, multivariate=parameters.multivariate)
    found = _forecast(parameters, whole, plan.folds, refit, n_jobs, tasks)
    return frame_of(whole.panel, plan, found, settings_of(parameters, whole).season)


def _forecast(
    parameters: Any,
    whole: Context,
    folds: list[Fold],
    refit: bool | int,
    n_jobs: int | None,
    tasks: PartTasks,
) -> list[Found]:
    """What was found in each fold, by fits that run at once."""
    size = int(refit) or len(folds)  # of the folds that share a fit
    blocks = [folds[start : start + size] for start in range(0, len(folds), size)]
    parts = tasks.parts("model", len(blocks))
    found = Parallel(n_jobs=n_jobs)(
        delayed(forecast_block)(parameters, block_of(whole, block, part))
        for block, part in zip(blocks, parts, strict=True)
    )
    return [own for of_block in found for own in of_block]


def check_n_jobs(n_jobs: Any) -> None:
    """Raise TypeError or ValueError for what is no number of jobs."""
    fix = "pass a number of processes, -1 for one per processor, or None"
    if n_jobs is not None and check_count(n_jobs, "n_jobs", least=None, fix=fix) == 0:
        raise ValueError(f"n_jobs=0 leaves nobody to fit: {fix}.")
