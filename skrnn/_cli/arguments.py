"""The commands and their options."""

import argparse
from typing import NoReturn

from .._panels.calendar import PERIODS
from .._validation.number_forms import DECIMAL_MARKS
from .problem import Problem

_DESCRIPTION = """\
Forecast the next values of a column of a CSV file. The forecasts are printed as CSV. What was found
in the file, and how good the forecasts are, is printed on stderr.

Rows are sorted by --time. Without it, they are counted, and must be in the order of time.
"""
_EXAMPLE = """\
example:
  python -m skrnn forecast prices.csv --time Date --target Open --steps 30 --plot prices.png
"""


class _Parser(argparse.ArgumentParser):
    """Says on one line what is wrong, without the usage."""

    def error(self, message: str) -> NoReturn:
        raise Problem(f"{message} (see {self.prog} --help)")


def make_parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = _Parser("python -m skrnn", description="Recurrent neural networks for scikit-learn.")
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    forecast = commands.add_parser(
        "forecast",
        help="forecast the next values of a column of a CSV file",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = forecast.add_argument
    add("file", help="CSV file with a header, one row per step")
    add("--time", metavar="COLUMN", help="dates, months, quarters, or evenly spaced whole numbers")
    add("--target", metavar="COLUMN", help="values to forecast (default: the only numbers)")
    add("--id", metavar="COLUMN", help="name of the series that a row belongs to, if several")
    add("--decimal", choices=DECIMAL_MARKS, help="decimal separator (default: found in the file)")
    order = forecast.add_mutually_exclusive_group()
    for option, value, example in (
        ("--day-first", True, "31/12/2024"),
        ("--month-first", False, "12/31/2024"),
    ):
        order.add_argument(
            option,
            dest="day_first",
            action="store_const",
            const=value,
            help=f"dates are written as {example} (default: found in the file)",
        )
    add("--steps", metavar="N", type=_count, default=10, help="values to forecast (default: 10)")
    add(
        "--coverage",
        metavar="P",
        type=_fraction,
        default=0.9,
        help="probability that a value lies between lower and upper (default: 0.9)",
    )
    add("--season", metavar="N", type=_count, help="rows of a season; 1 for none")
    add("--window", metavar="N", type=_count, help="rows that a forecast is made of")
    add(
        "--calendar",
        metavar="PARTS",
        type=_parts,
        help=f"parts of the date that count, as in hour,day_of_week: of {', '.join(PERIODS)}",
    )
    add("--output", metavar="FILE", help="write the CSV there instead of printing it")
    add("--plot", metavar="FILE", help="draw the forecasts: .png, .svg, .pdf …")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def _parts(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    unknown = [part for part in parts if part not in PERIODS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(PERIODS)}")
    return parts


def _fraction(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number between 0 and 1, such as 0.9")
    return value
