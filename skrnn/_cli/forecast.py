"""The command ``forecast``: a CSV file → forecasts as CSV, a picture, and what was found."""

import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .._forecasting.advice import LONGER_SEASON, NO_SEASON, NO_SKILL, SHORT_SERIES
from .._forecasting.calibration import TooFewResidualsError
from .._panels.errors import LabelsError
from .._panels.reading import read_panel
from .._sklearn.user_warnings import muted
from ..forecaster import Forecaster
from ..plotting import ForecastDisplay
from .csv_series import read_series
from .fixes import longer_season, no_season, of_labels, short_series, too_few_residuals
from .problem import Problem
from .words import found, skill

_DIGITS = "%.8g"


def run_forecast(options: Namespace, say: Callable[[str], None]) -> None:
    """Read, fit, forecast and write; ``say`` tells the user a line."""
    _check_files(options)
    read = read_series(
        options.file,
        time=options.time,
        target=options.target,
        id=options.id,
        decimal=options.decimal,
        day_first=options.day_first,
    )
    y = read.y
    for note in read.notes:
        say(note)
    forecaster = _fitted(y, options, say)
    for line in found(y, forecaster):
        say(line)
    say(skill(forecaster))
    table, coverage = forecaster.predict(options.steps).to_frame("forecast"), options.coverage
    why = "there are too few rows to measure errors on." if forecaster.skill_ is None else None
    if why is None:
        try:
            table = table.join(forecaster.predict_interval(options.steps, coverage=coverage))
        except TooFewResidualsError as error:
            why = too_few_residuals(error)
    if why is not None:
        coverage = None
        say(f"No intervals: {why}")
    _write(table, read.form, options)
    if options.plot:
        display = ForecastDisplay.from_forecaster(forecaster, options.steps, coverage=coverage)
        display.figure_.savefig(options.plot, dpi=150)
        say(f"Picture: {options.plot}")


def _check_files(options: Namespace) -> None:
    """Raise Problem for what would stop the command after the fit."""
    for option in ("output", "plot"):
        path = getattr(options, option)
        if path and not Path(path).absolute().parent.is_dir():
            raise Problem(f"--{option} {path}: there is no folder {Path(path).parent}.")
    try:
        import pandas  # noqa: F401
    except ImportError:
        raise Problem('This needs pandas: pip install "skrnn[forecast]".') from None
    if not options.plot:
        return
    try:
        import matplotlib as mpl
        from matplotlib.backend_bases import FigureCanvasBase
    except ImportError:
        raise Problem('--plot needs Matplotlib: pip install "skrnn[forecast]".') from None
    mpl.use("agg")
    known = FigureCanvasBase.get_supported_filetypes()
    if Path(options.plot).suffix.lstrip(".").lower() not in known:
        raise Problem(f"--plot {options.plot}: the name must end in one of .{', .'.join(known)}.")


def _fitted(y: Any, options: Namespace, say: Callable[[str], None]) -> Forecaster:
    """A forecaster of y; Problem if it can't be fitted."""
    try:
        panel = read_panel(y, name=f"column {y.name!r}")
    except LabelsError as error:
        raise Problem(f"{options.file}: {of_labels(error, options.id)}") from None
    except ValueError as error:
        raise Problem(f"{options.file}: {error}") from None
    if options.calendar and not panel.series[0].clock.calendar:
        raise Problem("--calendar needs dates: name their column by --time.")
    forecaster = Forecaster(
        window=options.window or "auto",
        season=options.season or "auto",
        calendar=options.calendar,
    )
    try:
        # the skill is said in any case, the others in words of the command line
        with muted(NO_SEASON, SHORT_SERIES, NO_SKILL, LONGER_SEASON) as left_out:
            forecaster.fit(y)
    except ValueError as error:
        raise Problem(f"{options.file}: {error}") from None
    if NO_SEASON in left_out:
        say(f"Note: {no_season(panel, options.season)}")
    if SHORT_SERIES in left_out:
        say(f"Note: {short_series(panel, forecaster.window_)}")
    if LONGER_SEASON in left_out:
        say(f"Note: {longer_season(panel, options.calendar)}")
    return forecaster


def _write(table: Any, form: str | None, options: Namespace) -> None:
    """The forecasts as CSV, with the time as a column, after the id if there are several."""
    names = ["time"] if table.index.nlevels == 1 else [options.id, "time"]
    table = table.rename_axis(index=names).reset_index()
    if form is not None:
        table["time"] = table["time"].dt.strftime(form)
    table.to_csv(options.output or sys.stdout, index=False, float_format=_DIGITS)
