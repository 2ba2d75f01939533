"""What a fit says of its input, where it goes on."""

from collections.abc import Sequence
from typing import Any

from .._panels.names import series_name
from .._panels.season import LongerSeason
from .._sklearn.user_warnings import warn_user
from .calibration import Calibration
from .context import Group
from .drift import FEW_WINDOWS
from .seasonal_pattern import rows_for
from .settings import Settings

# what warnings are about
NO_SEASON, SHORT_SERIES, NO_SKILL = "rows of a season", "a short series", "skill"
LONGER_SEASON = "a longer season"
_CLEARLY = 0.9  # of the error of the forecasts


def warn_of_swapped(y: Any, X: Any) -> None:
    """Warn where y and X are probably in the order of scikit-learn's other estimators."""
    shape_y: tuple[int, ...] = getattr(y, "shape", ())
    shape_X: tuple[int, ...] = getattr(X, "shape", ())
    if len(shape_y) == 2 and len(shape_X) == 1:
        warn_user(
            f"y has {shape_y[1]} column{'s' * (shape_y[1] > 1)}, and X is one series: y comes "
            "first, fit(y, X). If X is a covariate, pass it as a table with one column."
        )


def warn_of_seasons(parameters: Any, settings: Settings, groups: Sequence[Group]) -> None:
    """Warn where no series is long enough for a season that there may be."""
    longest, season = max(len(group.values) for group in groups), settings.season
    if settings.deseasonalize in (False, "difference"):
        return
    known = groups[0].clock.season if parameters.season == "auto" else 1
    if 1 < season and longest < settings.season_rows:
        warn_user(
            f"season={season} takes {settings.season_rows} rows, but y has {longest}: no season is "
            "taken away. Use more rows, or season=None.",
            about=NO_SEASON,
        )
    elif season == 1 and known > 1 and longest >= rows_for(known, is_given=True):
        warn_user(
            f"y has {longest} rows, and a season of {known} is looked for in {rows_for(known)} or "
            f"more: forecasts have none. If y has a season, pass season={known}.",
            about=NO_SEASON,
        )
    elif season == 1 and settings.deseasonalize is True:
        warn_user(
            "deseasonalize=True takes no season away: its length isn't known, or y, with "
            f"{longest} rows, has less than two. Pass season=.",
            about=NO_SEASON,
        )


def warn_of_short_series(settings: Settings, groups: Sequence[Group]) -> None:
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
        f"predict(y=...). To keep all, pass window={length}.",
        about=SHORT_SERIES,
    )


def warn_of_few_windows(n_windows: int) -> None:
    """Warn where a regressor was fitted on next to nothing."""
    if n_windows < FEW_WINDOWS:
        warn_user(
            f"There are {n_windows} training windows: the forecasts may be no better than "
            "repeating the last values. Use more rows or several series, or a shorter window."
        )


def warn_of_skill(calibration: Calibration) -> None:
    """Warn where forecasts are no better than naive ones."""
    if calibration.skill <= 0 and not calibration.constant:
        warn_user(
            f"skill_={calibration.skill:.2g}: on the last part of y, repeating the last "
            "values is no worse than these forecasts.",
            about=NO_SKILL,
        )


def longer_season_than(season: int, groups: Sequence[Group]) -> LongerSeason | None:
    """A longer cycle of the calendar than the season."""
    longer = groups[0].clock.longer_season
    return longer if longer is not None and longer.steps > season else None


def warn_of_longer_season(
    longer: LongerSeason | None, settings: Settings, calibration: Calibration
) -> None:
    """Warn where repeating a cycle that the forecasts don't know is clearly better."""
    if longer is not None and calibration.longer < _CLEARLY:
        is_read = longer.is_told_by(settings.calendar)
        calendar = "" if is_read else f"calendar={list(longer.parts)}, or "
        warn_user(
            f"On the last part of y, repeating the last {longer.name} ({longer.steps} steps) has "
            f"{calibration.longer:.2g} times the error of these forecasts, which know a season of "
            f"{settings.season}: pass {calendar}season={longer.steps}.",
            about=LONGER_SEASON,
        )


def warn_of_nothing_learned() -> None:
    """Warn where the regressor has found nothing, and no skill was measured."""
    warn_user(
        "The windows say next to nothing of what comes after them: the forecasts are little "
        "more than a level, a season and a drift. backtest says whether that is enough."
    )
