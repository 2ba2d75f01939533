"""The entry of the command line: exit codes, errors and warnings as plain lines."""

import sys
import warnings
from collections.abc import Sequence
from typing import TextIO

from sklearn.exceptions import ConvergenceWarning

from .arguments import make_parser
from .forecast import run_forecast
from .problem import Problem

_FAILED = 2  # exit code


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code."""
    try:
        return _run(argv)
    except (Problem, OSError) as error:
        _say(f"skrnn: {' '.join(str(error).split())}")
        return _FAILED


def _run(argv: Sequence[str] | None) -> int:
    parser = make_parser()
    options = parser.parse_args(argv)
    if options.version:
        print(_version())
        return 0
    if options.command is None:
        raise Problem("name a command: python -m skrnn forecast FILE (see python -m skrnn --help)")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = _show
        run_forecast(options, _say)
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _show(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """A warning of ours as a line: others, such as of old functions, aren't the user's."""
    if category in (UserWarning, ConvergenceWarning):
        _say(f"Note: {' '.join(str(message).split())}")


def _version() -> str:
    import skrnn

    return skrnn.__version__
