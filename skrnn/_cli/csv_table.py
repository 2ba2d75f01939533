"""A CSV file as a table of texts: its encoding, its separator and its header."""

import re
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from .problem import Problem
from .words import names

if TYPE_CHECKING:
    import pandas as pd

_SEPARATORS = (",", ";", "\t")
_ENCODINGS = {"utf-8-sig": None, "utf-16": "UTF-16", "cp1252": "Windows-1252"}  # in notes
_FIRST_LINES = 10  # which the header is looked for in
_FIX = (
    "The header must be the first line: delete what is above it. Put values that hold the "
    "separator in quotation marks."
)


class CsvTable(NamedTuple):
    """What was read."""

    cells: "pd.DataFrame"  # texts, NaN where a cell is empty
    separator: str
    notes: list[str]  # for the user


def read_table(path: str) -> CsvTable:
    """The cells of a file; Problem if it holds no table."""
    for encoding, said in _ENCODINGS.items():
        try:
            cells, separator = _read(path, encoding)
        except FileNotFoundError:
            raise Problem(f"There is no file {path}.") from None
        except UnicodeError:
            continue
        except (OSError, ValueError) as error:
            text = " ".join(str(getattr(error, "strerror", None) or error).split())
            raise Problem(f"{path} can't be read as CSV: {text}") from None
        if any("\0" in name for name in cells.columns):
            break
        notes = [f"The file isn't UTF-8: it was read as {said}."] if said else []
        return CsvTable(_checked(cells, path), separator, notes)
    raise Problem(
        f"{path} can't be read as CSV: it isn't text in UTF-8, in UTF-16 with a byte order mark, "
        "or in Windows-1252."
    )


def _read(path: str, encoding: str) -> "tuple[pd.DataFrame, str]":
    import pandas as pd

    options: Any = {"encoding": encoding, "dtype": str, "skipinitialspace": True}
    headers = {sep: pd.read_csv(path, sep=sep, nrows=0, **options) for sep in _SEPARATORS}
    sep = max(_SEPARATORS, key=lambda sep: len(headers[sep].columns))
    header = headers[sep].columns
    if len(header) == 1:
        _check_first_line(path, str(header[0]), options)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            cells = pd.read_csv(path, sep=sep, index_col=False, **options)
    except pd.errors.ParserWarning:
        raise Problem(
            f"The rows of {path} have more columns than its header, {names(header)}. {_FIX}"
        ) from None
    except pd.errors.ParserError as error:
        raise Problem(_in_plain_words(str(error), path)) from None
    # as they are written: pandas numbers names that occur twice
    written = pd.read_csv(path, sep=sep, header=None, nrows=1, **options).iloc[0]
    columns = [
        str(name if pd.isna(own) else own).strip()
        for name, own in zip(cells.columns, written, strict=True)
    ]
    return cells.set_axis(columns, axis=1), sep


def _check_first_line(path: str, first: str, options: Any) -> None:
    """Raise Problem if a later line has several columns."""
    import pandas as pd

    for above in range(1, _FIRST_LINES):
        for sep in _SEPARATORS:
            try:
                found = pd.read_csv(
                    path, sep=sep, header=None, skiprows=above, nrows=1, **options
                ).shape[1]
            except (pd.errors.EmptyDataError, pd.errors.ParserError):
                return
            if found > 1:
                raise Problem(
                    f"Line {above + 1} of {path} has {found} columns, but line 1, {first!r}, has "
                    f"1. {_FIX}"
                )


def _in_plain_words(error: str, path: str) -> str:
    """What pandas' reader stumbled on."""
    if match := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", error):
        wanted, at, found = match.groups()
        return f"Line {at} of {path} has {found} columns, but the header has {wanted}. {_FIX}"
    if match := re.search(r"EOF inside string starting at row (\d+)", error):
        return f"The quotation mark in line {int(match[1]) + 1} of {path} isn't closed: close it."
    return f"{path} can't be read as CSV: {' '.join(error.rpartition('error:')[2].split())}"


def _checked(cells: "pd.DataFrame", path: str) -> "pd.DataFrame":
    """The cells; Problem if there are none, or if columns have one name."""
    twice = cells.columns[cells.columns.duplicated()]
    if len(twice):
        raise Problem(f"{path} has two columns {str(twice[0])!r}: rename one.")
    if not len(cells):
        raise Problem(f"{path} has no rows below its header, {names(cells.columns)}.")
    return cells
