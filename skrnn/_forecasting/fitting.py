"""The fit of a forecaster."""

from collections.abc import Callable, Sequence
from typing import Any

from sklearn.base import is_classifier

from .._estimators.judgement import NOTHING_LEARNED
from .._panels.names import series_name
from .._panels.panel import Panel
from .._panels.reading import read_panel
from .._sklearn import PartTasks, muted, warn_user
from .._validation.feature_names import positions_of
from .._validation.misread import ONE_STEP
from .calibration import calibrate
from .covariate_rows import tables_of_history
from .covariates import PERIODS, CovariateEncoder
from .drift import FEW_WINDOWS
from .fitted import Context, Fitted
from .model import Group, Settings, fit_model, season_for
from .seasonal_pattern import rows_for
from .window_regressor import Inside


def fit_forecaster(parameters: Any, regressor: Any, y: Any, X: Any, tasks: PartTasks) -> Fitted:
    """Read y and X, and fit a forecaster with these parameters on them."""
    warn_of_swapped(y, X)
    panel = read_panel(y)
    tables = None if X is None else tables_of_history(X, panel)
    return fit_on(parameters, regressor, Context(panel, tables), tasks.part)


def warn_of_swapped(y: Any, X: Any) -> None:
    """Warn where y and X are probably in the order of scikit-learn's other estimators."""
    shape_y: tuple[int, ...] = getattr(y, "shape", ())
    shape_X: tuple[int, ...] = getattr(X, "shape", ())
    if len(shape_y) == 2 and len(shape_X) == 1:
        warn_user(
            f"y has {shape_y[1]} column{'s' * (shape_y[1] > 1)}, and X is one series: y comes "
            "first, fit(y, X). If X is a covariate, pass it as a table with one column."
        )


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
    panel, tables = context
    if hasattr(regressor, "__sklearn_tags__") and is_classifier(regressor):
        raise ValueError(
            f"regressor={regressor!r} must be a regressor, but it is a classifier: a Forecaster "
            "forecasts numbers."
        )
    if parameters.multivariate and panel.by_id:
        raise ValueError(
            "multivariate=True reads the columns of y together, but y has its series in the "
            "levels (id, time): pass a column for each series, by y.unstack(0)."
        )
    names = None if tables is None else tables[0].names
    groups = context.groups(parameters.multivariate)
    settings = _settings(parameters, groups, names)
    try:
        check_rows(groups, settings)
    except ValueError as error:
        raise ValueError(f"{error}{_turned(panel)}") from None
    if not is_backtest:
        _warn_of_seasons(parameters, settings, groups)
        _warn_of_short_series(settings, groups)
    encoder = None
    if tables is not None and names is not None:
        encoder = CovariateEncoder.of_columns(names, settings.static).fit(tables, panel.ids)
    calibration = None
    # X are windows here; whether anything was learned, the skill says in units of y
    with muted(ONE_STEP, NOTHING_LEARNED) as left_out:
        model = fit_model(regressor, settings, groups, encoder, inside=part("model"))
    if model.n_windows < FEW_WINDOWS:
        warn_user(
            f"There are {model.n_windows} training windows: the forecasts may be no better than "
            "repeating the last values. Use more rows or several series, or a shorter window."
        )
    if parameters.calibration > 0:
        with muted():  # the final fit has said it
            calibration = calibrate(
                regressor,
                settings,
                groups,
                encoder,
                model.series,
                parameters.calibration,
                part("calibration"),
            )
        if calibration is not None and calibration.skill <= 0 and not calibration.constant:
            warn_user(
                f"skill_={calibration.skill:.2g}: on the last part of y, repeating the last "
                "values is no worse than these forecasts."
            )
    elif NOTHING_LEARNED in left_out and not is_backtest:
        warn_user(
            "The windows say next to nothing of what comes after them: the forecasts are little "
            "more than a level, a season and a drift. backtest says whether that is enough."
        )
    return Fitted(context, model, calibration, parameters.multivariate, names)


def settings_of(parameters: Any, context: Context) -> Settings:
    """The parameters as they are for these series."""
    names = None if context.tables is None else context.tables[0].names
    return _settings(parameters, context.groups(parameters.multivariate), names)


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


def _settings(parameters: Any, groups: Sequence[Group], names: list[Any] | None) -> Settings:
    season = parameters.season
    if season == "auto":
        season = season_for(groups[0].clock.season, groups)
    season = 1 if season is None else int(season)
    is_given = parameters.season not in ("auto", None)
    static = parameters.static_features
    if static is not None and names is None:
        raise ValueError(f"static_features={static!r} names columns of X, but there is no X.")
    columns: tuple[int, ...] = ()
    if static is not None and names is not None:
        columns = tuple(positions_of(static, names, len(names), parameter="static_features"))
    calendar = parameters.calendar
    calendar = () if calendar is None else (calendar,) if isinstance(calendar, str) else calendar
    calendar = tuple(dict.fromkeys(calendar))  # each part once
    unknown = [part for part in calendar if part not in PERIODS]
    if unknown:
        raise ValueError(f"calendar has {unknown[0]!r}: use some of {list(PERIODS)}.")
    if calendar and not groups[0].clock.calendar:
        raise ValueError(
            f"calendar={list(calendar)} needs dates or periods in the index of y: make it dates "
            "by pd.to_datetime."
        )
    direct = parameters.strategy == "direct"
    if direct and parameters.horizon is None:
        raise ValueError("strategy='direct' needs horizon, the number of steps that are predicted.")
    if not direct and parameters.horizon is not None:
        raise ValueError(
            f"horizon={parameters.horizon} is for strategy='direct'; 'recursive' forecasts any "
            "number of steps."
        )
    return Settings(
        window=parameters.window,
        horizon=int(parameters.horizon) if direct else 1,
        season=season,
        log=_plain(parameters.log),
        deseasonalize=_plain(parameters.deseasonalize),
        difference=int(parameters.difference),
        center=parameters.center,
        calendar=tuple(calendar),
        static=columns,
        drift=parameters.drift if parameters.drift == "auto" else float(parameters.drift),
        season_rows=rows_for(season, is_given=is_given),
        caused=names is not None,
    )


def _warn_of_seasons(parameters: Any, settings: Settings, groups: Sequence[Group]) -> None:
    """Warn where no series is long enough for a season that there may be."""
    longest, season = max(len(group.values) for group in groups), settings.season
    if settings.deseasonalize in (False, "difference"):
        return
    known = groups[0].clock.season if parameters.season == "auto" else 1
    if 1 < season and longest < settings.season_rows:
        warn_user(
            f"season={season} takes {settings.season_rows} rows, but y has {longest}: no season is "
            "taken away. Use more rows, or season=None."
        )
    elif season == 1 and known > 1 and longest >= rows_for(known, is_given=True):
        warn_user(
            f"y has {longest} rows, and a season of {known} is looked for in {rows_for(known)} or "
            f"more: forecasts have none. If y has a season, pass season={known}."
        )
    elif season == 1 and settings.deseasonalize is True:
        warn_user(
            "deseasonalize=True takes no season away: its length isn't known, or y, with "
            f"{longest} rows, has less than two. Pass season=."
        )


def _warn_of_short_series(settings: Settings, groups: Sequence[Group]) -> None:
    """Warn where a few short series leave all of them less than half of the usual window."""
    if settings.window != "auto" or len(groups) < 2:
        return
    counts = sorted(len(group.values) for group in groups)
    length, usual = settings.length(counts[0]), settings.length(counts[len(counts) // 2])
    if 2 * length >= usual:
        return
    is_short = [2 * settings.length(len(group.values)) < usual for group in groups]
    short = [group for group, own in zip(groups, is_short, strict=True) if own]
    rest = [len(group.values) for group, own in zip(groups, is_short, strict=True) if not own]
    without = settings.length(min(rest))
    names = ", ".join(
        f"{series_name(group.ids[0], 'y')} has {len(group.values)} rows" for group in short[:5]
    )
    warn_user(
        f"window='auto' is {length} step{'s' * (length > 1)}, a third of the shortest series: "
        f"{names}. Without {'these' if len(short) > 1 else 'it'}, it is {without}. Fit on the "
        f"others, and forecast after {without + settings.order()} rows or more of a series by "
        f"predict(y=...). To keep all, pass window={length}."
    )


def _plain(value: Any) -> bool | str:
    """The parameter without NumPy's booleans, which no ``is True`` knows."""
    return value if isinstance(value, str) else bool(value)


def _turned(panel: Panel) -> str:
    """What to say of few rows if they may be series."""
    if not panel.wide or panel.n_rows >= len(panel):
        return ""
    return (
        f" y has {panel.n_rows} rows and {len(panel)} columns; rows are time steps: pass y.T if "
        "its rows are the series."
    )
