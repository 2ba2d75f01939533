"""The fit of a forecaster."""

from collections.abc import Callable, Sequence
from typing import Any

from sklearn.base import is_classifier

from .._estimators.judgement import NOTHING_LEARNED
from .._panels.names import series_name
from .._panels.panel import Panel
from .._panels.reading import read_panel
from .._sklearn.tasks import PartTasks
from .._sklearn.user_warnings import muted
from .._validation.misread import ONE_STEP
from .advice import (
    longer_season_than,
    warn_of_few_windows,
    warn_of_longer_season,
    warn_of_nothing_learned,
    warn_of_seasons,
    warn_of_short_series,
    warn_of_skill,
    warn_of_swapped,
)
from .calibration import calibrate
from .context import Context, Group
from .covariate_rows import tables_of_history
from .covariates import CovariateEncoder
from .fitted import Fitted
from .model import fit_model
from .settings import Settings, settings_of
from .window_regressor import Inside


def fit_forecaster(parameters: Any, regressor: Any, y: Any, X: Any, tasks: PartTasks) -> Fitted:
    """Read y and X, and fit a forecaster with these parameters on them."""
    warn_of_swapped(y, X)
    panel = read_panel(y)
    tables = None if X is None else tables_of_history(X, panel)
    return fit_on(parameters, regressor, Context(panel, tables), tasks.part)


def fit_on(
    parameters: Any,
    regressor: Any,
    context: Context,
    part: Callable[[str], Inside],
    *,
    is_backtest: bool = False,
) -> Fitted:
    """Fit a forecaster on series that were read, whose tables end where they end.

    ``part(name)`` surrounds the fit of a model.
    """
    _check_regressor(regressor)
    _check_multivariate(parameters, context.panel)
    groups, names = context.groups(parameters.multivariate), context.names
    settings = settings_of(parameters, context)
    try:
        check_rows(groups, settings)
    except ValueError as error:
        raise ValueError(f"{error}{_turned(context.panel)}") from None
    if not is_backtest:
        warn_of_seasons(parameters, settings, groups)
        warn_of_short_series(settings, groups)
    encoder = None
    if context.tables is not None and names is not None:
        encoder = CovariateEncoder.of_columns(names, settings.static)
        encoder = encoder.fit(context.tables, context.panel.ids)
    # X are windows here; whether anything was learned, the skill says in units of y
    with muted(ONE_STEP, NOTHING_LEARNED) as left_out:
        model = fit_model(regressor, settings, groups, encoder, inside=part("model"))
    warn_of_few_windows(model.n_windows)
    calibration, fraction = None, parameters.calibration
    if fraction > 0:
        inside, longer = part("calibration"), longer_season_than(settings.season, groups)
        with muted():  # the final fit has said it
            calibration = calibrate(
                regressor, settings, groups, encoder, model.series, fraction, inside, longer
            )
        if calibration is not None:
            warn_of_skill(calibration)
            warn_of_longer_season(longer, settings, calibration)
    elif NOTHING_LEARNED in left_out and not is_backtest:
        warn_of_nothing_learned()
    return Fitted(context, model, calibration, parameters.multivariate, names)


def _check_regressor(regressor: Any) -> None:
    """Raise ValueError for a classifier."""
    if hasattr(regressor, "__sklearn_tags__") and is_classifier(regressor):
        raise ValueError(
            f"regressor={regressor!r} must be a regressor, but it is a classifier: a Forecaster "
            "forecasts numbers."
        )


def _check_multivariate(parameters: Any, panel: Panel) -> None:
    """Raise ValueError if series are to be read together that have times of their own."""
    if parameters.multivariate and panel.by_id:
        raise ValueError(
            "multivariate=True reads the columns of y together, but y has its series in the "
            "levels (id, time): pass a column for each series, by y.unstack(0)."
        )


def check_rows(groups: Sequence[Group], settings: Settings, length: int | None = None) -> None:
    """Raise ValueError if a series is too short: for a fit or, given the length, for a window."""
    needed = (length or 0) + settings.order()
    if length is None:
        length = settings.length(min(len(group.values) for group in groups))
        needed = settings.rows_needed(length)
    short = [group for group in groups if len(group.values) < needed]
    if short:
        counts = ", ".join(
            f"{series_name(own.ids[0] if len(own.ids) == 1 else None, 'y')} has {len(own.values)}"
            for own in short[:5]
        )
        fewest = min(len(group.values) for group in short)
        advice = ["shorten the window"] if needed - fewest < length else []  # it keeps 1 step
        advice += ["leave these series out"] if len(groups) > 1 else []
        advice += [] if len(advice) > 1 else ["use more rows"]
        raise ValueError(
            f"window={length} needs {needed} rows of each series, but {counts}: "
            f"{', or '.join(advice)}."
        )


def _turned(panel: Panel) -> str:
    """What to say of few rows if they may be series."""
    if not panel.wide or panel.n_rows >= len(panel):
        return ""
    return (
        f" y has {panel.n_rows} rows and {len(panel)} columns; rows are time steps: pass y.T if "
        "its rows are the series."
    )
