"""Errors and warnings whose fix is code, with one that the command line has.

Their texts are for Python's users, and may change: what is said here is made of their attributes.
"""

from collections.abc import Sequence

from .._forecasting.calibration import TooFewResidualsError
from .._forecasting.seasonal_pattern import rows_for
from .._panels.errors import DatesAsIdsError, LabelsError, LocalTimesError
from .._panels.panel import Panel


def of_labels(error: LabelsError, id: str | None = None) -> str:
    """What is wrong with times, or with the column of ids."""
    if isinstance(error, DatesAsIdsError):
        return (
            f"Column {id!r} (--id) seems to hold dates, or parts of them, but must name the series "
            "that a row belongs to: write whole dates in one column, and name it by --time."
        )
    if isinstance(error, LocalTimesError):
        return f"{error.problem} Write times with their offset, as in 2024-03-31 03:00+02:00."
    return f"{error.problem} If the rows are successive steps, leave out --time."


def no_season(panel: Panel, season: int | None) -> str:
    """That all series are too short for a season: the user's, or that of the calendar."""
    has = f"the {'longest ' if len(panel) > 1 else ''}series has"
    n_rows = max(len(series.values) for series in panel.series)
    if season is not None:
        needed = rows_for(season, is_given=True)
        return (
            f"--season {season} takes {needed} rows, but {has} {n_rows}: no season is taken away."
        )
    season = panel.series[0].clock.season
    return (
        f"{has} {n_rows} rows, and a season of {season} is looked for in {rows_for(season)} or "
        f"more: forecasts have none. If the values have a season, add --season {season}."
    )


def short_series(panel: Panel, window: int) -> str:
    """That the shortest series makes the window of all short."""
    shortest = min(panel.series, key=lambda series: len(series.values))
    return (
        f"forecasts of all series are made of {window} row{'s' * (window > 1)}, as series "
        f"{shortest.id!r} has only {len(shortest.values)}. For a longer window, leave short "
        f"series out of the file. To keep all, add --window {window}."
    )


def longer_season(panel: Panel, calendar: Sequence[str] | None) -> str:
    """That forecasts miss a longer cycle of the calendar, by the parts of dates that they read."""
    longer = panel.series[0].clock.longer_season
    assert longer is not None
    parts = "" if longer.is_told_by(calendar or ()) else f"--calendar {','.join(longer.parts)}, or "
    return (
        f"on the last rows of the file, repeating the last {longer.name} is clearly better than "
        f"these forecasts: add {parts}--season {longer.steps}."
    )


def too_few_residuals(error: TooFewResidualsError) -> str:
    """Why there are no intervals, and which ones there could be."""
    works = [f"--steps {error.most_steps}"] if error.most_steps else []
    works += [f"--coverage {error.highest_coverage:g}"] if error.n_residuals else []
    return (
        f"--steps {error.n_steps} with --coverage {error.coverage} needs {error.needed} errors "
        f"of forecasts as many steps ahead, but the last rows have {error.n_residuals}"
        f"{': use ' if works else ''}{', or '.join(works)}{' or less' if works else ''}."
    )
