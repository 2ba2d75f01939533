"""The command ``forecast``: a CSV file → forecasts as CSV, a picture, and what was found."""

import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .._panels.reading import read_panel
from ..forecaster import Forecaster
from ..plotting import ForecastDisplay
from .csv_series import read_series
from .problem import Problem
from .words import found, no_intervals, skill, without_code

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
    _check_series(y, options)
    forecaster = Forecaster(window=options.window or "auto", season=options.season or "auto")
    try:
        forecaster.fit(y)
    except ValueError as error:
        raise Problem(f"{options.file}: {error}") from None
    for line in found(y, forecaster):
        say(line)
    say(skill(forecaster))
    table, coverage = forecaster.predict(options.steps).to_frame("forecast"), options.coverage
    try:
        table = table.join(forecaster.predict_interval(options.steps, coverage=coverage))
    except ValueError as error:
        coverage = None
        say(f"No intervals: {no_intervals(error)}.")
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


def _check_series(y: Any, options: Namespace) -> None:
    """Raise Problem if the times have no frequency, or no value is known."""
    try:
        read_panel(y, name=f"column {y.name!r}")
    except ValueError as error:
        raise Problem(f"{options.file}: {without_code(error)}") from None


def _write(table: Any, form: str | None, options: Namespace) -> None:
    """The forecasts as CSV, with the time as a column, after the id if there are several."""
    names = ["time"] if table.index.nlevels == 1 else [options.id, "time"]
    table = table.rename_axis(index=names).reset_index()
    if form is not None:
        table["time"] = table["time"].dt.strftime(form)
    table.to_csv(options.output or sys.stdout, index=False, float_format=_DIGITS)
